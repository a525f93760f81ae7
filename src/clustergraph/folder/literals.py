"""Literals as written, where a store keeps another spelling of them.

Oxigraph rewrites what it stores: derived integer types become `xsd:integer`, `450001.00` becomes
`450001`, `dateTimeStamp` becomes `dateTime`. What speaks of spelling or datatype reads this table.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from clustergraph.folder.spelling import literal_in_language
from clustergraph.terms import XSD, DefaultGraph, GraphName, Literal, NamedNode, Quad, Term

_XSD = str(XSD)
# Spellings that the store surely keeps; whatever is not listed is asked of the store itself.
_KEPT = {
    _XSD + name: re.compile(pattern, re.ASCII)
    for name, pattern in {
        "string": r"[\s\S]*",
        "boolean": r"true|false",
        "integer": r"0|-?[1-9][0-9]*",
        "decimal": r"0|-?[1-9][0-9]*(?:\.[0-9]*[1-9])?|-?0\.[0-9]*[1-9]",
        "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "gYear": r"[0-9]{4}",
        "gYearMonth": r"[0-9]{4}-[0-9]{2}",
        "anyURI": r"[\s\S]*",
    }.items()
}
# In N-Quads: what may be rewritten (whoever takes it for such may be wrong, inside of a string), and
# each statement of a literal that has a datatype or a language. A value with a quote is never rewritten.
_TYPED = re.compile(rb'"([^"\n]*)"\^\^<([^>\n]*)>')
_CAPITAL = re.compile(rb'"@[a-z0-9-]*[A-Z]')
_STATED = re.compile(
    rb'^(\S+ \S+) ("(?:[^"\\\n]|\\.)*"(?:\^\^<[^>\n]*>|@[A-Za-z0-9-]+)) (\S+) \.$', re.MULTILINE
)
_PREDICATE = NamedNode("x:p")


class LiteralTable:
    """The literals as written behind those that a store holds.

    Filled while a dataset is loaded: `noting` passes its quads on, in the form in which a store keeps
    them, and `complete` is then given the same quads once more. Of a dataset in canonical N-Quads,
    `note` reads any number of lines at once, and `completing` each line.
    """

    def __init__(self) -> None:
        self._written: dict[str, tuple[str, ...]] = {}
        self._stored: dict[Literal, Literal] = {}
        self._scratch = ox.Store()

    def __len__(self) -> int:
        return len(self._written)

    def stored(self, literal: Literal) -> Literal:
        """The literal that a store keeps for this one."""
        datatype = literal.datatype.value
        if (kept := _KEPT.get(datatype)) and kept.fullmatch(literal.value):
            return literal
        if literal.language is not None:
            return literal if literal.language.islower() else _in_small_letters(literal)
        if not datatype.startswith(_XSD):
            return literal
        if literal not in self._stored:
            # Each has a subject of its own: a store in memory is the slower to clear, the more it once held.
            subject = NamedNode(f"x:{len(self._stored)}")
            self._scratch.add(Quad(subject, _PREDICATE, literal))
            found = next(self._scratch.quads_for_pattern(subject, None, None)).object
            assert isinstance(found, Literal)  # a literal went in
            self._stored[literal] = found
        return self._stored[literal]

    def as_stored(self, quad: Quad) -> Quad:
        """The quad as a store keeps it."""
        object = quad.object
        if not isinstance(object, Literal) or (stored := self.stored(object)) == object:
            return quad
        return Quad(quad.subject, quad.predicate, stored, quad.graph_name)

    def is_noted(self, quad: Quad, *, in_its_graph: bool = False) -> bool:
        """Whether some graph, or that of the quad, writes the object of a stored quad in another spelling."""
        return isinstance(quad.object, Literal) and _keys(quad, quad.object)[in_its_graph] in self._written

    def noting(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        """The quads as a store keeps them; what differs is noted in the table."""
        for quad in quads:
            written = quad.object
            if type(written) is not Literal or (stored := self.stored(written)) == written:
                yield quad
            else:
                for key in _keys(quad, stored):
                    self._add(key, str(written))
                yield Quad(quad.subject, quad.predicate, stored, quad.graph_name)

    def complete(self, quads: Iterable[Quad]) -> None:
        """Note the kept spellings too, where the same triple is also written in another one."""
        for quad in quads:
            if type(quad.object) is Literal and self.stored(quad.object) == quad.object:
                for key in _keys(quad, quad.object):
                    if key in self._written:
                        self._add(key, str(quad.object))

    def note(self, text: bytes) -> None:
        """Note what a store keeps in another form of some lines of canonical N-Quads."""
        if all(_is_kept(*typed) for typed in set(_TYPED.findall(text))) and not _CAPITAL.search(text):
            return
        stated = _STATED.findall(text)
        stored = _stored({literal for _, literal, _ in stated})
        for triple, literal, graph in stated:
            if literal in stored:
                key = f"{triple.decode()} {stored[literal]}"
                self._add(key, literal.decode())
                self._add(f"{key} {graph.decode()}", literal.decode())

    def completing(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Passes lines of canonical N-Quads on, noting the kept spellings as `complete` does."""
        for line in lines:
            if self._written:
                key = line[:-3].decode()
                triple, _, _ = key.rpartition(" ")
                if triple in self._written:
                    written = triple.split(" ", 2)[2]
                    self._add(triple, written)
                    if key in self._written:
                        self._add(key, written)
            yield line

    def written(
        self, subject: Term, predicate: NamedNode, stored: Term, *, graph: GraphName | None = None
    ) -> tuple[Literal, ...]:
        """The literals as written for an object that a store holds, in the order of their text.

        The stored one itself where it was kept; nothing where the object is no literal. Those of all
        graphs, or of one named `graph`.
        """
        if not isinstance(stored, Literal):
            return ()
        key = f"{subject} {predicate} {stored}"
        if graph is not None:
            key += f" {graph}"
        found = self._written.get(key)
        return tuple(sorted(map(_literal, found), key=str)) if found else (stored,)

    def copy(self) -> LiteralTable:
        """A table of its own with the same content."""
        table = LiteralTable()
        table._written |= self._written
        return table

    def as_written(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        """The quads of named graphs among those of a store, literals as written."""
        default = DefaultGraph()
        for quad in quads:
            if quad.graph_name == default:
                continue
            written = self.written(quad.subject, quad.predicate, quad.object, graph=quad.graph_name)
            if written in {(), (quad.object,)}:
                yield quad
            else:
                for literal in written:
                    yield Quad(quad.subject, quad.predicate, literal, quad.graph_name)

    def write(self, path: Path) -> None:
        """Write the table to a file: a triple or quad as stored, then its objects as written, by tabs."""
        with path.open("w", encoding="utf-8", newline="\n") as out:
            # N-Triples escapes tabs and line ends within terms.
            out.writelines(
                "\t".join((key, *written)) + "\n" for key, written in sorted(self._written.items())
            )

    @classmethod
    def read(cls, path: Path) -> LiteralTable:
        """The table that `write` wrote."""
        table = cls()
        with path.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                key, *written = line.rstrip("\n").split("\t")
                table._written[key] = tuple(written)
        return table

    def _add(self, key: str, written: str) -> None:
        known = self._written.get(key, ())
        if written not in known:
            self._written[key] = (*known, written)


def _is_kept(value: bytes, datatype: bytes) -> bool:
    """Whether the store surely keeps a literal, or would not know its datatype."""
    name = datatype.decode()
    kept = _KEPT.get(name)
    return not name.startswith(_XSD) or (kept is not None and kept.fullmatch(value.decode()) is not None)


def _stored(literals: Collection[bytes]) -> dict[bytes, str]:
    """What a store makes of those literals, in N-Triples, that it keeps in another form."""
    given = list(literals)
    scratch = ox.Store()
    lines = (b"<x:%d> <x:p> %s .\n" % numbered for numbered in enumerate(given))
    scratch.load(input=b"".join(lines), format=ox.RdfFormat.N_TRIPLES)
    found = {given[int(quad.subject.value[2:])]: str(quad.object) for quad in scratch}
    return {literal: stored for literal, stored in found.items() if stored != literal.decode()}


def _keys(quad: Quad, stored: Literal) -> tuple[str, str]:
    """The keys of a triple as stored: in the merge of all graphs, and in its own graph."""
    key = f"{quad.subject} {quad.predicate} {stored}"
    return key, f"{key} {quad.graph_name}"


def _literal(text: str) -> Literal:
    """The literal of a text in N-Triples, its language tag as it stands there."""
    parsed = ox.parse(input=f"<x:s> <x:p> {text} .", format=ox.RdfFormat.N_TRIPLES)
    literal = next(iter(parsed)).object
    assert isinstance(literal, Literal)  # `write` wrote one
    if literal.language and (found := re.search(r"@([A-Za-z0-9-]*[A-Z][A-Za-z0-9-]*)\Z", text)):
        return literal_in_language(literal.value, found[1])
    return literal


def _in_small_letters(literal: Literal) -> Literal:
    assert literal.language is not None  # the caller asked
    return Literal(literal.value, language=literal.language, direction=literal.direction)
