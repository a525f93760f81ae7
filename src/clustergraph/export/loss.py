"""What an export did not carry: what went in, compared with what can be read back.

A syntax is compared triple by triple. In another vocabulary, or a table, a triple counts as carried
where what is read back connects the same two, by whatever property: thing and thing in either
direction, a thing and a text or number that is said of the other thing, or thing and text or number.
So nothing is declared to be carried; it is found, or it is lost. What the comparison cannot tell apart
are two equal numbers or texts of one thing.
"""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from clustergraph.export.rows import Row, Rows
from clustergraph.export.text import RDF_TYPE, is_blank, is_iri, is_literal, literal_parts, local_name, plain
from clustergraph.settings import Settings
from clustergraph.terms import compact

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
# What is printed of long lists; the JSON has all of the terms.
_PRINTED = 6
_NAMED = 50
_LONGEST_NAME = 100
# Hashes are sorted in so many parts, of which one at a time is a list.
_PARTS = 256


@dataclass(frozen=True)
class Lost:
    """How many of those that went in cannot be read back."""

    name: str
    given: int
    lost: int
    mapping: str = ""
    """How a term is mapped: `exactMatch`, `closeMatch`, …; empty where it is not."""


@dataclass(frozen=True)
class Loss:
    """What was lost: terms with their counts, kinds of information, links that lead nowhere."""

    profile: str
    given: int
    carried: int
    terms: tuple[Lost, ...] = ()
    kinds: tuple[Lost, ...] = ()
    """Ranks, sources, languages, graphs and what else the folder counts apart."""
    dangling: tuple[tuple[str, int], ...] = ()
    """Things of the graph that the export links to and says nothing of, with the number of links."""

    @property
    def none(self) -> bool:
        """Whether nothing was lost."""
        return not (self.terms or self.dangling or any(kind.lost for kind in self.kinds))

    def with_dangling(self, links: tuple[tuple[str, int], ...]) -> Loss:
        """The same report with the links that lead nowhere."""
        return replace(self, dangling=links)

    def json(self) -> bytes:
        """The report as JSON."""
        described = {
            "profile": self.profile,
            "triples": {"given": self.given, "carried": self.carried, "lost": self.given - self.carried},
            "kinds": {kind.name: {"given": kind.given, "lost": kind.lost} for kind in self.kinds},
            "terms": [
                {"term": term.name, "given": term.given, "lost": term.lost, "mapping": term.mapping or None}
                for term in self.terms
            ],
            "dangling": {
                "things": len(self.dangling),
                "links": sum(count for _, count in self.dangling),
                "most": [{"iri": iri, "links": count} for iri, count in self.dangling[:_NAMED]],
            },
        }
        return json.dumps(described, ensure_ascii=False, indent=2).encode() + b"\n"

    def summary(self) -> list[str]:
        """The report in a few lines."""
        if self.none:
            return [f"{self.profile}: nothing is lost of {self.given:,} triples"]
        lines = [f"{self.profile}: {self.carried:,} of {self.given:,} triples are carried"]
        lost = [f"{kind.name} {kind.lost:,} of {kind.given:,}" for kind in self.kinds if kind.lost]
        if lost:
            lines.append("lost: " + ", ".join(lost))
        if self.terms:
            most = [f"{term.name} {term.lost:,}" for term in self.terms[:_PRINTED]]
            rest = len(self.terms) - len(most)
            more = f" and {rest} more" if rest else ""
            lines.append(f"terms that lost most: {', '.join(most)}{more}")
        if self.dangling:
            links = sum(count for _, count in self.dangling)
            lines.append(f"{links:,} links lead to {len(self.dangling):,} things that are not described")
        return lines


