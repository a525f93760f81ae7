"""Each rule of the tables alone: with all others left out it draws its conclusion, without it nobody does."""

import pyoxigraph as ox
import pytest

from clustergraph.inference import Reasoner
from clustergraph.inference.tables import rule_names, templates
from clustergraph.store.embedded import EmbeddedStore

PREFIXES = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
FALSE = None

# rule: premises, and a triple that follows by this rule alone (or FALSE)
CASES = {
    "eq-sym": (":a owl:sameAs :b .", ":b owl:sameAs :a ."),
    "eq-trans": (":a owl:sameAs :b . :b owl:sameAs :c .", ":a owl:sameAs :c ."),
    "eq-rep-s": (":a owl:sameAs :b . :a :p :x .", ":b :p :x ."),
    "eq-rep-p": (":p owl:sameAs :q . :a :p :x .", ":a :q :x ."),
    "eq-rep-o": (":a owl:sameAs :b . :x :p :a .", ":x :p :b ."),
    "eq-diff1": (":a owl:sameAs :b . :a owl:differentFrom :b .", FALSE),
    "eq-diff2": ("[] a owl:AllDifferent ; owl:members (:x :a :b) . :a owl:sameAs :b .", FALSE),
    "eq-diff3": ("[] a owl:AllDifferent ; owl:distinctMembers (:x :a :b) . :b owl:sameAs :a .", FALSE),
    "prp-ap": ("", "rdfs:label a owl:AnnotationProperty ."),
    "prp-dom": (":p rdfs:domain :C . :a :p :b .", ":a a :C ."),
    "prp-rng": (":p rdfs:range :C . :a :p :b .", ":b a :C ."),
    "prp-fp": (":p a owl:FunctionalProperty . :a :p :b, :c .", ":b owl:sameAs :c ."),
    "prp-ifp": (":p a owl:InverseFunctionalProperty . :b :p :a . :c :p :a .", ":b owl:sameAs :c ."),
    "prp-irp": (":p a owl:IrreflexiveProperty . :a :p :a .", FALSE),
    "prp-symp": (":p a owl:SymmetricProperty . :a :p :b .", ":b :p :a ."),
    "prp-asyp": (":p a owl:AsymmetricProperty . :a :p :b . :b :p :a .", FALSE),
    "prp-trp": (":p a owl:TransitiveProperty . :a :p :b . :b :p :c .", ":a :p :c ."),
    "prp-spo1": (":p rdfs:subPropertyOf :q . :a :p :b .", ":a :q :b ."),
    "prp-spo2": (
        ":p owl:propertyChainAxiom (:q :r :q :s) . :a :q :b . :b :r :c . :c :q :d . :d :s :e .",
        ":a :p :e .",
    ),
    "prp-eqp1": (":p owl:equivalentProperty :q . :a :p :b .", ":a :q :b ."),
    "prp-eqp2": (":p owl:equivalentProperty :q . :a :q :b .", ":a :p :b ."),
    "prp-pdw": (":p owl:propertyDisjointWith :q . :a :p :b ; :q :b .", FALSE),
    "prp-adp": ("[] a owl:AllDisjointProperties ; owl:members (:r :p :q) . :a :p :b ; :q :b .", FALSE),
    "prp-inv1": (":p owl:inverseOf :q . :a :p :b .", ":b :q :a ."),
    "prp-inv2": (":p owl:inverseOf :q . :a :q :b .", ":b :p :a ."),
    "prp-key": (
        ":C owl:hasKey (:p :q) . :a a :C ; :p 1 ; :q :x . :b a :C ; :p 1 ; :q :x . :c a :C ; :p 1 ; :q :y .",
        ":a owl:sameAs :b .",
    ),
    "prp-npa1": (
        "[] owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetIndividual :b . :a :p :b .",
        FALSE,
    ),
    "prp-npa2": (
        "[] owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetValue 'v' . :a :p 'v' .",
        FALSE,
    ),
    "cls-thing": ("", "owl:Thing a owl:Class ."),
    "cls-nothing1": ("", "owl:Nothing a owl:Class ."),
    "cls-nothing2": (":a a owl:Nothing .", FALSE),
    "cls-int1": (":C owl:intersectionOf (:D :E :F) . :a a :D, :E, :F .", ":a a :C ."),
    "cls-int2": (":C owl:intersectionOf (:D :E) . :a a :C .", ":a a :E ."),
    "cls-uni": (":C owl:unionOf (:D :E) . :a a :E .", ":a a :C ."),
    "cls-com": (":C owl:complementOf :D . :a a :C, :D .", FALSE),
    "cls-svf1": (":C owl:someValuesFrom :D ; owl:onProperty :p . :a :p :b . :b a :D .", ":a a :C ."),
    "cls-svf2": (":C owl:someValuesFrom owl:Thing ; owl:onProperty :p . :a :p :b .", ":a a :C ."),
    "cls-avf": (":C owl:allValuesFrom :D ; owl:onProperty :p . :a a :C ; :p :b .", ":b a :D ."),
    "cls-hv1": (":C owl:hasValue :v ; owl:onProperty :p . :a a :C .", ":a :p :v ."),
    "cls-hv2": (":C owl:hasValue :v ; owl:onProperty :p . :a :p :v .", ":a a :C ."),
    "cls-maxc1": (":C owl:maxCardinality 0 ; owl:onProperty :p . :a a :C ; :p :b .", FALSE),
    "cls-maxc2": (
        ":C owl:maxCardinality '1'^^xsd:nonNegativeInteger ; owl:onProperty :p . :a a :C ; :p :b, :c .",
        ":b owl:sameAs :c .",
    ),
    "cls-maxqc1": (
        ":C owl:maxQualifiedCardinality 0 ; owl:onProperty :p ; owl:onClass :D . :a a :C ; :p :b . :b a :D .",
        FALSE,
    ),
    "cls-maxqc2": (
        ":C owl:maxQualifiedCardinality 0 ; owl:onProperty :p ; owl:onClass owl:Thing . :a a :C ; :p :b .",
        FALSE,
    ),
    "cls-maxqc3": (
        ":C owl:maxQualifiedCardinality 1 ; owl:onProperty :p ; owl:onClass :D ."
        ":a a :C ; :p :b, :c, :d . :b a :D . :c a :D .",
        ":b owl:sameAs :c .",
    ),
    "cls-maxqc4": (
        ":C owl:maxQualifiedCardinality 1 ; owl:onProperty :p ; owl:onClass owl:Thing .:a a :C ; :p :b, :c .",
        ":b owl:sameAs :c .",
    ),
    "cls-oo": (":C owl:oneOf (:a :b) .", ":b a :C ."),
    "cax-sco": (":C rdfs:subClassOf :D . :a a :C .", ":a a :D ."),
    "cax-eqc1": (":C owl:equivalentClass :D . :a a :C .", ":a a :D ."),
    "cax-eqc2": (":C owl:equivalentClass :D . :a a :D .", ":a a :C ."),
    "cax-dw": (":C owl:disjointWith :D . :a a :C, :D .", FALSE),
    "cax-adc": ("[] a owl:AllDisjointClasses ; owl:members (:E :C :D) . :a a :C, :D .", FALSE),
    "dt-type1": ("", "xsd:unsignedByte a rdfs:Datatype ."),
    "dt-diff": (":p a owl:FunctionalProperty . :a :p 1, 2 .", FALSE),
    "dt-not-type": (":p rdfs:range xsd:byte . :a :p 300 .", FALSE),
    "scm-cls": (":C a owl:Class .", ":C rdfs:subClassOf :C, owl:Thing . owl:Nothing rdfs:subClassOf :C ."),
    "scm-sco": (":C rdfs:subClassOf :D . :D rdfs:subClassOf :E .", ":C rdfs:subClassOf :E ."),
    "scm-eqc1": (":C owl:equivalentClass :D .", ":C rdfs:subClassOf :D . :D rdfs:subClassOf :C ."),
    "scm-eqc2": (":C rdfs:subClassOf :D . :D rdfs:subClassOf :C .", ":C owl:equivalentClass :D ."),
    "scm-op": (":p a owl:ObjectProperty .", ":p rdfs:subPropertyOf :p ; owl:equivalentProperty :p ."),
    "scm-dp": (":p a owl:DatatypeProperty .", ":p rdfs:subPropertyOf :p ; owl:equivalentProperty :p ."),
    "scm-spo": (":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r .", ":p rdfs:subPropertyOf :r ."),
    "scm-eqp1": (":p owl:equivalentProperty :q .", ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :p ."),
    "scm-eqp2": (":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :p .", ":p owl:equivalentProperty :q ."),
    "scm-dom1": (":p rdfs:domain :C . :C rdfs:subClassOf :D .", ":p rdfs:domain :D ."),
    "scm-dom2": (":q rdfs:domain :C . :p rdfs:subPropertyOf :q .", ":p rdfs:domain :C ."),
    "scm-rng1": (":p rdfs:range :C . :C rdfs:subClassOf :D .", ":p rdfs:range :D ."),
    "scm-rng2": (":q rdfs:range :C . :p rdfs:subPropertyOf :q .", ":p rdfs:range :C ."),
    "scm-hv": (
        ":C owl:hasValue :v ; owl:onProperty :p . :D owl:hasValue :v ; owl:onProperty :q ."
        ":p rdfs:subPropertyOf :q .",
        ":C rdfs:subClassOf :D .",
    ),
    "scm-svf1": (
        ":C owl:someValuesFrom :E ; owl:onProperty :p . :D owl:someValuesFrom :F ; owl:onProperty :p ."
        ":E rdfs:subClassOf :F .",
        ":C rdfs:subClassOf :D .",
    ),
    "scm-svf2": (
        ":C owl:someValuesFrom :E ; owl:onProperty :p . :D owl:someValuesFrom :E ; owl:onProperty :q ."
        ":p rdfs:subPropertyOf :q .",
        ":C rdfs:subClassOf :D .",
    ),
    "scm-avf1": (
        ":C owl:allValuesFrom :E ; owl:onProperty :p . :D owl:allValuesFrom :F ; owl:onProperty :p ."
        ":E rdfs:subClassOf :F .",
        ":C rdfs:subClassOf :D .",
    ),
    "scm-avf2": (
        ":C owl:allValuesFrom :E ; owl:onProperty :p . :D owl:allValuesFrom :E ; owl:onProperty :q ."
        ":p rdfs:subPropertyOf :q .",
        ":D rdfs:subClassOf :C .",
    ),
    "scm-int": (":C owl:intersectionOf (:D :E) .", ":C rdfs:subClassOf :D, :E ."),
    "scm-uni": (":C owl:unionOf (:D :E) .", ":D rdfs:subClassOf :C . :E rdfs:subClassOf :C ."),
}
# What the engine does in another way, so that there is no rule to leave out.
ELSEWHERE = {template.name for template in templates() if template.not_compiled}


def parse(turtle):
    return [quad.triple for quad in ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE)]


