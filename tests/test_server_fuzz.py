"""What nobody sends by mistake: never a 500, never a traceback, never a worker that is missed."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.schemas import APIOperation

from serving import listening

SERVED = Path(__file__).parent / "served"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DIRECT = {"Content-Type": "application/sparql-query"}
# What an operation takes at most: the description grows with the house, and CI has seconds for it.
EXAMPLES = 12
fuzzed = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def fuzzed_service(own_cache: None) -> Iterator[httpx.Client]:
    """A client of a service of this module's own, which is well at the end, and has nothing to explain."""
    said: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = said.append  # type: ignore[method-assign]  # the shortest way to listen
    logger = logging.getLogger("clustergraph")
    logger.addHandler(handler)
    with listening(SERVED) as address, httpx.Client(base_url=address, timeout=30) as client:
        before = client.get("/health").json()["workers"]
        yield client
        end = time.monotonic() + 10
        while (health := client.get("/health").json())["workers"] != before or health["busy"]:
            assert time.monotonic() < end, f"workers before {before}, now {health}"
            time.sleep(0.05)
    logger.removeHandler(handler)
    assert not [record.getMessage() for record in said if record.exc_info]


def is_refused(answer: httpx.Response, *statuses: int) -> bool:
    """Whether the answer is a problem of one of these statuses."""
    return (
        answer.status_code in statuses
        and answer.headers["content-type"] == "application/problem+json"
        and answer.json()["status"] == answer.status_code
    )


def is_described(operation: APIOperation, answer: httpx.Response) -> bool:
    """Whether the description knows of the status, and of the media type that comes with it."""
    responses = operation.definition.raw["responses"]
    status = str(answer.status_code)
    described = responses.get(status) or responses.get(f"{status[0]}XX")
    if described is None:
        return False
    kinds = described.get("content", {})
    kind = answer.headers.get("content-type", "").partition(";")[0]
    return kind in kinds if answer.content else True


def body_of(sent: dict[str, Any]) -> dict[str, Any]:
    """The body of a request in httpx's words, who tells bytes from forms."""
    data = sent.get("data")
    named = {"data" if isinstance(data, dict) else "content": data} if data is not None else {}
    return named | {name: sent[name] for name in ("json", "files") if sent.get(name) is not None}


def fuzz(operation: APIOperation, client: httpx.Client) -> None:
    """Ask what the description of an operation allows, and see that the answer is as it says."""

    @fuzzed
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        sent = case.as_transport_kwargs(base_url=str(client.base_url).rstrip("/"))
        answer = client.request(
            sent["method"], sent["url"], params=sent.get("params"), headers=sent["headers"], **body_of(sent)
        )
        assert answer.status_code < 500 or answer.status_code == 503, (case, answer.text)
        assert is_described(operation, answer), (case, answer.status_code, answer.headers, answer.text)
        if answer.headers.get("content-type", "").endswith("json"):
            json.loads(answer.content)

    ask()


def test_what_the_description_allows_is_answered_as_it_says(fuzzed_service: httpx.Client) -> None:
    description = fuzzed_service.get("/openapi.json").json()
    operations = list(schemathesis.openapi.from_dict(description).get_all_operations())
    assert len(operations) >= len(description["paths"])
    for operation in operations:
        fuzz(operation.ok(), fuzzed_service)


@pytest.mark.parametrize(
    "method", ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "HEAD", "PROPFIND"]
)
def test_each_method_at_each_address_is_answered(fuzzed_service: httpx.Client, method: str) -> None:
    description = fuzzed_service.get("/openapi.json").json()
    for path in [
        *description["paths"],
        "/",
        "/docs",
        "/metrics",
        "/style.css",
        "/nowhere",
        "/%00",
        "/a%2f..%2f",
    ]:
        answer = fuzzed_service.request(method, path.replace("{", "%7B").replace("}", "%7D"))
        assert answer.status_code < 500, (method, path, answer.text)


@fuzzed
@given(
    path=st.text(max_size=40),
    query=st.text(max_size=40),
    accept=st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60),
)
def test_any_address_and_any_accept_header_are_answered(
    fuzzed_service: httpx.Client, path: str, query: str, accept: str
) -> None:
    for root in ("/", "/queries/"):
        address = root + quote(path, safe="") + "?" + quote(query, safe="=&")
        answer = fuzzed_service.get(address, headers={b"Accept": accept.encode("latin-1")})
        assert answer.status_code < 500, (address, accept, answer.text)


