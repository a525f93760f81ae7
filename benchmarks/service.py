"""Requests a second over HTTP, against Oxigraph's own server and rdflib-endpoint, in one run.

    python benchmarks/service.py [--triples 100000] [--pairs 10000] [--seconds 2] [--rounds 3]
                                 [--clients 1 4 8] [--peer-python PATH]

The same SPARQL text on the same data for all: saved queries with arguments drawn from the graph,
asked with Zipf-distributed frequency. Three columns: *cold* (no cache), *mixed* (a cache smaller
than the set of answers, hit rate printed), *hot* (all answers asked for are in it). No time is recorded
before the servers' answers are the same multisets of rows on a sample. Each cell is the median of the
rounds, with the lowest and the highest, and is printed when it is known. Client processes and servers
share the machine's processors.

rdflib-endpoint has no time-out, and answers nobody while it evaluates: beside it only those texts are
asked that all three servers answer alike, this one within a second by itself. How many are left out, and
for whom, is printed. A server that is not installed is left out, and said to be; rdflib-endpoint may live
in another environment, whose Python is `--peer-python`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import pyoxigraph as ox
from budget import budget
from clients import (
    OURS,
    Connection,
    Figures,
    Server,
    asked,
    figures,
    measure,
    request,
    running,
    until_free,
    until_it_listens,
)
from drawn import named_pairs
from generate import generate

import clustergraph
from clustergraph.store import EmbeddedStore
from clustergraph.workers.question import Source

__all__ = [
    "OURS",
    "PEER",
    "Connection",
    "Figures",
    "Server",
    "measure",
    "oxigraph",
    "pairs",
    "request",
    "rows",
    "running",
]

# One process loads the data, and forks a server; SIGHUP ends that one, and another takes its place.
PEER = """
import os, signal, sys, rdflib, uvicorn
from rdflib_endpoint import SparqlEndpoint
is_one = sys.argv[1].endswith(".nt")
graph = rdflib.Graph() if is_one else rdflib.Dataset(default_union=True)
graph.parse(sys.argv[1], format="nt" if is_one else "nquads")
graph.query("ASK {}")  # its parser is slow the first time
app = SparqlEndpoint(graph=graph, path="/sparql")
config = uvicorn.Config(app, port=int(sys.argv[2]), log_level="error")
config.load()
def end(number, _):
    os.kill(server, signal.SIGKILL)
    if number == signal.SIGTERM:
        os._exit(0)
while True:
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    if (server := os.fork()) == 0:
        uvicorn.Server(config).run()
        os._exit(1)
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, end)
    os.waitpid(server, 0)
