"""Clients that people have: each installed one asks for real, and gets what its users expect."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import (
    CSV,
    JSON,
    JSONLD,
    N3,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
    SPARQLWrapper2,
)
from SPARQLWrapper.SPARQLExceptions import EndPointInternalError, QueryBadFormed, SPARQLWrapperException

PARK = "https://park.example/"
TREES = f"""
SELECT ?tree ?label {{
  ?tree a <{PARK}terms/Tree> ; <http://www.w3.org/2000/01/rdf-schema#label> ?label
  FILTER (LANG(?label) = "ja")
}} ORDER BY ?label"""
GRAPH = f"CONSTRUCT {{ ?s ?p ?o }} {{ ?s ?p ?o FILTER (?s = <{PARK}tree/plum>) }}"
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(9)) + " }"
# What users of a spreadsheet must not run, and what must stay as it is.
CELLS = """
SELECT ?cell { VALUES ?cell {
  "=1+1" "+1" "-1" "@SUM(A1)" "＝１" "\\t=1" "plain" "梅、桜"
  "with \\"quotes\\", and comma" "two\\nlines" -5 1.5 "'quoted"
} }"""


# The clients leave sockets to the garbage collector, and call what rdflib deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning"),
]


@pytest.fixture
def endpoint(served: httpx.Client) -> str:
    return str(served.base_url.join("/sparql"))


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("how", [URLENCODED, POSTDIRECTLY])
@pytest.mark.parametrize("format", [JSON, XML, CSV, TSV])
def test_sparqlwrapper_reads_tables(endpoint: str, method: str, how: str, format: str) -> None:
    if method == "GET" and how == POSTDIRECTLY:
        pytest.skip("there is no such request")
    client = SPARQLWrapper(endpoint)
    client.setQuery(TREES)
    client.setMethod(method)
    client.setRequestMethod(how)
    client.setReturnFormat(format)
    found = client.queryAndConvert()
    if format == JSON:
        labels = [row["label"]["value"] for row in found["results"]["bindings"]]
        assert sorted(labels) == sorted(["古松", "梅"])
    else:
        text = found.toxml() if format == XML else found.decode()
        assert "古松" in text


@pytest.mark.parametrize("format", [TURTLE, N3, RDFXML, XML, JSONLD])
def test_sparqlwrapper_reads_graphs(endpoint: str, format: str) -> None:
    client = SPARQLWrapper(endpoint)
    client.setQuery(GRAPH)
    client.setReturnFormat(format)
    found = client.queryAndConvert()
    graph = found if isinstance(found, rdflib.Graph) else rdflib.Graph().parse(data=found, format="turtle")
    assert (rdflib.URIRef(f"{PARK}tree/plum"), rdflib.RDF.type, rdflib.URIRef(f"{PARK}terms/Tree")) in graph


def test_sparqlwrapper_reads_bindings_and_truth(endpoint: str) -> None:
    client = SPARQLWrapper2(endpoint)
    client.setQuery(TREES)
    assert {row["label"].lang for row in client.query().bindings} == {"ja"}
    ask = SPARQLWrapper(endpoint, returnFormat=JSON)
    ask.setQuery(f"ASK {{ <{PARK}tree/plum> ?p ?o }}")
    assert ask.queryAndConvert()["boolean"] is True


def test_sparqlwrapper_hears_what_is_wrong(endpoint: str) -> None:
    client = SPARQLWrapper(endpoint, returnFormat=JSON)
    client.setQuery("SELECT * { ?s ?p")
    with pytest.raises(QueryBadFormed, match="line 1"):
        client.query()
    client.setQuery(ENDLESS)
    client.addParameter("timeout", "0.2")
    with pytest.raises((EndPointInternalError, SPARQLWrapperException, OSError)) as stopped:
        client.query()
    assert "503" in str(stopped.value) or "stopped" in str(stopped.value)


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_s_store_is_a_graph(endpoint: str, method: str) -> None:
    store = SPARQLStore(endpoint, method=method)
    graph = rdflib.Graph(store)
    plum = rdflib.URIRef(f"{PARK}tree/plum")
    assert rdflib.Literal("梅", lang="ja") in set(graph.objects(plum, rdflib.RDFS.label))
    assert len(graph) > 10
    assert [str(row[1]) for row in graph.query(TREES)]  # type: ignore[index]  # rows of a SELECT
    assert bool(graph.query(f"ASK {{ <{plum}> ?p ?o }}"))
    assert len(graph.query(GRAPH).graph or ()) > 3
    bound = graph.query("SELECT ?label { ?tree rdfs:label ?label }", initBindings={"tree": plum})
    assert {str(row[0]) for row in bound} == {"Plum", "梅"}  # type: ignore[index]
    assert {str(context) for context in store.contexts()} >= {f"{PARK}graph/survey"}


curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def run_curl(*arguments: str, cwd: Path) -> str:
    command = ["curl", "--silent", "--show-error", "--max-time", "20", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=cwd).stdout


@curl
def test_curl_as_the_documentation_has_it(served: httpx.Client, endpoint: str, tmp_path: Path) -> None:
    table = run_curl("-H", "Accept: text/csv", "--data-urlencode", f"query={TREES}", endpoint, cwd=tmp_path)
    assert table.splitlines()[0] == "tree,label"
    (tmp_path / "q.rq").write_text(TREES)
    direct = run_curl(
        "-H", "Content-Type: application/sparql-query", "--data-binary", "@q.rq", endpoint, cwd=tmp_path
    )
    assert json.loads(direct)["head"]["vars"] == ["tree", "label"]
    base = str(served.base_url).rstrip("/")
    compressed = run_curl("--compressed", f"{base}/queries/trees.json", cwd=tmp_path)
    assert json.loads(compressed)["results"]
    run_curl("-OJ", f"{base}/queries/trees.csv?planted=1868", cwd=tmp_path)
    assert (tmp_path / "trees-1868.csv").read_text().startswith("tree,treeLabel")
    head = run_curl("-I", f"{base}/queries/trees", cwd=tmp_path)
    assert head.startswith("HTTP/1.1 200")
    assert "trees.csv" not in head
    failed = run_curl(
        "--fail-with-body",
        "-w",
        "%{http_code}",
        "-G",
        "--data-urlencode",
        "query=ASK {}",
        endpoint,
        cwd=tmp_path,
    )
    assert failed.endswith("200")


@pytest.mark.parametrize("dialect", ["excel", "unix"])
def test_csv_is_w3c_s_and_what_importers_expect(endpoint: str, dialect: str) -> None:
    answer = httpx.get(endpoint, params={"query": CELLS, "format": "csv"})
    assert not answer.content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in answer.content
    rows = list(csv.reader(io.StringIO(answer.text, newline=""), dialect))
    cells = [cell for (cell,) in rows[1:]]
    assert rows[0] == ["cell"]
    assert cells[:3] == ["=1+1", "+1", "-1"]
    assert 'with "quotes", and comma' in cells
    assert "two\nlines" in cells


@pytest.mark.parametrize("dialect", ["excel", "unix"])
def test_what_is_for_spreadsheets_is_read_as_utf_8_and_runs_nothing(
    served: httpx.Client, endpoint: str, dialect: str
) -> None:
    answer = httpx.get(endpoint, params={"query": CELLS, "format": "spreadsheet"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; header=present; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), dialect))
    cells = [cell for (cell,) in rows[1:]]
    assert cells[:6] == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'＝１", "'\t=1"]
    assert cells[6:9] == ["plain", "梅、桜", 'with "quotes", and comma']
    assert {"two\nlines", "-5", "1.5"} <= set(cells)
    trees = served.get("/queries/trees?format=spreadsheet")
    assert trees.content.decode("utf-8-sig").startswith("tree,treeLabel,planted\r\n")
    assert 'filename="trees.csv"' in trees.headers["content-disposition"]
    truth = served.get("/queries/planted-before?season=spring&format=spreadsheet")
    assert truth.content.decode("utf-8-sig") == "answer\r\nfalse\r\n"
    assert served.get("/queries/tree?tree=plum&format=spreadsheet").status_code == 406
    # Nobody gets it who only says `text/csv`.
    plain = served.get("/queries/trees", headers={"Accept": "text/csv"})
    assert not plain.content.startswith(b"\xef\xbb\xbf")
