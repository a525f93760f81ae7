"""Loading a folder of Turtle files, each folder in it a graph, to a store that answers."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import jena
from frame import Measured, Task, digest, peak_memory, repeated
from generate import generate
from peers import over_http, oxigraph, virtuoso_server

Load = Callable[[Path], str]
_COUNT = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } }"


def prepare(folder: Path, size: int) -> int:
    """A generated graph."""
    return generate(folder / "graph", triples=size)


def load(engine: str, folder: Path) -> Iterator[Measured]:
    """From the Turtle files of a folder to the number of triples in the merge of its graphs."""
    with _LOADERS[engine]() as loaded:
        seconds, answer = repeated(lambda: loaded(folder / "graph"), runs=3)
    yield Measured("load", seconds, answer, peak_memory())


@contextmanager
def _ours() -> Iterator[Load]:
    from clustergraph.folder import Edition, open_folder

    def loaded(root: Path) -> str:
        store = Edition.of(f for f in open_folder(root).files() if f.kind == "data").store
        answer = store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        return digest([getattr(term, "value", "") for term in row] for row in answer)  # type: ignore[union-attr]

    yield loaded


@contextmanager
def _rdflib() -> Iterator[Load]:
    import rdflib

    def loaded(root: Path) -> str:
        dataset = rdflib.Dataset(default_union=True)
        for path in sorted((root / "data").rglob("*.ttl")):
            dataset.graph(rdflib.URIRef(f"urn:graph:{path.parent.name}")).parse(path, format="turtle")
        return digest([[str(sum(1 for _ in dataset.triples((None, None, None))))]])

    yield loaded


@contextmanager
def _oxigraph() -> Iterator[Load]:
    """By the command, into a store on disk."""

    def loaded(root: Path) -> str:
        with tempfile.TemporaryDirectory() as store:
            for folder in sorted((root / "data").iterdir()):
                files = [part for path in sorted(folder.rglob("*.ttl")) for part in ("--file", str(path))]
                graph = ["--graph", f"urn:graph:{folder.name}"]
                command = [oxigraph(), "load", "--location", store, *graph, *files]
                subprocess.run(command, check=True, capture_output=True)
            command = [oxigraph(), "query", "--location", store, "--query", _COUNT, "--results-format", "csv"]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
        return digest([done.stdout.split()[1:]])

    yield loaded


@contextmanager
def _jena() -> Iterator[Load]:
    """Into memory, in a Java machine that has loaded them before."""
    with jena.running() as call:
        known: set[Path] = set()

        def loaded(root: Path) -> str:
            command = f"folders {(root / 'data').absolute()}"
            if root not in known:
                known.add(root)
                jena.warm(lambda: call(command))
            call(command)
            return digest(jena.rows(call, _COUNT))

        yield loaded


@contextmanager
def _virtuoso() -> Iterator[Load]:
    """Into a database on disk, file by file over HTTP, by the Graph Store Protocol."""
    with virtuoso_server() as server, httpx.Client(timeout=None) as client:
        address = server.service.endpoint
        store = address.replace("/sparql", "/sparql-graph-crud-auth")
        login = httpx.DigestAuth("dba", "dba")
        round = 0

        def loaded(root: Path) -> str:
            nonlocal round
            round += 1
            for path in sorted((root / "data").rglob("*.ttl")):
                answer = client.post(
                    store,
                    params={"graph-uri": f"urn:graph:{round}:{path.parent.name}"},
                    content=path.read_bytes(),
                    headers={"Content-Type": "text/turtle"},
                    auth=login,
                )
                answer.raise_for_status()
            of_round = f'FILTER (STRSTARTS(STR(?g), "urn:graph:{round}:"))'
            with over_http(address) as ask:
                return digest(ask(_COUNT.replace("?o } }", f"?o }} {of_round} }}")))

        yield loaded


_LOADERS = {
    "clustergraph": _ours,
    "rdflib": _rdflib,
    "oxigraph-server": _oxigraph,
    "jena": _jena,
    "virtuoso": _virtuoso,
}
LOAD = Task(
    "load",
    "Loading a folder of Turtle files",
    prepare,
    load,
    ("rdflib", "oxigraph-server", "jena", "virtuoso"),
    {"rdflib": 1_200_000, "virtuoso": 300_000},
)
