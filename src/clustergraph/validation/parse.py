"""From the shapes graph to the frozen model; what is ill-formed or recursive is a ShapesError."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from clustergraph.errors import ShapesError, near_misses
from clustergraph.terms import OWL, RDF, RDFS, SH, Literal, NamedNode, Resource, Term, Triple
from clustergraph.validation.components import custom_components, custom_constraints, sparql_constraint
from clustergraph.validation.paths import Path
from clustergraph.validation.patterns import is_understood
from clustergraph.validation.shapes import (
    Constraint,
    CoreConstraint,
    Shape,
    ShapeConstraint,
    Shapes,
    Targets,
    references,
)
from clustergraph.validation.shapes_graph import ShapesGraph
from clustergraph.validation.vocabulary import (
    ANNOTATIONS,
    NOT_EVALUATED,
    PARAMETERS,
    RULES,
    TARGETS,
    Rule,
    component,
    is_true,
)

_SH = str(SH)
_DEEPEST = 50
_SHAPE_VALUED = ("node", "property", "not", "qualifiedValueShape")
_LISTS_OF_SHAPES = ("and", "or", "xone")
_PLAIN = (
    "class", "datatype", "nodeKind", "minCount", "maxCount", "minExclusive", "minInclusive", "maxExclusive",
    "maxInclusive", "minLength", "maxLength", "equals", "disjoint", "lessThan",
    "lessThanOrEquals", "hasValue",
)  # fmt: skip


class ReadShapes:
    """The triples of a shapes graph, and what they say: read once, for all who are given them."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.graph = ShapesGraph(triples)

    def __iter__(self) -> Iterator[Triple]:
        return iter(self.graph.triples)

    @cached_property
    def shapes(self) -> Shapes:
        """As `parse_shapes` says."""
        return parse_shapes(self.graph)


def read_shapes(triples: Iterable[Triple]) -> ReadShapes:
    """The shapes of a shapes graph; the triples may be of one that was read already."""
    return triples if isinstance(triples, ReadShapes) else ReadShapes(triples)


def parse_shapes(graph: ShapesGraph) -> Shapes:
    """The shapes of the graph.

    Raises ShapesError, naming the shape (for a blank one also the nearest around it that has a
    name), where one is ill-formed, refers to itself, or asks for what no engine here evaluates;
    and where there is no shape at all.
    """
    nodes = tuple(_shape_nodes(graph))
    if not nodes:
        raise ShapesError("graph", "it holds no shape")
    if entailment := graph.subjects(SH.entailment):
        raise ShapesError(entailment[0].value, "entailment regimes are not supported", "sh:entailment")
    names = _names(graph, nodes)
    reader = _Reader(graph, names)
    by_node = {node: replace(reader.shape(node), within=names[node][0]) for node in nodes}
    _refuse_recursion(by_node, names)
    used = {used for shape in by_node.values() for c in shape.constraints for used in references(c)}
    untargeted = (node for node, shape in by_node.items() if not shape.targets and node not in used)
    undefined = (node for node in by_node if not graph.predicates(node))
    return Shapes(by_node, tuple(untargeted), tuple(undefined))


def _shape_nodes(graph: ShapesGraph) -> Iterator[Resource]:
    """The nodes that are shapes (SHACL §2.1), each once."""
    found: dict[Resource, None] = {}
    for cls in (SH.NodeShape, SH.PropertyShape):
        found |= dict.fromkeys(graph.instances(cls, RDFS.subClassOf))
    for name in (*TARGETS, *PARAMETERS):
        found |= dict.fromkeys(graph.subjects(NamedNode(_SH + name)))
    declared = {o for s in graph.subjects(SH.parameter) for o in graph.objects(s, SH.parameter)}
    for parameter in declared:
        path = graph.one(parameter, SH.path)
        if isinstance(path, NamedNode) and not path.value.startswith(_SH):
            found |= dict.fromkeys(graph.subjects(path))
    # The parameters themselves look like property shapes, but constrain no data.
    pending = [node for node in found if node not in declared]
    seen: dict[Resource, None] = {}
    while pending:
        node = pending.pop(0)
        if node not in seen:
            seen[node] = None
            pending.extend(_referenced(graph, node))
    yield from seen


def _referenced(graph: ShapesGraph, subject: Resource) -> Iterator[Resource]:
    """The shapes that a node refers to by SHACL's own properties, where these are well-formed."""
    for name in _SHAPE_VALUED:
        yield from _resources(graph.objects(subject, NamedNode(_SH + name)))
    for name in _LISTS_OF_SHAPES:
        for head in graph.objects(subject, NamedNode(_SH + name)):
            yield from _resources(graph.members(head) or ())


