"""Requests over HTTP: cold (nothing cached), mixed (some), hot (all asked before), by four clients.

What is asked and how is measured in `service`; here its figures become rows as all others: seconds a
request, the more requests a second the fewer.
"""

from __future__ import annotations

import json
import socket
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import service
from frame import Measured, Task, digest, peak_memory
from generate import generate

import clustergraph

PAIRS, HOT, SAMPLE, CLIENTS, SECONDS, ROUNDS = 400, 200, 20, 4, 2.0, 3
# An engine that takes longer for one answer is out.
PATIENCE = 20
CACHES = {"cold": 0, "mixed": 4 << 20, "hot": 1 << 30}
DATA = "data.nt"
_PATHS = {"clustergraph": "/sparql", "oxigraph-server": "/query", "rdflib-endpoint": "/sparql"}


def prepare(folder: Path, size: int) -> int:
    """A generated graph with its snapshot, its triples for the others, and what is asked.

    That is those texts to which Oxigraph's server gives the same rows as ours; named graphs it has none.
    """
    generate(folder / "graph", triples=size)
    graph = clustergraph.open(folder / "graph")
    snapshot = graph.snapshot
    triples = (quad.triple for quad in snapshot.entailed.dump(ox.DefaultGraph()))
    ox.serialize(triples, str(folder / DATA), format=ox.RdfFormat.N_TRIPLES)
    texts = service.pairs(graph, PAIRS, seed=1)
    with _serving("clustergraph", folder, 0) as ours, _serving("oxigraph-server", folder, 0) as other:
        same = [text for text in texts if _rows(ours, text) == _rows(other, text) is not None]
    (folder / "texts.json").write_text(json.dumps(same), encoding="utf-8")
    return snapshot.triples + snapshot.inferred


def ask(engine: str, folder: Path) -> Iterator[Measured]:
    """Each column: rounds of requests by several clients, after a sample was answered."""
    socket.setdefaulttimeout(PATIENCE)
    texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    weights = [1 / rank for rank in range(1, len(texts) + 1)]
    for column, cache in CACHES.items():
        with _serving(engine, folder, cache) as server:
            answer = digest([text, str(_rows(server, text))] for text in texts[:SAMPLE])
            asked = texts[:HOT] if column == "hot" else texts
            requests = [service.request(server, text) for text in asked]
            if column == "hot" and engine == "clustergraph":
                for one in requests:
                    service.Connection(server).ask(one)
            zipf = weights if column == "mixed" else None
            rounds = [service.measure(server, requests, zipf, SECONDS, CLIENTS) for _ in range(ROUNDS)]
        yield Measured(f"a request, {column}", [1 / one.rate for one in rounds], answer, peak_memory())


def _rows(server: service.Server, text: str) -> Counter[str] | None:
    """The rows of an answer, in any order; None where there is none."""
    status, body = service.Connection(server).ask(service.request(server, text))
    found = service.rows(body) if status == 200 else None
    return None if found is None else Counter(dict(sorted(found.items())))


@contextmanager
def _serving(engine: str, folder: Path, cache: int) -> Iterator[service.Server]:
    with service.running(engine, _command(engine, folder, cache), _PATHS[engine]) as server:
        if engine == "oxigraph-server":
            load = urllib.request.Request(
                f"http://{server.host}:{server.port}/store?default",
                data=(folder / DATA).read_bytes(),
                headers={"Content-Type": "application/n-triples"},
            )
            urllib.request.urlopen(load).close()
        yield server


def _command(engine: str, folder: Path, cache: int) -> Callable[[int], Sequence[str]]:
    if engine == "oxigraph-server":
        return lambda port: [service.oxigraph(), "serve", "--bind", f"127.0.0.1:{port}"]
    if engine == "rdflib-endpoint":
        return lambda port: [sys.executable, "-c", service.PEER, str(folder / DATA), str(port)]
    return lambda port: [
        *(sys.executable, "-c", service.OURS, str(folder / "graph"), str(port), str(cache), "4")
    ]


TRAFFIC = Task(
    "traffic", "Requests over HTTP, four clients", prepare, ask, ("oxigraph-server", "rdflib-endpoint")
)
