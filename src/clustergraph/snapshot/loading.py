"""Files into a store: each quad in its graph and in the default graph, on as many cores as help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self

import pyoxigraph as ox

from clustergraph.folder import LiteralTable
from clustergraph.snapshot.version import Lines, version
from clustergraph.terms import Quad

# Lines that one thread gives the engine at once. 1,000,000 triples took 1.1 GB in parts of this size,
# and 1.8, 2.9 and 2.8 GB in parts of two, four and eight times the size; CPU time was the same.
_PART = 125_000
# The engine lets go of the interpreter's lock while it loads a text. One thread more parses.
_THREADS = 2


def load(store: ox.Store, texts: Iterable[bytes], literals: LiteralTable, *, on_disk: bool) -> str:
    """Load a dataset in canonical N-Quads, whose literals are noted; returns its version.

    The default graph becomes the RDF merge: the blank nodes of two files never share a label, so that
    the union of the triples is the merge (RDF 1.1 Semantics §4.1). A store in memory, and what fits
    into one part, is loaded by this thread alone. Raises OSError where the disk fails.
    """
    with Lines() as lines, _Threads(store) as threads:
        # In memory the engine locks the store while it takes quads: other threads would wait for ever.
        store.bulk_extend(_apart(_noted(texts, lines, literals), threads if on_disk else None))
        return version(literals.completing(lines))


def _noted(texts: Iterable[bytes], lines: Lines, literals: LiteralTable) -> Iterator[list[bytes]]:
    """The lines of each text, noted for the version and for the table of literals."""
    for text in texts:
        literals.note(text)
        found = text.splitlines(keepends=True)
        lines.add(found)
        yield found


def _apart(blocks: Iterable[list[bytes]], threads: _Threads | None) -> Iterator[Quad]:
    """The quads that no thread loads: those with blank nodes, and a part that is the only one."""
    part: list[bytes] = []
    for lines in blocks:
        # The engine gives the blank nodes of each text that it loads new labels.
        with_blank_nodes = [line for line in lines if b"_:" in line]
        yield from _quads(with_blank_nodes)
        part += lines if not with_blank_nodes else [line for line in lines if b"_:" not in line]
        if len(part) >= _PART:
            if threads is None:
                yield from _quads(part)
            else:
                threads.load(_merged(part))
            part = []
    if threads is not None and threads.are_used:
        threads.load(_merged(part))
    else:
        yield from _quads(part)


def _quads(lines: list[bytes]) -> Iterator[Quad]:
    return iter(ox.parse(input=_merged(lines), format=ox.RdfFormat.N_QUADS, lenient=True))


def _merged(lines: list[bytes]) -> bytes:
    """The quads, and the triples of them."""
    ends = ((line, line.rindex(b" ", 0, -3)) for line in lines)
    return b"".join(lines) + b"".join(line[:end] + b" .\n" for line, end in ends)


class _Threads:
    """Threads that load texts into a store; there are none before they are needed."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(_THREADS)
        self._running: set[Future[None]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        """Wait for what is being loaded; raises what went wrong there, if nothing else did."""
        self._pool.shutdown()
        if kind is None:
            self._settle(self._running)

    @property
    def are_used(self) -> bool:
        """Whether they were given anything."""
        return bool(self._running)

    def load(self, text: bytes) -> None:
        """Begin to load a text, as soon as a thread is free; raises what went wrong with another."""
        if len(self._running) == _THREADS:
            done, self._running = wait(self._running, return_when=FIRST_COMPLETED)
            self._settle(done)
        self._running.add(self._pool.submit(self._load, text))

    def _load(self, text: bytes) -> None:
        self._store.bulk_load(input=text, format=ox.RdfFormat.N_QUADS, lenient=True)

    @staticmethod
    def _settle(done: Iterable[Future[None]]) -> None:
        for future in done:
            future.result()
