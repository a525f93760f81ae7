"""What a remote store makes of services that fail, lie, redirect, or answer something else."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from clustergraph.errors import EndpointError, LimitError, QuerySyntaxError, StoreError
from clustergraph.sparql.results import Boolean, Solutions, Triples
from clustergraph.store import Dataset, RemoteStore
from clustergraph.store.transport import Limits
from clustergraph.terms import BlankNode, DefaultGraph, Literal, NamedNode, Quad

JSON = "application/sparql-results+json"
QUERY = "SELECT ?x { ?x ?p ?o }"
P = NamedNode("urn:p")
QUICK = Limits(seconds=5, attempts=3, pause=0.001)


@dataclass
class Reply:
    """A response as the fake service sends it."""

    body: bytes = b'{"head":{"vars":["x"]},"results":{"bindings":[]}}'
    media_type: str | None = JSON
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    wait: float = 0.0


@dataclass
class Request:
    """A request as the fake service got it."""

    path: str
    headers: dict[str, str]
    form: dict[str, list[str]]


class Service:
    """A fake service on loopback; `replies` are sent in turn, the last one again and again."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests: list[Request] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                service.requests.append(Request(self.path, dict(self.headers), parse_qs(body)))
                reply = service.replies.pop(0) if len(service.replies) > 1 else service.replies[0]
                time.sleep(reply.wait)
                self.send_response(reply.status)
                for name, text in reply.headers.items():
                    self.send_header(name, text)
                if reply.media_type is not None:
                    self.send_header("Content-Type", reply.media_type)
                length = len(reply.body) if reply.length is None else reply.length
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(reply.body)
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client may go
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/sparql"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


Serve = Callable[..., Service]


@pytest.fixture
def serve() -> Iterator[Serve]:
    running: list[Service] = []

    def start(*replies: Reply) -> Service:
        running.append(Service(*(replies or (Reply(),))))
        return running[-1]

    yield start
    for service in running:
        service.close()


@pytest.fixture
def store_of() -> Iterator[Callable[..., RemoteStore]]:
    opened: list[RemoteStore] = []

    def make(service: Service, **options: object) -> RemoteStore:
        settings = {"limits": QUICK, "update_endpoint": service.address} | options
        opened.append(RemoteStore(service.address, **settings))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for store in opened:
        store.close()


MakeStore = Callable[..., RemoteStore]


def table(*bindings: Mapping[str, object], variables: tuple[str, ...] = ("x",)) -> Reply:
    return Reply(json.dumps({"head": {"vars": variables}, "results": {"bindings": bindings}}).encode())


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply(b"<!DOCTYPE html><form>", "text/html; charset=utf-8"), "answers with a web page"),
        (Reply(b"<!DOCTYPE html>", "text/html", 400), "answers with a web page"),
        (Reply(b"<!DOCTYPE html>", "text/html", 404), "answers with a web page"),
        (Reply(b"<html>", "text/html", 401), "answers 401 Unauthorized; expected credentials in"),
        (Reply(b"", None, 403), "answers 403 Forbidden; expected credentials"),
        (Reply(b"nothing here", "text/plain", 404), "answers 404 Not Found: nothing here"),
        (Reply(b"oops", "text/plain", 500), "answers 500 Internal Server Error: oops"),
        (Reply(b"", None, 405), "answers 405 Method Not Allowed"),
        (Reply(b"a,b", "text/csv"), f"answers with text/csv; expected {JSON}"),
        (Reply(b"", None), "answers with no media type"),
        (Reply(b"", None, 204), "answers with no media type"),
        (Reply(b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","va'), "cut or malformed"),
        (Reply(b'{"head":{"vars":["x"]},"results":{"bindings":[]'), "cut or malformed"),
        (Reply(b'{"head":{"vars":["x"]}'), "cut or malformed"),
        (Reply(b"", JSON), "cut or malformed"),
        (Reply(b"[]", JSON), "cut or malformed"),
        (Reply(b"\xff\xfe", JSON), "cut or malformed"),
        (Reply(b"<sparql><head/><results>", "application/sparql-results+xml"), "cut or malformed"),
        (Reply(b'{"head":{},"boolean":true}', JSON), "answers another question; expected the answer to SE"),
        (Reply(b'{"head":{"vars":["y"]},"results":{"bindings":[]}}'), "columns y; expected the columns x"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_an_error_that_names_the_endpoint(
    serve: Serve, store_of: MakeStore, reply: Reply, problem: str
) -> None:
    service = serve(reply)
    with pytest.raises(EndpointError) as caught:
        store_of(service).query(QUERY)
    assert str(caught.value).startswith(service.address + ": ")
    assert problem in str(caught.value)
    assert caught.value.endpoint == service.address


def test_rows_are_only_handed_on_when_all_are_there(serve: Serve, store_of: MakeStore) -> None:
    row = b'{"x":{"type":"uri","value":"urn:a"}}'
    cut = b'{"head":{"vars":["x"]},"results":{"bindings":[' + b",".join([row] * 1000)
    with pytest.raises(EndpointError, match="cut"):
        store_of(serve(Reply(cut))).query(QUERY)


RDF_XML = (
    b'<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:">'
    b'<rdf:Description rdf:about="urn:a"><e:p>x</e:p></rdf:Description>'
)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b'<urn:a> <urn:b> "', "application/n-triples"),
        Reply(b"<urn:a> <urn:b> <urn:c>", "text/turtle"),
        Reply(RDF_XML, "application/rdf+xml"),
    ],
)
def test_a_graph_that_is_cut_is_an_error(serve: Serve, store_of: MakeStore, reply: Reply) -> None:
    with pytest.raises(EndpointError, match="cut or malformed"):
        store_of(serve(reply)).query("DESCRIBE <urn:a>")


