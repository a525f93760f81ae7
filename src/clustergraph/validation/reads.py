"""What the judgement of a focus node reads: the steps along which a triple can alter it.

A triple that lies on none of them alters no result of the node. A step is taken from the nodes that a
path leads to from the focus node; the first changed triple on any path is reached by unchanged ones,
so that the steps can be walked back in the data as it was before the change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clustergraph.terms import RDF, SH, NamedNode, Resource, Term
from clustergraph.validation.paths import (
    Alternative,
    Inverse,
    Path,
    Repeated,
    Sequence,
    is_optional,
    joined,
    reversed_path,
)
from clustergraph.validation.shapes import (
    CoreConstraint,
    Shape,
    ShapeConstraint,
    Shapes,
    SparqlConstraint,
)
from clustergraph.validation.sparql_reads import ANY, UnreadableError, paths_read

_COMPARED = {
    SH.EqualsConstraintComponent,
    SH.DisjointConstraintComponent,
    SH.LessThanConstraintComponent,
    SH.LessThanOrEqualsConstraintComponent,
}


@dataclass(frozen=True, slots=True)
class Step:
    """The triples with a predicate (any where None) of the nodes that `before` leads to.

    The nodes are their subjects, or with `inverse` their objects; `before` is None for the focus node
    itself.
    """

    before: Path | None
    predicate: NamedNode | None
    inverse: bool = False


def steps_read(shape: Shape, shapes: Shapes) -> frozenset[Step] | None:
    """The steps that the results of a shape with targets depend on; None where they cannot be told."""
    targets = shape.targets
    found = {Step(None, RDF.type)} if targets.classes else set[Step]()
    found |= {Step(None, predicate) for predicate in targets.subjects_of}
    found |= {Step(None, predicate, inverse=True) for predicate in targets.objects_of}
    try:
        found.update(_of_shape(shape, shapes, None))
    except UnreadableError:
        return None
    return frozenset(found)


def _of_shape(shape: Shape, shapes: Shapes, before: Path | None) -> Iterator[Step]:
    """The steps of a shape whose focus nodes `before` leads to."""
    if shape.deactivated:
        return
    reached = before
    if shape.path is not None:
        yield from steps_of(shape.path, before)
        reached = joined(before, shape.path)
    for constraint in shape.constraints:
        match constraint:
            case CoreConstraint(component, arguments):
                yield from _of_core(component, arguments, before, reached)
            case ShapeConstraint():
                for inner in (*constraint.shapes, *constraint.siblings):
                    yield from _of_inner(inner, shapes, reached)
            case SparqlConstraint():
                # A literal that it finds is shown as any triple of the focus node spells it.
                yield Step(before, None)
                values = {"value": shape.path} if constraint.is_ask else {}
                for path in paths_read(constraint.query, values, dict(constraint.parameters)):
                    if is_optional(path):  # leads a node to itself, or not so where it stands in no triple
                        yield Step(before, None, inverse=True)
                    yield from steps_of(path, before)


def _of_inner(node: Resource, shapes: Shapes, before: Path | None) -> Iterator[Step]:
    yield from _of_shape(shapes[node], shapes, before)


def _of_core(
    component: NamedNode, arguments: tuple[Term, ...], before: Path | None, reached: Path | None
) -> Iterator[Step]:
    if component == SH.ClassConstraintComponent:
        yield Step(reached, RDF.type)
    elif component == SH.ClosedConstraintComponent:
        yield Step(reached, None)
    elif component in _COMPARED:
        for predicate in arguments:
            assert isinstance(predicate, NamedNode)
            yield Step(before, predicate)
        if component == SH.EqualsConstraintComponent:
            yield Step(before, None)  # the value is spelled as in any triple of the focus node


def steps_of(path: Path, before: Path | None = None) -> Iterator[Step]:
    """The steps of a path, taken from the nodes that `before` leads to."""
    match path:
        case NamedNode():
            yield Step(before, None if path == ANY else path)
        case Inverse(NamedNode() as predicate):
            yield Step(before, None if predicate == ANY else predicate, inverse=True)
        case Inverse(inner):
            yield from steps_of(reversed_path(inner), before)
        case Sequence(parts):
            for part in parts:
                yield from steps_of(part, before)
                before = joined(before, part)
        case Alternative(branches):
            for branch in branches:
                yield from steps_of(branch, before)
        case Repeated(inner, modifier):
            yield from steps_of(inner, before if modifier == "?" else joined(before, Repeated(inner, "*")))
