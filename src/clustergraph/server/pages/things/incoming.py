"""What points to a thing: how much by each property, and one page of it by property and kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clustergraph.server.pages.frame.inquiry import Inquiry, Row, iri, text
from clustergraph.server.pages.frame.names import Link, Name, Names
from clustergraph.terms import BlankNode, NamedNode, Term, Triple

# Rows of `links.rq` on a page.
SIZE = 100


@dataclass(frozen=True)
class Count:
    """How many subjects a property leads from, and one of them."""

    number: int
    example: NamedNode | None


@dataclass(frozen=True)
class Source:
    """One thing that points here; `why` leads to the proof where it follows."""

    link: Link
    why: str = ""


@dataclass(frozen=True)
class Kind:
    """The things of one kind that point here by one property."""

    kind: Link | None
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Arrow:
    """A property that leads here, and from what."""

    property: Link
    kinds: tuple[Kind, ...]


@dataclass(frozen=True)
class Pointing:
    """One page of what points to a thing."""

    thing: NamedNode
    links: tuple[tuple[NamedNode, Term], ...]
    kinds: dict[Term, NamedNode]
    stated: frozenset[tuple[Term, Term]]

    def grouped(self, names: Names) -> list[Arrow]:
        """The links by property and kind, in the reader's words."""
        found: dict[NamedNode, dict[NamedNode | None, list[Source]]] = {}
        for property, subject in self.links:
            group = found.setdefault(property, {}).setdefault(self.kinds.get(subject), [])
            group.append(self._source(names, property, subject))
        return [
            Arrow(
                names.term(property),
                tuple(
                    Kind(names.term(kind) if kind else None, tuple(sorted(sources, key=_by_name)))
                    for kind, sources in sorted(
                        kinds.items(), key=lambda item: names.of(item[0]).text if item[0] else "\uffff"
                    )
                ),
            )
            for property, kinds in sorted(found.items(), key=lambda item: names.of(item[0]).text.casefold())
        ]

    def _source(self, names: Names, property: NamedNode, subject: Term) -> Source:
        if isinstance(subject, BlankNode) or not isinstance(subject, NamedNode):
            return Source(Link(Name("[ ]")))
        if (property, subject) in self.stated:
            return Source(names.link(subject))
        return Source(names.link(subject), names.places.why(Triple(subject, property, self.thing)))


def counts(rows: Iterable[Row]) -> dict[NamedNode, Count]:
    """The rows of `pointing.rq` by property; the most pointing first."""
    found = {}
    for row in sorted(rows, key=lambda row: (-int(text(row, "subjects")), str(row["property"]))):
        property, first = iri(row, "property"), text(row, "first")
        if property is not None:
            example = NamedNode(first) if ":" in first and not first.startswith("_:") else None
            found[property] = Count(int(text(row, "subjects")), example)
    return found


async def page(inquiry: Inquiry, thing: NamedNode, names: Names, number: int) -> Pointing:
    """One page of what points to the thing, its terms named."""
    rows = await inquiry.rows("links", {"thing": [thing]}, offset=(number - 1) * SIZE)
    links = tuple((property, row["subject"]) for row in rows if (property := iri(row, "property")))
    subjects = sorted({subject for _, subject in links if isinstance(subject, NamedNode)}, key=str)
    kinds: dict[Term, NamedNode] = {}
    stated: frozenset[tuple[Term, Term]] = frozenset()
    if subjects:
        for row in await inquiry.rows("kinds", {"subject": subjects}):
            if kind := iri(row, "kind"):
                kinds.setdefault(row["subject"], kind)
        bound = {"thing": [thing], "subject": subjects}
        known = await inquiry.rows("stated", bound, entailment="none")
        stated = frozenset((row["property"], row["subject"]) for row in known)
    await names.learn(inquiry, {*subjects, *kinds.values(), *(property for property, _ in links)})
    return Pointing(thing, links, kinds, stated)


def _by_name(source: Source) -> tuple[bool, str]:
    return bool(source.why), source.link.name.text.casefold()
