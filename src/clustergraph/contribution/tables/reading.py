"""A filled table as the Turtle that it means, each line of which knows the cell it comes from."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from clustergraph.contribution.tables.description import (
    COMMENT,
    Column,
    Description,
    check_ending,
    description_path,
    read_description,
)
from clustergraph.errors import FolderError, GraphSyntaxError, near_misses
from clustergraph.folder import SourceFile, source_file
from clustergraph.folder.formatting import format_turtle
from clustergraph.settings import Settings
from clustergraph.terms import RDF, XSD, Literal, NamedNode, Term, expand
from clustergraph.validation.literals import is_well_typed

_ABSOLUTE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|urn:)[^\s<>\"{}|^`\\]+")
# Of rows longer than this no spreadsheet shows more; the csv module refuses longer cells itself.
_MOST_COLUMNS = 2_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell by its row and column, counted from 1 with the header, and its text."""

    row: int
    column: int
    text: str


def _unread(_: bytes) -> tuple[TableFile, bytes]:
    raise NotImplementedError  # only what `read_table` gives is read again


@dataclass(frozen=True)
class TableFile(SourceFile):
    """A table read as Turtle: `cells` are those of each line, `columns` those of each property.

    `data` is the table itself, `called` are its columns by their place, and `reread` reads another
    content of it by the same description.
    """

    cells: tuple[Cell, ...] = field(default=(), compare=False, repr=False)
    columns: Mapping[NamedNode, int] = field(default_factory=dict, compare=False, repr=False)
    called: Mapping[int, Column] = field(default_factory=dict, compare=False, repr=False)
    prefixes: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    data: bytes = field(default=b"", compare=False, repr=False)
    reread: Callable[[bytes], tuple[TableFile, bytes]] = field(default=_unread, compare=False, repr=False)

    def cell(self, line: int) -> Cell:
        """The cell that a line of the Turtle comes from."""
        return self.cells[line - 1]

    def cell_for(self, line: int, path: object) -> Cell:
        """The cell in the row of a line that is for a property, where a column is."""
        cell = self.cell(line)
        column = self.columns.get(path) if isinstance(path, NamedNode) else None
        return cell if column is None or column == cell.column else Cell(cell.row, column, "")


def is_table(path: Path) -> bool:
    """Whether a file is a table, by its ending."""
    return path.suffix.lower() == ".csv"


def read_table(path: Path, settings: Settings) -> tuple[TableFile, bytes]:
    """A table by the description beside it: the file and the Turtle that it means, a triple a line.

    Raises FolderError where the table or its description cannot be read, GraphSyntaxError with row
    and column for a cell that can mean nothing.
    """
    check_ending(path)
    data = _content(path)
    rows = _rows(path, data)  # what is no table needs no description
    description = read_description(description_path(path), settings.prefixes)
    return _table(_Reader(path, description, settings, rows), data)


def _table(reader: _Reader, data: bytes) -> tuple[TableFile, bytes]:
    path, settings = reader.path, reader.settings
    stated = list(reader.stated())
    as_turtle = source_file(path.with_suffix(".ttl"), settings)
    file = TableFile(
        path,
        path.as_posix(),
        as_turtle.graph,
        as_turtle.format,
        "data",
        tuple(cell for _, cell in stated),
        # Of several columns of a property, one a language, the first.
        {c.property: at for at, c in reversed(reader.columns.items()) if c.property is not None},
        reader.columns,
        settings.prefixes,
        data,
        lambda new: _table(_Reader(path, reader.description, settings, _rows(path, new)), new),
    )
    return file, "".join(f"{line} .\n" for line, _ in stated).encode()


def table_as_turtle(path: Path, settings: Settings) -> str:
    """What a table means, as Turtle in the one layout; raises as `read_table` does."""
    file, data = read_table(path, settings)
    prefixes = "".join(f"@prefix {p}: <{iri}> .\n" for p, iri in settings.prefixes.items())
    plain = source_file(path.with_suffix(".ttl"), settings)
    return format_turtle(replace(plain, path=file.path), prefixes.encode() + data)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FolderError(path, f"cannot be read: {error.strerror}") from error


