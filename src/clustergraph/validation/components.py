"""SPARQL constraints and custom constraint components: their queries, in full and checked.

SHACL §5 and §6; what a query may not say is §5.2.1 and appendix A (pre-binding).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pyoxigraph as ox

from clustergraph.errors import ClusterGraphError, ShapesError
from clustergraph.sparql.query import Outline, outline
from clustergraph.sparql.scopes import scopes
from clustergraph.store import EmbeddedStore
from clustergraph.terms import OWL, RDF, RDFS, SH, XSD, Literal, NamedNode, Resource, Term
from clustergraph.validation.paths import Path, write_path
from clustergraph.validation.prebinding import without_ungrouped
from clustergraph.validation.shapes import SparqlConstraint
from clustergraph.validation.shapes_graph import ShapesGraph
from clustergraph.validation.vocabulary import is_true

_PREFIXES = {"rdf": str(RDF), "rdfs": str(RDFS), "owl": str(OWL), "xsd": str(XSD), "sh": str(SH)}
_RESERVED = {"this", "shapesGraph", "currentShape", "path", "PATH", "value"}
# What pre-binding excludes, and datasets of a query's own: the targets are those of the data.
_FORBIDDEN = ("MINUS", "SERVICE", "VALUES", "FROM")

Place = tuple[str, Path | None]
"""How errors name the shape, and the path of the shape."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a custom component: its predicate and the variable that it is pre-bound to."""

    predicate: NamedNode
    name: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Component:
    """A custom constraint component (SHACL §6.2)."""

    node: NamedNode
    parameters: tuple[Parameter, ...]


def custom_components(graph: ShapesGraph) -> tuple[Component, ...]:
    """The constraint components that the shapes graph declares, SHACL's own left out."""
    found = []
    for node in dict.fromkeys(graph.instances(SH.ConstraintComponent, RDFS.subClassOf)):
        if isinstance(node, NamedNode) and not node.value.startswith(str(SH)):
            parameters = tuple(_parameter(graph, p, node) for p in graph.objects(node, SH.parameter))
            if not any(not parameter.optional for parameter in parameters):
                raise ShapesError(node.value, "a component needs a parameter that is not optional")
            found.append(Component(node, parameters))
    return tuple(found)


def _parameter(graph: ShapesGraph, node: Term, component: NamedNode) -> Parameter:
    predicate = graph.one(node, SH.path)
    if not isinstance(predicate, NamedNode):
        raise ShapesError(component.value, "each parameter needs an IRI as its path", "sh:parameter")
    name = re.split(r"[/#:]", predicate.value)[-1]
    if name in _RESERVED or not re.fullmatch(r"\w+", name):
        raise ShapesError(component.value, f"a parameter may not be named {name!r}", "sh:parameter")
    return Parameter(predicate, name, is_true(graph.one(node, SH.optional)))


def sparql_constraint(graph: ShapesGraph, source: Term, place: Place) -> SparqlConstraint:
    """The `sh:sparql` constraint at the node; raises ShapesError."""
    assert isinstance(source, Resource)
    select = graph.one(source, SH.select)
    if not isinstance(select, Literal):
        raise ShapesError(place[0], "expected exactly one sh:select", "sh:sparql")
    query = _query(graph, source, select.value, place)
    constraint = SparqlConstraint(
        SH.SPARQLConstraintComponent, source, query, messages=_messages(graph, source)
    )
    return _checked(constraint, place[0], "sh:sparql")


def custom_constraints(
    graph: ShapesGraph, components: Iterable[Component], node: Resource, place: Place
) -> Iterator[SparqlConstraint]:
    """The constraints that custom components make of a shape's parameters; raises ShapesError."""
    for component in components:
        values = {p: graph.objects(node, p.predicate) for p in component.parameters}
        if not all(values[p] for p in component.parameters if not p.optional):
            continue
        present = [p for p in component.parameters if values[p]]
        if len(component.parameters) > 1 and any(len(values[p]) > 1 for p in present):
            problem = "a component of several parameters takes one value of each"
            raise ShapesError(place[0], problem, component.node.value)
        validator, is_ask = _validator(graph, component.node, place)
        text = graph.one(validator, SH.ask if is_ask else SH.select)
        assert isinstance(text, Literal)
        assert isinstance(validator, Resource)
        query = _query(graph, validator, text.value, place)
        messages = _messages(graph, validator) or _messages(graph, component.node)
        absent = frozenset(p.name for p in component.parameters if not values[p])
        for index in range(len(values[present[0]])):
            bound = tuple((p.name, values[p][index if p is present[0] else 0]) for p in present)
            constraint = SparqlConstraint(
                component.node, validator, query, is_ask, messages, bound, optional=absent
            )
            yield _checked(constraint, place[0], component.node.value)


