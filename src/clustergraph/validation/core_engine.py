"""Constraints of SHACL Core that refer to no shape: one query each, judged on literals as written.

The query judges what is stored. Where the store may have rewritten the literal (numbers, dates,
derived datatypes), what it says of that literal is replaced by a judgement of the form as written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from clustergraph.terms import RDFS, SH, Literal, NamedNode, Term
from clustergraph.validation.compile import Nodes, having, select, suspects, value_nodes, violations
from clustergraph.validation.literals import (
    is_derived,
    matches_datatype,
    may_be_rewritten,
    may_match_datatype,
)
from clustergraph.validation.paths import Path
from clustergraph.validation.patterns import is_native, matching
from clustergraph.validation.rows import Broken, Data, Row, pairs, solutions
from clustergraph.validation.shapes import CoreConstraint
from clustergraph.validation.spelling import Spelling

Judge = Callable[[Collection[Literal]], Collection[Literal]]
"""Which of some literals, as written, a constraint allows."""


class CoreEngine:
    """Evaluates one constraint after the other; remembers the subclasses it looked up."""

    def __init__(self, data: Data, spelling: Spelling) -> None:
        self._data = data
        self._spelling = spelling
        self._below: dict[NamedNode, tuple[NamedNode, ...]] = {}

    def subclasses(self, cls: NamedNode) -> tuple[NamedNode, ...]:
        """The class and all below it by rdfs:subClassOf in the data."""
        if cls not in self._below:
            rows = solutions(self._data, f"SELECT DISTINCT ?class {{ ?class {RDFS.subClassOf}* {cls} }}")
            found = {row[0] for row in rows if isinstance(row[0], NamedNode)} - {cls}
            self._below[cls] = (cls, *sorted(found, key=str))
        return self._below[cls]

    def broken(self, constraint: CoreConstraint, nodes: Nodes, path: Path | None) -> Iterator[Broken]:
        """What breaks the constraint among the nodes."""
        if constraint.component == SH.ClosedConstraintComponent:
            yield from self._closed(constraint, nodes, path)
        elif constraint.component == SH.HasValueConstraintComponent:
            yield from self._has_value(constraint, nodes, path)
        elif constraint.component == SH.PatternConstraintComponent and not is_native(constraint.arguments):
            yield from self._unmatched(constraint, nodes, path)
        elif constraint.component == SH.EqualsConstraintComponent:
            # The value is one of the path or one of the other property: the triple tells.
            for row in self._queried(constraint, nodes, path):
                is_spelled = row.value is not None and row.value != row.focus
                yield replace(row, value=self._spelling.near(row.stored, row.value)) if is_spelled else row
        else:
            yield from self._queried(constraint, nodes, path)

    def _unmatched(self, constraint: CoreConstraint, nodes: Nodes, path: Path | None) -> Iterator[Broken]:
        """What does not match a pattern that only Python's regular expressions know."""
        rows = list(pairs(self._data, select(value_nodes(nodes, path))))
        for (stored, _), (focus, value) in self._spelling.spelled(rows, nodes, path):
            text = Literal(value.value) if isinstance(value, Literal | NamedNode) else None
            if text is None or not matching([text], constraint.arguments):
                yield Broken(stored, focus, value)

    def _queried(self, constraint: CoreConstraint, nodes: Nodes, path: Path | None) -> Iterator[Broken]:
        if judge := self._judge(constraint):
            rows = list(pairs(self._data, suspects(constraint, nodes, path)))
            yield from self._spelled([row for row in rows if not _is_rewritten(row[1])], nodes, path)
            yield from self._judged(judge, [row for row in rows if _is_rewritten(row[1])], nodes, path)
        else:
            query = violations(constraint, nodes, path, self.subclasses)
            yield from self._spelled(list(pairs(self._data, query)), nodes, path)

    def _judge(self, constraint: CoreConstraint) -> Judge | None:
        """How to judge literals as written, where that can differ from judging them as stored."""
        arguments = constraint.arguments
        if constraint.component == SH.DatatypeConstraintComponent:
            datatype = arguments[0]
            assert isinstance(datatype, NamedNode)
            if not self._spelling.is_known:
                return _presumed(datatype) if is_derived(datatype) else None
            if not may_be_rewritten(Literal("", datatype=datatype)):
                return None
        elif not self._spelling.is_known or (
            constraint.component == SH.InConstraintComponent and not any(map(_is_rewritten, arguments))
        ):
            return None
        make = _JUDGES.get(constraint.component)
        return make(arguments) if make else None

    def _judged(self, judge: Judge, rows: list[Row], nodes: Nodes, path: Path | None) -> Iterator[Broken]:
        spelled = list(self._spelling.spelled(rows, nodes, path))
        allowed = judge({value for _, (_, value) in spelled if isinstance(value, Literal)})
        for (stored, _), (focus, value) in spelled:
            if value not in allowed:
                yield Broken(stored, focus, value)

    def _spelled(self, rows: list[Row], nodes: Nodes, path: Path | None) -> Iterator[Broken]:
        for (stored, _), (focus, value) in self._spelling.spelled(rows, nodes, path):
            yield Broken(stored, focus, value)

    def _has_value(self, constraint: CoreConstraint, nodes: Nodes, path: Path | None) -> Iterator[Broken]:
        query = violations(constraint, nodes, path, self.subclasses)
        yield from self._spelled(list(pairs(self._data, query)), nodes, path)
        term = constraint.arguments[0]
        if not isinstance(term, Literal) or not may_be_rewritten(term) or not self._spelling.is_known:
            return
        stored = self._spelling.stored(term)
        holders = [(focus, stored) for focus, _ in pairs(self._data, having(nodes, path, term))]
        right: dict[Term, bool] = {}
        for (focus, _), (_, value) in self._spelling.spelled(holders, nodes, path):
            right[focus] = right.get(focus, False) or value == term
        lacking: list[Row] = [(focus, None) for focus, is_right in right.items() if not is_right]
        yield from self._spelled(lacking, nodes, path)

    def _closed(self, constraint: CoreConstraint, nodes: Nodes, path: Path | None) -> Iterator[Broken]:
        query = violations(constraint, nodes, path, self.subclasses)
        for stored, value, predicate, *node in solutions(self._data, query):
            assert stored is not None
            assert isinstance(predicate, NamedNode)
            subject = node[0] if node and node[0] is not None else stored
            yield Broken(stored, stored, self._spelling.of(subject, predicate, value), predicate)


