"""A difference as text for a terminal, as Markdown for a review or a changelog, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

from clustergraph.contribution.difference.answers import AnswerChange
from clustergraph.contribution.difference.consequences import Consequence
from clustergraph.contribution.difference.result import Difference
from clustergraph.errors import FormatError
from clustergraph.sparql.results import Solution
from clustergraph.terms import STANDARD_PREFIXES, Literal, Quad, Term, Triple
from clustergraph.validation.labels import in_language
from clustergraph.validation.report.view import View

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

# What is shown of each part, so that a terminal and a comment (65,536 characters) can take it; the
# rest is counted. JSON has all of it.
_SHOWN = 200
_SHOWN_IN_MARKDOWN = 40

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Changes from {} to {}",
        "same": "Nothing changes.",
        "files": "Files that differ: {}",
        "triples": "Triples: {} added, {} removed",
        "consequences": "Inferred: {} newly follow, {} no longer follow",
        "because": "because of",
        "for_want": "for want of",
        "answers": "Saved queries whose answers change: {}",
        "rows": "{} rows gained, {} lost, {} altered",
        "more": "… and {} more",
        "uncompared": "Not compared: {}",
    },
    "ja": {
        "title": "{} から {} への変更",
        "same": "変更はありません。",
        "files": "異なるファイル: {}件",
        "triples": "トリプル: 追加{}件、削除{}件",
        "consequences": "推論: 新たに導かれる{}件、導かれなくなる{}件",
        "because": "根拠:",
        "for_want": "失われた根拠:",
        "answers": "答えが変わる保存済みクエリ: {}件",
        "rows": "増えた行{}件、減った行{}件、変わった行{}件",
        "more": "…ほか{}件",
        "uncompared": "比較していないもの: {}件",
    },
}


def write_difference(
    difference: Difference,
    format: str,
    language: str = "en",
    prefixes: Mapping[str, str] = STANDARD_PREFIXES,
) -> str:
    """The difference as `text`, `json` or `markdown`; raises FormatError for any other format."""
    if format not in FORMATS:
        raise FormatError(format, FORMATS, "a difference cannot be written as")
    return FORMATS[format](difference, View(language, prefixes))


def to_text(difference: Difference, view: View) -> str:
    """The difference for a reader at a terminal."""
    return "\n".join(_Writer(difference, view, _SHOWN).text()) + "\n"


def to_markdown(difference: Difference, view: View) -> str:
    """The difference as Markdown: the comment of a review, or a part of a changelog."""
    return "\n".join(_Writer(difference, view, _SHOWN_IN_MARKDOWN).markdown()) + "\n"


@dataclass
class _Writer:
    """Writes one difference; `shown` is how many lines of each part."""

    difference: Difference
    view: View
    shown: int
    words: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.words = _WORDS.get(self.view.language, _WORDS["en"])

    def text(self) -> Iterator[str]:
        found = self.difference
        yield self.words["title"].format(found.base, found.proposal)
        if found.is_empty:
            yield self.words["same"]
        else:
            for head, lines in self.parts():
                yield ""
                yield head
                yield from (f"  {line}" if line else "" for line in lines)
        yield from self.uncompared("")

    def markdown(self) -> Iterator[str]:
        found = self.difference
        yield f"## {self.words['title'].format(f'`{found.base}`', f'`{found.proposal}`')}"
        yield ""
        if found.is_empty:
            yield self.words["same"]
        else:
            for head, lines in self.parts():
                yield f"### {head}"
                yield ""
                # The colours of a diff; four ticks, for a literal may hold three.
                yield "````diff"
                yield from lines
                yield "````"
                yield ""
        yield from self.uncompared("- ")

    def parts(self) -> Iterator[tuple[str, list[str]]]:
        """The heading and the lines of each part that is not empty."""
        found, words = self.difference, self.words
        if found.added or found.removed:
            head = words["triples"].format(len(found.added), len(found.removed))
            yield head, list(self.cut(list(self.quads())))
        if found.inferred or found.lost:
            head = words["consequences"].format(len(found.inferred), len(found.lost))
            lines = [
                *self.cut([self.consequence("+", one, words["because"]) for one in found.inferred]),
                *self.cut([self.consequence("-", one, words["for_want"]) for one in found.lost]),
            ]
            yield head, lines
        if found.answers:
            head = words["answers"].format(len(found.answers))
            yield head, [line for answer in found.answers for line in self.answer(answer)]

    def cut(self, lines: list[str]) -> Iterator[str]:
        """The first of the lines, and how many there are beyond them."""
        yield from lines[: self.shown]
        if len(lines) > self.shown:
            yield "  " + self.words["more"].format(len(lines) - self.shown)

    def quads(self) -> Iterator[str]:
        """The changed triples below their graph and subject, what goes above what comes."""
        signed = [("-", quad) for quad in self.difference.removed]
        signed += [("+", quad) for quad in self.difference.added]
        signed.sort(key=lambda one: (str(one[1].graph_name), str(one[1].subject), str(one[1].predicate)))
        for (graph, subject), group in groupby(signed, key=lambda one: (one[1].graph_name, one[1].subject)):
            label = self.label(subject)
            yield f"  {self.view.term(subject)}{f' ({label})' if label else ''}  [{self.graph(graph)}]"
            for sign, quad in group:
                yield f"{sign}     {self.view.term(quad.predicate)} {self.view.term(quad.object)}"

    def graph(self, graph: object) -> str:
        return self.view.term(graph) if isinstance(graph, Term) else str(graph)

    def label(self, term: Term) -> str:
        found = in_language(self.difference.labels.get(term, ()), self.view.language)
        return found.value if found else ""

    def consequence(self, sign: str, one: Consequence, word: str) -> str:
        because = ", ".join(self.triple(triple) for triple in one.because or ())
        return f"{sign} {self.triple(one.triple)}" + (f"  {word} {because}" if because else "")

    def triple(self, triple: Triple) -> str:
        return " ".join(self.view.term(term) for term in triple)

    def answer(self, answer: AnswerChange) -> Iterator[str]:
        counts = (len(answer.gained), len(answer.lost), len(answer.altered))
        given = " ".join(f"--{name} {' '.join(texts)}" for name, texts in answer.arguments.items())
        summary = answer.summaries.get(self.view.language) or next(iter(answer.summaries.values()), "")
        yield ""
        yield f"  {' '.join(filter(None, (answer.query, given)))}: {self.words['rows'].format(*counts)}"
        yield f"  {summary}" if summary else ""
        yield f"    {' | '.join(answer.columns)}"
        lines = [f"- {self.row(row)}" for row in answer.lost]
        lines += [f"+ {self.row(row)}" for row in answer.gained]
        for one in answer.altered:
            lines += [f"- {self.row(one.before)}", f"+ {self.row(one.after)}"]
        yield from self.cut(lines)

    def row(self, row: Solution) -> str:
        return " | ".join(self.cell(term) for term in row)

    def cell(self, term: Term | None) -> str:
        if isinstance(term, Literal):
            return " ".join(term.value.split())
        return "" if term is None else self.view.term(term)

    def uncompared(self, mark: str) -> Iterator[str]:
        found = self.difference.uncompared
        if found:
            yield ""
            yield self.words["uncompared"].format(len(found))
            if mark:
                yield ""
            yield from (f"{mark or '  '}{one.query}: {one.reason}" for one in found)


def to_json(difference: Difference, view: View) -> str:
    """The difference as a JSON text: terms in N-Triples' notation."""
    return json.dumps(difference_object(difference, view), ensure_ascii=False, indent=2) + "\n"


