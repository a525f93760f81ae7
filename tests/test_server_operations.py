"""What operators see: figures, and a line for each request."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import time
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

import clustergraph
from clustergraph.server import Options, create_app
from clustergraph.server.http.journal import Journal, configure, in_json, in_text
from clustergraph.server.http.record import Record
from clustergraph.workers.pool import Limits

SERVED = Path(__file__).parent / "served"
LABELS = ("route", "method", "status", "source", "reason", "le", "version")
NASTY = Record(
    "GET", "/a%0Ab", "::1", time.time(), "", 404, 10, 0.001, "x\ny", ["cache"], 0.0, "no\x1b[31m\nline"
)


def figures(text: str) -> dict[tuple[str, ...], float]:
    """The samples by their name and the values of their labels."""
    return {
        (sample.name, *(sample.labels[name] for name in LABELS if name in sample.labels)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_is_asked_is_counted(served: httpx.Client) -> None:
    before = figures(served.get("/metrics").text)
    question = {"query": "ASK { <urn:counted> ?p ?o }"}
    for _ in range(3):
        assert served.get("/sparql", params=question).status_code == 200
    assert served.get("/sparql", params={"query": "ASK {"}).status_code == 400
    assert served.get("/nowhere-at-all").status_code == 404
    assert served.get("/queries/trees.csv").status_code == 200
    answer = served.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"
    after = figures(answer.text)

    def more(*name: str) -> float:
        return after[name] - before.get(name, 0.0)

    assert more("clustergraph_requests_total", "/sparql", "GET", "200") == 3
    assert more("clustergraph_requests_total", "/sparql", "GET", "400") == 1
    assert more("clustergraph_requests_total", "other", "GET", "404") == 1
    assert more("clustergraph_requests_total", "/queries/{name}", "GET", "200") == 1
    assert more("clustergraph_request_seconds_count", "/sparql") == 4
    assert more("clustergraph_answers_total", "cache") >= 2
    assert more("clustergraph_answers_total", "worker") >= 1
    assert after[("clustergraph_workers",)] == 2
    assert after[("clustergraph_workers_busy",)] == 0
    assert after[("clustergraph_cache_bytes",)] > 0
    assert after[("clustergraph_ready",)] == 1
    assert after[("process_resident_memory_bytes",)] > 0
    assert (
        "openmetrics"
        in served.get("/metrics", headers={"Accept": "application/openmetrics-text"}).headers["content-type"]
    )


def test_workers_that_were_replaced_are_counted_by_reason(served: httpx.Client) -> None:
    product = " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(9))
    name = ("clustergraph_workers_replaced_total", "time")
    before = figures(served.get("/metrics").text).get(name, 0.0)
    endless = {"query": f"SELECT (COUNT(*) AS ?n) {{ {product} }}", "timeout": "0.1"}
    assert served.get("/sparql", params=endless).status_code == 503
    assert figures(served.get("/metrics").text)[name] == before + 1


def test_each_service_has_figures_of_its_own() -> None:
    graph = clustergraph.open(SERVED)
    apps = [create_app(graph, Options(limits=Limits(workers=1))) for _ in range(2)]

    async def ask() -> list[dict[tuple[str, ...], float]]:
        found = []
        for app in apps:
            transport = httpx.ASGITransport(app)
            async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as client:
                await client.get("http://localhost/queries")
                found.append(figures((await client.get("http://localhost/metrics")).text))
        return found

    for found in asyncio.run(ask()):
        assert found[("clustergraph_requests_total", "/queries", "GET", "200")] == 1


def test_each_request_is_a_line_of_json() -> None:
    stream = io.StringIO()
    journal = Journal("json", stream)
    app = create_app(clustergraph.open(SERVED), Options(limits=Limits(workers=1)), (journal.note,))

    async def ask() -> None:
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 1))
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as client:
            for _ in range(2):
                await client.get("http://localhost/queries/trees.csv?planted=1868")
            await client.get("http://localhost/sparql", params={"query": "ASK {"})
            await client.get("http://localhost/queries/tres%0A")

    asyncio.run(ask())
    journal.close()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["status"] for line in lines] == [200, 200, 400, 404]
    first, second, third, fourth = lines
    assert first["query"] == second["query"] == "trees"
    assert (first["cache"], second["cache"]) == ("worker", "cache")
    assert first["worker"] > second["worker"] == 0
    assert first["client"] == "192.0.2.7"
    assert first["bytes"] > 20
    assert first["path"] == "/queries/trees.csv"
    assert 0 < second["seconds"] < first["seconds"]
    assert first["time"].endswith("Z")
    assert third["refusal"].startswith("query syntax error")
    assert len(third["query"]) == 16
    assert "tres" in fourth["refusal"]


def test_what_clients_send_stays_in_one_line() -> None:
    for line in (in_json(NASTY), in_text(NASTY)):
        assert "\n" not in line
        assert "\x1b" not in line
    assert "404" in in_text(NASTY)


def test_what_the_server_says_is_of_the_same_kind() -> None:
    stream = io.StringIO()
    Journal("json", stream).say("reloaded", "info")
    assert json.loads(stream.getvalue()) | {"time": ""} == {
        "time": "",
        "level": "info",
        "message": "reloaded",
    }
    stream = io.StringIO()
    Journal("text", stream).say("reloaded")
    assert stream.getvalue() == "reloaded\n"


def test_a_traceback_is_one_line_of_the_log() -> None:
    stream = io.StringIO()
    journal = Journal("json", stream)
    configure(journal, ("clustergraph.test",), logging.ERROR)
    logger = logging.getLogger("clustergraph.test")
    handler = logger.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    try:
        raise ValueError("unforeseen")
    except ValueError:
        logger.exception("GET /x")
    (line,) = stream.getvalue().splitlines()
    assert "unforeseen" in json.loads(line)["message"]
    assert json.loads(line)["level"] == "error"


def test_a_log_that_nobody_reads_holds_nobody_up() -> None:
    class Stuck(io.StringIO):
        def write(self, text: str) -> int:
            time.sleep(0.5)
            return len(text)

    journal = Journal("text", Stuck())

    async def note() -> float:
        started = time.perf_counter()
        for _ in range(30):
            journal.note(Record("GET", "/", began=time.time()))
        await asyncio.sleep(0.15)
        return time.perf_counter() - started

    assert asyncio.run(note()) < 0.4
    journal.close()
