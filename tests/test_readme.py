"""The README and .ci/run: what they tell to type is what works."""

import re
import shlex
from pathlib import Path

import pytest

import clustergraph
from clustergraph.cli.app import run

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"^\$ (clustergraph .*)$", README, re.MULTILINE)
TESTS = "pytest -n auto --dist loadfile"
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_readme_has_the_two_commands_that_ci_runs() -> None:
    first, second = re.findall(r"^\$ (python3 -m venv .*)$", README, re.MULTILINE)
    assert first.endswith(".venv/bin/clustergraph serve")
    assert second.endswith(".venv/bin/" + TESTS)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "pip install --quiet --editable '.[test]'" in second
    assert "pip install --quiet --editable '.[test]'" in script
    assert script.rstrip().endswith(TESTS)


@pytest.mark.parametrize("command", [c for c in CONSOLE if "…" not in c])
def test_commands_of_the_readme_run(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    arguments = shlex.split(command)[1:]
    if arguments[0] == "format":
        arguments.insert(1, "--check")
    assert run(arguments) == 0
    assert capsys.readouterr().out or arguments[0] == "format"


def test_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    for block in PYTHON:
        exec(compile(block, "README.md", "exec"), {"clustergraph": clustergraph})
    assert "HOKKAIDO" in capsys.readouterr().out.upper()


def test_links_of_the_readme_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
