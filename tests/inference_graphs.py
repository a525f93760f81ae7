"""Random ontologies with data, for the differential tests: small, and dense enough for rules to meet.

Object and data properties are kept apart, and lists and restrictions have IRIs, so that closures
compare as sets.
"""

from __future__ import annotations

from hypothesis import strategies as st

from clustergraph.terms import OWL, RDF, RDFS, XSD, Literal, NamedNode, Triple

NS = "http://example.org/"


def iri(name):
    return NamedNode(NS + name)


CLASSES = [iri(name) for name in "ABC"]
OBJECTS = [iri(name) for name in "pq"]
DATA = [iri(name) for name in "mn"]
THINGS = [iri(name) for name in "uvwx"]
VALUES = [
    Literal("1", datatype=XSD.integer),
    Literal("2", datatype=XSD.integer),
    Literal("1.0", datatype=XSD.decimal),
    Literal("one"),
    Literal("one", language="en"),
]
classes, objects, data, things, values = map(st.sampled_from, (CLASSES, OBJECTS, DATA, THINGS, VALUES))
properties = st.one_of(objects, objects, data)


def listing(head, members):
    cells = [NamedNode(f"{head.value}-{n}") for n in range(len(members))]
    ends = [*cells[1:], RDF.nil]
    for cell, member, rest in zip(cells, members, ends, strict=True):
        yield Triple(cell, RDF.first, member)
        yield Triple(cell, RDF.rest, rest)


@st.composite
def axiom(draw, node, kind=None):
    """The triples of one axiom, of that kind if one is given; `node` names its list or restriction."""
    kind = kind or draw(st.sampled_from(sorted(AXIOMS)))
    return list(AXIOMS[kind](draw, node))


def binary(predicate, terms):
    return lambda draw, node: [Triple(draw(terms), predicate, draw(terms))]


def of_list(predicate, subjects, members, size=2):
    def make(draw, node):
        chosen = draw(st.lists(members, min_size=1, max_size=3 if size == 2 else size, unique=True))
        yield Triple(draw(subjects), predicate, NamedNode(f"{node.value}-0"))
        yield from listing(node, chosen)

    return make


def several(kind, predicate, members):
    def make(draw, node):
        chosen = draw(st.lists(members, min_size=2, max_size=3, unique=True))
        if kind == OWL.AllDifferent and draw(st.booleans()):
            yield Triple(chosen[0], OWL.sameAs, chosen[-1])
        yield Triple(node, RDF.type, kind)
        yield Triple(node, predicate, NamedNode(f"{node.value}-0"))
        yield from listing(node, chosen)

    return make


def restriction(predicate, property, filler):
    def make(draw, node):
        yield Triple(node, OWL.onProperty, draw(property))
        yield Triple(node, predicate, draw(filler))
        relation = draw(st.sampled_from([RDFS.subClassOf, OWL.equivalentClass]))
        if draw(st.booleans()):
            yield Triple(node, RDF.type, OWL.Class)
        if draw(st.booleans()):
            yield Triple(draw(things), RDF.type, node)
        named = draw(classes)
        yield Triple(named, relation, node) if draw(st.booleans()) else Triple(node, relation, named)

    return make


def qualified(number, kinds):
    def make(draw, node):
        property, kind, thing = draw(objects), draw(kinds), draw(things)
        yield from restriction(OWL.maxQualifiedCardinality, st.just(property), st.just(number))(draw, node)
        yield Triple(node, OWL.onClass, kind)
        yield Triple(thing, RDF.type, node)
        for value in draw(st.lists(things, min_size=1, max_size=2, unique=True)):
            yield Triple(thing, property, value)
            if kind != OWL.Thing:
                yield Triple(value, RDF.type, kind)

    return make


def at_most_one(draw, node):
    property, thing = draw(objects), draw(things)
    yield from restriction(OWL.maxCardinality, st.just(property), st.just(_integer("1")))(draw, node)
    yield Triple(thing, RDF.type, node)
    yield from (Triple(thing, property, value) for value in draw(st.lists(things, min_size=1, max_size=2)))


def key(draw, node):
    kind, property = draw(classes), draw(data)
    value = draw(values)
    yield from of_list(OWL.hasKey, st.just(kind), st.just(property))(draw, node)
    for thing in draw(st.lists(things, min_size=1, max_size=3, unique=True)):
        yield Triple(thing, RDF.type, kind)
        yield Triple(thing, property, value)


def pair(predicate, fillers):
    """Two restrictions with one filler, on a property and on one above it."""

    def make(draw, node):
        filler, low, high = draw(fillers), draw(objects), draw(objects)
        yield Triple(low, RDFS.subPropertyOf, high)
        for name, property in (("low", low), ("high", high)):
            other = NamedNode(f"{node.value}-{name}")
            yield Triple(other, OWL.onProperty, property)
            yield Triple(other, predicate, filler)

    return make


def above(predicate):
    def make(draw, node):
        low, high = draw(objects), draw(objects)
        yield Triple(low, RDFS.subPropertyOf, high)
        yield Triple(high, predicate, draw(classes))

    return make


