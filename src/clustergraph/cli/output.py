"""How answers leave: a table on a terminal, a standard syntax in a pipe or a file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clustergraph.errors import FormatError, UsageError
from clustergraph.sparql.results import GRAPH_FORMATS, RESULT_FORMATS, Boolean, Results, Solutions
from clustergraph.terms import Literal, NamedNode, Term, compact
from clustergraph.writing import write_whole

if TYPE_CHECKING:
    from rich.table import Table

FORMATS = ("table", *RESULT_FORMATS, *GRAPH_FORMATS)
# Fewer characters than this make a column of a table hard to read.
_NARROWEST = 14


def write_results(
    results: Results, format: str | None, output: Path | None, prefixes: Mapping[str, str]
) -> None:
    """Write an answer to `output` or standard output.

    Without a format: a table where a person looks, else TSV for tables and Turtle for graphs.
    Raises FormatError where the format cannot carry the answer.
    """
    is_table = isinstance(results, Solutions | Boolean)
    if format is None:
        on_terminal = output is None and sys.stdout.isatty()
        format = "table" if on_terminal and is_table else ("tsv" if is_table else "turtle")
    if format not in FORMATS:
        raise FormatError(format, FORMATS)
    if format == "table":
        if output is not None:
            raise UsageError("a table is for looking at; with -o give another --format")
        if isinstance(results, Solutions):
            _print_table(results, prefixes)
            return
        if not is_table:
            raise FormatError(format, GRAPH_FORMATS, "a graph cannot be written as")
        format = "tsv"
    if isinstance(results, Solutions | Boolean):
        text = results.serialize(format)
    else:
        text = results.serialize(format, dict(prefixes))
    write_bytes(text if text.endswith(b"\n") else text + b"\n", output)


def write_bytes(text: bytes, output: Path | None) -> None:
    """Write to standard output, or to a file, aside and renamed: the old one stays whole till then.

    Raises UsageError where the file cannot be written.
    """
    if output is None:
        left = memoryview(text)
        while left:  # with PYTHONUNBUFFERED a write may take a part only, and not say so
            left = left[sys.stdout.buffer.write(left) :]
        sys.stdout.buffer.flush()
        return
    try:
        write_whole(output, text)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror or error}") from error


def show(term: Term | None, prefixes: Mapping[str, str]) -> str:
    """A term as a reader wants it: prefixed names, plain texts and numbers."""
    if term is None:
        return ""
    if isinstance(term, NamedNode):
        return compact(term.value, prefixes) or term.value
    return term.value if isinstance(term, Literal) else str(term)


def _print_table(results: Solutions, prefixes: Mapping[str, str]) -> None:
    """A table, or where its columns would be too narrow to read one block of lines a row."""
    # rich is imported where a table is drawn: it takes longer than a query.
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    heads, rows = _labelled(results, prefixes)
    console = Console()
    if len(heads) * _NARROWEST > console.width:
        for number, row in enumerate(rows, 1):
            console.print(Text(f"── {number}", style="dim"))
            console.print(_block(heads, row))
    else:
        console.print(_table(heads, rows))
    console.print(Text(f"{len(rows)} row{'' if len(rows) == 1 else 's'}", style="dim"))


def _labelled(results: Solutions, prefixes: Mapping[str, str]) -> tuple[list[str], list[list[str]]]:
    """The heads and the cells: a column that has one of labels beside it is shown by them."""
    names = results.variables
    labels = {name: names.index(f"{name}Label") for name in names if f"{name}Label" in names}
    shown = [name for name in names if name.removesuffix("Label") not in labels or name in labels]
    rows = [
        [
            show(row[labels[name]] or row[names.index(name)], prefixes)
            if name in labels
            else show(row[names.index(name)], prefixes)
            for name in shown
        ]
        for row in results
    ]
    # A column of labels without IRIs beside it needs no longer name either.
    heads = [name if name in labels else name.removesuffix("Label") or name for name in shown]
    return heads, rows


def _block(heads: Sequence[str], row: Sequence[str]) -> Table:
    """The cells of one row below each other, each behind its head."""
    from rich.table import Table  # noqa: PLC0415  # as above
    from rich.text import Text  # noqa: PLC0415

    block = Table.grid(padding=(0, 2))
    block.add_column(min_width=max(map(len, heads)), style="bold")
    block.add_column(overflow="fold")
    for name, cell in zip(heads, row, strict=True):
        if cell:
            block.add_row(Text(name), Text(cell))
    return block


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    from rich import box  # noqa: PLC0415  # as above
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in heads:
        table.add_column(Text(name), overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table