def _is_rewritten(term: Term | None) -> bool:
    return isinstance(term, Literal) and may_be_rewritten(term)


def _datatype(arguments: tuple[Term, ...]) -> Judge:
    datatype = arguments[0]
    assert isinstance(datatype, NamedNode)
    return lambda literals: {literal for literal in literals if matches_datatype(literal, datatype)}


def _presumed(datatype: NamedNode) -> Judge:
    # Nobody kept the derived datatype that was written; its base is taken for it where the value fits.
    return lambda literals: {literal for literal in literals if may_match_datatype(literal, datatype)}


def _length(is_allowed: Callable[[int, int], bool]) -> Callable[[tuple[Term, ...]], Judge]:
    def make(arguments: tuple[Term, ...]) -> Judge:
        bound = arguments[0]
        assert isinstance(bound, Literal)
        return lambda literals: {
            found for found in literals if is_allowed(len(found.value), int(bound.value))
        }

    return make


def _in(arguments: tuple[Term, ...]) -> Judge:
    allowed = {term for term in arguments if isinstance(term, Literal)}
    return allowed.intersection


def _pattern(arguments: tuple[Term, ...]) -> Judge:
    return lambda literals: matching(literals, arguments)


_JUDGES: Mapping[NamedNode, Callable[[tuple[Term, ...]], Judge]] = {
    SH.DatatypeConstraintComponent: _datatype,
    SH.MinLengthConstraintComponent: _length(int.__ge__),
    SH.MaxLengthConstraintComponent: _length(int.__le__),
    SH.InConstraintComponent: _in,
    SH.PatternConstraintComponent: _pattern,
}
