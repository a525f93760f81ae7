"""Answers as plain data: rows of numbers, texts and IRIs, as JSON has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clustergraph.terms import XSD

_WHOLE = {
    f"{XSD!s}{name}"
    for name in ("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger")
}
_FRACTIONS = {f"{XSD!s}{name}" for name in ("decimal", "double", "float")}
_LABEL = "Label"

Plain = str | int | float | bool
PlainRow = dict[str, Plain]


@dataclass(frozen=True)
class Table:
    """Rows by column, unbound ones left out; `iris` are those that stand in them, in order."""

    columns: tuple[str, ...]
    rows: tuple[PlainRow, ...]
    iris: tuple[str, ...]


def read_table(content: bytes, *, first: int, most: int) -> tuple[Table, int] | bool:
    """Some of the rows, and how many there are, or the truth value, of SPARQL Results JSON."""
    document = json.loads(content)
    if "boolean" in document:
        return bool(document["boolean"])
    bindings: list[Mapping[str, Mapping[str, Any]]] = document["results"]["bindings"]
    shown = bindings[first : first + most]
    rows = tuple({name: _plain(term) for name, term in row.items()} for row in shown)
    iris = dict.fromkeys(
        str(term["value"]) for row in shown for term in row.values() if term["type"] == "uri"
    )
    return Table(tuple(document["head"]["vars"]), rows, tuple(iris)), len(bindings)


def as_text(table: Table) -> str:
    """The rows as tab-separated lines; a column that has its labels beside it is shown by these."""
    shown = [
        name
        for name in table.columns
        if not (name.endswith(_LABEL) and name.removesuffix(_LABEL) in table.columns)
    ]
    lines = ["\t".join(shown)]
    for row in table.rows:
        cells = (row.get(name + _LABEL, row.get(name, "")) for name in shown)
        lines.append("\t".join(" ".join(str(cell).split()) for cell in cells))
    return "\n".join(lines)


def _plain(term: Mapping[str, Any]) -> Plain:
    """A term as JSON has it: numbers and truth values as such, all else as a text."""
    value, datatype = term["value"], term.get("datatype", "")
    if term["type"] == "triple":
        return json.dumps(value, ensure_ascii=False)
    text = str(value)
    try:
        if datatype in _WHOLE:
            return int(text)
        if datatype in _FRACTIONS:
            number = float(text)
            return int(number) if number.is_integer() and abs(number) < 1 << 53 else number
    except (ValueError, OverflowError):
        return text
    if datatype == f"{XSD!s}boolean":
        return text in {"true", "1"}
    return f"_:{text}" if term["type"] == "bnode" else text
