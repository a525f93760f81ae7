"""Where snapshots lie: shared by processes, rebuilt when damaged, pruned, never half-written."""

from __future__ import annotations

import errno
import gc
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from clustergraph.folder import Folder, open_folder
from clustergraph.inference import working as working_module
from clustergraph.inference.working import Working
from clustergraph.snapshot import (
    SnapshotWarning,
    clear_snapshots,
    open_snapshot,
    read_snapshot,
    snapshots,
)
from clustergraph.snapshot import cache as cache_module
from clustergraph.snapshot.cache import KEPT

# Opens a folder in a process of its own; prints what it found and what it took.
OPENING = """
import sys
from clustergraph.folder import open_folder
from clustergraph.snapshot import open_snapshot

stages = []
snapshot = open_snapshot(open_folder(sys.argv[1]), progress=lambda stage, *_: stages.append(stage))
(count,) = next(iter(snapshot.entailed.query(sys.argv[2])))
heavy = {"rdflib", "owlrl", "pyshacl", "httpx", "clustergraph.inference"} & sys.modules.keys()
print(snapshot.version, count.value, "reading" in stages, len(snapshot.inconsistencies), *sorted(heavy))
"""
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def kept(cache: Path) -> list[Path]:
    """What lies in the cache beside locks."""
    return sorted(path for path in cache.glob("*/*") if path.name != "building.lock")


def changed(folder: Folder, text: str) -> Folder:
    path = folder.root / "data" / "added.ttl"
    path.write_text(f"<http://e/a> <http://e/b> {text} .", encoding="utf-8")
    return open_folder(folder.root)


def told(folder: Folder) -> list[str]:
    """The stages of the build that opening takes; none where the snapshot is there."""
    stages: list[str] = []
    open_snapshot(folder, progress=lambda stage, *_: stages.append(stage))
    return stages


def test_a_snapshot_is_built_once(foreign: Folder, cache: Path) -> None:
    assert told(foreign)
    assert not told(open_folder(foreign.root))
    assert len(kept(cache)) == 1


def test_a_change_that_keeps_size_and_time_is_seen(foreign: Folder, cache: Path) -> None:
    folder = changed(foreign, "1")
    path = folder.root / "data" / "added.ttl"
    times = path.stat()
    first = open_snapshot(folder).version
    changed(foreign, "2")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert open_snapshot(open_folder(foreign.root)).version != first
    changed(foreign, "1")
    assert not told(open_folder(foreign.root))
    assert len(kept(cache)) == 2


def _removed(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _garbled(path: Path) -> None:
    path.write_bytes(bytes(byte ^ 0xFF for byte in path.read_bytes()))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("snapshot.json", _removed),
        ("snapshot.json", _cut),
        ("steps.bin", _garbled),
        ("asserted/CURRENT", _removed),
        ("asserted/MANIFEST-*", _garbled),
        ("entailed/*.sst", _cut),
        ("entailed/*.sst", _garbled),
    ],
)
def test_a_damaged_snapshot_is_rebuilt(
    foreign: Folder, cache: Path, name: str, damage: Callable[[Path], None]
) -> None:
    snapshot = open_snapshot(foreign)
    version = snapshot.version
    assert snapshot.path is not None
    damage(next(iter(sorted(snapshot.path.glob(name)))))
    del snapshot
    again = open_snapshot(foreign)
    assert again.version == version
    assert bool(again.entailed.query("ASK { ?s ?p ?o }"))
    assert len(kept(cache)) == 1


def test_a_cache_that_cannot_be_written(foreign: Folder, cache: Path) -> None:
    cache.parent.parent.mkdir(parents=True)
    cache.parent.write_text("a file where the cache should be", encoding="utf-8")
    with pytest.warns(SnapshotWarning, match="memory") as warned:
        snapshot = open_snapshot(foreign)
    assert len(warned) == 1
    assert "\n" not in str(warned[0].message)
    assert snapshot.path is None
    assert snapshot.triples == 29
    assert snapshot.inferred > 0
    assert len(list(snapshot.quads())) == 30


