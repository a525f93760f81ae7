"""The focus nodes that a change can affect: the only ones that need to be judged again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from clustergraph.store import EmbeddedStore
from clustergraph.terms import (
    RDF,
    RDFS,
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    Resource,
    Term,
    Triple,
)
from clustergraph.validation.compile import Listed, Selected
from clustergraph.validation.paths import Alternative, Inverse, Path, Repeated, Sequence, reversed_path
from clustergraph.validation.reads import Step, steps_read
from clustergraph.validation.shapes import Shapes, Targets
from clustergraph.validation.sparql_reads import ANY, PREDICATE
from clustergraph.validation.spelling import Spelling

# With more than these it is as quick to judge all that the targets select.
MOST = 20_000

Nodes = frozenset[Term]
Pattern = tuple[Resource | None, NamedNode | None, Term | None]


class TooManyError(Exception):
    """More nodes than are worth to be listed."""


@dataclass(frozen=True)
class Affected:
    """For each way to select focus nodes those that a change can affect, None for all of them."""

    by_targets: Mapping[Targets, Nodes | None]

    def concerns(self, targets: Targets) -> bool:
        """Whether the change can affect any node that the targets select."""
        nodes = self.by_targets[targets]
        return nodes is None or bool(nodes)


class Selecting:
    """Selects focus nodes among those that a change can affect, in one state of the data."""

    def __init__(self, affected: Affected, data: EmbeddedStore) -> None:
        self._affected = affected
        self._data = data
        self._classes: dict[Resource, Nodes] = {}

    def among(self, selected: Selected) -> Selected | Listed:
        """The selected nodes that can be affected."""
        nodes = self._affected.by_targets[selected.targets]
        if nodes is None:
            return selected
        named = {_stored(node, self._data) for node in selected.targets.nodes}
        found = (node for node in nodes if node in named or self._is_selected(node, selected))
        return Listed(selected, tuple(sorted(found, key=str)))

    def _is_selected(self, node: Term, selected: Selected) -> bool:
        """Whether the classes and predicates of targets select the node."""
        targets = selected.targets
        patterns: list[Pattern] = [(None, predicate, node) for predicate in targets.objects_of]
        if isinstance(node, Resource):
            if not self._classes_of(node).isdisjoint(selected.classes):
                return True
            patterns += [(node, predicate, None) for predicate in targets.subjects_of]
        return any(True for pattern in patterns for _ in self._like(*pattern))

    def _classes_of(self, node: Resource) -> Nodes:
        if node not in self._classes:
            self._classes[node] = frozenset(quad.object for quad in self._like(node, RDF.type, None))
        return self._classes[node]

    def _like(
        self, subject: Resource | None, predicate: NamedNode | None, object: Term | None
    ) -> Iterator[Quad]:
        return self._data.native.quads_for_pattern(subject, predicate, object, DefaultGraph())


def affected(shapes: Shapes, data: EmbeddedStore, changed: Collection[Triple]) -> Affected | None:
    """What the shapes need to judge again where the triples are removed from the data or added to it.

    `data` is the state before or after, the triples are as stored. None for a change of the
    subclasses, which alters what every target selects.
    """
    if any(triple.predicate == RDFS.subClassOf for triple in changed):
        return None
    walk = _Walk(data, changed)
    found: dict[Targets, Nodes | None] = {}
    for shape in shapes:
        targets = shape.targets
        if not targets or found.get(targets, ()) is None:
            continue
        try:
            steps = steps_read(shape, shapes)
            nodes = None if steps is None else walk.back(steps)
        except TooManyError:
            nodes = None
        if nodes is None or any(isinstance(node, BlankNode) for node in nodes):
            found[targets] = None  # no query can name a blank node
        else:
            found[targets] = nodes | (found.get(targets) or frozenset())
    return Affected(found)


class _Walk:
    """Walks paths backwards from the changed triples; remembers the nodes it has found."""

    def __init__(self, data: EmbeddedStore, changed: Iterable[Triple]) -> None:
        self._native = data.native
        self._changed: defaultdict[NamedNode | None, list[Triple]] = defaultdict(list)
        for triple in changed:
            self._changed[None].append(triple)
            self._changed[triple.predicate].append(triple)
        self._found: dict[tuple[Path, Nodes], Nodes] = {}

    def back(self, steps: Iterable[Step]) -> Nodes:
        """The focus nodes from which one of the steps takes a changed triple."""
        found: set[Term] = set()
        for step in steps:
            triples = self._changed.get(step.predicate, ())
            ends = frozenset(t.object if step.inverse else t.subject for t in triples)
            if ends:
                found |= ends if step.before is None else self._sources(step.before, ends)
        return _bounded(found)

    def _sources(self, path: Path, nodes: Nodes) -> Nodes:
        """The nodes from which the path leads to one of these."""
        key = (path, nodes)
        if key not in self._found:
            self._found[key] = _bounded(self._walked(path, nodes))
        return self._found[key]

    def _walked(self, path: Path, nodes: Nodes) -> Iterable[Term]:
        match path:
            case NamedNode():
                return (quad.subject for quad in self._leading_to(nodes, path))
            case Inverse(NamedNode() as predicate):
                named, starts = _named(predicate), (node for node in nodes if isinstance(node, Resource))
                return (quad.object for n in starts for quad in self._like(n, named, None))
            case Inverse(inner):
                return self._sources(reversed_path(inner), nodes)
            case Sequence(steps):
                for step in reversed(steps):
                    nodes = self._sources(step, nodes)
                return nodes
            case Alternative(branches):
                return (node for branch in branches for node in self._sources(branch, nodes))
            case Repeated(inner, modifier):
                return self._repeated(inner, modifier, nodes)

    def _leading_to(self, nodes: Nodes, predicate: NamedNode) -> Iterator[Quad]:
        """The triples by which one step leads to one of the nodes."""
        for node in nodes:
            if predicate != PREDICATE:
                yield from self._like(None, _named(predicate), node)
            elif isinstance(node, NamedNode):
                yield from self._like(None, node, None)

    def _like(
        self, subject: Resource | None, predicate: NamedNode | None, object: Term | None
    ) -> Iterator[Quad]:
        return self._native.quads_for_pattern(subject, predicate, object, DefaultGraph())

    def _repeated(self, inner: Path, modifier: str, nodes: Nodes) -> Nodes:
        first = self._sources(inner, nodes)
        if modifier == "?":
            return first | nodes
        found, newest = set(first), first
        while newest:
            newest = self._sources(inner, newest) - found
            found |= _bounded(found | newest)
        return frozenset(found) if modifier == "+" else frozenset(found) | nodes


def _named(predicate: NamedNode) -> NamedNode | None:
    """The predicate, None where any is meant."""
    return None if predicate == ANY else predicate


def _bounded(nodes: Iterable[Term]) -> Nodes:
    found: set[Term] = set()
    for node in nodes:
        found.add(node)
        if len(found) > MOST:
            raise TooManyError
    return frozenset(found)


def _stored(node: Term, data: EmbeddedStore) -> Term:
    """The target node as the data give it back."""
    return Spelling(data, None).stored(node) if isinstance(node, Literal) else node
