"""Validation of generated grants by the compiled engine, and by pyshacl.

The data are grants and organisations with about 1 % of errors, each injected on purpose and
counted; both reports are compared with that count. The generator is seeded: same data every time.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

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
            yield Triple(node, EX.founded, Literal(founded, datatype=XSD.gYear))

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


def found(report: Report) -> Injected:
    """What a report says, in the terms of what was injected."""
    counted: Injected = Counter()
    for result in report.results:
        path = result.path.value.split("#")[1] if isinstance(result.path, NamedNode) else ""
        component = result.constraint.value.split("#")[1].removesuffix("ConstraintComponent")
        assert isinstance(result.focus, NamedNode)
        counted[result.focus.value, path, component] += 1
    return counted


def prepare(folder: Path, size: int) -> int:
    """The data as N-Triples, and what was injected."""
    grants = Grants(max(10, size // 10))
    ox.serialize(grants.triples, str(folder / "data.nt"), format=ox.RdfFormat.N_TRIPLES)
    rows = [[*error, str(number)] for error, number in sorted(grants.injected.items())]
    (folder / "injected.json").write_text(json.dumps(rows), encoding="utf-8")
    return len(grants.triples)


def judge(engine: str, folder: Path) -> Iterator[Measured]:
    """The whole graph by the shapes, with and without the rule in SPARQL; ours finds what was injected."""
    data = EmbeddedStore()
    data.native.bulk_load(path=str(folder / "data.nt"), format=ox.RdfFormat.N_TRIPLES)
    shapes = [quad.triple for quad in ox.parse(path=str(SHAPES), format=ox.RdfFormat.TURTLE)]
    injected = json.loads((folder / "injected.json").read_text(encoding="utf-8"))
    # pyshacl finds false results of the rule.
    core = [triple for triple in shapes if triple.predicate != SH.sparql]
    compiled = engine == "clustergraph"
    for work, judged, left_out in (("SHACL Core", core, "SPARQL"), ("Core and SPARQL", shapes, "")):
        seconds, report = repeated(
            partial(validate, data, judged, engine="sparql" if compiled else "pyshacl"),
            RUNS if compiled else 1,
        )
        answer = digest([*error, str(number)] for error, number in found(report).items())
        if compiled and answer != digest(error for error in injected if error[2] != left_out):
            raise SystemExit("the report is not what was injected")
        yield Measured(work, seconds, answer, peak_memory())


VALIDATION = Task("validation", "SHACL", prepare, judge, ("pyshacl",), {"pyshacl": 120_000})
