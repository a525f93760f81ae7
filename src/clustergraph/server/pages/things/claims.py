"""Figures and who says them: claims as rows, and what contradicts each other side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from clustergraph.server.pages.frame.inquiry import Row, iri
from clustergraph.server.pages.frame.names import Link, Name, Names, best
from clustergraph.server.pages.things.facts import literal_name
from clustergraph.settings import Vocabulary
from clustergraph.terms import Literal, NamedNode, Term

Said = Mapping[NamedNode, Sequence[Term]]


@dataclass(frozen=True)
class Part:
    """One part of a figure: a number, or a number under what it is (`minimum value`)."""

    text: Name
    of: Name | None = None


@dataclass(frozen=True)
class Claim:
    """A claim as a row: what it is about, the figure as it is said, when, by whom, and where it stands."""

    iri: NamedNode
    title: Link
    about: tuple[Link, ...]
    what: tuple[Link, ...]
    scope: tuple[Link, ...]
    qualifiers: tuple[Link, ...]
    figure: tuple[Part, ...]
    units: tuple[Link, ...]
    period: tuple[Link, ...]
    sources: tuple[Link, ...]
    locator: tuple[Name, ...]
    ranks: tuple[Link, ...]
    printed: tuple[Name, ...]
    dispute: int = 0


@dataclass(frozen=True)
class Dispute:
    """Claims that disagree, and the reason as far as it is known; numbered on its page."""

    number: int
    title: Link | None
    reasons: tuple[Name, ...]
    claims: tuple[Claim, ...]


class Claims:
    """Reads claims by the vocabulary of a graph; `said` is what each claim and comparison says of itself."""

    def __init__(self, vocabulary: Vocabulary, names: Names, rows: Iterable[Row]) -> None:
        self._vocabulary = vocabulary
        self._names = names
        self.said: dict[NamedNode, dict[NamedNode, list[Term]]] = {}
        for row in rows:
            claim, property = iri(row, "claim"), iri(row, "property")
            if claim is not None and property is not None and "object" in row:
                self.said.setdefault(claim, {}).setdefault(property, []).append(row["object"])

    def terms(self) -> set[Term]:
        """All terms that are to be named."""
        found: set[Term] = {*self.said, *self._vocabulary.figure}
        for said in self.said.values():
            for objects in said.values():
                found.update(objects)
        return found

    def claim(self, claim: NamedNode, dispute: int = 0) -> Claim:
        """A claim as a row."""
        said, vocabulary = self.said.get(claim, {}), self._vocabulary
        lines = self._names_of(said, (*vocabulary.first_line, *vocabulary.last_line))
        return Claim(
            iri=claim,
            title=Link(self._names.of(claim), self._names.places.page(claim.value)),
            about=self._links(said, vocabulary.about),
            what=self._links(said, vocabulary.indicator),
            scope=self._links(said, vocabulary.scope),
            qualifiers=self._links(said, vocabulary.qualifier),
            figure=self._figure(said),
            units=self._links(said, vocabulary.unit),
            period=self._links(said, vocabulary.period),
            sources=self._links(said, vocabulary.source[:1]) or self._links(said, vocabulary.source),
            locator=self._names_of(said, vocabulary.locator) or tuple(dict.fromkeys(lines)),
            ranks=self._links(said, vocabulary.rank),
            printed=self._names_of(said, vocabulary.source_form),
            dispute=dispute,
        )

    def in_order(self, claims: Iterable[NamedNode], disputes: Sequence[Dispute]) -> list[Claim]:
        """Claims as rows: those of one indicator together, by period, each with its dispute."""
        numbers: dict[NamedNode, int] = {}
        for dispute in disputes:
            for claim in dispute.claims:
                numbers.setdefault(claim.iri, dispute.number)
        rows = (self.claim(claim, numbers.get(claim, 0)) for claim in claims)
        return sorted(rows, key=_by_indicator)

    def disputes(self, rows: Iterable[Row]) -> list[Dispute]:
        """Which claims disagree: by the comparisons that name them, and in pairs that none names."""
        compared: dict[NamedNode, set[NamedNode]] = {}
        pairs: set[tuple[NamedNode, NamedNode]] = set()
        for row in rows:
            claim, other, comparison = iri(row, "claim"), iri(row, "other"), iri(row, "comparison")
            if claim is None or other is None or claim == other:
                continue
            if comparison is not None:
                compared.setdefault(comparison, set()).update((claim, other))
            else:
                pairs.add((claim, other))
        open_pairs = [p for p in pairs if not any(set(p) <= members for members in compared.values())]
        groups: list[tuple[NamedNode | None, set[NamedNode]]] = [*compared.items()]
        groups += [(None, members) for members in _connected(open_pairs)]
        groups.sort(key=lambda group: (group[0] is None, sorted(one.value for one in group[1])))
        return [self._dispute(number, *group) for number, group in enumerate(groups, 1)]

    def _dispute(self, number: int, comparison: NamedNode | None, members: set[NamedNode]) -> Dispute:
        claims = sorted((self.claim(one) for one in members), key=_by_indicator)
        if comparison is None:
            return Dispute(number, None, (), tuple(claims))
        said = self.said.get(comparison, {})
        literals = [o for p in self._vocabulary.reason for o in said.get(p, ()) if isinstance(o, Literal)]
        languages = self._names.places.settings.languages
        return Dispute(
            number,
            Link(self._names.of(comparison), self._names.places.page(comparison.value)),
            tuple(best(literals, self._names, languages)),
            tuple(claims),
        )

    def _figure(self, said: Said) -> tuple[Part, ...]:
        """The figure: a number, a range, or numbers each under its name."""
        found = [(p, o) for p in self._vocabulary.figure for o in said.get(p, ())]
        first = self._vocabulary.figure[:1]
        return tuple(
            Part(
                self._name(object),
                None
                if property in first or (len(found) == 1 and _is_date(object))
                else self._names.of(property),
            )
            for property, object in found
        )

    def _links(self, said: Said, properties: Iterable[NamedNode]) -> tuple[Link, ...]:
        found = dict.fromkeys(o for p in properties for o in said.get(p, ()))
        return tuple(
            self._names.link(o) if isinstance(o, NamedNode) else Link(literal_name(o)) for o in found
        )

    def _names_of(self, said: Said, properties: Iterable[NamedNode]) -> tuple[Name, ...]:
        return tuple(self._name(o) for p in properties for o in said.get(p, ()))

    def _name(self, term: Term) -> Name:
        return self._names.of(term) if isinstance(term, NamedNode) else literal_name(term)


def _is_date(term: Term) -> bool:
    return isinstance(term, Literal) and term.datatype.value.endswith(("#date", "#gYear", "#gYearMonth"))


def _by_indicator(claim: Claim) -> tuple[list[str], list[str], list[str], str]:
    def texts(links: Sequence[Link]) -> list[str]:
        return [link.name.text.casefold() for link in links]

    return texts(claim.what) or ["\uffff"], texts(claim.period), texts(claim.scope), claim.iri.value


def _connected(pairs: Iterable[tuple[NamedNode, NamedNode]]) -> list[set[NamedNode]]:
    """The components that the pairs make."""
    components: list[set[NamedNode]] = []
    for pair in pairs:
        touched = [c for c in components if c & set(pair)]
        components = [c for c in components if c not in touched]
        components.append(set(pair).union(*touched))
    return components
