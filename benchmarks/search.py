"""How long the index of a graph takes to build, how large it is, and how long searches of it take.

    python benchmarks/search.py FOLDER [--rounds 20]

The texts asked for are names, parts and misspellings drawn from the graph itself, with the same seed each
time; what is printed is the median and the 95th percentile of each kind, in milliseconds.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import clustergraph
from clustergraph.search import Index, open_index
from clustergraph.sparql.bind import bind
from clustergraph.sparql.results import Solutions
from clustergraph.terms import Literal

_LABELS = "SELECT DISTINCT ?label { ?thing ?property ?label } ORDER BY ?label"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    graph = clustergraph.open(given.folder)
    snapshot = graph.snapshot
    assert snapshot.path is not None, "the cache cannot be written"
    print(f"{snapshot.triples:,} triples and {snapshot.inferred:,} inferred")
    shutil.rmtree(snapshot.path / "search", ignore_errors=True)
    started = time.perf_counter()
    index = open_index(snapshot.asserted, snapshot.entailed, graph.settings, folders=[snapshot.path])
    built = time.perf_counter() - started
    (file,) = (snapshot.path / "search").iterdir()
    print(f"built in {built:.2f} s, {file.stat().st_size / 1e6:.1f} MB")
    for name, ask in asked(labels(graph)).items():
        times = sorted(timed(index, ask, given.rounds))
        p95 = times[max(0, round(len(times) * 0.95) - 1)]
        print(f"{name:<12} median {statistics.median(times):8.2f} ms, p95 {p95:8.2f} ms")


def labels(graph: clustergraph.KnowledgeGraph) -> list[str]:
    rows = graph.store().query(bind(_LABELS, {"property": graph.settings.vocabulary.label}))
    assert isinstance(rows, Solutions)
    return [label.value for (label,) in rows if isinstance(label, Literal) and len(label.value) > 5]


def asked(known: list[str]) -> dict[str, Callable[[random.Random], str]]:
    """A text of each kind, drawn."""

    def misspelt(chance: random.Random) -> str:
        text = chance.choice(known)[:40]
        at = chance.randrange(1, len(text) - 1)
        return text[:at] + text[at + 1 :]

    return {
        "name": lambda chance: chance.choice(known)[:100],
        "word": lambda chance: chance.choice(chance.choice(known).split())[:40],
        "three": lambda chance: chance.choice(known)[:3],
        "two": lambda chance: chance.choice(known)[:2],
        "one": lambda chance: chance.choice(known)[:1],
        "misspelt": misspelt,
        "nothing": lambda chance: "".join(chance.choices("qxzjv", k=8)),
    }


def timed(index: Index, ask: Callable[[random.Random], str], rounds: int) -> list[float]:
    chance = random.Random(1)
    times = []
    for _ in range(rounds):
        text = ask(chance)
        started = time.perf_counter()
        index.search(text)
        times.append((time.perf_counter() - started) * 1000)
    return times


if __name__ == "__main__":
    main()
