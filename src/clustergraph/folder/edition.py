"""An edition: the files of a graph at one time, loaded in memory when they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from clustergraph.folder.differing import Differing, differing
from clustergraph.folder.files import Kind, SourceFile
from clustergraph.folder.literals import LiteralTable
from clustergraph.folder.parse import content, parse_text
from clustergraph.folder.places import Places, Texts
from clustergraph.store import EmbeddedStore
from clustergraph.terms import DefaultGraph, Quad, Triple, Written

_STORED: frozenset[Kind] = frozenset({"data", "ontology"})


@dataclass(frozen=True, eq=False)
class Edition:
    """Files with their bytes, in order; editions share the files in which they do not differ."""

    contents: Mapping[SourceFile, bytes]
    origin: Edition | None = field(default=None, repr=False)
    """One that differs in few files: where its store is at hand, this one's is made of it."""

    _parsed: dict[SourceFile, tuple[Quad, ...]] = field(default_factory=dict, init=False, repr=False)
    _beyond: dict[Edition, tuple[Differing, ...]] = field(default_factory=dict, init=False, repr=False)

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
        return Edition(dict(named[name] for name in sorted(named)), self)

    @cached_property
    def store(self) -> EmbeddedStore:
        """Data and ontology: each triple in its graph and in the default graph, their RDF merge.

        Raises GraphSyntaxError, with file, line and column, for a file that does not parse.
        """
        return self._loaded[0]

    @property
    def literals(self) -> LiteralTable:
        """The table of what is written otherwise than the store holds it."""
        return self._loaded[1]

    @property
    def written(self) -> Written:
        """The literals as written behind those that the store holds."""
        return self.literals.written

    @cached_property
    def places(self) -> Places:
        """Where the files state the triples of the store."""
        return Places(self.store, self.texts)

    @cached_property
    def texts(self) -> Texts:
        """The texts of the files."""
        return Texts(self.contents, None if self.origin is None else self.origin.texts)

    @cached_property
    def shapes(self) -> tuple[Triple, ...]:
        """The triples of the shapes graph, literals as written."""
        if self.origin is not None and self._shapes_files == self.origin._shapes_files:
            return self.origin.shapes
        return tuple(quad.triple for quad in self._quads(frozenset({"shapes"})))

    @property
    def _shapes_files(self) -> dict[SourceFile, bytes]:
        return {file: data for file, data in self.contents.items() if file.kind == "shapes"}

    def triples(self) -> Iterator[Triple]:
        """The triples of data and ontology, literals as written, in the order of the files."""
        return (quad.triple for quad in self._quads(_STORED))

    def named(self, name: str) -> SourceFile | None:
        """The file of that name, from the root."""
        return next((file for file in self.contents if file.name == name), None)

    def hold(self, store: EmbeddedStore, literals: LiteralTable) -> None:
        """Take a store that was loaded from these very files for the edition's own."""
        self.__dict__["_loaded"] = store, literals

    @property
    def is_loaded(self) -> bool:
        """Whether the store is at hand."""
        return "_loaded" in self.__dict__

    @cached_property
    def _loaded(self) -> tuple[EmbeddedStore, LiteralTable]:
        if self.origin is not None and self.origin.is_loaded and (found := self._derived(self.origin)):
            return found
        store, literals = EmbeddedStore(), LiteralTable()
        store.load(merged(literals.noting(self._quads(_STORED))))
        if literals:
            literals.complete(self._quads(_STORED))
        return store, literals

    def _derived(self, origin: Edition) -> tuple[EmbeddedStore, LiteralTable] | None:
        """The store of the origin with what differs, in a fraction of the time that loading takes.

        None where a literal goes whose spelling the store does not keep: other files may write it too.
        """
        changed = [part for part in self.differing(origin) if part.file.kind in _STORED]
        gone = {quad for part in changed for quad in part.before}
        came = {quad for part in changed for quad in part.after}
        gone, came = gone - came, came - gone
        literals = origin.literals.copy()
        stored = literals.as_stored
        if any(literals.is_noted(stored(quad)) or stored(quad) != quad for quad in gone):
            return None
        store = origin.store.copy()
        for quad in gone:
            if any(self.texts.lines(f).states(quad) for f in self.texts.about(quad.graph_name, quad.subject)):
                continue  # it is stated elsewhere too
            store.native.remove(quad)
            if not any(True for _ in _like(store, quad)):
                store.native.remove(Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()))
        # A literal that came in another spelling may have been there in the one that the store keeps.
        alike = (quad for new in came if (kept := stored(new)) != new for quad in _like(store, kept))
        there = [quad for quad in alike if not literals.is_noted(quad, in_its_graph=True)]
        store.native.extend(merged(literals.noting(came)))
        literals.complete([*there, *came])
        return store, literals

    def quads_of(self, file: SourceFile) -> tuple[Quad, ...]:
        """The quads of one of the files, literals as written; they are kept for the next who asks."""
        if file not in self._parsed:
            self._parsed[file] = tuple(parse_text(file, self.contents[file]))
        return self._parsed[file]

    def differing(self, before: Edition) -> tuple[Differing, ...]:
        """What the files state in which this edition and the one before it differ."""
        if before not in self._beyond:
            olds, news = ({_place(file): file for file in edition.contents} for edition in (before, self))
            found = (self._differing(news.get(p), before, olds.get(p)) for p in dict.fromkeys([*olds, *news]))
            self._beyond[before] = tuple(part for part in found if part is not None)
        return self._beyond[before]

    def _differing(self, new: SourceFile | None, before: Edition, old: SourceFile | None) -> Differing | None:
        if old is not None and new is not None:
            data = before.contents[old], self.contents[new]
            if data[0] == data[1]:
                return None
            if part := differing(new, *data):
                return part
        file = new or old
        assert file is not None  # one of them has it
        return Differing(file, before.quads_of(old) if old else (), self.quads_of(new) if new else ())

    def _quads(self, kinds: frozenset[Kind]) -> Iterator[Quad]:
        for file, data in self.contents.items():
            if file.kind in kinds:
                yield from parse_text(file, data)


def _place(file: SourceFile) -> tuple[object, ...]:
    """What tells a file from others in every folder that has it."""
    return file.name, file.graph, file.kind, file.format


def _like(store: EmbeddedStore, quad: Quad) -> Iterator[Quad]:
    """The quads of named graphs in a store that have the same triple."""
    default = DefaultGraph()
    found = store.native.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
    return (quad for quad in found if quad.graph_name != default)


def merged(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Each quad, and its triple in the default graph, which thereby is the RDF merge.

    The blank nodes of two files never share a label, so that the union of the triples is the merge
    (RDF 1.1 Semantics §4.1).
    """
    default = DefaultGraph()
    for quad in quads:
        yield quad
        yield Quad(quad.subject, quad.predicate, quad.object, default)
