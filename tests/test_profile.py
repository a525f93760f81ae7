"""The profile: our axioms keep to OWL 2 RL (OWL 2 Profiles §4.2), and a checker that would notice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from clustergraph.terms import OWL, RDF, RDFS, NamedNode, Term

ROOT = Path(__file__).parent.parent
ONTOLOGY = [ROOT / "ontology" / name for name in ("clustergraph.ttl", "axioms.ttl")]
PREFIXES = {"owl": str(OWL), "rdfs": str(RDFS), "": "http://example.org/"}

# What no OWL 2 RL ontology holds, in any position.
FORBIDDEN = {
    OWL.cardinality,
    OWL.datatypeComplementOf,
    OWL.disjointUnionOf,
    OWL.hasSelf,
    OWL.minCardinality,
    OWL.minQualifiedCardinality,
    OWL.onDatatype,
    OWL.onProperties,
    OWL.qualifiedCardinality,
}
# What a class expression is made of, and where it may stand.
SUB = {OWL.intersectionOf, OWL.unionOf, OWL.oneOf, OWL.someValuesFrom, OWL.hasValue}
SUPER = {
    OWL.intersectionOf,
    OWL.complementOf,
    OWL.allValuesFrom,
    OWL.hasValue,
    OWL.maxCardinality,
    OWL.maxQualifiedCardinality,
}
EQUIVALENT = {OWL.intersectionOf, OWL.hasValue}
# Axioms that OWL 2 (§11.2) forbids on a property that is transitive or defined by a chain.
FOR_SIMPLE_PROPERTIES = {
    OWL.AsymmetricProperty,
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
}


class Profile:
    """The parts of an ontology that are outside of the profile, each as a sentence."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.store = ox.Store()
        self.store.extend(ox.Quad(*triple) for triple in triples)

    def triples(
        self, s: Term | None, p: NamedNode | None, o: Term | None
    ) -> Iterator[tuple[Term, Term, Term]]:
        for quad in self.store.quads_for_pattern(s, p, o):
            yield quad.subject, quad.predicate, quad.object

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        return [o for _, _, o in self.triples(subject, predicate, None)]

    def members(self, head: Term) -> Iterator[Term]:
        while head != RDF.nil:
            yield self.objects(head, RDF.first)[0]
            head = self.objects(head, RDF.rest)[0]

    def problems(self) -> list[str]:
        return [*self._forbidden(), *self._positions(), *self._composite(), *self._irregular()]

    def _forbidden(self) -> Iterator[str]:
        for s, p, _ in self.triples(None, None, None):
            if p in FORBIDDEN:
                yield f"{p} on {s}"
        for s, _, _ in self.triples(None, RDF.type, OWL.ReflexiveProperty):
            yield f"{s} is reflexive"

    def _positions(self) -> Iterator[str]:
        for s, _, o in self.triples(None, RDFS.subClassOf, None):
            yield from self._expression(s, SUB)
            yield from self._expression(o, SUPER)
        for s, _, o in self.triples(None, OWL.equivalentClass, None):
            yield from self._expression(s, EQUIVALENT)
            yield from self._expression(o, EQUIVALENT)
        for predicate in (RDFS.domain, RDFS.range):
            for _, _, o in self.triples(None, predicate, None):
                yield from self._expression(o, SUPER)
        for s, _, o in self.triples(None, OWL.disjointWith, None):
            yield from self._expression(s, SUB)
            yield from self._expression(o, SUB)
        for s, _, _ in self.triples(None, RDF.type, OWL.AllDisjointClasses):
            for member in self.members(self.objects(s, OWL.members)[0]):
                yield from self._expression(member, SUB)

    def _expression(self, node: Term, allowed: set[NamedNode]) -> Iterator[str]:
        """What is wrong with a class expression in a position where only these constructs may stand."""
        if isinstance(node, NamedNode):
            if node == OWL.Thing:
                yield "owl:Thing stands for a class"
            return
        constructs = [p for _, p, _ in self.triples(node, None, None) if p in SUB | SUPER]
        if len(constructs) != 1:
            yield f"{node} is no class expression"
        for construct in constructs:
            if construct not in allowed:
                yield f"{construct} stands where the profile does not allow it"
            yield from self._parts(node, construct, allowed)

    def _parts(self, node: Term, construct: NamedNode, allowed: set[NamedNode]) -> Iterator[str]:
        (value,) = self.objects(node, construct)
        if construct in {OWL.intersectionOf, OWL.unionOf}:
            for member in self.members(value):
                yield from self._expression(member, allowed)
        elif construct == OWL.someValuesFrom and value != OWL.Thing:
            yield from self._expression(value, SUB)
        elif construct == OWL.allValuesFrom:
            yield from self._expression(value, SUPER)
        elif construct == OWL.complementOf:
            yield from self._expression(value, SUB)
        elif construct in {OWL.maxCardinality, OWL.maxQualifiedCardinality}:
            if str(getattr(value, "value", "")) not in {"0", "1"}:
                yield f"a maximum of {value} is neither 0 nor 1"
            for filler in self.objects(node, OWL.onClass):
                if filler != OWL.Thing:
                    yield from self._expression(filler, SUB)

    def composite(self) -> set[Term]:
        """The properties that are not simple: transitive, of a chain, above such a one or its inverse."""
        found = {s for s, _, _ in self.triples(None, RDF.type, OWL.TransitiveProperty)}
        found |= {s for s, _, _ in self.triples(None, OWL.propertyChainAxiom, None)}
        before: set[Term] = set()
        while found != before:
            before = set(found)
            found |= {o for s, _, o in self.triples(None, RDFS.subPropertyOf, None) if s in found}
            for s, _, o in self.triples(None, OWL.inverseOf, None):
                found |= {s, o} if {s, o} & found else set()
        return found

    def _composite(self) -> Iterator[str]:
        for node in self.composite():
            yield from (
                f"{node} is composite and {t}"
                for t in self.objects(node, RDF.type)
                if t in FOR_SIMPLE_PROPERTIES
            )
            for restriction, _, _ in self.triples(None, OWL.onProperty, node):
                for construct in (OWL.maxCardinality, OWL.maxQualifiedCardinality):
                    if self.objects(restriction, construct):
                        yield f"{node} is composite and has a cardinality"
            for _, _, other in self.triples(node, OWL.propertyDisjointWith, None):
                yield f"{node} is composite and disjoint with {other}"

    def _irregular(self) -> Iterator[str]:
        """Cycles of the order that chains need (§11.2): the parts of a chain come before what it gives."""
        above: dict[Term, set[Term]] = defaultdict(set)
        name: dict[Term, Term] = {}
        for s, _, o in self.triples(None, OWL.inverseOf, None):
            name[s] = name.get(o, o)  # a property and its inverse have one place in the order
        for whole, _, head in self.triples(None, OWL.propertyChainAxiom, None):
            chain = list(self.members(head))
            inner = chain[1:] if chain[0] == whole else chain[:-1] if chain[-1] == whole else chain
            if whole in inner:
                yield f"{whole} stands inside of its own chain"
            for part in inner:
                above[name.get(part, part)].add(name.get(whole, whole))
        for part, _, whole in self.triples(None, RDFS.subPropertyOf, None):
            above[name.get(part, part)].add(name.get(whole, whole))
        for start in list(above):
            reached, todo = set(), list(above[start])
            while todo:
                node = todo.pop()
                if node not in reached:
                    reached.add(node)
                    todo += above[node]
            if start in reached:
                yield f"{start} comes before itself"