@fuzzed
@given(body=st.binary(max_size=200), charset=st.sampled_from(["utf-8", "utf-16", "x", '"', ""]))
def test_any_body_is_answered(fuzzed_service: httpx.Client, body: bytes, charset: str) -> None:
    for kind in (*FORM.values(), *DIRECT.values(), "multipart/form-data", "application/json", "a/b/c", ""):
        headers = {"Content-Type": f"{kind}; charset={charset}"}
        answer = fuzzed_service.post("/sparql", content=body, headers=headers)
        assert answer.status_code in {200, 400, 403, 406, 415}, (kind, charset, answer.text)


def test_fifty_megabytes_are_413(fuzzed_service: httpx.Client) -> None:
    piece = b"#" * (1 << 20)
    for headers in (DIRECT, FORM):
        whole = fuzzed_service.post("/sparql", content=piece * 50, headers=headers)
        assert is_refused(whole, 413)
    chunked = fuzzed_service.post("/sparql", content=(piece for _ in range(50)), headers=DIRECT)
    assert is_refused(chunked, 413)


def test_an_endless_body_is_413(fuzzed_service: httpx.Client) -> None:
    address = (fuzzed_service.base_url.host, fuzzed_service.base_url.port)
    with socket.create_connection(address, timeout=30) as endless:
        endless.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        piece = b"40000\r\n" + b"#" * 0x40000 + b"\r\n"
        sent = 0
        try:
            while sent < 1 << 30:
                endless.sendall(piece)
                sent += len(piece)
        except ConnectionError:
            pass
    assert sent < 1 << 28


@pytest.mark.parametrize("size", [b"ffffffffffffffff", b"-1", b"zz", b"1;" + b"x" * 10_000])
def test_chunks_that_are_none_are_refused(fuzzed_service: httpx.Client, size: bytes) -> None:
    address = (fuzzed_service.base_url.host, fuzzed_service.base_url.port)
    with socket.create_connection(address, timeout=30) as broken:
        broken.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\nASK {}\r\n0\r\n\r\n"
        )
        broken.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := broken.recv(65536):
            answer += piece
    assert answer[9:12] in {b"400", b""}, answer


def test_thousands_of_parameters_are_400(fuzzed_service: httpx.Client) -> None:
    many = "&".join(f"a{i}={i}" for i in range(5000))
    assert is_refused(fuzzed_service.get(f"/sparql?query=ASK%7B%7D&{many}"), 400)
    assert is_refused(fuzzed_service.post("/sparql", content=f"query=ASK%7B%7D&{many}", headers=FORM), 400)
    assert is_refused(fuzzed_service.get(f"/queries/trees?{many}"), 400)
    graphs = "&".join(f"default-graph-uri=urn:{i}" for i in range(900))
    assert fuzzed_service.get(f"/sparql?query=ASK%7B%7D&{graphs}").status_code == 200


NESTED = {
    "groups": "ASK " + "{" * 100_000 + "}" * 100_000,
    "brackets": "ASK { FILTER " + "(" * 100_000 + "1" + ")" * 100_000 + " }",
    "open": "ASK " + "{" * 100_000,
    "negations": "ASK { FILTER (" + "!" * 100_000 + "true) }",
    "paths": "ASK { ?s " + "(" * 100_000 + "a" + ")" * 100_000 + " ?o }",
    "lists": "ASK { " + "(" * 100_000 + "1" + ")" * 100_000 + " ?p ?o }",
    "unions": "ASK { " + "{} UNION " * 50_000 + "{} }",
    "subselects": "ASK { " + "{ SELECT * {" * 20_000 + "} }" * 20_000 + " }",
    "sums": "SELECT (" + "1 + " * 100_000 + "1 AS ?n) {}",
    "exists": "ASK { " + "FILTER EXISTS { " * 20_000 + "}" * 20_000 + " }",
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_what_is_nested_deeply_costs_a_worker_at_most(fuzzed_service: httpx.Client, text: str) -> None:
    answer = fuzzed_service.post("/sparql", content=text, headers=DIRECT)
    assert answer.status_code == 200 or is_refused(answer, 400, 503), answer.text[:300]
    assert len(answer.content) < 2000
    assert fuzzed_service.get("/sparql", params={"query": "ASK {}"}).status_code == 200


def test_numbers_that_are_none_are_refused(fuzzed_service: httpx.Client) -> None:
    for name in ("page", "page-size", "timeout"):
        for number in ("0", "-1", "1e999", "nan", "١", "9" * 5000, "0x10", "1_000", " 1", "\x00"):
            answer = fuzzed_service.get("/queries/trees", params={name: number})
            assert answer.status_code == 200 or is_refused(answer, 400, 422), (name, number, answer.text)
            assert len(answer.content) < 5000
