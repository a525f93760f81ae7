"""The reference engine: owlrl, with its noise left out and its error triples made inconsistencies.

It is slow and has no proofs; it is the oracle of the differential tests and `--engine owlrl`.
What it does differently from the tables is `DEVIATIONS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import owlrl
import rdflib
from rdflib.term import Node

from clustergraph.inference.closure import Closure, Inconsistency
from clustergraph.inference.noise import EXPRESSION, is_noise
from clustergraph.rdflib_terms import from_rdflib, rdflib_graph
from clustergraph.terms import Literal, NamedNode, Triple

_ERROR = rdflib.URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")

# owlrl's messages, and the rules of the tables that they belong to.
_RULES = (
    ("'sameAs' and 'differentFrom'", "eq-diff1"),
    ("'sameAs' and 'AllDifferent'", "eq-diff2"),
    ("Irreflexive property", "prp-irp"),
    ("Erroneous usage of asymmetric property", "prp-asyp"),
    ("Disjoint properties in an 'AllDisjointProperties'", "prp-adp"),
    ("Erroneous usage of disjoint properties", "prp-pdw"),
    ("Negative (object) property assertion", "prp-npa1"),
    ("Negative (datatype) property assertion", "prp-npa2"),
    (" is defined of type 'Nothing'", "cls-nothing2"),
    ("Violation of complementarity", "cls-com"),
    ("Violation of type restriction", "dt-not-type"),
    ("Lexical value of the literal", "dt-not-type"),
    ("Erroneous usage of maximum cardinality", "cls-maxc1"),
    ("Erroneous usage of maximum qualified cardinality", "cls-maxqc1"),
    ("Disjoint classes", "cax-dw"),
)


@dataclass(frozen=True, slots=True)
class Deviation:
    """Where owlrl departs from the W3C tables: the `rule`, and what it does instead."""

    rule: str
    what: str


DEVIATIONS = (
    Deviation("eq-diff2", "the last member of owl:AllDifferent is never compared"),
    Deviation("prp-adp", "the last member of owl:AllDisjointProperties is never compared"),
    Deviation("prp-key", "the last property of owl:hasKey is ignored"),
    Deviation("dt-diff", "different values are never told apart, so a functional data property merges them"),
    Deviation("cax-adc", "reported with the words of cax-dw"),
    Deviation("scm-eqc1", "C ⊑ C is not derived from C ≡ C when C is not declared as a class"),
    Deviation("scm-op", "fires for rdf:Property too"),
)


def close_with_owlrl(triples: Iterable[Triple], *, include_schema: bool = False) -> Closure:
    """The closure of `triples` by owlrl; all its triples have step 1.

    Triples with literal subjects are left out always, noise unless `include_schema`.
    """
    asserted = tuple(triples)
    known = set(asserted)
    graph = rdflib_graph(asserted)
    owlrl.DeductiveClosure(
        owlrl.OWLRL_Semantics, axiomatic_triples=include_schema, datatype_axioms=include_schema
    ).expand(graph)
    errors = [str(message) for message in graph.objects(None, _ERROR)]
    expressions = {t.subject for t in asserted if t.predicate in EXPRESSION}
    inferred = []
    for node, *others in graph:
        subject, predicate, object = map(from_rdflib, (node, *others))
        if isinstance(subject, Literal) or not isinstance(predicate, NamedNode) or _is_error(graph, node):
            continue
        triple = Triple(subject, predicate, object)
        if triple not in known and (include_schema or not is_noise(triple, expressions)):
            inferred.append(triple)
    inferred.sort(key=str)
    return Closure(
        tuple(inferred),
        (1,) * len(inferred),
        tuple(Inconsistency(_rule(message), message=message) for message in sorted(errors)),
    )


def _is_error(graph: rdflib.Graph, subject: Node) -> bool:
    return isinstance(subject, rdflib.BNode) and (subject, _ERROR, None) in graph


def _rule(message: str) -> str:
    return next((rule for words, rule in _RULES if words in message), "owlrl")
