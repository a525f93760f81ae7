"""Whether a graph follows from another: by the closure, else by refuting its negation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import pyoxigraph as ox

from clustergraph.inference import valuespace
from clustergraph.inference.closure import Proof
from clustergraph.inference.expression import DEFINING, Expressions, UnrefutableError
from clustergraph.inference.reasoner import Reasoner
from clustergraph.inference.refutation import negations
from clustergraph.store.embedded import EmbeddedStore
from clustergraph.terms import OWL, RDF, RDFS, BlankNode, DefaultGraph, NamedNode, Quad, Term, Triple

REFUTATION = "refutation"


@dataclass(frozen=True, slots=True)
class Entailed:
    """The answer to whether a conclusion follows from premises.

    `proofs` has one proof for each part of the conclusion that was proved; the root of one by
    refutation has the rule `refutation`, and below it the contradiction that its negation leads to.
    `missing` are the parts that do not follow; it is empty where all do.
    """

    proofs: tuple[Proof, ...]
    missing: tuple[Triple, ...] = ()

    @property
    def entailed(self) -> bool:
        """Whether every part of the conclusion follows."""
        return not self.missing

    def __bool__(self) -> bool:
        return self.entailed


# Where a term stands that makes it a class or a property (RDF-Based Semantics §5.2, §5.8), though no rule
# of the tables says so: as subject or object of these, or as the object of a type, or as a predicate.
_OF_CLASSES = (RDFS.subClassOf, OWL.equivalentClass, OWL.disjointWith, OWL.complementOf)
_OF_PROPERTIES = (RDFS.subPropertyOf, OWL.equivalentProperty, OWL.inverseOf, OWL.propertyDisjointWith)
_CLASS = (OWL.Class, RDFS.Class)
_PROPERTY = (OWL.ObjectProperty, RDF.Property)
_PROPERTY_KINDS = (
    OWL.TransitiveProperty,
    OWL.SymmetricProperty,
    OWL.AsymmetricProperty,
    OWL.IrreflexiveProperty,
    OWL.ReflexiveProperty,
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.DatatypeProperty,
    *_PROPERTY,
)
# Axioms of several members, and what each two of these say.
_PAIRWISE = {
    OWL.AllDifferent: OWL.differentFrom,
    OWL.AllDisjointClasses: OWL.disjointWith,
    OWL.AllDisjointProperties: OWL.propertyDisjointWith,
}


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that follows under OWL 2 and is not shown here, and why."""

    what: str
    reason: str


KNOWN_GAPS = (
    Gap(
        "axioms about owl:sameAs itself, such as a superproperty of it",
        "sameAs is not in the closure but in its representatives, where no rule reads it",
    ),
    Gap(
        "a class for literals: what prp-rng, cls-avf or cax-* would say of one",
        "RDF has no literals as subjects; values are checked against datatypes only",
    ),
    Gap(
        "hasValue, oneOf and keys over literals that are equal but of different datatypes",
        "Oxigraph joins literals as terms; dt-eq is used where values are compared (dt-diff)",
    ),
    Gap(
        "a negation that needs a choice: membership in a union or an enumeration, minima above 2",
        "the rules draw no conclusion from a disjunction",
    ),
    Gap(
        "functionality, subproperties and negations of data properties with a range",
        "the fresh individuals of a refutation are no literals",
    ),
    Gap(
        "owl:imports",
        "nothing is fetched; give the imported ontology with the premises",
    ),
)


def entails(premises: Iterable[Triple], conclusion: Iterable[Triple]) -> Entailed:
    """Whether `conclusion` follows from `premises` under OWL 2 RL, with proofs.

    Blank nodes of the conclusion are things that must exist, or class expressions. Everything follows
    from premises that contradict each other. Raises OntologyError for a malformed axiom.
    """
    return _Question(_stored(premises), _stored(conclusion)).answer()


def _stored(triples: Iterable[Triple]) -> tuple[Triple, ...]:
    """The triples as a store holds them, so that literals of both sides are written alike."""
    store = ox.Store()
    store.extend(Quad(*triple) for triple in triples)
    found = (quad.triple for quad in store.quads_for_pattern(None, None, None, DefaultGraph()))
    return tuple(sorted(found, key=str))


