"""The compiled rules on servers of other makers, through their query and update endpoints."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from clustergraph.errors import StoreError
from clustergraph.inference import materialise, materialise_there
from clustergraph.store import RemoteStore
from clustergraph.store.embedded import EmbeddedStore
from clustergraph.terms import Quad
from test_inference_rules import PREFIXES

DATA = """
:Person owl:disjointWith :Place . :Student rdfs:subClassOf :Person .
:memberOf rdfs:domain :Person ; owl:propertyChainAxiom (:memberOf :partOf) ; owl:inverseOf :hasMember .
:partOf a owl:TransitiveProperty . :Chair owl:equivalentClass [owl:hasValue :yes ; owl:onProperty :chairs] .
:City owl:oneOf (:tokyo :osaka) . :age rdfs:range xsd:integer .
[owl:someValuesFrom :Place ; owl:onProperty :livesIn] rdfs:subClassOf :Resident .
:ann :memberOf :group ; :livesIn :tokyo ; a :Chair ; :age 3 . :group :partOf :lab . :lab :partOf :school .
:tokyo a :Place . :bob a :Student, :Place .
"""


@pytest.fixture(params=["oxigraph", "virtuoso"])
def remote(request: pytest.FixtureRequest) -> Iterator[RemoteStore]:
    """An empty store there."""
    store = RemoteStore.at(request.getfixturevalue(request.param).service)
    store.update(f"CLEAR {'DEFAULT' if store.default_graph is None else f'GRAPH {store.default_graph}'}")
    yield store
    store.close()


def filled(remote: RemoteStore, turtle: str) -> EmbeddedStore:
    """A store here with the triples that are put there too."""
    quads = [Quad(*quad.triple) for quad in ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE)]
    remote.load(quads)
    local = EmbeddedStore()
    local.load(quads)
    return local


def test_closure_there_equals_closure_here(remote):
    local = filled(remote, DATA)
    there, here = materialise_there(remote), materialise(local)
    assert set(there.triples) == set(here.triples)
    assert {(f.rule, frozenset(f.individuals)) for f in there.inconsistencies} == {
        (f.rule, frozenset(f.individuals)) for f in here.inconsistencies
    }


def test_store_is_left_as_it_was(remote):
    filled(remote, DATA)
    count = "SELECT (COUNT(*) AS ?n) WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    before = list(remote.query(count))
    materialise_there(remote)
    assert list(remote.query(count)) == before


def test_what_leads_to_sameas_is_refused(remote):
    filled(remote, ":p a owl:FunctionalProperty . :a :p :b, :c .")
    with pytest.raises(StoreError, match="sameAs"):
        materialise_there(remote)
