"""The index beside a snapshot: built when it is first asked for, aside and renamed, then only read.

That of a service is built anew when it is too old: nobody says when the data change there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from clustergraph.errors import StoreError
from clustergraph.search.build import build
from clustergraph.search.search import Index
from clustergraph.settings import Settings
from clustergraph.snapshot.cache import cache_path
from clustergraph.snapshot.lock import Lock
from clustergraph.store import RemoteStore, Store

_FOLDER = "search"
_ENDING = ".sqlite"
_ASIDE = ".aside"
_MAPPED = 1 << 28
# Rows that SQLite keeps to itself while it builds: what would be read again is no file.
_BUILDING = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536"


def open_index(
    asserted: Store, entailed: Store, settings: Settings, *, folders: Sequence[Path] = ()
) -> Index:
    """The index of a graph in its two stores: the one by these settings in one of the folders.

    Where there is none it is built in the first of them that can be written, or else in memory. A
    snapshot is such a folder, and takes the index with it when it goes. Any number of processes may
    call this at once. Raises StoreError where this Python's SQLite has no full-text search.
    """
    paths = [folder / _FOLDER / (_key(settings) + _ENDING) for folder in folders]
    for path in paths:
        if (found := _read(path, settings)) is not None:
            return found
    return _built(paths, asserted, entailed, settings)


def _built(paths: Sequence[Path], asserted: Store, entailed: Store, settings: Settings) -> Index:
    """A new index in the first of the files that can be written, or else in memory."""
    for path in paths:
        try:
            _write(path, asserted, entailed, settings)
        except OSError:
            continue  # a cache of another user, or a full disk
        except sqlite3.OperationalError as error:
            if "fts5" in str(error) or "tokenizer" in str(error):
                raise _without_full_text(error) from error
            continue
        _sweep(path)
        if (found := _read(path, settings)) is not None:
            return found
    return Index(_in_memory(asserted, entailed, settings), settings)


def open_index_there(
    service: RemoteStore, settings: Settings, folder: Path | None = None, *, seconds: float
) -> Index:
    """The index of what a service holds, built anew where the one in `folder` is older than `seconds`.

    The folder is by default one in the cache. One process builds, the others wait for it. Where the folder
    cannot be written, or locked, it is built in memory. Raises LimitError where the service holds more
    than is indexed, and as `open_index`.
    """
    asked = repr((service.endpoint, service.default_graph)).encode()
    path = (folder or _home()) / hashlib.sha256(asked).hexdigest()[:16] / f"{_key(settings)}{_ENDING}"
    if (found := _fresh(path, settings, seconds)) is not None:
        return found
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(Lock(path.with_suffix(".lock"))) as lock:
            lock.take()
            if (found := _fresh(path, settings, seconds)) is not None:
                return found
            return _built([path], service, service, settings)
    return Index(_in_memory(service, service, settings), settings)


def clear_indexes() -> None:
    """Remove the indexes of services from the cache; whoever has one open still reads it."""
    shutil.rmtree(_home(), ignore_errors=True)


def _home() -> Path:
    return cache_path().with_name("endpoints")


def _fresh(path: Path, settings: Settings, seconds: float) -> Index | None:
    """The index in a file that is no older, None where there is none."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime < seconds:
            return _read(path, settings)
    return None


def _read(path: Path, settings: Settings) -> Index | None:
    """The index in a file, for reading only; None where there is none, or a damaged one."""
    if not path.exists():
        return None
    try:
        address = f"{path.absolute().as_uri()}?immutable=1"
        connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        connection.execute(f"PRAGMA mmap_size = {_MAPPED}")
        connection.execute("SELECT count(*) FROM property").fetchone()
    except sqlite3.DatabaseError:
        return None
    return Index(connection, settings)


def _write(path: Path, asserted: Store, entailed: Store, settings: Settings) -> None:
    """Build the index aside and rename it, so that nobody sees a part of it."""
    path.parent.mkdir(exist_ok=True)
    aside = path.with_name(f"{_ASIDE}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with closing(sqlite3.connect(aside)) as connection:
            connection.executescript(_BUILDING)
            build(connection, asserted, entailed, settings)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _in_memory(asserted: Store, entailed: Store, settings: Settings) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    try:
        build(connection, asserted, entailed, settings)
    except sqlite3.OperationalError as error:
        raise _without_full_text(error) from error
    return connection


def _without_full_text(error: sqlite3.Error) -> StoreError:
    needed = "this Python's SQLite cannot search: it needs FTS5 with trigrams, as from 3.34 on"
    return StoreError(f"{needed} ({sqlite3.sqlite_version}: {error})")


def _key(settings: Settings) -> str:
    """What an index depends on beside the snapshot: the settings that it reads, and the code."""
    words, order = settings.vocabulary, settings.search
    parts = (
        *(words.label, words.alternative_label, words.hidden_label, words.definition),
        *(words.deprecated, words.replaced_by, order.first, order.last, settings.languages),
    )
    whole = hashlib.sha256(repr(parts).encode())
    for file in sorted(Path(__file__).parent.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            whole.update(file.read_bytes())
    return whole.hexdigest()[:16]


def _sweep(keep: Path) -> None:
    """Remove the indexes by other settings; whoever has one open still reads it."""
    for path in keep.parent.glob(f"*{_ENDING}"):
        if path != keep:
            with suppress(OSError):
                path.unlink()
