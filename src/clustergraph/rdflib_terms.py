"""Between pyoxigraph's terms and rdflib's: used at the face and by the reference engines only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import overload

import rdflib
from rdflib.term import IdentifiedNode, Node

from clustergraph.terms import XSD, BlankNode, DefaultGraph, Literal, NamedNode, Quad, Resource, Term, Triple


@overload
def as_rdflib(term: Resource) -> IdentifiedNode: ...
@overload
def as_rdflib(term: Term) -> Node: ...
def as_rdflib(term: Term) -> Node:
    """The rdflib term of the same meaning and spelling; raises TypeError for a triple term."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        # rdflib keeps `"a"` and `"a"^^xsd:string` apart; RDF 1.1 and pyoxigraph do not.
        datatype = None if term.datatype == XSD.string else rdflib.URIRef(term.datatype.value)
        return rdflib.Literal(term.value, datatype=datatype, normalize=False)
    raise TypeError(f"rdflib has no triple terms: {term}")


def from_rdflib(node: Node) -> Resource | Literal:
    """The pyoxigraph term of an rdflib term; raises TypeError for anything else."""
    if isinstance(node, rdflib.URIRef):
        return NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return BlankNode(str(node))
    if isinstance(node, rdflib.Literal):
        if node.language:
            return Literal(str(node), language=node.language)
        datatype = XSD.string if node.datatype is None else NamedNode(str(node.datatype))
        return Literal(str(node), datatype=datatype)
    raise TypeError(f"no RDF term: {node!r}")


def rdflib_dataset(quads: Iterable[Quad], prefixes: Mapping[str, str]) -> rdflib.Dataset:
    """An rdflib dataset in memory of the same quads of named graphs; its `default_union` is set."""
    dataset = rdflib.Dataset(default_union=True)
    for prefix, namespace in prefixes.items():
        dataset.bind(prefix, namespace)
    for quad in quads:
        assert not isinstance(quad.graph_name, DefaultGraph)
        graph = dataset.graph(as_rdflib(quad.graph_name))
        graph.add((as_rdflib(quad.subject), as_rdflib(quad.predicate), as_rdflib(quad.object)))
    return dataset


def rdflib_graph(triples: Iterable[Triple]) -> rdflib.Graph:
    """An rdflib graph in memory of the same triples."""
    graph = rdflib.Graph()
    for triple in triples:
        graph.add((as_rdflib(triple.subject), as_rdflib(triple.predicate), as_rdflib(triple.object)))
    return graph
