"""Requests a second over HTTP, against Oxigraph's own server and rdflib-endpoint, in one run.

    python benchmarks/service.py [--triples 100000] [--pairs 10000] [--seconds 5] [--clients 1 4 8]

The same SPARQL text on the same data for all: saved queries with arguments drawn from the graph,
asked with Zipf-distributed frequency. Three columns: *cold* (no cache), *mixed* (a cache smaller
than the set of answers, hit rate printed), *hot* (all answers asked for are in it). No time is recorded
before the servers' answers are the same multisets of rows on a sample. A server that is not
installed is left out. Client processes and servers share the machine's processors.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import itertools
import json
import multiprocessing
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from generate import generate

import clustergraph
from clustergraph.catalogue import Parameter
from clustergraph.errors import ClusterGraphError
from clustergraph.store import Store
from clustergraph.workers.pool import Limits, Pool
from clustergraph.workers.question import Question, Source

ACCEPT = "application/sparql-results+json"
OURS = """
import sys
import clustergraph
from clustergraph.server import Options, serve
from clustergraph.workers.pool import Limits
limits = Limits(workers=int(sys.argv[4]), patience=10_000, queue=10_000)
options = Options(limits=limits, cache=int(sys.argv[3]))
serve(clustergraph.open(sys.argv[1]), port=int(sys.argv[2]), options=options)
"""
PEER = """
import sys, rdflib, uvicorn
from rdflib_endpoint import SparqlEndpoint
graph = rdflib.Dataset(default_union=True)
graph.parse(sys.argv[1], format="nquads")
uvicorn.run(SparqlEndpoint(graph=graph, path="/sparql"), port=int(sys.argv[2]), log_level="error")
"""


@dataclass(frozen=True)
class Server:
    """A running server: the address of its SPARQL endpoint."""

    name: str
    host: str
    port: int
    path: str


@dataclass(frozen=True)
class Figures:
    """What one run of one server gave; times in milliseconds."""

    rate: float
    middle: float
    p95: float
    p99: float
    errors: int


def pairs(graph: clustergraph.KnowledgeGraph, number: int, seed: int) -> list[str]:
    """So many distinct texts of saved SELECT queries, each with arguments bound."""
    draw = random.Random(seed)
    store = graph.snapshot.entailed
    queries = [query for query in graph.catalogue.queries if query.form == "SELECT"]
    choices: dict[tuple[str, str], list[str]] = {}
    found: dict[str, None] = {}
    for query in itertools.cycle(queries):
        arguments = {}
        for name, parameter in query.parameters.items():
            known = choices.setdefault((query.name, name), _choices(parameter, store))
            if known and (parameter.required or draw.random() < 0.5):
                arguments[name] = [draw.choice(known)]
        try:
            bound = query.bind(arguments, store)
        except ClusterGraphError:
            continue
        # Without the header, which makes addresses too long for some servers.
        found["\n".join(line for line in bound.splitlines() if not line.startswith("#"))] = None
        if len(found) >= number:
            break
        if not any(choices.values()) and len(found) >= len(queries):
            break
    texts = list(found)
    draw.shuffle(texts)
    return texts


def _choices(parameter: Parameter, store: Store) -> list[str]:
    if parameter.enum:
        return list(parameter.enum)
    terms = [term.value for term in parameter.choices(store) if isinstance(term, ox.NamedNode | ox.Literal)]
    return terms[:5000] or list(parameter.example)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def running(name: str, command: Callable[[int], Sequence[str]], path: str) -> Iterator[Server]:
    """A server process, from when it answers to the end of the block."""
    port = free_port()
    process = subprocess.Popen([str(part) for part in command(port)], stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield Server(name, "127.0.0.1", port, path)
    finally:
        process.terminate()
        process.wait()


def request(server: Server, text: str, *, gzip: bool = False) -> bytes:
    address = f"{server.path}?query={urllib.parse.quote(text)}"
    more = "Accept-Encoding: gzip\r\n" if gzip else ""
    return (
        f"GET {address} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\nAccept: {ACCEPT}\r\n{more}\r\n"
    ).encode()


class Connection:
    """One kept-alive connection of a client that spends little time on reading."""

    def __init__(self, server: Server, source: str = "127.0.0.1") -> None:
        self._socket = socket.create_connection((server.host, server.port), source_address=(source, 0))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray()

    def ask(self, data: bytes) -> tuple[int, bytes]:
        """The status and body of the response to a request."""
        self._socket.sendall(data)
        head = self._until(b"\r\n\r\n").lower()
        status = int(head[9:12])
        if (at := head.find(b"content-length:")) >= 0:
            return status, self._take(int(head[at + 15 :].split(b"\r\n", 1)[0]))
        pieces = []
        while size := int(self._until(b"\r\n"), 16):
            pieces.append(self._take(size))
            self._take(2)
        self._take(2)
        return status, b"".join(pieces)

    def close(self) -> None:
        """Leave, whether an answer is outstanding or not."""
        self._socket.close()

    def _until(self, mark: bytes) -> bytes:
        while (end := self._buffer.find(mark)) < 0:
            self._more()
        return self._take(end + len(mark))

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _more(self) -> None:
        data = self._socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed the connection")
        self._buffer += data


def client(
    server: Server, requests: list[bytes], weights: list[float] | None, seconds: float, seed: int
) -> list[float]:
    """The latencies of one client's requests, negative where the status was not 200."""
    draw = random.Random(seed)
    connection = Connection(server)
    chosen = itertools.cycle(draw.choices(requests, weights, k=20_000) if weights else requests)
    times = []
    end = time.perf_counter() + seconds
    while (started := time.perf_counter()) < end:
        try:
            status, _ = connection.ask(next(chosen))
        except ConnectionError:
            status, connection = 0, Connection(server)
        taken = time.perf_counter() - started
        times.append(taken if status == 200 else -taken)
    return times


