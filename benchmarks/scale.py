"""The whole way of a graph at one size: built, opened, asked, judged, exported, served; time and memory.

Each step is a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import service
from frame import Measured, child, peak_memory, repeated
from generate import ROOT, generate

import clustergraph
from clustergraph.catalogue import Parameter
from clustergraph.errors import ClusterGraphError
from clustergraph.export import profiles
from clustergraph.workers.pool import Limits, Pool
from clustergraph.workers.question import Question, Source

# A saved query that takes longer is named and left; when all have taken so long, the rest is not asked.
PATIENCE, ENOUGH = 20.0, 180.0
CLIENTS, SECONDS, PAIRS = 4, 5.0, 200


@dataclass(frozen=True)
class Step:
    """One step at one size; `seconds` is None where it failed, and `note` says why or what else."""

    size: int
    work: str
    seconds: float | None
    peak: float
    note: str = ""


def measure(triples: int, steps: Sequence[str] = ()) -> Iterator[Step]:
    """The steps of a generated graph of about so many triples, as they are done; all, or those named."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XDG_CACHE_HOME"] = str(Path(scratch) / "cache")
        root = Path(scratch) / "graph"
        print(f"{triples:,} triples are written", file=sys.stderr)
        size = generate(root, triples=triples)
        shutil.copytree(ROOT / "exports", root / "exports")
        names = ["build", "open", "queries", "validate", "change", *_exports(root), "serve"]
        for name in names:
            if steps and name != "build" and name.split()[0] not in steps:
                continue
            print(f"{size:,} triples: {name} …", file=sys.stderr, flush=True)
            started = time.perf_counter()
            for one in _found(child(["scale", name, str(root)], timeout=None), name):
                took = "failed" if one.seconds is None else f"{one.seconds:.3g} s"
                print(f"  {one.work}: {took}, {one.peak:,.0f} MB {one.note}", file=sys.stderr)
                yield replace(one, size=size)
            print(f"  {time.perf_counter() - started:.1f} s in all", file=sys.stderr)


def _exports(root: Path) -> list[str]:
    graph = clustergraph.open(root)
    return [f"export {name}" for name in profiles(root, graph.settings)]


def _found(found: object, name: str) -> Iterator[Step]:
    if not isinstance(found, dict):
        yield Step(0, name, None, 0.0, str(found))
        return
    for one in found["measured"]:
        (seconds, *_), peak = one["seconds"], max(one["peak"], found["servers"])
        yield Step(0, one["work"], seconds, peak, one["answer"])


def step(name: str, folder: str) -> Iterator[Measured]:
    """One step, in a process of its own."""
    root = Path(folder)
    kind, _, rest = name.partition(" ")
    if kind == "export":
        yield _export(root, rest)
    else:
        yield from _STEPS[kind](root)


def _build(root: Path) -> Iterator[Measured]:
    """The snapshot: stages as the builder tells of them, then all of it."""
    begun: dict[str, float] = {}
    started = time.perf_counter()

    def told(stage: str, done: int, total: int | None) -> None:
        begun.setdefault(stage, time.perf_counter())

    snapshot = clustergraph.open(root, progress=told).snapshot
    ends = [*list(begun.values())[1:], time.perf_counter()]
    for (stage, begin), end in zip(begun.items(), ends, strict=True):
        yield Measured(f"build: {stage}", [end - begin], "", peak_memory())
    inferred = f"{snapshot.inferred:,} inferred"
    yield Measured("build", [time.perf_counter() - started], inferred, peak_memory())


