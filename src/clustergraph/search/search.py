"""Searching an index: what has the words of a text, else what is like it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from clustergraph.errors import ArgumentError, near_misses
from clustergraph.search.build import DEFINITION, LABEL, statement
from clustergraph.search.distance import nearest, tolerated
from clustergraph.search.folding import fold, fold_with_places, short_grams, trigrams
from clustergraph.search.found import WAYS, Found, Hit, Match, Way
from clustergraph.settings import Settings
from clustergraph.terms import Literal, NamedNode, compact, expand

LONGEST = 200
"""Letters of a text that may be searched for."""
MOST = 1000
"""Hits that may be asked for at once."""

# Words beyond these narrow nothing down.
_MOST_WORDS = 12
# Texts that are compared letter by letter, and how many entries of the index may name them.
_COMPARED = 400
_ENTRIES = 20_000
_NEAR = 100
# Words below this share too few trigrams with a misspelt one.
_SHORT = 6

# Parts of statements; what a user says is only ever bound to them.
_HAVING = {
    "trigram": "text.id IN (SELECT rowid FROM trigram WHERE trigram MATCH :trigram)",
    "gram": "text.id IN (SELECT rowid FROM gram WHERE gram MATCH :gram)",
}
_WITH = {
    "trigram": "SELECT rowid FROM trigram WHERE trigram MATCH ? LIMIT ?",
    "gram": "SELECT rowid FROM gram WHERE gram MATCH ? LIMIT ?",
}
_FREQUENCY = {
    "trigram": "SELECT doc FROM frequency WHERE term = ?",
    "gram": "SELECT doc FROM gram_frequency WHERE term = ?",
}
_Ranked: TypeAlias = list[tuple[Way, int, int]]
"""For each hit how it matches, its text, and the letters that are wrong."""


class Index:
    """The index of one graph; any number of threads may search it."""

    def __init__(self, connection: sqlite3.Connection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def search(
        self, text: str, *, language: str = "en", kind: str | None = None, limit: int = 20, offset: int = 0
    ) -> Found:
        """The things that have all words of the text in a name or definition, best first.

        Where there are none, those with a name that is like it. An IRI finds its thing. Raises
        ArgumentError, with near names, for a `kind` that no thing has, and for what is out of bounds.
        """
        _check(text, limit, offset)
        wanted = None if kind is None or kind == "" else self._kind(kind)
        words = fold(text).split()[:_MOST_WORDS]
        total, ranked = self._named(text, wanted, limit, offset)
        if not total:
            total, ranked = self._having(words, language, wanted, limit, offset)
        if not total:
            total, ranked = self._like(words, wanted, limit, offset)
        return Found(
            text=text,
            language=language,
            kind=None if wanted is None else self._iri(wanted),
            limit=limit,
            offset=offset,
            total=total,
            hits=tuple(self._hit(*one, words, language) for one in ranked),
            near=() if total else self._near(text, words),
        )

    def _named(self, text: str, kind: int | None, limit: int, offset: int) -> tuple[int, _Ranked]:
        """The thing of an IRI or prefixed name, if the text is one."""
        name = text.strip().removeprefix("<").removesuffix(">")
        terms = {"iri": _sound(expand(name, self._settings.prefixes) or name), "kind": kind}
        row = self._connection.execute(statement("named.sql"), terms).fetchone()
        return (0, []) if row is None else (1, _part([("exact", row[0], 0)], limit, offset))

    def _having(
        self, words: Sequence[str], language: str, kind: int | None, limit: int, offset: int
    ) -> tuple[int, _Ranked]:
        """The things of which one text has all the words."""
        if not words:
            return 0, []
        terms: dict[str, object] = {
            "phrase": " ".join(words),
            "language": language,
            "kind": kind,
            "limit": limit,
            "offset": offset,
        }
        conditions = []
        long = list(dict.fromkeys(gram for word in words for gram in trigrams(word)))
        short = [word for word in dict.fromkeys(words) if len(word) < 3]
        for table, grams in (("trigram", long), ("gram", short)):
            if grams:
                conditions.append(_HAVING[table])
                terms[table] = " AND ".join(f'"{gram}"' for gram in grams)
        for place, word in enumerate(words):
            if len(word) > 3:  # the index says only that its parts are there
                conditions.append(f"instr(text.folded, :word{place})")
                terms[f"word{place}"] = word
        query = statement("found.sql").replace("{texts}", " AND ".join(conditions))
        rows = self._connection.execute(query, terms).fetchall()
        if not rows and offset:
            first = self._connection.execute(query, terms | {"limit": 1, "offset": 0}).fetchone()
            return (first[2] if first else 0), []
        hits: _Ranked = [(WAYS[way], text, 0) for way, text, _ in rows]
        return (rows[0][2] if rows else 0), hits

    def _like(self, words: Sequence[str], kind: int | None, limit: int, offset: int) -> tuple[int, _Ranked]:
        """The things with a name that has the words but for a few letters."""
        best: dict[int, tuple[bool, int, int, int, int, int]] = {}
        letters = set().union(*words)
        for text, thing, folded, retired, place, links in self._candidates(words, kind):
            wrong = [nearest(word, folded)[0] for word in words]
            if all(errors <= tolerated(word) for errors, word in zip(wrong, words, strict=True)):
                others = len(letters.difference(folded))
                rank = (bool(retired), sum(wrong), others, place, -links, text)
                best[thing] = min(rank, best.get(thing, rank))
        ordered = sorted(best.values())
        return len(ordered), _part([("similar", rank[-1], rank[1]) for rank in ordered], limit, offset)

    def _candidates(
        self, words: Sequence[str], kind: int | None = None
    ) -> list[tuple[int, int, str, int, int, int]]:
        """Names that share the rarest parts of the words, those that share most of them first."""
        is_short = max(map(len, words), default=0) < _SHORT
        table = "gram" if is_short else "trigram"
        grams = {gram for word in words for gram in (short_grams(word) if is_short else trigrams(word))}
        counted = []
        for gram in grams:
            row = self._connection.execute(_FREQUENCY[table], (gram,)).fetchone()
            if row is not None and len(gram) > 1:
                counted.append((row[0], gram))
        shared: Counter[int] = Counter()
        entries = 0
        for count, gram in sorted(counted):
            entries += count
            if entries > _ENTRIES and shared:
                break
            shared.update(row for (row,) in self._connection.execute(_WITH[table], (f'"{gram}"', _ENTRIES)))
        most = sorted(shared.items(), key=lambda one: (-one[1], one[0]))[:_COMPARED]
        order = {text: place for place, (text, _) in enumerate(most)}
        terms = {"texts": json.dumps(list(order)), "kind": kind}
        rows = self._connection.execute(statement("alike.sql"), terms)
        return sorted(rows, key=lambda row: order[row[0]])

    def _near(self, text: str, words: Sequence[str]) -> tuple[str, ...]:
        """Names that look like the text."""
        found = [candidate[0] for candidate in self._candidates(words)[:_NEAR]] if words else []
        query = "SELECT written FROM text WHERE id = ?"
        return near_misses(text, (self._connection.execute(query, (one,)).fetchone()[0] for one in found))

    def _kind(self, name: str) -> int:
        """The class of an IRI, prefixed name, local name or label; raises ArgumentError."""
        iri = expand(name, self._settings.prefixes) or name.removeprefix("<").removesuffix(">")
        terms = {"iri": _sound(iri), "folded": fold(name) or " "}
        row = self._connection.execute(statement("kind.sql"), terms).fetchone()
        if row is not None:
            return int(row[0])
        known = self._connection.execute(statement("kinds.sql"))
        near = near_misses(name, (written for (written,) in known))
        expected = "a class that things have (IRI, prefixed name, local name or label)"
        raise ArgumentError("search", "kind", expected=expected, argument=name, near=near)

    def _iri(self, thing: int) -> NamedNode:
        (iri,) = self._connection.execute("SELECT iri FROM thing WHERE id = ?", (thing,)).fetchone()
        return NamedNode(iri)

    def _hit(self, way: Way, text: int, errors: int, words: Sequence[str], language: str) -> Hit:
        row = self._connection.execute(statement("hit.sql"), (text,)).fetchone()
        thing, role, predicate, tag, written, iri, kind, retired, successor = row
        start, end = _place(written, words, way)
        named = None if kind is None else self._iri(kind)
        return Hit(
            iri=NamedNode(iri),
            label=self._label(thing, NamedNode(iri), language),
            kind=named,
            kind_label=None if named is None else self._label(kind, named, language),
            match=Match(_literal(written, tag), predicate and NamedNode(predicate), way, start, end),
            definition=self._text(thing, DEFINITION, language),
            score=_score(way, role, errors, words),
            retired=bool(retired),
            successor=successor and NamedNode(successor),
        )

    def _label(self, thing: int, iri: NamedNode, language: str) -> Literal:
        """What a thing is called: its label, else its IRI in short."""
        return self._text(thing, LABEL, language) or Literal(
            compact(iri.value, self._settings.prefixes)
            or re.split(r"[/#:]", iri.value.rstrip("/#:"))[-1]
            or iri.value
        )

    def _text(self, thing: int, role: int, language: str) -> Literal | None:
        """A text of a thing: in the language, else in the first of the graph's own that there is."""
        row = self._connection.execute(statement("text.sql"), (thing, role, language)).fetchone()
        return None if row is None else _literal(*row)


