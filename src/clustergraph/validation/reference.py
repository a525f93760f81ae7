"""The reference engine: pyshacl on an rdflib copy of the data, literals as written.

Slow, and right but for the bugs that tests/test_validation_differential.py lists; it is the oracle
of the compiled engine. The copy matters: on a graph backed by Oxigraph every plain string fails
`sh:in`, since it comes back with an explicit xsd:string (RDFLib/pySHACL#286).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

import pyshacl
import rdflib
from pyshacl.errors import ReportableRuntimeError

from clustergraph.errors import ShapesError
from clustergraph.rdflib_terms import from_rdflib, rdflib_graph
from clustergraph.store import Store
from clustergraph.terms import (
    OWL,
    SH,
    XSD,
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Resource,
    Term,
    Triple,
    Written,
)
from clustergraph.validation.literals import as_stored
from clustergraph.validation.report.result import Result
from clustergraph.validation.shapes_graph import ShapesGraph

_SH = rdflib.Namespace(str(SH))
# pyshacl takes it for `true` in graphs that it did not parse itself; it switches nothing on.
_ONE = Literal("1", datatype=XSD.boolean)
_SWITCHES = {SH.uniqueLang, SH.closed, SH.deactivated, SH.qualifiedValueShapesDisjoint}


def reference_results(
    data: Store, shapes: ShapesGraph, *, written: Written | None = None
) -> tuple[Result, ...]:
    """The results as pyshacl finds them; raises ShapesError where it refuses the shapes."""
    silenced = logging.getLogger("rdflib.term")
    silenced.addFilter(_is_no_complaint)
    try:
        report = _report(data, shapes, written or as_stored)
    finally:
        silenced.removeFilter(_is_no_complaint)
    return tuple(_results(report, shapes))


def _report(data: Store, shapes: ShapesGraph, written: Written) -> rdflib.Graph:
    quads = data.dump(DefaultGraph())
    stored = (Triple(q.subject, q.predicate, q.object) for q in quads)
    data_graph = rdflib_graph(as_written(stored, written))
    triples = (t for t in shapes.triples if t.object != _ONE or t.predicate not in _SWITCHES)
    shapes_graph = rdflib_graph((*triples, *_imported_prefixes(shapes)))
    try:
        _, report, _ = pyshacl.validate(data_graph, shacl_graph=shapes_graph, inplace=True, inference="none")
    except (ReportableRuntimeError, RecursionError) as error:
        raise ShapesError("graph", f"pyshacl refuses it: {_line(error)}") from error
    except Exception as error:  # rdflib raises a bare Exception for an unknown prefix, pyparsing its own
        raise ShapesError("graph", f"pyshacl fails on it: {_line(error)}") from error
    if not isinstance(report, rdflib.Graph):
        raise ShapesError("graph", f"pyshacl fails on it: {_line(report)}")
    return report


def _is_no_complaint(record: logging.LogRecord) -> bool:
    # rdflib logs a traceback for each literal that its datatype does not allow.
    return record.levelno > logging.WARNING


def _imported_prefixes(shapes: ShapesGraph) -> Iterator[Triple]:
    """The prefixes of imported ontologies as the importer's own: pyshacl does not follow imports here."""
    for importer in shapes.subjects(OWL.imports):
        pending, seen = [*shapes.objects(importer, OWL.imports)], set[Term]()
        while pending:
            if (ontology := pending.pop()) not in seen:
                seen.add(ontology)
                pending.extend(shapes.objects(ontology, OWL.imports))
                for declaration in shapes.objects(ontology, SH.declare):
                    yield Triple(importer, SH.declare, declaration)


def as_written(triples: Iterable[Triple], written: Written) -> Iterator[Triple]:
    """The triples with each literal as its source wrote it."""
    for subject, predicate, object in triples:
        if isinstance(object, Literal) and isinstance(subject, NamedNode | BlankNode):
            for literal in written(subject, predicate, object):
                yield Triple(subject, predicate, literal)
        elif not isinstance(object, Triple):
            yield Triple(subject, predicate, object)  # rdflib has no triple terms


def _results(report: rdflib.Graph, shapes: ShapesGraph) -> Iterator[Result]:
    for node in report.objects(None, _SH.result):
        found = {str(p): from_rdflib(o) for p, o in report.predicate_objects(node)}
        path, severity = found.get(SH.resultPath.value), found[SH.resultSeverity.value]
        shape, source = found[SH.sourceShape.value], found.get(SH.sourceConstraint.value)
        component = found[SH.sourceConstraintComponent.value]
        assert isinstance(shape, Resource)
        assert isinstance(severity, NamedNode)
        assert isinstance(component, NamedNode)
        messages = (from_rdflib(m) for m in report.objects(node, _SH.resultMessage))
        yield Result(
            found[SH.focusNode.value],
            shapes.path(path, str(shape)) if path is not None else None,
            found.get(SH.value.value),
            shape,
            component,
            severity,
            messages=tuple(sorted((m for m in messages if isinstance(m, Literal)), key=str)),
            source_constraint=source if isinstance(source, Resource) else None,
        )


def _line(problem: object) -> str:
    text = str(problem).strip()
    return " ".join(text.splitlines()[0].split()) if text else type(problem).__name__
