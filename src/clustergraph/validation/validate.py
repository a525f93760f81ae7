"""The one door: data and shapes in, a report out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal as OneOf

from clustergraph.store import EmbeddedStore, Store
from clustergraph.terms import SH, DefaultGraph, Literal, NamedNode, Triple, Written
from clustergraph.validation.coverage import coverage
from clustergraph.validation.engine import Engine, Finding
from clustergraph.validation.labels import LABEL_PROPERTIES, labels_of
from clustergraph.validation.messages import expected, mentioned, own_messages, wordings
from clustergraph.validation.parse import parse_shapes
from clustergraph.validation.report.result import Report, Result, in_order
from clustergraph.validation.shapes import SparqlConstraint
from clustergraph.validation.shapes_graph import ShapesGraph


def validate(
    data: Store,
    shapes: Iterable[Triple],
    *,
    engine: OneOf["sparql", "pyshacl"] = "sparql",
    written: Written | None = None,
    labels: tuple[NamedNode, ...] = LABEL_PROPERTIES,
) -> Report:
    """The report on the default graph of `data`, judged by the shapes.

    `written` gives the literals as their source wrote them; without it those stored are judged.
    `labels` are the properties that name things in messages, best first. Raises ShapesError where
    the shapes are ill-formed, recursive, or hold what cannot be evaluated.
    """
    graph = ShapesGraph(shapes)
    embedded = _embedded(data)
    if engine == "pyshacl":
        # pyshacl takes 0.15 s to import, more than a small graph takes to judge.
        from clustergraph.validation.reference import reference_results  # noqa: PLC0415

        return Report(in_order(reference_results(embedded, graph, written=written)))
    parsed = parse_shapes(graph)
    evaluated = Engine(embedded, parsed, graph, written)
    findings = list(evaluated.findings())
    found = labels_of((term for f in findings for term in mentioned(f)), embedded, graph, labels)
    languages = wordings(found, parsed)
    results = [_result(f, tuple(words.explanation(f) for words in languages)) for f in findings]
    targeted = tuple(shape.node for shape in parsed if shape.targets and not shape.deactivated)
    return Report(in_order(results), coverage(embedded, parsed, evaluated), found, targeted)


def _embedded(data: Store) -> EmbeddedStore:
    """The data in this process: results about blank nodes need their labels to stay the same."""
    if isinstance(data, EmbeddedStore):
        return data
    copy = EmbeddedStore()
    copy.load(data.dump(DefaultGraph()))
    return copy


def _result(finding: Finding, explanations: tuple[Literal, ...]) -> Result:
    shape, constraint, broken = finding.shape, finding.constraint, finding.broken
    messages = own_messages(finding)
    if isinstance(constraint, SparqlConstraint) and _languages(messages) >= _languages(explanations):
        # All that can be said of a rule in SPARQL without its own words is that it is broken.
        explanations = ()
    source = None
    if isinstance(constraint, SparqlConstraint) and constraint.component == SH.SPARQLConstraintComponent:
        source = constraint.source
    return Result(
        broken.focus,
        finding.path,
        broken.value,
        shape.node,
        constraint.component,
        shape.severity,
        messages=messages,
        explanations=explanations,
        within=shape.within,
        source_constraint=source,
        expected=expected(constraint),
    )


def _languages(messages: tuple[Literal, ...]) -> set[str | None]:
    return {message.language for message in messages}
