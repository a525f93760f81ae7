"""From a change to its difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from clustergraph.catalogue import Catalogue, SavedQuery
from clustergraph.contribution.change import Change
from clustergraph.contribution.difference.answers import Answered, Stores, changed_answers, recall
from clustergraph.contribution.difference.consequences import Closures, closed
from clustergraph.contribution.difference.result import Difference
from clustergraph.contribution.difference.triples import changed_quads
from clustergraph.contribution.labels import labels_of
from clustergraph.folder.edition import Edition, merged
from clustergraph.folder.files import INFERRED
from clustergraph.inference import Reasoner
from clustergraph.settings import Settings
from clustergraph.store import EmbeddedStore
from clustergraph.terms import NamedNode, Quad, Term, Triple


@dataclass(frozen=True)
class Closed:
    """An edition with what follows from it: its reasoner, and all of it in a store to be asked."""

    reasoner: Reasoner
    store: EmbeddedStore
    answers: dict[str, Answered] = field(default_factory=dict, repr=False)
    """Those that were asked for already, by the text of their query."""

    def recall(self, query: SavedQuery) -> None:
        """Ask for what a comparison is going to ask of this closure."""
        recall(query, self.store, self.answers)

    @classmethod
    def of(cls, edition: Edition, settings: Settings, reasoner: Reasoner | None = None) -> Closed:
        """The closure of an edition; `reasoner` is it, where it is at hand.

        Raises OntologyError, with file and line, for a malformed axiom.
        """
        known = reasoner or closed(edition)
        return cls(known, _store(edition, known, settings.graph(INFERRED)))


def compare(change: Change, catalogue: Catalogue, *, before: Closed | None = None) -> Difference:
    """The difference that a change makes; the saved queries are asked of the closures.

    `before` is the closure of the base, where it is at hand. Raises GraphSyntaxError for a file that does
    not parse, OntologyError for a malformed axiom.
    """
    added, removed = changed_quads(change)
    difference = Difference(change.base_name, change.proposal_name, change.files, added, removed)
    if not change.files:
        return difference
    shapes = _shapes_graphs(change)
    before = before or Closed.of(change.base, catalogue.settings)
    after = Closed.of(change.proposal, catalogue.settings)
    closures = Closures(change, before.reasoner, after.reasoner)
    inferred, lost = closures.consequences(_triples(added, shapes), _triples(removed, shapes))
    stores = Stores(before.store, after.store, change.blank_nodes, before.answers)
    answers, uncompared = changed_answers(catalogue, stores)
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


def _store(edition: Edition, reasoner: Reasoner, graph: NamedNode) -> EmbeddedStore:
    """The edition's graphs, and what follows from them in a graph of its own, all merged by default."""
    store = EmbeddedStore()
    store.load(edition.store.dump())
    inferred = (Quad(t.subject, t.predicate, t.object, graph) for t, _ in reasoner.inferred())
    store.load(merged(inferred))
    return store


def _terms(quads: Iterable[Quad]) -> Iterator[Term]:
    for quad in quads:
        yield from (quad.subject, quad.predicate, quad.object)
