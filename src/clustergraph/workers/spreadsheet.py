"""Tables as spreadsheets open them: CSV that Excel reads as UTF-8, and in which no cell is a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

import pyoxigraph as ox

from clustergraph.sparql.kinds import NUMBERS
from clustergraph.sparql.results import Boolean, Solutions

FORMAT = "spreadsheet"
# Without it Excel takes a file for one in the code page of its country.
_MARK = "\ufeff"
# What begins so is a formula to Excel, LibreOffice or Google Sheets, in East Asia also full-width
# (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def pieces(results: Solutions | Boolean) -> Iterator[bytes]:
    """The table in pieces: a byte order mark, headings, rows; a cell that would be a formula behind `'`."""
    if isinstance(results, Boolean):
        yield (_MARK + _line(["answer"]) + _line(["true" if results else "false"])).encode()
        return
    yield (_MARK + _line(results.variables)).encode()
    for row in results:
        yield _line([_cell(term) for term in row]).encode("utf-8", "replace")


def _cell(term: object) -> str:
    if term is None:
        return ""
    if not isinstance(term, ox.NamedNode | ox.Literal | ox.BlankNode):
        return str(term)
    text = term.value
    is_number = isinstance(term, ox.Literal) and term.datatype.value in NUMBERS
    return f"'{text}" if text.startswith(_FORMULA) and not is_number else text


def _line(cells: list[str] | tuple[str, ...]) -> str:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
