"""One contract over every store: in memory, on disk for reading only, and a service over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from clustergraph.errors import EndpointError, QueryRefusedError, QuerySyntaxError, StoreError
from clustergraph.sparql.results import Boolean, Solutions, Triples
from clustergraph.store import Dataset, EmbeddedStore, RemoteStore, Store
from clustergraph.terms import XSD, BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

EX = "http://example.com/"
PREFIX = f"PREFIX : <{EX}> "
A, B, P, G, H = (NamedNode(EX + name) for name in "abpgh")
ONE, TWO = Literal(1), Literal(2)
DATA = [
    Quad(A, P, ONE, DefaultGraph()),
    Quad(A, P, TWO, DefaultGraph()),
    Quad(B, P, Literal("日本 \"\\\n\u0000'", language="ja"), DefaultGraph()),
    Quad(B, P, A, DefaultGraph()),
    Quad(A, P, ONE, G),
    Quad(A, P, ONE, H),
    Quad(A, P, TWO, H),
]

Make = Callable[[Iterable[Quad]], Store]


@pytest.fixture(params=["memory", "disk", "disk and memory", "remote"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """A function that makes a store holding the given quads."""
    opened: list[Store] = []

    def in_memory(quads: Iterable[Quad]) -> Store:
        store = EmbeddedStore()
        store.load(quads)
        return store

    def on_disk(quads: Iterable[Quad]) -> Store:
        writable = ox.Store(str(tmp_path / "store"))
        writable.bulk_extend(quads)
        writable.flush()
        del writable
        return EmbeddedStore.open(tmp_path / "store")

    def on_both(quads: Iterable[Quad]) -> Store:
        plain = ox.Store()
        quads = list(quads)
        plain.bulk_extend(quad for quad in quads if quad.graph_name == ox.DefaultGraph())
        on_disk(quads).close()
        return EmbeddedStore.open(tmp_path / "store", plain=plain)

    def remote(quads: Iterable[Quad]) -> Store:
        address = request.getfixturevalue("service")
        store = RemoteStore(f"{address}/query", update_endpoint=f"{address}/update")
        store.update("CLEAR ALL")
        store.load(quads)
        return store

    def made(quads: Iterable[Quad]) -> Store:
        makers = {"memory": in_memory, "disk": on_disk, "disk and memory": on_both, "remote": remote}
        store = makers[request.param](quads)
        opened.append(store)
        return store

    yield made
    for store in opened:
        store.close()


@pytest.fixture
def store(make: Make) -> Store:
    """A store that holds DATA."""
    return make(DATA)


@pytest.fixture
def writable(store: Store, request: pytest.FixtureRequest) -> Store:
    """A store that holds DATA and takes updates."""
    if "disk" in request.node.callspec.id:
        pytest.skip("only for reading; see test_a_store_on_disk_refuses_every_write")
    return store


def rows(store: Store, query: str, dataset: Dataset | None = None) -> list[tuple[object, ...]]:
    answer = store.query(PREFIX + query, dataset)
    assert isinstance(answer, Solutions)
    return sorted(answer, key=str)


def test_select_gives_a_tuple_a_row_in_the_order_of_its_variables(store: Store) -> None:
    answer = store.query(PREFIX + "SELECT ?o ?s ?none { ?s :p ?o . FILTER(isNumeric(?o)) } ORDER BY ?o")
    assert isinstance(answer, Solutions)
    assert answer.variables == ("o", "s", "none")
    assert list(answer) == [(ONE, A, None), (TWO, A, None)]


def test_select_without_solutions_still_names_its_columns(store: Store) -> None:
    answer = store.query("SELECT ?b ?a { ?a <urn:none> ?b }")
    assert isinstance(answer, Solutions)
    assert answer.variables == ("b", "a")
    assert list(answer) == []


def test_ask_gives_a_truth_value(store: Store) -> None:
    yes, no = store.query(PREFIX + "ASK { :a :p 1 }"), store.query(PREFIX + "ASK { :a :p 3 }")
    assert isinstance(yes, Boolean)
    assert (bool(yes), bool(no)) == (True, False)


def test_construct_and_describe_give_triples(store: Store) -> None:
    built = store.query(PREFIX + "CONSTRUCT { ?o :p ?s } WHERE { ?s :p ?o FILTER(isIRI(?o)) }")
    assert isinstance(built, Triples)
    assert set(built) == {Triple(A, P, B)}
    assert set(store.query(PREFIX + "DESCRIBE :b")) == {q.triple for q in DATA if q.subject == B}


def test_terms_come_back_as_they_were_stored(store: Store) -> None:
    assert rows(store, "SELECT ?o { :b :p ?o }") == sorted([(DATA[2].object,), (A,)], key=str)


def test_triple_terms_come_back(make: Make) -> None:
    term = Triple(A, P, Triple(B, P, Literal("x", language="en")))
    store = make([Quad(A, P, term, DefaultGraph())])
    assert rows(store, "SELECT ?t { ?s ?p ?t }") == [(term,)]
    assert [quad.object for quad in store.dump()] == [term]


@pytest.mark.parametrize("format", ["json", "xml", "csv", "tsv"])
def test_solutions_are_written_in_each_result_format(store: Store, format: str) -> None:
    text = store.query(PREFIX + "SELECT ?o { :a :p ?o }").serialize(format)
    assert b"o" in text
    assert b"2" in text


def test_one_graph_stands_in_for_the_default_graph(store: Store) -> None:
    assert rows(store, "SELECT ?o { ?s ?p ?o }", Dataset((G,))) == [(ONE,)]
    assert rows(store, "SELECT ?o FROM :g { ?s ?p ?o }") == [(ONE,)]


def test_a_dataset_overrides_from(store: Store) -> None:
    assert len(rows(store, "SELECT ?o FROM :g { ?s ?p ?o }", Dataset((H,)))) == 2


def test_a_graph_that_is_not_there_is_empty(store: Store) -> None:
    assert rows(store, "SELECT ?o { ?s ?p ?o }", Dataset((NamedNode(EX + "none"),))) == []
    assert rows(store, "SELECT ?o FROM :none { ?s ?p ?o }") == []


def test_only_the_named_graphs_of_a_dataset_are_seen(store: Store) -> None:
    query = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    assert rows(store, query) == [(G,), (H,)]
    assert rows(store, query, Dataset(named=(H,))) == [(H,)]
    assert rows(store, "SELECT DISTINCT ?g FROM NAMED :g { GRAPH ?g { ?s ?p ?o } }") == [(G,)]
    assert rows(store, query, Dataset((H,))) == []


def test_a_dataset_without_default_graph_has_an_empty_one(store: Store) -> None:
    assert rows(store, "SELECT * { ?s ?p ?o }", Dataset(named=(H,))) == []
    assert rows(store, "SELECT * FROM NAMED :h { ?s ?p ?o }") == []
    assert rows(store, "SELECT * { ?s ?p ?o }", Dataset()) == []


@pytest.mark.parametrize(
    ("query", "dataset"),
    [
        ("SELECT (COUNT(*) AS ?n) FROM :g FROM :h { ?s ?p ?o }", None),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", Dataset((G, H))),
    ],
)
def test_several_default_graphs_are_merged_or_refused(
    store: Store, query: str, dataset: Dataset | None
) -> None:
    """A triple in two of them never counts twice."""
    if isinstance(store, RemoteStore):
        with pytest.raises(StoreError, match="does not merge"):
            rows(store, query, dataset)
    else:
        assert rows(store, query, dataset) == [(TWO,)]


@pytest.mark.parametrize("query", ["SELECT * {", "SELECT ?x { ?x :unknown- ?y", "", "{}", "SELECT * { ?s }"])
def test_text_that_is_no_sparql_is_a_syntax_error(store: Store, query: str) -> None:
    with pytest.raises(QuerySyntaxError):
        store.query(query)


def test_the_longest_token_wins(store: Store) -> None:
    """W3C's syn-bad-26: `<?a&&?b>` is an IRI."""
    with pytest.raises(QuerySyntaxError, match="reads as an IRI"):
        store.query("SELECT * { ?x ?p ?y FILTER(?x<?a&&?b>?y) }")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT ?where { ?s ?p ?o } }",
        "SELECT * { { SELECT * { OPTIONAL { service :here { ?s ?p ?o } } } } }",
    ],
)
def test_a_service_that_is_not_listed_is_refused(store: Store, query: str) -> None:
    with pytest.raises(QueryRefusedError, match="SERVICE"):
        store.query(PREFIX + query)


