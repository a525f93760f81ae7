"""A folder of graphs: which files there are, in what syntax, and the graph that each belongs to."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal as OneOf
from urllib.parse import quote

from clustergraph.errors import FolderError
from clustergraph.folder.formats import FORMATS, Format, format_of
from clustergraph.settings import FILE_NAME, Settings, load_settings
from clustergraph.terms import NamedNode

Kind = OneOf["data", "ontology", "shapes"]

PARTS = ("data", "ontology", "queries", "exports")
# The graph of what the reasoner adds; no file may write into it.
INFERRED = "inferred"


@dataclass(frozen=True)
class SourceFile:
    """A file of triples; `name` is its path from the root, with `/` on every platform.

    `graph` is the graph of its triples, or of those that a TriG or N-Quads file leaves in its
    default graph. It is also the base that relative IRIs are resolved against.
    """

    path: Path
    name: str
    graph: NamedNode
    format: Format
    kind: Kind = "data"


def source_file(path: Path, settings: Settings, *, kind: Kind = "data", graph: str = "") -> SourceFile:
    """A file outside of any folder, in a graph of its own; raises FormatError by its ending."""
    return SourceFile(path, path.name, settings.graph(graph or _slug(path.stem)), format_of(path), kind)


@dataclass(frozen=True)
class Folder:
    """A root with its settings; what it holds is listed once, when it is first asked for."""

    root: Path
    settings: Settings

    def files(self) -> tuple[SourceFile, ...]:
        """The files of triples below data/ and ontology/, sorted by name."""
        return self._listed[0]

    def ignored(self) -> tuple[Path, ...]:
        """The files below data/ and ontology/ whose ending tells no RDF syntax."""
        return self._listed[1]

    def file(self, path: Path) -> SourceFile | None:
        """The file of this folder that lies at `path`, which need not exist any more."""
        try:
            name = path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return None
        if not name.startswith(("data/", "ontology/")) or path.suffix.lower() not in FORMATS:
            return None
        return self._source(name)

    @cached_property
    def _listed(self) -> tuple[tuple[SourceFile, ...], tuple[Path, ...]]:
        found: list[SourceFile] = []
        ignored: list[Path] = []
        for name in sorted(_names(self.root, "data") + _names(self.root, "ontology")):
            if Path(name).suffix.lower() in FORMATS:
                found.append(self._source(name))
            else:
                ignored.append(self.root / name)
        return tuple(found), tuple(ignored)

    def _source(self, name: str) -> SourceFile:
        parts = name.split("/")
        path = self.root / name
        kind: Kind = "data"
        if parts[0] == "ontology":
            kind = "shapes" if parts[1] == "shapes" and len(parts) > 2 else "ontology"
            graph: str = kind
        else:
            graph = _slug(parts[1] if len(parts) > 2 else path.stem)
            if graph == INFERRED:
                raise FolderError(path, f"the graph {INFERRED!r} is kept for what is inferred; rename it")
        return SourceFile(path, name, self.settings.graph(graph), format_of(path), kind)


def open_folder(root: Path | str) -> Folder:
    """The folder at `root`, of which any part may be missing, but not all.

    Raises FolderError where there is no folder or nothing in it, SettingsError for its settings.
    """
    root = Path(root)
    if not root.exists():
        raise FolderError(root, "no such folder")
    if not root.is_dir():
        raise FolderError(root, "a file; expected a folder")
    try:
        here = {entry.name for entry in os.scandir(root)}
    except OSError as error:
        raise FolderError(root, f"cannot be read: {error.strerror}") from error
    if not here & {FILE_NAME, *PARTS}:
        parts = ", ".join(f"{part}/" for part in PARTS)
        raise FolderError(root, f"no graph here; expected {FILE_NAME} or one of {parts}")
    return Folder(root, load_settings(root))


def _names(root: Path, part: str) -> list[str]:
    """The names of all files below a part, from the root; hidden ones are passed over."""
    return [
        (Path(folder) / name).relative_to(root).as_posix()
        for folder, name in _walk(root / part)
        if not name.startswith(".")
    ]


def _walk(top: Path) -> Iterator[tuple[str, str]]:
    def fail(error: OSError) -> None:
        if top.exists():
            raise FolderError(error.filename, f"cannot be read: {error.strerror}") from error

    for folder, below, names in os.walk(top, onerror=fail):
        below[:] = [name for name in below if not name.startswith(".")]
        for name in names:
            yield folder, name


def _slug(name: str) -> str:
    """A file name as the last part of an IRI: the same on every platform, legal in an IRI."""
    composed = unicodedata.normalize("NFC", name)
    return "".join(char if ord(char) > 0x9F else quote(char, safe="") for char in composed)
