"""What a kind of tables is: written to a file or folder, and read back as rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from clustergraph.export.rows import Row
from clustergraph.export.selection import Selection


@dataclass(frozen=True)
class Writer:
    """A writer for another tool; `ending` is empty where it writes a folder.

    `read` gives what the tool would see as rows, by a reader that shares nothing with `write`.
    `alone` says whether it can write a graph as it is, without queries that prepare it.
    """

    name: str
    title: str
    ending: str
    write: Callable[[Iterable[Row], Path, Selection], None]
    read: Callable[[Path, Selection], Iterator[Row]]
    alone: bool = True