def measure(
    server: Server, requests: list[bytes], weights: list[float] | None, seconds: float, clients: int
) -> Figures:
    size = len(requests) // clients or 1
    parts = [requests if weights else requests[i * size : (i + 1) * size] or requests for i in range(clients)]
    with multiprocessing.get_context("fork").Pool(clients) as processes:
        found = processes.starmap(
            client, [(server, part, weights, seconds, seed) for seed, part in enumerate(parts)]
        )
    times = sorted(abs(each) * 1000 for part in found for each in part)
    errors = sum(each < 0 for part in found for each in part)
    return Figures(
        rate=len(times) / seconds,
        middle=statistics.median(times),
        p95=times[int(len(times) * 0.95)],
        p99=times[int(len(times) * 0.99)],
        errors=errors,
    )


def rows(answer: bytes) -> Counter[str]:
    bindings = json.loads(answer)["results"]["bindings"]
    for row in bindings:
        for term in row.values():
            if term.get("datatype") == "http://www.w3.org/2001/XMLSchema#string":
                del term["datatype"]
    return Counter(json.dumps(row, sort_keys=True) for row in bindings)


def same_answers(servers: Sequence[Server], texts: Sequence[str]) -> list[str]:
    """The texts to which all servers give the same rows; says which are left out."""
    kept = []
    for text in texts:
        answers = [Connection(server).ask(request(server, text)) for server in servers]
        if all(status == 200 for status, _ in answers) and all(
            rows(body) == rows(answers[0][1]) for _, body in answers
        ):
            kept.append(text)
    return kept


def cache_hits(server: Server) -> tuple[int, int]:
    with urllib.request.urlopen(f"http://{server.host}:{server.port}/health") as answer:
        cache = json.load(answer)["cache"]
    return cache["hits"], cache["misses"]


def hand_over(source: Source, text: str, times: int = 500) -> tuple[float, float]:
    """Milliseconds of a question in the pool beyond the worker's own, and of the worker."""

    async def within() -> tuple[float, float]:
        pool = Pool(source, Limits(workers=1))
        await pool.start()
        beyond, inside = [], []
        for _ in range(times):
            started = time.perf_counter()
            answer = await pool.answer(Question(text=text))
            beyond.append(time.perf_counter() - started - answer.seconds)
            inside.append(answer.seconds)
        await pool.close()
        return statistics.median(beyond) * 1000, statistics.median(inside) * 1000

    return asyncio.run(within())


def show(name: str, column: str, clients: int, figures: Figures, note: str = "") -> None:
    print(
        f"{name:16} {column:6} {clients:3} clients {figures.rate:9,.0f} req/s  p50 {figures.middle:8.2f}"
        f"  p95 {figures.p95:8.2f}  p99 {figures.p99:8.2f} ms  errors {figures.errors}  {note}",
        flush=True,
    )


