"""What a search finds: things, each with the text that matched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from typing import Literal as OneOf

from clustergraph.terms import Literal, NamedNode

Way = OneOf["exact", "prefix", "word", "part", "definition", "similar"]
"""How a text matches: it is what was sought, begins with it, has it as words, as parts of words;
or it is a definition that has it; or a part of it is like it."""

WAYS: tuple[Way, ...] = ("exact", "prefix", "word", "part", "definition", "similar")

# Letters of a long text that are shown around a match.
_AROUND = 70


@dataclass(frozen=True, slots=True)
class Match:
    """The text of a thing that matched, and where; `predicate` is None for the name in its IRI."""

    text: Literal
    predicate: NamedNode | None
    way: Way
    start: int
    end: int

    @property
    def snippet(self) -> tuple[str, str, str]:
        """The text before the match, the match, and the text after it; of a long text a part."""
        text = self.text.value
        before, after = text[: self.start], text[self.end :]
        if len(before) > _AROUND:
            before = "…" + _cut_before(before)
        if len(after) > 2 * _AROUND:
            after = _cut_after(after) + "…"
        return before, text[self.start : self.end], after


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found; `kind` is the class that says best what it is.

    `score` falls from 1 with the way in which it matched; `definition` is in the language asked for,
    where there is one in it. A thing that is `retired` may have a successor.
    """

    iri: NamedNode
    label: Literal
    kind: NamedNode | None
    kind_label: Literal | None
    match: Match
    definition: Literal | None
    score: float
    retired: bool = False
    successor: NamedNode | None = None

    def describe(self) -> dict[str, Any]:
        """The hit as plain data: what `GET /search` says of it."""
        before, matched, after = self.match.snippet
        predicate = self.match.predicate
        return {
            "iri": self.iri.value,
            "label": self.label.value,
            "language": self.label.language,
            "kind": self.kind and self.kind.value,
            "kindLabel": self.kind_label and self.kind_label.value,
            "definition": self.definition and self.definition.value,
            "match": {
                "text": self.match.text.value,
                "language": self.match.text.language,
                "property": predicate and predicate.value,
                "way": self.match.way,
                "start": self.match.start,
                "end": self.match.end,
                "snippet": [before, matched, after],
            },
            "score": self.score,
            "retired": self.retired,
            "successor": self.successor and self.successor.value,
        }


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a search: `hits` are those from `offset` on of `total`, best first.

    Where nothing is found, `near` has labels that look like the text.
    """

    text: str
    language: str
    kind: NamedNode | None
    limit: int
    offset: int
    total: int
    hits: tuple[Hit, ...] = ()
    near: tuple[str, ...] = ()

    def describe(self) -> dict[str, Any]:
        """The answer as plain data: what `GET /search` gives."""
        return {
            "text": self.text,
            "language": self.language,
            "kind": self.kind and self.kind.value,
            "total": self.total,
            "offset": self.offset,
            "limit": self.limit,
            "hits": [hit.describe() for hit in self.hits],
            "near": list(self.near),
        }


def _cut_before(text: str) -> str:
    kept = text[-_AROUND:]
    space = kept.find(" ")
    return kept[space + 1 :] if 0 <= space < _AROUND // 2 else kept


def _cut_after(text: str) -> str:
    kept = text[: 2 * _AROUND]
    space = kept.rfind(" ")
    return kept[:space] if space > _AROUND else kept
