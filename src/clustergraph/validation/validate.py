"""The one door: data and shapes in, a report out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Literal as OneOf

from clustergraph.store import EmbeddedStore, RemoteStore, Store
from clustergraph.store.capabilities import Feature, lacks
from clustergraph.terms import SH, DefaultGraph, Literal, NamedNode, Term, Triple, Written
from clustergraph.validation.affected import Affected, affected
from clustergraph.validation.coverage import coverage, coverage_after
from clustergraph.validation.engine import Engine, Finding
from clustergraph.validation.labels import LABEL_PROPERTIES, labels_fetched, labels_of
from clustergraph.validation.messages import expected, mentioned, own_messages, wordings
from clustergraph.validation.parse import read_shapes
from clustergraph.validation.report.result import Coverage, Report, Result, in_order
from clustergraph.validation.rows import Data, solutions
from clustergraph.validation.shapes import Shapes, SparqlConstraint
from clustergraph.validation.shapes_graph import ShapesGraph


def validate(
    data: Store,
    shapes: Iterable[Triple],
    *,
    engine: OneOf["sparql", "pyshacl"] = "sparql",
    written: Written | None = None,
    labels: tuple[NamedNode, ...] = LABEL_PROPERTIES,
    only: Affected | None = None,
) -> Report:
    """The report on the default graph of `data`, judged by the shapes.

    With `only`, which the reference engine does not heed, the report is on those focus nodes alone,
    and tells no coverage. `written` gives the literals as their source wrote them; without it those
    stored are judged. `labels` are the properties that name things in messages, best first. Raises
    ShapesError where the shapes are ill-formed, recursive, or hold what cannot be evaluated.
    """
    read = read_shapes(shapes)
    graph, judged = read.graph, _judged(data)
    if engine == "pyshacl":
        # pyshacl takes 0.15 s to import, more than a small graph takes to judge.
        from clustergraph.validation.reference import reference_results  # noqa: PLC0415

        return Report(in_order(reference_results(_embedded(judged), graph, written=written)))
    evaluated = Engine(judged, read.shapes, graph, written)
    report = _report(evaluated.findings(only), judged, graph, read.shapes, labels)
    return replace(report, coverage=coverage(judged, read.shapes, evaluated)) if only is None else report


def affected_by(
    changed: Collection[Triple], data: EmbeddedStore, shapes: Iterable[Triple]
) -> Affected | None:
    """What `validate` has to look at again after a change, for its `only`; None for everything.

    `changed` are the triples that were removed or added, as stored, `data` the state before or after.
    The results that are about anything else are the same in both states.
    """
    return affected(read_shapes(shapes).shapes, data, changed)


def covered_after(
    before: Coverage,
    changed: Collection[Triple],
    states: tuple[EmbeddedStore, EmbeddedStore],
    shapes: Iterable[Triple],
) -> Coverage:
    """What a report on the second of two states does not speak of, given what one on the first does not.

    `changed` are the triples in which they differ, as stored, the subclasses not among them.
    """
    read = read_shapes(shapes)
    return coverage_after(before, changed, states, read.shapes, Engine(states[1], read.shapes, read.graph))


def _report(
    findings: Iterable[Finding],
    data: Data,
    graph: ShapesGraph,
    shapes: Shapes,
    labels: tuple[NamedNode, ...],
) -> Report:
    """The report on findings, in words."""
    findings = list(findings)
    terms = [term for finding in findings for term in mentioned(finding, shapes)]
    named = data if isinstance(data, EmbeddedStore) else labels_fetched(terms, data, labels)
    found = labels_of(terms, named, graph, labels)
    languages = wordings(found, shapes)
    results = [_result(f, tuple(words.explanation(f) for words in languages)) for f in findings]
    targeted = tuple(shape.node for shape in shapes if shape.targets and not shape.deactivated)
    return Report(in_order(results), None, found, targeted)


def _judged(data: Store) -> Data:
    """What the compiled queries are asked: the store, or a copy of a service that cannot answer them.

    Results about blank nodes, which are found by several queries, need their labels to stay.
    """
    if isinstance(data, EmbeddedStore):
        return data
    if isinstance(data, RemoteStore) and _blank_nodes(data) == _blank_nodes(data):
        return _embedded(data) if lacks(data.engine, Feature.COMPILED_SHAPES) else data
    return _embedded(data)


def _blank_nodes(data: Data) -> frozenset[Term]:
    found = solutions(data, "SELECT DISTINCT ?s { ?s ?p ?o FILTER(isBlank(?s)) } ORDER BY ?s LIMIT 100")
    return frozenset(row[0] for row in found if row[0] is not None)


def _embedded(data: Data | Store) -> EmbeddedStore:
    """The data in this process."""
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