def test_an_escape_outside_of_strings_is_a_syntax_error(store: Store) -> None:
    with pytest.raises(QuerySyntaxError, match="escape"):
        store.query(r"SELECT * { \u0053ERVICE <http://127.0.0.1/> { ?s ?p ?o } }")


@pytest.mark.parametrize(
    "opening", ["{", "(", "[", "<<(", "!", "{ SELECT * {", "FILTER EXISTS {", "OPTIONAL {"]
)
def test_a_hundred_thousand_nested_brackets_are_refused(store: Store, opening: str) -> None:
    with pytest.raises(QueryRefusedError, match="nested"):
        store.query("SELECT * { ?s ?p ?o " + opening * 100_000)


@pytest.mark.parametrize("part", ["OPTIONAL { ?s ?p ?o }", "UNION {}", "BIND(1 AS ?a)", "FILTER(1+1)"])
def test_an_endless_chain_is_refused(store: Store, part: str) -> None:
    with pytest.raises(QueryRefusedError, match="parts"):
        store.query("SELECT * { ?s ?p ?o " + part * 20_000 + "}")


def test_a_compiled_query_is_as_long_as_its_lists() -> None:
    store = EmbeddedStore()
    store.load(DATA)
    listed = " ".join(f"<{EX}{number}>" for number in range(20_000))
    answer = store.run(f"SELECT ?s {{ VALUES ?s {{ {listed} {A} }} ?s {P} 1 }}")
    assert isinstance(answer, Solutions)
    assert [tuple(row) for row in answer] == [(A,)]


