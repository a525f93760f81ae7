"""Edits of N-Triples and N-Quads, where a line is a statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from clustergraph.contribution.fixes.syntaxes.replacement import Replacement, Way, line_end
from clustergraph.sparql.terminals import Kind, Token, tokens
from clustergraph.terms import RDF, Quad, Triple

# A line ends at either sign, or at several of them (N-Triples §2, EOL).
_LINE = re.compile(r"[^\r\n]+")


class StatementLines:
    """A document of N-Triples or N-Quads with the quads of its lines."""

    def __init__(self, text: str, quads: Sequence[Quad]) -> None:
        self._text = text
        self._quads = quads
        self._starts = list(_statements(text))

    def ways(self, old: Triple, new: Triple) -> Iterator[Way]:
        """The term that differs, in all lines that state the triple at once."""
        found = [self._replacement(start, old, new) for start, quad in self._stated() if quad.triple == old]
        if found:
            yield tuple(found)

    def typings(self, triple: Triple) -> Iterator[Way]:
        """A line of its own before the first about the subject, in the same graph."""
        for start, quad in self._stated():
            if quad.subject == triple.subject:
                parts = self._parts(start)
                graph = "".join(f"{self._text[s:e]} " for s, e in parts[3:])
                subject = self._text[slice(*parts[0])]
                line = f"{subject} {RDF.type} {triple.object} {graph}.{line_end(self._text)}"
                yield (Replacement(start, start, line),)
                return

    def _stated(self) -> Iterator[tuple[int, Quad]]:
        return zip(self._starts, self._quads, strict=True)

    def _replacement(self, start: int, old: Triple, new: Triple) -> Replacement:
        is_renamed = old.object == new.object
        place = self._parts(start)[1 if is_renamed else 2]
        return Replacement(*place, str(new.predicate if is_renamed else new.object))

    def _parts(self, start: int) -> list[tuple[int, int]]:
        """The places of subject, predicate, object and, where it is given, graph."""
        line = _LINE.match(self._text, start)
        assert line is not None  # it states something
        return [(start + s, start + e) for s, e in _terms(list(tokens(line[0], turtle=True)))]


def _statements(text: str) -> Iterator[int]:
    """The offsets of the lines that state something."""
    for line in _LINE.finditer(text):
        if line[0].strip() and line[0].lstrip()[0] != "#":
            yield line.start()


def _terms(found: list[Token]) -> Iterator[tuple[int, int]]:
    """The places of the terms before the dot; a literal with its language or datatype."""
    index = 0
    while index < len(found) and found[index].text != ".":
        start, last = found[index].start, index
        behind = found[index + 1 : index + 3]
        if found[index].kind is Kind.STRING and behind and behind[0].kind is Kind.LANGUAGE:
            last = index + 1
        elif found[index].kind is Kind.STRING and len(behind) == 2 and behind[0].text == "^^":
            last = index + 2
        yield start, found[last].end
        index = last + 1
