"""RDF terms, namespaces and compact IRIs: the nouns that all other modules speak in.

Terms are pyoxigraph's (immutable, hashable, written as N-Triples by `str`). rdflib's terms
are met only at the face, in `to_rdflib()` and in the reference engines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal as OneOf

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple, Variable

__all__ = [
    "DCTERMS",
    "OWL",
    "PROV",
    "RDF",
    "RDFS",
    "SH",
    "SKOS",
    "STANDARD_PREFIXES",
    "XSD",
    "BlankNode",
    "DefaultGraph",
    "Entailment",
    "GraphName",
    "Literal",
    "NamedNode",
    "Namespace",
    "Quad",
    "Resource",
    "Term",
    "Triple",
    "Variable",
    "Written",
    "compact",
    "expand",
    "has_blank_node",
    "notation",
    "shortened",
]

Resource = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal | Triple
GraphName = NamedNode | BlankNode | DefaultGraph

Entailment = OneOf["none", "owl2rl"]
"""Which triples a question sees: the asserted ones, or their closure by OWL 2 RL."""

Written = Callable[[Term, NamedNode, Term], tuple[Literal, ...]]
"""Gives the literals as written behind a triple that a store holds; none where its object is none."""


class Namespace:
    """An IRI prefix whose attributes are the terms below it; `str` gives the prefix back.

    >>> RDFS.label
    <NamedNode value=http://www.w3.org/2000/01/rdf-schema#label>
    """

    __slots__ = ("_iri",)

    def __init__(self, iri: str) -> None:
        self._iri = iri

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("__"):
            raise AttributeError(name)
        return NamedNode(self._iri + name)

    def __getitem__(self, name: str) -> NamedNode:
        return NamedNode(self._iri + name)

    def __str__(self) -> str:
        return self._iri


RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
SH = Namespace("http://www.w3.org/ns/shacl#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
PROV = Namespace("http://www.w3.org/ns/prov#")

STANDARD_PREFIXES: Mapping[str, str] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": str(DCTERMS),
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "owl": str(OWL),
    "prov": str(PROV),
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "schema": "https://schema.org/",
    "sh": str(SH),
    "skos": str(SKOS),
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": str(XSD),
}

# A local name that Turtle takes without escapes; a stricter subset of PN_LOCAL.
_PLAIN_LOCAL = re.compile(r"(?:[\w](?:[\w.-]*[\w-])?)?", re.ASCII)


def compact(iri: str, prefixes: Mapping[str, str]) -> str | None:
    """The compact IRI (CURIE) of `iri` by the longest matching prefix, or None.

    >>> compact("http://www.w3.org/2002/07/owl#Class", STANDARD_PREFIXES)
    'owl:Class'
    """
    best: tuple[int, str] | None = None
    for prefix, namespace in prefixes.items():
        if iri.startswith(namespace) and _PLAIN_LOCAL.fullmatch(iri, len(namespace)):
            candidate = (len(namespace), f"{prefix}:{iri[len(namespace) :]}")
            best = max(best, candidate) if best else candidate
    return best[1] if best else None


def expand(name: str, prefixes: Mapping[str, str]) -> str | None:
    """The IRI of a compact IRI, or None where its prefix is not known.

    >>> expand("skos:Concept", STANDARD_PREFIXES)
    'http://www.w3.org/2004/02/skos/core#Concept'
    """
    prefix, colon, local = name.partition(":")
    if not colon or prefix not in prefixes:
        return None
    return prefixes[prefix] + local


def notation(term: Term) -> str:
    """The term in the notation that N-Triples, Turtle and SPARQL share.

    `str` of a triple term is the triple without its brackets, which is no term.

    >>> print(notation(Triple(OWL.Class, RDFS.label, Literal("class", language="en"))))
    <<( <http://www.w3.org/2002/07/owl#Class> <http://www.w3.org/2000/01/rdf-schema#label> "class"@en )>>
    """
    if not isinstance(term, Triple):
        return str(term)
    return f"<<( {notation(term.subject)} {notation(term.predicate)} {notation(term.object)} )>>"


def shortened(term: Term, prefixes: Mapping[str, str]) -> str:
    """The term in Turtle's syntax, its IRI or datatype short where a prefix allows it.

    >>> shortened(Literal("2003", datatype=XSD.gYear), STANDARD_PREFIXES)
    '"2003"^^xsd:gYear'
    """
    if isinstance(term, NamedNode):
        return compact(term.value, prefixes) or str(term)
    if isinstance(term, Literal) and not term.language and term.datatype != XSD.string:
        return f"{Literal(term.value)}^^{shortened(term.datatype, prefixes)}"
    return notation(term)


def has_blank_node(term: Term) -> bool:
    """Whether the term is a blank node, or a triple term that holds one."""
    if isinstance(term, Triple):
        return has_blank_node(term.subject) or has_blank_node(term.object)
    return isinstance(term, BlankNode)
