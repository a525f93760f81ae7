"""Where snapshots lie: one folder for each root, in it the snapshots by key, the last three of them."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clustergraph.errors import SnapshotError
from clustergraph.folder import Folder
from clustergraph.snapshot.build import Built, Progress, build
from clustergraph.snapshot.key import code_hash, snapshot_key
from clustergraph.snapshot.lock import Lock
from clustergraph.snapshot.state import (
    LOCK,
    Manifest,
    Snapshot,
    read_snapshot,
    sound_manifest,
    write_manifest,
    write_notes,
)

KEPT = 3
"""The snapshots that are kept for each root."""

_ASIDE = ".aside-"
_REMOVED = ".removed-"
_BUILDING = "building.lock"
# A folder whose files change while they are read is read again, but not for ever.
_ATTEMPTS = 5


class SnapshotWarning(UserWarning):
    """A snapshot that could not be kept, so that work goes on in memory."""


@dataclass(frozen=True)
class CachedSnapshot:
    """A snapshot in the cache; times are in seconds since the epoch, the size is in bytes."""

    path: Path
    root: Path
    version: str
    used: float
    size: int
    sound: bool


def cache_path() -> Path:
    """The folder of all snapshots: below $XDG_CACHE_HOME, or the platform's own place."""
    # Half of a warm opening would be this import, if other modules paid it too.
    from platformdirs import user_cache_path  # noqa: PLC0415

    return user_cache_path("clustergraph", appauthor=False) / "snapshots"


def open_snapshot(folder: Folder, *, progress: Progress | None = None) -> Snapshot:
    """The snapshot of a folder as it stands now: the one in the cache, else a new one.

    Any number of processes may call this at once: one builds, the others wait for it. Where the
    cache cannot be written the snapshot is kept in memory, with one SnapshotWarning. `progress` is
    told (stage, done, total) of a build.

    Raises FolderError and GraphSyntaxError for files that cannot be read, OntologyError for a
    malformed axiom.
    """
    report = progress or _silent
    folder = Folder(folder.root, folder.settings)  # its files as they are now
    code = code_hash()
    home = cache_path() / _name(folder.root)
    if found := read_snapshot(home / snapshot_key(folder, code)):
        return found
    try:
        return _build_in(home, folder, code, report)
    except OSError as error:
        reason = error.strerror or str(error).rpartition(": ")[2]  # the engine names the file first
        warnings.warn(
            SnapshotWarning(f"{home.parent}: {reason}; the graph is kept in memory, for this run only"),
            stacklevel=2,
        )
        return _in_memory(folder, code, report)


def write_snapshot(folder: Folder, path: Path, *, progress: Progress | None = None) -> Snapshot:
    """A new snapshot of a folder at `path`, outside of the cache; raises SnapshotError if it cannot be."""
    key = snapshot_key(folder, code_hash())
    try:
        with _aside(path.parent) as aside:
            _write(folder, aside, key, progress or _silent)
            aside.rename(path)
    except OSError as error:
        raise SnapshotError(path, f"cannot be written: {error.strerror or error}") from error
    snapshot = read_snapshot(path)
    if snapshot is None:
        raise SnapshotError(path, "was changed while it was written")
    return snapshot


def snapshots() -> tuple[CachedSnapshot, ...]:
    """The snapshots in the cache, the last used first."""
    found = [_cached(path) for home in _folders(cache_path()) for path in _folders(home)]
    return tuple(sorted((one for one in found if one), key=lambda one: -one.used))


def clear_snapshots() -> tuple[CachedSnapshot, ...]:
    """Remove all snapshots that nobody has open; returns those that were removed."""
    removed = []
    for home in _folders(cache_path()):
        for path in _folders(home):
            cached = _cached(path)
            if _remove(path) and cached is not None:
                removed.append(cached)
    return tuple(removed)


def _silent(stage: str, done: int, total: int | None) -> None:
    """Report nothing."""


def _in_memory(folder: Folder, code: str, progress: Progress) -> Snapshot:
    key = snapshot_key(folder, code)
    built = build(folder, progress)
    return Snapshot(built.version, key, None, built.triples, len(built.steps), built)


