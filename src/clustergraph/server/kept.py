"""The files that a state of the data was made of, kept as they were: workers read these.

The folder's own may be others by the time that a worker reads them. They are copied: a hard link
would change with a file that an editor writes in place.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from clustergraph.errors import FolderChangedError, FolderError
from clustergraph.folder import Folder
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.settings import FILE_NAME, load_settings
from clustergraph.snapshot.key import code_hash, snapshot_key
from clustergraph.snapshot.lock import Lock
from clustergraph.workers.holdings import LITERALS

_EXPORTS = "exports"
_PREFIX = "clustergraph-serve-"
# Seconds in which whoever makes a folder will have locked it.
_FRESH = 60


class Kept:
    """A temporary folder that is this process's as long as it holds its lock, and gone after `cleanup`.

    Who makes one removes those of processes that were killed. The lock also tells systemd, which clears
    temporary folders of what was not used for days, to leave the files alone (tmpfiles.d(5)).
    """

    def __init__(self) -> None:
        _sweep()
        self._folder = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
        self.path = Path(self._folder.name)
        self._lock = Lock(self.path, create=False)
        self._lock.take(wait=False)

    def cleanup(self) -> None:
        """Remove the folder; a second call does nothing."""
        self._folder.cleanup()
        self._lock.close()


def _sweep() -> None:
    """Remove the folders whose processes have ended without removing them."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another's, or gone meanwhile
            if path.is_symlink() or path.stat().st_mtime > time.time() - _FRESH:
                continue
            lock = Lock(path, create=False)
            try:
                if lock.take(wait=False):
                    shutil.rmtree(path, ignore_errors=True)
            finally:
                lock.close()


def keep(graph: KnowledgeGraph, kept: Path) -> str:
    """Write down settings, saved queries, files of triples and export profiles; a hash of all of them.

    In front of a service the files of triples are those of shapes. Raises FolderChangedError
    where files are not what this process has read.
    """
    _keep_catalogue(graph, kept)
    _keep_files(graph, kept)
    if graph.service is None:
        graph.snapshot.literals.write(kept / LITERALS)
    return _hash(kept)


def _keep_catalogue(graph: KnowledgeGraph, kept: Path) -> None:
    """Write the settings and saved queries down as this process has read them."""
    catalogue, root = graph.catalogue, graph.folder.root
    texts = {query.path: query.text for query in catalogue.queries}
    for path in catalogue.paths.values():
        copy = kept / "queries" / path.relative_to(catalogue.folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(texts.get(path, ""), encoding="utf-8", newline="")
    with suppress(FileNotFoundError):
        shutil.copyfile(root / FILE_NAME, kept / FILE_NAME)
    if load_settings(kept) != replace(graph.settings, title=load_settings(kept).title):
        raise FolderChangedError(root / FILE_NAME, "changed while it was read")


def _keep_files(graph: KnowledgeGraph, kept: Path) -> None:
    """Copy the files of the graph, which are those that the snapshot was made of, and of its exports."""
    root = graph.folder.root
    is_there = graph.service is not None
    files = Folder(root, graph.settings).files()
    try:
        for file in (file for file in files if file.kind == "shapes" or not is_there):
            _copy(file.path, kept / file.name)
        for path in _below(root / _EXPORTS):
            _copy(path, kept / path.relative_to(root))
    except FileNotFoundError as error:
        raise FolderChangedError(root, f"changed while it was read: {error.filename} is gone") from error
    except OSError as error:
        raise FolderError(error.filename, f"cannot be read: {error.strerror}") from error
    if not is_there and snapshot_key(Folder(kept, graph.settings), code_hash()) != graph.snapshot.key:
        raise FolderChangedError(root, "its files have changed since they were read; open it again")


def _copy(path: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, copy)


def _below(top: Path) -> Iterator[Path]:
    """The files below a folder, none where it is not there; hidden ones are passed over."""
    for folder, below, names in os.walk(top):
        below[:] = sorted(name for name in below if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


def _hash(kept: Path) -> str:
    """What the answers to tasks depend on: the files, and the code of this release."""
    whole = hashlib.sha256(version("clustergraph").encode())
    for path in _below(kept):
        with path.open("rb") as data:
            digest = hashlib.file_digest(data, "sha256").hexdigest()
        whole.update(f"{path.relative_to(kept).as_posix()}\n{digest}\n".encode())
    return whole.hexdigest()[:32]