"""
# Seconds in which rdflib-endpoint answers a text, or is not asked it again.
_SOON = 1
# Pairs that are tried with it.
_TRIED = 100
OUR_NAME, ITS_NAME, SLOW_NAME = "clustergraph", "oxigraph", "rdflib-endpoint"
COLUMNS = ("cold", "mixed", "hot")
# The same data: all quads; and for rdflib-endpoint, which serves one graph best, the default graph.
QUADS, TRIPLES = "entailed.nq", "entailed.nt"
_NOTHING = b'{"results": {"bindings": []}}'
# What our cache counts for an answer beside its bytes.
_OVERHEAD = 1024


def pairs(graph: clustergraph.KnowledgeGraph, number: int, seed: int) -> list[str]:
    """So many distinct texts of saved SELECT queries, each with arguments bound; fewer of a small graph."""
    return list(named_pairs(graph.catalogue, graph.snapshot.entailed, number, seed))


def rows(answer: bytes) -> Counter[str]:
    """The rows of an answer, numbers by their value: engines write them differently."""
    bindings = json.loads(answer)["results"]["bindings"]
    for row in bindings:
        for term in row.values():
            datatype = term.get("datatype", "").removeprefix("http://www.w3.org/2001/XMLSchema#")
            if datatype == "string":
                del term["datatype"]
            elif datatype in {"integer", "decimal", "double", "float"}:
                term |= {"value": f"{float(term['value']):.9g}", "datatype": "number"}
    return Counter(json.dumps(row, sort_keys=True) for row in bindings)


def cache_hits(server: Server) -> tuple[int, int]:
    with urllib.request.urlopen(f"http://{server.host}:{server.port}/health") as answer:
        cache = json.load(answer)["cache"]
    return cache["hits"], cache["misses"]


@dataclass
class Course:
    """What is asked, of whom, for how long; and what came out."""

    folder: Path
    texts: list[str]
    given: argparse.Namespace
    results: dict[tuple[str, str, int], Figures] = field(default_factory=dict)

    @property
    def zipf(self) -> list[float]:
        return [1 / rank for rank in range(1, len(self.texts) + 1)]

    @property
    def few(self) -> list[str]:
        return self.texts[: self.given.hot]

    @contextmanager
    def ours(self, cache: int) -> Iterator[Server]:
        """Our server, when it has prepared what it does in the background after its start."""
        workers = str(self.given.workers)

        def command(port: int) -> list[str]:
            return [sys.executable, "-c", OURS, str(self.folder), str(port), str(cache), workers]

        with running(OUR_NAME, command, "/sparql") as server:
            if sys.platform == "linux":
                until_free(server.process)
            yield server

    def run(self, server: Server, column: str) -> None:
        """Print and keep the figures of one column; a server of ours has had what is hot."""
        requests = [request(server, text) for text in (self.few if column == "hot" else self.texts)]
        weights = self.zipf if column == "mixed" else None
        ours = server.name == OUR_NAME
        for clients in self.given.clients:
            before = cache_hits(server) if ours else (0, 0)
            rounds = []
            for turn in range(self.given.rounds):
                # Each round asks other texts first, so that no round finds the work of another one done.
                shifted = requests[turn * 997 % len(requests) :] + requests[: turn * 997 % len(requests)]
                part = requests if weights else shifted
                rounds.append(asked(server, part, weights, self.given.seconds, clients))
            found = figures(rounds)
            after = cache_hits(server) if ours else (0, 0)
            hits, misses = (now - then for now, then in zip(after, before, strict=True))
            note = f"hit rate {hits / (hits + misses):.0%}" if hits + misses else ""
            self.results[server.name, column, clients] = found
            show(server.name, column, clients, found, note)

    def ask_few(self, server: Server) -> None:
        """Let a server have answered what is hot."""
        for text in self.few:
            answer(server, text)


def show(name: str, column: str, clients: int, found: Figures, note: str = "") -> None:
    spread = f"({min(found.rates):,.0f} to {max(found.rates):,.0f})"
    print(
        f"{name:16} {column:6} {clients} clients {found.rate:9,.0f} req/s {spread:20}"
        f" p50 {found.middle:8.2f}  p95 {found.p95:8.2f}  p99 {found.p99:8.2f} ms"
        f"  errors {found.errors}  {note}",
        flush=True,
    )


def compare(folder: Path, given: argparse.Namespace) -> None:
    graph = clustergraph.open(folder)
    snapshot = graph.snapshot
    assert snapshot.path is not None
    print(f"{snapshot.triples + snapshot.inferred:,} triples, {os.cpu_count()} processors", flush=True)
    whole, plain = ox.Store(), ox.Store()
    whole.bulk_extend(snapshot.entailed.dump())
    plain.bulk_extend(whole.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    whole.dump(str(folder / QUADS), format=ox.RdfFormat.N_QUADS)
    whole.dump(str(folder / TRIPLES), format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    store = EmbeddedStore(whole, plain=plain)
    named = named_pairs(graph.catalogue, store, given.pairs, seed=1)
    course = Course(folder, list(named), given)
    print(f"{len(course.texts):,} distinct pairs of query and arguments, seed 1", flush=True)
    source = Source(snapshot.path / "asserted", snapshot.path / "entailed")
    with its_server(folder / QUADS) as peer:
        with course.ours(0) as cold:
            gate([cold, peer], course.texts[: given.sample])
            with course.ours(1 << 30) as hot:
                course.ask_few(hot)
                some = course.few[:100]
                found = budget(cold, hot, source, store, some)
                print(f"one cold request: {found.whole:.3f} ms, the mean of {len(some)} texts")
                print(*found.lines(), sep="\n", flush=True)
                course.run(hot, "hot")
            course.run(peer, "hot")
            course.run(cold, "cold")
            course.run(peer, "cold")
        course.run(peer, "mixed")
        print(f"cache of {given.cache:,} bytes for `mixed`")
        with course.ours(given.cache) as mixed:
            course.run(mixed, "mixed")
        ratios(course, ITS_NAME, {"hot": 2.0})
        if python := rdflib_endpoint(given.peer_python):
            beside(course, python, named, peer)


def beside(course: Course, python: str, named: Mapping[str, str], other: Server) -> None:
    """The same beside rdflib-endpoint, for texts that all three servers answer alike."""

    def command(port: int) -> list[str]:
        return [python, "-c", PEER, str(course.folder / TRIPLES), str(port)]

    with running(SLOW_NAME, command, "/sparql") as slow:
        with course.ours(0) as cold:
            texts, size = comparable([cold, other, slow], named)
            if not texts:
                return
            part = Course(course.folder, texts, course.given)
            part.run(cold, "cold")
        cache = size // 3
        print(f"cache of {cache:,} bytes for `mixed`, a third of what all of these answers take")
        with part.ours(cache) as mixed:
            part.run(mixed, "mixed")
        with part.ours(1 << 30) as hot:
            part.ask_few(hot)
            part.run(hot, "hot")
        for column in COLUMNS:
            part.run(slow, column)
    ratios(part, SLOW_NAME, {"cold": 4.0, "hot": 20.0})


def comparable(servers: Sequence[Server], named: Mapping[str, str]) -> tuple[list[str], int]:
    """The texts that all servers answer alike, the last one soon; and the bytes of a cache for all of them.

    First one text of each query, so that a query that takes the last server too long is tried once.
    """
    ours, other, slow = servers
    first = {name: text for text, name in named.items()}
    soon = {name for name, text in first.items() if answer(slow, text) is not None}
    print(f"{SLOW_NAME} answers {len(soon)} of {len(first)} questions within {_SOON} s", flush=True)
    tried = [text for text, name in named.items() if name in soon][:_TRIED]
    kept, size = [], 0
    left: Counter[str] = Counter()
    for text in tried:
        right = answer(ours, text)
        if right is None or rows(answer(other, text) or _NOTHING) != rows(right):
            left[f"{OUR_NAME} and {ITS_NAME} differ"] += 1
        elif (found := answer(slow, text)) is None:
            left[f"{SLOW_NAME} has no answer within {_SOON} s"] += 1
        elif rows(found) != rows(right):
            left[f"{SLOW_NAME} has other rows"] += 1
        else:
            kept.append(text)
            size += len(right) + _OVERHEAD
    print(
        f"of {len(tried)} of their pairs, what follows is about the {len(kept)} that all answer alike", end=""
    )
    print(*(f"; {number} left out: {why}" for why, number in left.items()), sep="", flush=True)
    return kept, size


def answer(server: Server, text: str) -> bytes | None:
    """A server's answer; None where it has none, or not soon: rdflib-endpoint is then started anew."""
    try:
        is_slow = server.name == SLOW_NAME
        connection = Connection(server, patience=_SOON) if is_slow else Connection(server)
        status, body = connection.ask(request(server, text))
    except OSError:
        if is_slow:
            os.kill(server.process, signal.SIGHUP)
            time.sleep(0.2)
            until_it_listens(server)
        return None
    return body if status == 200 else None


