"""Validation of generated grants by the compiled engine, by pyshacl and by Jena.

The data are grants and organisations with about 1 % of errors, each injected on purpose and
counted; all reports are compared with that count. The generator is seeded: same data every time.
At the default size of 100,000 there are 10,000 grants, to be judged by seven node shapes with a rule in
SPARQL.
"""

from __future__ import annotations

import json
import logging
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jena
import pyoxigraph as ox
from frame import RUNS, Measured, Task, digest, peak_memory, repeated

from clustergraph.store import EmbeddedStore
from clustergraph.terms import RDF, RDFS, XSD, Literal, NamedNode, Namespace, Triple
from clustergraph.validation import Report, validate

EX = Namespace("https://example.org/grants#")
SH = Namespace("http://www.w3.org/ns/shacl#")
SHAPES = Path(__file__).with_name("validation-shapes.ttl")

Injected = Counter[tuple[str, str, str]]
"""How many errors of each shape, path and component were injected."""
Judged = tuple[Callable[[], Any], Callable[[Any], Iterable[tuple[str, str, str]]]]
"""Makes a report of an engine's own kind, and reads its results."""
Judge = Callable[[Path], Judged]
"""By the shapes of a file."""


class Grants:
    """The generated graph and what is wrong with it."""

    def __init__(self, grants: int, *, seed: int = 2003) -> None:
        self._random = random.Random(seed)
        self.injected: Injected = Counter()
        self._organisations = max(grants // 5, 1)
        self.triples = [*self._background(), *self._all_organisations(), *self._all_grants(grants)]

    def _error(self, per_mille: float, focus: NamedNode, path: str, component: str) -> bool:
        if self._random.random() * 1000 >= per_mille:
            return False
        self.injected[focus.value, path, component] += 1
        return True

    def _background(self) -> Iterator[Triple]:
        for name in ("University", "Company", "Institute"):
            yield Triple(EX.__getattr__(name), RDFS.subClassOf, EX.Organisation)
        for index in range(47):
            place = NamedNode(f"https://example.org/place/{index}")
            yield Triple(place, RDF.type, EX.Prefecture)
            yield Triple(place, EX.name, Literal(f"Prefecture {index}", language="en"))
        for index in range(20):
            program = NamedNode(f"https://example.org/program/{index}")
            yield Triple(program, RDF.type, EX.Program)
            yield Triple(program, EX.title, Literal(f"Program {index}", language="en"))

    def _all_organisations(self) -> Iterator[Triple]:
        for index in range(self._organisations):
            node = self._organisation(index)
            kind = EX.__getattr__(("University", "Company", "Institute")[index % 3])
            yield Triple(node, RDF.type, kind)
            place = f"https://example.org/place/{self._random.randrange(47)}"
            if self._error(4, node, "place", "Class"):
                place = "https://example.org/program/0"
            yield Triple(node, EX.place, NamedNode(place))
            if not self._error(4, node, "name", "MinCount"):
                yield Triple(node, EX.name, Literal(f"Organisation {index}", language="en"))
            founded = "MMXX" if self._error(4, node, "founded", "Datatype") else str(1880 + index % 140)
            yield Triple(node, EX.founded, Literal(founded, datatype=XSD.integer))

    def _organisation(self, index: int) -> NamedNode:
        return NamedNode(f"https://example.org/organisation/{index}")

    def _all_grants(self, grants: int) -> Iterator[Triple]:
        for index in range(grants):
            yield from self._grant(NamedNode(f"https://example.org/grant/{index}"), index)

    def _grant(self, node: NamedNode, index: int) -> Iterator[Triple]:
        yield Triple(node, RDF.type, EX.Grant)
        code = f"{index:05}" if self._error(2, node, "code", "Pattern") else f"G-{index:05}"
        yield Triple(node, EX.code, Literal(code))
        yield Triple(node, EX.title, Literal(f"Grant {index}", language="en"))
        if self._error(2, node, "title", "UniqueLang"):
            yield Triple(node, EX.title, Literal(f"The grant {index}", language="en"))
        if not self._error(2, node, "amount", "MinCount"):
            yield from self._amount(node)
        status = self._random.choice(("planned", "open", "closed"))
        if self._error(2, node, "status", "In"):
            status = "opened"
        yield Triple(node, EX.status, Literal(status))
        start = self._random.randrange(1998, 2015)
        end = start + self._random.randrange(1, 5)
        if self._error(2, node, "start", "LessThan"):
            start, end = end, start
        yield Triple(node, EX.start, Literal(f"{start}-04-01", datatype=XSD.date))
        yield Triple(node, EX.end, Literal(f"{end}-03-31", datatype=XSD.date))
        recipient = self._organisation(self._random.randrange(self._organisations))
        if self._error(2, node, "recipient", "Class"):
            recipient = NamedNode("https://example.org/program/1")
        yield Triple(node, EX.recipient, recipient)
        if self._error(2, node, "recipient", "MaxCount"):
            others = (self._organisation(i) for i in range(self._organisations))
            yield Triple(node, EX.recipient, next(other for other in others if other != recipient))
        program = NamedNode(f"https://example.org/program/{self._random.randrange(20)}")
        yield Triple(node, EX.program, program)

    def _amount(self, node: NamedNode) -> Iterator[Triple]:
        if self._error(2, node, "amount", "Datatype"):
            yield Triple(node, EX.amount, Literal(str(self._random.randrange(1000, 90000))))
        elif self._error(2, node, "", "SPARQL"):
            # More than 100,000 needs an approval.
            yield Triple(
                node, EX.amount, Literal(str(self._random.randrange(100001, 900000)), datatype=XSD.integer)
            )
        else:
            amount = self._random.randrange(1000, 110000)
            yield Triple(node, EX.amount, Literal(str(amount), datatype=XSD.integer))
            if amount > 100000:
                yield Triple(node, EX.approvedBy, self._organisation(0))


def found(results: Iterable[tuple[str, str, str]]) -> Injected:
    """What a report says in focus nodes, paths and components, in the terms of what was injected."""
    local = (
        (focus, path.rpartition("#")[2], component.rpartition("#")[2].removesuffix("ConstraintComponent"))
        for focus, path, component in results
    )
    return Counter(local)


def prepare(folder: Path, size: int) -> int:
    """The data as N-Triples, and what was injected."""
    grants = Grants(max(10, size // 10))
    ox.serialize(grants.triples, str(folder / "data.nt"), format=ox.RdfFormat.N_TRIPLES)
    rows = [[*error, str(number)] for error, number in sorted(grants.injected.items())]
    (folder / "injected.json").write_text(json.dumps(rows), encoding="utf-8")
    return len(grants.triples)


def judge(engine: str, folder: Path) -> Iterator[Measured]:
    """The whole graph by the shapes; our report is what was injected, or there is none.

    Core alone, and with a rule in SPARQL.
    """
    text = SHAPES.read_text(encoding="utf-8")
    injected = json.loads((folder / "injected.json").read_text(encoding="utf-8"))
    core = [error for error in injected if error[2] != "SPARQL"]
    works = {
        "SHACL Core": (re.sub(r"(?s)sh:sparql \[.*?\] \.", "sh:nodeKind sh:IRI .", text), core),
        "Core and SPARQL": (text, injected),
    }
    with _JUDGES[engine](folder / "data.nt") as judged:
        for work, (shapes, expected) in works.items():
            path = folder / "shapes.ttl"
            path.write_text(shapes, encoding="utf-8")
            run, results = judged(path)
            seconds, report = repeated(run, 1 if engine == "pyshacl" else RUNS)
            answer = digest([*error, str(number)] for error, number in found(results(report)).items())
            if engine == "clustergraph" and answer != digest(expected):
                raise SystemExit("the report is not what was injected")
            yield Measured(work, seconds, answer, peak_memory())


@contextmanager
def _ours(data: Path) -> Iterator[Judge]:
    store = EmbeddedStore()
    store.native.bulk_load(path=str(data), format=ox.RdfFormat.N_TRIPLES)

    def judged(shapes: Path) -> Judged:
        triples = [quad.triple for quad in ox.parse(path=str(shapes), format=ox.RdfFormat.TURTLE)]
        return lambda: validate(store, triples), _results

    yield judged


def _results(report: Report) -> Iterator[tuple[str, str, str]]:
    for one in report.results:
        yield getattr(one.focus, "value", ""), getattr(one.path, "value", ""), one.constraint.value


@contextmanager
def _pyshacl(data: Path) -> Iterator[Judge]:
    import pyshacl
    import rdflib

    graph = rdflib.Graph().parse(data, format="nt")
    logging.getLogger("rdflib.term").setLevel(logging.ERROR)  # a traceback for each ill-formed literal

    def judged(path: Path) -> Judged:
        shapes = rdflib.Graph().parse(path, format="turtle")
        return lambda: pyshacl.validate(graph, shacl_graph=shapes)[1], _of_graph

    def _of_graph(report: rdflib.Graph) -> Iterator[tuple[str, str, str]]:
        sh = rdflib.Namespace(str(SH))
        for one in report.objects(predicate=sh.result):
            parts = (sh.focusNode, sh.resultPath, sh.sourceConstraintComponent)
            focus, path, component = (str(report.value(one, part) or "") for part in parts)
            yield focus, path, component

    yield judged


@contextmanager
def _jena(data: Path) -> Iterator[Judge]:
    with jena.running() as call:
        call(f"load {data.absolute()}")

        def judged(shapes: Path) -> Judged:
            call(f"shapes {shapes.absolute()}")
            jena.warm(lambda: call("validate"))
            return lambda: call("validate"), lambda results: results

        yield judged


_JUDGES = {"clustergraph": _ours, "pyshacl": _pyshacl, "jena": _jena}
VALIDATION = Task("validation", "SHACL", prepare, judge, ("pyshacl", "jena"), {"pyshacl": 120_000})
