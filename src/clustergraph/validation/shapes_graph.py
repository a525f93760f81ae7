"""The shapes graph as an index, and the reading of its lists and paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clustergraph.errors import ShapesError
from clustergraph.terms import RDF, SH, BlankNode, Literal, NamedNode, Resource, Term, Triple
from clustergraph.validation.paths import Alternative, Inverse, Path, Repeated, Sequence

_REPETITIONS = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}
# Deeper than any path that a person writes, and well within what the engine's parser bears.
_DEEPEST = 50


class ShapesGraph:
    """The triples of a shapes graph, literals as written, found by subject and by object."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.triples = tuple(dict.fromkeys(triples))
        self._subjects: dict[Term, dict[NamedNode, list[Term]]] = {}
        self._objects: dict[NamedNode, dict[Term, list[Resource]]] = {}
        for subject, predicate, object in self.triples:
            if isinstance(subject, NamedNode | BlankNode):
                self._subjects.setdefault(subject, {}).setdefault(predicate, []).append(object)
                self._objects.setdefault(predicate, {}).setdefault(object, []).append(subject)

    def objects(self, subject: Term, predicate: NamedNode) -> tuple[Term, ...]:
        """The objects of a subject's predicate, in the order of the graph."""
        return tuple(self._subjects.get(subject, {}).get(predicate, ()))

    def one(self, subject: Term, predicate: NamedNode) -> Term | None:
        """The object where there is exactly one, else None."""
        found = self.objects(subject, predicate)
        return found[0] if len(found) == 1 else None

    def predicates(self, subject: Term) -> tuple[NamedNode, ...]:
        """The predicates of a subject."""
        return tuple(self._subjects.get(subject, ()))

    def subjects(self, predicate: NamedNode, object: Term | None = None) -> tuple[Resource, ...]:
        """The subjects that have the predicate, with this object where one is given."""
        found = self._objects.get(predicate, {})
        if object is not None:
            return tuple(found.get(object, ()))
        return tuple(dict.fromkeys(subject for subjects in found.values() for subject in subjects))

    def instances(self, cls: NamedNode, subclass: NamedNode) -> Iterator[Resource]:
        """The nodes typed as the class, or as one below it by `subclass`."""
        pending: list[Term] = [cls]
        seen: set[Term] = set()
        while pending:
            current = pending.pop()
            if current not in seen:
                seen.add(current)
                yield from self.subjects(RDF.type, current)
                pending.extend(self.subjects(subclass, current))

    def members(self, head: Term) -> tuple[Term, ...] | None:
        """The members of an RDF list, or None where it is not well-formed."""
        found: list[Term] = []
        seen: set[Term] = set()
        while head != RDF.nil:
            first, rest = self.one(head, RDF.first), self.one(head, RDF.rest)
            if first is None or rest is None or head in seen:
                return None
            seen.add(head)
            found.append(first)
            head = rest
        return tuple(found)

    def path(self, node: Term, shape: str) -> Path:
        """The property path at the node (SHACL §2.3.1); raises ShapesError where it is ill-formed."""
        return self._path(node, shape, frozenset())

    def _path(self, node: Term, shape: str, around: frozenset[Term]) -> Path:
        if isinstance(node, NamedNode):
            return node
        if isinstance(node, Literal) or node in around:
            raise ShapesError(shape, "the property path is a literal or contains itself", "sh:path")
        around |= {node}
        if len(around) > _DEEPEST:
            raise ShapesError(shape, f"the property path is nested more than {_DEEPEST} deep", "sh:path")
        if self.objects(node, RDF.first):
            members = self.members(node)
            if members is None or len(members) < 2:
                raise ShapesError(shape, "a sequence path needs a list of two steps or more", "sh:path")
            return Sequence(tuple(self._path(step, shape, around) for step in members))
        return self._combined(node, shape, around)

    def _combined(self, node: Term, shape: str, around: frozenset[Term]) -> Path:
        """The path at a node that is no predicate and no list."""
        if (branches := self.one(node, SH.alternativePath)) is not None:
            members = self.members(branches)
            if members is None or len(members) < 2:
                raise ShapesError(shape, "sh:alternativePath needs a list of two paths or more", "sh:path")
            return Alternative(tuple(self._path(branch, shape, around) for branch in members))
        if (inverse := self.one(node, SH.inversePath)) is not None:
            return Inverse(self._path(inverse, shape, around))
        for predicate, modifier in _REPETITIONS.items():
            if (inner := self.one(node, predicate)) is not None:
                return Repeated(self._path(inner, shape, around), modifier)
        raise ShapesError(shape, "the property path is ill-formed", "sh:path")
