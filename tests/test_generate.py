"""The generated folder of the benchmarks: seeded, of the asked size, in our vocabulary."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from clustergraph.folder import Folder, open_folder, parse
from clustergraph.snapshot import open_snapshot
from clustergraph.terms import RDF, NamedNode

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two folders of the same seed and one of another."""
    spec = importlib.util.spec_from_file_location("generate", BENCHMARKS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    paths = [tmp_path_factory.mktemp("generated") / "folder" for _ in range(3)]
    for path, seed in zip(paths, (1, 1, 2), strict=True):
        module.generate(path, triples=2_000, seed=seed)
    return paths


def data(path: Path) -> dict[str, bytes]:
    return {file.name: file.path.read_bytes() for file in open_folder(path).files() if file.kind == "data"}


def test_the_same_seed_gives_the_same_bytes(generated: list[Path]) -> None:
    first, second, other = map(data, generated)
    assert first == second
    assert first != other


def test_the_size_is_what_was_asked(generated: list[Path]) -> None:
    files = [file for file in open_folder(generated[0]).files() if file.kind == "data"]
    assert 2_000 <= sum(1 for file in files for _ in parse(file)) < 2_500


def _terms(folder: Folder) -> tuple[set[NamedNode], set[NamedNode]]:
    """The subjects of the ontology, and the properties and classes of the data."""
    declared: set[NamedNode] = set()
    used: set[NamedNode] = set()
    for file in folder.files():
        for quad in parse(file):
            if file.kind == "ontology" and isinstance(quad.subject, NamedNode):
                declared.add(quad.subject)
            elif file.kind == "data":
                used.add(quad.predicate)
                if quad.predicate == RDF.type and isinstance(quad.object, NamedNode):
                    used.add(quad.object)
    return declared, used


def test_its_terms_are_ours(generated: list[Path]) -> None:
    folder = open_folder(generated[0])
    declared, used = _terms(folder)
    own = tuple(folder.settings.own_prefixes.values())
    assert {term for term in used if term.value.startswith(own)} <= declared


@pytest.mark.usefixtures("cache")
def test_it_is_consistent_and_something_follows(generated: list[Path]) -> None:
    snapshot = open_snapshot(open_folder(generated[0]))
    assert snapshot.inconsistencies == ()
    assert snapshot.inferred > 0
    assert len(snapshot.literals) == 0
