"""One question as a whole process: from the shell to the answer, the data prepared beforehand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from frame import Measured, Task, digest, peak_memory, repeated
from peers import TRIPLES, oxigraph
from questions import PREFIXES, QUESTIONS, prepare

_RDFLIB = """
import sys, rdflib
graph = rdflib.Graph().parse(sys.argv[1], format="nt")
print("participation,program")
for row in graph.query(sys.argv[2]):
    print(",".join(map(str, row)))
"""


def prepared(folder: Path, size: int) -> int:
    """The input of the questions, and a store of Oxigraph's own."""
    triples = prepare(folder, size)
    command = [oxigraph(), "load", "--location", str(folder / "store"), "--file", str(folder / TRIPLES)]
    subprocess.run(command, check=True, capture_output=True)
    return triples


def start(engine: str, folder: Path) -> Iterator[Measured]:
    """A look-up by a new process."""
    query = PREFIXES + QUESTIONS["look-up"]
    cli = [sys.executable, "-m", "clustergraph", "--root", str(folder / "graph"), "--quiet"]
    store = ["query", "--location", str(folder / "store"), "--results-format", "csv", "--query", query]
    command = {
        "clustergraph": [*cli, "sparql", query, "--format", "csv"],
        "rdflib": [sys.executable, "-c", _RDFLIB, str(folder / TRIPLES), query],
        "oxigraph-server": [oxigraph(), *store],
    }[engine]

    def run() -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    seconds, printed = repeated(run, runs=9)
    yield Measured("a look-up", seconds, digest(line.split(",") for line in printed.split()), peak_memory())


STARTUP = Task(
    "startup",
    "A question as a whole process",
    prepared,
    start,
    ("oxigraph-server", "rdflib"),
    {"rdflib": 1_200_000},
)
