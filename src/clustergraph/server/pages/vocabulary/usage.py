"""Where the terms of an ontology are used besides the data: in saved questions and in shapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyoxigraph as ox

from clustergraph.catalogue import SavedQuery
from clustergraph.errors import ClusterGraphError
from clustergraph.folder import Folder, parse
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.sparql.terminals import Kind
from clustergraph.terms import RDF, RDFS, SH, BlankNode, Literal, NamedNode, Term, expand

_TARGETS = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
_DEEPEST = 50


@dataclass(frozen=True)
class Check:
    """A shape as far as it speaks of a term: its names, and the messages of its constraints."""

    names: tuple[Literal, ...]
    messages: tuple[tuple[Literal, ...], ...]


@dataclass
class Usage:
    """Questions and shapes by the terms that they mention."""

    queries: dict[str, list[SavedQuery]] = field(default_factory=dict)
    checks: dict[str, list[Check]] = field(default_factory=dict)
    owners: dict[str, set[NamedNode]] = field(default_factory=dict)
    """By property, the classes whose shapes have it."""
    ranges: dict[str, set[NamedNode]] = field(default_factory=dict)
    """By property, the classes that shapes ask of its values."""


def usage(graph: KnowledgeGraph, folder: Folder) -> Usage:
    """The usage of all terms of a graph, read from its catalogue and the shapes of a folder."""
    found = Usage()
    for query in graph.catalogue.queries:
        for iri in _mentioned(query, graph):
            found.queries.setdefault(iri, []).append(query)
    shapes = ox.Store()
    for file in folder.files():
        if file.kind == "shapes":
            try:
                shapes.extend(ox.Quad(*quad.triple) for quad in parse(file))
            except ClusterGraphError:
                continue  # `validate` says what is wrong with it
    _read_shapes(shapes, found)
    return found


def _mentioned(query: SavedQuery, graph: KnowledgeGraph) -> Iterable[str]:
    found = {each.value for p in query.parameters.values() if (each := p.scheme or p.class_)}
    for token in query.outline.tokens:
        if token.kind is Kind.PREFIXED_NAME:
            known = {**graph.settings.prefixes, **query.outline.prefixes}
            found.add(expand(token.text.replace("\\", ""), known) or "")
        elif token.kind is Kind.IRI:
            found.add(token.text[1:-1])
    return found


def _read_shapes(store: ox.Store, found: Usage) -> None:
    owner: dict[Term, list[Term]] = {}
    for quad in store.quads_for_pattern(None, SH.property, None, None):
        owner.setdefault(quad.object, []).append(quad.subject)
    for predicate in (*_TARGETS, SH["class"], SH.path):
        for quad in store.quads_for_pattern(None, predicate, None, None):
            for term in _terms(store, quad.object):
                _add(store, found, owner, quad.subject, predicate, term)


def _add(
    store: ox.Store,
    found: Usage,
    owner: dict[Term, list[Term]],
    shape: Term,
    predicate: NamedNode,
    term: NamedNode,
) -> None:
    parents = owner.get(shape, [])
    if predicate in _TARGETS:
        parts = [part for p in (SH.property, SH.sparql) for part in _objects(store, shape, p)]
        check = Check(_literals(store, [shape], RDFS.label), _messages(store, [shape, *parts]))
    else:
        check = Check(_literals(store, [*parents, shape], RDFS.label), _messages(store, [shape]))
    known = found.checks.setdefault(term.value, [])
    if check not in known and (check.names or check.messages):
        known.append(check)
    if predicate == SH.path:
        targets = (_iris(store, parent, SH.targetClass) for parent in parents)
        found.owners.setdefault(term.value, set()).update(cls for classes in targets for cls in classes)
        found.ranges.setdefault(term.value, set()).update(_iris(store, shape, SH["class"]))


def _terms(store: ox.Store, node: Term, depth: int = 0) -> set[NamedNode]:
    """The IRIs in a target, a class or a path, whatever the path is made of."""
    if isinstance(node, NamedNode):
        return {node} - {RDF.nil}
    if not isinstance(node, BlankNode) or depth > _DEEPEST:
        return set()
    below = (quad.object for quad in store.quads_for_pattern(node, None, None, None))
    return {term for object in below for term in _terms(store, object, depth + 1)}


def _iris(store: ox.Store, subject: Term, predicate: NamedNode) -> set[NamedNode]:
    return {found for found in _objects(store, subject, predicate) if isinstance(found, NamedNode)}


def _objects(store: ox.Store, subject: Term, predicate: NamedNode) -> list[Term]:
    if not isinstance(subject, NamedNode | BlankNode):
        return []
    return [quad.object for quad in store.quads_for_pattern(subject, predicate, None, None)]


def _literals(store: ox.Store, subjects: Iterable[Term], predicate: NamedNode) -> tuple[Literal, ...]:
    """The literals of the first subject that has any."""
    for subject in subjects:
        found = [each for each in _objects(store, subject, predicate) if isinstance(each, Literal)]
        if found:
            return tuple(sorted(found, key=str))
    return ()


def _messages(store: ox.Store, subjects: Iterable[Term]) -> tuple[tuple[Literal, ...], ...]:
    each = (_literals(store, [subject], SH.message) for subject in subjects)
    return tuple(sorted((found for found in each if found), key=str))
