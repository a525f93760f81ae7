"""Answers for readers: SPARQL results as rows of cells, an IRI and its label in one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clustergraph.terms import XSD, compact

_NUMBERS = {
    f"{XSD!s}{name}"
    for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger", "gYear")
}
_LABEL = "Label"


@dataclass(frozen=True)
class Cell:
    """What stands in one place of a table; `href` only where a browser may follow it."""

    text: str = ""
    href: str = ""
    language: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """Headings and rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def read_table(content: bytes, prefixes: Mapping[str, str]) -> Table | bool:
    """The table, or the truth value, that a SPARQL Results JSON document holds.

    A column `x` of IRIs and its `xLabel` become one column of links.
    """
    document = json.loads(content)
    if "boolean" in document:
        return bool(document["boolean"])
    names: list[str] = document["head"]["vars"]
    bindings: list[dict[str, dict[str, str]]] = document["results"]["bindings"]
    merged = {
        name
        for name in names
        if name + _LABEL in names and any(row.get(name, {}).get("type") == "uri" for row in bindings)
    }
    shown = [name for name in names if name.removesuffix(_LABEL) not in merged or name in merged]
    rows = tuple(
        tuple(
            _cell(row.get(name), row.get(name + _LABEL) if name in merged else None, prefixes)
            for name in shown
        )
        for row in bindings
    )
    return Table(tuple(_heading(name) for name in shown), rows)


def _cell(
    term: Mapping[str, Any] | None, label: Mapping[str, Any] | None, prefixes: Mapping[str, str]
) -> Cell:
    if term is None:
        return _cell(label, None, prefixes) if label else Cell()
    if term["type"] == "triple":
        return Cell(json.dumps(term["value"], ensure_ascii=False))
    value = str(term["value"])
    if term["type"] == "uri":
        href = value if re.match(r"https?://", value) else ""
        if label is not None:
            return Cell(str(label["value"]), href, str(label.get("xml:lang", "")))
        return Cell(compact(value, prefixes) or value, href)
    text = value if label is None else f"{value} ({label['value']})"
    return Cell(text, "", str(term.get("xml:lang", "")), term.get("datatype") in _NUMBERS)


def _heading(name: str) -> str:
    """A variable's name in words.

    >>> _heading("fiscalYearLabel"), _heading("valueJPY")
    ('fiscal year', 'value JPY')
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name.removesuffix(_LABEL) or name).split()
    return " ".join(word if word.isupper() else word.lower() for word in words)
