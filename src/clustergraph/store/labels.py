"""Labels: what the triples of a store call a thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clustergraph.store.embedded import EmbeddedStore
from clustergraph.terms import DefaultGraph, Literal, NamedNode


def labels(store: EmbeddedStore, thing: NamedNode, properties: Iterable[NamedNode]) -> Iterator[Literal]:
    """The labels of a thing in the default graph, those of the first property that gives any first."""
    for property in properties:
        found = store.native.quads_for_pattern(thing, property, None, DefaultGraph())
        yield from sorted((quad.object for quad in found if isinstance(quad.object, Literal)), key=str)
