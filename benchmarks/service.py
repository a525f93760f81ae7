"""Requests a second over HTTP, against Oxigraph's own server and rdflib-endpoint, in one run.

    python benchmarks/service.py [--triples 100000] [--pairs 10000] [--seconds 5] [--rounds 3]
                                 [--clients 1 4 8] [--peer-python PATH]

The same SPARQL text on the same data for all: saved queries with arguments drawn from the graph,
asked with Zipf-distributed frequency. Three columns: *cold* (no cache), *mixed* (a cache smaller
than the set of answers, hit rate printed), *hot* (all answers asked for are in it). No time is recorded
before the servers' answers are the same multisets of rows on a sample. Each cell is the median of the
rounds, with the lowest and the highest. A server that is not installed is left out, and said to be;
rdflib-endpoint may live in another environment, whose Python is `--peer-python`. Client processes and
servers share the machine's processors.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import pyoxigraph as ox
from budget import budget
from clients import OURS, Connection, Figures, Server, figures, latencies, measure, request, running
from generate import generate

import clustergraph
from clustergraph.catalogue import Parameter
from clustergraph.errors import ClusterGraphError
from clustergraph.store import Store
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

PEER = """
import sys, rdflib, uvicorn
from rdflib_endpoint import SparqlEndpoint
is_one = sys.argv[1].endswith(".nt")
graph = rdflib.Graph() if is_one else rdflib.Dataset(default_union=True)
graph.parse(sys.argv[1], format="nt" if is_one else "nquads")
uvicorn.run(SparqlEndpoint(graph=graph, path="/sparql"), port=int(sys.argv[2]), log_level="error")
"""
# Seconds in which rdflib-endpoint answers a question, or is not asked it again.
_SOON = 5
# Rounds through all queries that bring no new text, after which there is taken to be none.
_PATIENCE = 50
OUR_NAME, ITS_NAME, SLOW_NAME = "clustergraph", "oxigraph", "rdflib-endpoint"


def pairs(graph: clustergraph.KnowledgeGraph, number: int, seed: int) -> list[str]:
    """So many distinct texts of saved SELECT queries, each with arguments bound; fewer of a small graph."""
    return list(named_pairs(graph, number, seed))


def named_pairs(graph: clustergraph.KnowledgeGraph, number: int, seed: int) -> dict[str, str]:
    """Such texts, each with the name of its query."""
    draw = random.Random(seed)
    store = graph.snapshot.entailed
    queries = [query for query in graph.catalogue.queries if query.form == "SELECT"]
    choices: dict[tuple[str, str], list[str]] = {}
    found: dict[str, str] = {}
    fruitless = 0
    for query in itertools.cycle(queries):
        if len(found) >= number or fruitless > _PATIENCE * len(queries):
            break
        fruitless += 1
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
        text = "\n".join(line for line in bound.splitlines() if not line.startswith("#"))
        if text not in found:
            found[text], fruitless = query.name, 0
    texts = list(found)
    draw.shuffle(texts)
    return {text: found[text] for text in texts}


def _choices(parameter: Parameter, store: Store) -> list[str]:
    if parameter.enum:
        return list(parameter.enum)
    terms = [term.value for term in parameter.choices(store) if isinstance(term, ox.NamedNode | ox.Literal)]
    return terms[:5000] or list(parameter.example)


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


def same_answers(servers: Sequence[Server], texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """The texts to which all servers give the same rows, and those to which one gives no answer in time."""
    kept, late = [], []
    for text in texts:
        try:
            answers = [Connection(server).ask(request(server, text)) for server in servers]
        except OSError:
            late.append(text)
            continue
        if all(status == 200 for status, _ in answers) and all(
            rows(body) == rows(answers[0][1]) for _, body in answers
        ):
            kept.append(text)
    return kept, late


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

    def ours(self, cache: int) -> Callable[[int], Sequence[str]]:
        workers = str(self.given.workers)
        return lambda port: [sys.executable, "-c", OURS, str(self.folder), str(port), str(cache), workers]

    def run(self, server: Server, column: str, texts: list[str], weights: list[float] | None = None) -> None:
        requests = [request(server, text) for text in texts]
        ours = server.name == OUR_NAME
        for clients in self.given.clients:
            before = cache_hits(server) if ours else (0, 0)
            rounds = []
            for turn in range(self.given.rounds):
                # Each round asks other texts first, so that no round finds the work of another one done.
                shifted = requests[turn * 997 % len(requests) :] + requests[: turn * 997 % len(requests)]
                part = requests if weights else shifted
                rounds.append(latencies(server, part, weights, self.given.seconds, clients))
            found = figures(rounds, self.given.seconds)
            after = cache_hits(server) if ours else (0, 0)
            hits, misses = (now - then for now, then in zip(after, before, strict=True))
            note = f"hit rate {hits / (hits + misses):.0%}" if hits + misses else ""
            self.results[server.name, column, clients] = found
            show(server.name, column, clients, found, note)


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
    named = named_pairs(graph, given.pairs, seed=1)
    course = Course(folder, list(named), given)
    print(f"{len(course.texts):,} distinct pairs of query and arguments, seed 1", flush=True)
    data = folder / "entailed.nt"
    store = ox.Store()
    store.bulk_extend(snapshot.entailed.dump())
    store.dump(str(data), format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    with its_server(data) as peer, running(OUR_NAME, course.ours(0), "/sparql") as cold:
        gate([cold, peer], course.texts[: given.sample])
        with running(OUR_NAME, course.ours(1 << 30), "/sparql") as hot:
            source = Source(snapshot.path / "asserted", snapshot.path / "entailed")
            found = budget(cold, hot, source, store, course.few)
            print(f"one cold request: {found.whole:.3f} ms, the mean of {len(course.few)} texts")
            print(*found.lines(), sep="\n", flush=True)
        course.run(cold, "cold", course.texts)
        course.run(peer, "cold", course.texts)
        course.run(peer, "mixed", course.texts, course.zipf)
        course.run(peer, "hot", course.few)
    with running(OUR_NAME, course.ours(given.cache), "/sparql") as mixed:
        print(f"cache of {given.cache:,} bytes for `mixed`")
        course.run(mixed, "mixed", course.texts, course.zipf)
    with running(OUR_NAME, course.ours(1 << 30), "/sparql") as hot:
        for text in course.few:
            Connection(hot).ask(request(hot, text))
        course.run(hot, "hot", course.few)
    ratios(course, ITS_NAME, {"hot": 2.0})
    if python := rdflib_endpoint(given.peer_python):
        beside(course, python, data, named)


def beside(course: Course, python: str, data: Path, named: Mapping[str, str]) -> None:
    """The same beside rdflib-endpoint, for the questions that it answers while a client waits."""

    def command(port: int) -> list[str]:
        return [python, "-c", PEER, str(data), str(port)]

    known = answered(command, named)
    texts = [text for text, name in named.items() if name in known]
    print(f"{SLOW_NAME} answers {len(known)} of {len(set(named.values()))} questions within {_SOON} s;")
    print(f"what follows is about their {len(texts):,} pairs", flush=True)
    part = Course(course.folder, texts, course.given)
    with running(SLOW_NAME, command, "/sparql") as slow:
        with running(OUR_NAME, part.ours(0), "/sparql") as cold:
            gate([cold, slow], texts[: part.given.sample // 4])
            part.run(cold, "cold", texts)
        part.run(slow, "cold", texts)
        part.run(slow, "mixed", texts, part.zipf)
        part.run(slow, "hot", part.few)
    with running(OUR_NAME, part.ours(part.given.cache), "/sparql") as mixed:
        part.run(mixed, "mixed", texts, part.zipf)
    with running(OUR_NAME, part.ours(1 << 30), "/sparql") as hot:
        for text in part.few:
            Connection(hot).ask(request(hot, text))
        part.run(hot, "hot", part.few)
    ratios(part, SLOW_NAME, {"cold": 4.0, "hot": 20.0})


def answered(command: Callable[[int], Sequence[str]], named: Mapping[str, str]) -> set[str]:
    """The queries to which a server has an answer soon; one that is still at work is started anew."""
    left = {name: text for text, name in named.items()}
    found: set[str] = set()
    while left:
        with running(SLOW_NAME, command, "/sparql") as server:
            for name in list(left):
                text = left.pop(name)
                try:
                    status, _ = Connection(server, patience=_SOON).ask(request(server, text))
                except OSError:
                    break
                if status == 200:
                    found.add(name)
    return found


def ratios(course: Course, name: str, goals: Mapping[str, float]) -> None:
    """Our requests a second by another server's, and what is asked of them."""
    print(f"\nrequests a second, {OUR_NAME} by {name}")
    for column in ("cold", "mixed", "hot"):
        cells = []
        for clients in course.given.clients:
            ours, theirs = (course.results[each, column, clients] for each in (OUR_NAME, name))
            cells.append(f"{clients} clients {ours.rate / max(theirs.rate, 0.01):8.1f} times")
        goal = f"  (goal {goals[column]:g})" if column in goals else ""
        print(f"  {column:6} {'; '.join(cells)}{goal}", flush=True)


