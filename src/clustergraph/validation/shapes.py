"""Shapes as frozen data: what the shapes graph says, read once and checked (SHACL §2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clustergraph.sparql.query import Outline
from clustergraph.terms import Literal, NamedNode, Resource, Term
from clustergraph.validation.paths import Path


@dataclass(frozen=True, slots=True)
class Targets:
    """What selects the focus nodes of a shape; `classes` hold the implicit class target too."""

    nodes: tuple[Term, ...] = ()
    classes: tuple[NamedNode, ...] = ()
    subjects_of: tuple[NamedNode, ...] = ()
    objects_of: tuple[NamedNode, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.nodes or self.classes or self.subjects_of or self.objects_of)


@dataclass(frozen=True, slots=True)
class CoreConstraint:
    """A constraint on value nodes that refers to no shape.

    `arguments` are the values of its parameters: the members for a list, the pattern and its flags,
    for `sh:closed` the predicates that are allowed.
    """

    component: NamedNode
    arguments: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class ShapeConstraint:
    """A constraint that value nodes conform to other shapes.

    `bound` is the count of a qualified constraint, `siblings` the shapes it is to be disjoint with.
    """

    component: NamedNode
    shapes: tuple[Resource, ...]
    bound: int = 0
    siblings: tuple[Resource, ...] = ()


@dataclass(frozen=True, slots=True)
class SparqlConstraint:
    """`sh:sparql`, or a constraint of a custom component, with its query in full.

    `source` is the node that holds the query, `parameters` the terms that are pre-bound.
    """

    component: NamedNode
    source: Resource
    query: Outline
    is_ask: bool = False
    messages: tuple[Literal, ...] = ()
    parameters: tuple[tuple[str, Term], ...] = ()
    optional: frozenset[str] = frozenset()


Constraint = CoreConstraint | ShapeConstraint | SparqlConstraint


@dataclass(frozen=True, slots=True)
class Shape:
    """A node shape (`path` is None) or a property shape.

    `within` is the shape itself where it has a name, else the nearest one around it that has.
    """

    node: Resource
    path: Path | None
    targets: Targets
    constraints: tuple[Constraint, ...]
    severity: NamedNode
    messages: tuple[Literal, ...] = ()
    names: tuple[Literal, ...] = ()
    deactivated: bool = False
    within: Resource | None = None


@dataclass(frozen=True, slots=True)
class Shapes:
    """All shapes of a shapes graph, by the node that names them.

    `untargeted` have no target and no shape refers to them; `undefined` are referred to, and the
    graph says nothing of them, so that every node conforms.
    """

    by_node: Mapping[Resource, Shape]
    untargeted: tuple[Resource, ...] = ()
    undefined: tuple[Resource, ...] = ()

    def __iter__(self) -> Iterator[Shape]:
        return iter(self.by_node.values())

    def __getitem__(self, node: Resource) -> Shape:
        return self.by_node[node]


def references(constraint: Constraint) -> tuple[Resource, ...]:
    """The shapes that a constraint refers to."""
    return (*constraint.shapes, *constraint.siblings) if isinstance(constraint, ShapeConstraint) else ()
