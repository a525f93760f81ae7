"""Each file of tests/validation holds data, shapes and the report that is expected of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from clustergraph.store import EmbeddedStore
from clustergraph.terms import RDF, SH, BlankNode, Literal, NamedNode, Quad, Term, Triple
from clustergraph.validation import Report, validate
from clustergraph.validation.paths import write_path
from clustergraph.validation.shapes_graph import ShapesGraph

CASES = sorted(Path(__file__).with_name("validation").glob("*.ttl"))

# Where pyshacl is wrong, and why.
PYSHACL_FAILS = {
    "shapes-graph": "it does not know $shapesGraph, and merges equal solutions",
    "aggregates": "rdflib counts nothing as no solution at all in HAVING",
}

Expected = Counter[tuple[str, ...]]


def folded(term: Term | None) -> str:
    """Blank nodes cannot be named, so all of them count as one."""
    return "_:" if isinstance(term, BlankNode) else str(term)


def read(path: Path) -> tuple[list[Triple], Expected]:
    """The data with the shapes, and the report."""
    triples = [quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]
    graph = ShapesGraph(triples)
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    expected: Expected = Counter()
    for result in graph.objects(report, SH.result):
        found = graph.one(result, SH.resultPath)
        expected[
            folded(graph.one(result, SH.focusNode)),
            write_path(graph.path(found, "")) if found is not None else "",
            folded(graph.one(result, SH.value)),
            folded(graph.one(result, SH.sourceShape)),
            folded(graph.one(result, SH.sourceConstraintComponent)),
            folded(graph.one(result, SH.sourceConstraint)),
            folded(graph.one(result, SH.resultSeverity)),
        ] += 1
    of_report = {report, *graph.objects(report, SH.result)}
    return [triple for triple in triples if triple.subject not in of_report], expected


def outcome(report: Report) -> Expected:
    return Counter(
        (
            folded(r.focus),
            write_path(r.path) if r.path is not None else "",
            folded(r.value),
            folded(r.shape),
            folded(r.constraint),
            folded(r.source_constraint),
            folded(r.severity),
        )
        for r in report.results
    )


def stored_and_written(triples: list[Triple]):
    """The store, and the table of literals as written that a folder keeps."""
    table: dict[tuple[Term, NamedNode, Term], list[Literal]] = {}
    for subject, predicate, literal in triples:
        if isinstance(literal, Literal):
            one = ox.Store()
            one.add(Quad(subject, predicate, literal))
            table.setdefault((subject, predicate, next(iter(one)).object), []).append(literal)
    store = EmbeddedStore()
    store.load(Quad(*triple) for triple in triples)
    return store, lambda s, p, stored: tuple(table.get((s, p, stored), (stored,)))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    triples, expected = read(path)
    store, written = stored_and_written(triples)
    assert outcome(validate(store, triples, written=written)) == expected


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case_by_the_reference(path: Path, request: pytest.FixtureRequest) -> None:
    if path.stem in PYSHACL_FAILS:
        request.applymarker(pytest.mark.xfail(reason=PYSHACL_FAILS[path.stem]))
    triples, expected = read(path)
    store, written = stored_and_written(triples)
    assert outcome(validate(store, triples, engine="pyshacl", written=written)) == expected
