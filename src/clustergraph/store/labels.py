"""Labels: what the triples of a store call a thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from clustergraph.sparql.bind import bind
from clustergraph.sparql.results import Solutions
from clustergraph.store.embedded import EmbeddedStore
from clustergraph.store.remote import RemoteStore
from clustergraph.terms import DefaultGraph, Literal, NamedNode, Quad

# Things that a service is asked about at once.
_MANY = 200
_LABELS = "SELECT ?thing ?property ?label { ?thing ?property ?label FILTER(isLiteral(?label)) }"


def labels(store: EmbeddedStore, thing: NamedNode, properties: Iterable[NamedNode]) -> Iterator[Literal]:
    """The labels of a thing in the default graph, those of the first property that gives any first."""
    for property in properties:
        found = store.native.quads_for_pattern(thing, property, None, DefaultGraph())
        yield from sorted((quad.object for quad in found if isinstance(quad.object, Literal)), key=str)


def labels_there(
    service: RemoteStore, things: Iterable[NamedNode], properties: Sequence[NamedNode]
) -> Iterator[Quad]:
    """The triples that give things their labels in a service, as quads of a default graph."""
    waiting = iter(dict.fromkeys(things))
    while properties and (many := list(islice(waiting, _MANY))):
        rows = service.query(bind(_LABELS, {"thing": many, "property": properties}))
        assert isinstance(rows, Solutions)  # it is a SELECT
        yield from (Quad(*row) for row in rows)  # type: ignore[arg-type]  # rows of triples