def ontology() -> Iterator[ox.Triple]:
    for path in ONTOLOGY:
        yield from (quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE))


def turtle(text: str) -> Iterator[ox.Triple]:
    head = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    yield from (quad.triple for quad in ox.parse(input=head + text, format=ox.RdfFormat.TURTLE))


def test_our_axioms_are_owl_2_rl() -> None:
    assert Profile(ontology()).problems() == []


@pytest.mark.parametrize(
    "axioms",
    [
        ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ] .",
        ":A rdfs:subClassOf [ owl:unionOf ( :B :C ) ] .",
        "[ a owl:Restriction ; owl:onProperty :p ; owl:allValuesFrom :B ] rdfs:subClassOf :A .",
        ":A owl:equivalentClass [ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom :B ] .",
        ":A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:oneOf ( :x ) ] ) ] .",
        ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:minCardinality 1 ] .",
        ":A rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; owl:maxCardinality 2 ] .",
        ":p a owl:ReflexiveProperty .",
        ":A owl:disjointUnionOf ( :B :C ) .",
        ":p a owl:TransitiveProperty , owl:AsymmetricProperty .",
        ":p owl:propertyChainAxiom ( :q :r ) . :p rdfs:subPropertyOf :s . :s a owl:FunctionalProperty .",
        ":p owl:propertyChainAxiom ( :q :r ) ; owl:inverseOf :s . :s a owl:IrreflexiveProperty .",
        ":p a owl:TransitiveProperty . :A rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 1 ] .",
        ":p owl:propertyChainAxiom ( :q :r ) . :q owl:propertyChainAxiom ( :p :r ) .",
        ":p owl:propertyChainAxiom ( :q :p :r ) .",
        ":p rdfs:domain [ owl:unionOf ( :A :B ) ] .",
        ":A rdfs:subClassOf owl:Thing .",
    ],
)
def test_axiom_outside_of_the_profile_is_noticed(axioms: str) -> None:
    assert Profile(turtle(axioms)).problems()


@pytest.mark.parametrize(
    "axioms",
    [
        "[ a owl:Restriction ; owl:onProperty :p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :A .",
        "[ owl:unionOf ( :A [ owl:oneOf ( :x ) ] ) ] rdfs:subClassOf :B .",
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:maxQualifiedCardinality 1 ; owl:onClass :B ] .",
        ":A rdfs:subClassOf [ owl:complementOf [ owl:unionOf ( :B :C ) ] ] .",
        ":A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:onProperty :p ; owl:hasValue :x ] ) ] .",
        ":p a owl:AsymmetricProperty ; rdfs:subPropertyOf :q . :q a owl:TransitiveProperty .",
        ":p owl:propertyChainAxiom ( :q :p ) . :p owl:propertyChainAxiom ( :r :s ) .",
    ],
)
def test_axiom_within_the_profile_is_not_complained_of(axioms: str) -> None:
    assert Profile(turtle(axioms)).problems() == []
