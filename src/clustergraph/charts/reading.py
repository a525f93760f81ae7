"""An answer as a chart sees it: for each row what stands in the columns of its channels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from clustergraph.catalogue import Chart
from clustergraph.charts.measure import Span, clean, number, span
from clustergraph.terms import Literal, NamedNode, Term

_LABEL = "Label"
Link = Callable[[str], str]


@dataclass(frozen=True)
class Cell:
    """What stands in one place: its text, its language, the thing that it names, where that is shown."""

    text: str = ""
    language: str = ""
    iri: str = ""
    href: str = ""

    @property
    def number(self) -> Decimal | None:
        """The number that it is."""
        return number(self.text)

    @property
    def span(self) -> Span | None:
        """The time that it names."""
        return span(self.text)

    @property
    def name(self) -> str:
        """What tells it from others: the thing that it names, else its text."""
        return self.iri or self.text


NOTHING = Cell()


@dataclass(frozen=True)
class Row:
    """One row of the answer: its cells by channel; a channel of several columns has several."""

    channels: Mapping[str, tuple[Cell, ...]]

    def __getitem__(self, channel: str) -> Cell:
        cells = self.channels.get(channel, ())
        return cells[0] if cells else NOTHING


def read_rows(
    chart: Chart, columns: Sequence[str], solutions: Iterable[Sequence[Term | None]], link: Link
) -> list[Row]:
    """The rows of an answer; `link` gives the address of the page of an IRI, or nothing."""
    places = {name: place for place, name in enumerate(columns)}
    rows = []
    for solution in solutions:

        def cell(column: str, solution: Sequence[Term | None] = solution) -> Cell:
            at, base = places.get(column), places.get(column.removesuffix(_LABEL))
            term = None if at is None else solution[at]
            thing = None if base is None else solution[base]
            return _cell(term, thing, link)

        rows.append(Row({channel: tuple(map(cell, named)) for channel, named in chart.channels.items()}))
    return rows


def _cell(term: Term | None, thing: Term | None, link: Link) -> Cell:
    if term is None:
        term = thing
    iri = thing.value if isinstance(thing, NamedNode) else ""
    href = link(iri) if iri else ""
    if isinstance(term, Literal):
        return Cell(clean(term.value), term.language or "", iri, href)
    if isinstance(term, NamedNode):
        return Cell(clean(re.split(r"[/#:]", term.value)[-1] or term.value), "", term.value, href)
    return Cell(clean(str(term))) if term is not None else NOTHING
