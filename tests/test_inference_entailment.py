"""Entailment by the closure, by refutation and by value spaces; and what does not follow."""

from __future__ import annotations

import pytest

from clustergraph.inference import entails
from clustergraph.inference.entailment import KNOWN_GAPS
from test_inference_rules import parse

# premises, conclusion: what follows
FOLLOWS = {
    "an assertion": (":C rdfs:subClassOf :D . :a a :C .", ":a a :D ."),
    "an axiom of the closure": (":C rdfs:subClassOf :D . :D rdfs:subClassOf :E .", ":C rdfs:subClassOf :E ."),
    "something that exists": (":a :p :b . :b a :C .", ":a :p [a :C] ."),
    "one thing in two places": (":a :p :b . :b :q :c .", ":a :p _:x . _:x :q :c ."),
    "a difference": (
        ":p a owl:FunctionalProperty . :a :p :x . :b :p :y . :x owl:differentFrom :y .",
        ":a owl:differentFrom :b .",
    ),
    "all different": (
        "[] a owl:AllDisjointProperties ; owl:members (:p :q :r) . :a :p 'x' . :b :q 'x' . :c :r 'x' .",
        "[] a owl:AllDifferent ; owl:distinctMembers (:a :b :c) .",
    ),
    "not in a class": (
        ":C owl:disjointWith :D . :D a owl:Class . :a a :C .",
        ":a a [a owl:Class ; owl:complementOf :D] . :D a owl:Class .",
    ),
    "disjointness": (":C owl:complementOf :D .", ":C owl:disjointWith :D ."),
    "transitivity from a chain": (":p owl:propertyChainAxiom (:p :p) .", ":p a owl:TransitiveProperty ."),
    "symmetry from an inverse": (":p owl:inverseOf :p .", ":p a owl:SymmetricProperty ."),
    "asymmetry": (":p owl:propertyDisjointWith :q . :p owl:inverseOf :q .", ":p a owl:AsymmetricProperty ."),
    "irreflexivity": (
        ":p rdfs:domain :C ; rdfs:range :D . :C owl:disjointWith :D .",
        ":p a owl:IrreflexiveProperty .",
    ),
    "functionality of a subproperty": (
        ":q a owl:FunctionalProperty . :p rdfs:subPropertyOf :q .",
        ":p a owl:FunctionalProperty .",
    ),
    "inverse functionality": (
        ":q a owl:FunctionalProperty . :p owl:inverseOf :q .",
        ":p a owl:InverseFunctionalProperty .",
    ),
    "a subclass by an intersection": (
        ":C owl:intersectionOf (:D :E) . :F rdfs:subClassOf :D, :E .",
        ":F rdfs:subClassOf :C .",
    ),
    "a superclass that is an expression": (
        ":C rdfs:subClassOf :D, :E .",
        ":C rdfs:subClassOf [owl:intersectionOf (:D :E)] .",
    ),
    "a subclass that is an expression": (
        ":p rdfs:domain :C .",
        "[owl:someValuesFrom :D ; owl:onProperty :p] rdfs:subClassOf :C .",
    ),
    "a restriction": (
        ":p rdfs:range :C .",
        ":D rdfs:subClassOf [owl:allValuesFrom :C ; owl:onProperty :p] .",
    ),
    "a maximum": (
        ":p a owl:FunctionalProperty .",
        ":C rdfs:subClassOf [owl:maxCardinality 1 ; owl:onProperty :p] .",
    ),
    "an equivalence": (":C rdfs:subClassOf :D . :D rdfs:subClassOf :C .", ":C owl:equivalentClass :D ."),
    "a domain": (":p rdfs:subPropertyOf :q . :q rdfs:domain :C .", ":p rdfs:domain :C ."),
    "a subproperty": (":p owl:inverseOf :r . :r owl:inverseOf :q .", ":p rdfs:subPropertyOf :q ."),
    "a chain": (
        ":p rdfs:subPropertyOf :q . :q a owl:TransitiveProperty .",
        ":q owl:propertyChainAxiom (:p :q) .",
    ),
    "a negative assertion": (
        ":p owl:propertyDisjointWith :q . :a :q :b .",
        "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual :a ; owl:assertionProperty :p ;"
        " owl:targetIndividual :b .",
    ),
    "a wider datatype": (":p rdfs:range xsd:byte .", ":p rdfs:range xsd:short ."),
    "what two datatypes share": (
        ":p rdfs:range xsd:short, xsd:unsignedInt .",
        ":p rdfs:range xsd:unsignedShort .",
    ),
    "a datatype": ("", "xsd:integer a rdfs:Datatype ."),
    "a kind of property": (":p a owl:TransitiveProperty .", ":p a owl:ObjectProperty ."),
    "a loop of a reflexive property": (":p a owl:ReflexiveProperty . :a a :C .", ":a :p :a ."),
    "anything from a contradiction": (":C owl:disjointWith :D . :a a :C, :D .", ":x :p :y ."),
    "a class expression that claims nothing": (
        ":p a owl:ObjectProperty .",
        "[] a owl:Restriction ; owl:onProperty :p ; owl:minCardinality 1 .",
    ),
    "the header": ("", "<http://example.org/> a owl:Ontology ."),
    "the same number": (":a :p 1 .", ":a :p '01'^^xsd:int ."),
}
# premises, conclusion: what does not follow
OPEN = {
    "an assertion": (":C rdfs:subClassOf :D . :a a :D .", ":a a :C ."),
    "an annotation of an equivalent class": (
        ":C owl:equivalentClass :D ; rdfs:comment 'x' .",
        ":D rdfs:comment 'x' .",
    ),
    "that equivalent classes are the same": (":C owl:equivalentClass :D .", ":C owl:sameAs :D ."),
    "a declaration": ("", ":C a owl:Class ."),
    "a tautology about an unknown class": (
        ":a a owl:Thing .",
        ":a a [owl:unionOf (:C [owl:complementOf :C])] . :C a owl:Class .",
    ),
    "transitivity": (":p owl:propertyChainAxiom (:p :q) .", ":p a owl:TransitiveProperty ."),
    "two things where one may do": (":a :p :b .", ":a :p :c ."),
    "something in two classes": (":a :p :b, :c . :b a :C . :c a :D .", ":a :p [a :C, :D] ."),
    "a value for a restriction": (
        ":C rdfs:subClassOf [owl:someValuesFrom :D ; owl:onProperty :p] . :a a :C .",
        ":a :p [a :D] .",
    ),
    "a narrower datatype": (":p rdfs:range xsd:short .", ":p rdfs:range xsd:byte ."),
    "another minimum": (
        ":a :p :b .",
        ":a a [a owl:Restriction ; owl:onProperty :p ; owl:minCardinality 5] .",
    ),
    "a list that leads back": ("", ":a :p _:l . _:l rdf:first :a ; rdf:rest _:l ."),
}


@pytest.mark.parametrize("case", FOLLOWS)
def test_follows_with_proofs(case):
    premises, conclusion = FOLLOWS[case]
    answer = entails(parse(premises), parse(conclusion))
    assert answer.missing == ()
    assert answer


@pytest.mark.parametrize("case", OPEN)
def test_does_not_follow(case):
    premises, conclusion = OPEN[case]
    answer = entails(parse(premises), parse(conclusion))
    assert not answer
    assert answer.missing


def test_refutation_shows_the_contradiction():
    premises, conclusion = FOLLOWS["not in a class"]
    refuted = [p for p in entails(parse(premises), parse(conclusion)).proofs if p.rule == "refutation"]
    assert [premise.rule for premise in refuted[0].premises] == ["cax-dw"]


def test_known_gaps_have_reasons():
    assert all(gap.what and gap.reason for gap in KNOWN_GAPS)
