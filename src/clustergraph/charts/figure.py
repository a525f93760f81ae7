"""An answer drawn as its saved query declares, as SVG: part of a page, or a document of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from jinja2 import Environment, PackageLoader, StrictUndefined

from clustergraph.catalogue import Chart, SavedQuery
from clustergraph.charts.bars import draw_bars
from clustergraph.charts.drawing import Drawing
from clustergraph.charts.lines import draw_lines
from clustergraph.charts.measure import clean, wrapped
from clustergraph.charts.reading import Link, Row, read_rows
from clustergraph.charts.tiles import draw_tiles
from clustergraph.charts.timeline import draw_timeline
from clustergraph.charts.words import words
from clustergraph.errors import FormatError
from clustergraph.settings import Settings
from clustergraph.sparql.results import RESULT_FORMATS, Results, Solutions

# Pixels of a document of its own, and of its letters in a line of notes.
_WIDTH, _MARGIN, _HEADING, _NOTE = 720, 20, 60, 100


@dataclass(frozen=True)
class Figure:
    """A chart: its drawing, and what it is called."""

    mark: str
    name: str
    title: str
    language: str
    drawing: Drawing

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see."""
        return not self.drawing.marks

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be said beside the drawing: what it leaves out."""
        return self.drawing.notes

    def inline(self) -> str:
        """The SVG as part of an HTML page, as wide as there is room; it needs `stylesheet()`."""
        return self._render(width="100%", view=0, style="", heading=[], foot=[], top=0.0)

    def document(self) -> bytes:
        """The SVG as a document of its own, the same bytes each time; its links are left out."""
        word = words(self.language)
        heading = wrapped(self.title, _HEADING)
        foot = [line for note in self.notes for line in wrapped(note, _NOTE)]
        if self.is_empty:
            foot.insert(0, word["empty"])
        text = self._render(
            width=_WIDTH, view=_WIDTH, style=stylesheet(), heading=heading, foot=foot,
            top=22.0 * len(heading) + 24,
        )  # fmt: skip
        return text.encode("utf-8", "replace")

    def _render(
        self, *, width: int | str, view: int, style: str, heading: list[str], foot: list[str], top: float
    ) -> str:
        word = words(self.language)
        described = word["described"].format(mark=word["mark:" + self.mark], shown=self.drawing.shown)
        links = any(mark.href for mark in self.drawing.marks)
        return (
            _templates()
            .get_template("chart.svg")
            .render(
                mark=self.mark,
                width=width,
                view=view,
                height=top + self.drawing.height + 16 * len(foot) + (24 if view else 0),
                margin=_MARGIN if view else 0,
                inner=view - 2 * _MARGIN if view else "100%",
                # Within an image nothing can be followed, to whoever listens to the page.
                role="group" if links else "img",
                identity="chart-" + re.sub(r"[^\w-]", "-", self.name),
                language=self.language,
                title=self.title,
                described=" ".join([described, *self.notes]),
                style=style,
                heading=heading,
                foot=foot,
                foot_top=top + self.drawing.height + 16,
                top=top,
                drawing=self.drawing,
            )
        )


def draw(
    query: SavedQuery,
    results: Results,
    *,
    language: str,
    link: Link = lambda _: "",
    columns: Mapping[str, str] | None = None,
) -> Figure:
    """The chart that a saved query declares, of its answer.

    `link` gives the address of the page of an IRI, or nothing; `columns` the names of columns where a
    chart needs them. Raises FormatError where the query declares no chart.
    """
    chart = query.chart
    if chart is None or not isinstance(results, Solutions):
        raise FormatError(
            "svg", RESULT_FORMATS, f"the query {query.name} declares no chart and cannot be written as"
        )
    rows = read_rows(chart, results.variables, results, link)
    named = {at: (columns or {}).get(name, name) for at, name in enumerate(chart.channels.get("y", ()))}
    drawing = _drawn(chart, rows, query.settings, language, named)
    return Figure(chart.mark, query.name, clean(query.summary(language)), language, drawing)


def column_names(query: SavedQuery, language: str) -> dict[str, str]:
    """What readers call the columns of a query, as the settings say; others by their names in words."""
    named = {name: query.settings.columns.get(name.removesuffix("Label"), {}) for name in query.columns}
    return {name: texts.get(language) or in_words(name) for name, texts in named.items()}


def in_words(name: str) -> str:
    """A variable's name in words.

    >>> in_words("fiscalYearLabel"), in_words("valueJPY")
    ('fiscal year', 'value JPY')
    """
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name.removesuffix("Label") or name).split()
    return " ".join(part if part.isupper() else part.lower() for part in parts)


def _drawn(
    chart: Chart, rows: list[Row], settings: Settings, language: str, named: Mapping[int, str]
) -> Drawing:
    if chart.mark == "line":
        return draw_lines(rows, language, named)
    if chart.mark == "timeline":
        return draw_timeline(rows, language, lasting=chart.open)
    if chart.mark == "map":
        return draw_tiles(rows, language, settings.tiles)
    return draw_bars(rows, language, stacked=chart.stacked)


@cache
def stylesheet() -> str:
    """The style of all charts, in both themes: a page includes it, a document carries it."""
    return (files("clustergraph.charts") / "chart.css").read_text(encoding="utf-8")


@cache
def edition() -> str:
    """Changes with the code that charts are drawn with."""
    found = hashlib.blake2b(digest_size=8)
    for file in sorted(_sources(files("clustergraph.charts")), key=lambda file: file.name):
        found.update(file.read_bytes())
    return found.hexdigest()


def _sources(folder: Traversable) -> Iterator[Traversable]:
    for file in folder.iterdir():
        if file.is_dir():
            yield from _sources(file)
        elif file.name.endswith((".py", ".svg", ".css")):
            yield file


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("clustergraph.charts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["short"] = _short
    environment.filters["per_cent"] = lambda number: _short(number) + "%"
    return environment


def _short(number: float) -> str:
    """A number with at most two decimals.

    >>> _short(12.0), _short(3.14159)
    ('12', '3.14')
    """
    return f"{number:.2f}".rstrip("0").rstrip(".") or "0"