def _reason(triples: Iterable[Triple]) -> Reasoner:
    store = ox.Store()
    store.extend(Quad(*triple) for triple in triples)
    return Reasoner(EmbeddedStore(store), include_schema=True)


class _Question:
    """One conclusion over one set of premises."""

    def __init__(self, premises: Sequence[Triple], conclusion: Sequence[Triple]):
        self._premises = premises
        self._reasoner = _reason(premises)
        self._new = Expressions(conclusion)
        self._conclusion = [t for t in conclusion if (t.predicate, t.object) != (RDF.type, OWL.Ontology)]

    def answer(self) -> Entailed:
        clashes = self._reasoner.inconsistencies
        if clashes:
            return Entailed(tuple(clash.proof for clash in clashes if clash.proof is not None))
        proofs: list[Proof] = []
        missing: list[Triple] = []
        try:
            goals = tuple(self._goals())
        except UnrefutableError:
            return Entailed((), tuple(self._conclusion))
        existing = [goal for goal in goals if self._exists(goal)]
        for goal in goals:
            if goal not in existing:
                proof = self._prove(goal)
                if proof is None:
                    missing.append(goal)
                else:
                    proofs.append(proof)
        found = self._embed(existing, {})
        if found is None:
            return Entailed(tuple(proofs), (*missing, *existing))
        return Entailed((*proofs, *found), tuple(missing))

    def _goals(self) -> Iterator[Triple]:
        """The triples to prove: no definitions of expressions, axioms of several members as pairs."""
        for node in self._new.nodes:
            if self._new.one(node, RDF.first) is not None:
                tuple(self._new.members(node))  # a list that leads back into itself follows from nothing
        for triple in self._conclusion:
            if triple.subject not in self._new.nodes:
                yield triple
            elif triple.predicate == RDF.type and triple.object in _PAIRWISE:
                yield from self._pairs(triple)
            elif triple.predicate == RDF.type and triple.object == OWL.NegativePropertyAssertion:
                yield self._denial(triple.subject)
            elif triple.predicate not in DEFINING and triple.predicate != RDF.type:
                yield triple

    def _pairs(self, triple: Triple) -> Iterator[Triple]:
        relation = _PAIRWISE[triple.object]  # type: ignore[index]  # looked up by the caller
        heads = (self._new.one(triple.subject, p) for p in (OWL.members, OWL.distinctMembers))
        for head in heads:
            for one, other in combinations(self._new.members(head), 2):
                yield Triple(one, relation, other)  # type: ignore[arg-type]  # members are no literals

    def _denial(self, node: Term) -> Triple:
        """A goal that stands for a negative assertion: the triple under the marker `_DENIED`."""
        source, property = (self._new.one(node, p) for p in (OWL.sourceIndividual, OWL.assertionProperty))
        if source is None or not isinstance(property, NamedNode):
            raise UnrefutableError
        return Triple(node, _DENIED, property)  # type: ignore[arg-type]  # a blank node

    def _exists(self, goal: Triple) -> bool:
        """Whether `goal` asks for something that exists: a blank node that is no expression."""
        return any(isinstance(t, BlankNode) and t not in self._new.nodes for t in goal)

    def _prove(self, goal: Triple) -> Proof | None:
        if goal.predicate == _DENIED:
            return self._refute(goal, ((self._asserted(goal.subject),),))
        if goal in self._reasoner:
            return self._reasoner.prove(goal)
        return self._by_meaning(goal) or self._refute(goal, negations(goal, self._new))

    def _asserted(self, node: Term) -> Triple:
        target = self._new.one(node, OWL.targetIndividual) or self._new.one(node, OWL.targetValue)
        terms = (
            self._new.one(node, OWL.sourceIndividual),
            self._new.one(node, OWL.assertionProperty),
            target,
        )
        return Triple(*terms)  # type: ignore[arg-type]  # `_denial` looked

    def _by_meaning(self, goal: Triple) -> Proof | None:
        """What holds by the meaning of the vocabulary, without a rule of the tables."""
        subject, predicate, object = goal
        if predicate == RDF.type and object in (OWL.Thing, OWL.NamedIndividual, RDFS.Resource):
            return Proof(goal, "rdfs-resource")
        if predicate == RDF.type and object in (*_CLASS, *_PROPERTY):
            use = self._use_as_class(subject) if object in _CLASS else self._use_as_property(subject)
            return None if use is None else self._resting("owl-vocabulary", goal, use)
        if predicate == RDFS.range and isinstance(object, NamedNode):
            return self._range(goal, object)
        if subject == object:
            reflexive = Triple(predicate, RDF.type, OWL.ReflexiveProperty)
            return self._resting("owl-reflexive", goal, reflexive) if reflexive in self._reasoner else None
        return None

    def _use_as_class(self, term: Term) -> Triple | None:
        """A triple of the closure that makes `term` a class, or None."""
        patterns: list[tuple[Term | None, NamedNode, Term | None]] = [(None, RDF.type, term)]
        patterns += [(term, RDF.type, kind) for kind in _CLASS]
        patterns += [(None, relation, term) for relation in (RDFS.domain, RDFS.range, *_OF_CLASSES)]
        patterns += [(term, relation, None) for relation in _OF_CLASSES]
        return self._first(patterns)

    def _use_as_property(self, term: Term) -> Triple | None:
        """A triple of the closure that makes `term` a property, or None."""
        patterns: list[tuple[Term | None, Term, Term | None]] = [(None, term, None)]
        patterns += [(term, RDF.type, kind) for kind in _PROPERTY_KINDS]
        patterns += [(term, relation, None) for relation in (RDFS.domain, RDFS.range, *_OF_PROPERTIES)]
        patterns += [(None, relation, term) for relation in (OWL.onProperty, *_OF_PROPERTIES)]
        return self._first(patterns)

    def _first(self, patterns: Iterable[tuple[Term | None, Term, Term | None]]) -> Triple | None:
        found = (triple for pattern in patterns for triple in self._reasoner.matching(*pattern))
        return next(found, None)

    def _range(self, goal: Triple, datatype: NamedNode) -> Proof | None:
        """A range that all values of the known ranges lie in, by the value spaces."""
        known = list(self._reasoner.matching(goal.subject, RDFS.range, None))
        ranges = [t.object for t in known if isinstance(t.object, NamedNode)]
        if datatype in valuespace.DATATYPES and valuespace.intersection_below(ranges, datatype):
            return self._resting("dt-value-space", goal, *known)
        return None

    def _resting(self, rule: str, goal: Triple, *premises: Triple) -> Proof:
        proofs = (self._reasoner.prove(premise) for premise in premises)
        return Proof(goal, rule, (), tuple(proof for proof in proofs if proof is not None))

    def _refute(self, goal: Triple, ways: Iterable[tuple[Triple, ...]]) -> Proof | None:
        clashes: list[Proof] = []
        for negation in ways:
            found = _reason((*self._premises, *negation)).inconsistencies
            if not found or found[0].proof is None:
                return None
            clashes.append(found[0].proof)
        return Proof(goal, REFUTATION, (), tuple(clashes)) if clashes else None

    def _embed(self, goals: Sequence[Triple], binding: dict[Term, Term]) -> tuple[Proof, ...] | None:
        """Proofs of `goals` with things put for their blank nodes, or None where none fit all."""
        if not goals:
            return ()
        goal, *rest = sorted(goals, key=lambda one: sum(t in self._open(one, binding) for t in one))
        open_terms = self._open(goal, binding)
        terms = [None if t in open_terms else binding.get(t, t) for t in goal]
        for triple in self._reasoner.matching(*terms):
            extended = dict(binding)
            fits = all(
                extended.setdefault(t, f) == f for t, f in zip(goal, triple, strict=True) if t in open_terms
            )
            if fits and (proofs := self._embed(rest, extended)) is not None:
                proof = self._reasoner.prove(triple)
                return (proof, *proofs) if proof is not None else proofs
        return None

    def _open(self, goal: Triple, binding: dict[Term, Term]) -> set[Term]:
        return {t for t in goal if isinstance(t, BlankNode) and t not in binding}


_DENIED = NamedNode("urn:x-clustergraph:denied")
