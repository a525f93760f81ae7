"""Lines over time or along an order: one a series, a gap where there is no figure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise

from clustergraph.charts.drawing import DOTS, SERIES, Drawing, Glyph, Line, Mark, Shape, Text
from clustergraph.charts.measure import NARROW, Scale, Span, linear, number, span, years
from clustergraph.charts.reading import Cell, Row
from clustergraph.charts.words import listed, number_text, words

# More points than these, and series than there are colours, are a table.
MOST = 2000
_HEIGHT = 260.0
_LEFT, _RIGHT = 3.0, 97.0


def draw_lines(rows: list[Row], language: str, names: Mapping[int, str]) -> Drawing:
    """Lines of all figures, with a legend; `names` are those of the columns that have figures."""
    word = words(language)
    notes, absent = [], []
    if len(rows) > MOST:
        notes.append(word["cut"].format(shown=MOST, count=len(rows)))
        rows = rows[:MOST]
    lines: dict[str, dict[str, list[Decimal]]] = {}
    order = {row["x"].text: row["x"] for row in rows}
    for row in rows:
        for at, cell in enumerate(row.channels.get("y", ())):
            name = ": ".join(filter(None, [row["colour"].text, names[at] if len(names) > 1 else ""]))
            found = cell.number
            if found is None:
                absent.append(" ".join(filter(None, [row["x"].text, name])))
            else:
                points = lines.setdefault(name, {}).setdefault(row["x"].text, [])
                if found not in points:
                    points.append(found)
    if len(lines) > SERIES:
        notes.append(word["cut"].format(shown=SERIES, count=len(lines)))
    if absent:
        notes.append(word["no-figures"].format(names=listed(absent, language)))
    return _draw(dict(list(lines.items())[:SERIES]), order, language, tuple(notes))


def _draw(
    lines: Mapping[str, Mapping[str, list[Decimal]]],
    order: Mapping[str, Cell],
    language: str,
    notes: tuple[str, ...],
) -> Drawing:
    figures = [n for points in lines.values() for found in points.values() for n in found]
    if not figures:
        return Drawing(0, (), (), 0, notes)
    back: list[Shape] = []
    y = 4.0
    for place, name in enumerate(lines if len(lines) > 1 else ()):
        back.append(Glyph(2, y + 8, DOTS[place], f"dot s{place + 1}"))
        back.append(Text(2, y + 12, name, "sub", shift=10))
        y += 18
    top, bottom = y + 14, y + 14 + _HEIGHT
    back.extend(_levels(up := linear(figures), language, top, bottom))
    places, ticks = _across(order)
    for text, x in ticks:
        back.append(Line(x, bottom, x, bottom + 5, "zero"))
        back.append(Text(x, bottom + 20, text, "tick", "middle"))

    def down(figure: Decimal) -> float:
        return bottom - up.place(figure) / 100 * (bottom - top)

    marks: list[Mark] = []
    shown = 0
    for place, (name, points) in enumerate(lines.items()):
        known = [(places[x], x, points[x]) for x in order if x in points]
        known.sort(key=lambda point: point[0])
        gaps = sorted(places[x] for x in order if x not in points)
        joined = [
            Line(x1, down(one), x2, down(other), f"line s{place + 1}")
            for (x1, _, ones), (x2, _, others) in pairwise(known)
            if not any(x1 < gap < x2 for gap in gaps)
            for one in ones
            for other in others
        ]
        marks.append(Mark(name, tuple(joined)))
        for x, text, found in known:
            for figure in found:
                title = ": ".join(filter(None, [text, name, number_text(figure, language)]))
                dot = Glyph(x, down(figure), DOTS[place], f"dot s{place + 1}")
                marks.append(Mark(title, (dot,), order[text].href))
                shown += 1
    return Drawing(bottom + 30, tuple(back), tuple(marks), shown, notes)


def _levels(scale: Scale, language: str, top: float, bottom: float) -> list[Shape]:
    shapes: list[Shape] = []
    for tick in scale.ticks:
        y = bottom - scale.place(tick) / 100 * (bottom - top)
        shapes.append(Line(0, y, 100, y, "zero" if tick == 0 else "grid"))
        shapes.append(Text(0, y - 4, number_text(tick, language), "tick"))
    return shapes


def _across(order: Mapping[str, Cell]) -> tuple[dict[str, float], list[tuple[str, float]]]:
    """The place of each text, and the texts that stand below: by time, by size, or in their order."""
    known: dict[str, Span | Decimal | None] = {text: span(text) or number(text) for text in order}
    spans = [at for at in known.values() if isinstance(at, Span)]
    sizes = [at for at in known.values() if isinstance(at, Decimal)]
    room = 9
    if spans and len(spans) == len(known):
        starts = [at.start for at in spans]
        return _scaled(years(min(starts), max(starts)), dict(zip(known, starts, strict=True)), plain=True)
    if sizes and len(sizes) == len(known):
        return _scaled(linear(sizes, zero=False), dict(zip(known, sizes, strict=True)), plain=False)
    step = (_RIGHT - _LEFT) / max(1, len(order) - 1)
    places = {text: _LEFT + step * at for at, text in enumerate(order)}
    every = max(1, -(-len(order) * 60 // int(NARROW)))
    named = [(text[:room] + ("…" if len(text) > room else ""), x) for text, x in places.items()]
    return places, named[::every]


def _scaled(
    scale: Scale, numbers: Mapping[str, Decimal], *, plain: bool
) -> tuple[dict[str, float], list[tuple[str, float]]]:
    scale = Scale(scale.low, scale.high, scale.ticks, _LEFT + 6, _RIGHT - 3)
    places = {text: scale.place(number) for text, number in numbers.items()}
    ticks = [(f"{tick:f}" if plain else number_text(tick, "en"), scale.place(tick)) for tick in scale.ticks]
    return places, ticks
