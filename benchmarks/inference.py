"""OWL 2 RL on generated university data: our engine beside owlrl and reasonable.

The closure with all axioms, and without property chains, which reasonable does not know. Compared is
what is inferred about the data in its own classes and properties; owlrl's and reasonable's noise is left
out. Ours alone: a hundred triples added and removed again, and proofs.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import campus
from frame import Measured, Task, digest, peak_memory

UNIVERSITY = 11_150
"""The triples of one university, about."""
WORKS = {"closure without chains": "plain.ttl", "closure": "campus.ttl"}
_CLASS = re.compile(re.escape(campus.NS) + "[A-Z][A-Za-z]*")
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

Triples = Iterable[tuple[str, str, str]]


def prepare(folder: Path, size: int) -> int:
    """Axioms with and without chains, and data in N-Triples; reasonable goes by the name `.ttl`."""
    (folder / "campus.ttl").write_text(campus.ontology(), encoding="utf-8")
    plain = re.sub(r".*owl:propertyChainAxiom.*\n", "", campus.ontology())
    (folder / "plain.ttl").write_text(plain, encoding="utf-8")
    with (folder / "data.ttl").open("w", encoding="utf-8") as out:
        return sum(1 for line in campus.data(max(1, round(size / UNIVERSITY))) if out.write(line))


def close(engine: str, folder: Path) -> Iterator[Measured]:
    """Seconds from loaded data to the closure."""
    for work, axioms in WORKS.items():
        seconds, triples = _ENGINES[engine](folder / axioms, folder / "data.ttl")
        peak = peak_memory()
        yield Measured(work, [seconds], digest(t for t in triples if _counts(t)), peak)
    if engine == "clustergraph":
        yield from _edits(folder)


def _counts(triple: tuple[str, str, str]) -> bool:
    _, predicate, object = triple
    return bool(_CLASS.fullmatch(object)) if predicate == _TYPE else predicate.startswith(campus.NS)


def _clustergraph(ontology: Path, data: Path) -> tuple[float, Triples]:
    from clustergraph.inference import Reasoner

    store = _loaded(ontology, data)
    started = time.perf_counter()
    reasoner = Reasoner(store)
    seconds = time.perf_counter() - started
    triples = (t for t in reasoner.matching(None, None, None))
    return seconds, ((_text(t.subject), _text(t.predicate), _text(t.object)) for t in triples)


def _owlrl(ontology: Path, data: Path) -> tuple[float, Triples]:
    import owlrl
    import rdflib

    graph = rdflib.Graph()
    graph.parse(ontology, format="turtle")
    graph.parse(data, format="nt")
    started = time.perf_counter()
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    seconds = time.perf_counter() - started
    # It has literals as subjects too.
    return seconds, ((str(s), str(p), str(o)) for s, p, o in graph if not isinstance(s, rdflib.Literal))


def _reasonable(ontology: Path, data: Path) -> tuple[float, Triples]:
    import reasonable

    reasoner = reasonable.PyReasoner()
    reasoner.load_file(str(ontology))
    reasoner.load_file(str(data))
    started = time.perf_counter()
    closure = reasoner.reason()
    seconds = time.perf_counter() - started
    return seconds, {(str(s), str(p), str(o)) for s, p, o in closure}


_ENGINES: dict[str, Callable[[Path, Path], tuple[float, Triples]]] = {
    "clustergraph": _clustergraph,
    "owlrl": _owlrl,
    "reasonable": _reasonable,
}


def _edits(folder: Path) -> Iterator[Measured]:
    """Additions and removals of a hundred triples, and the median proof of a thousand."""
    from clustergraph.inference import Reasoner
    from clustergraph.terms import NamedNode, Triple

    def node(name: str) -> NamedNode:
        return NamedNode(campus.NS + name)

    def timed(work: str, change: Callable[[], object]) -> Measured:
        started = time.perf_counter()
        change()
        return Measured(work, [time.perf_counter() - started], "", peak_memory())

    store = _loaded(folder / "campus.ttl", folder / "data.ttl")
    reasoner = Reasoner(store)
    members = [
        Triple(node(f"u0/d{n % 10}/new{n}"), node("memberOf"), node(f"u0/d{n % 10}")) for n in range(100)
    ]
    draw = random.Random(7)
    courses = [quad.triple for quad in store.native.quads_for_pattern(None, node("takes"), None, None)]
    yield timed("add 100 triples", lambda: reasoner.add(members))
    yield timed("remove 100 triples", lambda: reasoner.remove(draw.sample(courses, 100)))
    inferred = [triple for triple, _ in reasoner.inferred()]
    seconds = []
    for triple in draw.sample(inferred, min(1000, len(inferred))):
        started = time.perf_counter()
        assert reasoner.prove(triple) is not None
        seconds.append(time.perf_counter() - started)
    yield Measured("a proof", seconds, "", peak_memory())


def _loaded(ontology: Path, data: Path):  # type: ignore[no-untyped-def]  # see the head
    import pyoxigraph as ox

    from clustergraph.store import EmbeddedStore

    store = EmbeddedStore()
    store.native.bulk_load(path=str(ontology))
    store.native.bulk_load(path=str(data), format=ox.RdfFormat.N_TRIPLES)
    return store


def _text(term: object) -> str:
    return str(getattr(term, "value", term))


CLOSURE = Task("closure", "OWL 2 RL", prepare, close, ("owlrl", "reasonable"), {"owlrl": 20_000})
