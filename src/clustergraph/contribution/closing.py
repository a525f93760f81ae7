"""An edition with what follows from it."""

from __future__ import annotations

from collections.abc import Iterable

from clustergraph.folder.edition import Edition
from clustergraph.inference import materialise
from clustergraph.store import EmbeddedStore
from clustergraph.terms import DefaultGraph, Quad, Triple


def closed(edition: Edition) -> EmbeddedStore:
    """The triples of an edition and of its closure, as the default graph of a store of its own."""
    closure = materialise(edition.store, written=edition.written)
    store = EmbeddedStore()
    store.load(edition.store.dump(DefaultGraph()))
    extend(store, closure.triples)
    return store


def extend(store: EmbeddedStore, triples: Iterable[Triple]) -> None:
    """Put triples into the default graph of a store."""
    default = DefaultGraph()
    store.load(Quad(t.subject, t.predicate, t.object, default) for t in triples)
