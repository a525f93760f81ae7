"""A graph with what follows from it."""

from __future__ import annotations

from collections.abc import Iterable

from clustergraph.inference import materialise
from clustergraph.store import EmbeddedStore
from clustergraph.terms import DefaultGraph, Quad, Triple, Written


def closed(base: EmbeddedStore, written: Written) -> EmbeddedStore:
    """The triples of a store and of its closure, as the default graph of a store of its own."""
    closure = materialise(base, written=written)
    store = EmbeddedStore()
    store.load(base.dump(DefaultGraph()))
    extend(store, closure.triples)
    return store


def extend(store: EmbeddedStore, triples: Iterable[Triple]) -> None:
    """Put triples into the default graph of a store."""
    default = DefaultGraph()
    store.load(Quad(t.subject, t.predicate, t.object, default) for t in triples)