def reason(turtle, **options):
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in parse(turtle))
    return Reasoner(EmbeddedStore(store), **options)


def concludes(reasoner, conclusion):
    if conclusion is FALSE:
        return not reasoner.consistent
    return all(triple in reasoner for triple in parse(conclusion))


def test_every_rule_of_the_tables_has_a_case_or_a_reason():
    reasons = {template.name: template.not_compiled for template in templates() if template.not_compiled}
    assert set(rule_names()) == set(CASES) | set(reasons)
    assert all(reasons.values())


@pytest.mark.parametrize("rule", CASES)
def test_rule_alone(rule):
    premises, conclusion = CASES[rule]
    others = set(rule_names()) - {rule}
    assert concludes(reason(premises, without=others), conclusion)


@pytest.mark.parametrize("rule", sorted(set(CASES) - ELSEWHERE))
def test_nothing_without_the_rule(rule):
    premises, conclusion = CASES[rule]
    assert not concludes(reason(premises, without=set(rule_names())), conclusion)


@pytest.mark.parametrize("rule", sorted(rule for rule in CASES if CASES[rule][1] is FALSE))
def test_contradiction_names_the_rule(rule):
    assert rule in {found.rule for found in reason(CASES[rule][0]).inconsistencies}


@pytest.mark.parametrize(
    "rule", sorted(name for name in CASES if name.startswith("eq-rep") or name in ("eq-sym", "eq-trans"))
)
def test_proof_by_representatives_names_the_rule_of_the_tables(rule):
    premises, conclusion = CASES[rule]
    proof = reason(premises).prove(parse(conclusion)[0])
    assert rule in {node.rule for node in proof.walk()}