def _rows(path: Path, data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        problem = f"expected UTF-8, found the byte 0x{data[error.start]:02x}; save it as “CSV UTF-8”"
        raise GraphSyntaxError(path, line, column, problem) from None
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise FolderError(path, f"expected CSV: {error}") from None
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise FolderError(path, "the table is empty; expected a header and rows")
    return rows


class _Reader:
    """Reads the rows of a table by its description."""

    def __init__(
        self, path: Path, description: Description, settings: Settings, rows: list[list[str]]
    ) -> None:
        self.path = path
        self.description = description
        self.settings = settings
        self.rows = rows
        self.columns = self._header(rows[0])

    def _header(self, header: list[str]) -> dict[int, Column]:
        """The columns by their place, found by name or by a title in any language."""
        known: dict[str, Column] = {}
        for column in self.description.columns:
            for name in (column.name, *column.titles.values()):
                known.setdefault(_folded(name), column)
        found: dict[int, Column] = {}
        for at, name in enumerate(header[:_MOST_COLUMNS], 1):
            if not name.strip():
                continue
            called = known.get(_folded(name))
            if called is None:
                near = near_misses(_folded(name), known) or [c.name for c in self.description.columns][:5]
                raise self.error(1, at, f"no column is called {name!r}; expected {' or '.join(near)}")
            found[at] = called
        if not any(column.property is None for column in found.values()):
            names = [c.name for c in self.description.columns if c.property is None]
            raise self.error(1, 1, f"expected a column {' or '.join(names) or 'that names the things'}")
        return found

    def stated(self) -> Iterator[tuple[str, Cell]]:
        """The triples of the table as text, each with its cell."""
        for number, row in enumerate(self.rows[1:], 2):
            if any(cell.strip() for cell in row) and not row[0].lstrip().startswith(COMMENT):
                yield from self._row(number, row)

    def _row(self, number: int, row: list[str]) -> Iterator[tuple[str, Cell]]:
        for at, text in enumerate(row, 1):
            if text.strip() and at not in self.columns:
                raise self.error(number, at, f"a cell without a column: {text.strip()[:40]!r}")
        subject, named = self._subject(number, row)
        for cls in self.description.types:
            yield f"{subject} {RDF.type} {cls}", named
        for at, column in self.columns.items():
            text = row[at - 1].strip() if at <= len(row) else ""
            if column.property is None or not text:
                continue
            parts = text.split(column.separator) if column.separator else [text]
            for part in filter(None, map(str.strip, parts)):
                cell = Cell(number, at, f"{column.name}: {part}")
                yield f"{subject} {column.property} {self._object(column, part, cell)}", cell

    def _subject(self, number: int, row: list[str]) -> tuple[NamedNode, Cell]:
        at, column = next((at, c) for at, c in self.columns.items() if c.property is None)
        text = row[at - 1].strip() if at <= len(row) else ""
        if not text:
            raise self.error(number, at, f"expected a name of the thing in the column {column.name!r}")
        cell = Cell(number, at, f"{column.name}: {text}")
        return self._iri(self.description.about_url, column, text, cell), cell

    def _object(self, column: Column, text: str, cell: Cell) -> Term:
        if column.value_url is not None:
            return self._iri(column.value_url, column, text, cell)
        if column.language is not None:
            return Literal(text, language=column.language.lower())
        literals = [Literal(text, datatype=datatype) for datatype in column.datatypes or (XSD.string,)]
        return next((one for one in literals if is_well_typed(one)), literals[0])

    def _iri(self, template: str, column: Column, text: str, cell: Cell) -> NamedNode:
        whole = text[1:-1] if text.startswith("<") and text.endswith(">") else text
        iri = expand(whole, self.settings.prefixes)
        if iri is None and _ABSOLUTE.fullmatch(whole):
            iri = whole
        if iri is None:
            # CSVW's templates are those of RFC 6570, which escape what an IRI does not take.
            slug = "".join(c if ord(c) > 0x9F else quote(c, safe="-._~") for c in text)
            iri = template.replace(f"{{{column.name}}}", slug)
        try:
            return NamedNode(iri)
        except ValueError:
            raise self.error(cell.row, cell.column, f"expected a name or an IRI, found {text!r}") from None

    def error(self, row: int, column: int, problem: str) -> GraphSyntaxError:
        error = GraphSyntaxError(self.path, row, column, problem)
        error.args = (f"{self.path}: row {row}, column {column}: {problem}",)
        return error


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