@pytest.mark.parametrize(
    "path",
    ["(" * 2000 + str(P) + ")" * 2000, "/".join([str(P)] * 2000), " | ".join([str(P)] * 2000)],
    ids=["nested", "sequence", "alternatives"],
)
def test_a_compiled_query_that_the_engine_may_not_survive_is_refused(path: str) -> None:
    with pytest.raises(QueryRefusedError):
        EmbeddedStore().run(f"ASK {{ ?s {path} ?o }}")


def test_an_update_is_no_query(store: Store) -> None:
    with pytest.raises((QueryRefusedError, QuerySyntaxError)):
        store.query(PREFIX + "DELETE WHERE { ?s ?p ?o }")
    assert bool(store.query("ASK { ?s ?p ?o }"))


def test_dump_gives_the_quads_of_each_graph(store: Store) -> None:
    assert set(store.dump()) == set(DATA)
    assert set(store.dump(H)) == {quad for quad in DATA if quad.graph_name == H}
    assert set(store.dump(DefaultGraph())) == {quad for quad in DATA if quad.graph_name == DefaultGraph()}
    assert list(store.dump(NamedNode(EX + "none"))) == []


def test_blank_nodes_stay_joined(make: Make) -> None:
    node = BlankNode("x")
    quads = [Quad(node, P, ONE, DefaultGraph()), Quad(A, P, node, DefaultGraph()), Quad(A, P, node, G)]
    store = make(quads)
    assert bool(store.query(PREFIX + "ASK { :a :p ?x . ?x :p 1 . GRAPH :g { :a :p ?x } }"))
    dumped = ox.Dataset(store.dump())
    dumped.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    expected = ox.Dataset(quads)
    expected.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert dumped == expected


def test_update_adds_and_removes(writable: Store) -> None:
    writable.update(PREFIX + "DELETE DATA { :a :p 2 } ; INSERT DATA { :b :p 3 . GRAPH :new { :b :p 4 } }")
    assert rows(writable, "SELECT ?o { ?s :p ?o FILTER(isNumeric(?o)) }") == [(ONE,), (Literal(3),)]
    assert rows(writable, "SELECT ?o { GRAPH :new { ?s ?p ?o } }") == [(Literal(4),)]


