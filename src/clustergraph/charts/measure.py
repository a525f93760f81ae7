"""Scales and sizes: round numbers for axes, years of dates, the width of letters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation

# Pixels of half a full-width letter, and of the narrowest screen that a chart is made for.
HALF = 7.2
NARROW = 340.0
# Numbers beyond these are no chart's; written out they would be thousands of digits.
_LARGEST, _SMALLEST = 27, -12
_DATE = re.compile(
    r"(?P<year>-?\d{4,6})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?P<time>T[\d:.]*)?)?)?(?:Z|[+-]\d\d:\d\d)?"
)
# XML 1.0 §2.2: what no document can carry.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Scale:
    """Where numbers stand, in per cent, and the round ones among them."""

    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]
    left: float = 0
    right: float = 100

    def place(self, number: Decimal) -> float:
        """The place of a number."""
        return self.left + float((number - self.low) / (self.high - self.low)) * (self.right - self.left)


@dataclass(frozen=True)
class Span:
    """What a date of any precision covers, in years: 2007 is the whole year, 2007-04 a month of it."""

    start: Decimal
    end: Decimal
    text: str


def number(text: str) -> Decimal | None:
    """The number that a text is, None for none and for one that nobody could read."""
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not found.is_finite() or (found and not _SMALLEST <= found.adjusted() <= _LARGEST):
        return None
    return found if len(found.as_tuple().digits) <= _LARGEST else None


def span(text: str) -> Span | None:
    """What a date, a month or a year covers; None for a text that is none of them.

    >>> span("2007").start, span("2007").end
    (Decimal('2007'), Decimal('2008'))
    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    start, unit = Decimal(found["year"]), Decimal(1)
    if found["month"]:
        unit = Decimal(1) / 12
        start += (int(found["month"]) - 1) * unit
    if found["day"]:
        start += (int(found["day"]) - 1) * unit / 31
        unit /= 31
    shown = text.strip().partition("T")[0] if found["time"] else text.strip()
    return Span(start, start + unit, shown)


def linear(numbers: list[Decimal], *, zero: bool = True, least: Decimal = Decimal(0)) -> Scale:
    """A scale over the numbers with about four round steps, none smaller than `least`."""
    low, high = min(numbers), max(numbers)
    if zero:
        low, high = min(low, Decimal(0)), max(high, Decimal(0))
    if low == high:
        high = low + max(abs(low), Decimal(1)) if zero else low + 1
    step = max(_round_step((high - low) / 4), least)
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    ticks = tuple(step * n for n in range(int(first), int(last) + 1))
    return Scale(ticks[0], ticks[-1], ticks)


def years(low: Decimal, high: Decimal) -> Scale:
    """A scale over years, with at most seven of them named."""
    first, last = low.to_integral_value(ROUND_FLOOR), high.to_integral_value(ROUND_CEILING)
    last = max(last, first + 1)
    step = _round_step((last - first) / 6) if last - first > 6 else Decimal(1)
    step = max(step, Decimal(1))
    begin = int((first / step).to_integral_value(ROUND_CEILING))
    end = int((last / step).to_integral_value(ROUND_FLOOR))
    return Scale(first, last, tuple(step * n for n in range(begin, end + 1)))


def _round_step(about: Decimal) -> Decimal:
    """The least of 1, 2 and 5 times a power of ten that is no less than `about`."""
    unit = Decimal(10) ** about.adjusted()
    return next(unit * times for times in (1, 2, 5, 10) if unit * times >= about)


def clean(text: str) -> str:
    """The text in one line, without what XML cannot carry."""
    return " ".join(_NO_XML.sub("\ufffd", text).split())


def width(text: str) -> int:
    """The width of a text in halves of a full-width letter."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def per_cent(text: str) -> float:
    """The width of a text in per cent of the narrowest screen, with a little room."""
    return (width(text) * HALF + 8) / NARROW * 100


def wrapped(text: str, most: int) -> list[str]:
    """The text in lines of at most `most` halves: broken at spaces, between full-width letters, or hard."""
    lines: list[str] = []
    line = ""
    for piece in re.findall(r" ?[^\s\u2e80-\uffef]+|[ \u2e80-\uffef]", text):
        if line and width(line + piece) > most:
            lines.append(line)
            line = ""
        line += piece if line else piece.lstrip()
        while width(line) > most:
            at = _break(line, most)
            lines.append(line[:at])
            line = line[at:]
    return [*lines, line] if line or not lines else lines


def _break(line: str, most: int) -> int:
    """How many letters of a line fit, one at least."""
    for at in range(1, len(line)):
        if width(line[: at + 1]) > most:
            return at
    return len(line)