def _build_in(home: Path, folder: Folder, code: str, progress: Progress) -> Snapshot:
    home.mkdir(parents=True, exist_ok=True)
    building = Lock(home / _BUILDING)
    try:
        if not building.take(wait=False):
            progress("waiting for another process", 0, None)
            building.take()
        for _ in range(_ATTEMPTS):
            # Another process may have built it by now, and a file may have changed meanwhile.
            folder = Folder(folder.root, folder.settings)
            key = snapshot_key(folder, code)
            if found := read_snapshot(home / key):
                _prune(home, keep=home / key)
                return found
            _sweep(home)
            with _aside(home) as aside:
                _write(folder, aside, key, progress)
                if snapshot_key(Folder(folder.root, folder.settings), code) == key:
                    _put(aside, home / key)
        raise SnapshotError(folder.root, "the files change faster than they can be read")
    finally:
        building.close()


def _write(folder: Folder, path: Path, key: str, progress: Progress) -> None:
    built: Built | None = build(folder, progress, path)
    assert built is not None  # for the type of the deletion below
    write_notes(built, path)
    manifest = Manifest(
        key=key,
        version=built.version,
        root=str(folder.root.resolve()),
        triples=built.triples,
        inferred=len(built.steps),
        files={},
    )
    # Closes the stores: what they write last is part of the snapshot.
    built = None
    write_manifest(path, manifest)


@contextmanager
def _aside(home: Path) -> Iterator[Path]:
    """A folder to build in; what is left of it afterwards is removed."""
    path = home / f"{_ASIDE}{os.getpid()}-{secrets.token_hex(4)}"
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _put(aside: Path, path: Path) -> None:
    """Rename a new snapshot to its place, which a damaged one may hold."""
    if path.exists():
        _discard(path)
    aside.rename(path)


def _prune(home: Path, *, keep: Path) -> None:
    """Remove the snapshots of a root beyond the last used, except those that are open."""
    last_used = sorted(_folders(home), key=_used, reverse=True)
    for path in last_used[KEPT:]:
        if path != keep:
            _remove(path)


def _remove(path: Path) -> bool:
    """Whether the snapshot was removed; it is not where a process has it open."""
    try:
        lock = Lock(path / LOCK, create=False)
    except OSError:
        return _discard(path)
    try:
        return lock.take(wait=False) and _discard(path)
    finally:
        lock.close()


def _discard(path: Path) -> bool:
    """Rename a snapshot away, at once for all who look for it, and then remove it."""
    away = path.with_name(f"{_REMOVED}{os.getpid()}-{path.name}")
    try:
        path.rename(away)
    except OSError:
        return False
    shutil.rmtree(away, ignore_errors=True)
    return True


def _sweep(home: Path) -> None:
    """Remove what builders that were killed left; there is no other builder now."""
    for entry in os.scandir(home):
        if entry.name.startswith((_ASIDE, _REMOVED)):
            shutil.rmtree(entry.path, ignore_errors=True)


def _folders(path: Path) -> list[Path]:
    try:
        return [Path(e.path) for e in os.scandir(path) if e.is_dir() and not e.name.startswith(".")]
    except OSError:
        return []


def _used(path: Path) -> float:
    try:
        return (path / LOCK).stat().st_mtime
    except OSError:
        return 0.0


def _cached(path: Path) -> CachedSnapshot | None:
    manifest = sound_manifest(path)
    root, version = (manifest["root"], manifest["version"]) if manifest else ("", "")
    sizes = {}
    for folder, _, names in os.walk(path):
        for name in names:
            status = os.stat(os.path.join(folder, name))
            sizes[status.st_ino] = status.st_size  # both stores share files, by hard links
    return CachedSnapshot(path, Path(root), version, _used(path), sum(sizes.values()), manifest is not None)


def _name(root: Path) -> str:
    """The folder name of a root: its own name to recognise it by, and a hash of where it lies."""
    place = str(root.resolve())
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", root.resolve().name)[:40]
    return f"{plain}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"