def difference_object(difference: Difference, _view: View | None = None) -> dict[str, Json]:
    """The difference as a JSON object."""
    return {
        "base": difference.base,
        "proposal": difference.proposal,
        "files": list(difference.files),
        "triples": {"added": _quads(difference.added), "removed": _quads(difference.removed)},
        "inferred": {
            "added": _consequences(difference.inferred),
            "removed": _consequences(difference.lost),
        },
        "queries": [_answer(answer) for answer in difference.answers],
        "uncompared": [{"query": one.query, "reason": one.reason} for one in difference.uncompared],
    }


def _quads(quads: Iterable[Quad]) -> list[Json]:
    return [
        {"graph": _plain(quad.graph_name), "triple": [str(term) for term in quad.triple]} for quad in quads
    ]


def _plain(graph: object) -> str:
    return str(getattr(graph, "value", graph))


def _consequences(found: Iterable[Consequence]) -> list[Json]:
    return [
        {
            "triple": [str(term) for term in one.triple],
            "because": None
            if one.because is None
            else [[str(term) for term in triple] for triple in one.because],
        }
        for one in found
    ]


def _answer(answer: AnswerChange) -> Json:
    return {
        "name": answer.query,
        "summary": dict(answer.summaries),
        "arguments": {name: list(texts) for name, texts in answer.arguments.items()},
        "columns": list(answer.columns),
        "gained": _rows(answer.gained),
        "lost": _rows(answer.lost),
        "altered": [{"before": _row(one.before), "after": _row(one.after)} for one in answer.altered],
    }


def _rows(rows: Sequence[Solution]) -> list[Json]:
    return [_row(row) for row in rows]


def _row(row: Solution) -> Json:
    return [None if term is None else str(term) for term in row]


FORMATS: Mapping[str, Callable[[Difference, View], str]] = {
    "text": to_text,
    "json": to_json,
    "markdown": to_markdown,
}
