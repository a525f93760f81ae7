"""The text that somebody sent, as a page shows it: its lines, those marked that something is said of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

# A longer text is shown around the marked lines only, and a longer line by its beginning.
_WHOLE = 200
_AROUND = 3
_MOST = 400
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number; `number` 0 stands for lines that are left out."""

    number: int
    text: str = ""
    is_marked: bool = False


def lines_of(data: bytes) -> list[str]:
    """The lines of what was sent; what is not UTF-8 is shown as such."""
    lines = data.decode("utf-8-sig", errors="replace").split("\n")
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


def shown(lines: Sequence[str], marked: Iterable[int]) -> list[Line]:
    """The lines that a page shows, with those marked."""
    marks = {number for number in marked if 1 <= number <= len(lines)}
    if len(lines) <= _WHOLE:
        wanted = list(range(1, len(lines) + 1))
    else:
        around = {n + step for n in marks for step in range(-_AROUND, _AROUND + 1)}
        wanted = sorted(n for n in around if 1 <= n <= len(lines)) or list(range(1, _WHOLE + 1))
    found: list[Line] = []
    before = 0
    for number in wanted[:_MOST]:
        if number > before + 1:
            found.append(Line(0))
        found.append(Line(number, _cut(lines[number - 1]), number in marks))
        before = number
    if before < len(lines):
        found.append(Line(0))
    return found


def difference(lines: Sequence[str], edits: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Signs and lines of what edits change; nothing where one is of another text."""
    changed = list(lines)
    for edit in sorted(edits, key=lambda one: one["from"], reverse=True):
        (line, column), (end, end_column) = edit["from"], edit["to"]
        if not 1 <= line <= end <= len(changed):
            return []
        text = changed[line - 1][: column - 1] + edit["text"] + changed[end - 1][end_column - 1 :]
        changed[line - 1 : end] = text.split("\n")
    low = min((edit["from"][0] for edit in edits), default=1) - 1
    # Only what lies around the edits is compared: a long text has long been the same.
    window = max((edit["to"][0] for edit in edits), default=1) + 1
    grown = len(changed) - len(lines)
    told = unified_diff(lines[low:window], changed[low : window + grown], lineterm="", n=0)
    return [(line[0], _cut(line[1:])) for line in told if line[0] in "+-" and line[:3] not in {"+++", "---"}]


def _cut(text: str) -> str:
    text = text.rstrip("\r")
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
