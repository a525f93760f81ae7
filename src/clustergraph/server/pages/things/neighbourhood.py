"""A thing among its neighbours: a small diagram, laid out so that nothing overlaps."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from clustergraph.server.pages.frame.names import Link, Name

# Lengths are in pixels of the drawing.
_WIDTH, _ROW, _BOX, _GAP = 880, 58, 248, 44
_CENTRE = 216
_MOST = 6
_SIZE, _SMALL = 13.5, 11.5
_PADDING = 12


@dataclass(frozen=True)
class Neighbour:
    """One neighbour: the relation in words, and the thing; `number` where it stands for several."""

    relation: Name
    thing: Link
    number: int = 1


@dataclass(frozen=True)
class Box:
    """A box with its texts and, but for the centre, the line that joins it; all as SVG wants it."""

    x: int
    y: int
    width: int
    height: int
    lines: tuple[Name, ...]
    full: str
    href: str
    caption: Name | None = None
    path: str = ""
    is_incoming: bool = False


@dataclass(frozen=True)
class Diagram:
    """The boxes of a diagram, the centre first."""

    x: int
    width: int
    height: int
    boxes: tuple[Box, ...]


def diagram(centre: Link, incoming: Sequence[Neighbour], outgoing: Sequence[Neighbour]) -> Diagram | None:
    """The centre with up to six neighbours on each side; None where there are none."""
    left, right = incoming[:_MOST], outgoing[:_MOST]
    rows = max(len(left), len(right))
    if not rows:
        return None
    height = max(rows * _ROW, 84) + 8
    middle = height // 2
    start = (_WIDTH - _CENTRE) // 2
    lines = _lines(centre.name, _CENTRE - 2 * _PADDING)
    tall = 22 + 18 * len(lines)
    boxes = [Box(start, middle - tall // 2, _CENTRE, tall, lines, centre.name.text, centre.href)]
    boxes += _column(left, 0, start, middle, is_incoming=True)
    boxes += _column(right, _WIDTH - _BOX, start + _CENTRE, middle, is_incoming=False)
    first = 0 if left else start
    last = _WIDTH if right else start + _CENTRE
    return Diagram(first - 1, last - first + 2, height, tuple(boxes))


def _column(
    neighbours: Sequence[Neighbour], x: int, edge: int, middle: int, *, is_incoming: bool
) -> list[Box]:
    boxes = []
    top = middle - len(neighbours) * _ROW // 2
    for place, neighbour in enumerate(neighbours):
        y = top + place * _ROW + 4
        number = f" ({neighbour.number:,})" if neighbour.number > 1 else ""
        name = neighbour.thing.name
        room = _BOX - 2 * _PADDING
        said = neighbour.relation
        relation = Name(_cut(said.text, room - _length(number, _SMALL), _SMALL) + number, said.language)
        beside = x + _BOX if is_incoming else x
        at = y + (_ROW - 10) // 2
        bend = (beside + edge) // 2
        path = f"M{beside} {at}C{bend} {at} {bend} {middle} {edge} {middle}"
        boxes.append(
            Box(x, y, _BOX, _ROW - 10, (Name(_cut(name.text, room, _SIZE), name.language),), name.text,
                neighbour.thing.href, relation, path, is_incoming)
        )  # fmt: skip
    return boxes


def _lines(name: Name, room: float) -> tuple[Name, ...]:
    """The text on at most three lines, broken at spaces where there are any."""
    lines: list[str] = []
    for piece in _pieces(name.text):
        if lines and _length(lines[-1] + piece.rstrip(), _SIZE) <= room:
            lines[-1] += piece
        else:
            lines.append(piece.lstrip())
    if len(lines) > 3:
        lines = [*lines[:2], _cut("".join(lines[2:]), room, _SIZE)]
    return tuple(Name(_cut(line.rstrip(), room, _SIZE), name.language) for line in lines)


def _pieces(text: str) -> list[str]:
    """Where a line may break: behind spaces, and between wide characters."""
    pieces = [""]
    for character in text:
        pieces[-1] += character
        if character.isspace() or unicodedata.east_asian_width(character) in "WF":
            pieces.append("")
    return [piece for piece in pieces if piece]


def _cut(text: str, room: float, size: float) -> str:
    """The text, or its beginning and an ellipsis where it has no room.

    >>> _cut("Knowledge Cluster Initiative", 120, 13.5)
    'Knowledge Clus…'
    """
    if _length(text, size) <= room:
        return text
    kept = text
    while kept and _length(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _length(text: str, size: float) -> float:
    """About how long a text is: wide characters are an em, others a little more than half of one."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.56 for c in text) * size