def _part(hits: _Ranked, limit: int, offset: int) -> _Ranked:
    return hits[offset : offset + limit]


def _literal(written: str, tag: str) -> Literal:
    return Literal(written, language=tag) if tag else Literal(written)


def _check(text: str, limit: int, offset: int) -> None:
    if not text.strip():
        raise ArgumentError("search", "text", expected="a text to look for", argument=text)
    if len(text) > LONGEST:
        raise ArgumentError("search", "text", expected=f"at most {LONGEST} letters", argument=text)
    if not 1 <= limit <= MOST:
        raise ArgumentError("search", "limit", expected=f"a number from 1 to {MOST:,}", argument=str(limit))
    if not 0 <= offset < 1 << 31:
        raise ArgumentError("search", "offset", expected="a number from 0", argument=str(offset))


def _sound(text: str) -> str:
    """The text as a database takes it: what is no letter at all (half of a pair) replaced."""
    return text.encode("utf-8", "replace").decode()


def _place(written: str, words: Sequence[str], way: Way) -> tuple[int, int]:
    """Where the words stand in a text as written: all of them at once, else the first one."""
    folded = fold_with_places(written)
    for sought in (" ".join(words), *words):
        at = folded.text.find(sought)
        if at >= 0 and sought:
            return folded.span(at, at + len(sought))
    if way == "similar":
        # Like it are the words up to the place where the fewest letters are wrong.
        sought = " ".join(words)
        _, end = nearest(sought, folded.text)
        start = folded.text.rfind(" ", 0, max(0, end - len(sought) + tolerated(sought))) + 1
        after = folded.text.find(" ", end)
        end = max(end, after if 0 <= after <= end + tolerated(sought) else end)
        return folded.span(start, end)
    return 0, 0


def _score(way: Way, role: int, errors: int, words: Sequence[str]) -> float:
    """A number from 1 downwards that says how well a text matches."""
    if way == "similar":
        return round(0.4 * (1 - errors / max(1, sum(map(len, words)))), 3)
    return round({"exact": 1.0, "prefix": 0.9, "word": 0.8, "part": 0.6}.get(way, 0.45) - role * 0.01, 3)
