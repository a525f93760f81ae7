"""The engines that answer SPARQL: each holds the same triples and gives rows as texts.

In this process: ours, from the snapshot on disk, and rdflib. Over HTTP on loopback: Oxigraph's server,
rdflib-endpoint, Virtuoso; their times hold the way there and back. Through a pipe: Jena.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import jena

if TYPE_CHECKING:
    from engines import Server

Rows = list[Sequence[str]]
Ask = Callable[[str], Rows]
TRIPLES = "data.nt"
RESULTS = "application/sparql-results+json"


@contextmanager
def ours(folder: Path) -> Iterator[Ask]:
    """The store `entailed` of the snapshot on disk."""
    from clustergraph.folder import open_folder
    from clustergraph.snapshot import open_snapshot

    store = open_snapshot(open_folder(folder / "graph")).entailed

    def ask(query: str) -> Rows:
        rows = store.query(query)
        return [[getattr(term, "value", "") for term in row] for row in rows]  # type: ignore[union-attr]

    yield ask


@contextmanager
def in_memory(folder: Path) -> Iterator[Ask]:
    """The same store held in memory, as the service does with one of this size."""
    from clustergraph.store import EmbeddedStore

    store = EmbeddedStore()
    store.native.bulk_load(path=str(folder / TRIPLES))

    def ask(query: str) -> Rows:
        rows = store.query(query)
        return [[getattr(term, "value", "") for term in row] for row in rows]  # type: ignore[union-attr]

    yield ask


@contextmanager
def rdflib(folder: Path) -> Iterator[Ask]:
    """rdflib in memory."""
    import rdflib as library

    graph = library.Graph().parse(folder / TRIPLES, format="nt")

    def ask(query: str) -> Rows:
        rows = graph.query(query)
        return [["" if term is None else str(term) for term in row] for row in rows]  # type: ignore[union-attr]

    yield ask


@contextmanager
def oxigraph_server(folder: Path) -> Iterator[Ask]:
    """Oxigraph's server, the store in memory."""
    with server(lambda port: [oxigraph(), "serve", "--bind", f"127.0.0.1:{port}"]) as address:
        with (folder / TRIPLES).open("rb") as data:
            headers = {"Content-Type": "application/n-triples"}
            httpx.post(
                f"{address}/store?default", content=data, headers=headers, timeout=None
            ).raise_for_status()
        with over_http(f"{address}/query") as ask:
            yield ask


_ENDPOINT = """
import sys, rdflib, uvicorn
from rdflib_endpoint import SparqlEndpoint
graph = rdflib.Graph().parse(sys.argv[1], format="nt")
uvicorn.run(SparqlEndpoint(graph=graph, path="/sparql"), port=int(sys.argv[2]), log_level="error")
"""


@contextmanager
def rdflib_endpoint(folder: Path) -> Iterator[Ask]:
    """rdflib behind rdflib-endpoint."""
    command = [sys.executable, "-c", _ENDPOINT, str(folder / TRIPLES)]
    with server(lambda port: [*command, str(port)]) as address, over_http(f"{address}/sparql") as ask:
        yield ask


@contextmanager
def virtuoso(folder: Path) -> Iterator[Ask]:
    """Debian's Virtuoso, with a database of its own."""
    import pyoxigraph as ox

    with virtuoso_server() as server:
        server.load(ox.parse(path=str(folder / TRIPLES), format=ox.RdfFormat.N_TRIPLES))
        graph = {"default-graph-uri": str(server.service.default_graph.value)}
        with over_http(server.service.endpoint, graph) as ask:
            yield ask


@contextmanager
def virtuoso_server() -> Iterator[Server]:
    """Virtuoso as the tests start it, empty."""
    sys.path.append(str(Path(__file__).parent.parent / "tests"))
    import engines

    with tempfile.TemporaryDirectory() as scratch, engines.virtuoso(Path(scratch)) as server:
        yield server


@contextmanager
def in_java(folder: Path) -> Iterator[Ask]:
    """Jena, the data in memory; a question is asked until it is warm when it is asked first."""
    with jena.running() as call:
        call(f"load {(folder / TRIPLES).absolute()}")
        known: set[str] = set()

        def ask(query: str) -> Rows:
            if query not in known:
                known.add(query)
                jena.warm(lambda: jena.rows(call, query))
            return jena.rows(call, query)

        yield ask


ENGINES = {
    "clustergraph": ours,
    "clustergraph-memory": in_memory,
    "rdflib": rdflib,
    "oxigraph-server": oxigraph_server,
    "rdflib-endpoint": rdflib_endpoint,
    "virtuoso": virtuoso,
    "jena": in_java,
}


@contextmanager
def over_http(address: str, more: dict[str, str] | None = None) -> Iterator[Ask]:
    """Questions by POST to an endpoint, answers as JSON."""
    with httpx.Client(headers={"Accept": RESULTS}, timeout=None) as client:

        def ask(query: str) -> Rows:
            answer = client.post(address, data={"query": query, **(more or {})})
            answer.raise_for_status()
            found = answer.json()
            names = found["head"]["vars"]
            return [
                [row[name]["value"] if name in row else "" for name in names]
                for row in found["results"]["bindings"]
            ]

        yield ask


@contextmanager
def server(command: Callable[[int], Sequence[str]]) -> Iterator[str]:
    """The address of a server process, from when it listens to the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 300
        while time.monotonic() < end and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def oxigraph() -> str:
    """The binary of Oxigraph's server, from the PyPI package `oxigraph`."""
    beside = Path(sys.executable).with_name("oxigraph")
    return str(beside) if beside.exists() else shutil.which("oxigraph") or "oxigraph"


def _program(name: str, *arguments: str) -> Callable[[], str | None]:
    def version() -> str | None:
        if not shutil.which(name):
            return None
        done = subprocess.run([name, *arguments], capture_output=True, text=True, check=False)
        found = re.search(r"\d+\.\d+[\w.]*", done.stdout + done.stderr)
        return found[0] if found else "installed"

    return version


PROGRAMS = {"virtuoso": _program("virtuoso-t", "+version"), "jena": jena.version}
"""The versions of programs that are no Python packages."""
