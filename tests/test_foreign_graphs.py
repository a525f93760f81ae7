"""Two graphs of other people: each journey works on them, and nothing of ours shows.

`thesaurus` is SKOS with Japanese labels, Japanese first: three syntaxes, two schemes, no axioms at all.
`organisations` is W3C ORG with dates and memberships: named graphs of its own in TriG and N-Quads, axioms.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

import clustergraph
from clustergraph.cli.app import run
from clustergraph.export import profiles
from clustergraph.folder import Lines, open_folder, parse
from clustergraph.server import Options, create_app
from clustergraph.workers.pool import Limits

HERE = Path(__file__).parent
NAMES = ("thesaurus", "organisations")
OURS = ("w3id.org/clustergraph", "Japan", "地域イノベーション", "cluster policy", "funding-program", "cg:")
QUERY = {
    "thesaurus": ("narrower-concepts", {"concept": "tree"}, 3),
    "organisations": ("members", {"organization": "institute", "day": "2005-12-31"}, 2),
}
TRIPLE = {
    "thesaurus": ("plant:pine", "skos:broader", "plant:conifer"),
    "organisations": ("agent:ada", "org:memberOf", "agent:institute"),
}

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture(scope="module", params=NAMES)
def graph(request: pytest.FixtureRequest) -> clustergraph.KnowledgeGraph:
    return clustergraph.open(HERE / request.param)


@pytest.fixture(scope="module", params=NAMES)
def client(request: pytest.FixtureRequest) -> Iterator[tuple[str, TestClient]]:
    options = Options(limits=Limits(workers=1))
    with TestClient(create_app(clustergraph.open(HERE / request.param), options)) as client:
        yield request.param, client


def name_of(graph: clustergraph.KnowledgeGraph) -> str:
    return graph.folder.root.name


def foreign(text: str) -> bool:
    return not [word for word in OURS if word in text]


@pytest.mark.parametrize("name", NAMES)
def test_saved_query_is_a_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    query, arguments, rows = QUERY[name]
    options = [word for key, text in arguments.items() for word in (f"--{key}", text)]
    assert run(["--root", str(HERE / name), "query", query, *options, "--format", "csv"]) == 0
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) == rows + 1
    assert run(["--root", str(HERE / name), "query", query, "--help"]) == 0
    assert run(["--root", str(HERE / name), "queries", "--check"]) == 0
    assert foreign(printed + capsys.readouterr().out)


def test_saved_queries_answer_with_their_examples(graph: clustergraph.KnowledgeGraph) -> None:
    for query in graph.catalogue.queries:
        assert list(graph.ask(query.name, query.example_arguments))


def test_sparql_sees_the_merge_of_all_graphs(graph: clustergraph.KnowledgeGraph) -> None:
    """A triple that two graphs state counts once."""
    triples = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    several = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } }"
    counts = [next(iter(graph.sparql(query)))[0] for query in (triples, several)]
    assert counts[0] == counts[1]


def test_graphs_keep_their_names() -> None:
    graphs = {
        quad.graph_name.value
        for quad in clustergraph.open(HERE / "organisations").snapshot.asserted.dump()
        if isinstance(quad.graph_name, ox.NamedNode)
    }
    records = {"https://staff.example/record/2001", "https://staff.example/record/2005"}
    assert records < graphs
    # What a TriG file leaves in its default graph is in the graph of its folder.
    assert graphs - records == {"https://staff.example/graph/history", "https://staff.example/graph/ontology"}


def test_language_tags_are_kept_as_written() -> None:
    labels = {str(quad.object) for quad in clustergraph.open(HERE / "thesaurus").snapshot.quads()}
    assert {'"じゅもく"@ja-Hira', '"まつ"@ja', '"木材"@ja'} <= labels


def test_graph_conforms_and_a_fault_is_found(graph: clustergraph.KnowledgeGraph, tmp_path: Path) -> None:
    assert graph.validate().conforms
    wrong = tmp_path / "wrong.ttl"
    if name_of(graph) == "thesaurus":
        wrong.write_text("<http://x.example/y> a <http://www.w3.org/2004/02/skos/core#Concept> .")
    else:
        wrong.write_text("<http://x.example/y> a <http://www.w3.org/ns/org#Membership> .")
    report = graph.validate(wrong)
    assert len(report.results) == 2
    assert {result.focus.value for result in report.results if isinstance(result.focus, ox.NamedNode)} == {
        "http://x.example/y"
    }


def test_report_is_in_the_first_language_of_the_graph(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = shutil.copytree(HERE / "thesaurus", tmp_path / "copy")
    prefix = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
    (root / "data" / "new.ttl").write_text(f'{prefix} <x:y> a skos:Concept ; skos:prefLabel "a"@ja .')
    assert run(["--root", str(root), "validate", "--format", "text"]) == 1
    printed = capsys.readouterr().out
    assert "適合していません" in printed
    assert foreign(printed)


def test_nothing_follows_where_there_are_no_axioms(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--root", str(HERE / "thesaurus"), "infer", "--format", "ntriples"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", NAMES)
def test_triple_is_explained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--root", str(HERE / name), "explain", *TRIPLE[name]]) == 0
    printed = capsys.readouterr().out
    assert foreign(printed)
    assert {"thesaurus": "trees.jsonld:21", "organisations": "memberships.trig:13"}[name] in printed


def test_change_is_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = HERE / "organisations"
    root = shutil.copytree(base, tmp_path / "copy")
    path = root / "data" / "history" / "memberships.trig"
    path.write_text(path.read_text().replace("agent:ben ; org:organization", "agent:ada ; org:organization"))
    assert run(["--root", str(root), "diff", "--base", str(base), "--format", "json"]) == 0
    printed = capsys.readouterr().out
    assert foreign(printed)
    assert "agent/ben" in printed
    assert json.loads(printed)


@pytest.mark.parametrize("name", NAMES)
def test_every_profile_exports_and_reads_back(name: str, tmp_path: Path) -> None:
    graph = clustergraph.open(HERE / name)
    known = profiles(graph.folder.root, graph.settings)
    assert ("foaf" in known) == (name == "organisations")
    for profile in known.values():
        done = graph.export(profile.name, tmp_path / f"{profile.name}{profile.ending}")
        assert done.path is not None
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(foreign(path.read_text()) for path in written if path.suffix != ".parquet")
    assert "木材" in (tmp_path / "turtle.ttl").read_text() or name == "organisations"


def test_release_holds_all_of_it(graph: clustergraph.KnowledgeGraph, tmp_path: Path) -> None:
    done = graph.release(tmp_path / "release")
    manifest = (tmp_path / "release" / "manifest.json").read_text()
    assert done.skipped == ()
    assert foreign(manifest)


def test_pages_show_this_graph_and_nothing_of_ours(client: tuple[str, TestClient]) -> None:
    name, service = client
    query, arguments, rows = QUERY[name]
    title = {"thesaurus": "Thesaurus of plants", "organisations": "Who worked where"}[name]
    english = {"Accept": "text/html", "Accept-Language": "en"}
    home = service.get("/", headers=english)
    page = service.get(f"/queries/{query}", params=arguments, headers=english)
    for answer in (home, page, service.get("/queries", headers=english)):
        assert answer.status_code == 200
        assert foreign(answer.text)
        assert title in answer.text
    assert page.text.count("<tr>") >= rows


def test_first_language_of_the_graph_is_shown_where_none_is_asked_for(
    client: tuple[str, TestClient],
) -> None:
    name, service = client
    query, arguments, _ = QUERY[name]
    answer = service.get(f"/queries/{query}.csv", params=arguments)
    assert ("針葉樹" in answer.text) == (name == "thesaurus")


@pytest.mark.parametrize(
    "path", ["/openapi.json", "/queries", "/.well-known/void", "/sparql", "/sitemap.xml", "/robots.txt"]
)
def test_descriptions_are_of_this_graph(path: str, client: tuple[str, TestClient]) -> None:
    _, service = client
    answer = service.get(path)
    assert answer.status_code == 200
    assert foreign(answer.text)


def test_sparql_is_answered(client: tuple[str, TestClient]) -> None:
    name, service = client
    answer = service.get("/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 3"})
    assert len(answer.json()["results"]["bindings"]) == 3
    assert foreign(answer.text), name


@pytest.mark.parametrize(
    ("name", "text", "iri"),
    [
        ("thesaurus", "針葉樹", "http://thesaurus.example/plant/conifer"),
        ("thesaurus", "まつ", "http://thesaurus.example/plant/pine"),
        ("organisations", "gauges", "https://staff.example/agent/gauges"),
    ],
)
def test_things_are_found_by_their_names(name: str, text: str, iri: str) -> None:
    found = clustergraph.open(HERE / name).search(text)
    assert found.hits[0].iri.value == iri


def test_exports_are_served(client: tuple[str, TestClient]) -> None:
    name, service = client
    answer = service.get("/exports/turtle")
    assert answer.status_code == 200
    assert ("木材" in answer.text) == (name == "thesaurus")
    assert foreign(answer.text)


def test_proofs_are_served(client: tuple[str, TestClient]) -> None:
    name, service = client
    parts = dict(zip(("subject", "predicate", "object"), TRIPLE[name], strict=True))
    answer = service.get("/explain", params=parts, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert foreign(answer.text)


def test_things_have_pages(client: tuple[str, TestClient]) -> None:
    """Also where their IRIs are not laid out as ours."""
    name, service = client
    thing = {
        "thesaurus": "http://thesaurus.example/plant/pine",
        "organisations": "https://staff.example/agent/ada",
    }
    headers = {"Accept": "text/html", "Accept-Language": "en"}
    answer = service.get("/page", params={"iri": thing[name]}, headers=headers)
    assert answer.status_code == 200
    assert foreign(answer.text)
    assert {"thesaurus": "pine", "organisations": "Ada Brook"}[name] in answer.text


@pytest.mark.parametrize("name", NAMES)
def test_every_triple_has_a_place(name: str) -> None:
    folder = open_folder(HERE / name)
    for file in folder.files():
        lines = Lines(file)
        for quad in parse(file):
            assert lines.of(quad.triple) or isinstance(quad.subject, ox.BlankNode), quad