@pytest.mark.parametrize(("body", "size"), [(RDF_XML + b"</rdf:RDF>\n", 1), (RDF_XML[:100] + b"/>", 0)])
def test_a_graph_in_xml_will_do(serve: Serve, store_of: MakeStore, body: bytes, size: int) -> None:
    answer = store_of(serve(Reply(body, "application/rdf+xml"))).query("DESCRIBE <urn:a>")
    assert isinstance(answer, Triples)
    assert len(list(answer)) == size


def test_a_read_is_tried_again_when_the_fault_may_pass(serve: Serve, store_of: MakeStore) -> None:
    service = serve(Reply(status=503, headers={"Retry-After": "0"}), Reply(status=429), Reply())
    assert list(store_of(service).query(QUERY)) == []  # type: ignore[arg-type]
    assert len(service.requests) == 3


def test_a_read_that_was_cut_on_the_way_is_tried_again(serve: Serve, store_of: MakeStore) -> None:
    service = serve(Reply(b'{"head"', length=1000), Reply())
    assert list(store_of(service).query(QUERY)) == []  # type: ignore[arg-type]
    assert len(service.requests) == 2


def test_attempts_are_bounded(serve: Serve, store_of: MakeStore) -> None:
    service = serve(Reply(status=503))
    with pytest.raises(EndpointError, match=r"503 Service Unavailable \(3 times\)"):
        store_of(service).query(QUERY)
    assert len(service.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_a_fault_that_stays_is_not_tried_again(serve: Serve, store_of: MakeStore, status: int) -> None:
    service = serve(Reply(b"no", "text/plain", status))
    with pytest.raises((EndpointError, QuerySyntaxError)):
        store_of(service).query(QUERY)
    assert len(service.requests) == 1


@pytest.mark.parametrize("reply", [Reply(status=503), Reply(length=1000), Reply(status=500)])
def test_a_write_is_sent_once(serve: Serve, store_of: MakeStore, reply: Reply) -> None:
    service = serve(reply)
    with pytest.raises(EndpointError):
        store_of(service).update("CLEAR ALL")
    assert len(service.requests) == 1


def test_a_login_page_is_no_success_of_an_update(serve: Serve, store_of: MakeStore) -> None:
    with pytest.raises(EndpointError, match="web page"):
        store_of(serve(Reply(b"<html>", "text/html"))).update("CLEAR ALL")


def test_nobody_listening(serve: Serve) -> None:
    service = serve()
    service.server.server_close()
    service.server.shutdown()
    store = RemoteStore(service.address, limits=QUICK)
    with pytest.raises(EndpointError, match=r"cannot be reached.*3 times.*expected a SPARQL endpoint"):
        store.query(QUERY)
    store.close()


def test_a_slow_answer_ends_in_time_and_is_not_tried_again(serve: Serve, store_of: MakeStore) -> None:
    service = serve(Reply(wait=0.5))
    with pytest.raises(EndpointError, match=r"no whole answer within 0\.1 s"):
        store_of(service, limits=Limits(seconds=0.1)).query(QUERY)
    assert len(service.requests) == 1


def test_an_answer_that_is_too_long_is_not_read(serve: Serve, store_of: MakeStore) -> None:
    with pytest.raises(EndpointError, match="more than 1000 bytes"):
        store_of(serve(Reply(b" " * 5000)), limits=Limits(size=1000)).query(QUERY)


def test_a_redirect_within_the_origin_is_followed(serve: Serve, store_of: MakeStore) -> None:
    service = serve(Reply(status=307, headers={"Location": "/new"}), Reply())
    store_of(service).query(QUERY)
    assert [request.path for request in service.requests] == ["/sparql", "/new"]
    assert service.requests[1].form == {"query": [QUERY]}


def test_a_redirect_to_another_origin_is_refused(
    serve: Serve, store_of: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLUSTERGRAPH_TOKEN", "secret")
    other = serve()
    service = serve(Reply(status=307, headers={"Location": other.address}))
    with pytest.raises(EndpointError, match="redirects to another origin"):
        store_of(service).query(QUERY)
    with pytest.raises(EndpointError, match="redirects to another origin"):
        store_of(service).update("CLEAR ALL")
    assert other.requests == []


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_drop_the_query_is_refused(
    serve: Serve, store_of: MakeStore, status: int
) -> None:
    service = serve(Reply(status=status, headers={"Location": "/login"}))
    with pytest.raises(EndpointError, match=f"redirects with {status}.*expected the address"):
        store_of(service).query(QUERY)


def test_redirects_are_bounded(serve: Serve, store_of: MakeStore) -> None:
    service = serve(Reply(status=308, headers={"Location": "/again"}))
    with pytest.raises(EndpointError, match="redirects more than 3 times"):
        store_of(service).query(QUERY)


def test_a_query_that_the_service_does_not_know_is_its_lack_in_its_words(
    serve: Serve, store_of: MakeStore
) -> None:
    service = serve(Reply(b"no such\x1b[31m function\nstack trace", "text/plain", 400))
    expected = (
        f"{service.address}: refuses a query that is SPARQL 1.1, and says: no such[31m function; "
        "expected a service that has all of SPARQL 1.1"
    )
    with pytest.raises(EndpointError) as caught:
        store_of(service).query(QUERY)
    assert str(caught.value) == expected


def test_a_malformed_query_is_a_syntax_error_with_its_place(serve: Serve, store_of: MakeStore) -> None:
    with pytest.raises(QuerySyntaxError, match="line 1, column 20"):
        store_of(serve(Reply(b"no", "text/plain", 400))).query("SELECT ?x { ?x ?p }")


def test_the_dataset_travels_as_the_protocol_says(serve: Serve, store_of: MakeStore) -> None:
    service = serve()
    store_of(service).query(QUERY, Dataset((P, NamedNode("urn:q")), (NamedNode("urn:n"),)))
    assert service.requests[0].form == {
        "query": [QUERY],
        "default-graph-uri": ["urn:p", "urn:q"],
        "named-graph-uri": ["urn:n"],
    }
    assert service.requests[0].headers["Accept"].startswith(JSON)


def test_an_answer_in_xml_will_do(serve: Serve, store_of: MakeStore) -> None:
    xml = (
        b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head>'
        b"<results><result><binding name='x'><uri>urn:a</uri></binding></result></results></sparql>"
    )
    answer = store_of(serve(Reply(xml, "application/sparql-results+xml"))).query(QUERY)
    assert isinstance(answer, Solutions)
    assert list(answer) == [(NamedNode("urn:a"),)]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"CLUSTERGRAPH_TOKEN": "t0ken"}, "Bearer t0ken"),
        ({"CLUSTERGRAPH_USER": "me", "CLUSTERGRAPH_PASSWORD": "pass"}, "Basic bWU6cGFzcw=="),
    ],
)
def test_credentials_come_from_the_environment(
    serve: Serve,
    store_of: MakeStore,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    expected: str | None,
) -> None:
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    service = serve()
    store_of(service).query(QUERY)
    assert service.requests[0].headers.get("Authorization") == expected


