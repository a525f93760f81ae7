"""What terms are called on a page, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clustergraph.server.pages.frame.inquiry import Inquiry
from clustergraph.server.pages.frame.places import Places, outward
from clustergraph.server.pages.frame.words import Reader
from clustergraph.terms import Literal, NamedNode, Term


@dataclass(frozen=True)
class Name:
    """A text and its language; `language` is empty for a text without one."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class Link:
    """What a reader may follow; `href` is empty where no browser can."""

    name: Name
    href: str = ""
    is_foreign: bool = False


class Names:
    """The names of terms, each in the language of the reader where it has one."""

    def __init__(self, reading: Reader, languages: Sequence[str], places: Places) -> None:
        tags = dict.fromkeys((reading.language, "", *languages))
        self._order = {tag: rank for rank, tag in enumerate(tags)}
        self._found: dict[NamedNode, dict[str, tuple[int, str]]] = {}
        self._words = reading.words
        self.language = reading.language
        self.places = places

    async def learn(self, inquiry: Inquiry, terms: Iterable[Term]) -> None:
        """Ask for the names of those of the terms that are not known yet."""
        naming = inquiry.state.graph.settings.vocabulary.label
        wanted = {term for term in terms if isinstance(term, NamedNode)} - self._found.keys()
        found = await inquiry.literals(wanted, naming)
        self._found.update((term, {}) for term in wanted)
        for term, how, name in found:
            self.add(term, naming.index(how), name)

    def add(self, term: NamedNode, rank: int, name: Literal) -> None:
        """Take a name in; of several in one language the lowest rank wins, then the first by text."""
        found = self._found.setdefault(term, {})
        tag = name.language or ""
        found[tag] = min(found.get(tag, (rank, name.value)), (rank, name.value))

    def knows(self, term: NamedNode) -> bool:
        """Whether a term has a name of its own."""
        return bool(self._found.get(term))

    def all(self, term: NamedNode) -> list[Name]:
        """The term's name in each language, the reader's own first."""
        found = self._found.get(term, {})
        tags = sorted(found, key=lambda tag: (self._order.get(tag, len(self._order)), tag))
        return [Name(found[tag][1], tag) for tag in tags]

    def of(self, term: NamedNode) -> Name:
        """The term's name: in the reader's language, without one, in another, else its short IRI.

        Terms of the standard vocabularies, which graphs use but do not name, have names of ours.
        """
        if named := self.all(term):
            return named[0]
        short = self.places.short(term.value)
        return Name(self._words.get(f"term:{short}", short))

    def link(self, term: NamedNode) -> Link:
        """A link to a thing: to its page here, or to where it is where this graph only mentions it."""
        if self.knows(term) or self.places.is_own(term.value):
            return Link(self.of(term), self.places.page(term.value))
        return Link(self.of(term), outward(term.value), is_foreign=True)

    def term(self, term: NamedNode) -> Link:
        """A link to what the ontology says of a class or property."""
        return Link(self.of(term), self.places.term(term.value))


def best(literals: Iterable[Literal], names: Names, languages: Sequence[str]) -> list[Name]:
    """The texts in the reader's language; where there are none, those of the first language with some."""
    by_language = _by_language(literals)
    for tag in (names.language, "", *languages, *sorted(by_language)):
        if by_language.get(tag):
            return by_language[tag]
    return []


def _by_language(literals: Iterable[Literal]) -> dict[str, list[Name]]:
    found: dict[str, list[Name]] = {}
    for literal in literals:
        found.setdefault(literal.language or "", []).append(Name(literal.value, literal.language or ""))
    return found
