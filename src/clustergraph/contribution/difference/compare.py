"""From a change to its difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from clustergraph.catalogue import Catalogue
from clustergraph.contribution.change import Change
from clustergraph.contribution.difference.answers import Stores, changed_answers
from clustergraph.contribution.difference.consequences import Closures
from clustergraph.contribution.difference.result import Difference
from clustergraph.contribution.difference.triples import changed_quads
from clustergraph.contribution.labels import labels_of
from clustergraph.folder.edition import Edition, merged
from clustergraph.folder.files import INFERRED
from clustergraph.inference import Reasoner
from clustergraph.store import EmbeddedStore
from clustergraph.terms import NamedNode, Quad, Term, Triple


def compare(change: Change, catalogue: Catalogue) -> Difference:
    """The difference that a change makes; the saved queries are asked of the closures.

    Raises GraphSyntaxError for a file that does not parse, OntologyError for a malformed axiom.
    """
    added, removed = changed_quads(change)
    difference = Difference(change.base_name, change.proposal_name, change.files, added, removed)
    if not change.files:
        return difference
    shapes = _shapes_graphs(change)
    closures = Closures.of(change)
    inferred, lost = closures.consequences(_triples(added, shapes), _triples(removed, shapes))
    graph = catalogue.settings.graph(INFERRED)
    before = _closed(change.base, closures.before, graph)
    after = _closed(change.proposal, closures.after, graph)
    answers, uncompared = changed_answers(catalogue, Stores(before, after, change.blank_nodes))
    spoken = [*_terms(added), *_terms(removed), *(t for one in (*inferred, *lost) for t in one.triple)]
    labels = labels_of(spoken, (change.proposal, change.base), catalogue.settings)
    return replace(
        difference, inferred=inferred, lost=lost, answers=answers, uncompared=uncompared, labels=labels
    )


def _shapes_graphs(change: Change) -> set[NamedNode]:
    files = (*change.base.contents, *change.proposal.contents)
    return {file.graph for file in files if file.kind == "shapes"}


def _triples(quads: Iterable[Quad], shapes: set[NamedNode]) -> Iterator[Triple]:
    return (quad.triple for quad in quads if quad.graph_name not in shapes)


def _closed(edition: Edition, reasoner: Reasoner, graph: NamedNode) -> EmbeddedStore:
    """The edition's graphs, and what follows from them in a graph of its own, all merged by default."""
    store = EmbeddedStore()
    store.load(edition.store.dump())
    inferred = (Quad(t.subject, t.predicate, t.object, graph) for t, _ in reasoner.inferred())
    store.load(merged(inferred))
    return store


def _terms(quads: Iterable[Quad]) -> Iterator[Term]:
    for quad in quads:
        yield from (quad.subject, quad.predicate, quad.object)
