"""Where a file states a triple: found on demand, in the files that a report or a proof mentions."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import pyoxigraph as ox

from clustergraph.errors import QuerySyntaxError
from clustergraph.folder import formats
from clustergraph.folder.files import SourceFile
from clustergraph.folder.literals import LiteralTable
from clustergraph.folder.names import Names
from clustergraph.folder.parse import BOM, content, holds, parse_text
from clustergraph.folder.plain import PlainTurtle
from clustergraph.folder.turtle import (
    Collection,
    Directive,
    Entry,
    GrammarError,
    Name,
    Node,
    Properties,
    Statement,
    UnreadSyntaxError,
    Value,
    statements,
)
from clustergraph.sparql.terminals import Kind
from clustergraph.terms import RDF, BlankNode, Literal, NamedNode, Quad, Term, Triple


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file, and the text of its line; line and column count from 1."""

    path: Path
    line: int
    column: int
    text: str = field(default="", compare=False)


_PREFIX = re.compile(rb"prefix\s+[^\s<>]*:\s*<([^<>]*)>", re.IGNORECASE)
# For more places than these the starts of all lines are listed.
_FEW = 10
# What is not read here may state what is looked for.
_UNREAD = ("<<", "{|", "~")


class Lines:
    """The places of one file's triples; it is read once, when it is first asked.

    `data` is its content, where that is not what lies on disk.
    """

    def __init__(self, file: SourceFile, data: bytes | None = None) -> None:
        self.file = file
        self._given = data
        self._literals = LiteralTable()
        self._located = 0

    def of(self, triple: Triple) -> Location | None:
        """Where the file states a triple: at its object, None where it does not.

        A literal is found in its own spelling, else in any that a store keeps as this one. In
        RDF/XML and JSON-LD it is the first mention of the subject.
        """
        if not self.file.format.by_terminals:
            return self._mention(triple.subject) if self._index(triple) is not None else None
        blank = isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)
        if blank or self._by_line:
            index = self._index(triple)
            return None if index is None else self._at_index(index)
        found = self.stated(triple)
        return self._at(found[0][1].start) if found else None

    def stated(self, triple: Triple) -> list[tuple[Name, Node]]:
        """The predicates and the objects by which the text states a triple without blank nodes."""
        predicates = {
            id(node): (entry.predicate, node)
            for statement in self._about(triple.subject)
            for entry in statement.entries
            if entry.predicate.text == triple.predicate.value
            for node in entry.objects
        }
        found = self._meaning([node for _, node in predicates.values()], triple.object)
        return [predicates[id(node)] for node in found]

    def states(self, quad: Quad) -> bool:
        """Whether the file states a quad, its object in any spelling that a store keeps as this one."""
        names = not isinstance(quad.subject, BlankNode) and not isinstance(quad.object, BlankNode)
        if names and self.plain and self._is_all_read:
            return bool(self.stated(quad.triple))
        return self._literals.as_stored(quad) in self._stored

    def speaks_of(self, subject: NamedNode) -> bool:
        """Whether the file says something of a subject: to ask it of many takes one look at the file."""
        if self.plain and self._is_all_read:
            return self.plain.speaks_of(subject.value)
        return subject in self._subjects

    def in_brackets(self, triple: Triple) -> list[tuple[Name, Node]]:
        """The predicates and the objects of all that may state a triple about a blank node."""
        said = [one for s in self._statements for one in _stated(s) if one[0].text == triple.predicate.value]
        found = {id(node) for node in self._meaning([node for _, node in said], triple.object)}
        return [one for one in said if id(one[1]) in found]

    def first_predicate(self, subject: Term) -> Name | None:
        """The first predicate that the text gives a subject, where it says something by one."""
        found = self._about(subject)
        return found[0].entries[0].predicate if found and found[0].entries else None

    def of_subject(self, subject: Term) -> Location | None:
        """Where the file first says something of a subject, None where it does not."""
        if not self.file.format.by_terminals:
            return self._mention(subject)
        if not isinstance(subject, BlankNode) and not self._by_line:
            found = self._about(subject)
            return self._at(found[0].start) if found else None
        ordinals = self._ordinals.get(subject)
        return self._at_index(ordinals[0]) if ordinals else None

    @cached_property
    def _data(self) -> bytes:
        return (content(self.file) if self._given is None else self._given).removeprefix(BOM)

    @cached_property
    def _text(self) -> str:
        return self._data.decode("utf-8", errors="replace")

    @cached_property
    def _quads(self) -> list[Quad]:
        return list(parse_text(self.file, self._data))

    @cached_property
    def _ordinals(self) -> Mapping[Term, list[int]]:
        """The ordinals of the quads that say something of a subject."""
        found: defaultdict[Term, list[int]] = defaultdict(list)
        for ordinal, quad in enumerate(self._quads):
            found[quad.subject].append(ordinal)
        return found

    @cached_property
    def _is_all_read(self) -> bool:
        return not any(sign in self._text for sign in _UNREAD)

    @cached_property
    def _stored(self) -> frozenset[Quad]:
        return frozenset(map(self._literals.as_stored, self._quads))

    @cached_property
    def _subjects(self) -> frozenset[Term]:
        # Of a file that is not looked at any further the quads are not kept.
        return frozenset(quad.subject for quad in parse_text(self.file, self._data))

    @cached_property
    def _statements(self) -> list[Statement]:
        trig = self.file.format is formats.TRIG
        items: list[Statement | Directive] = []
        # What stands before syntax that is not read is found all the same.
        with suppress(GrammarError, UnreadSyntaxError, QuerySyntaxError):
            items.extend(statements(self._text, trig=trig))
        names = Names(item for item in items if isinstance(item, Directive))
        return list(names.resolved(items, base=self.file.graph.value))

    def _about(self, subject: Term) -> list[Statement]:
        """The statements about a subject that has a name."""
        if isinstance(subject, NamedNode) and self.plain:
            return self.plain.about(subject.value)
        return self._by_subject.get(str(subject), [])

    @cached_property
    def plain(self) -> PlainTurtle | None:
        """The text as a document whose statements can be found by their subjects, where they can."""
        document = PlainTurtle(self._text, self.file.graph.value)
        return document if self.file.format is formats.TURTLE and document.is_plain else None

    @cached_property
    def _by_subject(self) -> dict[str, list[Statement]]:
        found: defaultdict[str, list[Statement]] = defaultdict(list)
        for statement in self._statements:
            if isinstance(statement.subject, Name):
                found[f"<{statement.subject.text}>"].append(statement)
        return found

    @property
    def _by_line(self) -> bool:
        return self.file.format in {formats.N_TRIPLES, formats.N_QUADS}

    def _at(self, offset: int) -> Location:
        self._located += 1
        if self._located > _FEW:
            line = bisect_right(self._starts, offset)
            start = self._starts[line - 1]
        else:
            line, start = self._text.count("\n", 0, offset) + 1, self._text.rfind("\n", 0, offset) + 1
        return Location(self.file.path, line, offset - start + 1, self._from(start))

    def _from(self, start: int) -> str:
        """The text of the line that starts at an offset."""
        end = self._text.find("\n", start)
        return self._text[start : end if end >= 0 else len(self._text)].removesuffix("\r")

    @cached_property
    def _starts(self) -> list[int]:
        """The offsets at which lines start."""
        return [0, *accumulate(map((1).__add__, map(len, self._text.split("\n"))))]

    def _index(self, triple: Triple) -> int | None:
        """The ordinal of the first quad that states the triple."""
        object = triple.object
        about = [
            (index, self._quads[index].object)
            for index in self._ordinals.get(triple.subject, ())
            if self._quads[index].predicate == triple.predicate
        ]
        exact = (index for index, found in about if found == object)
        kept = (index for index, found in about if self._kept(found) == self._kept(object))
        return next(exact, None) if object in {found for _, found in about} else next(kept, None)

    def _at_index(self, index: int) -> Location | None:
        if self._by_line:
            return self._at(self._stating[index]) if index < len(self._stating) else None
        number = bisect_right(self._ends, index)
        if number == len(self._ends):
            return None
        start = self._ends[number - 1] if number else 0
        statement = self._statements[number]
        return self._at(self._within(statement, self._quads[index], self._quads[start:index]))

    @cached_property
    def _stating(self) -> list[int]:
        """The offsets of the lines that state something, where each states one quad."""
        lines = zip(self._starts, self._text.split("\n"), strict=False)  # the last start is the end
        return [start for start, line in lines if line.strip() and line.lstrip()[0] != "#"]

    @cached_property
    def _ends(self) -> list[int]:
        """For each statement the ordinal of the first quad after it."""
        sizes = (_size(one.subject) + _size_of_entries(one.entries) for one in self._statements)
        return list(accumulate(sizes))

    def _within(self, statement: Statement, quad: Quad, before: list[Quad]) -> int:
        """The offset of a quad's object in its statement.

        In brackets the engine's order is not that of the text, so it is found by its predicate and
        object, and among several by how many were before.
        """
        objects = [node for predicate, node in _stated(statement) if predicate.text == quad.predicate.value]
        stated = self._meaning(objects, quad.object)
        same = sum(1 for one in before if one.predicate == quad.predicate and _alike(one.object, quad.object))
        return stated[min(same, len(stated) - 1)].start if stated else statement.start

    def _mention(self, subject: Term) -> Location | None:
        """Where a string or attribute first is an IRI: in full, by a prefix of the file, or relative."""
        if not isinstance(subject, NamedNode):
            return None
        for form in _forms(subject.value, self._text):
            if found := re.search(rf"[\"']{re.escape(form)}[\"']", self._text):
                return self._at(found.start() + 1)
        return None

    def _kept(self, term: Term) -> Term:
        return self._literals.stored(term) if isinstance(term, Literal) else term

    def _meaning(self, nodes: list[Node], object: Term) -> list[Node]:
        """The nodes that are written as the object; else those that a store keeps as it."""
        if not isinstance(object, Literal):
            return [node for node in nodes if _means(node, object)]
        written = [(node, _literal(node)) for node in nodes if isinstance(node, Value)]
        kept = self._kept(object)
        return [node for node, literal in written if literal == object] or [
            node for node, literal in written if self._kept(literal) == kept
        ]


