"""Timelines: what lasts from when to when, what followed what, and the periods behind all."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from clustergraph.charts.drawing import ARROW, SERIES, Anchor, Box, Drawing, Glyph, Line, Mark, Shape, Text
from clustergraph.charts.measure import HALF, NARROW, Scale, Span, wrapped, years
from clustergraph.charts.reading import Cell, Row
from clustergraph.charts.words import listed, words

# More bars than these are a table.
MOST = 60
_LINE, _SUB, _BAR, _GAP = 18.0, 16.0, 10.0, 13.0
# How far, in per cent, an open end goes on.
_OPEN = 6.0
# Pixels between an arrow and the text beside it.
_BESIDE = 8


@dataclass(frozen=True)
class _Bar:
    """Something in time, at one date, or lasting from it to an `end` that may not be known."""

    label: Cell
    group: Cell
    start: Span
    end: Span | None
    lasts: bool


@dataclass(frozen=True)
class _Band:
    """A period behind the bars."""

    label: Cell
    start: Decimal
    end: Decimal


def draw_timeline(rows: list[Row], language: str, *, lasting: bool = False) -> Drawing:
    """A bar for each thing and period, in order of time; arrows lead from what went before.

    What is `lasting` goes on where no end is known, as does what has a column of ends.
    """
    word = words(language)
    bars, undated = _bars(rows, lasting=lasting)
    notes = [word["cut"].format(shown=MOST, count=len(bars))] if len(bars) > MOST else []
    if undated:
        notes.append(word["no-date"].format(names=listed(undated, language)))
    shown = bars[:MOST]
    if not shown:
        return Drawing(0, (), (), 0, tuple(notes))
    bands = _bands(rows)
    scale = _scale(shown, bands)
    colours = list(dict.fromkeys([band.label.name for band in bands]))
    colours += [name for name in dict.fromkeys(bar.group.name for bar in bars) if name not in colours]
    back: list[Shape] = []
    top = _band_labels(bands, scale, colours, back)
    before = _before(rows, {bar.label.name for bar in shown})
    names = {bar.label.name: bar.label.text for bar in shown}
    places: dict[str, tuple[float, float]] = {}
    marks: list[Mark] = []
    y = top + 26
    for bar in shown:
        colour = colours.index(bar.group.name) % SERIES + 1 if bar.group.name else 0
        former = [names[name] for name in before.get(bar.label.name, [])]
        mark, y, middle = _one(bar, scale, colour, former, language, y)
        marks.append(mark)
        places.setdefault(bar.label.name, (scale.place(bar.start.start), middle))
    y -= _GAP - 6
    bottom = y
    for band in bands:
        x = scale.place(band.start)
        width = scale.place(band.end) - x
        back.insert(0, Box(x, 0, width, bottom, f"band s{colours.index(band.label.name) % SERIES + 1}"))
    back.extend(_axis(scale, top, bottom))
    arrows = [arrow for bar in shown for arrow in _arrows(bar, before.get(bar.label.name, []), places)]
    return Drawing(bottom + 4, (*back, *arrows), tuple(marks), len(shown), tuple(notes))


def _bars(rows: list[Row], *, lasting: bool) -> tuple[list[_Bar], list[str]]:
    """The bars, each once, in order of time; and the names of what has no date."""
    found: list[_Bar] = []
    undated: list[str] = []
    for row in rows:
        start, end = row["x"].span, row["end"].span
        if start is None and end is None:
            undated.append(row["y"].text)
            continue
        if start is None or (end is not None and end.end < start.start):
            start = end if start is None else start
            end = None
        assert start is not None
        group = row["colour"] if row["colour"].name else row["band"]
        found.append(_Bar(row["y"], group, start, end, lasting or "end" in row.channels))
    found = list(dict.fromkeys(found))
    found.sort(key=lambda bar: bar.start.start)
    dated = {bar.label.name for bar in found}
    undated = [row["y"].text for row in rows if row["y"].name not in dated]
    return found, list(dict.fromkeys(undated))


def _bands(rows: list[Row]) -> list[_Band]:
    bands = []
    for row in rows:
        start, end = row["bandStart"].span, row["bandEnd"].span
        if row["band"].name and start and end and end.end > start.start:
            bands.append(_Band(row["band"], start.start, end.end))
    return sorted(dict.fromkeys(bands), key=lambda band: (band.start, band.end, band.label.text))


def _scale(bars: list[_Bar], bands: list[_Band]) -> Scale:
    low = min([bar.start.start for bar in bars] + [band.start for band in bands])
    high = max([(bar.end or bar.start).end for bar in bars] + [band.end for band in bands])
    return years(low, high)


def _band_labels(bands: list[_Band], scale: Scale, colours: list[str], back: list[Shape]) -> float:
    """Write the names of the bands above them; returns where they end."""
    deepest = 0.0
    for band in bands:
        x = scale.place(band.start)
        width = (scale.place(band.end) - x) / 100 * NARROW
        lines = wrapped(band.label.text, max(8, int(width / (HALF * 0.9)) - 2))
        role = f"band-name s{colours.index(band.label.name) % SERIES + 1}"
        for n, line in enumerate(lines):
            back.append(Text(x, 16 + 15 * n, line, role, shift=6, language=band.label.language))
        deepest = max(deepest, 14 + 15.0 * len(lines))
    return deepest


def _before(rows: list[Row], known: set[str]) -> dict[str, list[str]]:
    """For each thing those that went before it."""
    found: dict[str, list[str]] = {}
    for row in rows:
        for cell in row.channels.get("after", ()):
            names = found.setdefault(row["y"].name, [])
            if cell.name in known and cell.name != row["y"].name and cell.name not in names:
                names.append(cell.name)
    return found


def _one(
    bar: _Bar, scale: Scale, colour: int, former: list[str], language: str, y: float
) -> tuple[Mark, float, float]:
    """The bar with its name and dates; where it ends, and where its middle is."""
    first, last = scale.place(bar.start.start), scale.place((bar.end or bar.start).end)
    # On the side of the bar that has more room, so that a name stands near it on any screen; beside
    # the arrow that comes down to the bar, where there is one.
    edge, shift = (first, _BESIDE) if former else (last, 0)
    side: Anchor = "start" if 100 - first >= edge else "end"
    x, shift = (first, shift) if side == "start" else (edge, -shift)
    room = max(16, int((max(100 - first, edge) / 100 * NARROW - abs(shift)) / HALF) - 1)
    below = " · ".join(filter(None, [_when(bar, language), bar.group.text]))
    shapes: list[Shape] = []
    for line in wrapped(bar.label.text or "–", room):
        shapes.append(Text(x, y + 13, line, "label", side, shift, bar.label.language))
        y += _LINE
    for line in wrapped(below, room):
        shapes.append(Text(x, y + 11, line, "sub", side, shift))
        y += _SUB
    middle = y + 2 + _BAR / 2
    shapes.append(Box(first, y + 2, max(last - first, 0.6), _BAR, f"bar s{colour or 1}"))
    if bar.end is None and bar.lasts:
        shapes.append(Line(last, middle, min(100.0, last + _OPEN), middle, f"open s{colour or 1}"))
    title = f"{bar.label.text}: {below}"
    if former:
        title += " · " + words(language)["succeeds"].format(names=listed(former, language))
    return Mark(title, tuple(shapes), bar.label.href), y + _BAR + _GAP, middle


def _when(bar: _Bar, language: str) -> str:
    """The dates of a bar in words."""
    word = words(language)
    if bar.end is None:
        return word["since"].format(start=bar.start.text) if bar.lasts else bar.start.text
    if bar.end.text == bar.start.text:
        return bar.start.text
    return word["from-to"].format(start=bar.start.text, end=bar.end.text)


def _axis(scale: Scale, top: float, bottom: float) -> list[Shape]:
    shapes: list[Shape] = []
    for tick in scale.ticks:
        x = scale.place(tick)
        shapes.append(Line(x, top + 18, x, bottom, "grid"))
        anchor: Anchor = "start" if x < 1 else "end" if x > 99 else "middle"
        shapes.append(Text(x, top + 12, f"{tick:f}", "tick", anchor))
    return shapes


def _arrows(bar: _Bar, before: list[str], places: dict[str, tuple[float, float]]) -> list[Shape]:
    """From each of those that went before, down to the beginning of what followed."""
    shapes: list[Shape] = []
    x, y = places[bar.label.name]
    for name in before:
        from_x, from_y = places[name]
        if from_x > x or from_y >= y:
            continue  # an arrow goes on in time and down the page
        shapes.append(Line(from_x, from_y, x, from_y, "follow"))
        shapes.append(Line(x, from_y, x, y - _BAR / 2, "follow"))
        shapes.append(Glyph(x, y - _BAR / 2, ARROW, "head"))
    return shapes
