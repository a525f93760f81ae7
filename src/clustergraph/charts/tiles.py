"""Tile maps: every place a tile of one size, where the settings put it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from clustergraph.charts.drawing import Box, Drawing, Mark, Shape, Text
from clustergraph.charts.measure import width
from clustergraph.charts.reading import Row
from clustergraph.charts.words import listed, number_text, words

_HEIGHT, _GAP = 44.0, 0.35
# Letters of a name, and halves of full-width ones, that a tile has room for at full size.
_LETTERS, _WIDTH = 5, 6
_SHADES = 5


@dataclass(frozen=True)
class _Step:
    """Figures that have one shade, from the least to the greatest."""

    least: Decimal
    most: Decimal
    shade: int


def draw_tiles(rows: list[Row], language: str, tiles: Mapping[str, tuple[int, int]]) -> Drawing:
    """A tile for each place: darker for larger figures, which stand in it; a frame where there are none."""
    word = words(language)
    placed: dict[str, list[Row]] = {}
    for row in rows:
        placed.setdefault(row["x"].text, []).append(row)
    strange = [row["name"].text or row["x"].text for row in rows if row["x"].text not in tiles]
    notes = []
    if strange:
        notes.append(word["no-place"].format(names=listed(list(dict.fromkeys(strange)), language)))
    figures = [n for row in rows if (n := row["y"].number) is not None and row["x"].text in tiles]
    if not tiles:
        return Drawing(0, (), (), 0, tuple(notes))
    columns = max(column for column, _ in tiles.values()) + 1
    steps = _steps(figures)
    marks: list[Mark] = []
    back: list[Shape] = []
    y = 4.0
    across = 100 / max(len(steps), 1)
    for place, step in enumerate(steps):
        text = number_text(step.least, language)
        if step.most > step.least:
            text += "–" + number_text(step.most, language)
        back.append(Box(place * across, y, across - 0.6, 8, f"tile q{step.shade}"))
        back.append(Text(place * across, y + 22, text, "tick"))
    y += 38 if steps else 0
    size = 100 / columns
    for code, (column, down) in sorted(tiles.items(), key=lambda tile: (tile[1][1], tile[1][0], tile[0])):
        cell = Box(column * size, y + down * _HEIGHT, size - _GAP, _HEIGHT - 3, "tile")
        marks.append(_tile(code, placed.get(code, []), steps, language, cell))
    height = y + (max(place for _, place in tiles.values()) + 1) * _HEIGHT + 4
    return Drawing(height, tuple(back), tuple(marks), len(tiles), tuple(notes))


def _tile(code: str, rows: list[Row], steps: list[_Step], language: str, cell: Box) -> Mark:
    figures = list(dict.fromkeys(n for row in rows if (n := row["y"].number) is not None))
    name = next((row["name"].text for row in rows if row["name"].text), code)
    href = next((row["name"].href or row["x"].href for row in rows), "")
    middle = cell.x + cell.width / 2
    role = "place" if len(name) <= _LETTERS and width(name) <= _WIDTH else "place long"
    if not figures:
        said = words(language)["no-figure" if rows else "no-row"]
        written = Text(middle, cell.y + 27, name, f"{role} none", "middle")
        return Mark(f"{name}: {said}", (replace(cell, role="tile none"), written), href)
    # Rows that disagree are both seen.
    text = " / ".join(number_text(figure, language) for figure in figures)
    shade = next(step.shade for step in steps if max(figures) <= step.most)
    shapes = (
        replace(cell, role=f"tile q{shade}"),
        Text(middle, cell.y + 20, text, f"count q{shade}", "middle"),
        # The longest are written as wide as their tile is.
        Text(
            middle,
            cell.y + 35,
            name,
            f"{role} q{shade}",
            "middle",
            length=cell.width * 0.9 if width(name) > _WIDTH else 0,
        ),
    )
    return Mark(f"{name}: {text}", shapes, href)


def _steps(figures: list[Decimal]) -> list[_Step]:
    """At most five steps of about as many different figures each; a least of zero stands by itself."""
    different = sorted(set(figures))
    steps = []
    if different and different[0] == 0:
        steps.append(_Step(different[0], different[0], 0))
        different = different[1:]
    count = min(_SHADES, len(different))
    for part in range(count):
        piece = different[part * len(different) // count : (part + 1) * len(different) // count]
        steps.append(_Step(piece[0], piece[-1], max(1, round((part + 1) * _SHADES / count))))
    return steps
