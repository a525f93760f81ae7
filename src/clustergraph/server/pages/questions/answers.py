"""Answers to queries that nobody saved: the first rows of a table, a truth value, or a graph's text."""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
from markupsafe import Markup

from clustergraph.catalogue import Chart as Declared
from clustergraph.charts import Figure
from clustergraph.charts.bars import draw_bars
from clustergraph.charts.lines import draw_lines
from clustergraph.charts.reading import read_rows
from clustergraph.server.pages.frame.places import Places
from clustergraph.server.pages.frame.words import Reader
from clustergraph.server.pages.questions.charts import Chart
from clustergraph.server.pages.questions.tables import Table, read_table
from clustergraph.sparql.kinds import NUMBERS
from clustergraph.sparql.results import Solutions
from clustergraph.terms import XSD
from clustergraph.workers.question import Answer

# Rows of a table, and characters of a text, that a page shows; all are in the downloads.
MOST_ROWS = 200
_MOST_CHARACTERS = 100_000
# Bytes that are read to count the rows; of longer answers only the first rows are read.
_WHOLE = 4 << 20
_HEAD = '"bindings":['
_TIMES = frozenset(XSD[name].value for name in ("gYear", "date", "gYearMonth"))


@dataclass(frozen=True)
class Shown:
    """What a page shows of an answer; `rows` is how many there are, -1 where nobody counted."""

    form: str = ""
    seconds: float = 0.0
    table: Table | None = None
    truth: bool | None = None
    text: str | None = None
    chart: Chart | None = None
    is_cut: bool = False
    rows: int = -1


def shown(answer: Answer, view: str, reading: Reader, places: Places) -> Shown:
    """What a page shows of an answer in JSON or Turtle.

    `view` is `chart`, `raw`, as programs get it, or anything else for a table.
    """
    content, whole = _beginning(answer)
    if answer.form in {"CONSTRUCT", "DESCRIBE"}:
        text = content.decode(errors="ignore")
        is_cut = not whole or len(text) > _MOST_CHARACTERS
        return Shown(answer.form, answer.seconds, text=text[:_MOST_CHARACTERS], is_cut=is_cut)
    document, rows = _first(content.decode(errors="ignore"), whole=whole)
    is_cut = rows < 0 or rows > MOST_ROWS
    written = json.dumps(document, indent=1, ensure_ascii=False) if view == "raw" else None
    content, settings = json.dumps(document).encode(), places.settings
    found = read_table(
        content,
        settings.prefixes,
        columns=settings.columns,
        language=reading.language,
        link=places.reading,
    )
    if isinstance(found, bool):
        return Shown(answer.form, answer.seconds, truth=found, text=written)
    chart = _chart(content, document, reading, places) if view == "chart" else None
    return Shown(answer.form, answer.seconds, found, None, written, chart, is_cut, rows)


def _chart(content: bytes, document: dict[str, Any], reading: Reader, places: Places) -> Chart | None:
    """The chart that fits the columns: lines of figures over years, else bars of the first figures."""
    names: list[str] = document["head"]["vars"]
    rows: list[dict[str, dict[str, str]]] = document["results"]["bindings"]
    years = [name for name in names if _is_all(rows, name, _TIMES)]
    figures = [name for name in names if _is_all(rows, name, NUMBERS)]
    others = [name for name in names if name not in figures and name not in years]
    called = next((name for name in others if name.endswith("Label")), next(iter(others), None))
    if not figures or not (years or called):
        return None
    if years and not called:
        mark, channels = "line", {"x": (years[0],), "y": tuple(figures)}
    else:
        mark, channels = "bar", {"x": (called or years[0],), "y": (figures[0],)}
    found = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
    assert isinstance(found, ox.QuerySolutions)  # the document has columns
    solutions = Solutions(found)
    read = read_rows(Declared(mark, channels), solutions.variables, solutions, places.page)
    if mark == "line":
        drawing = draw_lines(read, reading.language, dict(enumerate(figures)))
    else:
        drawing = draw_bars(read, reading.language)
    title = f"{channels['x'][0]}, {', '.join(channels['y'])}"
    figure = Figure(mark, "answer", title, reading.language, drawing)
    if figure.is_empty:
        return None
    return Chart("answer", Markup(figure.inline()), figure.notes)  # noqa: S704  # its template escapes


def _is_all(rows: Sequence[dict[str, dict[str, str]]], name: str, types: Container[str]) -> bool:
    """Whether a column has terms, and all of these datatypes."""
    terms = [row[name] for row in rows if name in row]
    return bool(terms) and all(term.get("datatype", "") in types for term in terms)


def _beginning(answer: Answer) -> tuple[bytes, bool]:
    """The answer's bytes, or those of its beginning, and whether they are all."""
    if answer.size <= _WHOLE:
        return b"".join(answer.chunks()), True
    chunks, content = answer.chunks(), b""
    while len(content) < _WHOLE:
        content += next(chunks)
    answer.close()
    return content, False


def _first(text: str, *, whole: bool) -> tuple[dict[str, Any], int]:
    """A results document with its first rows only, and how many rows there are in all."""
    if whole:
        document: dict[str, Any] = json.loads(text)
        rows: list[Any] = document.get("results", {}).get("bindings", [])
        count = len(rows)
        del rows[MOST_ROWS:]
        return document, count
    place = text.index(_HEAD) + len(_HEAD)
    document = json.loads(text[:place] + "]}}")
    decoder = json.JSONDecoder()
    for _ in range(MOST_ROWS):
        try:
            row, place = decoder.raw_decode(text, place)
        except json.JSONDecodeError:
            break  # rows of such a length that fewer of them were read
        document["results"]["bindings"].append(row)
        place += 1
    return document, -1
