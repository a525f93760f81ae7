"""A batch as SPARQL text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clustergraph.inference.batch import Batch, Row
from clustergraph.inference.rule import Atom, Condition, Place, Test
from clustergraph.inference.valuespace import DATATYPES
from clustergraph.terms import RDF, XSD, NamedNode, Variable


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a store keeps the closure and the steps it was derived in.

    `apart`: each triple is in exactly one named graph, that of its step, and the default graph is
    empty. Otherwise the default graph is the closure, and the graph of a step a second copy; or the graph
    `whole`, where a store is shared with others.
    `rewritten`: literals may have been written otherwise than they are stored, so that an ill-typed
    `"300"^^xsd:byte` may look like a sound integer.
    """

    prefix: str
    apart: bool
    rewritten: bool = False
    whole: NamedNode | None = None

    def step(self, number: int) -> NamedNode:
        """The graph of a step."""
        return NamedNode(f"{self.prefix}{number}")

    def closure(self, atom: Atom, graph: str) -> str:
        """A pattern that matches `atom` anywhere in the closure."""
        if self.whole is not None:
            return f"GRAPH {self.whole} {{ {text(atom)} }}"
        return f"GRAPH ?{graph} {{ {text(atom)} }}" if self.apart else f"{{ {text(atom)} }}"

    def delta(self, atom: Atom, step: int) -> str:
        """A pattern that matches `atom` among what a step derived."""
        return f"GRAPH {self.step(step)} {{ {text(atom)} }}"

    def insertion(self, head: Atom, step: int) -> str:
        """The template of an INSERT that adds `head` as derived in `step`."""
        copy = "" if self.apart else f"{text(head)} . "
        return f"{copy}GRAPH {self.step(step)} {{ {text(head)} }}"


@dataclass(frozen=True, slots=True)
class Delta:
    """What is new to a batch: the atom at `position` was derived in one of `steps`.

    Where the delta is large (`hashed`) the other atoms are read once and joined; otherwise they are
    looked up for each of its rows.
    """

    position: int
    steps: tuple[int, ...]
    hashed: bool = False


@dataclass(frozen=True, slots=True)
class _Start:
    """The atom that a join begins with, in the step that it was derived in; None: anywhere."""

    position: int = 0
    step: int | None = None
    hashed: bool = True


def text(atom: Atom) -> str:
    """`atom` in SPARQL."""
    return f"{atom.subject} {atom.predicate} {atom.object}"


def conclusions(layout: Layout, batch: Batch, bodies: str, *, hashed: bool) -> str:
    """The WHERE of an INSERT or CONSTRUCT: each new conclusion of `bodies` once.

    What is known is looked up for each row. Where many matches share a conclusion this is slow for
    things with many triples, since Oxigraph pushes the filter below DISTINCT; so large joins of that
    kind (`hashed`) read what is known once instead, with MINUS.
    """
    assert batch.head is not None
    head = batch.head
    known = layout.closure(head, "h")
    if set(head.variables) >= set(_variables(batch)):
        return f"{bodies} FILTER NOT EXISTS {{ {known} }}"
    names = " ".join(map(str, dict.fromkeys(head.variables))) or "*"
    distinct = f"{{ SELECT DISTINCT {names} WHERE {{ {bodies} }} }}"
    if hashed and head.variables and not isinstance(head.predicate, Variable):
        return f"{distinct} MINUS {{ {known} }}"
    return f"{distinct} FILTER NOT EXISTS {{ {known} }}"


def heads(batch: Batch, bodies: str) -> str:
    """The query for all conclusions of `bodies`, known or not: one column a variable of the head."""
    assert batch.head is not None
    names = " ".join(map(str, dict.fromkeys(batch.head.variables))) or "(true AS ?holds)"
    return f"SELECT DISTINCT {names} WHERE {{ {bodies} }}"


def clashes(batch: Batch, bodies: str) -> str:
    """The query for what matches a contradiction."""
    names = " ".join(map(str, batch.rules[0].variables)) or "(true AS ?holds)"
    return f"SELECT DISTINCT {names} WHERE {{ {bodies} }}"


def everywhere(layout: Layout, batch: Batch, rows: Sequence[Row]) -> str:
    """The body of a batch over the whole closure."""
    return " ".join((_values(batch, rows), _join(layout, batch, _Start()), _filters(layout, batch)))


def from_delta(layout: Layout, batch: Batch, rows: Sequence[Row], delta: Delta) -> str:
    """The body of a batch over what is new to it.

    The delta comes first, and each step is a branch of its own, so that no optimiser can start from
    the closure instead.
    """
    values = _values(batch, rows)
    filters = _filters(layout, batch)
    starts = (_Start(delta.position, step, delta.hashed) for step in delta.steps)
    branches = [" ".join((values, _join(layout, batch, start), filters)) for start in starts]
    return branches[0] if len(branches) == 1 else " UNION ".join(f"{{ {branch} }}" for branch in branches)


