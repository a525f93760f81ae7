"""The compiled engine: runs the queries of each constraint and gathers what breaks it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from clustergraph.errors import ClusterGraphError, ShapesError
from clustergraph.store import EmbeddedStore
from clustergraph.terms import SH, Literal, NamedNode, Resource, Term, Written
from clustergraph.validation.affected import Affected, Selecting
from clustergraph.validation.compile import Listed, Nodes, Reached, Selected, select, value_nodes
from clustergraph.validation.core_engine import CoreEngine
from clustergraph.validation.paths import Path
from clustergraph.validation.rows import Broken, Data, Row, pairs
from clustergraph.validation.shapes import (
    Constraint,
    CoreConstraint,
    Shape,
    ShapeConstraint,
    Shapes,
    SparqlConstraint,
)
from clustergraph.validation.shapes_graph import ShapesGraph
from clustergraph.validation.sparql_engine import SparqlEngine
from clustergraph.validation.spelling import Spelling


@dataclass(frozen=True, slots=True)
class Finding:
    """A constraint of a shape, and what breaks it; `path` is that of the result."""

    shape: Shape
    constraint: Constraint
    broken: Broken

    @property
    def path(self) -> Path | None:
        """The path of the result."""
        return self.broken.path if self.broken.path is not None else self.shape.path


Failing = Mapping[Term, Collection[Term]]
"""The nodes that do not conform, as stored, each with the spellings of it that do not."""


class Engine:
    """Evaluates shapes over the default graph of a store.

    Conformance to nested shapes is a set of failing nodes, found once for a shape and the nodes
    that are asked about. A literal fails in a spelling: what one focus node writes `01` and another
    `1` is one value node in the store, and two judgements.
    """

    def __init__(
        self, data: Data, shapes: Shapes, graph: ShapesGraph, written: Written | None = None
    ) -> None:
        self._data = data
        self._shapes = shapes
        self._spelling = Spelling(data, written)
        self._core = CoreEngine(data, self._spelling)
        self._sparql = SparqlEngine(data, graph)
        self._lists: dict[Nodes, Nodes] = {}
        self._failing: dict[tuple[Resource, Nodes], Failing] = {}

    def findings(self, only: Affected | None = None) -> Iterator[Finding]:
        """What breaks the shapes that have targets; with `only` that of the nodes it names."""
        selecting = None
        if only is not None:
            assert isinstance(self._data, EmbeddedStore)  # a service is judged as a whole
            selecting = Selecting(only, self._data)
        for shape in self._shapes:
            if shape.targets and (only is None or only.concerns(shape.targets)):
                selected = self.selected(shape)
                nodes = selected if selecting is None else selecting.among(selected)
                yield from (finding for _, finding in self._findings(shape, nodes))

    def selected(self, shape: Shape) -> Selected:
        """The nodes that the targets of a shape select."""
        below = (cls for target in shape.targets.classes for cls in self._core.subclasses(target))
        return Selected(shape.targets, tuple(dict.fromkeys(below)))

    def _few(self, nodes: Nodes) -> Nodes:
        """The nodes as a list where they are few and have names: quicker than finding them each time."""
        if isinstance(nodes, Listed):
            return nodes
        if nodes not in self._lists:
            query = f"SELECT ?this {{ {nodes.pattern('?this')} }} LIMIT {_FEW + 1}"
            found = tuple(focus for focus, _ in pairs(self._data, query))
            has_names = all(isinstance(term, NamedNode | Literal) for term in found)
            self._lists[nodes] = Listed(nodes, found) if len(found) <= _FEW and has_names else nodes
        return self._lists[nodes]

    def _findings(self, shape: Shape, nodes: Nodes) -> Iterator[tuple[Term, Finding]]:
        """What breaks the shape or the property shapes below it, with the focus node of the shape."""
        nodes = self._few(nodes)
        if isinstance(nodes, Listed) and not nodes.terms:
            return
        for constraint in () if shape.deactivated else shape.constraints:
            if isinstance(constraint, ShapeConstraint) and constraint.component == _PROPERTY:
                yield from self._below(shape, constraint.shapes[0], nodes)
            else:
                for broken in self._broken(shape, constraint, nodes):
                    yield broken.stored, Finding(shape, constraint, broken)

    def _below(self, shape: Shape, inner: Resource, nodes: Nodes) -> Iterator[tuple[Term, Finding]]:
        """The findings of a property shape; each for every focus node that reaches its own."""
        if shape.path is None:
            yield from self._findings(self._shapes[inner], nodes)
            return
        found = list(self._findings(self._shapes[inner], Reached(nodes, shape.path)))
        holders: defaultdict[tuple[Term | None, Term | None], dict[Term, None]] = defaultdict(dict)
        for (focus, stored), (_, value) in self._spelled_pairs(shape, nodes, {value for value, _ in found}):
            holders[stored, value][focus] = None
        for value, finding in found:
            # From a literal no path leads to another node: the finding is about it, as it is written.
            written = finding.broken.focus if isinstance(value, Literal) else value
            for focus in holders[value, written]:
                yield focus, finding

    def _broken(self, shape: Shape, constraint: Constraint, nodes: Nodes) -> Iterator[Broken]:
        try:
            match constraint:
                case CoreConstraint():
                    yield from self._core.broken(constraint, nodes, shape.path)
                case SparqlConstraint():
                    yield from self._sparql_broken(shape, constraint, nodes)
                case ShapeConstraint() if constraint.component in _QUALIFIED:
                    rows = list(self._qualified(shape, constraint, nodes))
                    for (stored, _), (focus, value) in self._spelling.spelled(rows, nodes, shape.path):
                        yield Broken(stored, focus, value)
                case ShapeConstraint():
                    yield from self._shape_based(shape, constraint, nodes)
        except ShapesError:
            raise
        except ClusterGraphError as error:
            shape_name = str(shape.within or shape.node)
            raise ShapesError(
                shape_name, f"it cannot be evaluated: {error}", constraint.component.value
            ) from error

    def _sparql_broken(self, shape: Shape, constraint: SparqlConstraint, nodes: Nodes) -> Iterator[Broken]:
        found = list(self._sparql.broken(shape, constraint, nodes))
        written = self._spelling.foci((broken.stored for broken in found), nodes)
        for broken in found:
            for focus in written.get(broken.stored, (broken.stored,)):
                is_focus = broken.value == broken.stored
                value = focus if is_focus else self._spelling.near(broken.stored, broken.value)
                yield replace(broken, focus=focus, value=value)

    def _pairs(self, shape: Shape, nodes: Nodes) -> Iterator[Row]:
        """The focus nodes with their value nodes."""
        return pairs(self._data, select(value_nodes(nodes, shape.path)))

    def _spelled_pairs(
        self, shape: Shape, nodes: Nodes, among: Collection[Term]
    ) -> Iterator[tuple[Row, Row]]:
        """The focus nodes with those of their value nodes that are among some, as stored and as written."""
        rows = [row for row in self._pairs(shape, nodes) if row[1] in among] if among else ()
        return self._spelling.spelled(rows, nodes, shape.path)

    # Conformance to shapes.

    def _nonconforming(self, node: Resource, nodes: Nodes) -> Failing:
        """Which of the nodes do not conform to a shape."""
        nodes = self._few(nodes)
        if isinstance(nodes, Listed) and not nodes.terms:
            return {}
        key = (node, nodes)
        if key not in self._failing:
            shape, found = self._shapes[node], defaultdict[Term, set[Term]](set)
            for constraint in () if shape.deactivated else shape.constraints:
                if isinstance(constraint, ShapeConstraint) and constraint.component == _PROPERTY:
                    for stored, focus in self._failing_property(shape, constraint.shapes[0], nodes):
                        found[stored].add(focus)
                else:
                    for broken in self._broken(shape, constraint, nodes):
                        found[broken.stored].add(broken.focus)
            self._failing[key] = dict(found)
        return self._failing[key]

    def _failing_property(self, shape: Shape, inner: Resource, nodes: Nodes) -> Iterator[tuple[Term, Term]]:
        """The nodes, as stored and as written, that a property shape below the shape fails."""
        if shape.path is None:
            failing = self._nonconforming(inner, nodes)
            yield from ((stored, focus) for stored, foci in failing.items() for focus in foci)
            return
        failing = self._nonconforming(inner, Reached(nodes, shape.path))
        for (stored, kept), (focus, value) in self._spelled_pairs(shape, nodes, failing):
            if _fails(failing, kept, value):
                yield stored, focus

    def _shape_based(self, shape: Shape, constraint: ShapeConstraint, nodes: Nodes) -> Iterator[Broken]:
        below = nodes if shape.path is None else Reached(nodes, shape.path)
        failing = [self._nonconforming(inner, below) for inner in constraint.shapes]
        is_broken, count = _BREAKS[constraint.component], len(failing)
        rows: Iterable[Row]
        if is_broken(0, count):
            rows = self._pairs(shape, nodes)
        elif among := set[Term]().union(*failing):
            rows = [row for row in self._pairs(shape, nodes) if row[1] in among]
        else:
            return
        for (stored, kept), (focus, value) in self._spelling.spelled(rows, nodes, shape.path):
            if is_broken(sum(_fails(one, kept, value) for one in failing), count):
                yield Broken(stored, focus, value)

    def _qualified(self, shape: Shape, constraint: ShapeConstraint, nodes: Nodes) -> Iterator[Row]:
        assert shape.path is not None
        below = Reached(nodes, shape.path)
        failing = self._nonconforming(constraint.shapes[0], below)
        siblings = [self._nonconforming(sibling, below) for sibling in constraint.siblings]
        among = set(failing).union(*siblings)
        left_out = {
            row
            for row, (_, value) in self._spelled_pairs(shape, nodes, among)
            if _fails(failing, row[1], value) or not all(_fails(one, row[1], value) for one in siblings)
        }
        counts = Counter(
            row[0]
            for row in self._pairs(shape, nodes)
            if row not in left_out and (row[1] in among or not siblings)
        )
        is_broken = _QUALIFIED[constraint.component]
        for focus, _ in pairs(self._data, f"SELECT ?this {{ {nodes.pattern('?this')} }}"):
            if is_broken(counts[focus], constraint.bound):
                yield focus, None


def _fails(failing: Failing, stored: Term | None, written: Term | None) -> bool:
    return stored is not None and written in failing.get(stored, ())


_FEW = 2000
_PROPERTY = SH.PropertyConstraintComponent

# Given how many of the shapes a node does not conform to, and how many there are: is it a result?
_BREAKS: Mapping[NamedNode, Callable[[int, int], bool]] = {
    SH.NodeConstraintComponent: lambda failing, count: failing > 0,
    SH.AndConstraintComponent: lambda failing, count: failing > 0,
    SH.NotConstraintComponent: lambda failing, count: failing < count,
    SH.OrConstraintComponent: lambda failing, count: failing == count,
    SH.XoneConstraintComponent: lambda failing, count: failing != count - 1,
}
_QUALIFIED: Mapping[NamedNode, Callable[[int, int], bool]] = {
    SH.QualifiedMinCountConstraintComponent: int.__lt__,
    SH.QualifiedMaxCountConstraintComponent: int.__gt__,
}
