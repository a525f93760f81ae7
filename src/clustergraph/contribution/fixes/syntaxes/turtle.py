"""Edits of Turtle and TriG: found by the grammar, in the names that the document declares."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import takewhile

from clustergraph.contribution.fixes.syntaxes.replacement import Replacement, Way, line_end
from clustergraph.folder import SourceFile
from clustergraph.folder.lines import Lines
from clustergraph.folder.names import Names
from clustergraph.folder.turtle import Directive, Name, Node, Statement, UnreadSyntaxError, statements
from clustergraph.sparql.terminals import Kind
from clustergraph.terms import RDF, XSD, BlankNode, Literal, NamedNode, Term, Triple
from clustergraph.validation.literals import is_well_typed


class TurtleText:
    """A document of Turtle or TriG."""

    def __init__(self, file: SourceFile, data: bytes, text: str) -> None:
        self._text = text
        self._lines = Lines(file, data)
        # What is declared behind the first statement may mean something else before it.
        items = statements(text, trig=file.format.graphs)
        head: list[Statement | Directive] = []
        with suppress(UnreadSyntaxError):  # that first statement may be of RDF 1.2
            head.extend(takewhile(lambda item: isinstance(item, Directive), items))
        self._names = Names(item for item in head if isinstance(item, Directive))

    def ways(self, old: Triple, new: Triple) -> Iterator[Way]:
        """All places of the triple at once; of one about a blank node each place that may be its."""
        places = self._lines.stated(old)
        if isinstance(old.subject, BlankNode):
            yield from ((self._replacement(place, old, new),) for place in self._lines.in_brackets(old))
        elif places:
            yield tuple(dict.fromkeys(self._replacement(place, old, new) for place in places))

    def typings(self, triple: Triple) -> Iterator[Way]:
        """The type before what is said of the subject first."""
        first = self._lines.first_predicate(triple.subject)
        if first is not None:
            text = f"a {self._written(triple.object)} ;{line_end(self._text)}    "
            yield (Replacement(first.start, first.start, text),)

    def _replacement(self, place: tuple[Name, Node], old: Triple, new: Triple) -> Replacement:
        predicate, object = place
        node: Name | Node = predicate if old.object == new.object else object
        term = new.predicate if node is predicate else new.object
        return Replacement(node.start, node.end, self._written(term))

    def _written(self, term: Term) -> str:
        """The term as the document would write it, with its prefixes."""
        names = self._names
        if isinstance(term, NamedNode):
            return "a" if term == RDF.type else names.written(Name(term.value, Kind.IRI, 0, 0))
        if isinstance(term, Literal) and not term.language:
            if term.datatype in {XSD.integer, XSD.boolean} and is_well_typed(term):
                return term.value
            text = str(Literal(term.value))
            datatype = names.written(Name(term.datatype.value, Kind.IRI, 0, 0))
            return text if term == Literal(term.value) else f"{text}^^{datatype}"
        assert not isinstance(term, BlankNode)  # no candidate adds one
        return str(term)
