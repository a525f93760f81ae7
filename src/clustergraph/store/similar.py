"""Names that look like one that nothing is said of."""

from __future__ import annotations

from collections.abc import Mapping

from clustergraph.errors import near_misses
from clustergraph.sparql.bind import bind
from clustergraph.store.embedded import EmbeddedStore
from clustergraph.terms import DefaultGraph, NamedNode, compact

_MENTIONED = "ASK { { ?term ?p ?o } UNION { ?s ?term ?o } UNION { ?s ?p ?term } }"


def similar(store: EmbeddedStore, term: NamedNode, prefixes: Mapping[str, str]) -> tuple[str, ...] | None:
    """Names that look like an IRI's which the store does not mention, best first; None if it does."""
    if store.query(bind(_MENTIONED, {"term": [term]})):
        return None
    known = {quad.subject for quad in store.dump(DefaultGraph())}
    iris = (node.value for node in known if isinstance(node, NamedNode))
    names = (compact(iri, prefixes) or iri for iri in iris)
    return near_misses(compact(term.value, prefixes) or term.value, names)
