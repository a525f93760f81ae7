"""The saved queries whose answers a change alters, and the rows in which they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from clustergraph.catalogue import Catalogue, Parameter, SavedQuery
from clustergraph.contribution.blank import Contents, by_content
from clustergraph.errors import ClusterGraphError, QueryRefusedError
from clustergraph.sparql.bind import bind
from clustergraph.sparql.results import Boolean, Solution, Solutions
from clustergraph.sparql.solutions import solutions_behind
from clustergraph.store import Store
from clustergraph.terms import Literal, Term, compact

_Terms = Mapping[str, list[Term]]

# A query that changes with one argument is asked with each of so many others.
MOST_ARGUMENTS = 500
# Of an answer with more rows only that it is too large to compare is said.
MOST_ROWS = 100_000
# Answers of more rows are asked for again with the next change.
_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class Alteration:
    """A row of which some cells changed."""

    before: Solution
    after: Solution


@dataclass(frozen=True)
class AnswerChange:
    """A saved query with its arguments, and how the change alters its answer.

    The rows are those of a table; the triples of a graph are rows of three cells, a truth value is
    one row of one cell. What is only in another order is no difference.
    """

    query: str
    summaries: Mapping[str, str]
    arguments: Mapping[str, tuple[str, ...]]
    columns: tuple[str, ...]
    gained: tuple[Solution, ...] = ()
    lost: tuple[Solution, ...] = ()
    altered: tuple[Alteration, ...] = ()


@dataclass(frozen=True, slots=True)
class Uncompared:
    """A saved query whose answers were not compared, and why."""

    query: str
    reason: str


Answered = tuple[tuple[str, ...], Counter[Solution]]
"""The columns of an answer, and its rows with how often each comes."""


@dataclass(frozen=True)
class Stores:
    """What is asked before and after a change: closures, and their blank nodes by content.

    `known` are answers of the first by the text of their query, and takes in more of them.
    """

    before: Store
    after: Store
    blank_nodes: tuple[Contents, Contents]
    known: dict[str, Answered] = field(default_factory=dict)

    def answered_before(self, text: str) -> Answered:
        """The answer before the change."""
        if self.blank_nodes[0]:
            return _rows(self.before, text, self.blank_nodes[0])
        found = self.known.get(text) or _rows(self.before, text, {})
        if len(found[1]) <= _REMEMBERED:
            self.known[text] = found
        return found


def changed_answers(
    catalogue: Catalogue, stores: Stores
) -> tuple[tuple[AnswerChange, ...], tuple[Uncompared, ...]]:
    """Each saved query whose answer changes, and those that could not be compared.

    Required parameters have their example as argument, others their default, or none. One that takes
    things of a class or concepts of a scheme is then tried with each of these.
    """
    changes, uncompared = list[AnswerChange](), [Uncompared(p.path.stem, str(p)) for p in catalogue.problems]
    for query in catalogue.queries:
        try:
            for change in _compared(query, stores):
                changes.append(change)  # those before an error are kept
        except _UncomparableError as error:
            uncompared.append(Uncompared(query.name, error.reason))
        except ClusterGraphError as error:
            uncompared.append(Uncompared(query.name, str(error)))
    return tuple(changes), tuple(uncompared)


def recall(query: SavedQuery, store: Store, known: dict[str, Answered]) -> None:
    """Take into `known` the answers of a store that a comparison is going to ask for."""
    with suppress(_UncomparableError, ClusterGraphError):
        for _ in _compared(query, Stores(store, store, ({}, {}), known)):
            pass  # a store does not differ from itself


class _UncomparableError(Exception):
    """Why an answer cannot be compared."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def _compared(query: SavedQuery, stores: Stores) -> Iterator[AnswerChange]:
    if query.outline.is_volatile:
        raise _UncomparableError("it asks for the time or for chance, so that no two answers are the same")
    arguments: dict[str, tuple[str, ...]] = {}
    for name, parameter in query.parameters.items():
        if parameter.required and not parameter.default:
            if not parameter.example:
                raise _UncomparableError(f"its parameter {name} is required and has no example")
            arguments[name] = parameter.example
    terms = _terms(query, arguments, stores)
    if (found := _difference(query, arguments, terms, stores)) is not None:
        yield found
    for name in arguments:
        if query.parameters[name].takes_iris:
            others = _with_others(query, query.parameters[name], arguments, terms, stores)
            yield from (change for change in others if change is not None)


