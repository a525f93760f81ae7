"""Adding and removing triples leads to the closure that a full computation gives."""

from __future__ import annotations

import pyoxigraph as ox
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clustergraph.inference import Reasoner
from clustergraph.store.embedded import EmbeddedStore
from clustergraph.terms import OWL, RDF
from inference_graphs import facts, graphs
from test_inference_rules import parse, reason

# Taking one of these out leaves a malformed axiom behind, which is an error.
PARTS = (RDF.first, RDF.rest, OWL.onProperty, OWL.onClass)


def stored(triples):
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in triples)
    return store


def normal(triples):
    return [quad.triple for quad in stored(triples)]


def state(reasoner):
    contradictions = {(found.rule, frozenset(found.individuals)) for found in reasoner.inconsistencies}
    return {triple for triple, _ in reasoner.inferred()}, contradictions


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(graphs(), st.lists(st.tuples(st.booleans(), facts(6)), min_size=1, max_size=3), st.data())
def test_random_edits_equal_recomputation(triples, edits, data):
    asserted = set(normal(triples))
    reasoner = Reasoner(EmbeddedStore(stored(asserted)))
    for adding, new in edits:
        if adding:
            asserted |= set(normal(new))
            reasoner.add(normal(new))
        else:
            removable = sorted((t for t in asserted if t.predicate not in PARTS), key=str)
            gone = data.draw(st.lists(st.sampled_from(removable), max_size=4)) if removable else []
            asserted -= set(gone)
            reasoner.remove(gone)
        assert state(reasoner) == state(Reasoner(EmbeddedStore(stored(asserted))))
        for triple, _ in reasoner.inferred():
            assert reasoner.prove(triple) is not None


def test_addition_continues_from_the_delta():
    reasoner = reason(":p a owl:TransitiveProperty . :a :p :b .")
    change = reasoner.add(parse(":b :p :c ."))
    assert (change.recomputed, change.inferred) == (False, tuple(parse(":a :p :c .")))


def test_removal_withdraws_what_rested_on_it_alone():
    reasoner = reason(":p a owl:TransitiveProperty . :a :p :b, :d . :b :p :c . :d :p :c .")
    assert reasoner.remove(parse(":b :p :c .")).withdrawn == tuple(parse(":b :p :c ."))
    assert parse(":a :p :c .")[0] in reasoner
    assert reasoner.remove(parse(":d :p :c .")).withdrawn
    assert parse(":a :p :c .")[0] not in reasoner


def test_removed_triple_that_still_follows_stays():
    reasoner = reason(":p rdfs:subPropertyOf :q . :a :p :b ; :q :b .")
    assert reasoner.remove(parse(":a :q :b .")).withdrawn == ()
    assert reasoner.prove(parse(":a :q :b .")[0]).rule == "prp-spo1"


def test_asserting_what_was_inferred_makes_it_a_leaf():
    reasoner = reason(":p rdfs:subPropertyOf :q . :a :p :b .")
    assert reasoner.add(parse(":a :q :b .")).inferred == ()
    assert reasoner.prove(parse(":a :q :b .")[0]).rule == "asserted"
    assert list(reasoner.inferred()) == []


def test_change_of_the_ontology_recomputes():
    reasoner = reason(":C rdfs:subClassOf :D . :a a :C .")
    assert reasoner.add(parse(":D rdfs:subClassOf :E .")).recomputed
    assert parse(":a a :E .")[0] in reasoner


def test_sameas_recomputes_and_can_be_taken_back():
    reasoner = reason(":a :p :b .")
    assert reasoner.add(parse(":a owl:sameAs :c .")).recomputed
    assert parse(":c :p :b .")[0] in reasoner
    assert reasoner.remove(parse(":a owl:sameAs :c .")).recomputed
    assert parse(":c :p :b .")[0] not in reasoner


def test_contradiction_comes_and_goes():
    reasoner = reason(":C owl:disjointWith :D . :a a :C .")
    reasoner.add(parse(":a a :D ."))
    assert [found.rule for found in reasoner.inconsistencies] == ["cax-dw"]
    reasoner.remove(parse(":a a :C ."))
    assert reasoner.consistent


def test_unknown_triples_are_removed_without_effect():
    reasoner = reason(":C rdfs:subClassOf :D . :a a :C .")
    before = state(reasoner)
    reasoner.remove(parse(":nobody :p :nothing . :a a :D ."))
    assert state(reasoner) == before
