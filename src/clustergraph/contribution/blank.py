"""Blank nodes by their content, so that those of two editions can be told to be the same."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping

from clustergraph.terms import BlankNode, Quad, Term, Triple, notation

# Blank nodes that refer to each other in a circle are told apart by what is this many steps away.
_ROUNDS = 8

Contents = Mapping[BlankNode, BlankNode]
"""For blank nodes of one edition, the ones that stand for their content in every edition."""


def contents(quads: Iterable[Quad]) -> Contents:
    """Blank nodes whose labels are made of what is said of the originals.

    Two nodes of the same content get the same label: what counts them counts quads, not labels.
    """
    said: defaultdict[BlankNode, set[tuple[str, Term]]] = defaultdict(set)
    for quad in quads:
        if isinstance(quad.subject, BlankNode):
            said[quad.subject].add((str(quad.predicate), quad.object))
        for term in (quad.object, quad.graph_name):
            if isinstance(term, BlankNode):
                said.setdefault(term, set())
    known: dict[BlankNode, str] = {}
    for node in _settled_first(said):
        known[node] = _digest(said[node], known)
    circular = [node for node in said if node not in known]
    for _ in range(_ROUNDS if circular else 0):
        known |= {node: _digest(said[node], known) for node in circular}
    return {node: BlankNode(f"c{digest}") for node, digest in known.items()}


def by_content(term: Term, known: Contents) -> Term:
    """The term with its blank nodes replaced by those that stand for their content."""
    if isinstance(term, BlankNode):
        return known.get(term, term)
    return triple_by_content(term, known) if isinstance(term, Triple) else term


def triple_by_content(triple: Triple, known: Contents) -> Triple:
    """The triple with its blank nodes replaced by those that stand for their content."""
    subject, object = triple.subject, triple.object
    if isinstance(subject, BlankNode):
        subject = known.get(subject, subject)
    return Triple(subject, triple.predicate, by_content(object, known))


def quad_by_content(quad: Quad, known: Contents) -> Quad:
    """The quad with its blank nodes replaced by those that stand for their content."""
    if not known:
        return quad
    triple, graph = triple_by_content(quad.triple, known), quad.graph_name
    if isinstance(graph, BlankNode):
        graph = known.get(graph, graph)
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def _settled_first(said: Mapping[BlankNode, set[tuple[str, Term]]]) -> Iterable[BlankNode]:
    """The nodes that are in no circle and lead to none, each after those that it refers to."""
    waiting: dict[BlankNode, int] = {}
    referring: defaultdict[BlankNode, list[BlankNode]] = defaultdict(list)
    for node, pairs in said.items():
        below = {object for _, object in pairs if isinstance(object, BlankNode)}
        waiting[node] = len(below)
        for object in below:
            referring[object].append(node)
    ready = [node for node, count in waiting.items() if not count]
    while ready:
        node = ready.pop()
        yield node
        for above in referring[node]:
            waiting[above] -= 1
            if not waiting[above]:
                ready.append(above)


def _digest(pairs: set[tuple[str, Term]], known: Mapping[BlankNode, str]) -> str:
    lines = sorted(
        f"{predicate} {known.get(o, '') if isinstance(o, BlankNode) else notation(o)}"
        for predicate, o in pairs
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
