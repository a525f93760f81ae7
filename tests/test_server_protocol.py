"""The SPARQL 1.1 Protocol, query side, over a real connection."""

from __future__ import annotations

import csv
import gzip
import http.client
import io
import socket
import time

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore

SELECT = "SELECT ?tree ?number { ?tree <https://park.example/terms/number> ?number }"
SURVEY, REGISTER = "https://park.example/graph/survey", "https://park.example/graph/register"
COUNT = "SELECT (COUNT(*) AS ?n) { ?tree a <https://park.example/terms/Tree> }"
DIRECT = {"Content-Type": "application/sparql-query"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(9)) + " }"


def sparql(client: httpx.Client, query: str, accept: str | None = None, **more: object) -> httpx.Response:
    headers = {"Accept": accept} if accept else {}
    return client.get("/sparql", params={"query": query, **more}, headers=headers)  # type: ignore[dict-item]


def is_problem(response: httpx.Response, status: int) -> bool:
    body = response.json()
    kind = response.headers["content-type"]
    return (response.status_code, body["status"], kind) == (status, status, "application/problem+json")


def test_get_form_and_direct_post_are_the_same_query(served: httpx.Client) -> None:
    answers = [
        sparql(served, SELECT),
        served.post("/sparql", data={"query": SELECT}),
        served.post("/sparql/", content=SELECT, headers={"Content-Type": "application/sparql-query"}),
        served.post(
            "/sparql", content=SELECT, headers={"Content-Type": "application/sparql-query; charset=UTF-8"}
        ),
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["results"]["bindings"][0]["number"]["value"] == "7"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/*", "text/csv; charset=utf-8"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        ("application/sparql-results+xml;q=0.9, text/csv;q=0.2", "application/sparql-results+xml"),
        ("text/turtle, application/json;q=0.1", "application/json"),
        ("application/sparql-results+json;charset=utf-8", "application/sparql-results+json"),
        ("nonsense, text/csv", "text/csv; charset=utf-8"),
    ],
)
def test_tables_are_negotiated(served: httpx.Client, accept: str | None, kind: str) -> None:
    headers = {"Accept": accept} if accept else {"Accept": ""}
    answer = served.get("/sparql", params={"query": SELECT}, headers=headers)
    assert answer.headers["content-type"] == kind
    assert answer.headers["vary"] == "Accept, Accept-Language, Accept-Encoding"
    assert int(answer.headers["content-length"]) == answer.num_bytes_downloaded


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        ("*/*", ox.RdfFormat.TURTLE),
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("application/trig", ox.RdfFormat.TRIG),
        ("application/n-quads", ox.RdfFormat.N_QUADS),
    ],
)
def test_graphs_are_negotiated(served: httpx.Client, accept: str, format: ox.RdfFormat) -> None:
    answer = sparql(served, "CONSTRUCT WHERE { ?s <https://park.example/terms/number> ?o }", accept)
    assert answer.status_code == 200
    assert len(list(ox.parse(answer.content, format=format))) == 1


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (SELECT, "text/turtle"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "text/csv"),
        (SELECT, "image/png"),
        (SELECT, "*/*;q=0"),
        ('SELECT ("\\u0001" AS ?control) {}', "application/sparql-results+xml"),
        ('SELECT ("\\uFFFF" AS ?no) {}', "application/sparql-results+xml"),
        ('CONSTRUCT { <urn:a> <urn:b> "\\u0001" } {}', "application/rdf+xml"),
        ("CONSTRUCT { <urn:a> <urn:1> 2 } {}", "application/rdf+xml"),
        ("CONSTRUCT { <urn:a> <urn:b> <<( <urn:a> <urn:b> 1 )>> } {}", "application/ld+json"),
    ],
)
def test_what_a_format_cannot_carry_is_406(served: httpx.Client, query: str, accept: str) -> None:
    assert is_problem(sparql(served, query, accept), 406)


def test_the_protocol_dataset_is_a_merge_and_overrides_from(served: httpx.Client) -> None:
    def count(query: str, **more: object) -> int:
        rows = csv.reader(io.StringIO(sparql(served, query, "text/csv", entailment="none", **more).text))
        return int(list(rows)[1][0])

    assert count(COUNT) == 1
    assert count(COUNT, **{"default-graph-uri": [SURVEY, REGISTER]}) == 1
    assert count(COUNT, **{"default-graph-uri": "https://nowhere.example/"}) == 0
    assert count(COUNT, **{"named-graph-uri": SURVEY}) == 0
    named = COUNT.replace("{", "FROM <urn:none> { GRAPH ?g {") + " }"
    assert count(named, **{"named-graph-uri": [SURVEY, REGISTER]}) == 2
    assert count(COUNT.replace("{", f"FROM <{SURVEY}> FROM <{REGISTER}> {{")) == 1


