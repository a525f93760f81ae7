"""A graph behind a service: everything that a mode can do gives what the folder gives, on each server."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

import clustergraph
import engines
from clustergraph import KnowledgeGraph
from clustergraph.cli.app import run
from clustergraph.errors import EndpointError, LimitError, UsageError
from clustergraph.explanation import Explanation
from clustergraph.folder import Folder
from clustergraph.snapshot.cache import cache_path
from clustergraph.sparql.results import Boolean, Solutions
from clustergraph.store import RemoteStore
from clustergraph.store.scratch import scratch
from clustergraph.terms import RDF, DefaultGraph, NamedNode, Quad
from engines import Server
from serving import listening

INFERRED = NamedNode("https://lake.example/graph/inferred")
PREFIXES = (
    "@prefix water: <https://lake.example/terms/> . @prefix lake: <https://lake.example/id/lake/> . "
    "@prefix place: <https://lake.example/id/place/> . "
)
ASHI = ("lake:ashi", "water:liesIn", "place:kanto")


@pytest.fixture(params=["oxigraph", "virtuoso"])
def server(request: pytest.FixtureRequest) -> Server:
    """A server, whatever is in its store."""
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def store(server: Server) -> Iterator[RemoteStore]:
    """The store of the server."""
    opened = RemoteStore.at(server.service)
    yield opened
    opened.close()


@pytest.fixture
def here(lakes: Folder, cache: Path) -> KnowledgeGraph:
    """The folder."""
    return clustergraph.open(lakes.root)


Filled = Callable[[bool], KnowledgeGraph]


@pytest.fixture
def filled(server: Server, store: RemoteStore, here: KnowledgeGraph) -> Filled:
    """Puts the folder's graph into the server, with or without its closure, and opens it there."""

    def fill(entailed: bool = True) -> KnowledgeGraph:
        for graph in (*store.graphs(), INFERRED):
            store.update(f"CLEAR SILENT GRAPH {graph}")
        store.update("CLEAR DEFAULT" if store.default_graph is None else f"CLEAR GRAPH {store.default_graph}")
        server.load((here.snapshot.entailed if entailed else here.snapshot.asserted).dump())
        return clustergraph.open(here.folder.root, endpoint=server.service)

    return fill


def everything(store: RemoteStore) -> set[Quad]:
    """The quads without blank nodes, which have other labels each time."""
    return {quad for quad in store.dump() if "_:" not in str(quad)}


def rows(graph: KnowledgeGraph, query: str) -> list[tuple[object, ...]]:
    found = graph.sparql(query)
    assert isinstance(found, Solutions)
    return list(found)


def change(tmp_path: Path, turtle: str) -> Path:
    path = tmp_path / "new.ttl"
    path.write_text(PREFIXES + turtle, encoding="utf-8")
    return path


def test_saved_and_ad_hoc_queries(filled: Filled, here: KnowledgeGraph) -> None:
    there = filled(True)
    for name in here.catalogue:
        if here.catalogue[name].form == "SELECT" and name != "now":
            assert list(there.query(name)) == list(here.query(name))  # type: ignore[arg-type]
    query = "SELECT ?place { lake:ashi water:liesIn ?place } ORDER BY ?place"
    assert rows(there, query) == rows(here, query)
    assert len(rows(there, query)) == 3
    named = "SELECT DISTINCT ?g { GRAPH ?g { ?s water:within ?o } } ORDER BY ?g"
    assert rows(there, named) == rows(here, named)


def test_validation_of_the_whole(filled: Filled, here: KnowledgeGraph, server: Server) -> None:
    there = filled(False)
    there.store().load([*broken()])
    report = there.validate()
    assert not report.conforms
    assert [(r.focus, r.path, r.constraint) for r in report.results if "broken" in str(r.focus)]
    assert {r.focus for r in report.results} >= {r.focus for r in here.validate().results}


def broken() -> Iterator[Quad]:
    """A lake without a label."""
    lake = NamedNode("https://lake.example/id/lake/broken")
    rdf_type = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    yield Quad(lake, rdf_type, NamedNode("https://lake.example/terms/Lake"), DefaultGraph())


