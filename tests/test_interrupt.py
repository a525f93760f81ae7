"""Ctrl-C or SIGTERM while something is written: exit 130 or 143, one line, nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from generate import generate


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph that takes a while."""
    root = tmp_path_factory.mktemp("large") / "graph"
    generate(root, triples=20_000)
    return root


def interrupted(
    arguments: list[str], cache: Path, seen: Callable[[], bool], number: int = signal.SIGINT
) -> tuple[int, str]:
    """The exit code and stderr of a command that gets a signal as soon as something is to be seen."""
    process = subprocess.Popen(
        [sys.executable, "-m", "clustergraph", *arguments],
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "TMPDIR": str(cache.parent)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 60
    while not seen() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    time.sleep(0.05)  # into the work
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


def left(path: Path) -> list[str]:
    return [name for _, folders, files in os.walk(path) for name in (*folders, *files)]


def test_interrupted_build_leaves_nothing(large: Path, tmp_path: Path) -> None:
    def building() -> bool:
        return any(name.startswith(".aside-") for name in left(tmp_path))

    code, errors = interrupted(["--root", str(large), "sparql", "ASK {}"], tmp_path, building)
    assert (code, errors) == (130, "error: interrupted\n")
    assert [name for name in left(tmp_path / "clustergraph" / "snapshots") if "lock" not in name][1:] == []


@pytest.mark.parametrize(
    "arguments", [["export", "turtle", "-o", "out/graph.ttl"], ["release", "-o", "out/all"]]
)
def test_terminated_command_leaves_nothing(large: Path, tmp_path: Path, arguments: list[str]) -> None:
    """A service manager, or a CI job that is cancelled, sends SIGTERM."""
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "cache").mkdir()
    command = ["--root", str(large), *(word.replace("out/", f"{out}/") for word in arguments)]
    code, errors = interrupted(command, tmp_path / "cache", lambda: bool(left(out)), signal.SIGTERM)
    assert (code, errors) == (143, "error: terminated\n")
    assert left(out) == []
    assert not list(tmp_path.glob("clustergraph-*"))


def test_interrupted_export_leaves_what_was_there(large: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "graph.ttl").write_text("old")
    arguments = ["--root", str(large), "export", "turtle", "-o", str(out / "graph.ttl"), "--force"]
    code, errors = interrupted(arguments, tmp_path / "cache", lambda: len(left(out)) > 1)
    assert (code, errors) == (130, "error: interrupted\n")
    assert left(out) == ["graph.ttl"]
    assert (out / "graph.ttl").read_text() == "old"


@pytest.mark.parametrize("library", ["pyoxigraph", "typer"])
def test_interrupted_start_is_one_line(library: str, tmp_path: Path) -> None:
    """Ctrl-C while a library is imported."""
    (tmp_path / f"{library}.py").write_text("raise KeyboardInterrupt")
    ran = subprocess.run(
        [sys.executable, "-c", "from clustergraph.cli import main; main()", "--version"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (130, "error: interrupted\n")
