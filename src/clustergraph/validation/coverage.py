"""Honest coverage: what a report does not speak of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from clustergraph.store import EmbeddedStore
from clustergraph.terms import (
    OWL,
    RDF,
    RDFS,
    SH,
    BlankNode,
    DefaultGraph,
    Literal,
    Resource,
    Term,
    Triple,
)
from clustergraph.validation.compile import Selected
from clustergraph.validation.engine import Engine
from clustergraph.validation.report.result import Coverage, Untouched
from clustergraph.validation.rows import Data, solutions
from clustergraph.validation.shapes import Shapes

# Classes of classes and of properties: their instances are vocabulary, not data.
_VOCABULARY = tuple(f"<{namespace}" for namespace in (RDF, RDFS, OWL, SH))


def coverage(data: Data, shapes: Shapes, engine: Engine) -> Coverage:
    """Shapes without targets, targets that select nothing, classes that no shape touches."""
    selections = _selections(shapes, engine)
    touched = set[Term]().union(*(_classes_of(data, selected) for selected in selections.values()))
    query = f"SELECT ?class (COUNT(?node) AS ?count) {{ ?node {RDF.type} ?class }} GROUP BY ?class"
    untouched = (
        Untouched(cls, int(count.value))
        for cls, count in solutions(data, query)
        if isinstance(cls, Resource) and isinstance(count, Literal) and cls not in touched
    )
    return _coverage(data, shapes, selections, untouched)


def coverage_after(
    before: Coverage,
    changed: Collection[Triple],
    states: tuple[EmbeddedStore, EmbeddedStore],
    shapes: Shapes,
    engine: Engine,
) -> Coverage:
    """The coverage of the second of two states, given that of the first.

    `changed` are the triples in which they differ, the subclasses not among them; the engine is that of
    the second state. Only the classes of what these triples are about are looked at.
    """
    targets = [shape.targets for shape in shapes if not shape.deactivated]
    telling = {RDF.type, *(p for t in targets for p in (*t.subjects_of, *t.objects_of))}
    about = {term for t in changed if t.predicate in telling for term in (t.subject, t.object)}
    if not about:
        return before
    selections, data = _selections(shapes, engine), states[1]
    classes = {t.object for t in changed if t.predicate == RDF.type}
    for node in about:
        if isinstance(node, Resource):
            found = (s.native.quads_for_pattern(node, RDF.type, None, DefaultGraph()) for s in states)
            classes.update(quad.object for quads in found for quad in quads)
    touched = {cls for cls in classes if any(_touches(s, cls, data) for s in selections.values())}
    counts = {
        cls: sum(1 for _ in data.native.quads_for_pattern(None, RDF.type, cls, DefaultGraph()))
        for cls in classes - touched
        if isinstance(cls, Resource)
    }
    untouched = [item for item in before.untouched if item.cls not in classes]
    untouched += [Untouched(cls, count) for cls, count in counts.items() if count]
    return _coverage(data, shapes, selections, untouched)


_Selections = Mapping[Resource, Selected]


def _selections(shapes: Shapes, engine: Engine) -> _Selections:
    """What the shapes that have targets select."""
    return {s.node: engine.selected(s) for s in shapes if s.targets and not s.deactivated}


def _coverage(
    data: Data, shapes: Shapes, selections: _Selections, untouched: Iterable[Untouched]
) -> Coverage:
    idle = (
        node
        for node, selected in selections.items()
        if not any(solutions(data, f"SELECT ?this {{ {selected.pattern('?this')} }} LIMIT 1"))
    )
    own = (item for item in untouched if not str(item.cls).startswith(_VOCABULARY))
    in_order = sorted(own, key=lambda item: (-item.instances, str(item.cls)))
    return Coverage(shapes.untargeted, tuple(idle), tuple(in_order), shapes.undefined)


def _classes_of(data: Data, selected: Selected) -> set[Term]:
    """The classes whose instances the targets select, as far as one instance tells."""
    found: set[Term] = set(selected.classes)
    if _is_by_more(selected):
        query = f"SELECT DISTINCT ?class {{ {selected.pattern('?this')} ?this {RDF.type} ?class }}"
        found.update(row[0] for row in solutions(data, query) if row[0] is not None)
    return found


def _touches(selected: Selected, cls: Term, data: Data) -> bool:
    """Whether the targets select an instance of a class."""
    if cls in selected.classes or not _is_by_more(selected):
        return cls in selected.classes
    if isinstance(cls, BlankNode):  # no query can name it
        return cls in _classes_of(data, selected)
    query = f"SELECT ?this {{ {selected.pattern('?this')} ?this {RDF.type} {cls} }} LIMIT 1"
    return any(solutions(data, query))


def _is_by_more(selected: Selected) -> bool:
    """Whether the targets select by more than by classes."""
    targets = selected.targets
    return bool(targets.nodes or targets.subjects_of or targets.objects_of)