def test_entailment_chooses_the_store(served: httpx.Client) -> None:
    pine = "ASK { <https://park.example/tree/old-pine> a <https://park.example/terms/Tree> }"
    assert sparql(served, pine).json()["boolean"] is True
    assert sparql(served, pine, entailment="owl2rl").json()["boolean"] is True
    assert sparql(served, pine, entailment="none").json()["boolean"] is False
    assert is_problem(sparql(served, pine, entailment="rdfs"), 400)


def test_head_has_the_headers_of_get_and_options_says_what_is_allowed(served: httpx.Client) -> None:
    get, head = sparql(served, SELECT), served.head("/sparql", params={"query": SELECT})
    assert head.content == b""
    for name in ("content-type", "content-length", "etag", "vary"):
        assert head.headers[name] == get.headers[name]
    for path in (
        "/",
        "/sparql",
        "/queries",
        "/queries/trees",
        "/health",
        "/openapi.json",
        "/.well-known/void",
    ):
        options = served.options(path)
        assert options.status_code == 204
        assert "GET, HEAD" in options.headers["allow"]
        assert options.headers["access-control-allow-origin"] == "*"
        assert (
            served.request("HEAD", path, params={"tree": "plum"} if path == "/nope" else {}).status_code
            == 200
        )


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (405, {"method": "PUT", "content": "ASK {}"}),
        (405, {"method": "DELETE"}),
        (400, {"method": "GET", "params": {"query": ["ASK {}", "ASK {}"]}}),
        (400, {"method": "GET", "params": {"query": "ASK {"}}),
        (400, {"method": "GET", "params": {"query": ""}}),
        (400, {"method": "GET", "params": {"query": "ASK { SERVICE <http://127.0.0.1:9/> {} }"}}),
        (400, {"method": "GET", "params": {"query": "ASK {}", "timeout": "soon"}}),
        (400, {"method": "GET", "params": {"query": "ASK {}", "timeout": "nan"}}),
        (400, {"method": "GET", "params": {"query": "ASK {}", "default-graph-uri": "not absolute"}}),
        (400, {"method": "GET", "params": [("query", "ASK {}")] + [("x", "1")] * 2000}),
        (400, {"method": "POST", "data": {"query": "DELETE WHERE { ?s ?p ?o }"}}),
        (403, {"method": "POST", "data": {"update": "CLEAR ALL"}}),
        (403, {"method": "GET", "params": {"update": "CLEAR ALL"}}),
        (403, {
            "method": "POST",
            "content": "CLEAR ALL",
            "headers": {"Content-Type": "application/sparql-update"},
        }),
        (400, {"method": "POST", "content": b"\xff\xfe", "headers": DIRECT}),
        (400, {"method": "POST", "content": "query=%ff", "headers": FORM}),
        (415, {"method": "POST", "content": "ASK {}", "headers": {"Content-Type": "text/plain"}}),
        (415, {"method": "POST", "content": "ASK {}"}),
        (415, {
            "method": "POST",
            "content": "ASK {}".encode("utf-16"),
            "headers": {"Content-Type": "application/sparql-query; charset=UTF-16"},
        }),
        (413, {"method": "POST", "content": b"#" * 3_000_000, "headers": DIRECT}),
        (400, {"method": "POST", "data": {"query": "ASK {" + "(" * 5000}}),
    ],
)  # fmt: skip
def test_bad_requests_are_problems(served: httpx.Client, status: int, request_: dict[str, object]) -> None:
    assert is_problem(served.request(url="/sparql", **request_), status)  # type: ignore[arg-type]


def test_syntax_errors_say_where(served: httpx.Client) -> None:
    problem = sparql(served, "SELECT *\nWHERE { ?s ?p }").json()
    assert problem["error"] == "QuerySyntax"
    assert problem["line"] == 2
    assert "column" in problem


def test_each_representation_has_its_own_validator(served: httpx.Client) -> None:
    json_, csv_ = sparql(served, SELECT), sparql(served, SELECT, "text/csv")
    plain = served.get("/sparql", params={"query": SELECT}, headers={"Accept-Encoding": "identity"})
    tags = {answer.headers["etag"] for answer in (json_, csv_, plain)}
    assert len(tags) == 3
    again = served.get(
        "/sparql", params={"query": SELECT}, headers={"If-None-Match": f'"other", {json_.headers["etag"]}'}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == json_.headers["etag"]


def test_compression_is_negotiated(served: httpx.Client) -> None:
    raw = http.client.HTTPConnection(served.base_url.host, served.base_url.port)
    raw.request("GET", "/sparql?query=ASK%7B%7D", headers={"Accept-Encoding": "gzip;q=0.5"})
    answer = raw.getresponse()
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.read()) == b'{"head":{},"boolean":true}'
    raw.request("GET", "/sparql?query=ASK%7B%7D", headers={"Accept-Encoding": "gzip;q=0"})
    answer = raw.getresponse()
    assert answer.headers["content-encoding"] is None
    assert answer.read() == b'{"head":{},"boolean":true}'
    raw.close()


