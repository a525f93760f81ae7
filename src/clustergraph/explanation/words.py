"""Axioms in words, with the labels that the ontology gives its terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from clustergraph.settings import Settings
from clustergraph.store import EmbeddedStore
from clustergraph.store.labels import labels
from clustergraph.terms import (
    OWL,
    RDF,
    RDFS,
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Term,
    Triple,
    compact,
)

# By language, what each predicate says of subject {s} and object {o}.
_SENTENCES: Mapping[str, Mapping[NamedNode, str]] = {
    "en": {
        RDFS.subClassOf: "every {s} is a {o}",
        RDFS.subPropertyOf: "{s} is a kind of {o}",
        RDFS.domain: "what has {s} is a {o}",
        RDFS.range: "what {s} points to is a {o}",
        OWL.inverseOf: "{s} is the inverse of {o}",
        OWL.equivalentClass: "{s} is the same class as {o}",
        OWL.equivalentProperty: "{s} is the same property as {o}",
        OWL.propertyChainAxiom: "{o} together mean {s}",
        OWL.disjointWith: "no {s} is a {o}",
        OWL.propertyDisjointWith: "{s} and {o} never hold together",
        OWL.complementOf: "{s} is what is no {o}",
        OWL.sameAs: "{s} is the same thing as {o}",
        OWL.differentFrom: "{s} and {o} are different things",
        OWL.hasKey: "{s} is identified by {o}",
    },
    "ja": {
        RDFS.subClassOf: "{s}はすべて{o}である",
        RDFS.subPropertyOf: "{s}は{o}の一種である",
        RDFS.domain: "{s}をもつものは{o}である",
        RDFS.range: "{s}が指すものは{o}である",
        OWL.inverseOf: "{s}は{o}の逆である",
        OWL.equivalentClass: "{s}は{o}と同じクラスである",
        OWL.equivalentProperty: "{s}は{o}と同じプロパティである",
        OWL.propertyChainAxiom: "{o}をたどると{s}になる",
        OWL.disjointWith: "{s}は{o}ではない",
        OWL.propertyDisjointWith: "{s}と{o}は同時に成り立たない",
        OWL.complementOf: "{s}は{o}でないものである",
        OWL.sameAs: "{s}は{o}と同じものである",
        OWL.differentFrom: "{s}と{o}は別のものである",
        OWL.hasKey: "{s}は{o}で識別される",
    },
}
_KINDS: Mapping[str, Mapping[NamedNode, str]] = {
    "en": {
        OWL.TransitiveProperty: "{s} is transitive",
        OWL.SymmetricProperty: "{s} is symmetric",
        OWL.AsymmetricProperty: "{s} never holds in both directions",
        OWL.IrreflexiveProperty: "nothing has {s} to itself",
        OWL.FunctionalProperty: "a thing has one {s} at most",
        OWL.InverseFunctionalProperty: "{s} identifies what has it",
        OWL.AllDisjointClasses: "no two of {o} share an instance",
        OWL.AllDisjointProperties: "no two of {o} hold together",
        OWL.AllDifferent: "{o} are different things",
    },
    "ja": {
        OWL.TransitiveProperty: "{s}は推移的である",
        OWL.SymmetricProperty: "{s}は対称である",
        OWL.AsymmetricProperty: "{s}は双方向には成り立たない",
        OWL.IrreflexiveProperty: "{s}が自分自身を指すことはない",
        OWL.FunctionalProperty: "{s}はひとつだけである",
        OWL.InverseFunctionalProperty: "{s}はそれをもつものを識別する",
        OWL.AllDisjointClasses: "{o}のいずれの二つも個体を共有しない",
        OWL.AllDisjointProperties: "{o}のいずれの二つも同時に成り立たない",
        OWL.AllDifferent: "{o}は別のものである",
    },
}
# How the parts of a class expression are said; the first predicate that a node has decides.
_EXPRESSIONS: Mapping[str, Sequence[tuple[NamedNode, str]]] = {
    "en": (
        (OWL.hasValue, "thing with {p} {o}"),
        (OWL.someValuesFrom, "thing with some {p} that is a {o}"),
        (OWL.allValuesFrom, "thing with only {o} as {p}"),
        (OWL.maxQualifiedCardinality, "thing with {o} {p} at most"),
        (OWL.maxCardinality, "thing with {o} {p} at most"),
        (OWL.intersectionOf, "{o}"),
        (OWL.unionOf, "{o}"),
        (OWL.oneOf, "one of {o}"),
        (OWL.complementOf, "what is no {o}"),
        (OWL.inverseOf, "inverse of {o}"),
    ),
    "ja": (
        (OWL.hasValue, "{p}が{o}であるもの"),
        (OWL.someValuesFrom, "{p}に{o}をもつもの"),
        (OWL.allValuesFrom, "{p}がすべて{o}であるもの"),
        (OWL.maxQualifiedCardinality, "{p}が{o}以下のもの"),
        (OWL.maxCardinality, "{p}が{o}以下のもの"),
        (OWL.intersectionOf, "{o}"),
        (OWL.unionOf, "{o}"),
        (OWL.oneOf, "{o}のいずれか"),
        (OWL.complementOf, "{o}でないもの"),
        (OWL.inverseOf, "{o}の逆"),
    ),
}
_JOINED = {
    "en": {OWL.unionOf: " or ", OWL.propertyChainAxiom: ", then ", OWL.oneOf: " or ", OWL.members: ", "},
    "ja": {OWL.unionOf: "または", OWL.propertyChainAxiom: "、つぎに", OWL.oneOf: "、", OWL.members: "、"},
}
_AND = {"en": " and ", "ja": "かつ"}
_QUOTED = {"en": "“{}”", "ja": "「{}」"}
_DEEPEST = 6


class Axioms:
    """Says the axioms of one graph, in English or Japanese (English for any other language)."""

    def __init__(self, store: EmbeddedStore, settings: Settings, language: str) -> None:
        self._store = store
        self._settings = settings
        self.language = language if language in _SENTENCES else "en"
        self._label = cache(self._find_label)

    def in_words(self, axiom: Triple) -> str:
        """What the axiom says; one that has no words here is shown as a triple."""
        subject, predicate, object = axiom
        assert isinstance(predicate, NamedNode)  # as in every triple
        if predicate == RDF.type and isinstance(object, NamedNode):
            kind = _KINDS[self.language].get(object)
            if kind is not None:
                members = self._first(subject, OWL.members) or self._first(subject, OWL.distinctMembers)
                listed = self.name(members, joined_for=OWL.members) if members else ""
                return kind.format(s=self.name(subject), o=listed)
        sentence = _SENTENCES[self.language].get(predicate)
        if sentence is None and isinstance(subject, BlankNode):
            # One part of a class expression; the whole says more.
            return self.name(subject)
        if sentence is None:
            return " ".join(self.name(term) for term in axiom)
        return sentence.format(s=self.name(subject), o=self.name(object, joined_for=predicate))

    def about(self, term: NamedNode) -> list[str]:
        """What the axioms that name a class or property say, its own before those of others."""
        own = self._store.native.quads_for_pattern(term, None, None, DefaultGraph())
        axioms = [quad.triple for quad in own]
        for predicate in (OWL.inverseOf, RDFS.subPropertyOf, OWL.disjointWith, OWL.equivalentClass):
            found = self._store.native.quads_for_pattern(None, predicate, term, DefaultGraph())
            axioms += [quad.triple for quad in found]
        axioms += [axiom for head in self._heads(term) for axiom in self._lists(head)]
        said = (self.in_words(axiom) for axiom in axioms if self._has_words(axiom))
        return list(dict.fromkeys(said))

    def _has_words(self, axiom: Triple) -> bool:
        if axiom.predicate == RDF.type:
            return axiom.object in _KINDS[self.language]
        return axiom.predicate in _SENTENCES[self.language]

    def _heads(self, term: Term) -> list[BlankNode]:
        """The heads of the lists that a term is a member of."""
        found = self._store.native.quads_for_pattern(None, RDF.first, term, DefaultGraph())
        heads = []
        for node in (quad.subject for quad in found):
            seen: set[Term] = set()
            head: Term | None = node
            while isinstance(head, BlankNode) and head not in seen:
                seen.add(head)
                before = self._store.native.quads_for_pattern(None, RDF.rest, head, DefaultGraph())
                above = next((quad.subject for quad in before), None)
                if above is None:
                    heads.append(head)
                head = above
        return heads

    def _lists(self, head: BlankNode) -> list[Triple]:
        """The axioms that have a list: a chain, or what is said of its members together."""
        leading = self._store.native.quads_for_pattern(None, None, head, DefaultGraph())
        found = [quad.triple for quad in leading]
        axioms = [triple for triple in found if triple.predicate == OWL.propertyChainAxiom]
        for triple in found:
            if triple.predicate in {OWL.members, OWL.distinctMembers}:
                own = self._store.native.quads_for_pattern(triple.subject, RDF.type, None, DefaultGraph())
                axioms += [quad.triple for quad in own]
        return axioms

    def shown(self, term: Term) -> str:
        """A term as in Turtle; a blank node that is a class expression in words, in brackets."""
        if isinstance(term, BlankNode):
            words = self.name(term)
            return words if words.startswith("_:") else f"[{words}]"
        return self._short(term)

    def name(self, term: Term, *, joined_for: NamedNode | None = None, depth: int = 0) -> str:
        """The label of a term in quotes, an expression in words, a list joined as `joined_for` reads."""
        if isinstance(term, Literal):
            return term.value
        if isinstance(term, BlankNode) and depth < _DEEPEST:
            items = self._items(term)
            if items:
                glue = _JOINED[self.language].get(joined_for) if joined_for else None
                return (glue or _AND[self.language]).join(self.name(i, depth=depth + 1) for i in items)
            return self._expression(term, depth)
        label = self._label(term)
        return _QUOTED[self.language].format(label) if label else self._short(term)

    def _expression(self, node: BlankNode, depth: int) -> str:
        for predicate, phrase in _EXPRESSIONS[self.language]:
            filler = self._first(node, predicate)
            if filler is not None:
                on = self._first(node, OWL.onProperty)
                return phrase.format(
                    p=self.name(on, depth=depth + 1) if on else "",
                    o=self.name(filler, joined_for=predicate, depth=depth + 1),
                )
        return self._short(node)

    def _items(self, node: BlankNode) -> list[Term]:
        items: list[Term] = []
        seen: set[Term] = set()
        rest: Term | None = node
        while isinstance(rest, BlankNode) and rest not in seen:
            seen.add(rest)
            first = self._first(rest, RDF.first)
            if first is None:
                break
            items.append(first)
            rest = self._first(rest, RDF.rest)
        return items

    def _first(self, subject: Term, predicate: NamedNode) -> Term | None:
        if not isinstance(subject, NamedNode | BlankNode):
            return None
        found = self._store.native.quads_for_pattern(subject, predicate, None, None)
        return next((quad.object for quad in found), None)

    def _find_label(self, term: Term) -> str:
        if not isinstance(term, NamedNode):
            return ""
        texts: dict[str, str] = {}
        for label in labels(self._store, term, self._settings.vocabulary.label):
            texts.setdefault(label.language or "", label.value)
        return self._settings.text(texts, self.language)

    def _short(self, term: Term) -> str:
        if isinstance(term, NamedNode):
            return compact(term.value, self._settings.prefixes) or str(term)
        return str(term)
