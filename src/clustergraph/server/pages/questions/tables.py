"""Answers for readers: SPARQL results as rows of cells, an IRI and its label in one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from clustergraph.charts import in_words
from clustergraph.server.pages.frame.places import outward
from clustergraph.sparql.kinds import NUMBERS
from clustergraph.terms import XSD, compact

# They stand below each other at the right.
_FIGURES = {*NUMBERS, XSD.gYear.value}
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
    """Headings and rows; `heads` are the headings with their languages, `names` their variables."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    heads: tuple[Cell, ...] = ()
    names: tuple[str, ...] = ()


def read_table(
    content: bytes,
    prefixes: Mapping[str, str],
    *,
    columns: Mapping[str, Mapping[str, str]] | None = None,
    language: str = "en",
    link: Callable[[str], str] | None = None,
) -> Table | bool:
    """The table, or the truth value, that a SPARQL Results JSON document holds.

    A column `x` of IRIs and its `xLabel` become one column of links. `columns` has what readers call
    the columns, by language; `link` gives the address of an IRI's page.
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
            _cell(
                row.get(name), row.get(name + _LABEL) if name in merged else None, prefixes, link or outward
            )
            for name in shown
        )
        for row in bindings
    )
    heads = (column_name(name, columns or {}, language) for name in shown)
    return Table(
        tuple(in_words(name) for name in shown),
        rows,
        tuple(Cell(text, "", tag) for text, tag in heads),
        tuple(shown),
    )


def column_name(name: str, columns: Mapping[str, Mapping[str, str]], language: str) -> tuple[str, str]:
    """What a column is called, and in which language: as `columns` says, else by its name in words."""
    said = columns.get(name.removesuffix(_LABEL), {})
    return (said[language], language) if language in said else (in_words(name), "en")


def _cell(
    term: Mapping[str, Any] | None,
    label: Mapping[str, Any] | None,
    prefixes: Mapping[str, str],
    link: Callable[[str], str],
) -> Cell:
    if term is None:
        return _cell(label, None, prefixes, link) if label else Cell()
    if term["type"] == "triple":
        return Cell(json.dumps(term["value"], ensure_ascii=False))
    value = str(term["value"])
    if term["type"] == "uri":
        href = link(value)
        if label is not None:
            return Cell(str(label["value"]), href, str(label.get("xml:lang", "")))
        return Cell(compact(value, prefixes) or value, href)
    is_number = term.get("datatype") in _FIGURES
    if is_number and re.fullmatch(r"[+-]?\d{5,}(\.\d+)?", value) and term["datatype"] != XSD.gYear.value:
        whole, point, rest = value.partition(".")
        value = f"{int(whole):,}{point}{rest}"
    text = value if label is None else f"{value} ({label['value']})"
    return Cell(text, "", str(term.get("xml:lang", "")), is_number)