def test_volatile_queries_are_not_kept(served: httpx.Client) -> None:
    query = "SELECT (STRUUID() AS ?id) {}"
    first, second = sparql(served, query), sparql(served, query)
    assert first.content != second.content
    assert first.headers["cache-control"] == "no-store"
    assert "etag" not in first.headers


def test_a_deadline_is_503_and_the_service_goes_on(served: httpx.Client) -> None:
    answer = sparql(served, ENDLESS, timeout="0.3")
    assert is_problem(answer, 503)
    assert answer.json()["limit"] == "time"
    assert answer.headers["retry-after"]
    assert sparql(served, "ASK {}").status_code == 200


def test_a_client_that_leaves_frees_its_worker(served: httpx.Client) -> None:
    for _ in range(3):
        gone = socket.create_connection((served.base_url.host, served.base_url.port))
        gone.sendall(f"GET /sparql?query={ENDLESS.replace(' ', '+')} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(0.05)
        gone.close()
    started = time.monotonic()
    assert sparql(served, "ASK { }").status_code == 200
    assert time.monotonic() - started < 2


def test_the_service_description_and_void_are_counted_from_the_graph(served: httpx.Client) -> None:
    store = ox.Store()
    for path in ("/sparql", "/.well-known/void"):
        answer = served.get(path, headers={"Accept": "application/n-triples"})
        store.extend(ox.parse(answer.content, format=ox.RdfFormat.N_TRIPLES))
    total = sparql(served, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv").text.split()[1]
    ask = """
        PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
        PREFIX void: <http://rdfs.org/ns/void#>
        ASK {{
          ?service a sd:Service ; sd:endpoint <{0}/sparql> ; sd:feature sd:UnionDefaultGraph ;
            sd:defaultDataset [ a sd:Dataset ; sd:defaultGraph [ void:triples {1} ] ;
              sd:namedGraph [ sd:name <{2}> ] ] .
          ?data a void:Dataset ; void:triples {1} ; void:sparqlEndpoint <{0}/sparql> ;
            void:classPartition [ void:class <https://park.example/terms/Tree> ; void:entities 2 ] .
        }}"""
    assert bool(store.query(ask.format(str(served.base_url).rstrip("/"), total, SURVEY)))


@pytest.mark.parametrize("host", ["a<b>", 'a"b', "a b", "机"])
def test_a_malformed_host_is_400(served: httpx.Client, host: str) -> None:
    for path in ("/", "/sparql", "/queries", "/docs", "/.well-known/void", "/queries/trees"):
        answer = served.get(path, headers={b"Host": host.encode()})
        assert answer.status_code == 400, (path, answer.text)


def test_rdflib_s_sparql_store_works(served: httpx.Client) -> None:
    for method in ("GET", "POST", "POST_FORM"):
        store = SPARQLStore(f"{served.base_url}/sparql", method=method)
        rows = list(rdflib.Graph(store).query(SELECT))
        assert [str(row[0]) for row in rows] == ["https://park.example/tree/plum"]  # type: ignore[index]
        assert (
            len(
                list(
                    rdflib.Graph(store).triples((rdflib.URIRef("https://park.example/tree/plum"), None, None))
                )
            )
            > 3
        )


def test_large_answers_come_whole_with_their_length(served: httpx.Client) -> None:
    query = "SELECT * { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(3)) + " }"
    headers = {"Accept-Encoding": "identity"}
    with served.stream("GET", "/sparql", params={"query": query}, headers=headers) as answer:
        assert answer.status_code == 200
        size = sum(len(piece) for piece in answer.iter_raw())
    assert size == int(answer.headers["content-length"]) > 1 << 20


@pytest.mark.parametrize(
    ("format", "status", "media"),
    [
        ("csv", 200, "text/csv"),
        ("xml", 200, "application/sparql-results+xml"),
        ("application/sparql-results+json", 200, "application/sparql-results+json"),
        ("", 200, "application/sparql-results+json"),
        ("turtle", 406, "application/problem+json"),
        ("n3", 406, "application/problem+json"),
        ("papyrus", 406, "application/problem+json"),
    ],
)
def test_format_goes_before_accept(served: httpx.Client, format: str, status: int, media: str) -> None:
    answer = served.get("/sparql", params={"query": "SELECT ?s { ?s ?p ?o } LIMIT 1", "format": format})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (status, media)
    if format == "papyrus":
        assert "'papyrus'" in answer.json()["detail"]
        assert "turtle" in answer.json()["detail"]


def test_parameters_that_the_protocol_does_not_know_are_passed_over(served: httpx.Client) -> None:
    assert served.get("/sparql", params={"query": "ASK {}", "papyrus": "1"}).status_code == 200


def test_clients_names_of_syntaxes_are_known(served: httpx.Client) -> None:
    query = "CONSTRUCT WHERE { ?s ?p ?o }"
    for format, media in (
        ("n3", "text/turtle"),
        ("rdf+xml", "application/rdf+xml"),
        ("json-ld", "application/ld+json"),
    ):
        answer = served.get("/sparql", params={"query": query, "format": format})
        assert answer.headers["content-type"].partition(";")[0] == media
