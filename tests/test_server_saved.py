"""Saved queries over HTTP."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def labels(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["treeLabel"]["value"] for row in answer.json()["results"]["bindings"] if "treeLabel" in row]


def test_the_catalogue_lists_the_contracts(served: httpx.Client) -> None:
    queries = {query["name"]: query for query in served.get("/queries").json()["queries"]}
    assert list(queries) == ["planted-before", "tree", "trees"]
    assert queries["trees"]["parameters"]["planted"]["many"] is True
    assert queries["tree"]["form"] == "CONSTRUCT"
    assert served.get(queries["trees"]["href"]).status_code == 200


def test_arguments_are_bound(served: httpx.Client) -> None:
    assert set(labels(served.get("/queries/trees"))) == {"Old Pine", "Plum"}
    assert set(labels(served.get("/queries/trees?planted=1868"))) == {"Old Pine"}
    assert set(labels(served.get("/queries/trees?planted=1868&planted=1996"))) == {"Old Pine", "Plum"}
    assert set(labels(served.get("/queries/trees?height=10"))) == {"Old Pine"}
    assert set(labels(served.get("/queries/trees?kind=park:Conifer&lang=ja"))) == {"古松"}


def test_the_language_is_negotiated(served: httpx.Client) -> None:
    answer = served.get(
        "/queries/trees?planted=1996", headers={"Accept-Language": "fr, ja-JP;q=0.8, en;q=0.1"}
    )
    assert labels(answer)[0] == "梅"
    assert answer.headers["content-language"] == "ja"


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("csv", "text/csv"),
        ("tsv", "text/tab-separated-values"),
        ("json", "application/sparql-results+json"),
        ("xml", "application/sparql-results+xml"),
    ],
)
def test_suffixes_choose_the_syntax(served: httpx.Client, suffix: str, kind: str) -> None:
    answer = served.get(f"/queries/trees.{suffix}", headers={"Accept": "image/png"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind


def test_graph_queries_answer_in_rdf(served: httpx.Client) -> None:
    for address in ("/queries/tree?tree=plum", "/queries/tree.ttl?tree=tree:plum"):
        answer = served.get(address)
        assert len(list(ox.parse(answer.content, format=ox.RdfFormat.TURTLE))) == 6
    assert served.get("/queries/tree.csv?tree=plum").status_code == 406
    assert served.get("/queries/trees.ttl").status_code == 406


def test_the_text_of_a_query_is_served(served: httpx.Client) -> None:
    raw = served.get("/queries/trees.rq")
    assert raw.headers["content-type"].startswith("application/sparql-query")
    assert raw.text.startswith("#+ summary: Trees")
    negotiated = served.get("/queries/trees", headers={"Accept": "application/sparql-query"})
    assert negotiated.content == raw.content


@pytest.mark.parametrize(
    ("address", "status", "members"),
    [
        ("/queries/tres", 404, {"query": "tres", "near": ["trees", "tree"]}),
        ("/queries/tree", 422, {"parameter": "tree"}),
        ("/queries/tree?tree=", 422, {"parameter": "tree"}),
        ("/queries/tree?tree=plumm", 422, {"parameter": "tree", "argument": "plumm", "near": ["plum"]}),
        ("/queries/tree?tree=plum&tree=plum", 422, {"parameter": "tree"}),
        ("/queries/tree?tre=plum", 422, {"parameter": "tre", "near": ["tree"]}),
        ("/queries/trees?planted=soon", 422, {"parameter": "planted", "argument": "soon"}),
        ("/queries/trees?planted=1700", 422, {"parameter": "planted"}),
        ("/queries/trees?height=-1", 422, {"parameter": "height"}),
        ("/queries/trees?name=%22%7D", 422, {"parameter": "name"}),
        ("/queries/planted-before?season=sprung", 422, {"near": ["spring"]}),
        ("/queries/trees?timeout=1&timeout=2", 422, {"parameter": "timeout"}),
        ("/queries/trees?version=old", 410, {"version": "old"}),
        ("/queries/trees?entailment=all", 400, {}),
        ("/nowhere", 404, {}),
        ("/queries/nothing", 404, {}),
    ],
)
def test_errors_are_problems_that_name_what_is_wrong(
    served: httpx.Client, address: str, status: int, members: dict[str, object]
) -> None:
    answer = served.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    body = answer.json()
    assert {name: body.get(name) for name in members} == members


def test_an_error_says_a_long_argument_back_in_short(served: httpx.Client) -> None:
    answer = served.get("/queries/tree", params={"tree": "x" * 30_000})
    assert answer.status_code == 422
    assert len(answer.content) < 2_000
    assert answer.json()["argument"].endswith("xxx… (30,000 characters)")


def test_a_permalink_gives_the_same_bytes(served: httpx.Client) -> None:
    answer = served.get("/queries/trees?planted=1868")
    links = answer.headers["link"]
    link = links.partition("<")[2].partition(">")[0]
    assert 'rel="cite-as"' in links
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in links
    assert set(parse_qs(urlsplit(link).query)) == {"planted", "version"}
    assert served.get(link).content == answer.content


def test_openapi_describes_each_query_with_examples_that_run(served: httpx.Client) -> None:
    description = served.get("/openapi.json").json()
    assert description["openapi"].startswith("3.1")
    paths = description["paths"]
    assert {"/queries/tree", "/queries/trees", "/queries/planted-before", "/sparql"} <= set(paths)
    for path, methods in paths.items():
        operation = methods["get"]
        examples = [p for p in operation.get("parameters", []) if "example" in p]
        params = {p["name"]: p["example"] for p in examples if p["in"] == "query"}
        place = {p["name"]: p["example"] for p in examples if p["in"] == "path"}
        answer = served.get(path.format(**place), params=params, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.text)
        kind = answer.headers["content-type"].partition(";")[0]
        assert kind in operation["responses"]["200"]["content"]


def test_pages_load_nothing_from_elsewhere(served: httpx.Client) -> None:
    for path in ("/", "/docs"):
        page = served.get(path, headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        own = str(served.base_url).rstrip("/")
        loaded = re.findall(r'<(?:link|use|image)[^>]* href="([^"]*)|src="([^"]*)', page.text)
        assert loaded
        for address in ("".join(found) for found in loaded):
            assert address.startswith(own), address
        assert "<script" not in page.text.replace('<script type="application/ld+json">', "")  # data
    assert "公園の樹木" in served.get("/", headers={"Accept-Language": "ja"}).text


HOSTILE = st.text(max_size=60) | st.sampled_from(
    [
        '"@en } #',
        '機関1"@ja } #',
        "'; DROP ALL",
        "> . ?s ?p ?o . <",
        "}} UNION { ?s ?p ?o",
        "\\",
        "\\u0022",
        "\x00",
        "?x",
    ]
)


def test_a_slash_too_many_leads_to_the_address_without(served: httpx.Client) -> None:
    answer = served.get("/queries/")
    there = served.base_url.join("/queries")
    assert (answer.status_code, answer.headers["location"]) == (308, str(there))
    one = served.get("/queries/trees/?planted=1996")
    assert (one.status_code, one.headers["location"].endswith("/queries/trees?planted=1996")) == (308, True)


def test_tables_are_kept_under_the_name_of_their_question(served: httpx.Client) -> None:
    answer = served.get("/queries/trees.csv?planted=1996")
    assert answer.headers["content-disposition"] == 'inline; filename="trees-1996.csv"'


def test_links_of_another_host_are_another_answer(served: httpx.Client) -> None:
    tags = {served.get("/queries/trees", headers={"Host": host}).headers["etag"] for host in ("a", "b")}
    assert len(tags) == 2


def test_a_prefix_that_the_service_knows_is_told(served: httpx.Client) -> None:
    answer = served.get("/sparql", params={"query": "SELECT * { ?tree a park:Conifer }"})
    assert answer.status_code == 400
    assert answer.json()["detail"].endswith("add PREFIX park: <https://park.example/terms/>")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parameter=st.sampled_from(["kind", "planted", "height", "name", "lang"]), text=HOSTILE)
def test_no_argument_becomes_part_of_a_query(served: httpx.Client, parameter: str, text: str) -> None:
    answer = served.get("/queries/trees", params={parameter: text})
    if answer.status_code == 200:
        assert set(labels(answer)) <= {"Old Pine", "Plum", "古松", "梅"}
    else:
        assert answer.status_code in {400, 422}, answer.text
        assert json.loads(answer.content)["status"] == answer.status_code


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="{}()<>\"'\\?$:.;,@^|/!*+#\n aSELCTWHRK1é", max_size=80))
def test_no_text_as_a_query_is_a_fault(served: httpx.Client, text: str) -> None:
    answer = served.post("/sparql", data={"query": text})
    assert answer.status_code in {200, 400}, (answer.status_code, answer.text)