def denial(subjects, properties, predicate, targets):
    def make(draw, node):
        subject, property, target = draw(subjects), draw(properties), draw(targets)
        yield Triple(node, OWL.sourceIndividual, subject)
        yield Triple(node, OWL.assertionProperty, property)
        yield Triple(node, predicate, target)
        if draw(st.booleans()):
            yield Triple(subject, property, target)

    return make


def _integer(text):
    return Literal(text, datatype=XSD.integer)


def typed(terms, kinds):
    return lambda draw, node: [Triple(draw(terms), RDF.type, draw(st.sampled_from(kinds)))]


AXIOMS = {
    "subclass": binary(RDFS.subClassOf, classes),
    "equivalent class": binary(OWL.equivalentClass, classes),
    "disjoint": binary(OWL.disjointWith, classes),
    "complement": binary(OWL.complementOf, classes),
    "subproperty": binary(RDFS.subPropertyOf, objects),
    "data subproperty": binary(RDFS.subPropertyOf, data),
    "equivalent property": binary(OWL.equivalentProperty, objects),
    "disjoint property": binary(OWL.propertyDisjointWith, objects),
    "inverse": binary(OWL.inverseOf, objects),
    "declared": typed(classes, [OWL.Class]),
    "declared property": typed(objects, [OWL.ObjectProperty]),
    "declared data property": typed(data, [OWL.DatatypeProperty]),
    **{
        kind.value.rpartition("#")[2]: typed(objects, [kind])
        for kind in (
            OWL.FunctionalProperty,
            OWL.InverseFunctionalProperty,
            OWL.IrreflexiveProperty,
            OWL.SymmetricProperty,
            OWL.AsymmetricProperty,
            OWL.TransitiveProperty,
        )
    },
    "functional data property": typed(data, [OWL.FunctionalProperty]),
    "domain": lambda draw, node: [Triple(draw(properties), RDFS.domain, draw(classes))],
    "range": lambda draw, node: [Triple(draw(objects), RDFS.range, draw(classes))],
    "data range": lambda draw, node: [
        Triple(draw(data), RDFS.range, draw(st.sampled_from([XSD.integer, XSD.string, XSD.decimal])))
    ],
    "chain": of_list(OWL.propertyChainAxiom, objects, objects),
    "key": key,
    "long key": of_list(OWL.hasKey, classes, properties),
    "intersection": of_list(OWL.intersectionOf, classes, classes),
    "union": of_list(OWL.unionOf, classes, classes),
    "one of": of_list(OWL.oneOf, classes, things),
    "all different": several(OWL.AllDifferent, OWL.members, things),
    "all different, distinct": several(OWL.AllDifferent, OWL.distinctMembers, things),
    "all disjoint classes": several(OWL.AllDisjointClasses, OWL.members, classes),
    "all disjoint properties": several(OWL.AllDisjointProperties, OWL.members, objects),
    "some": restriction(OWL.someValuesFrom, objects, st.one_of(classes, st.just(OWL.Thing))),
    "all": restriction(OWL.allValuesFrom, objects, classes),
    "all, of a few": restriction(OWL.allValuesFrom, st.just(OBJECTS[0]), classes),
    "all data": restriction(OWL.allValuesFrom, data, st.sampled_from([XSD.integer, XSD.string])),
    "value": restriction(OWL.hasValue, objects, things),
    "data value": restriction(OWL.hasValue, data, values),
    "maximum 0": restriction(OWL.maxCardinality, properties, st.just(_integer("0"))),
    "maximum 1": at_most_one,
    "data maximum 1": restriction(OWL.maxCardinality, data, st.just(_integer("1"))),
    "qualified 0": qualified(_integer("0"), classes),
    "qualified 0, any": qualified(_integer("0"), st.just(OWL.Thing)),
    "qualified 1": qualified(_integer("1"), classes),
    "qualified 1, any": qualified(_integer("1"), st.just(OWL.Thing)),
    "some, twice": pair(OWL.someValuesFrom, classes),
    "all, twice": pair(OWL.allValuesFrom, classes),
    "value, twice": pair(OWL.hasValue, things),
    "domain above": above(RDFS.domain),
    "range above": above(RDFS.range),
    "denial": denial(things, objects, OWL.targetIndividual, things),
    "data denial": denial(things, data, OWL.targetValue, values),
    "same": binary(OWL.sameAs, things),
    "same property": binary(OWL.sameAs, objects),
    "same class": binary(OWL.sameAs, classes),
    "different": binary(OWL.differentFrom, things),
    "nothing": lambda draw, node: [Triple(draw(classes), RDFS.subClassOf, OWL.Nothing)],
}


@st.composite
def facts(draw, size=16):
    """Data over the same names."""
    links = st.builds(Triple, things, objects, things)
    typings = st.builds(Triple, things, st.just(RDF.type), classes)
    attributes = st.builds(Triple, things, data, values)
    return draw(st.lists(st.one_of(links, links, typings, attributes), min_size=6, max_size=size))


@st.composite
def graphs(draw, kind=None, axioms=6):
    """An ontology, with an axiom of `kind` if one is given, and data."""
    number = draw(st.integers(2, axioms))
    ontology = [t for n in range(number) for t in draw(axiom(iri(f"node{n}"), kind if n == 0 else None))]
    return list(dict.fromkeys([*ontology, *draw(facts())]))
