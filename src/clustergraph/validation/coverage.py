"""Honest coverage: what a report does not speak of."""

from __future__ import annotations

from clustergraph.terms import OWL, RDF, RDFS, SH, BlankNode, Literal, NamedNode, Term
from clustergraph.validation.compile import Selected
from clustergraph.validation.engine import Engine
from clustergraph.validation.report.result import Coverage, Untouched
from clustergraph.validation.rows import Data, solutions
from clustergraph.validation.shapes import Shapes

# Classes of classes and of properties: their instances are vocabulary, not data.
_VOCABULARY = tuple(map(str, (RDF, RDFS, OWL, SH)))


def coverage(data: Data, shapes: Shapes, engine: Engine) -> Coverage:
    """Shapes without targets, targets that select nothing, classes that no shape touches."""
    idle, touched = [], set[Term]()
    for shape in shapes:
        if not shape.targets or shape.deactivated:
            continue
        selected = engine.selected(shape)
        if not any(solutions(data, f"SELECT ?this {{ {selected.pattern('?this')} }} LIMIT 1")):
            idle.append(shape.node)
        touched.update(_classes_of(data, selected))
    untouched = tuple(_untouched(data, touched))
    return Coverage(shapes.untargeted, tuple(idle), untouched, shapes.undefined)


def _classes_of(data: Data, selected: Selected) -> set[Term]:
    """The classes whose instances the targets select, as far as one instance tells."""
    found: set[Term] = set(selected.classes)
    targets = selected.targets
    if targets.nodes or targets.subjects_of or targets.objects_of:
        query = f"SELECT DISTINCT ?class {{ {selected.pattern('?this')} ?this {RDF.type} ?class }}"
        found.update(row[0] for row in solutions(data, query) if row[0] is not None)
    return found


def _untouched(data: Data, touched: set[Term]) -> list[Untouched]:
    query = f"SELECT ?class (COUNT(?node) AS ?count) {{ ?node {RDF.type} ?class }} GROUP BY ?class"
    found = []
    for cls, count in solutions(data, query):
        if cls in touched or not isinstance(cls, NamedNode | BlankNode) or not isinstance(count, Literal):
            continue
        if not (isinstance(cls, NamedNode) and cls.value.startswith(_VOCABULARY)):
            found.append(Untouched(cls, int(count.value)))
    return sorted(found, key=lambda item: (-item.instances, str(item.cls)))