def test_an_update_that_fails_changes_nothing(writable: Store) -> None:
    before = set(writable.dump())
    with pytest.raises(QuerySyntaxError):
        writable.update(PREFIX + "INSERT DATA { :new :p 1 } ; INSERT DATA {")
    assert set(writable.dump()) == before


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <http://127.0.0.1:9/x>",
        "INSERT { ?s ?p 1 } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "CREATE GRAPH <urn:x> ; load silent <file:///etc/hostname> INTO GRAPH <urn:x>",
    ],
)
def test_an_update_fetches_nothing(writable: Store, update: str) -> None:
    with pytest.raises(QueryRefusedError, match="update"):
        writable.update(update)


def test_load_takes_many_quads(make: Make) -> None:
    quads = [Quad(NamedNode(f"{EX}{n}"), P, Literal(str(n)), G) for n in range(5000)]
    store = make(iter(quads))
    assert rows(store, "SELECT (COUNT(*) AS ?n) { GRAPH :g { ?s ?p ?o } }")[0][0] == Literal(5000)


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("SELECT ?g { ?s ?p ?g }", "plain"),
        ("SELECT ?graphs { ?s ?p ?graphs }", "plain"),
        ("SELECT ?g { GRAPH ?any { ?s ?p ?g } }", "whole"),
        ("SELECT ?g { ?s ?p ?g FILTER EXISTS { graph ?any { ?s ?p ?g } } }", "whole"),
        ("SELECT ?g FROM <urn:graph> { ?s ?p ?g }", "whole"),
        ("SELECT ?g from#here\n<urn:graph> { ?s ?p ?g }", "whole"),
        ("PREFIX a: <urn:> SELECT ?g FROM a:graph { ?s ?p ?g }", "whole"),
        ("SELECT ?g { ?s ?p ?g } # from where", "plain"),
    ],
)
def test_what_names_no_graph_is_answered_by_the_default_graph_alone(query: str, place: str) -> None:
    plain, whole = ox.Store(), ox.Store()
    subject, predicate, graph = (ox.NamedNode(f"urn:graph{name}") for name in ("/s", "/p", ""))
    plain.add(Quad(subject, predicate, ox.Literal("plain"), ox.DefaultGraph()))
    for name in (graph, ox.DefaultGraph()):
        whole.add(Quad(subject, predicate, ox.Literal("whole"), name))
    found = EmbeddedStore(whole, plain=plain).query(query)
    assert isinstance(found, Solutions)
    assert [row[0] for row in found] == [ox.Literal(place)]


def test_a_store_on_disk_refuses_every_write(tmp_path: Path) -> None:
    ox.Store(str(tmp_path / "store")).flush()
    store = EmbeddedStore.open(tmp_path / "store")
    with pytest.raises(StoreError, match="update failed"):
        store.update("INSERT DATA { <urn:a> <urn:b> <urn:c> }")
    with pytest.raises(StoreError, match="could not be written"):
        store.load(DATA)
    assert list(store.dump()) == []


def test_a_closed_store_answers_no_more(store: Store) -> None:
    store.close()
    for call in (lambda: store.query("ASK {}"), lambda: list(store.dump()), lambda: store.load(DATA)):
        with pytest.raises(StoreError, match="closed"):
            call()


def test_a_service_without_update_endpoint_takes_no_update(service: str) -> None:
    store = RemoteStore(f"{service}/query")
    with pytest.raises(
        EndpointError, match=f"{service}/query: takes no updates; expected an update endpoint"
    ):
        store.update("CLEAR ALL")
    with pytest.raises(EndpointError, match="takes no updates"):
        store.load(DATA)


def test_literals_that_the_engine_rewrites_are_found_by_their_value(make: Make) -> None:
    store = make([Quad(A, P, Literal("01", datatype=XSD.int), DefaultGraph())])
    assert bool(store.query(PREFIX + "ASK { :a :p 1 }"))