def _validator(graph: ShapesGraph, component: NamedNode, place: Place) -> tuple[Term, bool]:
    """The validator for the kind of shape, and whether it asks (SHACL §6.2.3)."""
    kind = SH.nodeValidator if place[1] is None else SH.propertyValidator
    for predicate in (kind, SH.validator):
        for validator in graph.objects(component, predicate):
            for form, is_ask in ((SH.select, False), (SH.ask, True)):
                if is_ask == (predicate == SH.validator) and isinstance(graph.one(validator, form), Literal):
                    return validator, is_ask
    for predicate in (kind, SH.validator):
        for validator in graph.objects(component, predicate):
            for form, is_ask in ((SH.select, False), (SH.ask, True)):
                if isinstance(graph.one(validator, form), Literal):
                    return validator, is_ask
    raise ShapesError(place[0], "the component has no validator for this kind of shape", component.value)


def _messages(graph: ShapesGraph, node: Term) -> tuple[Literal, ...]:
    found = (term for term in graph.objects(node, SH.message) if isinstance(term, Literal))
    return tuple(sorted(found, key=str))


def _query(graph: ShapesGraph, source: Resource, text: str, place: Place) -> Outline:
    """The query with its prefixes, and the path in place of $PATH."""
    prefixes = {**_PREFIXES, **_prefixes(graph, source, place[0])}
    head = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in prefixes.items())
    try:
        parsed = outline(head + text)
    except ClusterGraphError as error:
        raise ShapesError(place[0], str(error), f"the query of {source}") from error
    full, shift = parsed.text, 0
    for token in parsed.tokens:
        if token.variable == "PATH":
            if place[1] is None:
                raise ShapesError(place[0], "a node shape has no path for $PATH", f"the query of {source}")
            path = write_path(place[1])
            if not isinstance(place[1], NamedNode):
                path = f"({path})"
            full = full[: token.start + shift] + path + full[token.end + shift :]
            shift += len(path) - (token.end - token.start)
    return parsed if full == parsed.text else outline(full)


def _prefixes(graph: ShapesGraph, source: Resource, shape: str) -> dict[str, str]:
    """The prefixes that `sh:prefixes` gives, imports of its ontologies included (SHACL §5.2.1)."""
    found: dict[str, str] = {}
    pending, seen = [*graph.objects(source, SH.prefixes)], set[Term]()
    while pending:
        ontology = pending.pop()
        if ontology in seen:
            continue
        seen.add(ontology)
        pending.extend(graph.objects(ontology, OWL.imports))
        for declaration in graph.objects(ontology, SH.declare):
            prefix, namespace = graph.one(declaration, SH.prefix), graph.one(declaration, SH.namespace)
            if not isinstance(prefix, Literal) or not isinstance(namespace, Literal | NamedNode):
                raise ShapesError(shape, "expected one sh:prefix and one sh:namespace", "sh:declare")
            if found.setdefault(prefix.value, namespace.value) != namespace.value:
                raise ShapesError(shape, f"prefix {prefix.value!r} has two namespaces", "sh:prefixes")
    return found


def _checked(constraint: SparqlConstraint, shape: str, name: str) -> SparqlConstraint:
    """The constraint with its query as it is run.

    Raises ShapesError where the query is no SPARQL, or says what pre-binding does not allow.
    """
    parsed = constraint.query
    form = "ASK" if constraint.is_ask else "SELECT"
    if parsed.form != form:
        raise ShapesError(shape, f"expected {form}, found {parsed.form}", name)
    for token in parsed.tokens:
        if token.keyword in _FORBIDDEN:
            raise ShapesError(shape, f"{token.keyword} is not allowed in the queries of shapes", name)
    prebound = {"this", "currentShape", "shapesGraph"} | {key for key, _ in constraint.parameters}
    if constraint.is_ask:
        prebound.add("value")
    _check_scopes(parsed, prebound | constraint.optional, (shape, name))
    query = without_ungrouped(parsed, prebound)
    try:
        # An empty store tells whether the engine knows all that the query says.
        EmbeddedStore(ox.Store()).query(query)
    except ClusterGraphError as error:
        raise ShapesError(shape, f"the query cannot be evaluated: {error}", name) from error
    return constraint if query == parsed.text else replace(constraint, query=outline(query))


def _check_scopes(parsed: Outline, prebound: set[str], place: tuple[str, str]) -> None:
    for index, token in enumerate(parsed.tokens[:-1]):
        after = parsed.tokens[index + 1].variable
        if token.keyword == "AS" and after in prebound:
            raise ShapesError(place[0], f"AS ?{after} assigns a variable that is pre-bound", place[1])
    must = prebound - {"currentShape", "shapesGraph"}
    for scope in scopes(parsed)[1:]:
        # A subselect must return what is pre-bound; parameters only where it speaks of them.
        required = {name for name in must if name == "this" or name in scope.variables}
        missing = sorted(required - set(scope.projection))
        if missing:
            raise ShapesError(
                place[0], f"a subselect does not return ${missing[0]}, which is pre-bound", place[1]
            )
