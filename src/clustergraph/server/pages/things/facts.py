"""What is said of a thing, in groups for a reader: properties in words, what follows marked as such."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from clustergraph.server.pages.frame.inquiry import Row, iri
from clustergraph.server.pages.frame.names import Link, Name, Names
from clustergraph.settings import Vocabulary
from clustergraph.sparql.kinds import NUMBERS
from clustergraph.terms import DCTERMS, RDF, RDFS, XSD, BlankNode, Literal, NamedNode, Term, Triple

# Rows of `facts.rq`.
LIMIT = 5000
# Values of a property that stand in sight; more stand folded below them, up to a number.
_IN_SIGHT = 8
_MOST = 200
_DATES = frozenset(
    XSD[name].value for name in ("date", "dateTime", "time", "gYear", "gYearMonth", "gMonth", "duration")
)
_ELSEWHERE = (DCTERMS.source, DCTERMS.identifier, DCTERMS.publisher, DCTERMS.license, RDFS.seeAlso)


@dataclass(frozen=True)
class Value:
    """One value: a link or a text, or what is said of a node without a name; `why` leads to the proof."""

    link: Link
    why: str = ""
    kind: str = "text"
    parts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Fact:
    """A property and its values; `follows` where none of them is stated."""

    relation: Link
    values: tuple[Value, ...]
    folded: tuple[Value, ...] = ()
    left: int = 0
    follows: bool = False

    @property
    def number(self) -> int:
        """How many values there are."""
        return len(self.values) + len(self.folded) + self.left


@dataclass(frozen=True)
class Group:
    """Facts of one sort; `title` is a class, or else `sort` is a word of the pages."""

    facts: tuple[Fact, ...]
    sort: str = ""
    title: Link | None = None


@dataclass
class Schema:
    """What the ontology says of the terms in use: domains of properties, broader classes of classes."""

    domains: dict[NamedNode, list[NamedNode]] = field(default_factory=dict)
    broader: dict[NamedNode, set[NamedNode]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Schema:
        """The schema in the rows of `schema.rq`."""
        found = cls()
        for row in rows:
            term, domain, broader = iri(row, "term"), iri(row, "domain"), iri(row, "broader")
            if term is not None and domain is not None:
                found.domains.setdefault(term, []).append(domain)
            if term is not None and broader is not None:
                found.broader.setdefault(term, set()).add(broader)
        return found

    def narrowest(self, classes: Iterable[NamedNode]) -> list[NamedNode]:
        """Those of the classes that are broader than none of the others."""
        given = list(classes)
        wide = {
            above
            for one in given
            for above in self.broader.get(one, ())
            if one not in self.broader.get(above, ())
        }
        return [one for one in given if one not in wide]

    def depth(self, term: NamedNode) -> int:
        """How many classes are broader."""
        return len(self.broader.get(term, ()))


class Description:
    """What rows of `facts.rq` say of a thing, by property; `stated` are those of them that files state.

    `is_cut` says that there may be more.
    """

    def __init__(self, thing: NamedNode, rows: Iterable[Row], stated: Iterable[Row]) -> None:
        self.thing = thing
        self.by_node: dict[Term, dict[NamedNode, list[Term]]] = {}
        given = list(rows)
        self.is_cut = len(given) == LIMIT
        for row in given:
            property = iri(row, "property")
            if property is not None and "object" in row:
                said = self.by_node.setdefault(row["node"], {}).setdefault(property, [])
                if row["object"] not in said:
                    said.append(row["object"])
        self.stated = {(row["property"], row["object"]) for row in stated if row["node"] == thing}

    @property
    def said(self) -> Mapping[NamedNode, list[Term]]:
        """The objects of the thing's own properties."""
        return self.by_node.get(self.thing, {})

    def literals(self, properties: Iterable[NamedNode]) -> list[Literal]:
        """The literals of the properties, in their order."""
        return [o for p in properties for o in self.said.get(p, ()) if isinstance(o, Literal)]

    def iris(self, property: NamedNode) -> list[NamedNode]:
        """The IRIs of a property."""
        return [o for o in self.said.get(property, ()) if isinstance(o, NamedNode)]

    def follows(self, property: NamedNode, object: Term) -> bool:
        """Whether a triple of the thing is inferred."""
        return (property, object) not in self.stated

    def place(self, property: NamedNode) -> tuple[bool, str]:
        """The place of a property among the others: those with something stated first."""
        return all(self.follows(property, object) for object in self.said[property]), property.value

    def terms(self) -> set[Term]:
        """All terms that are to be named."""
        found: set[Term] = set()
        for said in self.by_node.values():
            for property, objects in said.items():
                found |= {property, *objects}
        return found