def _variables(batch: Batch) -> tuple[Variable, ...]:
    return tuple(dict.fromkeys(variable for atom in batch.body for variable in atom.variables))


def _values(batch: Batch, rows: Sequence[Row]) -> str:
    if not batch.parameters:
        return ""
    names = " ".join(map(str, batch.parameters))
    table = " ".join(f"({' '.join(map(str, row))})" for row in rows)
    return f"VALUES ({names}) {{ {table} }}"


def _join(layout: Layout, batch: Batch, start: _Start) -> str:
    """The atoms in an order where each shares a variable with those before it, if there is one.

    An atom that binds nothing new is a FILTER EXISTS: one look-up for each row.
    """
    waiting = list(batch.body)
    first = waiting.pop(start.position)
    patterns = [layout.closure(first, "g0") if start.step is None else layout.delta(first, start.step)]
    bound = {*batch.parameters, *first.variables}
    exists: list[str] = []
    number = 0
    while waiting:
        number += 1
        atom = max(waiting, key=lambda one: (_known(one, bound), one.predicate != RDF.type))
        waiting.remove(atom)
        pattern = layout.closure(atom, f"g{number}")
        if bound.issuperset(atom.variables):
            exists.append(f"FILTER EXISTS {{ {pattern} }}")
        elif start.hashed:
            names = " ".join(map(str, dict.fromkeys(atom.variables)))
            patterns.append(f"{{ SELECT {names} WHERE {{ {pattern} }} }}")
        else:
            patterns.append(pattern)
        bound.update(atom.variables)
    return " ".join((*patterns, *exists))


def _known(atom: Atom, bound: set[Variable]) -> int:
    places: tuple[Place, ...] = (atom.subject, atom.object)
    return sum(1 for place in places if not isinstance(place, Variable) or place in bound)


def _filters(layout: Layout, batch: Batch) -> str:
    filters = [_condition(layout, condition) for condition in batch.conditions]
    head = batch.head
    if head is not None and isinstance(head.subject, Variable):
        objects = {atom.object for atom in batch.body}
        subjects = {atom.subject for atom in batch.body}
        if head.subject in objects and head.subject not in subjects:
            filters.append(f"FILTER(!isLiteral({head.subject}))")
    return " ".join(filters)


def _condition(layout: Layout, condition: Condition) -> str:
    """The part of a condition that SPARQL can test; values are compared in `fixpoint`."""
    terms = condition.terms
    match condition.test:
        case Test.DIFFER:
            return f"FILTER(!sameTerm({terms[0]}, {terms[1]}))"
        case Test.UNEQUAL:
            one, other = terms
            return (
                f"FILTER(isLiteral({one}) && isLiteral({other}) && !sameTerm({one}, {other})"
                f" && STR({one}) <= STR({other}))"
            )
        case Test.OUTSIDE:
            inside = _surely_inside(*terms, rewritten=layout.rewritten)
            return f"FILTER(isLiteral({terms[0]}) && !COALESCE({inside}, false))"
        case Test.INSIDE:
            return f"FILTER(isLiteral({terms[0]}))"
        case Test.RESOURCES:
            return f"FILTER({' && '.join(f'!isLiteral({term})' for term in terms)})"


def _surely_inside(literal: Place, datatype: Place, *, rewritten: bool) -> str:
    """An expression that is true only of literals in the value space: it spares most the slow test.

    A comparison of a literal with itself would not tell: Oxigraph simplifies it.
    """
    known = DATATYPES[datatype]  # type: ignore[index]  # the compiler lets only known datatypes through
    name = known.iri
    plain = f"DATATYPE({literal}) = {name}"
    if rewritten and known.kind in ("real", "time"):
        return "false"
    if known.kind == "real":
        datatypes = f"{_INTEGER}" if known.whole else f"{_INTEGER}, {name}"
        checks = [f"DATATYPE({literal}) IN ({datatypes})", f"isNumeric({literal})"]
        checks += [f"{literal} >= {known.low}"] if known.low is not None else []
        checks += [f"{literal} <= {known.high}"] if known.high is not None else []
        return " && ".join(checks)
    return f"{plain} && {_SOUND[name].format(literal)}" if name in _SOUND else "false"


# What is true of a literal of the datatype only if it is well-formed, where SPARQL can tell.
_SOUND = {
    **dict.fromkeys((XSD.string, XSD.anyURI, RDF.langString), "true"),
    **dict.fromkeys((XSD.float, XSD.double), "isNumeric({0})"),
    **dict.fromkeys((XSD.dateTime, XSD.date, XSD.gYear, XSD.gYearMonth), "YEAR({0}) > -1000000"),
    XSD.boolean: "({0} = true || {0} = false)",
}
_INTEGER = XSD.integer