def test_a_change_is_judged_in_scratch_graphs(
    filled: Filled, here: KnowledgeGraph, store: RemoteStore, tmp_path: Path
) -> None:
    there = filled(False)
    before = everything(store)
    path = change(tmp_path, "lake:biwa a water:Lake .")
    report, expected = there.validate(path), here.validate(path)
    assert not report.conforms
    assert {(r.file, r.line) for r in report.results if r.state == "new"} == {(str(path), 1)}
    assert {(r.focus, r.path, r.state) for r in report.results if r.state == "new"} == {
        (r.focus, r.path, r.state) for r in expected.results if r.state == "new"
    }
    assert everything(store) == before


def test_a_difference_is_worked_out_in_scratch_graphs(
    filled: Filled, server: Server, here: KnowledgeGraph, store: RemoteStore, tmp_path: Path
) -> None:
    there = filled(False)
    before = everything(store)
    path = change(tmp_path, "lake:biwa a water:Lake ; water:liesIn place:hakone .")
    found, expected = there.diff(path), here.diff(path)
    assert found.base == server.service.endpoint
    assert set(found.added) == set(expected.added)
    assert {one.triple for one in found.inferred} == {one.triple for one in expected.inferred}
    assert {one.query for one in found.answers} == {one.query for one in expected.answers}
    assert everything(store) == before


def test_inference_is_printed_and_with_keep_put_there(
    filled: Filled, here: KnowledgeGraph, store: RemoteStore
) -> None:
    there = filled(False)
    before = everything(store)
    expected = set(here.infer().closure.triples)
    assert set(there.infer().closure.triples) == expected
    assert everything(store) == before
    for _ in range(2):  # again: what was inferred before is no premise
        assert set(there.keep_inferred().closure.triples) == expected
        assert {quad.triple for quad in store.dump(INFERRED)} == expected
        assert expected <= {quad.triple for quad in store.dump(DefaultGraph())}
    assert everything(store) >= before


def test_what_was_inferred_goes_when_its_reason_has_gone(
    filled: Filled, store: RemoteStore, here: KnowledgeGraph
) -> None:
    there = filled(True)
    for graph in (store.default_graph, *store.graphs()):
        pattern = "place:hakone water:within place:kanagawa"
        prologue = PREFIXES.replace("@prefix", "PREFIX").replace("> .", ">")
        where = pattern if graph is None else f"GRAPH {graph} {{ {pattern} }}"
        store.update(f"{prologue} DELETE DATA {{ {where} }}")
    if store.default_graph is None:
        store.update(f"{prologue} DELETE DATA {{ {pattern} }}")
    there.keep_inferred()
    query = "SELECT ?place { lake:ashi water:liesIn ?place }"
    assert len(rows(there, query)) == 1


def test_a_proof_is_found_backwards_through_queries(filled: Filled, here: KnowledgeGraph) -> None:
    there = filled(True)
    found, expected = there.explain(*ASHI), here.explain(*ASHI)
    assert found is not None
    assert expected is not None
    assert (found.triple, found.rule) == (expected.triple, expected.rule)
    assert found.axioms == expected.axioms  # with labels, which the ontology there gives
    assert {p.triple for p in leaves(found)} == {p.triple for p in leaves(expected)}
    assert {p.graph for p in leaves(found)} == {p.graph for p in leaves(expected)}
    assert there.explain("lake:ashi", "water:liesIn", "place:nowhere") is None
    stated = there.explain("lake:ashi", "water:liesIn", "place:hakone")
    assert stated is not None
    assert stated.rule == "asserted"


def leaves(explanation: Explanation) -> list[Explanation]:
    below = [leaf for premise in explanation.premises for leaf in leaves(premise)]
    return below or [explanation]


def test_a_search_finds_what_it_finds_in_the_folder(filled: Filled, here: KnowledgeGraph) -> None:
    there = filled(True)
    for text in ("ashi", "芦", "ahsi lake", "lake:ashi", "nothing"):
        assert there.search(text) == here.search(text)
    assert there.search("ashi", kind="water:Lake", language="ja") == here.search(
        "ashi", kind="water:Lake", language="ja"
    )
    kept = cache_path().with_name("endpoints")
    assert list(kept.rglob("*.sqlite"))
    assert run(["cache", "--clear"]) == 0
    assert not kept.exists()


