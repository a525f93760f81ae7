"""Edits of tables: the cell that says a triple."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from clustergraph.contribution.fixes.syntaxes.replacement import Replacement, Way
from clustergraph.contribution.tables import TableFile
from clustergraph.terms import Literal, NamedNode, Quad, Term, Triple, compact

_QUOTED = re.compile(r'"(?:[^"]++|"")*+"')
_PLAIN = re.compile(r"[^,\r\n]*+")
_SPECIAL = ',"\r\n'
_END = re.compile(r"\r\n|\r|\n")


class TableText:
    """A table with the quads of its cells."""

    def __init__(self, file: TableFile, text: str, quads: Sequence[Quad]) -> None:
        self._file = file
        self._text = text
        self._quads = quads
        self._rows = list(_rows(text))

    def ways(self, old: Triple, new: Triple) -> Iterator[Way]:
        """Another text in the cell; what a column is called and means stays."""
        if old.object == new.object:
            return
        for cell, quad in zip(self._file.cells, self._quads, strict=True):
            if quad.triple != old or cell.row > len(self._rows):
                continue
            start, end = self._rows[cell.row - 1][cell.column - 1]
            written = self._text[start:end]
            text = written[1:-1].replace('""', '"') if written.startswith('"') else written
            # A cell calls itself by the name of its column.
            part = cell.text.partition(": ")[2]
            for said in self._said(new.object, cell.column):
                separator = self._file.called[cell.column].separator
                for offset in _places(text, part, separator):
                    yield (self._replacement((start, end), text, (offset, part), said),)

    def _replacement(self, cell: tuple[int, int], text: str, part: tuple[int, str], said: str) -> Replacement:
        """Another text for a part of a cell; for all of the cell where it must be quoted for that."""
        start, end = cell
        written = self._text[start:end]
        offset, old = part
        quotes = int(written.startswith('"'))
        if len(text) + 2 * quotes == len(written) and not any(sign in said for sign in _SPECIAL):
            return Replacement(start + quotes + offset, start + quotes + offset + len(old), said)
        other = text[:offset] + said + text[offset + len(old) :]
        return Replacement(start, end, _quoted(other, as_written=written))

    def typings(self, triple: Triple) -> Iterator[Way]:
        """None: of what class its things are stands in the description."""
        return iter(())

    def _said(self, term: Term, column: int) -> Iterator[str]:
        """How a cell of the column may say a term."""
        if isinstance(term, Literal):
            yield term.value
        template = self._file.called[column].value_url
        if isinstance(term, NamedNode) and template is not None:
            head, _, tail = template.partition(f"{{{self._file.called[column].name}}}")
            if term.value.startswith(head) and term.value.endswith(tail):
                yield term.value[len(head) : len(term.value) - len(tail)]
            if (short := compact(term.value, self._file.prefixes)) is not None:
                yield short
            yield term.value


def _places(text: str, part: str, separator: str | None) -> Iterator[int]:
    """Where in the text of a cell one of its parts stands."""
    offset = 0
    for piece in text.split(separator) if separator else [text]:
        if piece.strip() == part:
            yield offset + piece.index(part)
        offset += len(piece) + len(separator or "")


def _quoted(text: str, *, as_written: str) -> str:
    if as_written.startswith('"') or any(sign in text for sign in _SPECIAL):
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text


def _rows(text: str) -> Iterator[list[tuple[int, int]]]:
    """The places of the cells of each row, in the dialect of RFC 4180."""
    offset = 0
    while offset < len(text):
        row: list[tuple[int, int]] = []
        while True:
            found = _QUOTED.match(text, offset) or _PLAIN.match(text, offset)
            assert found is not None  # the second matches nothing at all too
            row.append(found.span())
            offset = found.end()
            if text[offset : offset + 1] != ",":
                break
            offset += 1
        end = _END.match(text, offset)
        if end is None and offset < len(text):
            return  # no row as the standard has it; what comes behind is not found
        offset = end.end() if end else offset
        yield row
