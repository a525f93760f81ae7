"""Malformed axioms are named, axioms outside the profile are reported, and what is noise stays out."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from clustergraph.errors import OntologyError, UsageError
from clustergraph.inference import Ignored, materialise
from clustergraph.store.embedded import EmbeddedStore
from test_inference_rules import FALSE, concludes, parse, reason

MALFORMED = {
    "broken list": (":C owl:unionOf :l . :l rdf:first :D .", "0 rdf:rest"),
    "list with two tails": (":C owl:unionOf :l . :l rdf:first :D ; rdf:rest (), (:E) .", "2 rdf:rest"),
    "cyclic list": (":C owl:unionOf :l . :l rdf:first :D ; rdf:rest :l .", "leads back"),
    "no list": (":C owl:unionOf 'D' .", "needs a list"),
    "literal in a chain": (":p owl:propertyChainAxiom (:q 'r') .", "lists properties"),
    "literal in a key": (":C owl:hasKey (1) .", "lists properties"),
    "cardinality in words": (":C owl:maxCardinality 'one' ; owl:onProperty :p .", "needs an integer"),
    "negative cardinality": (":C owl:maxCardinality -1 ; owl:onProperty :p .", "needs an integer"),
    "literal for a property": (":C owl:someValuesFrom :D ; owl:onProperty 'p' .", "needs a property"),
}
OUTSIDE = {
    "some as superclass": (
        ":C rdfs:subClassOf [owl:someValuesFrom :D ; owl:onProperty :p] .",
        "someValuesFrom",
    ),
    "union as superclass": (":C rdfs:subClassOf [owl:unionOf (:D :E)] .", "unionOf"),
    "all as subclass": ("[owl:allValuesFrom :D ; owl:onProperty :p] rdfs:subClassOf :C .", "allValuesFrom"),
    "complement as subclass": ("[owl:complementOf :D] rdfs:subClassOf :C .", "complementOf"),
    "minimum": ("[] owl:minCardinality 1 ; owl:onProperty :p .", "minimum"),
    "maximum of two": ("[] owl:maxCardinality 2 ; owl:onProperty :p .", "0 and 1"),
    "exact": ("[] owl:cardinality 1 ; owl:onProperty :p .", "exact"),
    "self": ("[] owl:hasSelf true ; owl:onProperty :p .", "reflexivity"),
    "reflexive": (":p a owl:ReflexiveProperty .", "reflexive"),
    "disjoint union": (":C owl:disjointUnionOf (:D :E) .", "disjointUnionOf"),
    "facets": ("[] owl:onDatatype xsd:integer ; owl:withRestrictions () .", "facets"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_axiom_names_its_term(case):
    turtle, problem = MALFORMED[case]
    with pytest.raises(OntologyError, match=problem) as raised:
        reason(turtle)
    assert raised.value.term.startswith(("<http://example.org/", "_:"))


@pytest.mark.parametrize("case", OUTSIDE)
def test_axiom_outside_the_profile_is_reported(case):
    turtle, reason_given = OUTSIDE[case]
    (ignored,) = reason(turtle).ignored
    assert isinstance(ignored, Ignored)
    assert reason_given in ignored.reason


def test_axioms_of_the_profile_are_not_reported():
    turtle = """:C rdfs:subClassOf [owl:allValuesFrom :D ; owl:onProperty :p] .
        :C rdfs:subClassOf [owl:maxCardinality 1 ; owl:onProperty :p] .
        [owl:someValuesFrom :D ; owl:onProperty :p] rdfs:subClassOf :C .
        :C owl:equivalentClass [owl:intersectionOf (:D :E)] ."""
    assert reason(turtle).ignored == ()


@pytest.mark.parametrize(
    "turtle",
    [
        ":p owl:propertyChainAxiom (:p :p) . :a :p :b . :b :p :c . :c :p :a .",
        ":p owl:propertyChainAxiom (:p :q) . :q owl:propertyChainAxiom (:q :p) . :a :p :a ; :q :a, :b .",
        ":p a owl:TransitiveProperty, owl:SymmetricProperty . :a :p :b . :b :p :c .",
        ":C rdfs:subClassOf :D . :D rdfs:subClassOf :E . :E rdfs:subClassOf :C . :a a :C .",
    ],
)
def test_cycles_end_and_every_triple_has_a_proof(turtle):
    reasoner = reason(turtle)
    for triple, _ in reasoner.inferred():
        assert reasoner.prove(triple).depth > 0


def test_no_literal_becomes_a_subject():
    reasoner = reason(
        ":p rdfs:range :C ; owl:inverseOf :q . :a :p 'text' . :r a owl:SymmetricProperty . :a :r 1 ."
    )
    assert list(reasoner.inferred()) == []


def test_noise_stays_out_unless_the_schema_is_wanted():
    turtle = ":C a owl:Class . :p a owl:ObjectProperty . :a a :C ; :p :a ."
    store = EmbeddedStore()
    store.native.extend(list(_quads(turtle)))
    assert materialise(store).triples == ()
    schema = materialise(store, include_schema=True).triples
    assert set(parse(":C rdfs:subClassOf owl:Thing, :C . :p rdfs:subPropertyOf :p .")) < set(schema)


def test_class_expressions_stay_out_of_the_closure():
    reasoner = reason("[owl:someValuesFrom :D ; owl:onProperty :p] rdfs:subClassOf :C . :a :p :b . :b a :D .")
    assert [str(triple) for triple, _ in reasoner.inferred()] == [str(parse(":a a :C .")[0])]


def test_blank_nodes_of_the_data_keep_their_labels():
    reasoner = reason(":p rdfs:domain :C . _:x :p _:y .")
    (asserted,) = [
        t for t in reasoner.matching(None, None, None) if t.predicate == parse(":a :p :b .")[0].predicate
    ]
    ((inferred, _),) = reasoner.inferred()
    assert inferred.subject == asserted.subject


def test_inverse_property_expression_in_a_chain():
    reasoner = reason(
        ":sibling owl:propertyChainAxiom ([owl:inverseOf :parentOf] :parentOf) . :m :parentOf :a, :b ."
    )
    assert parse(":a :sibling :b .")[0] in reasoner


def test_axioms_that_are_inferred_are_used():
    reasoner = reason(":isA rdfs:subPropertyOf rdfs:subClassOf . :C :isA :D . :a a :C .")
    proof = reasoner.prove(parse(":a a :D .")[0])
    assert {node.rule for node in proof.walk()} == {"cax-sco", "prp-spo1", "asserted"}


@pytest.mark.parametrize(
    ("data", "consistent"),
    [
        ("xsd:integer . :a :p 1", True),
        ("xsd:integer . :a :p 1.0", True),
        ("xsd:integer . :a :p 1.5", False),
        ("xsd:integer . :a :p 'one'", False),
        ("xsd:integer . :a :p 'x'^^xsd:integer", False),
        ("xsd:byte . :a :p 127", True),
        ("xsd:byte . :a :p 128", False),
        ("xsd:decimal . :a :p 1", True),
        ("xsd:string . :a :p 'x'@en", False),
        ("xsd:NCName . :a :p 'a b'", False),
        ("rdf:PlainLiteral . :a :p 'x'@en", True),
        ("rdfs:Literal . :a :p 1", True),
        ("xsd:double . :a :p 1", False),
        ("xsd:dateTime . :a :p '2013-13-01T00:00:00'^^xsd:dateTime", False),
        ("xsd:date . :a :p '2013-06-07'^^xsd:date", True),
        ("xsd:boolean . :a :p true", True),
    ],
)
def test_ranges_are_value_spaces(data, consistent):
    assert reason(f":p rdfs:range {data} .").consistent == consistent


@pytest.mark.parametrize(
    ("values", "consistent"),
    [
        ("1, 2", False),
        ("1, 1.0", True),
        ("1, '1'", False),
        ("'1.0'^^xsd:float, 1", False),
        ("'a', 'a'@en", False),
        ("'a'@en, 'a'@EN", True),
        (":x, :y", True),
    ],
)
def test_functional_property_compares_values(values, consistent):
    reasoner = reason(f":p a owl:FunctionalProperty . :a :p {values} .")
    assert reasoner.consistent == consistent
    assert all(not str(t).startswith('"') for t, _ in reasoner.inferred())


def test_consistent_graph_has_no_contradictions():
    assert not concludes(reason(":C owl:disjointWith :D . :a a :C . :b a :D ."), FALSE)


def test_long_list_of_different_things_names_the_two_that_are_the_same():
    names = " ".join(f":x{number}" for number in range(1000))
    (found,) = reason(
        f"[] a owl:AllDifferent ; owl:members ({names}) . :x5 owl:sameAs :x77 ."
    ).inconsistencies
    assert [str(term) for term in found.individuals] == [
        "<http://example.org/x5>",
        "<http://example.org/x77>",
    ]


def test_literals_are_judged_as_they_were_written():
    turtle = ":p rdfs:range xsd:integer . :a :p 300 ."

    def written(subject, predicate, stored):
        return (ox.Literal("300", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#byte")),)

    assert reason(turtle).consistent
    assert [found.rule for found in reason(turtle, written=written).inconsistencies] == ["dt-not-type"]


def test_unknown_engine():
    with pytest.raises(UsageError, match="nemo"):
        materialise(EmbeddedStore(), engine="nemo")


def _quads(turtle):
    return (ox.Quad(*triple) for triple in parse(turtle))
