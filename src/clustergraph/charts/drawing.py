"""What a chart is made of: shapes whose places across are in per cent, and down in pixels.

So one drawing fits a phone and a desk: bars grow with the width, letters keep their size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Text:
    """A line of text; `role` is its class in the stylesheet, `shift` moves it by pixels.

    With a `length` it is written as long as that, in per cent of the width.
    """

    x: float
    y: float
    text: str
    role: str = "label"
    anchor: Anchor = "start"
    shift: float = 0
    language: str = ""
    length: float = 0
    kind: str = "text"


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    role: str
    kind: str = "box"


@dataclass(frozen=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    role: str
    kind: str = "line"


@dataclass(frozen=True)
class Glyph:
    """A small figure around a point, its outline in pixels: a dot of a line, the head of an arrow."""

    x: float
    y: float
    outline: str
    role: str
    kind: str = "glyph"


Shape = Text | Box | Line | Glyph

# One outline a series, so that series differ without colour too.
DOTS = (
    "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z",
    "M-3.5,-3.5h7v7h-7z",
    "M0,-5L5,0L0,5L-5,0z",
    "M0,-5L4.6,3.5h-9.2z",
    "M0,5L4.6,-3.5h-9.2z",
    "M-1.5,-4.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z",
    "M-5,-2h10v4h-10z",
    "M-2,-5h4v10h-4z",
)
ARROW = "M-4.5,-7L0,0L4.5,-7z"
SERIES = len(DOTS)


@dataclass(frozen=True)
class Mark:
    """Shapes that stand for something of the answer: what it is in words, and where it leads."""

    title: str
    shapes: tuple[Shape, ...]
    href: str = ""


@dataclass(frozen=True)
class Drawing:
    """All shapes of a chart from the back to the front, its height, and what must be said of it."""

    height: float
    back: tuple[Shape, ...]
    marks: tuple[Mark, ...]
    shown: int
    notes: tuple[str, ...] = ()