class _Hashes:
    """Hashes as often as they were given, in a few bytes each, so that millions are no burden."""

    def __init__(self, given: Iterable[int]) -> None:
        parts = [array("q") for _ in range(_PARTS)]
        for one in given:
            parts[one % _PARTS].append(one)
        self._parts = [array("q", sorted(part)) for part in parts]

    @cached_property
    def _taken(self) -> list[array[int]]:
        """How many of the same hash are gone, at the place of the first."""
        return [array("L", bytes(len(part) * array("L").itemsize)) for part in self._parts]

    def __contains__(self, one: int) -> bool:
        part = self._parts[one % _PARTS]
        place = bisect_left(part, one)
        return place < len(part) and part[place] == one

    def take(self, one: int) -> bool:
        """Whether there is one left, which is gone then."""
        part, taken = self._parts[one % _PARTS], self._taken[one % _PARTS]
        place = bisect_left(part, one)
        if place == len(part):
            return False
        found = place + taken[place]
        taken[place] += found < len(part) and part[found] == one
        return found < len(part) and part[found] == one


class Exact:
    """What is read back of a syntax, compared triple by triple; blank nodes only by what they bear."""

    def __init__(self, back: Iterable[Row], *, graphs: bool) -> None:
        self.by_graph = graphs
        self._left = _Hashes(self._key(row) for row in back)

    def carries(self, row: Row) -> bool:
        """Whether the row is there; each that is read back answers for one that went in."""
        return self._left.take(self._key(row))

    def names_graph(self, row: Row) -> bool:
        """Whether the graph of the row can be told."""
        return self.by_graph or not row[3]

    def names_language(self, row: Row) -> bool:
        """Whether the language of a literal can be told, where the row is carried."""
        return bool(row)

    def _key(self, row: Row) -> int:
        subject, predicate, object, graph = row
        if is_literal(object) and object[-1] not in '">':
            value, at, tag = object.rpartition("@")
            object = value + at + tag.lower()
        return hash(
            (
                "_:" if is_blank(subject) else subject,
                predicate,
                "_:" if is_blank(object) else object,
                graph if self.by_graph else "",
            )
        )


class Connected:
    """What is read back of another vocabulary or of tables: which things and texts are connected."""

    def __init__(self, back: Iterable[Row], given: Rows) -> None:
        self._pairs = _Hashes(_connections(back))
        far = {
            object
            for subject, predicate, object, _ in given
            if predicate != RDF_TYPE and not is_literal(object) and not self._near(subject, object)
        }
        self._names = _names_of(far, given)

    def carries(self, row: Row) -> bool:
        """Whether the two ends of the row are connected."""
        subject, predicate, object, _ = row
        if predicate == RDF_TYPE:
            return hash((plain(subject),)) in self._pairs
        return any(hash(pair) in self._pairs for pair in self._ends(subject, object))

    def names_graph(self, row: Row) -> bool:
        """Whether they are connected in the graph of the row."""
        subject, _, object, graph = row
        if not graph:
            return True
        return any(hash((*pair, plain(graph))) in self._pairs for pair in self._ends(subject, object))

    def names_language(self, row: Row) -> bool:
        """Whether the text is there in its language."""
        subject, _, object, _ = row
        tag = literal_parts(object).language.lower()
        return hash((plain(subject), _meant(object), "@", tag)) in self._pairs

    def _near(self, subject: str, object: str) -> bool:
        """Whether two things are connected by themselves, not by a text that names one."""
        one, other = plain(subject), plain(object)
        return hash((one, other)) in self._pairs or hash((other, one)) in self._pairs

    def _ends(self, subject: str, object: str) -> Iterable[tuple[str, str]]:
        yield plain(subject), _meant(object)
        if not is_literal(object):
            yield plain(object), _meant(subject)
            for name in self._names.get(object, ()):
                yield plain(subject), name


def _connections(back: Iterable[Row]) -> Iterator[int]:
    """Hashes of what has a type, and of the pairs that are connected, also in a graph and a language."""
    for subject, predicate, object, graph in back:
        if predicate == RDF_TYPE:
            yield hash((plain(subject),))
        pair = (plain(subject), _meant(object))
        yield hash(pair)
        if graph:
            yield hash((*pair, plain(graph)))
        if is_literal(object) and (tag := literal_parts(object).language):
            yield hash((*pair, "@", tag.lower()))


def _meant(term: str) -> str:
    """What a term says, numbers in one spelling."""
    text = plain(term)
    if is_literal(term) and _NUMBER.fullmatch(text):
        return f"{Decimal(text).normalize():f}" if len(text) < 40 else text
    return text


