"""Judging and comparing behind a SPARQL service: the whole of it, or a change in scratch graphs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from clustergraph.catalogue import Catalogue
from clustergraph.contribution.change import Change
from clustergraph.contribution.difference.answers import Stores, changed_answers
from clustergraph.contribution.difference.consequences import Consequence
from clustergraph.contribution.difference.result import Difference
from clustergraph.contribution.difference.triples import changed_quads
from clustergraph.contribution.impact import compared
from clustergraph.contribution.judgement import Judgement
from clustergraph.contribution.placing import Placing
from clustergraph.errors import UsageError
from clustergraph.folder.edition import Edition
from clustergraph.inference.remote import close_area
from clustergraph.store import RemoteStore
from clustergraph.store.quads import deletions
from clustergraph.store.scratch import Scratch, scratch
from clustergraph.terms import Quad, Triple, has_blank_node
from clustergraph.validation import Report, validate


def judge_there(judgement: Judgement, service: RemoteStore, change: Change | None = None) -> Report:
    """The report on a service's default graph, or on a change to it that is made in scratch graphs.

    Judged is what the service gives: literals as it gives them, and of entailment `none` all that it
    holds. Only results about what the files of a change say have a place. Of a change whose triples the
    service has or has not already, only the others count. Raises EndpointError where scratch graphs
    would show in every answer.
    """
    shapes = judgement.shapes_for(Edition({}))
    labels = judgement.folder.settings.vocabulary.label

    def report(store: RemoteStore) -> Report:
        return validate(store, shapes, labels=labels)

    is_closed = judgement.entailment == "owl2rl"
    if change is None and not is_closed:
        return report(service)
    if not is_closed:
        before = report(service)
    else:
        with scratch(service) as area:
            close_area(area)
            before = report(area.store)
    if change is None:
        return before
    with scratch(service) as area:
        _make(change, area)
        if is_closed:
            close_area(area)
        after = report(area.store)
    files = {file: data for file, data in change.proposal.contents.items() if file.name in change.files}
    return compared(before, Placing(Edition(files)).put_all(after))


def compare_there(change: Change, service: RemoteStore, catalogue: Catalogue) -> Difference:
    """The difference that a change makes to a service: triples, what follows, answers of saved queries.

    The queries are asked of copies of the default graph, closed; named graphs are those of the service,
    so that what GRAPH tells does not change. Consequences come without the triples they rest on.
    """
    added, removed = changed_quads(change)
    difference = Difference(service.endpoint, change.proposal_name, change.files, added, removed)
    if not change.files:
        return difference
    with scratch(service) as before, scratch(service) as after:
        _make(change, after)
        held = {triple for triple, _ in _delta(change)}
        closed = [set(close_area(area).triples) - held for area in (before, after)]
        answers, uncompared = changed_answers(catalogue, Stores(before.store, after.store, ({}, {})))
    return replace(
        difference,
        inferred=_consequences(closed[1] - closed[0]),
        lost=_consequences(closed[0] - closed[1]),
        answers=answers,
        uncompared=uncompared,
    )


def _make(change: Change, area: Scratch) -> None:
    """Make a change in scratch graphs."""
    delta = list(_delta(change))
    removed = [triple for triple, is_added in delta if not is_added]
    if any(map(has_blank_node, removed)):
        raise UsageError("a change that removes what is said of blank nodes cannot be made in a service")
    for update in deletions(Quad(t.subject, t.predicate, t.object, area.copy) for t in removed):
        area.store.update(update)
    area.store.load(Quad(t.subject, t.predicate, t.object) for t, is_added in delta if is_added)


def _delta(change: Change) -> Iterator[tuple[Triple, bool]]:
    """The triples that a change removes or adds, each with whether it adds it."""
    before, after = set(change.base.triples()), set(change.proposal.triples())
    yield from ((triple, False) for triple in sorted(before - after, key=str))
    yield from ((triple, True) for triple in sorted(after - before, key=str))


def _consequences(triples: Iterable[Triple]) -> tuple[Consequence, ...]:
    return tuple(Consequence(triple, None) for triple in sorted(triples, key=str))