def _terms(query: SavedQuery, arguments: Mapping[str, tuple[str, ...]], stores: Stores) -> _Terms:
    # A change may bring or take the thing that an argument names.
    try:
        return query.terms(arguments, stores.after)
    except ClusterGraphError:
        return query.terms(arguments, stores.before)


def _with_others(
    query: SavedQuery,
    parameter: Parameter,
    arguments: Mapping[str, tuple[str, ...]],
    terms: _Terms,
    stores: Stores,
) -> Iterator[AnswerChange | None]:
    """The differences with each other argument of a parameter.

    The solutions behind the answers are asked of all at once first: mostly none of them changes.
    """
    choices = dict.fromkeys([*parameter.choices(stores.before), *parameter.choices(stores.after)])
    given = set(terms.get(parameter.variable, ()))
    others = [choice for choice in choices if choice not in given]
    if not others:
        return
    behind = solutions_behind(query.outline, parameter.variable)
    if behind is not None:
        with suppress(QueryRefusedError, _UncomparableError):
            if _changed(bind(behind, {**terms, parameter.variable: others}), stores) is None:
                return
    if len(others) > MOST_ARGUMENTS:
        problem = (
            f"its answers change, or may, with others of the {len(others):,} arguments of {parameter.name}"
        )
        raise _UncomparableError(problem)
    for other in others:
        name = getattr(other, "value", str(other))
        told = {**arguments, parameter.name: (compact(name, query.settings.prefixes) or name,)}
        yield _difference(query, told, {**terms, parameter.variable: [other]}, stores)


def _difference(
    query: SavedQuery, arguments: Mapping[str, tuple[str, ...]], terms: _Terms, stores: Stores
) -> AnswerChange | None:
    found = _changed(bind(query.outline, terms), stores)
    if found is None:
        return None
    columns, lost, gained = found
    altered = list(_paired(lost, gained))
    return AnswerChange(
        query.name,
        query.summaries,
        arguments,
        columns,
        tuple(sorted(gained, key=_order)),
        tuple(sorted(lost, key=_order)),
        tuple(sorted(altered, key=lambda one: _order(one.before))),
    )


def _changed(text: str, stores: Stores) -> tuple[tuple[str, ...], list[Solution], list[Solution]] | None:
    """The columns of an answer with the rows that it loses and gains; None where it does neither."""
    columns, before = stores.answered_before(text)
    if stores.after is stores.before:
        return None
    _, after = _rows(stores.after, text, stores.blank_nodes[1])
    lost, gained = list((before - after).elements()), list((after - before).elements())
    return (columns, lost, gained) if lost or gained else None


def _rows(store: Store, text: str, known: Contents) -> Answered:
    answer = store.query(text)
    if isinstance(answer, Boolean):
        return ("answer",), Counter([(Literal(bool(answer)),)])
    rows: Iterable[Solution]
    if isinstance(answer, Solutions):
        columns, rows = answer.variables, answer
    else:
        columns = ("subject", "predicate", "object")
        rows = ((t.subject, t.predicate, t.object) for t in answer)
    counted: Counter[Solution] = Counter()
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            raise _UncomparableError(f"its answer has more than {MOST_ROWS:,} rows")
        counted[tuple(t if t is None else by_content(t, known) for t in row)] += 1
    return columns, counted


def _paired(lost: list[Solution], gained: list[Solution]) -> Iterator[Alteration]:
    """The rows that are lost and gained in one, taken out of both lists.

    Two rows are one that changed where they begin alike and share at least half of their cells, and
    no other row is a better match.
    """
    by_first: dict[Term | None, list[Solution]] = {}
    for row in gained:
        by_first.setdefault(row[0] if row else None, []).append(row)
    for row in list(lost):
        candidates = by_first.get(row[0] if row else None, [])
        if not candidates:
            continue
        best = max(candidates, key=lambda other: _shared(row, other))
        if 2 * _shared(row, best) >= len(row) > 1:
            candidates.remove(best)
            lost.remove(row)
            gained.remove(best)
            yield Alteration(row, best)


def _shared(row: Solution, other: Solution) -> int:
    return sum(one == two for one, two in zip(row, other, strict=True))


def _order(row: Solution) -> tuple[str, ...]:
    return tuple(str(term) for term in row)