def test_credentials_come_from_a_file_for_its_hosts_only(
    serve: Serve, store_of: MakeStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "credentials"
    monkeypatch.setenv("CLUSTERGRAPH_CREDENTIALS", str(file))
    file.write_text("machine 127.0.0.1 login me password pass\n")
    service = serve()
    store_of(service).query(QUERY)
    assert service.requests[0].headers["Authorization"] == "Basic bWU6cGFzcw=="
    file.write_text("machine example.com login me password pass\ndefault login any password any\n")
    other = serve()
    store_of(other).query(QUERY)
    assert "Authorization" not in other.requests[0].headers


def test_a_credentials_file_that_cannot_be_read_is_said(
    serve: Serve, store_of: MakeStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLUSTERGRAPH_CREDENTIALS", str(tmp_path / "none"))
    with pytest.raises(EndpointError, match="CLUSTERGRAPH_CREDENTIALS names cannot be read"):
        store_of(serve())


def test_no_message_log_or_repr_holds_a_secret(
    serve: Serve, store_of: MakeStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CLUSTERGRAPH_TOKEN", "s3cret")
    caplog.set_level("DEBUG")
    store = store_of(serve(Reply(status=401)))
    with pytest.raises(EndpointError) as caught:
        store.query(QUERY)
    for text in (str(caught.value), repr(caught.value), repr(store), repr(vars(store)), caplog.text):
        assert "s3cret" not in text


def test_an_address_with_a_password_is_refused_without_showing_it() -> None:
    with pytest.raises(EndpointError) as caught:
        RemoteStore("http://me:s3cret@example.com/sparql")
    assert "s3cret" not in str(caught.value)
    assert "http://example.com/sparql: the address holds credentials" in str(caught.value)


@pytest.mark.parametrize(
    "address", ["", "sparql", "file:///etc/passwd", "ftp://x/", "http://", "http://[", "http://h:x/"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(EndpointError, match="is no web address"):
        RemoteStore(address)


SPO = ("s", "p", "o")


def counted(number: int) -> Reply:
    return table({"n": {"type": "literal", "value": str(number)}}, variables=("n",))


def page(*numbers: int, limit: int | None = None) -> Reply:
    rows = [{name: {"type": "uri", "value": f"urn:{n}"} for name in SPO} for n in numbers]
    reply = table(*rows, variables=SPO)
    reply.headers |= {} if limit is None else {"X-SPARQL-MaxRows": str(limit)}
    return reply


def test_rows_are_read_in_pages_too(serve: Serve, store_of: MakeStore) -> None:
    service = serve(counted(4), page(0, 1, 2, limit=3), page(0, 1), page(1, 2), page(2, 3), counted(4))
    query = "PREFIX : <urn:> SELECT ?s ?p ?o { ?s ?p ?o ; :q ?o }"
    rows = store_of(service).rows(query, most=4)
    assert [row[0] for row in rows] == [NamedNode(f"urn:{n}") for n in range(4)]
    asked = service.requests[3].form["query"][0]
    assert asked.startswith("PREFIX : <urn:> SELECT ?s ?p ?o { { SELECT")
    assert asked.endswith("} } ORDER BY ?s ?p ?o LIMIT 2 OFFSET 1")


def test_more_rows_than_are_wanted_are_an_error_before_they_are_read(
    serve: Serve, store_of: MakeStore
) -> None:
    service = serve(counted(4))
    with pytest.raises(LimitError, match="has 4 rows to read for this; 3 are the most"):
        list(store_of(service).rows(QUERY, most=3))
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "count", [table(variables=("n",)), table({"n": {"type": "uri", "value": "urn:n"}}, variables=("n",))]
)
def test_a_count_that_is_no_number_is_an_error(serve: Serve, store_of: MakeStore, count: Reply) -> None:
    with pytest.raises(EndpointError, match="answers another question; expected one number"):
        store_of(serve(count)).size()


def test_rows_that_are_no_triples_are_an_error(serve: Serve, store_of: MakeStore) -> None:
    text = {"type": "literal", "value": "x"}
    with pytest.raises(EndpointError, match=r"a row is no quad.*expected triples"):
        list(store_of(serve(counted(1), table(dict.fromkeys(SPO, text), variables=SPO))).dump(P))


def test_dump_sees_that_rows_were_left_out(serve: Serve, store_of: MakeStore) -> None:
    with pytest.raises(EndpointError, match="left out 1 of 3 rows"):
        list(store_of(serve(counted(3), page(0, 1))).dump(DefaultGraph()))


def test_dump_reads_pages_that_overlap(serve: Serve, store_of: MakeStore) -> None:
    """After a limit of three rows, each page has two, the first of which was on the page before."""
    replies = (counted(4), page(0, 1, 2, limit=3), counted(0), page(), page(0, 1), page(1, 2), page(2, 3))
    service = serve(*replies, counted(4))
    assert [quad.subject.value for quad in store_of(service).dump(P)] == [f"urn:{n}" for n in range(4)]
    asked = [r.form["query"][0] for r in service.requests[4:7]]
    assert [query.rpartition("}")[2] for query in asked] == [
        f" ORDER BY ?s ?p ?o LIMIT 2 OFFSET {offset}" for offset in (0, 1, 2)
    ]


@pytest.mark.parametrize(
    "replies",
    [
        (page(0, 1), page(7, 2)),  # the last row of a page is not the first of the next
        (page(0, 1), page(1, 2), counted(4)),  # there is one more at the end
    ],
)
def test_dump_sees_that_the_graph_changed_meanwhile(
    serve: Serve, store_of: MakeStore, replies: tuple[Reply, ...]
) -> None:
    service = serve(counted(3), page(0, 1, 2, limit=3), counted(0), page(), *replies)
    with pytest.raises(EndpointError, match=r"its graph changes while it is read|left out"):
        list(store_of(service).dump(P))


def test_dump_does_not_guess_at_blank_nodes_of_two_answers(serve: Serve, store_of: MakeStore) -> None:
    service = serve(counted(9), page(0, 1, 2, limit=3), counted(5))
    with pytest.raises(EndpointError, match="holds 5 rows with blank nodes, and gives 2 in one answer"):
        list(store_of(service).dump(DefaultGraph()))


# What Virtuoso does


def test_an_answer_at_the_limit_of_rows_is_an_error(serve: Serve, store_of: MakeStore) -> None:
    with pytest.raises(EndpointError, match="answers with 2 rows, the most it gives; more may have been"):
        store_of(serve(page(0, 1, limit=2))).query(QUERY)
    found = store_of(serve(page(0, 1, limit=3))).query("SELECT ?s ?p ?o { ?s ?p ?o }")
    assert len(list(found)) == 2  # type: ignore[arg-type]


def test_an_anytime_answer_is_an_error(serve: Serve, store_of: MakeStore) -> None:
    reply = Reply(headers={"X-SQL-State": "S1TAT", "X-SQL-Message": "RC...: Returning incomplete results"})
    with pytest.raises(EndpointError, match=r"a part of the rows.*expected whole answers"):
        store_of(serve(reply)).query(QUERY)


@pytest.mark.parametrize(
    ("rows", "expected"), [([{"__ASK_RETVAL": {"type": "literal", "value": "1"}}], True), ([], False)]
)
def test_the_table_for_ask_is_a_truth_value(
    serve: Serve, store_of: MakeStore, rows: list[dict[str, object]], expected: bool
) -> None:
    answer = store_of(serve(table(*rows, variables=("__ASK_RETVAL",)))).query("ASK { ?s ?p ?o }")
    assert isinstance(answer, Boolean)
    assert bool(answer) is expected


def test_labels_of_blank_nodes_that_no_syntax_allows_are_read(serve: Serve, store_of: MakeStore) -> None:
    cells = {
        "x": {"type": "bnode", "value": "nodeID://b10"},
        "y": {"type": "literal", "value": '"type": "bnode", "value": "nodeID://b11'},
    }
    reply = table(cells, variables=("x", "y"))
    service = serve(reply)
    service.server.RequestHandlerClass.server_version = "Virtuoso/07.20.3229"  # type: ignore[attr-defined]
    (row,) = store_of(service).query("SELECT ?x ?y { ?x ?p ?y }")  # type: ignore[misc]
    assert row == (BlankNode("b10"), Literal(str(cells["y"]["value"])))


# A graph in the place of the default graph


def test_another_default_graph_is_asked_with_the_named_graphs_that_a_query_speaks_of(
    serve: Serve, store_of: MakeStore
) -> None:
    graphs = [{"g": {"type": "uri", "value": f"urn:{name}"}} for name in ("main", "a", "b")]
    names = table(*graphs, variables=("g",))
    service = serve(table(), table(), names, table())
    store = store_of(service, default_graph=NamedNode("urn:main"))
    store.query(QUERY)
    store.query("SELECT ?x { GRAPH <urn:a> { ?x ?p ?o } }")
    store.query("SELECT ?x { GRAPH ?g { ?x ?p ?o } }")
    asked = [(r.form.get("default-graph-uri"), r.form.get("named-graph-uri")) for r in service.requests]
    main = ["urn:main"]
    assert asked == [(main, None), (main, ["urn:a"]), (None, None), (main, ["urn:a", "urn:b"])]


# What is known of an update that failed


@pytest.mark.parametrize(
    ("reply", "known"),
    [
        (Reply(b"", length=1000), "the connection was lost.*may or may not have been made"),
        (Reply(status=503), "503 Service Unavailable.*may or may not have been made"),
        (Reply(wait=0.5), "no whole answer within 0.2 s.*may or may not have been made"),
    ],
)
def test_an_update_that_failed_says_what_is_known(
    serve: Serve, store_of: MakeStore, reply: Reply, known: str
) -> None:
    with pytest.raises(EndpointError, match=known):
        store_of(serve(reply), limits=Limits(seconds=0.2)).update("CLEAR ALL")


def test_an_update_that_was_never_sent_says_so(serve: Serve) -> None:
    service = serve()
    service.server.server_close()
    store = RemoteStore(service.address, update_endpoint=service.address, limits=QUICK)
    with pytest.raises(EndpointError, match=r"cannot be reached.*the update was not sent"):
        store.update("CLEAR ALL")


def test_a_load_that_failed_says_how_far_it_came(serve: Serve, store_of: MakeStore) -> None:
    service = serve(Reply(b"", None), Reply(b"", None), Reply(b"full", "text/plain", 507))
    quads = (Quad(P, P, Literal(str(n)), DefaultGraph()) for n in range(9000))
    with pytest.raises(EndpointError, match=r"507.*full \(batch 3; 2 batches before it were taken\)"):
        store_of(service).load(quads)


# Credentials in a file, and a challenge for a digest


def test_credentials_come_from_the_file_that_is_named(
    serve: Serve, store_of: MakeStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLUSTERGRAPH_TOKEN", "other")
    file = tmp_path / "credentials"
    file.write_text("machine 127.0.0.1 login me password pass\n")
    service = serve()
    store_of(service, credentials_file=file).query(QUERY)
    assert service.requests[0].headers["Authorization"] == "Basic bWU6cGFzcw=="
    with pytest.raises(EndpointError, match="the file of --credentials cannot be read"):
        store_of(service, credentials_file=tmp_path / "none")


def test_a_challenge_for_a_digest_is_answered(
    serve: Serve, store_of: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLUSTERGRAPH_USER", "me")
    monkeypatch.setenv("CLUSTERGRAPH_PASSWORD", "s3cret")
    challenge = {"WWW-Authenticate": 'Digest realm="SPARQL", nonce="abc", qop="auth", algorithm=MD5'}
    refused = Reply(status=401, headers=challenge)
    service = serve(refused, refused, Reply())
    store = store_of(service)
    store.query(QUERY)
    store.query(QUERY)
    shown = [request.headers.get("Authorization", "none").split()[0] for request in service.requests]
    assert shown == ["Basic", "none", "Digest", "Digest"]
    assert "s3cret" not in service.requests[2].headers["Authorization"]


def test_load_sends_all_blank_nodes_in_one_request(serve: Serve, store_of: MakeStore) -> None:
    service = serve()
    node = BlankNode("x")
    quads = [Quad(node, P, Literal(str(n)), DefaultGraph()) for n in range(3000)]
    quads += [Quad(P, P, Literal(str(n)), DefaultGraph()) for n in range(3000)]
    store_of(service).load(quads)
    updates = [request.form["update"][0] for request in service.requests]
    assert len(updates) == 3
    assert [update.count("_:x") for update in updates] == [0, 0, 3000]


def test_a_graph_named_by_a_blank_node_cannot_be_written(serve: Serve, store_of: MakeStore) -> None:
    store = store_of(serve())
    with pytest.raises(StoreError, match="no name for a graph"):
        store.load([Quad(P, P, P, BlankNode("g"))])
    with pytest.raises(StoreError, match="no name for a graph"):
        list(store.dump(BlankNode("g")))


def test_a_service_may_be_called_where_its_origin_is_listed(serve: Serve, store_of: MakeStore) -> None:
    store = store_of(serve(), services=frozenset({"https://example.com"}))
    store.query("SELECT ?x { SERVICE <https://example.com/sparql> { ?x ?p ?o } }")


def test_httpx_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, clustergraph.store as s; s.RemoteStore('http://127.0.0.1:1/'); "
        "print(sorted({'httpx', 'httpcore', 'rdflib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