def test_the_kind_of_a_thing_is_one_that_was_not_inferred(filled: Filled, store: RemoteStore) -> None:
    there = filled(True)
    ashi, pond = (NamedNode(f"https://lake.example/{name}") for name in ("id/lake/ashi", "terms/Pond"))
    store.load(Quad(ashi, RDF.type, pond, graph) for graph in (DefaultGraph(), INFERRED))
    found = there.search("lake:ashi").hits[0]
    assert found.kind == NamedNode("https://lake.example/terms/Lake")
    assert there.search("lake:ashi", kind=pond.value).hits


def test_what_follows_from_the_whole_is_proved_in_a_copy(
    filled: Filled, here: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, conclusion = filled(False), change(tmp_path, "lake:ashi water:liesIn place:kanto .")
    found, expected = there.entails(conclusion), here.entails(conclusion)
    assert found.entailed
    assert [one.axioms for one in found.explanations] == [one.axioms for one in expected.explanations]
    assert not there.entails(change(tmp_path, "lake:ashi water:liesIn place:nowhere .")).entailed
    monkeypatch.setattr("clustergraph.behind._MOST", 9)
    with pytest.raises(LimitError, match="triples; at most 9 are copied to reason over"):
        there.entails(conclusion)


@pytest.mark.parametrize("entailment", ["none", "owl2rl"])
def test_an_export_is_that_of_the_folder(
    filled: Filled, here: KnowledgeGraph, tmp_path: Path, entailment: str
) -> None:
    there = filled(True)
    for name, graph in (("here", here), ("there", there)):
        graph.export("nquads", tmp_path / f"{name}.nq", entailment=entailment)  # type: ignore[arg-type]
    lines = [sorted((tmp_path / f"{name}.nq").read_text().splitlines()) for name in ("here", "there")]
    named = [[line for line in each if "_:" not in line] for each in lines]
    # A service keeps some literals as it stores them, not as they were written.
    assert [line.replace('"43.5"', '"43.50"') for line in named[1]] == named[0]
    assert len(lines[0]) == len(lines[1])


# Scratch graphs


def test_scratch_graphs_go_on_error_and_on_interrupt(store: RemoteStore, filled: Filled) -> None:
    filled(False)
    before = everything(store)
    for error in (ValueError, KeyboardInterrupt):
        with pytest.raises(error):
            _fail_in(store, error)
    assert everything(store) == before


def _fail_in(store: RemoteStore, error: type[BaseException]) -> None:
    with scratch(store) as area:
        area.store.load([Quad(INFERRED, INFERRED, INFERRED, area.graph(1))])
        raise error


def test_scratch_graphs_go_when_the_process_is_told_to_end(store: RemoteStore, filled: Filled) -> None:
    filled(False)
    before = everything(store)
    with pytest.raises(KeyboardInterrupt):
        _be_ended_in(store)
    assert everything(store) == before


def _be_ended_in(store: RemoteStore) -> None:
    with scratch(store):
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
        time.sleep(10)


def test_graphs_that_cannot_be_removed_are_named(oxigraph: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RemoteStore.at(oxigraph.service)

    def lost(update: str) -> None:
        raise EndpointError(store.endpoint, "the connection was lost")

    left = "scratch graphs may be left there: <urn:x-clustergraph:run:"
    with pytest.raises(EndpointError, match=left), scratch(store):
        monkeypatch.setattr(store, "update", lost)
    store.close()


def test_a_union_default_graph_is_refused_and_what_is_needed_said(virtuoso: Server) -> None:
    address = virtuoso.service.endpoint
    store = RemoteStore(address, update_endpoint=address)
    union = r"the union of the named graphs.*expected.*--default-graph"
    with pytest.raises(EndpointError, match=union), scratch(store):
        raise AssertionError
    probe = store.query('ASK { GRAPH ?g { ?s ?p ?o } FILTER(STRSTARTS(STR(?g), "urn:x-clustergraph:run:")) }')
    assert isinstance(probe, Boolean)
    assert not probe
    store.close()


# The command line


def options(server: Server, root: Path, *, updates: bool = True) -> list[str]:
    service = server.service
    given = ["--root", str(root), "--endpoint", service.endpoint]
    if updates:
        given += ["--update-endpoint", str(service.update_endpoint)]
    if service.default_graph is not None:
        given += ["--default-graph", service.default_graph.value]
    return given


def test_commands_over_a_service(
    filled: Filled, server: Server, here: KnowledgeGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(False)
    before = options(server, here.folder.root)
    assert run([*before, "query", "lakes"]) == 0
    assert run([*before, "sparql", "ASK { lake:ashi a water:Lake }"]) == 0
    assert run([*before, "validate", str(change(tmp_path, "lake:biwa a water:Lake ."))]) == 1
    assert run([*before, "infer", "--keep"]) == 0
    assert "<https://lake.example/id/place/kanto>" in capsys.readouterr().out
    assert run([*before, "explain", *ASHI]) == 0
    assert "prp-spo2" in capsys.readouterr().out
    assert run([*before, "export", "turtle", "-o", str(tmp_path / "out.ttl")]) == 0


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        (["infer"], "infer needs a folder (--root) or a SPARQL endpoint with updates"),
        (["validate", "FILE"], "validate a change needs a folder (--root) or a SPARQL endpoint with updates"),
        (["diff", "FILE"], "diff needs a folder (--root) or a SPARQL endpoint with updates"),
        (["validate", "--standalone", "FILE"], "needs a folder (--root): these read files"),
        (["validate", "--engine", "pyshacl"], "needs a folder (--root): these read files"),
        (["release", "-o", "OUT"], "release needs a folder (--root)"),
        (["infer", "--asserted"], "export prints what a service holds"),
        (["template", "water:Lake"], "leave out --endpoint"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_what_a_mode_cannot_do_exits_2_and_says_what_is_needed(
    oxigraph: Server, lakes: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    command: list[str], needed: str,
) -> None:  # fmt: skip
    path = str(change(tmp_path, "lake:biwa a water:Lake ."))
    words = [{"FILE": path, "OUT": str(tmp_path / "out")}.get(word, word) for word in command]
    assert run([*options(oxigraph, lakes.root, updates=False), *words]) == 2
    said = capsys.readouterr().err
    assert needed in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "option", ["--update-endpoint", "--default-graph", "--credentials", "--endpoint-timeout"]
)
def test_options_about_a_service_need_one(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([option, "1", "queries"]) == 2
    assert f"{option} is about a service; name it by --endpoint" in capsys.readouterr().err


def test_a_folder_has_no_closure_to_keep(here: KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match="--keep"):
        here.keep_inferred()


def test_a_service_that_is_down_is_one_line(lakes: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--root", str(lakes.root), "--endpoint", "http://127.0.0.1:9/sparql", "query", "lakes"]
    assert run(words) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: http://127.0.0.1:9/sparql: cannot be reached")
    assert said.count("\n") == 1


# `serve` in front of a service


def test_serve_in_front_of_a_service(filled: Filled, server: Server, here: KnowledgeGraph) -> None:
    filled(True)
    root = here.folder.root
    with (
        listening(root, behind=server.service) as address,
        httpx.Client(base_url=address, timeout=20) as client,
    ):
        answer = client.get("/queries/lakes.json")
        assert answer.status_code == 200
        assert answer.content == client.get("/queries/lakes.json").content
        assert "cite-as" not in answer.headers.get("Link", "")
        tagged = {"If-None-Match": answer.headers["ETag"]}
        assert client.get("/queries/lakes.json", headers=tagged).status_code == 304
        assert client.get("/queries/lakes", headers={"Accept": "text/html"}).status_code == 200
        assert client.get("/sparql", params={"query": "ASK { ?s ?p ?o }"}).json()["boolean"] is True
        assert client.get("/").status_code == 200
        # What is written by a task that needs no files.
        ontology = client.get("/ont.jsonld")
        assert ontology.headers["Content-Type"] == "application/ld+json", ontology.text
        assert "@context" in ontology.json()


HTML = {"Accept": "text/html"}
NEW = (PREFIXES + "lake:biwa a water:Lake ; water:liesIn place:hakone .").encode()
TURTLE = {"Content-Type": "text/turtle"}


def test_serve_offers_before_a_service_what_it_offers_before_a_folder(
    filled: Filled, server: Server, here: KnowledgeGraph, store: RemoteStore
) -> None:
    filled(False).keep_inferred()
    before = everything(store)
    triple = dict(zip(("subject", "predicate", "object"), ASHI, strict=True))
    with (
        listening(here.folder.root, behind=server.service) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        assert client.get("/search", params={"q": "ashi"}).json() == here.search("ashi").describe()
        assert "Lake Ashi" in client.get("/search", params={"q": "ashi"}, headers=HTML).text
        proof = client.get("/explain", params=triple)
        assert proof.json()["rule"] == "prp-spo2"
        assert "“lies in”" in proof.json()["axioms"][0]
        assert "Lake Ashi" in client.get("/explain", params=triple, headers=HTML).text
        missing = client.get("/explain", params=triple | {"object": "place:nowhere"})
        assert missing.status_code == 404
        export = client.get("/exports/nquads")
        assert {line for line in export.text.splitlines() if "_:" not in line} == {
            f"{quad} ." for quad in everything(store) if quad.graph_name not in {DefaultGraph(), INFERRED}
        }
        assert client.get("/exports/nquads/loss").json()["triples"]["lost"] == 0
        assert client.get("/exports", headers=HTML).status_code == 200
        report = client.post("/validate", content=NEW, headers=TURTLE).json()
        assert [(one["file"], one["line"]) for one in report["new"]] == [("upload", 1)]
        difference = client.post("/diff", content=NEW, headers=TURTLE).json()
        assert difference["base"] == server.service.endpoint
        assert client.post("/validate", content=NEW, headers=TURTLE | HTML).status_code == 200
        assert client.post("/validate", content=b"<a> b", headers=TURTLE).status_code == 400
    assert everything(store) == before


def test_changes_need_updates_over_http_too(oxigraph: Server, lakes: Folder) -> None:
    with listening(lakes.root, behind=replace(oxigraph.service, update_endpoint=None)) as address:
        for path, task in (("validate", "validate a change"), ("diff", "diff")):
            answer = httpx.post(f"{address}/{path}", content=NEW, headers=TURTLE, timeout=20)
            assert answer.status_code == 400
            needed = f"{task} needs a folder (--root) or a SPARQL endpoint with updates"
            assert answer.json()["detail"].startswith(needed)


def test_an_export_is_not_older_than_an_answer_may_be(
    filled: Filled, server: Server, here: KnowledgeGraph, store: RemoteStore
) -> None:
    filled(False)
    with (
        listening(here.folder.root, behind=server.service, max_age=0) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        before = client.get("/exports/ntriples")
        store.load([Quad(INFERRED, INFERRED, INFERRED, NamedNode("https://lake.example/graph/survey"))])
        tagged = {"If-None-Match": before.headers["ETag"]}
        after = client.get("/exports/ntriples", headers=tagged)
        assert after.status_code == 200
        assert len(after.text.splitlines()) == len(before.text.splitlines()) + 1


def test_an_answer_is_asked_anew_when_it_is_old(
    filled: Filled, server: Server, here: KnowledgeGraph, store: RemoteStore
) -> None:
    filled(True)
    root, query = here.folder.root, {"query": "SELECT (COUNT(*) AS ?n) { ?s a <urn:x:new> }"}
    with (
        listening(root, behind=server.service, max_age=0) as address,
        httpx.Client(base_url=address, timeout=20) as client,
    ):
        before = client.get("/sparql", params=query)
        rdf_type = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
        store.load([Quad(INFERRED, rdf_type, NamedNode("urn:x:new"), DefaultGraph())])
        after = client.get("/sparql", params=query, headers={"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200
        assert after.content != before.content


def test_a_service_that_went_away_is_a_bad_gateway(here: KnowledgeGraph) -> None:
    with engines.oxigraph() as started:
        started.load(here.snapshot.entailed.dump())
        with listening(here.folder.root, behind=started.service) as address:
            assert httpx.get(f"{address}/queries/lakes.json").status_code == 200
            started.stop()
            answer = httpx.get(f"{address}/sparql", params={"query": "ASK { ?s ?p ?o }"}, timeout=20)
            assert answer.status_code == 502
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert "cannot be reached" in answer.json()["detail"]