@pytest.mark.parametrize("stage", ["build", "write_notes", "write_manifest", "_put"])
def test_a_full_disk_leaves_nothing(
    foreign: Folder, cache: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    working = getattr(cache_module, stage)

    def full(*arguments: object) -> object:
        if stage == "build" and len(arguments) < 3:
            return working(*arguments)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cache_module, stage, full)
    with pytest.warns(SnapshotWarning, match="No space left"):
        snapshot = open_snapshot(foreign)
    assert snapshot.path is None
    assert snapshot.triples == 29
    assert kept(cache) == []


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
@pytest.mark.parametrize("on_disk", [False, True])
def test_closing_that_fails_leaves_the_last_good_snapshot(
    foreign: Folder, cache: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException, on_disk: bool
) -> None:
    good = open_snapshot(foreign)
    version = good.version
    good.close()
    before = kept(cache)
    scratch = cache.parent / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))

    def fail(working: Working, *_: object) -> int:
        assert (working.path is not None) == on_disk
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(Working, "derive", fail)
        patch.setattr(working_module, "DISK_ABOVE", 1 if on_disk else 1_000_000)
        patch.setattr(warnings, "warn", lambda *_, **__: None)  # that memory is tried instead
        edited = changed(foreign, "1")
        with pytest.raises(type(failure)):
            open_snapshot(edited)
    gc.collect()
    assert kept(cache) == before
    assert list(scratch.iterdir()) == []
    (foreign.root / "data" / "added.ttl").unlink()
    assert told(open_folder(foreign.root)) == []
    assert open_snapshot(open_folder(foreign.root)).version == version


def test_processes_share_a_cold_cache(foreign: Folder, cache: Path) -> None:
    command = [sys.executable, "-c", OPENING, str(foreign.root), COUNT]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = [process.communicate(timeout=60)[0].split() for process in running]
    assert len({tuple(answer[:2]) for answer in answers}) == 1
    assert [answer[2] for answer in answers].count("True") == 1
    assert len(kept(cache)) == 1


def test_what_a_killed_builder_left_is_removed(foreign: Folder, cache: Path) -> None:
    open_snapshot(foreign).close()
    home = kept(cache)[0].parent
    (home / ".aside-1-left" / "asserted").mkdir(parents=True)
    open_snapshot(changed(foreign, "1"))
    assert all(not path.name.startswith(".") for path in kept(cache))


def test_the_last_used_are_kept(foreign: Folder, cache: Path) -> None:
    for number in range(KEPT + 2):
        snapshot = open_snapshot(changed(foreign, str(number)))
        assert snapshot.path is not None
        os.utime(snapshot.path / "lock", (number, number))
        snapshot.close()
    assert len(kept(cache)) == KEPT


def test_one_in_use_is_not_removed(foreign: Folder, cache: Path) -> None:
    first = open_snapshot(changed(foreign, "0"))
    assert first.path is not None
    os.utime(first.path / "lock", (0, 0))
    for number in range(1, KEPT + 2):
        open_snapshot(changed(foreign, str(number))).close()
    assert first.path in kept(cache)
    assert clear_snapshots()
    assert kept(cache) == [first.path]
    first.close()
    assert [one.path for one in clear_snapshots()] == [first.path]
    assert kept(cache) == []


def test_the_cache_is_listed(foreign: Folder, cache: Path) -> None:
    assert snapshots() == ()
    snapshot = open_snapshot(foreign)
    (listed,) = snapshots()
    assert listed.path == snapshot.path
    assert listed.root == foreign.root.resolve()
    assert listed.version == snapshot.version
    assert listed.size > 1000
    assert listed.sound
    assert cache in listed.path.parents


def test_what_is_no_snapshot_is_none(tmp_path: Path) -> None:
    assert read_snapshot(tmp_path / "none") is None
    (tmp_path / "lock").touch()
    assert read_snapshot(tmp_path) is None


@pytest.mark.usefixtures("cache")
def test_a_warm_opening_imports_no_reasoner(foreign: Folder) -> None:
    open_snapshot(foreign)
    command = [sys.executable, "-c", OPENING, str(foreign.root), COUNT]
    answer = subprocess.check_output(command, text=True).split()
    assert answer[2:] == ["False", "0"]