def ratios(course: Course, name: str, goals: Mapping[str, float]) -> None:
    """Our requests a second by another server's, and what is asked of them."""
    print(f"\nrequests a second, {OUR_NAME} by {name}")
    for column in COLUMNS:
        cells = []
        for clients in course.given.clients:
            ours, theirs = (course.results[each, column, clients] for each in (OUR_NAME, name))
            cells.append(f"{clients} clients {ours.rate / max(theirs.rate, 0.01):8.1f} times")
        goal = f"  (goal {goals[column]:g})" if column in goals else ""
        print(f"  {column:6} {'; '.join(cells)}{goal}", flush=True)


def gate(servers: Sequence[Server], sample: Sequence[str]) -> None:
    """Leave where the servers do not answer the same."""
    found = [[answer(server, text) for server in servers] for text in sample]
    agreed = sum(all(one and rows(one) == rows(each[0] or _NOTHING) for one in each) for each in found)
    names = " and ".join(server.name for server in servers)
    print(f"{names}: same rows on {agreed} of a sample of {len(sample)}", flush=True)
    if agreed < 0.95 * len(sample):
        sys.exit("error: the servers do not answer the same")


@contextmanager
def its_server(data: Path) -> Iterator[Server]:
    """Oxigraph's server with the data in memory."""
    with running(
        ITS_NAME, lambda port: [oxigraph(), "serve", "--bind", f"127.0.0.1:{port}"], "/query"
    ) as peer:
        load = urllib.request.Request(
            f"http://127.0.0.1:{peer.port}/store",
            data=data.read_bytes(),
            headers={"Content-Type": "application/n-quads"},
        )
        urllib.request.urlopen(load).close()
        yield peer


def oxigraph() -> str:
    """Oxigraph's server, from the PyPI package of that name."""
    beside = Path(sys.executable).with_name("oxigraph")
    found = str(beside) if beside.exists() else shutil.which("oxigraph")
    if not found:
        sys.exit("error: oxigraph is not installed; pip install oxigraph")
    return found


def rdflib_endpoint(python: str) -> str | None:
    """The Python that has rdflib-endpoint, or None where it has not, which is said."""
    ask = (
        "from importlib.metadata import version; import rdflib_endpoint, uvicorn;"
        "print(version('rdflib-endpoint'), version('rdflib'))"
    )
    found = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
    if found.returncode:
        print(f"rdflib-endpoint is left out: {found.stderr.strip().splitlines()[-1]}", flush=True)
        return None
    endpoint, rdflib = found.stdout.split()
    print(f"rdflib-endpoint {endpoint} on rdflib {rdflib}", flush=True)
    return python


def versions() -> None:
    its = subprocess.run([oxigraph(), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    ours = f"clustergraph {version('clustergraph')} on pyoxigraph {version('pyoxigraph')}"
    print(f"{ours}, uvicorn {version('uvicorn')}; {its}; Python {platform.python_version()}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--triples", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--cache", type=int, default=8 << 20, help="bytes, for the column `mixed`")
    parser.add_argument("--hot", type=int, default=300, help="pairs in the column `hot`")
    parser.add_argument("--sample", type=int, default=100, help="pairs whose answers are compared first")
    parser.add_argument("--peer-python", default=sys.executable, help="the Python that has rdflib-endpoint")
    given = parser.parse_args()
    versions()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "graph"
        generate(folder, triples=given.triples, seed=1)
        compare(folder, given)


if __name__ == "__main__":
    main()