@dataclass(frozen=True)
class Course:
    """What is asked, of whom, for how long."""

    folder: Path
    texts: list[str]
    given: argparse.Namespace

    @property
    def zipf(self) -> list[float]:
        return [1 / rank for rank in range(1, len(self.texts) + 1)]

    @property
    def few(self) -> list[str]:
        return self.texts[: self.given.hot]

    def ours(self, cache: int) -> Callable[[int], Sequence[str]]:
        workers = str(self.given.workers)
        return lambda port: [sys.executable, "-c", OURS, str(self.folder), str(port), str(cache), workers]

    def run(self, server: Server, column: str, texts: list[str], weights: list[float] | None = None) -> None:
        requests = [request(server, text) for text in texts]
        ours = server.name == "clustergraph"
        for clients in self.given.clients:
            before = cache_hits(server) if ours else (0, 0)
            figures = measure(server, requests, weights, self.given.seconds, clients)
            after = cache_hits(server) if ours else (0, 0)
            hits, misses = (now - then for now, then in zip(after, before, strict=True))
            note = f"hit rate {hits / (hits + misses):.0%}" if hits + misses else ""
            show(server.name, column, clients, figures, note)


def compare(folder: Path, given: argparse.Namespace) -> None:
    graph = clustergraph.open(folder)
    snapshot = graph.snapshot
    assert snapshot.path is not None
    print(f"{snapshot.triples + snapshot.inferred:,} triples, {os.cpu_count()} processors", flush=True)
    course = Course(folder, pairs(graph, given.pairs, seed=1), given)
    data = folder / "entailed.nq"
    quads = snapshot.entailed.dump()
    ox.serialize(quads, str(data), format=ox.RdfFormat.N_QUADS)
    source = Source(snapshot.path / "asserted", snapshot.path / "entailed")
    beyond, inside = hand_over(source, "SELECT ?p ?o WHERE { <urn:none> ?p ?o }")
    print(f"hand-over to a worker {beyond:.3f} ms; the worker's own time {inside:.3f} ms", flush=True)
    with running(
        "oxigraph", lambda port: [oxigraph(), "serve", "--bind", f"127.0.0.1:{port}"], "/query"
    ) as peer:
        load = urllib.request.Request(
            f"http://127.0.0.1:{peer.port}/store",
            data=data.read_bytes(),
            headers={"Content-Type": "application/n-quads"},
        )
        urllib.request.urlopen(load).close()
        with running("clustergraph", course.ours(0), "/sparql") as cold:
            gate([cold, peer], course.texts[: given.sample])
            course.run(cold, "cold", course.texts)
        course.run(peer, "cold", course.texts)
        course.run(peer, "mixed", course.texts, course.zipf)
        course.run(peer, "hot", course.few)
    with running("clustergraph", course.ours(given.cache), "/sparql") as mixed:
        course.run(mixed, "mixed", course.texts, course.zipf)
    with running("clustergraph", course.ours(1 << 30), "/sparql") as hot:
        for text in course.few:
            Connection(hot).ask(request(hot, text))
        course.run(hot, "hot", course.few)
    if importlib.util.find_spec("rdflib_endpoint"):
        command = [sys.executable, "-c", PEER, str(data)]
        with running("rdflib-endpoint", lambda port: [*command, str(port)], "/sparql") as slow:
            course.run(slow, "cold", course.texts)


def gate(servers: Sequence[Server], sample: Sequence[str]) -> None:
    """Leave where the servers do not answer the same."""
    agreed = same_answers(servers, sample)
    print(f"same rows on {len(agreed)} of a sample of {len(sample)}", flush=True)
    if len(agreed) < 0.98 * len(sample):
        sys.exit("error: the servers do not answer the same")


def oxigraph() -> str:
    """Oxigraph's server, from the PyPI package of that name."""
    beside = Path(sys.executable).with_name("oxigraph")
    found = str(beside) if beside.exists() else shutil.which("oxigraph")
    if not found:
        sys.exit("error: oxigraph is not installed; pip install oxigraph")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--triples", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--cache", type=int, default=8 << 20, help="bytes, for the column `mixed`")
    parser.add_argument("--hot", type=int, default=500, help="pairs in the column `hot`")
    parser.add_argument("--sample", type=int, default=200, help="pairs whose answers are compared first")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "graph"
        generate(folder, triples=given.triples, seed=1)
        compare(folder, given)


if __name__ == "__main__":
    main()
