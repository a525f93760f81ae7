"""The impact of a change: which results are new, which are fixed, which were there already.

Two results are the same where focus node, path, component, shape and value are, blank nodes by their
content.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from clustergraph.contribution.blank import Contents, by_content
from clustergraph.validation import Report, Result
from clustergraph.validation.report.result import Dispute, State, disputes_in_order, in_order


def compared(before: Report, after: Report, blank_nodes: tuple[Contents, Contents] = ({}, {})) -> Report:
    """The second report, its results with the states that the first one gives them.

    What was fixed has no place in the files of the second.
    """
    old, new = (
        Counter(_identity(result, known) for result in report.results)
        for report, known in zip((before, after), blank_nodes, strict=True)
    )
    common = old & new
    results = [
        *_stated(after, blank_nodes[1], common, (State.PRESENT, State.NEW)),
        *(
            replace(result, file=None, line=None, column=None, excerpt=None)
            for result in _stated(before, blank_nodes[0], common, (None, State.FIXED))
        ),
    ]
    old_disputes = {_key(dispute, blank_nodes[0]): dispute for dispute in before.disputes}
    new_disputes = {_key(dispute, blank_nodes[1]): dispute for dispute in after.disputes}
    disputes = [
        replace(one, state=State.PRESENT if key in old_disputes else State.NEW)
        for key, one in new_disputes.items()
    ]
    disputes += [
        replace(one, state=State.FIXED) for key, one in old_disputes.items() if key not in new_disputes
    ]
    return replace(
        after,
        results=in_order(results),
        labels={**before.labels, **after.labels},
        is_change=True,
        disputes=disputes_in_order(disputes),
    )


def without(report: Report, part: Report) -> Report:
    """The report without the results and disputes of another on a part of the same data."""
    gone = Counter(_identity(result, {}) for result in part.results)
    stays = []
    for result in report.results:
        identity = _identity(result, {})
        if gone[identity]:
            gone[identity] -= 1
        else:
            stays.append(result)
    settled = {_key(dispute, {}) for dispute in part.disputes}
    disputes = tuple(dispute for dispute in report.disputes if _key(dispute, {}) not in settled)
    return replace(report, results=tuple(stays), disputes=disputes)


def together(report: Report, part: Report) -> Report:
    """The report with the results and disputes of another on another part of the same data."""
    return replace(
        part,
        results=in_order([*report.results, *part.results]),
        labels={**report.labels, **part.labels},
        disputes=disputes_in_order([*report.disputes, *part.disputes]),
    )


def _key(dispute: Dispute, known: Contents) -> object:
    claims = ((by_content(c.node, known), c.graph, c.figure) for c in dispute.claims)
    return dispute.about, dispute.indicator, frozenset(claims)


def _stated(
    report: Report, known: Contents, common: Counter[tuple[object, ...]], states: tuple[State | None, State]
) -> list[Result]:
    """The results with their state: the first of `states` for those in `common` (left out where None)."""
    left = common.copy()
    stated = []
    for result in report.results:
        identity = _identity(result, known)
        if left[identity]:
            left[identity] -= 1
            if states[0] is not None:
                stated.append(replace(result, state=states[0]))
        else:
            stated.append(replace(result, state=states[1]))
    return stated


def _identity(result: Result, known: Contents) -> tuple[object, ...]:
    terms = (result.focus, result.shape, result.value)
    return (result.path, result.constraint, *(t if t is None else by_content(t, known) for t in terms))
