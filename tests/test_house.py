"""The house as a whole: what may not stand in it, and that every room is on a floor."""

import re
import tomllib
from pathlib import Path

import pytest

import clustergraph

SOURCE = Path(clustergraph.__file__).parent
ROOT = Path(__file__).parent.parent
FILES = sorted(path for path in SOURCE.rglob("*") if path.suffix in {".py", ".rq", ".html", ".css", ".ttl"})
FILES = [path for path in FILES if "_graph" not in path.parts]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_vocabulary_of_one_graph_stands_in_the_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "w3id.org/clustergraph" not in text
    assert not re.search(r"\b(?:cg|kci|mext)[:-]\w", text, re.IGNORECASE)


def test_no_room_is_a_drawer() -> None:
    drawers = {"utils", "helpers", "common", "core", "services", "misc", "models"}
    assert not [path for path in FILES if path.stem in drawers or drawers & set(path.parent.parts[-1:])]


def test_every_room_is_on_a_floor() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contract, *_ = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    placed = {room.strip() for layer in contract["layers"] for room in layer.split("|")}
    rooms = {
        f"clustergraph.{path.stem}"
        for path in SOURCE.iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    }
    assert rooms == placed