def _names_of(things: set[str], rows: Rows) -> dict[str, tuple[str, ...]]:
    """The texts that can stand for things in place of their IRIs: what is said of them, their names' ends."""
    found: dict[str, tuple[str, ...]] = {}
    for subject, _, object, _ in rows:
        if subject not in things or not is_iri(subject):
            continue
        if subject not in found:
            local = local_name(subject[1:-1])
            found[subject] = (local, local.upper())
        if is_literal(object) and len(object) < _LONGEST_NAME:
            found[subject] = (*found[subject], _meant(object))
    return found


def loss(
    profile: str,
    given: Rows,
    found: Exact | Connected,
    kinds: Mapping[str, frozenset[str]],
    *,
    settings: Settings,
    mapping: Mapping[str, str],
) -> Loss:
    """The loss of an export: rows that went in against what was found when it was read back.

    `kinds` are properties to count together; `mapping` says how a term is mapped.
    """
    tally = _Tally(kinds)
    for row in given:
        tally.count(row, found)
    terms = [
        Lost(_short(term, settings), tally.given[term], lost, mapping.get(term, ""))
        for term, lost in sorted(tally.lost.items(), key=lambda one: (-one[1], one[0]))
    ]
    counted = [Lost(name, tally.kinds[name], tally.lost_kinds[name]) for name in tally.order]
    return Loss(profile, tally.rows, tally.carried, tuple(terms), tuple(counted))


class _Tally:
    """Counts of what went in and what was lost."""

    def __init__(self, kinds: Mapping[str, frozenset[str]]) -> None:
        self.by_property: dict[str, list[str]] = {}
        for kind, properties in kinds.items():
            for one in properties:
                self.by_property.setdefault(one, []).append(kind)
        self.order = [*kinds, "languages", "graphs"]
        self.rows = self.carried = 0
        self.given: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.lost_kinds: Counter[str] = Counter()
        self._last: tuple[tuple[str, str, str], bool] = (("", "", ""), False)

    def count(self, row: Row, found: Exact | Connected) -> None:
        """Take a row into account; a triple in several graphs is one triple."""
        triple = row[:3]
        again = triple == self._last[0]
        carried = self._last[1] if again and not self._by_graph(found) else found.carries(row)
        self._last = (triple, carried)
        self._kind("graphs", lost=not (carried and found.names_graph(row)), counts=bool(row[3]))
        if again:
            return
        term = row[2] if row[1] == RDF_TYPE and is_iri(row[2]) else row[1]
        self.rows += 1
        self.carried += carried
        self.given[term] += 1
        if not carried:
            self.lost[term] += 1
        for kind in self.by_property.get(row[1], ()):
            self._kind(kind, lost=not carried)
        if is_literal(row[2]) and literal_parts(row[2]).language:
            self._kind("languages", lost=not (carried and found.names_language(row)))

    def _kind(self, kind: str, *, lost: bool, counts: bool = True) -> None:
        if counts:
            self.kinds[kind] += 1
            self.lost_kinds[kind] += lost

    @staticmethod
    def _by_graph(found: Exact | Connected) -> bool:
        return isinstance(found, Exact) and found.by_graph


class Links:
    """Watches what is read back for links to things that are not described."""

    def __init__(self, things: frozenset[str]) -> None:
        self._things = things
        self._described: set[str] = set()
        self._links: Counter[str] = Counter()

    def passing(self, back: Iterable[Row]) -> Iterator[Row]:
        """The rows, which are taken into account."""
        last = ""
        for row in back:
            subject, predicate, object, _ = row
            if subject != last:
                self._described.add(subject)
                last = subject
            if predicate != RDF_TYPE and object in self._things:
                self._links[object] += 1
            yield row

    @property
    def dangling(self) -> tuple[tuple[str, int], ...]:
        """The things, by the number of links to them."""
        left = ((iri[1:-1], count) for iri, count in self._links.items() if iri not in self._described)
        return tuple(sorted(left, key=lambda one: (-one[1], one[0])))


def _short(term: str, settings: Settings) -> str:
    return compact(term[1:-1], settings.prefixes) or term[1:-1]