def locate(file: SourceFile, triple: Triple) -> tuple[int, int] | None:
    """The line and column at which a file states a triple, None where it does not."""
    found = Lines(file).of(triple)
    return (found.line, found.column) if found else None


def locate_in(files: Iterable[SourceFile], triple: Triple) -> Location | None:
    """The first place in any of the files that states a triple; reads only those that may."""
    for file in files:
        if Mentions(file, content(file)).may_state(triple.subject) and (found := Lines(file).of(triple)):
            return found
    return None


class Mentions:
    """Which subjects a file of some content may speak of: where it says no, the file does not.

    To look for a name is a thousand times quicker than to read a file.
    """

    def __init__(self, file: SourceFile, data: bytes) -> None:
        self._file = file
        self._data = data
        small = data.lower()
        # Escapes, relative IRIs, and what is no Turtle may hide a name; such files are read.
        self._hides = not file.format.by_terminals or b"\\" in data or b"base" in small
        self._namespaces = set[bytes]()
        at = small.find(b"prefix")
        while at >= 0:
            if found := _PREFIX.match(data, at):
                self._namespaces.add(found[1])
            at = small.find(b"prefix", at + 1)

    def may_state(self, subject: Term) -> bool:
        """Whether the file may say something of the subject."""
        if isinstance(subject, BlankNode):
            return holds(self._file, subject)
        if not isinstance(subject, NamedNode):
            return False
        iri = subject.value.encode()
        names = (iri, *(iri[len(space) :] for space in self._namespaces if iri.startswith(space)))
        return self._hides or any(name in self._data for name in names)


