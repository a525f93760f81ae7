"""The negation of a goal, as triples: when they contradict the premises, the goal follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from clustergraph.inference.expression import Expressions, UnrefutableError
from clustergraph.terms import OWL, RDF, RDFS, Literal, NamedNode, Resource, Term, Triple

Negation = tuple[Triple, ...]


def negations(goal: Triple, expressions: Expressions) -> tuple[Negation, ...]:
    """Sets of triples; `goal` follows from premises that each of them contradicts.

    Empty where OWL 2 RL cannot say the negation.
    """
    subject, predicate, object = goal
    try:
        if predicate == RDF.type:
            return tuple(map(tuple, _type(subject, object, expressions)))
        if predicate in _AXIOMS:
            return tuple(map(tuple, _AXIOMS[predicate](subject, object, expressions)))
        if predicate.value.startswith((str(OWL), str(RDFS), str(RDF))):
            return ()
        return (tuple(expressions.denied(subject, predicate, object)),)
    except UnrefutableError:
        return ()


Parts = Iterator[Iterator[Triple] | tuple[Triple, ...] | list[Triple]]


def _type(subject: Resource, kind: Term, new: Expressions) -> Parts:
    if isinstance(kind, NamedNode) and kind in _CHARACTERISTICS:
        if not isinstance(subject, NamedNode):
            raise UnrefutableError
        yield _CHARACTERISTICS[kind](subject, new)
    elif isinstance(kind, NamedNode) and kind.value.startswith((str(OWL), str(RDFS), str(RDF))):
        raise UnrefutableError  # a declaration
    else:
        yield from (new.outsider(part, subject) for part in new.conjuncts(kind))


def _sub_class(low: Resource, high: Term, new: Expressions) -> Parts:
    for part in new.conjuncts(high):
        thing = new.fresh()
        yield [*new.member(low, thing), *new.outsider(part, thing)]


def _equivalent_class(one: Resource, other: Term, new: Expressions) -> Parts:
    yield from _sub_class(one, other, new)
    yield from _sub_class(_named(other), one, new)


def _disjoint_classes(one: Resource, other: Term, new: Expressions) -> Parts:
    thing = new.fresh()
    yield [*new.member(one, thing), *new.member(other, thing)]


def _sub_property(low: Resource, high: Term, new: Expressions) -> Parts:
    one, other = new.fresh(), new.fresh()
    yield [Triple(one, _property(low), other), *new.denied(one, _property(high), other)]


def _equivalent_property(one: Resource, other: Term, new: Expressions) -> Parts:
    yield from _sub_property(one, other, new)
    yield from _sub_property(_named(other), one, new)


def _inverse(one: Resource, other: Term, new: Expressions) -> Parts:
    for forth, back in ((one, other), (other, one)):
        left, right = new.fresh(), new.fresh()
        yield [Triple(left, _property(forth), right), *new.denied(right, _property(back), left)]


def _disjoint_properties(one: Resource, other: Term, new: Expressions) -> Parts:
    left, right = new.fresh(), new.fresh()
    yield [Triple(left, _property(one), right), Triple(left, _property(other), right)]


def _domain(property: Resource, kind: Term, new: Expressions) -> Parts:
    for part in new.conjuncts(kind):
        left, right = new.fresh(), new.fresh()
        yield [Triple(left, _property(property), right), *new.outsider(part, left)]


def _range(property: Resource, kind: Term, new: Expressions) -> Parts:
    for part in new.conjuncts(kind):
        left, right = new.fresh(), new.fresh()
        yield [Triple(left, _property(property), right), *new.outsider(part, right)]


def _chain(property: Resource, chain: Term, new: Expressions) -> Parts:
    links = [_property(member) for member in new.members(chain)]
    nodes = [new.fresh() for _ in range(len(links) + 1)]
    path = [Triple(nodes[n], link, nodes[n + 1]) for n, link in enumerate(links)]
    yield [*path, *new.denied(nodes[0], _property(property), nodes[-1])]


def _same(one: Resource, other: Term, new: Expressions) -> Parts:
    yield (Triple(one, OWL.differentFrom, _named(other)),)


def _different(one: Resource, other: Term, new: Expressions) -> Parts:
    yield (Triple(one, OWL.sameAs, _named(other)),)


_AXIOMS: dict[NamedNode, Callable[[Resource, Term, Expressions], Parts]] = {
    RDFS.subClassOf: _sub_class,
    OWL.equivalentClass: _equivalent_class,
    OWL.disjointWith: _disjoint_classes,
    RDFS.subPropertyOf: _sub_property,
    OWL.equivalentProperty: _equivalent_property,
    OWL.inverseOf: _inverse,
    OWL.propertyDisjointWith: _disjoint_properties,
    RDFS.domain: _domain,
    RDFS.range: _range,
    OWL.propertyChainAxiom: _chain,
    OWL.sameAs: _same,
    OWL.differentFrom: _different,
}


def _transitive(p: NamedNode, new: Expressions) -> list[Triple]:
    a, b, c = new.fresh(), new.fresh(), new.fresh()
    return [Triple(a, p, b), Triple(b, p, c), *new.denied(a, p, c)]


def _symmetric(p: NamedNode, new: Expressions) -> list[Triple]:
    a, b = new.fresh(), new.fresh()
    return [Triple(a, p, b), *new.denied(b, p, a)]


def _asymmetric(p: NamedNode, new: Expressions) -> list[Triple]:
    a, b = new.fresh(), new.fresh()
    return [Triple(a, p, b), Triple(b, p, a)]


def _irreflexive(p: NamedNode, new: Expressions) -> list[Triple]:
    a = new.fresh()
    return [Triple(a, p, a)]


def _reflexive(p: NamedNode, new: Expressions) -> list[Triple]:
    a = new.fresh()
    return [*new.denied(a, p, a)]


def _functional(p: NamedNode, new: Expressions) -> list[Triple]:
    a, b, c = new.fresh(), new.fresh(), new.fresh()
    return [Triple(a, p, b), Triple(a, p, c), Triple(b, OWL.differentFrom, c)]


def _inverse_functional(p: NamedNode, new: Expressions) -> list[Triple]:
    a, b, c = new.fresh(), new.fresh(), new.fresh()
    return [Triple(b, p, a), Triple(c, p, a), Triple(b, OWL.differentFrom, c)]


_CHARACTERISTICS: dict[NamedNode, Callable[[NamedNode, Expressions], list[Triple]]] = {
    OWL.TransitiveProperty: _transitive,
    OWL.SymmetricProperty: _symmetric,
    OWL.AsymmetricProperty: _asymmetric,
    OWL.IrreflexiveProperty: _irreflexive,
    OWL.ReflexiveProperty: _reflexive,
    OWL.FunctionalProperty: _functional,
    OWL.InverseFunctionalProperty: _inverse_functional,
}


def _named(term: Term) -> Resource:
    if isinstance(term, Literal | Triple):
        raise UnrefutableError
    return term


def _property(term: Term) -> NamedNode:
    if not isinstance(term, NamedNode):
        raise UnrefutableError
    return term
