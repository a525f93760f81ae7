"""Class expressions of a conclusion: what it takes to put a thing in one, or to keep it out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from clustergraph.inference.schema import cardinality
from clustergraph.terms import OWL, RDF, RDFS, XSD, BlankNode, Literal, NamedNode, Resource, Term, Triple

# The triples that define an anonymous expression, or an axiom of several members.
DEFINING = frozenset(
    {
        OWL.onProperty,
        OWL.onClass,
        OWL.onDataRange,
        OWL.someValuesFrom,
        OWL.allValuesFrom,
        OWL.hasValue,
        OWL.hasSelf,
        OWL.intersectionOf,
        OWL.unionOf,
        OWL.complementOf,
        OWL.oneOf,
        OWL.minCardinality,
        OWL.maxCardinality,
        OWL.cardinality,
        OWL.minQualifiedCardinality,
        OWL.maxQualifiedCardinality,
        OWL.qualifiedCardinality,
        OWL.members,
        OWL.distinctMembers,
        OWL.sourceIndividual,
        OWL.assertionProperty,
        OWL.targetIndividual,
        OWL.targetValue,
        OWL.annotatedSource,
        OWL.annotatedProperty,
        OWL.annotatedTarget,
        RDF.first,
        RDF.rest,
    }
)


class UnrefutableError(Exception):
    """A goal whose negation OWL 2 RL cannot say; met inside this room only."""


class Expressions:
    """The anonymous class expressions of a graph, and the fresh nodes that a negation needs."""

    def __init__(self, triples: Iterable[Triple]):
        self._of: dict[Term, dict[Term, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            self._of[triple.subject][triple.predicate].append(triple.object)
        self._fresh = 0
        self.nodes = frozenset(node for node in self._of if self._defines(node))

    def one(self, node: Term, predicate: NamedNode) -> Term | None:
        """The object of `predicate` at `node`, or None."""
        found = self._of[node][predicate] if node in self._of else []
        return found[0] if found else None

    def members(self, node: Term | None) -> Iterator[Term]:
        """The members of a list; one that is broken or circular cannot be refuted."""
        seen: set[Term] = set()
        while node is not None and node != RDF.nil:
            first = self.one(node, RDF.first)
            if first is None or node in seen:
                raise UnrefutableError
            seen.add(node)
            yield first
            node = self.one(node, RDF.rest)

    def fresh(self) -> BlankNode:
        """A blank node that no graph has."""
        self._fresh += 1
        return BlankNode(f"clustergraph-refutation-{self._fresh}")

    def member(self, kind: Term, thing: Resource) -> Iterator[Triple]:
        """Triples that say that `thing` is in the class or expression `kind`."""
        if kind not in self.nodes:
            yield Triple(thing, RDF.type, _resource(kind))
            return
        for one in self.members(self.one(kind, OWL.intersectionOf)):
            yield from self.member(one, thing)
        if (other := self.one(kind, OWL.complementOf)) is not None:
            yield from self.outsider(other, thing)
        if self.one(kind, OWL.unionOf) is not None or self.one(kind, OWL.oneOf) is not None:
            raise UnrefutableError  # a choice
        yield from self._restricted(kind, thing)

    def outsider(self, kind: Term, thing: Resource) -> Iterator[Triple]:
        """Triples that say that `thing` is not in `kind`."""
        if kind not in self.nodes:
            node = self.fresh()
            yield Triple(node, OWL.complementOf, _resource(kind))
            yield Triple(thing, RDF.type, node)
            return
        if (other := self.one(kind, OWL.complementOf)) is not None:
            yield from self.member(other, thing)
        elif (union := self.one(kind, OWL.unionOf)) is not None:
            for one in self.members(union):
                yield from self.outsider(one, thing)
        elif (one_of := self.one(kind, OWL.oneOf)) is not None:
            for one in self.members(one_of):
                yield Triple(thing, OWL.differentFrom, one)
        else:
            yield from self._unrestricted(kind, thing)

    def conjuncts(self, kind: Term) -> tuple[Term, ...]:
        """The classes that must all hold for `kind` to: its members where it is an intersection."""
        if kind in self.nodes and (parts := self.one(kind, OWL.intersectionOf)) is not None:
            return tuple(self.members(parts))
        return (kind,)

    def _restricted(self, kind: Term, thing: Resource) -> Iterator[Triple]:
        property = self.one(kind, OWL.onProperty)
        if not isinstance(property, NamedNode):
            if property is not None:
                raise UnrefutableError
            return
        if (filler := self.one(kind, OWL.someValuesFrom)) is not None:
            yield from self._some(property, filler, thing, 1)
        elif (value := self.one(kind, OWL.hasValue)) is not None:
            yield Triple(thing, property, value)
        elif (filler := self.one(kind, OWL.allValuesFrom)) is not None and filler not in self.nodes:
            yield from self._restriction(thing, property, OWL.allValuesFrom, filler)
        else:
            yield from self._counted(kind, property, thing)

    def _counted(self, kind: Term, property: NamedNode, thing: Resource) -> Iterator[Triple]:
        filler = self.one(kind, OWL.onClass) or OWL.Thing
        counts = {
            predicate: cardinality(found)
            for predicate in (OWL.minCardinality, OWL.minQualifiedCardinality, OWL.maxCardinality)
            if (found := self.one(kind, predicate)) is not None
        }
        if not counts:
            raise UnrefutableError
        for predicate, count in counts.items():
            if predicate == OWL.maxCardinality:
                yield from self._restriction(thing, property, OWL.maxCardinality, _number(count))
            else:
                yield from self._some(property, filler, thing, count or 0)

    def _unrestricted(self, kind: Term, thing: Resource) -> Iterator[Triple]:
        property = self.one(kind, OWL.onProperty)
        if not isinstance(property, NamedNode):
            raise UnrefutableError
        found: dict[NamedNode, Callable[[Term], Iterable[Triple]]] = {
            OWL.someValuesFrom: lambda filler: self._none(property, filler, thing),
            OWL.allValuesFrom: lambda filler: self._exception(property, filler, thing),
            OWL.hasValue: lambda value: self.denied(thing, property, value),
            OWL.minCardinality: lambda n: self._at_most(kind, property, thing, cardinality(n)),
            OWL.minQualifiedCardinality: lambda n: self._at_most(kind, property, thing, cardinality(n)),
            OWL.maxCardinality: lambda n: self._some(property, OWL.Thing, thing, 1 + (cardinality(n) or 0)),
            OWL.maxQualifiedCardinality: lambda n: self._some(
                property, self.one(kind, OWL.onClass) or OWL.Thing, thing, 1 + (cardinality(n) or 0)
            ),
        }
        for predicate, negation in found.items():
            if (argument := self.one(kind, predicate)) is not None:
                yield from negation(argument)
                return
        raise UnrefutableError

    def denied(self, subject: Resource, property: NamedNode, object: Term) -> Iterator[Triple]:
        """A negative property assertion."""
        node = self.fresh()
        target = OWL.targetValue if isinstance(object, Literal) else OWL.targetIndividual
        yield Triple(node, RDF.type, OWL.NegativePropertyAssertion)
        yield Triple(node, OWL.sourceIndividual, subject)
        yield Triple(node, OWL.assertionProperty, property)
        yield Triple(node, target, object)

    def _none(self, property: NamedNode, filler: Term, thing: Resource) -> Iterator[Triple]:
        """No value of the property is in `filler`."""
        if filler in self.nodes:
            raise UnrefutableError
        outside = self.fresh()
        yield Triple(outside, OWL.complementOf, _resource(filler))
        yield from self._restriction(thing, property, OWL.allValuesFrom, outside)

    def _exception(self, property: NamedNode, filler: Term, thing: Resource) -> Iterator[Triple]:
        """Some value of the property is not in `filler`."""
        value = self.fresh()
        yield Triple(thing, property, value)
        yield from self.outsider(filler, value)

    def _at_most(
        self, kind: Term, property: NamedNode, thing: Resource, minimum: int | None
    ) -> Iterator[Triple]:
        """Fewer than `minimum`, which OWL 2 RL can say of 1 and 2."""
        if minimum not in (1, 2):
            raise UnrefutableError
        most = _number(minimum - 1)
        filler = self.one(kind, OWL.onClass)
        if filler is None:
            yield from self._restriction(thing, property, OWL.maxCardinality, most)
            return
        node = self.fresh()
        yield from self._restriction(thing, property, OWL.maxQualifiedCardinality, most, node)
        yield Triple(node, OWL.onClass, filler)

    def _some(self, property: NamedNode, filler: Term, thing: Resource, count: int) -> Iterator[Triple]:
        """`count` values of the property in `filler`, all different."""
        values = [self.fresh() for _ in range(count)]
        for number, value in enumerate(values):
            yield Triple(thing, property, value)
            if filler != OWL.Thing:
                yield from self.member(filler, value)
            yield from (Triple(value, OWL.differentFrom, other) for other in values[:number])

    def _restriction(
        self,
        thing: Resource,
        property: NamedNode,
        predicate: NamedNode,
        argument: Term,
        node: BlankNode | None = None,
    ) -> Iterator[Triple]:
        node = node or self.fresh()
        yield Triple(node, OWL.onProperty, property)
        yield Triple(node, predicate, argument)
        yield Triple(thing, RDF.type, node)

    def _defines(self, node: Term) -> bool:
        if not isinstance(node, BlankNode):
            return False
        return any(predicate in DEFINING for predicate in self._of[node]) or any(
            kind in (OWL.Restriction, OWL.Class, RDFS.Class) for kind in self._of[node].get(RDF.type, ())
        )


def _resource(term: Term) -> Resource:
    if not isinstance(term, Resource):
        raise UnrefutableError
    return term


def _number(count: int | None) -> Literal:
    return Literal(str(count or 0), datatype=XSD.nonNegativeInteger)
