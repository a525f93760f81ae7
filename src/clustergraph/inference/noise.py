"""What the tables yield and nobody asked for: left out of a closure unless the schema is wanted."""

from __future__ import annotations

from collections.abc import Container

from clustergraph.terms import OWL, RDF, RDFS, XSD, BlankNode, NamedNode, Term, Triple

VOCABULARIES = (str(RDF), str(RDFS), str(OWL), str(XSD))

# Relations that everything has to itself by eq-ref, scm-cls, scm-op or scm-dp.
REFLEXIVE = frozenset(
    {OWL.sameAs, OWL.equivalentClass, OWL.equivalentProperty, RDFS.subClassOf, RDFS.subPropertyOf}
)

# Every class is below owl:Thing and above owl:Nothing (scm-cls), every individual is a thing.
_BELOW_THING = frozenset({RDF.type, RDFS.subClassOf, RDFS.domain, RDFS.range})

# Triples that make a blank node a class expression, or a list.
EXPRESSION = frozenset(
    {
        OWL.onProperty,
        OWL.intersectionOf,
        OWL.unionOf,
        OWL.complementOf,
        OWL.oneOf,
        OWL.onDatatype,
        OWL.datatypeComplementOf,
        OWL.members,
        OWL.distinctMembers,
        RDF.first,
        RDF.rest,
    }
)


def in_vocabulary(term: Term) -> bool:
    """Whether `term` is a word of RDF, RDFS, OWL or XML Schema."""
    return isinstance(term, NamedNode) and term.value.startswith(VOCABULARIES)


def is_noise(triple: Triple, expressions: Container[Term] = ()) -> bool:
    """Whether `triple` says nothing about the data.

    Noise is what is about the vocabulary itself, what holds of everything (x sameAs x, C ⊑ owl:Thing)
    and what mentions an anonymous class expression or list (`expressions`).
    """
    subject, predicate, object = triple
    return (
        in_vocabulary(subject)
        or (predicate in REFLEXIVE and subject == object)
        or (object == OWL.Thing and predicate in _BELOW_THING)
        or (isinstance(subject, BlankNode) and subject in expressions)
        or (isinstance(object, BlankNode) and object in expressions)
    )
