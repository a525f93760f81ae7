"""The report as RDF: a W3C sh:ValidationReport in Turtle (SHACL §3.6)."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from clustergraph.terms import RDF, SH, XSD, BlankNode, Literal, NamedNode, Resource, Triple
from clustergraph.validation.paths import Alternative, Inverse, Path, Repeated, Sequence
from clustergraph.validation.report.result import Report, Result, State
from clustergraph.validation.report.view import View

_REPEATED = {"*": SH.zeroOrMorePath, "+": SH.oneOrMorePath, "?": SH.zeroOrOnePath}


def to_turtle(report: Report, view: View | None = None) -> str:
    """The report in Turtle; results that a change fixes are not in it."""
    prefixes = dict((view or View()).prefixes) | {"sh": str(SH), "xsd": str(XSD)}
    text = ox.serialize(report_triples(report), format=ox.RdfFormat.TURTLE, prefixes=prefixes)
    assert text is not None  # only a call with an output returns None
    return text.decode()


def report_triples(report: Report) -> Iterator[Triple]:
    """The triples of the report, in the order of its results."""
    writer = _Writer()
    node = writer.fresh()
    conforms = Literal(str(not report.results).lower(), datatype=XSD.boolean)
    yield Triple(node, RDF.type, SH.ValidationReport)
    yield Triple(node, SH.conforms, conforms)
    for result in report.results:
        if result.state is not State.FIXED:
            found = writer.fresh()
            yield Triple(node, SH.result, found)
            yield from writer.result(found, result)


class _Writer:
    """Writes results with blank nodes of its own, apart from those of data and shapes."""

    def __init__(self) -> None:
        self._count = 0

    def fresh(self) -> BlankNode:
        self._count += 1
        return BlankNode(f"clustergraph-report-{self._count}")

    def result(self, node: BlankNode, result: Result) -> Iterator[Triple]:
        yield Triple(node, RDF.type, SH.ValidationResult)
        yield Triple(node, SH.focusNode, result.focus)
        if result.path is not None:
            path, triples = self._path(result.path)
            yield Triple(node, SH.resultPath, path)
            yield from triples
        if result.value is not None:
            yield Triple(node, SH.value, result.value)
        yield Triple(node, SH.sourceShape, result.shape)
        yield Triple(node, SH.sourceConstraintComponent, result.constraint)
        if result.source_constraint is not None:
            yield Triple(node, SH.sourceConstraint, result.source_constraint)
        yield Triple(node, SH.resultSeverity, result.severity)
        for message in result.messages or result.explanations:
            yield Triple(node, SH.resultMessage, message)

    def _path(self, path: Path) -> tuple[Resource, list[Triple]]:
        """The node of a path and the triples that describe it (SHACL §2.3.1)."""
        match path:
            case NamedNode():
                return path, []
            case Sequence(steps):
                return self._list(steps)
            case Alternative(branches):
                node = self.fresh()
                head, triples = self._list(branches)
                return node, [Triple(node, SH.alternativePath, head), *triples]
            case Inverse(inner):
                predicate = SH.inversePath
            case Repeated(inner, modifier):
                predicate = _REPEATED[modifier]
        node = self.fresh()
        below, triples = self._path(inner)
        return node, [Triple(node, predicate, below), *triples]

    def _list(self, paths: tuple[Path, ...]) -> tuple[Resource, list[Triple]]:
        head: Resource = RDF.nil
        triples: list[Triple] = []
        for path in reversed(paths):
            cell = self.fresh()
            first, below = self._path(path)
            triples = [Triple(cell, RDF.first, first), Triple(cell, RDF.rest, head), *below, *triples]
            head = cell
        return head, triples
