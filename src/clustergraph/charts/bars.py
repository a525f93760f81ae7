"""Bars that lie: a line of text, and its bar below it, so that long names are read on any screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from clustergraph.charts.drawing import SERIES, Anchor, Box, Drawing, Line, Mark, Shape, Text
from clustergraph.charts.measure import NARROW, Scale, linear, per_cent, wrapped
from clustergraph.charts.reading import Cell, Row
from clustergraph.charts.words import listed, number_text, words

# More bars than these are a table.
MOST = 60
_LINE, _SUB, _BAR, _GAP = 19.0, 17.0, 14.0, 10.0
_LABEL, _SMALL = 50, 54
# Legends and stacks of more series than there are colours would repeat one.
_STACKED = SERIES


@dataclass(frozen=True)
class _Bar:
    """One bar: whose it is, where it reaches, what is said of it."""

    label: Cell
    series: Cell
    unit: str
    low: Decimal | None
    high: Decimal | None
    top: Decimal | None
    remark: str
    qualifier: str
    per: str
    during: str

    @property
    def numbers(self) -> tuple[Decimal, ...]:
        return tuple(n for n in (self.low, self.high, self.top) if n is not None)

    def text(self, language: str) -> str:
        """The figure in words: a value, and a range where there is one."""
        spread = [number_text(n, language) for n in (self.low, self.high) if n is not None]
        spread = list(dict.fromkeys(spread))
        parts = [] if self.top is None else [number_text(self.top, language)]
        if spread and spread != parts:
            parts.append("–".join(spread) if not parts else f"({'–'.join(spread)})")
        figure = " ".join(parts)
        if not figure:
            return ""
        for said, by in (("qualified", self.qualifier), ("per", self.per), ("during", self.during)):
            if by:
                figure = words(language)[said].format(figure=figure, by=by)
        return figure


def draw_bars(rows: list[Row], language: str, *, stacked: bool = False) -> Drawing:
    """Bars by label; those of one label together, those of each unit on a scale of their own."""
    word = words(language)
    bars = list(dict.fromkeys(_bar(row, language) for row in rows))
    shown = bars[:MOST]
    series = list(dict.fromkeys(bar.series.name for bar in bars if bar.series.name))
    back: list[Shape] = []
    marks: list[Mark] = []
    y = 4.0
    units = list(dict.fromkeys(bar.unit for bar in shown))
    for unit in units:
        panel = [bar for bar in shown if bar.unit == unit]
        if unit:
            back.append(Text(0, y + 14, unit, "unit"))
            y += 24
        if stacked and 1 < len(series) <= _STACKED and all(_stacks(bar) for bar in panel):
            y = _stack(panel, series, language, back, marks, y)
        else:
            y = _panel(panel, series, language, back, marks, y)
        y += 8
    notes = [word["cut"].format(shown=MOST, count=len(bars))] if len(bars) > MOST else []
    return Drawing(y, tuple(back), tuple(marks), len(shown), tuple(notes))


def _bar(row: Row, language: str) -> _Bar:
    word = words(language)
    remarks = [
        word[said]
        for channel, said in (("agreeing", "agrees"), ("differing", "differs"))
        if (row[channel].number or 0) > 0
    ]
    low, high = row["low"].number, row["high"].number
    if low is not None and high is not None and low > high:
        low, high = high, low
    top = row["y"].number
    if top is None and low == high:
        low, high, top = None, None, low  # both ends of the range are one figure
    limits = (row[channel].text for channel in ("qualifier", "per", "during"))
    return _Bar(row["x"], row["colour"], row["unit"].text, low, high, top, "  ".join(remarks), *limits)


def _stacks(bar: _Bar) -> bool:
    return bar.top is None or (bar.top >= 0 and bar.low is None and bar.high is None)


def _scale(panel: list[_Bar], totals: list[Decimal] | None = None) -> Scale | None:
    numbers = totals or [n for bar in panel for n in bar.numbers]
    if not numbers:
        return None
    whole = all(n == n.to_integral_value() for n in numbers)
    return linear(numbers, least=Decimal(1) if whole else Decimal(0))


def axis(scale: Scale, language: str, top: float, bottom: float) -> Iterator[Shape]:
    """The lines of a scale across, and their numbers above."""
    last = len(scale.ticks) - 1
    for place, tick in enumerate(scale.ticks):
        x = scale.place(tick)
        if x > 0:  # the left edge is where bars begin; letters stand there too
            yield Line(x, top + 18, x, bottom, "zero" if tick == 0 else "grid")
        # On a narrow screen every second one has room.
        role = "tick" if place % 2 == 0 or last < 3 else "tick spare"
        anchor: Anchor = "start" if x < 1 else "end" if x > 99 else "middle"
        yield Text(x, top + 12, number_text(tick, language), role, anchor)


def _groups(panel: list[_Bar]) -> dict[tuple[str, str], list[_Bar]]:
    groups: dict[tuple[str, str], list[_Bar]] = {}
    for bar in panel:
        groups.setdefault((bar.label.name, bar.label.text), []).append(bar)
    return groups


def _label(group: list[_Bar], y: float) -> tuple[list[Text], float]:
    """The label of a group in lines, and where they end."""
    label = group[0].label
    lines = wrapped(label.text or "–", _LABEL)
    texts = [
        Text(0, y + 13 + _LINE * n, line, "label", language=label.language) for n, line in enumerate(lines)
    ]
    return texts, y + _LINE * len(lines)


def _panel(
    panel: list[_Bar], series: list[str], language: str, back: list[Shape], marks: list[Mark], y: float
) -> float:
    """Bars below each other, on one scale; returns where they end."""
    scale = _scale(panel)
    top, y = y, y + (26 if scale else 0)
    for group in _groups(panel).values():
        label, y = _label(group, y)
        marks.append(Mark(group[0].label.text, tuple(label), group[0].label.href))
        for bar in group:
            shapes, y = _one(bar, scale, series, language, y)
            said = [bar.label.text, bar.series.text, bar.text(language) or words(language)["no-figure"]]
            said = [*said, bar.unit if bar.numbers else "", bar.remark]
            marks.append(Mark(": ".join(filter(None, said)), tuple(shapes), bar.series.href))
        y += _GAP
    if scale:
        back.extend(axis(scale, language, top, y - _GAP + 4))
    return y


def _one(
    bar: _Bar, scale: Scale | None, series: list[str], language: str, y: float
) -> tuple[list[Shape], float]:
    """The bar, the line above it that says whose it is, and where it ends."""
    shapes: list[Shape] = []
    for line in wrapped(bar.series.text, _SMALL) if bar.series.text else []:
        shapes.append(Text(0, y + 12, line, "sub", language=bar.series.language))
        y += _SUB
    if bar.remark:
        shapes.append(Text(0, y + 12, bar.remark, "remark"))
        y += _SUB
    text = bar.text(language)
    if scale is None or not text:
        shapes.append(Text(0, y + 12, text or words(language)["no-figure"], "absent"))
        return shapes, y + _SUB
    end = scale.place(max(*bar.numbers, Decimal(0)))
    if end + per_cent(text) > 100:
        # No room beside the bar on a narrow screen: the figure stands above it.
        shapes.append(Text(0, y + 12, text, "figure"))
        y += _SUB
    else:
        shapes.append(Text(end, y + 12, text, "figure", shift=7))
    return [*_shapes(bar, scale, series, y), *shapes], y + _BAR + 6


def _shapes(bar: _Bar, scale: Scale, series: list[str], y: float) -> Iterator[Shape]:
    colour = _colour(bar, series)
    zero = scale.place(Decimal(0))
    solid = bar.top if bar.top is not None else bar.low
    if solid is not None:
        place = scale.place(solid)
        yield Box(min(zero, place), y + 1, abs(place - zero), _BAR, f"bar s{colour}")
    low = bar.low if bar.low is not None else bar.top
    high = bar.high if bar.high is not None else bar.top
    if low is None:
        # Only the upper end is known: all below it is possible.
        low = min(Decimal(0), high or Decimal(0))
    if high is not None and high > low:
        first, last, middle = scale.place(low), scale.place(high), y + 1 + _BAR / 2
        yield Box(first, y + 1, last - first, _BAR, f"range s{colour}")
        yield Line(first, middle, last, middle, "whisker")
        for end in (first, last):
            yield Line(end, y + 3, end, y + _BAR - 1, "whisker")


def _colour(bar: _Bar, series: list[str]) -> int:
    return series.index(bar.series.name) % SERIES + 1 if bar.series.name in series else 1


def _stack(
    panel: list[_Bar], series: list[str], language: str, back: list[Shape], marks: list[Mark], y: float
) -> float:
    """The bars of one label behind each other, with a legend; returns where they end."""
    texts = {bar.series.name: bar.series for bar in panel}
    for name in series:
        if name in texts:
            back.append(Box(0, y + 2, 12 / NARROW * 100, 12, f"bar s{series.index(name) + 1}"))
            said = texts[name]
            back.append(Text(12 / NARROW * 100, y + 12, said.text, "sub", shift=8, language=said.language))
            y += _SUB + 1
    y += 6
    groups = _groups(panel)
    totals = [sum((bar.top or Decimal(0) for bar in group), Decimal(0)) for group in groups.values()]
    scale = _scale(panel, totals)
    assert scale is not None  # a group has a total
    top, y = y, y + 26
    for group, total in zip(groups.values(), totals, strict=True):
        label, y = _label(group, y)
        marks.append(Mark(group[0].label.text, tuple(label), group[0].label.href))
        below = Decimal(0)
        for bar in group:
            if bar.top is None:
                continue
            first, last = scale.place(below), scale.place(below + bar.top)
            shapes: list[Shape] = [Box(first, y + 1, last - first, _BAR + 3, f"bar s{_colour(bar, series)}")]
            figure = number_text(bar.top, language)
            if last - first > per_cent(figure):
                shapes.append(Text((first + last) / 2, y + 14, figure, "within", "middle"))
            title = f"{bar.label.text}: {bar.series.text}: {figure}"
            marks.append(Mark(title, tuple(shapes), bar.series.href))
            below += bar.top
        whole = words(language)["total"].format(number=number_text(total, language))
        if scale.place(total) + per_cent(whole) <= 100:
            marks.append(Mark(whole, (Text(scale.place(total), y + 14, whole, "figure", shift=7),)))
        y += _BAR + 3 + _GAP
    absent = [f"{bar.label.text}: {bar.series.text}" for bar in panel if bar.top is None]
    back.extend(axis(scale, language, top, y - _GAP + 4))
    if absent:
        for line in wrapped(words(language)["no-figures"].format(names=listed(absent, language)), _SMALL):
            back.append(Text(0, y + 12, line, "absent"))
            y += _SUB
    return y
