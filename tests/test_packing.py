"""The packing of the SPARQL editor: an installation never fails of it, and never waits long."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from types import ModuleType

import pytest

EDITOR = Path(__file__).parent.parent / "editor"
pytest.importorskip("hatchling", reason="the build backend is in the extra `test`")


@pytest.fixture
def packing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pack", EDITOR / "pack.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the only programs that there are."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_without_npm_nothing_is_packed(packing: ModuleType, tools: Path, tmp_path: Path) -> None:
    target = tmp_path / "packed"
    assert packing.pack(EDITOR, target) == "not packed (there is no npm); the plain form serves instead"
    assert not target.exists()


def test_what_npm_says_is_said(packing: ModuleType, tools: Path, tmp_path: Path) -> None:
    program(tools, "node", "exit 0")
    program(tools, "npm", "echo npm error code ENOTFOUND >&2; exit 1")
    target = tmp_path / "packed"
    assert "(npm: npm error code ENOTFOUND)" in packing.pack(EDITOR, target)
    assert not target.exists()


def test_a_network_that_says_nothing_is_not_waited_for(
    packing: ModuleType, tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_MOST", 0.3)
    program(tools, "node", "exit 0")
    program(tools, "npm", "/bin/sleep 60 & /bin/sleep 60")
    started = time.monotonic()
    assert "npm took more than 0.3 s" in packing.pack(EDITOR, tmp_path / "packed")
    assert time.monotonic() - started < 10


def test_what_was_packed_of_other_sources_goes(packing: ModuleType, tools: Path, tmp_path: Path) -> None:
    target = tmp_path / "packed"
    target.mkdir()
    (target / "editor.js").write_text("/* clustergraph editor 0 */")
    packing.pack(EDITOR, target)
    assert not target.exists()


def test_what_is_packed_is_not_packed_again(packing: ModuleType, tools: Path, tmp_path: Path) -> None:
    bundler = """echo '{"inputs": {}}' > meta.json
for each in "$@"; do
  case "$each" in --banner:js=*) echo "${each#--banner:js=}" > packed.js ;; esac
done"""
    program(tools, "node", bundler)
    program(tools, "npm", "exit 0")
    target = tmp_path / "packed"
    assert packing.pack(EDITOR, target).startswith("packed, ")
    assert packing.pack(EDITOR, target) == "packed already"