@dataclass(frozen=True)
class Arrangement:
    """Arranges descriptions for a reader: which properties are shown elsewhere, and how all are named."""

    names: Names
    schema: Schema
    vocabulary: Vocabulary
    elsewhere: Container[NamedNode] = frozenset()

    def groups(self, description: Description) -> list[Group]:
        """The facts in their groups: by the class that a property is for, else by the sort of values."""
        kinds = set(description.iris(RDF.type))
        found: dict[tuple[int, str, NamedNode | None], list[Fact]] = {}
        for property, objects in description.said.items():
            if property in self.elsewhere:
                continue
            domains = [d for d in self.schema.domains.get(property, ()) if d in kinds]
            domain = min(domains, key=lambda d: (-self.schema.depth(d), d.value), default=None)
            key = (0, "", domain) if domain else (*self._sort(property, objects), None)
            found.setdefault(key, []).append(self._fact(description, property, objects))
        return [
            Group(tuple(sorted(facts, key=_in_order)), sort, self.names.term(domain) if domain else None)
            for (_, sort, domain), facts in sorted(found.items(), key=lambda item: self._place(*item[0]))
        ]

    def _place(self, rank: int, sort: str, domain: NamedNode | None) -> tuple[int, int, str]:
        return rank, -self.schema.depth(domain) if domain else 0, domain.value if domain else sort

    def _sort(self, property: NamedNode, objects: Sequence[Term]) -> tuple[int, str]:
        """The sort of a property's values, and its place on the page."""
        vocabulary = self.vocabulary
        if property in {*vocabulary.alternative_label, *vocabulary.hidden_label, *vocabulary.label}:
            return 4, "names"
        if property in {*vocabulary.source, *vocabulary.locator, *_ELSEWHERE}:
            return 5, "sources"
        kinds = {_kind(object) for object in objects}
        if kinds <= {"number", "date"}:
            return 1, "numbers"
        return (3, "links") if "link" in kinds else (2, "texts")

    def _fact(self, description: Description, property: NamedNode, objects: Sequence[Term]) -> Fact:
        shown = objects if property in self.vocabulary.alternative_label else self._readable(objects)
        values = sorted(
            (self._value(description, description.thing, property, object) for object in shown), key=_by_name
        )
        return Fact(
            self.names.term(property),
            tuple(values[:_IN_SIGHT]),
            tuple(values[_IN_SIGHT:_MOST]),
            max(0, len(values) - _MOST),
            follows=all(description.follows(property, object) for object in objects),
        )

    def _readable(self, objects: Sequence[Term]) -> list[Term]:
        """The objects without translations: texts in other languages, where the reader's has as many."""
        own = [o for o in objects if isinstance(o, Literal) and o.language == self.names.language]
        other = [o for o in objects if isinstance(o, Literal) and o.language and o not in own]
        languages = {o.language for o in other if isinstance(o, Literal)}
        if own and len(other) <= len(own) * len(languages):
            return [o for o in objects if o not in other]
        return list(objects)

    def _value(
        self, description: Description, node: NamedNode | BlankNode, property: NamedNode, object: Term
    ) -> Value:
        why = ""
        if node == description.thing and description.follows(property, object):
            why = self.names.places.why(Triple(node, property, object))
        if isinstance(object, NamedNode):
            return Value(self.names.link(object), why, "link")
        if isinstance(object, BlankNode):
            said = description.by_node.get(object, {}) if object != node else {}
            parts = tuple(
                Fact(
                    self.names.term(p),
                    tuple(self._plain(o) for o in self._readable(objects)[:_IN_SIGHT]),
                    left=max(0, len(objects) - _IN_SIGHT),
                )
                for p, objects in said.items()
                if p != RDF.type
            )
            return Value(Link(Name("")), "", "parts", parts)
        return Value(Link(literal_name(object)), why, _kind(object))

    def _plain(self, object: Term) -> Value:
        if isinstance(object, NamedNode):
            return Value(self.names.link(object), kind="link")
        return Value(Link(literal_name(object)), kind=_kind(object))


def literal_name(term: Term) -> Name:
    """A literal as it is read: numbers with their thousands, truth values and the rest as they are."""
    if not isinstance(term, Literal):
        return Name("…" if isinstance(term, BlankNode) else str(term))
    if _kind(term) == "number":
        return Name(number(term.value))
    return Name(term.value, term.language or "")


def number(text: str) -> str:
    """A number with its thousands apart.

    >>> number("6000000000"), number("-1234.50"), number("1E3")
    ('6,000,000,000', '-1,234.50', '1E3')
    """
    sign = text[:1] if text[:1] in "+-" else ""
    whole, dot, rest = text.removeprefix(sign).partition(".")
    if not whole.isdecimal() or not whole.isascii():
        return text
    return f"{sign}{int(whole):,}{dot}{rest}"


def _kind(term: Term) -> str:
    if not isinstance(term, Literal):
        return "link"
    if term.datatype.value in NUMBERS:
        return "number"
    return "date" if term.datatype.value in _DATES else "text"


def _by_name(value: Value) -> tuple[bool, str, float, str]:
    """What is stated first, then by number or name."""
    text = value.link.name.text
    try:
        figure = float(text.replace(",", "")) if value.kind == "number" else 0.0
    except ValueError:
        figure = 0.0
    return bool(value.why), value.link.name.language, figure, text.casefold()


def _in_order(fact: Fact) -> tuple[bool, bool, str]:
    """What is stated and short first."""
    return fact.follows, fact.number > _IN_SIGHT, fact.relation.name.text.casefold()
