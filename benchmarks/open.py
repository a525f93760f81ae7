"""Opening a graph, a look-up and an aggregate from the disk, side by side with rdflib in one run.

    python benchmarks/open.py [--triples 100000]

Our own graph and a generated one are opened cold and warm in a cache of their own. The answers of the
two engines are compared before anything is timed; the goal is an aggregate at least ten times as fast.
Exit code 1 where the goal is missed or the answers differ.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pyoxigraph as ox
import rdflib
from generate import generate
from rdflib.query import ResultRow

from clustergraph.folder import open_folder
from clustergraph.snapshot import Snapshot, open_snapshot
from clustergraph.store import EmbeddedStore
from clustergraph.terms import DefaultGraph

ROOT = Path(__file__).parent.parent
T = TypeVar("T")
GOAL = 10
RUNS = 5
PREFIXES = """
PREFIX area: <https://w3id.org/clustergraph/id/area/>
PREFIX cg: <https://w3id.org/clustergraph/ont#>
PREFIX rank: <https://w3id.org/clustergraph/id/rank/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
# The aggregate is one that our saved queries ask: labels beside figures, without deprecated ones. The
# bare join shows what is gained where each row is cheap: less, for both engines then mostly seek.
QUERIES = {
    "look-up": """
        SELECT ?participation ?program {
          ?participation cg:participationOf area:a1 ; cg:inProgram ?program
        }""",
    "bare join": """
        SELECT ?program ?year (SUM(?value) AS ?total) {
          ?statement cg:about ?participation ; cg:forFiscalYear ?year ; cg:value ?value .
          ?participation cg:inProgram ?program
        } GROUP BY ?program ?year""",
    "aggregate": """
        SELECT ?programLabel ?yearLabel (SUM(?value) AS ?total) (COUNT(?statement) AS ?statements) {
          ?statement cg:about ?participation ; cg:forFiscalYear ?year ; cg:value ?value ; cg:rank ?rank .
          FILTER (?rank != rank:deprecated)
          ?participation cg:inProgram ?program .
          ?program rdfs:label ?programLabel . FILTER (LANG(?programLabel) = "en")
          ?year rdfs:label ?yearLabel . FILTER (LANG(?yearLabel) = "en")
        } GROUP BY ?programLabel ?yearLabel""",
}


def timed(work: Callable[[], T], runs: int = 1) -> tuple[float, T]:
    """The best time of some runs in seconds, the one least disturbed, and what the last gave."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return min(times), result


def opened(name: str, root: Path) -> Snapshot:
    """The snapshot of a folder, with a line on what opening it took."""
    cold, snapshot = timed(lambda: open_snapshot(open_folder(root)))
    snapshot.close()
    warm, snapshot = timed(lambda: open_snapshot(open_folder(root)), RUNS)
    store, _ = timed(lambda: EmbeddedStore.open(snapshot.path / "entailed"), RUNS)  # type: ignore[operator]  # on disk
    print(
        f"{name}: {snapshot.triples} triples, {snapshot.inferred} inferred; opened cold in {cold:.2f} s,"
        f" warm in {warm * 1000:.1f} ms, and {store * 1000:.1f} ms for its store"
    )
    return snapshot


def in_rdflib(snapshot: Snapshot) -> rdflib.Graph:
    """The same triples in rdflib, by way of N-Triples."""
    text = snapshot.asserted.native.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
    assert text is not None  # only a call with an output returns None
    seconds, graph = timed(lambda: rdflib.Graph().parse(data=text, format="nt"))
    print(f"rdflib: the same {len(graph)} triples loaded in {seconds:.2f} s")
    return graph


def compare(snapshot: Snapshot, graph: rdflib.Graph) -> bool:
    """Whether both engines answer the same and the aggregate meets its goal."""
    met = True
    for name, query in QUERIES.items():
        here, ours = timed(lambda q=PREFIXES + query: rows(snapshot.asserted, q), RUNS)  # type: ignore[misc]
        there, theirs = timed(lambda q=PREFIXES + query: other_rows(graph, q), RUNS)  # type: ignore[misc]
        if ours != theirs:
            print(f"{name}: the answers differ, {len(ours)} rows and {len(theirs)}")
            return False
        ratio = there / here
        print(
            f"{name}: {len(ours)} rows; {here * 1000:.2f} ms, rdflib {there * 1000:.1f} ms: {ratio:.0f} times"
        )
        met = met and (name != "aggregate" or ratio >= GOAL)
    return met


def rows(store: EmbeddedStore, query: str) -> list[tuple[object, ...]]:
    return sorted(tuple(map(plain, row)) for row in store.query(query))  # type: ignore[union-attr]


def other_rows(graph: rdflib.Graph, query: str) -> list[tuple[object, ...]]:
    return sorted(tuple(map(plain, row)) for row in graph.query(query) if isinstance(row, ResultRow))


def plain(term: object) -> str:
    """A term by its value, so that `10` and `10.0` are the same number."""
    text = str(getattr(term, "value", term)) if not isinstance(term, rdflib.term.Node) else str(term)
    try:
        return repr(float(text))
    except ValueError:
        return text


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--triples", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XDG_CACHE_HOME"] = scratch
        opened("our graph", ROOT)
        generate(Path(scratch) / "generated", triples=given.triples)
        snapshot = opened("generated", Path(scratch) / "generated")
        met = compare(snapshot, in_rdflib(snapshot))
    print(f"goal, an aggregate at least {GOAL} times as fast: {'met' if met else 'missed'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
