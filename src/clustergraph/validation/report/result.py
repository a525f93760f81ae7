"""The report: what validation found, as frozen data, in a stable order."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from clustergraph.terms import SH, BlankNode, Literal, NamedNode, Resource, Term, Triple
from clustergraph.validation.paths import Path, write_path


class Severity(StrEnum):
    """The severities that SHACL names, worst first; a shape may name others of its own."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"

    @classmethod
    def of(cls, severity: NamedNode) -> Severity:
        """The standard severity; one that is not of SHACL counts as a violation."""
        return _LEVELS.get(severity, cls.VIOLATION)


_LEVELS = {NamedNode(f"{SH}{severity}"): severity for severity in Severity}
_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class State(StrEnum):
    """What a change does to a result: it brings it, takes it away, or leaves it."""

    NEW = "new"
    FIXED = "fixed"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Edit:
    """Text that takes the place of a region of a file; lines and columns count from 1, end exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that makes a result go away: the triples removed and added, and the edits of files."""

    descriptions: tuple[Literal, ...]
    removed: tuple[Triple, ...] = ()
    added: tuple[Triple, ...] = ()
    edits: tuple[Edit, ...] = ()

    def patch(self) -> str:
        """The fix as an RDF patch: `D` and `A` lines."""
        lines = [f"D {triple} ." for triple in self.removed] + [f"A {triple} ." for triple in self.added]
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result (SHACL §3.6.2).

    `constraint` is the constraint component, `shape` the shape that was broken and `within` the
    nearest shape around it that has a name. `expected` are the terms that the constraint names.
    `messages` are the words of the shapes (`sh:message`), `explanations` those made here, one a
    language. What follows is filled where it is known: the source text (`line` and `column` count
    from 1, `excerpt` is the line's text), fixes, and what a change does to the result.
    """

    focus: Term
    path: Path | None
    value: Term | None
    shape: Resource
    constraint: NamedNode
    severity: NamedNode = SH.Violation
    messages: tuple[Literal, ...] = ()
    explanations: tuple[Literal, ...] = ()
    within: Resource | None = None
    source_constraint: Resource | None = None
    expected: tuple[Term, ...] = ()
    file: str | None = None
    line: int | None = None
    column: int | None = None
    excerpt: str | None = None
    fixes: tuple[Fix, ...] = ()
    state: State | None = None

    @property
    def level(self) -> Severity:
        """The severity as one of the standard three."""
        return Severity.of(self.severity)

    def sort_key(self) -> tuple[int, str, str, str, str, str, str]:
        """Worst first, then by focus node, path, component and value."""
        return (
            _RANKS[self.level],
            str(self.focus),
            write_path(self.path) if self.path is not None else "",
            self.constraint.value,
            str(self.value),
            str(self.shape),
            str(self.source_constraint),
        )


@dataclass(frozen=True, slots=True)
class Untouched:
    """A class whose instances no shape looks at, and how many they are."""

    cls: NamedNode | BlankNode
    instances: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the report does not speak of.

    `untargeted`: shapes that have no target and that no other shape refers to. `idle`: shapes whose
    targets select no node of the data. `untouched`: classes in the data none of whose instances is
    a focus node. `undefined`: shapes that others refer to and nothing defines.
    """

    untargeted: tuple[Resource, ...] = ()
    idle: tuple[Resource, ...] = ()
    untouched: tuple[Untouched, ...] = ()
    undefined: tuple[Resource, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """What one source says: the node that states it, its graph, the figure, and where it stands."""

    node: Resource
    graph: NamedNode | BlankNode
    figure: tuple[tuple[NamedNode, Term], ...]
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """Claims of different sources that give different figures of one thing: no error, but to be seen.

    `about` are the things, `indicator` what is measured; both have labels in the report.
    """

    about: tuple[Term, ...]
    indicator: tuple[Term, ...]
    claims: tuple[Claim, ...]
    state: State | None = None

    def sort_key(self) -> tuple[list[str], ...]:
        """By what it is about, whatever order a store gives the claims in."""
        claims = [f"{claim.node} {claim.graph}" for claim in self.claims]
        return [str(term) for term in self.about], [str(term) for term in self.indicator], claims


@dataclass(frozen=True, slots=True)
class Report:
    """What `validate` gives: the results, what was not covered, and labels to show them with.

    `coverage` is None where the engine does not tell, `evaluated` are the shapes that have targets.
    In the report of a change (`is_change`) each result has a state. `disputes` break nothing.
    """

    results: tuple[Result, ...] = ()
    coverage: Coverage | None = None
    labels: Mapping[Term, tuple[Literal, ...]] = field(default_factory=dict)
    evaluated: tuple[Resource, ...] = ()
    is_change: bool = False
    disputes: tuple[Dispute, ...] = ()

    @property
    def conforms(self) -> bool:
        """Whether there is no result of any severity (SHACL §3.6.1.1); of a change, no new one."""
        return not (self.of(State.NEW) if self.is_change else self.results)

    def of(self, state: State) -> tuple[Result, ...]:
        """The results that a change brings, takes away or leaves."""
        return tuple(result for result in self.results if result.state is state)

    @property
    def disputed(self) -> tuple[Dispute, ...]:
        """The disputes to be shown: all, or of a change those that it brings."""
        return tuple(one for one in self.disputes if one.state in {None, State.NEW})

    def counts(self) -> dict[Severity, int]:
        """How many results there are of each standard severity; those that a change fixes are gone."""
        found = dict.fromkeys(Severity, 0)
        for result in self.results:
            if result.state is not State.FIXED:
                found[result.level] += 1
        return found


Found = TypeVar("Found", Result, Dispute)


def in_order(found: Iterable[Found], more: Iterable[Found] | None = None) -> tuple[Found, ...]:
    """The results, or disputes, in their stable order.

    With `more`, a few that come among many, the first are in their order already.
    """
    if more is None:
        return tuple(sorted(found, key=_sort_key))
    ordered = list(found)
    for one in more:
        insort(ordered, one, key=_sort_key)
    return tuple(ordered)


def _sort_key(found: Result | Dispute) -> tuple[object, ...]:
    return found.sort_key()
