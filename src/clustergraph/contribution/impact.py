"""The impact of a change: which results are new, which are fixed, which were there already.

Two results are the same where focus node, path, component, shape and value are, blank nodes by their
content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from clustergraph.contribution.blank import Contents, by_content
from clustergraph.terms import Term
from clustergraph.validation import Report, Result
from clustergraph.validation.report.result import Dispute, Found, State, in_order

_Identity = tuple[object, ...]
_Identities = Callable[[Iterable[Found], Contents], list[_Identity]]


def compared(before: Report, after: Report, blank_nodes: tuple[Contents, Contents] = ({}, {})) -> Report:
    """The second report, its results with the states that the first one gives them.

    What was fixed has no place in the files of the second.
    """
    results, fixed = _stated(before.results, after.results, _identities, blank_nodes)
    disputes, settled = _stated(before.disputes, after.disputes, _keys, blank_nodes)
    return replace(
        after,
        results=in_order(
            results, [replace(r, file=None, line=None, column=None, excerpt=None) for r in fixed]
        ),
        labels={**before.labels, **after.labels},
        is_change=True,
        disputes=in_order(disputes, settled),
    )


def without(report: Report, part: Report) -> Report:
    """The report without the results and disputes of another on a part of the same data."""
    return replace(
        report,
        results=tuple(_left(report.results, part.results, _identities, lambda one: one.focus)),
        disputes=tuple(_left(report.disputes, part.disputes, _keys, lambda one: one.about)),
    )


def together(report: Report, part: Report) -> Report:
    """The report with the results and disputes of another on another part of the same data."""
    return replace(
        part,
        results=in_order(report.results, part.results),
        labels={**report.labels, **part.labels},
        disputes=in_order(report.disputes, part.disputes),
    )


def _left(
    found: Iterable[Found],
    part: Sequence[Found],
    identities: _Identities[Found],
    about: Callable[[Found], object],
) -> Iterator[Found]:
    """What is found without a part of it; only what is about the same is compared."""
    gone, known = Counter(identities(part, {})), set(map(about, part))
    for one in found:
        if about(one) in known and gone[identity := identities([one], {})[0]]:
            gone[identity] -= 1
        else:
            yield one


def _stated(
    before: Sequence[Found],
    after: Sequence[Found],
    identities: _Identities[Found],
    blank_nodes: tuple[Contents, Contents],
) -> tuple[list[Found], list[Found]]:
    """What the second report has, new or present, and what only the first had: it is fixed.

    What the second took over from the first needs no comparison, but for blank nodes.
    """
    kept = set(map(id, before)).intersection(map(id, after)) if not any(blank_nodes) else set[int]()
    old, new = ([one for one in found if id(one) not in kept] for found in (before, after))
    old_identities, new_identities = map(identities, (old, new), blank_nodes)
    common = Counter(old_identities) & Counter(new_identities)
    left, fixed = common.copy(), list[Found]()
    for one, identity in zip(old, old_identities, strict=True):
        if left[identity]:
            left[identity] -= 1
        else:
            fixed.append(replace(one, state=State.FIXED))
    states = dict.fromkeys(kept, State.PRESENT)
    for one, identity in zip(new, new_identities, strict=True):
        states[id(one)] = State.PRESENT if common[identity] else State.NEW
        common[identity] -= bool(common[identity])
    stated = (states[id(one)] for one in after)
    return [
        one if one.state is state else replace(one, state=state)
        for one, state in zip(after, stated, strict=True)
    ], fixed


def _identities(results: Iterable[Result], known: Contents) -> list[_Identity]:
    return [
        (one.path, one.constraint, *_by_content((one.focus, one.shape, one.value), known)) for one in results
    ]


def _keys(disputes: Iterable[Dispute], known: Contents) -> list[_Identity]:
    return [
        (
            one.about,
            one.indicator,
            frozenset((*_by_content((c.node,), known), c.graph, c.figure) for c in one.claims),
        )
        for one in disputes
    ]


def _by_content(terms: tuple[Term | None, ...], known: Contents) -> tuple[Term | None, ...]:
    return tuple(t if t is None else by_content(t, known) for t in terms) if known else terms
