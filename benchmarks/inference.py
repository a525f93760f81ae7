"""OWL 2 RL on generated university data: our engine beside owlrl and reasonable, in one run.

    python benchmarks/inference.py [--sizes 1 10 100] [--engines clustergraph owlrl reasonable] [--edits]

A size is a number of universities: 1 is about 11 thousand triples, 10 about 111, 100 about 1.1 million.
Each engine runs in a process of its own; printed are the time of inference itself, of the whole process,
and its peak of memory, then the ratios. owlrl is left out above 20 thousand triples, where it takes hours.
`reasonable` takes part where it is installed. `--edits` adds additions and removals on the largest size.
"""

# ruff: noqa: PLC0415  (each engine is imported in its own process only, so that none pays for another)

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import campus

ENGINES = ("clustergraph", "owlrl", "reasonable")
OWLRL_LIMIT = 20_000
TIMEOUT = 900


def clustergraph(ontology: Path, data: Path) -> tuple[float, int]:
    """Seconds from a loaded store to its closure, and the number of triples inferred."""
    import pyoxigraph as ox

    from clustergraph.inference import Reasoner
    from clustergraph.store import EmbeddedStore

    store = EmbeddedStore()
    store.native.bulk_load(path=str(ontology))
    store.native.bulk_load(path=str(data), format=ox.RdfFormat.N_TRIPLES)
    started = time.perf_counter()
    reasoner = Reasoner(store)
    return time.perf_counter() - started, reasoner.size


def owlrl(ontology: Path, data: Path) -> tuple[float, int]:
    """The same by owlrl."""
    import owlrl
    import rdflib

    graph = rdflib.Graph()
    graph.parse(ontology, format="turtle")
    graph.parse(data, format="nt")
    before = len(graph)
    started = time.perf_counter()
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return time.perf_counter() - started, len(graph) - before


def reasonable(ontology: Path, data: Path) -> tuple[float, int]:
    """The same by reasonable; it counts what was asserted too."""
    import reasonable

    reasoner = reasonable.PyReasoner()
    reasoner.load_file(str(ontology))
    reasoner.load_file(str(data))
    started = time.perf_counter()
    closure = reasoner.reason()
    return time.perf_counter() - started, len(closure)


def edits(ontology: Path, data: Path) -> None:
    """Additions and removals of a hundred triples, and proofs of a thousand."""
    import pyoxigraph as ox

    from clustergraph.inference import Change, Reasoner
    from clustergraph.store import EmbeddedStore
    from clustergraph.terms import NamedNode, Triple

    store = EmbeddedStore()
    store.native.bulk_load(path=str(ontology))
    store.native.bulk_load(path=str(data), format=ox.RdfFormat.N_TRIPLES)
    reasoner = Reasoner(store)

    def node(name: str) -> NamedNode:
        return NamedNode(campus.NS + name)

    def timed(what: str, change: Callable[[], Change]) -> None:
        started = time.perf_counter()
        done = change()
        milliseconds = (time.perf_counter() - started) * 1000
        print(f"{what:34} {milliseconds:8.1f} ms  +{len(done.inferred)} -{len(done.withdrawn)}")

    members = [
        Triple(node(f"u0/d{n % 10}/new{n}"), node("memberOf"), node(f"u0/d{n % 10}")) for n in range(100)
    ]
    draw = random.Random(7)
    courses = [quad.triple for quad in store.native.quads_for_pattern(None, node("takes"), None, None)]
    edge = [Triple(node("u0"), node("partOf"), node("u1"))]
    timed("add 100 members", lambda: reasoner.add(members))
    timed("remove them", lambda: reasoner.remove(members))
    timed("remove 100 others", lambda: reasoner.remove(draw.sample(courses, 100)))
    timed("add a transitive edge", lambda: reasoner.add(edge))
    timed("remove it", lambda: reasoner.remove(edge))
    inferred = [triple for triple, _ in reasoner.inferred()]
    times = []
    for triple in draw.sample(inferred, 1000):
        started = time.perf_counter()
        assert reasoner.prove(triple) is not None
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    print(f"{'prove 1000 triples, each':34} {times[500]:8.3f} ms median, {times[990]:.3f} ms p99")


def measure(engine: str, ontology: Path, data: Path) -> dict[str, float] | None:
    """Time of inference, of the whole process, and its peak of memory; None where it failed."""
    command = [sys.executable, __file__, "--child", engine, str(ontology), str(data)]
    started = time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        return None
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**found, "process": time.perf_counter() - started}


def child(engine: str, ontology: Path, data: Path) -> None:
    """One measurement, as JSON on standard output."""
    seconds, inferred = {"clustergraph": clustergraph, "owlrl": owlrl, "reasonable": reasonable}[engine](
        ontology, data
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"inference": seconds, "inferred": inferred, "peak": peak}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--edits", action="store_true")
    parser.add_argument("--child", nargs=3, metavar=("ENGINE", "ONTOLOGY", "DATA"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        engine, ontology, data = options.child
        child(engine, Path(ontology), Path(data))
        return
    with tempfile.TemporaryDirectory() as folder:
        ontology, data = (
            Path(folder, "campus.ttl"),
            Path(folder, "data.ttl"),
        )  # N-Triples; reasonable goes by the name
        ontology.write_text(campus.ontology(), encoding="utf-8")
        for size in options.sizes:
            with data.open("w", encoding="utf-8") as file:
                triples = sum(1 for line in campus.data(size) if file.write(line))
            compare(options.engines, ontology, data, triples)
        if options.edits:
            edits(ontology, data)


def compare(engines: list[str], ontology: Path, data: Path, triples: int) -> None:
    print(f"\n{triples} triples")
    ours: dict[str, float] | None = None
    for engine in engines:
        if engine != "clustergraph" and importlib.util.find_spec(engine) is None:
            print(f"  {engine:14} is not installed")
            continue
        if engine == "owlrl" and triples > OWLRL_LIMIT:
            print(f"  {engine:14} left out at this size")
            continue
        found = measure(engine, ontology, data)
        if found is None:
            print(f"  {engine:14} failed, ran out of memory or took more than {TIMEOUT} s")
            continue
        ours = ours or found
        ratio = "" if found is ours else f"  {found['inference'] / ours['inference']:.1f} times ours"
        print(
            f"  {engine:14} {found['inference']:8.2f} s, process {found['process']:8.2f} s,"
            f" {found['peak']:7.0f} MB, {found['inferred']:.0f} inferred{ratio}"
        )


if __name__ == "__main__":
    main()
