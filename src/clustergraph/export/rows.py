"""Rows: quads as texts in N-Triples notation, sorted, in bounded memory."""

from __future__ import annotations

import heapq
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from clustergraph.terms import Quad, Triple

Row = tuple[str, str, str, str]
"""Subject, predicate, object and graph; the graph is empty for the default graph."""

Key = Callable[[Row], tuple[str, ...]]

# Rows that are held in memory: some 70 MB.
_CHUNK = 100_000


def row_of(quad: Quad) -> Row:
    """The row of a quad."""
    # The text of the whole takes half the time of the texts of its parts.
    subject, predicate, rest = str(quad).split(" ", 2)
    end = rest.rindex('"') if rest[0] == '"' else rest.rindex(")>>") if rest.startswith("<<(") else 0
    cut = rest.find(" ", end)
    return (subject, predicate, rest, "") if cut < 0 else (subject, predicate, rest[:cut], rest[cut + 1 :])


def row_of_triple(triple: Triple) -> Row:
    """The row of a triple, in the default graph."""
    subject, predicate, object = str(triple).split(" ", 2)
    return subject, predicate, object, ""


def merge(rows: Iterable[Row]) -> Iterator[Row]:
    """The triples of rows that are in order, each once, in the default graph."""
    return _once((subject, predicate, object, "") for subject, predicate, object, _ in rows)


def by_subject(row: Row) -> tuple[str, ...]:
    """The order in which people read: subjects by IRI, blank nodes behind them."""
    subject, predicate, object, graph = row
    place = "1" if subject.startswith("_:") else "0"
    return place, subject.rstrip(">"), predicate.rstrip(">"), object, graph


class Rows:
    """Rows in order and each once, which can be read as often as wanted.

    Without a key they are in the order of the lines of canonical N-Quads, by code points. Up to a
    number of them they are held in memory, beyond it in a folder that goes with the object.
    """

    def __init__(self, rows: Iterable[Row], key: Key | None = None, *, chunk: int = _CHUNK) -> None:
        self._held: list[Row] = []
        self._folder: Path | None = None
        remaining = iter(rows)
        first = sorted(set(islice(remaining, chunk)), key=key)
        following = next(remaining, None)
        if following is None:
            self._held = first
            return
        self._folder = Path(tempfile.mkdtemp(prefix="clustergraph-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        parts = [self._spill(0, first)]
        first.clear()
        while following is not None:
            part = {following, *islice(remaining, chunk - 1)}
            parts.append(self._spill(len(parts), sorted(part, key=key)))
            following = next(remaining, None)
        self._file = self._spill(len(parts), _once(heapq.merge(*map(_read, parts), key=key)))
        for path in parts:
            path.unlink()

    def __iter__(self) -> Iterator[Row]:
        # A generator of the object's own, so that its folder stays while it is read.
        yield from self._held if self._folder is None else _read(self._file)

    @property
    def in_memory(self) -> bool:
        """Whether all rows are held in memory."""
        return self._folder is None

    def _spill(self, number: int, rows: Iterable[Row]) -> Path:
        assert self._folder is not None
        path = self._folder / f"{number}.tsv"
        with path.open("w", encoding="utf-8", newline="\n") as out:
            # N-Triples escapes tabs and line ends within terms.
            out.writelines("\t".join(row) + "\n" for row in rows)
        return path


def _read(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            subject, predicate, object, graph = line.rstrip("\n").split("\t")
            yield subject, predicate, object, graph


def _once(rows: Iterable[Row]) -> Iterator[Row]:
    last: Row | None = None
    for row in rows:
        if row != last:
            yield row
        last = row