def _forms(iri: str, text: str) -> Iterator[str]:
    """The ways in which JSON-LD or RDF/XML may write an IRI, the plainest first."""
    yield iri
    for end in sorted((found.end() for found in re.finditer("[/#:]", iri)), reverse=True):
        namespace = rf"(?:\{{\s*\"@id\"\s*:\s*)?\"{re.escape(iri[:end])}\""
        yield from (
            f"{prefix}:{iri[end:]}" for prefix in re.findall(rf"\"([^\"]*)\"\s*:\s*{namespace}", text)
        )
    local = re.split("[/#:]", iri)[-1]
    yield from (f"#{local}", local)


def _means(node: Node, object: Term) -> bool:
    if isinstance(object, BlankNode):
        return _is_blank(node)
    if isinstance(node, Collection):
        return not node.items and object == RDF.nil
    return isinstance(node, Name) and isinstance(object, NamedNode) and node.text == object.value


def _literal(value: Value) -> Literal:
    datatype = f"^^<{value.datatype.text}>" if value.datatype else ""
    line = f"<x:s> <x:p> {value.text}{value.language}{datatype} ."
    literal = next(iter(ox.parse(input=line, format=ox.RdfFormat.TURTLE))).object
    assert isinstance(literal, Literal)  # it was written as one
    return literal


def _alike(one: Term, other: Term) -> bool:
    """Whether two objects cannot be told apart in the text, where blank nodes have no label."""
    return one == other or (isinstance(one, BlankNode) and isinstance(other, BlankNode))


def _is_blank(node: Node) -> bool:
    labelled = isinstance(node, Name) and node.kind is Kind.BLANK_NODE
    return labelled or isinstance(node, Properties) or (isinstance(node, Collection) and bool(node.items))


def _size(node: Node) -> int:
    """The triples that a node states by its brackets."""
    if isinstance(node, Properties):
        return _size_of_entries(node.entries)
    if isinstance(node, Collection):
        return sum(2 + _size(item) for item in node.items)
    return 0


def _size_of_entries(entries: list[Entry]) -> int:
    return sum(1 + _size(node) for entry in entries for node in entry.objects)


def _stated(statement: Statement) -> Iterator[tuple[Name, Node]]:
    """Each predicate and object of a statement, those in brackets too, in the order of the text."""
    yield from _stated_by(statement.subject)
    yield from _stated_in(statement.entries)


def _stated_in(entries: list[Entry]) -> Iterator[tuple[Name, Node]]:
    for entry in entries:
        for node in entry.objects:
            yield entry.predicate, node
            yield from _stated_by(node)


def _stated_by(node: Node) -> Iterator[tuple[Name, Node]]:
    if isinstance(node, Properties):
        yield from _stated_in(node.entries)
    elif isinstance(node, Collection):
        for item in node.items:
            yield _unwritten(RDF.first, item), item
            last = item is node.items[-1]
            # The rest of the last item is the end of the list.
            yield _unwritten(RDF.rest, item), Collection([], node.end - 1, node.end) if last else node
            yield from _stated_by(item)


def _unwritten(predicate: NamedNode, item: Node) -> Name:
    """The predicate that brackets stand for."""
    return Name(predicate.value, Kind.IRI, item.start, item.start)
