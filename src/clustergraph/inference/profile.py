"""Axioms that are OWL 2 but not OWL 2 RL: named with the reason, never silently left out."""

from __future__ import annotations

from collections.abc import Iterator

from clustergraph.inference import blank
from clustergraph.inference.closure import Ignored
from clustergraph.inference.schema import Schema, cardinality
from clustergraph.terms import OWL, RDF, RDFS, NamedNode, Term, Triple

_PREDICATES = {
    OWL.hasSelf: "local reflexivity is not in OWL 2 RL",
    OWL.minCardinality: "OWL 2 RL has no minimum cardinality: it would invent individuals",
    OWL.minQualifiedCardinality: "OWL 2 RL has no minimum cardinality: it would invent individuals",
    OWL.cardinality: "OWL 2 RL has no exact cardinality; state its maximum with owl:maxCardinality",
    OWL.qualifiedCardinality: "OWL 2 RL has no exact cardinality; state its maximum",
    OWL.disjointUnionOf: "OWL 2 RL has no owl:disjointUnionOf; state owl:unionOf and the disjointness",
    OWL.onDatatype: "OWL 2 RL has no restrictions of datatypes by facets",
    OWL.datatypeComplementOf: "OWL 2 RL has no complements of datatypes",
    OWL.onProperties: "restrictions on several properties are not in OWL 2 RL",
}
_ABOVE_ONE = "OWL 2 RL knows the maximum cardinalities 0 and 1 only"
_REFLEXIVE = "reflexive properties are not in OWL 2 RL"
_SUPERCLASS = {
    OWL.someValuesFrom: "as a superclass it would invent individuals; OWL 2 RL uses it as a subclass only",
    OWL.unionOf: "as a superclass it is a choice; OWL 2 RL uses it as a subclass only",
    OWL.oneOf: "as a superclass it is a choice; OWL 2 RL uses it as a subclass only",
}
_SUBCLASS = {
    OWL.allValuesFrom: "OWL 2 RL uses it as a superclass only",
    OWL.complementOf: "OWL 2 RL uses it as a superclass only",
}


def outside_profile(schema: Schema) -> tuple[Ignored, ...]:
    """The axioms of `schema` that the rules do not use, or use in one direction only."""
    return tuple(
        Ignored(shown, reason)
        for axiom, reason in dict(_outside(schema)).items()
        if (shown := blank.unname_all(axiom)) is not None
    )


def _outside(schema: Schema) -> Iterator[tuple[Triple, str]]:
    for predicate, reason in _PREDICATES.items():
        yield from ((triple, reason) for triple in schema.find(None, predicate, None))
    for predicate in (OWL.maxCardinality, OWL.maxQualifiedCardinality):
        for triple in schema.find(None, predicate, None):
            if cardinality(triple.object) not in (0, 1):
                yield triple, _ABOVE_ONE
    yield from ((triple, _REFLEXIVE) for triple in schema.find(None, RDF.type, OWL.ReflexiveProperty))
    for relation in (RDFS.subClassOf, OWL.equivalentClass):
        for triple in schema.find(None, relation, None):
            if triple.subject == triple.object:
                continue
            yield from _in_place(schema, triple, triple.object, _SUPERCLASS)
            yield from _in_place(schema, triple, triple.subject, _SUBCLASS)
            if relation == OWL.equivalentClass:
                yield from _in_place(schema, triple, triple.subject, _SUPERCLASS)
                yield from _in_place(schema, triple, triple.object, _SUBCLASS)


def _in_place(
    schema: Schema, axiom: Triple, expression: Term, reasons: dict[NamedNode, str]
) -> Iterator[tuple[Triple, str]]:
    """The axiom where an anonymous class expression stands in a place that OWL 2 RL does not know."""
    if blank.unname(expression) == expression:
        return
    for predicate, reason in reasons.items():
        if next(schema.find(expression, predicate, None), None) is not None:
            yield axiom, f"owl:{predicate.value.rpartition('#')[2]}: {reason}"