def _names(graph: ShapesGraph, nodes: Iterable[Resource]) -> dict[Resource, tuple[Resource, str]]:
    """For each shape the nearest one that has a name, and how a message names the shape."""
    parents: dict[Term, Resource] = {}
    for node in nodes:
        for child in _referenced(graph, node):
            parents.setdefault(child, node)
    names: dict[Resource, tuple[Resource, str]] = {}
    for node in nodes:
        named: Resource = node
        seen: set[Resource] = {node}
        while not isinstance(named, NamedNode) and named in parents and parents[named] not in seen:
            named = parents[named]
            seen.add(named)
        if node == named:
            names[node] = (named, node.value if isinstance(node, NamedNode) else str(node))
        else:
            path = graph.one(node, SH.path)
            place = f" (the one of path {path})" if isinstance(path, NamedNode) else ""
            names[node] = (named, f"{named.value if isinstance(named, NamedNode) else named}{place}")
    return names


def _refuse_recursion(by_node: dict[Resource, Shape], names: dict[Resource, tuple[Resource, str]]) -> None:
    """Raise ShapesError where a shape refers to itself, directly or through others (SHACL §3.4.3)."""
    edges = {
        node: {used for constraint in shape.constraints for used in references(constraint)}
        for node, shape in by_node.items()
    }
    try:
        depths: dict[Resource, int] = {}
        for node in TopologicalSorter(edges).static_order():
            depths[node] = 1 + max((depths[used] for used in edges.get(node, ())), default=0)
            if depths[node] > _DEEPEST:
                raise ShapesError(names[node][1], f"shapes are nested more than {_DEEPEST} deep")
    except CycleError as error:
        cycle: list[Resource] = error.args[1]
        named = next((node for node in cycle if isinstance(node, NamedNode)), cycle[0])
        raise ShapesError(names[named][1], "the shape refers to itself; recursion is not allowed") from error


