"""What a snapshot depends on, as one hash: the content of its inputs, the rules, the engine."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyoxigraph

from clustergraph.errors import FolderError
from clustergraph.folder import Folder, SourceFile

# Changes when the files of a snapshot do.
LAYOUT = "1"
# The rooms whose code decides what stands in a snapshot.
_ROOMS = ("folder", "inference", "snapshot")


def snapshot_key(folder: Folder, code: str) -> str:
    """The key of the snapshot that a folder has now, by code of this hash.

    Every input is read and hashed: size and time of a file are not trusted (a checkout can give new
    content an old time).
    """
    whole = hashlib.sha256()
    for part in (LAYOUT, pyoxigraph.__version__, code, folder.settings.base):
        whole.update(f"{part}\n".encode())
    for file in folder.files():
        if file.kind != "shapes":
            whole.update(f"{file.name}\n{_content(file)}\n".encode())
    return whole.hexdigest()[:32]


def _content(file: SourceFile) -> str:
    try:
        with file.path.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()
    except OSError as error:
        raise FolderError(file.path, f"cannot be read: {error.strerror}") from error


def code_hash() -> str:
    """A hash of the code that reads files, derives and writes: compiled rules come of it alone."""
    package = Path(__file__).parent.parent
    code = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((package / room).rglob("*")):
            if path.suffix != ".pyc" and path.is_file():
                code.update(path.read_bytes())
    return code.hexdigest()
