"""Every inferred triple has a proof that replays, step by step, and ends in what was asserted."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from clustergraph.folder import Edition, open_folder
from clustergraph.inference import Reasoner
from clustergraph.store.embedded import EmbeddedStore
from clustergraph.terms import OWL, DefaultGraph
from inference_oracle import Replay
from test_inference_rules import parse, reason

ROOT = Path(__file__).parent.parent

# What makes things the same: a template for two of a clique, and the axioms that it needs.
SOURCES = {
    "asserted": (":x{a} owl:sameAs :x{b} .", ""),
    "functional": (":hub{a} :p :x{a}, :x{b} .", ":p a owl:FunctionalProperty ."),
    "inverse functional": (":x{a} :p :hub{a} . :x{b} :p :hub{a} .", ":p a owl:InverseFunctionalProperty ."),
    "key": (":x{a} a :C ; :k{a} 1 . :x{b} a :C ; :k{a} 1 .", ":C owl:hasKey (:k{a}) ."),
    "maximum": (
        ":hub{a} a :M ; :p :x{a}, :x{b} .",
        ":M owl:maxCardinality 1 ; owl:onProperty :p .",
    ),
    "qualified maximum": (
        ":hub{a} a :M ; :p :x{a}, :x{b} . :x{a} a :Q . :x{b} a :Q .",
        ":M owl:maxQualifiedCardinality 1 ; owl:onProperty :p ; owl:onClass :Q .",
    ),
    "qualified maximum of things": (
        ":hub{a} a :M ; :p :x{a}, :x{b} .",
        ":M owl:maxQualifiedCardinality 1 ; owl:onProperty :p ; owl:onClass owl:Thing .",
    ),
    "key of two": (
        ":x{a} a :C ; :k{a} 1 ; :l :y{a} . :x{b} a :C ; :k{a} 1 ; :l :y{a} .",
        ":C owl:hasKey (:k{a} :l) .",
    ),
    "functional below": (
        ":hub{a} :q :x{a}, :x{b} .",
        ":p a owl:FunctionalProperty . :q rdfs:subPropertyOf :p .",
    ),
}


def clique(source, size):
    link, axioms = SOURCES[source]
    pairs = [(n, n + 1) for n in range(size - 1)]
    turtle = "".join(link.format(a=a, b=b) for a, b in pairs)
    ontology = {axioms.format(a=a, b=b) for a, b in pairs}
    return "".join(ontology) + turtle + f":x0 :r :y . :z :s :x{size - 1} . :r rdfs:domain :D ."


def assert_replayed(reasoner, asserted, limit=None):
    """Prove and replay what was inferred: every triple, or about `limit` spread over all."""
    inferred = [triple for triple, _ in reasoner.inferred()]
    stride = 1 if limit is None else max(1, len(inferred) // limit)
    replay = Replay(asserted)
    for triple in inferred[::stride]:
        proof = reasoner.prove(triple)
        assert proof is not None, str(triple)
        assert proof.triple == triple
        assert replay.succeeds(proof), str(triple)


def assert_one_clique(reasoner, size):
    same = [triple for triple, _ in reasoner.inferred() if triple.predicate == OWL.sameAs]
    assert len({name for triple in same for name in (triple.subject, triple.object)}) == size


# Each takes two to three seconds at 50; two sources are replayed up to there, the others up to 20.
LARGE = ("asserted", "functional")


@pytest.mark.parametrize(
    ("source", "size"),
    [(source, size) for source in SOURCES for size in (2, 3, 5, 10, 50 if source in LARGE else 20)],
)
def test_every_triple_of_cliques_from_every_source(source, size):
    reasoner, asserted = closed(clique(source, size))
    assert_one_clique(reasoner, size)
    assert_replayed(reasoner, asserted)


def test_every_inferred_triple_of_our_own_graph():
    edition = Edition.of(open_folder(ROOT).files())
    reasoner = Reasoner(edition.store, written=edition.written)
    asserted = [quad.triple for quad in edition.store.dump(DefaultGraph())]
    assert reasoner.consistent
    assert_replayed(reasoner, asserted)


def test_transitive_and_symmetric_clique():
    turtle = ":p a owl:TransitiveProperty, owl:SymmetricProperty ." + "".join(
        f":n{n} :p :n{n + 1} ." for n in range(30)
    )
    assert_replayed(*closed(turtle), limit=60)


def test_steps_of_premises_are_smaller():
    reasoner = reason(":p a owl:TransitiveProperty ." + "".join(f":n{n} :p :n{n + 1} ." for n in range(12)))
    steps = dict(reasoner.inferred())
    for triple, step in steps.items():
        assert all(steps.get(premise.triple, 0) < step for premise in reasoner.prove(triple).premises)


def test_shorter_proof_is_preferred():
    reasoner = reason(":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r . :a :p :b ; :q :b .")
    assert reasoner.prove(parse(":a :r :b .")[0]).depth == 1


def test_what_does_not_follow_has_no_proof():
    assert reason(":C rdfs:subClassOf :D . :a a :C .").prove(parse(":a a :E .")[0]) is None


def test_shortfall_is_of_the_rule_that_comes_nearest():
    reasoner = reason(
        ":q rdfs:subPropertyOf :p . :p owl:propertyChainAxiom (:r :s) . :a :r :b . :b owl:sameAs :a2 ."
    )
    found = reasoner.shortfall(parse(":a :p :c .")[0])
    assert found.rule == "prp-spo2"
    assert len(found.held) == 1
    assert found.missing[1:] == tuple(parse(":x :s :c .")[0])[1:]
    assert found.axioms[0].predicate == OWL.propertyChainAxiom


def test_what_no_rule_concludes_has_no_shortfall():
    reasoner = reason(":q rdfs:subPropertyOf :p . :p owl:inverseOf :i . :a :q :b .")
    assert reasoner.shortfall(parse(":a :z :b .")[0]) is None
    assert reasoner.shortfall(parse(":a :i 'text' .")[0]) is None


def test_asserted_triple_is_a_leaf():
    proof = reason(":a :p :b .").prove(parse(":a :p :b .")[0])
    assert (proof.rule, proof.premises, proof.depth) == ("asserted", (), 0)


def test_inferred_axiom_is_proved_too():
    reasoner = reason(":C rdfs:subClassOf :D . :D rdfs:subClassOf :E . :a a :C .")
    proof = reasoner.prove(parse(":a a :E .")[0])
    assert [node.rule for node in proof.walk()].count("scm-sco") <= 1
    assert set(proof.leaves()) >= set(parse(":a a :C ."))


def test_graph_on_disk_gives_the_same_closure(monkeypatch):
    turtle = ":p a owl:TransitiveProperty ; rdfs:domain :C . :C rdfs:subClassOf :D . :a :p :b . :b :p :c ."
    in_memory = {triple for triple, _ in reason(turtle).inferred()}
    monkeypatch.setattr("clustergraph.inference.working.DISK_ABOVE", 1)
    on_disk = Reasoner(EmbeddedStore(_store(turtle)))
    assert on_disk.on_disk
    assert {triple for triple, _ in on_disk.inferred()} == in_memory
    assert all(on_disk.prove(triple) for triple in in_memory)
    on_disk.close()


def closed(turtle):
    store = _store(turtle)
    return Reasoner(EmbeddedStore(store)), [quad.triple for quad in store]


def _store(turtle):
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in parse(turtle))
    return store
