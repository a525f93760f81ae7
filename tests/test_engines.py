"""The saved queries on servers of other makers: the golden answers, or a difference that is known."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

import clustergraph
from clustergraph.catalogue import Catalogue
from clustergraph.errors import EndpointError
from clustergraph.settings import load_settings
from clustergraph.sparql.bind import bind
from clustergraph.sparql.results import Solutions
from clustergraph.store import RemoteStore, Store
from clustergraph.store.capabilities import Feature, lacks
from clustergraph.store.transport import Limits
from clustergraph.terms import DCTERMS, OWL, RDFS, SKOS, XSD, DefaultGraph, Literal, NamedNode, Term
from engines import ROW_LIMIT, Server

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"
SETTINGS = load_settings(ROOT)
CATALOGUE = Catalogue(ROOT / "queries", SETTINGS)
KNOWN = tomllib.loads((Path(__file__).parent / "engine-differences.toml").read_text())
ENGINES = ("Oxigraph", "Virtuoso")

Answer = object
"""JSON of a table, or the sorted lines of a graph."""


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The name of an engine, as it stands in its Server header."""
    return str(request.param)


@pytest.fixture(scope="module")
def store(engine: str, request: pytest.FixtureRequest, own_cache: None) -> Iterator[RemoteStore]:
    """A server of the engine with our graph and its closure, the merge of all as default graph."""
    server: Server = request.getfixturevalue(engine.lower())
    server.load(clustergraph.open(ROOT).snapshot.entailed.dump())
    opened = RemoteStore.at(server.service, limits=Limits(seconds=30))
    yield opened
    opened.close()


def answer(store: RemoteStore, name: str) -> Answer:
    query = CATALOGUE[name]
    arguments = {name: list(p.example) for name, p in query.parameters.items() if p.example}
    results = store.query(query.bind(arguments, store))
    if query.form in {"SELECT", "ASK"}:
        return json.loads(results.serialize("json"))
    return sorted(f"{triple} ." for triple in results)  # type: ignore[union-attr]  # it is a graph


def golden(name: str) -> Answer:
    path = GOLDEN / f"{name}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    return (GOLDEN / f"{name}.nt").read_text(encoding="utf-8").splitlines()


def features(engine: str, name: str) -> list[str]:
    """What the engine lacks, as far as it shows in the answer to a saved query."""
    return [feature for feature, names in KNOWN.get(engine, {}).items() if name in names]


@pytest.mark.parametrize("name", tuple(CATALOGUE))
def test_answer_is_the_golden_one_or_differs_as_known(name: str, engine: str, store: RemoteStore) -> None:
    expected, found = golden(name), answer(store, name)
    if not features(engine, name):
        assert found == expected
        return
    assert found != expected, "the difference has gone"
    for feature in features(engine, name):
        alike = ALIKE[feature]
        assert alike(found) == alike(expected), feature


Row = Mapping[str, Mapping[str, str]]


def each_row(change: Callable[[Row], object]) -> Callable[[Answer], list[object]]:
    return lambda table: [change(row) for row in table["results"]["bindings"]]  # type: ignore[index]


def as_number(row: Row) -> Row:
    integer = {"type": "literal", "datatype": XSD.integer.value}
    return {
        name: {**integer, "value": str(int(cell["value"] == "true"))}
        if cell.get("datatype") == XSD.boolean.value
        else cell
        for name, cell in row.items()
    }


def without_language(row: Row) -> Row:
    return {n: {k: part for k, part in cell.items() if k != "xml:lang"} for n, cell in row.items()}


def statement(row: Row) -> object:
    return row["statement"]


# What is still the same, for each feature that an engine lacks.
ALIKE: Mapping[str, Callable[[Answer], object]] = {
    "BOOLEANS": each_row(as_number),
    "LANGUAGE_OF_LISTS": each_row(without_language),
    "VALUES_BY_COALESCE": each_row(statement),
    "DESCRIPTIONS": bool,
}


def test_each_listed_difference_is_of_a_query_and_of_a_known_feature() -> None:
    for engine, of_engine in KNOWN.items():
        assert all(lacks(engine, Feature[feature]) for feature in of_engine)
        listed = [name for names in of_engine.values() for name in names]
        assert len(set(listed)) == len(listed)
        assert set(listed) <= set(CATALOGUE)


# What readers see is asked by queries of the server's own

