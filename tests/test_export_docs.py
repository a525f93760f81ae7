"""docs/exports.md: what it tells to do is what works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import FOAF

import clustergraph
from clustergraph.export import profiles
from clustergraph.folder import open_folder

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def test_a_new_profile_takes_twenty_lines(cache: Path, tmp_path: Path) -> None:
    root = tmp_path / "park"
    shutil.copytree(ROOT / "tests" / "foreign", root)
    command = tmp_path / "bin" / "clustergraph"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m clustergraph "$@"\n')
    command.chmod(0o755)
    environment = {**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}"}
    lines = [line for line in block("bash").splitlines() if line != "END"]
    assert len(lines) <= 20
    done = subprocess.run(
        ["bash", "-euc", block("bash")],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = rdflib.Graph().parse(root / "trees.ttl")
    assert (rdflib.URIRef("https://park.example/tree/plum"), FOAF.name, None) in found
    assert (root / "trees.ttl.loss.json").exists()


def test_the_python_of_the_page_runs(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block("python"), "exports.md", "exec"), {"clustergraph": clustergraph})
    printed = capsys.readouterr().out
    assert "exports-of-today/skos.ttl" in printed
    assert "decimal" in printed


def test_the_table_names_every_profile() -> None:
    settings = open_folder(ROOT).settings
    named = re.findall(r"^\| `([a-z0-9-]+)` \| [^|]+ \| (?:all|\d+%|under)", PAGE, re.MULTILINE)
    assert named == list(profiles(ROOT, settings))
