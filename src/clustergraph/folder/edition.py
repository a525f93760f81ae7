"""An edition: the files of a graph at one time, loaded in memory when they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from clustergraph.folder.files import Kind, SourceFile
from clustergraph.folder.literals import LiteralTable
from clustergraph.folder.parse import content, parse_text
from clustergraph.folder.places import Places
from clustergraph.store import EmbeddedStore
from clustergraph.terms import DefaultGraph, Quad, Triple, Written


@dataclass(frozen=True, eq=False)
class Edition:
    """Files with their bytes, in order; editions share the files in which they do not differ."""

    contents: Mapping[SourceFile, bytes]

    @classmethod
    def of(cls, files: Iterable[SourceFile]) -> Edition:
        """The edition of files as they lie on disk; raises FolderError for one that cannot be read."""
        return cls({file: content(file) for file in files})

    def replaced(self, files: Mapping[SourceFile, bytes | None]) -> Edition:
        """The edition with these files put in the place of those of the same name; None removes one."""
        named = {file.name: (file, data) for file, data in self.contents.items()}
        for file, data in files.items():
            if data is None:
                named.pop(file.name, None)
            else:
                named[file.name] = (file, data)
        return Edition(dict(named[name] for name in sorted(named)))

    @cached_property
    def store(self) -> EmbeddedStore:
        """Data and ontology: each triple in its graph and in the default graph, their RDF merge.

        Raises GraphSyntaxError, with file, line and column, for a file that does not parse.
        """
        return self._loaded[0]

    @property
    def written(self) -> Written:
        """The literals as written behind those that the store holds."""
        return self._loaded[1].written

    @cached_property
    def places(self) -> Places:
        """Where the files state the triples of the store."""
        return Places(self.store, self.contents)

    @cached_property
    def shapes(self) -> tuple[Triple, ...]:
        """The triples of the shapes graph, literals as written."""
        return tuple(quad.triple for quad in self._quads({"shapes"}))

    def triples(self) -> Iterator[Triple]:
        """The triples of data and ontology, literals as written, in the order of the files."""
        return (quad.triple for quad in self._quads({"data", "ontology"}))

    def named(self, name: str) -> SourceFile | None:
        """The file of that name, from the root."""
        return next((file for file in self.contents if file.name == name), None)

    @cached_property
    def _loaded(self) -> tuple[EmbeddedStore, LiteralTable]:
        store, literals = EmbeddedStore(), LiteralTable()
        kinds: set[Kind] = {"data", "ontology"}
        store.load(merged(literals.noting(self._quads(kinds))))
        if literals:
            literals.complete(self._quads(kinds))
        return store, literals

    def _quads(self, kinds: set[Kind]) -> Iterator[Quad]:
        for file, data in self.contents.items():
            if file.kind in kinds:
                yield from parse_text(file, data)


def merged(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Each quad, and its triple in the default graph, which thereby is the RDF merge.

    The blank nodes of two files never share a label, so that the union of the triples is the merge
    (RDF 1.1 Semantics §4.1).
    """
    default = DefaultGraph()
    for quad in quads:
        yield quad
        yield Quad(quad.subject, quad.predicate, quad.object, default)