def _open(root: Path) -> Iterator[Measured]:
    def opened() -> object:
        return next(iter(clustergraph.open(root).sparql("SELECT * { ?s ?p ?o } LIMIT 1")))

    seconds, _ = repeated(opened)
    yield Measured("warm open and a first row", [sorted(seconds)[len(seconds) // 2]], "", peak_memory())


def _queries(root: Path) -> Iterator[Measured]:
    graph = clustergraph.open(root)
    store, source = graph.snapshot.entailed, _source(graph)
    texts = {}
    for query in graph.catalogue.queries:
        required = {p.name: [_first(p, graph)] for p in query.parameters.values() if p.required}
        try:
            texts[query.name] = query.bind(required, store)
        except ClusterGraphError:
            continue  # the generated graph has nothing to ask it about
    times, slow = asyncio.run(_answered(source, texts))
    slowest = max(times, key=lambda name: times[name])
    note = f"{len(times)} of {len(texts)} queries, the slowest {slowest} {times[slowest]:.1f} s"
    if slow:
        note += f"; longer than {PATIENCE:.0f} s: {', '.join(slow)}"
    if left := len(texts) - len(times) - len(slow):
        note += f"; {left} not asked after {ENOUGH:.0f} s"
    # At least so long: those that were stopped take more.
    ordered = sorted([*times.values(), *(PATIENCE for _ in slow)])
    yield Measured("all saved queries", [sum(ordered)], note, peak_memory())
    yield Measured("median saved query", [ordered[len(ordered) // 2]], "", peak_memory())


def _source(graph: clustergraph.KnowledgeGraph) -> Source:
    path = graph.snapshot.path
    assert path is not None  # the cache can be written
    return Source(path / "asserted", path / "entailed", hold=False)


def _first(parameter: Parameter, graph: clustergraph.KnowledgeGraph) -> str:
    choices = parameter.choices(graph.snapshot.entailed)
    return str(getattr(choices[0], "value", "")) if choices else next(iter(parameter.example), "")


async def _answered(
    source: Source, texts: dict[str, str], patience: float = PATIENCE
) -> tuple[dict[str, float], list[str]]:
    """The seconds of each text, by name, and the names of those that took too long; till it is enough."""
    pool = Pool(source, Limits(workers=1, seconds=patience, memory=0))
    await pool.start()
    times, slow = {}, []
    end = time.perf_counter() + ENOUGH
    for name, text in texts.items():
        started = time.perf_counter()
        if started > end:
            break
        try:
            await pool.answer(Question(text=text))
        except ClusterGraphError:
            slow.append(name)
            continue
        times[name] = time.perf_counter() - started
    await pool.close()
    return times, slow


def _validate(root: Path) -> Iterator[Measured]:
    graph = clustergraph.open(root)
    started = time.perf_counter()
    report = graph.validate()
    seconds = time.perf_counter() - started
    yield Measured("validate the whole", [seconds], f"{len(report.results):,} results", peak_memory())


def _change(root: Path) -> Iterator[Measured]:
    """One line of one file changed, against a base that was judged before."""
    base = root.with_name("base")
    if not base.exists():
        shutil.copytree(root, base)
    path = max((root / "data" / "source-1").glob("statements-*.ttl"))
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("cg:rank rank:", "cg:rank rank:un", 1), encoding="utf-8")
    try:
        clustergraph.open(root).validate(path, base=str(base))
        started = time.perf_counter()
        report = clustergraph.open(root).validate(path, base=str(base))
        seconds = time.perf_counter() - started
    finally:
        path.write_text(before, encoding="utf-8")
    new = sum(1 for result in report.results if result.state == "new")
    yield Measured("validate a change", [seconds], f"{new} new", peak_memory())


def _export(root: Path, profile: str) -> Measured:
    graph = clustergraph.open(root)
    with tempfile.TemporaryDirectory() as out:
        started = time.perf_counter()
        graph.export(profile, Path(out) / "export")
        seconds = time.perf_counter() - started
        size = sum(path.stat().st_size for path in Path(out).rglob("*") if path.is_file())
    return Measured(f"export {profile}", [seconds], f"{size / 1e6:.0f} MB", peak_memory())


def _serve(root: Path) -> Iterator[Measured]:
    graph = clustergraph.open(root)
    asked = {text: text for text in service.pairs(graph, PAIRS, seed=1)}
    texts, _ = asyncio.run(_answered(_source(graph), asked, patience=1.0))

    def command(port: int) -> Sequence[str]:
        return [sys.executable, "-c", service.OURS, str(root), str(port), "0", "4"]

    with service.running("clustergraph", command, "/sparql") as server:
        requests = [service.request(server, text) for text in texts]
        service.measure(server, requests, None, SECONDS, CLIENTS)  # the workers start
        figures = service.measure(server, requests, None, SECONDS, CLIENTS)
    note = f"{figures.rate:,.0f} requests/s, p95 {figures.p95:.1f} ms, {figures.errors} errors"
    note += f"; not asked: {len(asked) - len(texts)} of {len(asked)} texts, which take more than 1 s"
    yield Measured("a request, cold, four clients", [1 / figures.rate], note, peak_memory())


_STEPS = {
    "build": _build,
    "open": _open,
    "queries": _queries,
    "validate": _validate,
    "change": _change,
    "serve": _serve,
}
STEPS = (*_STEPS, "export")