SERVER = Path(clustergraph.__file__).parent / "server"
# The variables that each is bound by, and by what, where that is not of the same name.
PAGE_QUERIES = {
    "api/service-description": "endpoint",
    "api/terms": "property",
    "api/void": "dataset",
    "pages/queries/axioms": "",
    "pages/queries/busiest": "naming",
    "pages/queries/choices-of-class": "kind property",
    "pages/queries/choices-of-scheme": "kind=scheme property",
    "pages/queries/claim-count": "about thing",
    "pages/queries/claims": "about thing",
    "pages/queries/class-sizes": "",
    "pages/queries/counts": "class=kind",
    "pages/queries/description": "about thing",
    "pages/queries/description-more": "thing",
    "pages/queries/disputes": "claim comparing contradicting",
    "pages/queries/facts": "thing",
    "pages/queries/graph-content": "graph",
    "pages/queries/graph-size": "graph",
    "pages/queries/instances": "thing=kind",
    "pages/queries/kinds": "subject=thing",
    "pages/queries/links": "thing",
    "pages/queries/names": "naming=property term",
    "pages/queries/pointing": "thing",
    "pages/queries/relatives": "thing=kind",
    "pages/queries/schema": "term",
    "pages/queries/similar": "naming=property word",
    "pages/queries/standing": "candidate replacing retiring",
    "pages/queries/stated": "subject=claim thing",
    "pages/queries/statements": "claim",
    "pages/queries/terms": "retiring",
    "pages/queries/things": "naming=property space",
    "pages/queries/uses": "thing=kind",
}
_ID = f"{SETTINGS.base}id/"
_ONT = SETTINGS.prefixes["cg"]
TERMS: Mapping[str, tuple[Term, ...]] = {
    "about": (NamedNode(f"{_ONT}about"),),
    "claim": (NamedNode(f"{_ID}statement/st-budget-sum-2007-jpy"),),
    "comparing": (NamedNode(f"{_ONT}compares"),),
    "contradicting": (NamedNode(f"{_ONT}inconsistentWith"),),
    "dataset": (NamedNode("urn:x:dataset"),),
    "endpoint": (NamedNode("urn:x:endpoint"),),
    "graph": (NamedNode(f"{SETTINGS.base}graph/mext-kci-brochure"),),
    "kind": (NamedNode(f"{_ONT}ClusterArea"),),
    "naming": (RDFS.label,),
    "property": (RDFS.label, SKOS.prefLabel),
    "replacing": (DCTERMS.isReplacedBy,),
    "retiring": (OWL.deprecated,),
    "scheme": (NamedNode(f"{_ID}scheme/field"),),
    "space": (Literal(_ID),),
    "term": (NamedNode(f"{_ONT}ClusterArea"), NamedNode(f"{_ONT}inProgram")),
    "thing": (NamedNode(f"{_ID}program/kci"),),
    "word": (Literal("hamam"),),
}
CANDIDATES = ("thing", "kind", "graph", "endpoint")


def rows(store: Store, query: str) -> list[str]:
    """What a store answers, in an order of its own, blank nodes all alike."""
    return sorted(re.sub(r"_:\w+", "_:", str(row)) for row in store.query(query))  # type: ignore[union-attr]


@pytest.mark.parametrize("name", PAGE_QUERIES)
def test_pages_are_told_the_same(name: str, store: RemoteStore) -> None:
    given = {**TERMS, "candidate": tuple(term for each in CANDIDATES for term in TERMS[each])}
    asked = (word.partition("=") for word in PAGE_QUERIES[name].split())
    terms = {variable: given[as_what or variable] for variable, _, as_what in asked}
    query = bind((SERVER / f"{name}.rq").read_text(encoding="utf-8"), terms)
    expected = rows(clustergraph.open(ROOT).snapshot.entailed, query)
    assert expected or name == "pages/queries/stated"
    assert rows(store, query) == expected


def test_no_query_of_pages_is_left_out() -> None:
    found = {str(path.relative_to(SERVER).with_suffix("").as_posix()) for path in SERVER.rglob("*.rq")}
    assert found == set(PAGE_QUERIES)


def test_what_a_limit_of_rows_cuts_is_an_error(engine: str, store: RemoteStore) -> None:
    everything = "SELECT ?s ?p ?o { ?s ?p ?o }"
    if engine == "Virtuoso":
        with pytest.raises(EndpointError, match=f"answers with {ROW_LIMIT} rows, the most it gives"):
            store.query(everything)
    few = store.query(f"{everything} LIMIT 50")
    assert isinstance(few, Solutions)
    assert len(list(few)) == 50


def test_a_dump_is_whole_beyond_the_limit_of_rows(store: RemoteStore) -> None:
    """With the blank nodes of the ontology, and more triples than Virtuoso gives in one answer."""
    local = clustergraph.open(ROOT).snapshot.entailed
    here, there = (list(one.dump(DefaultGraph())) for one in (local, store))
    assert len(there) == len(set(there)) == len(here)


def test_the_named_graphs_are_ours_alone(store: RemoteStore) -> None:
    local = clustergraph.open(ROOT).snapshot.entailed
    assert set(store.graphs()) == {q.graph_name for q in local.dump() if isinstance(q.graph_name, NamedNode)}
