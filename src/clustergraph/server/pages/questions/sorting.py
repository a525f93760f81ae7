"""Rows in the order of a column: by links, over all pages of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

from clustergraph.catalogue import SavedQuery
from clustergraph.charts.measure import number
from clustergraph.errors import ArgumentError, near_misses
from clustergraph.server.http.address import here
from clustergraph.server.pages.questions.tables import Cell, Table

PARAMETER = "sort"


@dataclass(frozen=True)
class Order:
    """A column by its variable, and whether its greatest comes first."""

    column: str
    descending: bool


@dataclass(frozen=True)
class Head:
    """A heading, the address that sorts by it, and how the rows are sorted by it now (ARIA's word)."""

    cell: Cell
    href: str = ""
    sorted: str = ""


def asked_order(query: SavedQuery, reserved: Mapping[str, str]) -> Order | None:
    """The order that a request asks for, None for the query's own; raises ArgumentError."""
    text = reserved.get(PARAMETER, "")
    if not text:
        return None
    column = text.removeprefix("-")
    if column not in query.columns:
        expected = "a column, with - before it for the greatest first"
        near = near_misses(column, query.columns)
        raise ArgumentError(query.name, PARAMETER, expected=expected, argument=text, near=near)
    return Order(column, text.startswith("-"))


def sort_table(table: Table, order: Order) -> Table:
    """The table in the order of a column: numbers by size before texts, what is equal as it was.

    Empty cells stay last. A table without the column stays as it is.
    """
    if order.column not in table.names:
        return table
    place = table.names.index(order.column)
    filled = [row for row in table.rows if row[place].text]
    empty = [row for row in table.rows if not row[place].text]
    filled.sort(key=lambda row: _key(row[place]), reverse=order.descending)
    return replace(table, rows=(*filled, *empty))


def part_of(table: Table, page: tuple[int, int]) -> Table:
    """The rows of one page of a table, by its offset and size."""
    offset, size = page
    return replace(table, rows=table.rows[offset : offset + size])


def heads(request: Request, table: Table, order: Order | None) -> tuple[Head, ...]:
    """The headings with their links: a column sorted upwards is sorted downwards next."""
    kept = [(name, text) for name, text in parse_qsl(request.url.query) if name not in {PARAMETER, "page"}]
    found = []
    for name, cell in zip(table.names, table.heads, strict=True):
        is_sorted = order is not None and order.column == name
        descending = order is not None and is_sorted and order.descending
        next_order = f"-{name}" if is_sorted and not descending else name
        href = f"{here(request)}?{urlencode([*kept, (PARAMETER, next_order)])}"
        state = ("descending" if descending else "ascending") if is_sorted else ""
        found.append(Head(cell, href, state))
    return tuple(found)


def _key(cell: Cell) -> tuple[bool, Decimal, str]:
    size = number(cell.text.replace(",", "")) if cell.is_number else None
    return (size is None, size or Decimal(0), cell.text.casefold())