class _Reader:
    """Reads one shape after the other from a graph; `names` are for its errors."""

    def __init__(self, graph: ShapesGraph, names: dict[Resource, tuple[Resource, str]]) -> None:
        self._graph = graph
        self._names = names
        self._components = custom_components(graph)

    def shape(self, node: Resource) -> Shape:
        """The shape at the node; raises ShapesError."""
        name = self._names[node][1]
        path = self._path(node, name)
        self._check(node, name, is_property=path is not None)
        severity = self._graph.one(node, SH.severity)
        constraints = (
            *self._core(node, path),
            *self._shape_based(node),
            *(
                sparql_constraint(self._graph, source, (name, path))
                for source in self._values(node, "sparql")
                if not is_true(self._graph.one(source, SH.deactivated))
            ),
            *custom_constraints(self._graph, self._components, node, (name, path)),
        )
        return Shape(
            node,
            path,
            self._targets(node),
            constraints,
            severity if isinstance(severity, NamedNode) else SH.Violation,
            messages=self._texts(node, SH.message),
            names=self._texts(node, SH.name),
            deactivated=is_true(self._graph.one(node, SH.deactivated)),
        )

    def _values(self, node: Term, name: str) -> tuple[Term, ...]:
        return self._graph.objects(node, NamedNode(_SH + name))

    def _texts(self, node: Resource, predicate: NamedNode) -> tuple[Literal, ...]:
        found = (term for term in self._graph.objects(node, predicate) if isinstance(term, Literal))
        return tuple(sorted(found, key=str))

    def _path(self, node: Resource, name: str) -> Path | None:
        found = self._graph.objects(node, SH.path)
        if len(found) > 1:
            raise ShapesError(name, "a property shape has exactly one path", "sh:path")
        if found:
            if SH.NodeShape in self._graph.objects(node, RDF.type):
                raise ShapesError(name, "a node shape has no path", "sh:path")
            return self._graph.path(found[0], name)
        if SH.PropertyShape in self._graph.objects(node, RDF.type):
            raise ShapesError(name, "a property shape needs a path", "sh:path")
        return None

    def _check(self, node: Resource, name: str, *, is_property: bool) -> None:
        for predicate in self._graph.predicates(node):
            if predicate.value.startswith(_SH):
                self._check_property(node, predicate.value.removeprefix(_SH), name, is_property=is_property)
        for local, other in (("flags", "pattern"), ("ignoredProperties", "closed")):
            if self._values(node, local) and not self._values(node, other):
                raise ShapesError(name, f"it has no meaning without sh:{other}", f"sh:{local}")
        for value in self._values(node, "property"):
            if not self._graph.objects(value, SH.path):
                raise ShapesError(name, f"{value} is no property shape, it has no path", "sh:property")
        for value in self._values(node, "node"):
            if self._graph.objects(value, SH.path):
                raise ShapesError(name, f"{value} is a property shape, not a node shape", "sh:node")

    def _check_property(self, node: Resource, local: str, name: str, *, is_property: bool) -> None:
        """Raise ShapesError where SHACL does not have the property, or not for this kind of shape."""
        if rule := RULES.get(local):
            self._check_values(node, local, rule, name)
            if rule.on_properties and not is_property:
                raise ShapesError(name, "only property shapes may have it", f"sh:{local}")
        elif local in NOT_EVALUATED:
            raise ShapesError(name, "neither engine evaluates it", f"sh:{local}")
        elif local not in ANNOTATIONS:
            near = near_misses(local, [*RULES, *ANNOTATIONS])
            hint = f"; did you mean sh:{near[0]}?" if near else ""
            raise ShapesError(name, f"SHACL has no such property{hint}", f"sh:{local}")

    def _check_values(self, node: Resource, local: str, rule: Rule, name: str) -> None:
        values = self._values(node, local)
        if rule.single and len(values) > 1:
            raise ShapesError(name, f"expected {rule.expected}, found {len(values)} values", f"sh:{local}")
        for value in values:
            members = self._graph.members(value) if rule.members else (value,)
            wrong = next((m for m in members or () if not rule.accepts(m)), None)
            if members is None or wrong is not None:
                found = wrong if members is not None else value
                raise ShapesError(name, f"expected {rule.expected}, found {found}", f"sh:{local}")

    def _targets(self, node: Resource) -> Targets:
        classes = dict.fromkeys(self._values(node, "targetClass"))
        types = set(self._graph.objects(node, RDF.type))
        if types & ({RDFS.Class, OWL.Class} | self._metaclasses()):
            classes[node] = None
        return Targets(
            self._values(node, "targetNode"),
            tuple(cls for cls in classes if isinstance(cls, NamedNode)),
            _iris(self._values(node, "targetSubjectsOf")),
            _iris(self._values(node, "targetObjectsOf")),
        )

    def _metaclasses(self) -> set[Term]:
        found: set[Term] = set()
        pending: list[Term] = [RDFS.Class]
        while pending:
            for below in self._graph.subjects(RDFS.subClassOf, pending.pop()):
                if below not in found:
                    found.add(below)
                    pending.append(below)
        return found

    def _core(self, node: Resource, path: Path | None) -> Iterator[Constraint]:
        for local in _PLAIN:
            for value in self._values(node, local):
                if (local, str(value)[:3]) != ("minCount", '"0"'):
                    yield CoreConstraint(component(local), (value,))
        for local in ("in", "languageIn"):
            for head in self._values(node, local):
                yield CoreConstraint(component(local), self._graph.members(head) or ())
        for pattern in self._values(node, "pattern"):
            arguments = (pattern, *self._values(node, "flags"))
            if not is_understood(arguments):
                raise ShapesError(self._names[node][1], f"no regular expression: {pattern}", "sh:pattern")
            yield CoreConstraint(component("pattern"), arguments)
        if is_true(self._graph.one(node, SH.uniqueLang)):
            yield CoreConstraint(component("uniqueLang"), ())
        if is_true(self._graph.one(node, SH.closed)):
            yield CoreConstraint(component("closed"), tuple(self._allowed(node)))

    def _allowed(self, node: Resource) -> Iterator[NamedNode]:
        """The predicates that a closed shape allows: those of its property shapes, and the ignored."""
        for shape in self._values(node, "property"):
            yield from _iris(self._graph.objects(shape, SH.path))
        for head in self._values(node, "ignoredProperties"):
            yield from _iris(self._graph.members(head) or ())

    def _shape_based(self, node: Resource) -> Iterator[Constraint]:
        for local in ("not", "node", "property"):
            for value in _resources(self._values(node, local)):
                yield ShapeConstraint(component(local), (value,))
        for local in _LISTS_OF_SHAPES:
            for head in self._values(node, local):
                members = self._graph.members(head)
                yield ShapeConstraint(component(local), tuple(_resources(members or ())))
        for qualified in _resources(self._values(node, "qualifiedValueShape")):
            yield from self._qualified(node, qualified)

    def _qualified(self, node: Resource, qualified: Resource) -> Iterator[Constraint]:
        counts = [
            (local, value)
            for local in ("qualifiedMinCount", "qualifiedMaxCount")
            for value in self._values(node, local)
        ]
        if not counts:
            problem = "it needs sh:qualifiedMinCount or sh:qualifiedMaxCount"
            raise ShapesError(self._names[node][1], problem, "sh:qualifiedValueShape")
        siblings: tuple[Resource, ...] = ()
        if is_true(self._graph.one(node, SH.qualifiedValueShapesDisjoint)):
            siblings = tuple(self._siblings(node, qualified))
        for local, value in counts:
            assert isinstance(value, Literal)
            yield ShapeConstraint(component(local), (qualified,), int(value.value), siblings)

    def _siblings(self, node: Resource, qualified: Resource) -> Iterator[Resource]:
        """The sibling shapes of a qualified value shape (SHACL §4.7.3)."""
        found: dict[Resource, None] = {}
        for parent in self._graph.subjects(SH.property, node):
            for other in self._values(parent, "property"):
                found |= dict.fromkeys(_resources(self._values(other, "qualifiedValueShape")))
        found.pop(qualified, None)
        yield from found


def _iris(terms: Iterable[Term]) -> tuple[NamedNode, ...]:
    return tuple(term for term in terms if isinstance(term, NamedNode))


def _resources(terms: Iterable[Term]) -> Iterator[Resource]:
    return (term for term in terms if isinstance(term, Resource))
