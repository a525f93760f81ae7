"""What runs without a person: the pre-commit hooks and the workflow of the docs."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from clustergraph.cli.app import run

pytestmark = pytest.mark.usefixtures("own_cache")

ROOT = Path(__file__).parent.parent
LAKES = Path(__file__).parent / "contributed"
DOCS = ROOT / "docs" / "contributing-data.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)\n```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


def hooks() -> dict[str, dict[str, Any]]:
    found = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return {hook["id"]: hook for hook in found}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = shutil.copytree(LAKES, tmp_path / "lakes")
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.com")
    for command in (("init",), ("add", "-A"), ("commit", "-m", "first")):
        subprocess.run(["git", "-C", root, *identity, *command], check=True, capture_output=True)
    monkeypatch.chdir(root)
    return root


def entry(hook: dict[str, Any]) -> list[str]:
    program, *arguments = shlex.split(hook["entry"])
    assert program == "clustergraph"
    return arguments


def test_hooks_have_what_pre_commit_needs() -> None:
    for hook in hooks().values():
        assert {"id", "name", "entry", "language"} <= set(hook)
        re.compile(hook["files"])


def test_validate_hook(checkout: Path) -> None:
    hook = hooks()["clustergraph-validate"]
    assert not hook["pass_filenames"]
    path = checkout / "data/survey/lakes.ttl"
    assert re.search(hook["files"], path.relative_to(checkout).as_posix())
    assert run(entry(hook)) == 0
    path.write_text(path.read_text().replace("L-001", "L-1"))
    assert run(entry(hook)) == 1
    path.unlink()
    assert run(entry(hook)) == 0
    (checkout / "data/background/places.ttl").write_text("broken")
    assert run(entry(hook)) == 2


def test_format_hook(checkout: Path) -> None:
    path = Path("data/survey/lakes.ttl")
    text = path.read_text()
    path.write_text(text.replace("    ", " "))
    assert run([*entry(hooks()["clustergraph-format"]), str(path)]) == 0
    assert path.read_text() == text


def test_hooks_of_the_docs_are_there() -> None:
    (configured,) = (yaml.safe_load(block) for block in blocks("yaml") if "pre-commit" in block)
    assert {hook["id"] for repo in configured["repos"] for hook in repo["hooks"]} == set(hooks())


def test_workflow_of_the_docs(checkout: Path, tmp_path: Path) -> None:
    (workflow,) = (yaml.safe_load(block) for block in blocks("yaml") if "runs-on" in block)
    assert set(workflow["jobs"]) == {"judge", "comment"}
    (step,) = (step for step in workflow["jobs"]["judge"]["steps"] if step.get("name") == "Judge the change")
    path = checkout / "data/survey/lakes.ttl"
    path.write_text(path.read_text().replace("L-001", "L-1"))
    summary = tmp_path / "summary.md"
    ran = subprocess.run(
        ["bash", "-c", step["run"]],
        env={**_environment(), "BASE": "HEAD", "GITHUB_STEP_SUMMARY": str(summary)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    comment = (checkout / "comment.md").read_text(encoding="utf-8")
    assert comment == summary.read_text(encoding="utf-8")
    assert "== New (1)" in comment
    assert '+     water:code "L-1"' in comment
    assert (checkout / "report.sarif").exists()


def test_commands_of_the_docs_are_known() -> None:
    for block in blocks("console"):
        for line in block.splitlines():
            if line.startswith("$ clustergraph"):
                assert run([shlex.split(line)[2], "--help"]) == 0


def _environment() -> dict[str, str]:

    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