def gate(servers: Sequence[Server], sample: Sequence[str]) -> None:
    """Leave where the servers do not answer the same, as far as they answer in time."""
    agreed, late = same_answers(servers, sample)
    names = " and ".join(server.name for server in servers)
    note = f", {len(late)} not in time" if late else ""
    print(f"{names}: same rows on {len(agreed)} of a sample of {len(sample)}{note}", flush=True)
    if len(agreed) < 0.95 * (len(sample) - len(late)):
        sys.exit("error: the servers do not answer the same")


@contextmanager
def its_server(data: Path) -> Iterator[Server]:
    """Oxigraph's server with the data in memory."""
    with running(
        ITS_NAME, lambda port: [oxigraph(), "serve", "--bind", f"127.0.0.1:{port}"], "/query"
    ) as peer:
        load = urllib.request.Request(
            f"http://127.0.0.1:{peer.port}/store?default",
            data=data.read_bytes(),
            headers={"Content-Type": "application/n-triples"},
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
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--cache", type=int, default=8 << 20, help="bytes, for the column `mixed`")
    parser.add_argument("--hot", type=int, default=500, help="pairs in the column `hot`")
    parser.add_argument("--sample", type=int, default=200, help="pairs whose answers are compared first")
    parser.add_argument("--peer-python", default=sys.executable, help="the Python that has rdflib-endpoint")
    given = parser.parse_args()
    versions()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "graph"
        generate(folder, triples=given.triples, seed=1)
        compare(folder, given)


if __name__ == "__main__":
    main()
