"""The version of a dataset, in bounded memory: a hash over its lines in order."""

from __future__ import annotations

import hashlib
import heapq
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Self

# Lines that are held before they are put on disk: some 300 MB.
_HELD = 1_500_000
_HASHED = 10_000


class Lines:
    """The lines of a dataset in canonical N-Quads, in whatever order they come.

    Beyond `held` of them they lie sorted in files without a name, which are gone with the block that
    it is the context of.
    """

    def __init__(self, *, held: int = _HELD) -> None:
        self._most = held
        self._lines: list[bytes] = []
        self._parts: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for part in self._parts:
            part.close()

    def add(self, lines: Iterable[bytes]) -> None:
        """Take in lines, their line ends included."""
        self._lines += lines
        if len(self._lines) >= self._most:
            self._put_aside()

    def __iter__(self) -> Iterator[bytes]:
        """The lines in code point order, each once; for that they are all there."""
        self._lines.sort()
        for part in self._parts:
            part.seek(0)
        last = b""
        for line in heapq.merge(self._lines, *self._parts) if self._parts else self._lines:
            if line != last:
                yield line
            last = line

    def _put_aside(self) -> None:
        self._lines.sort()
        part = tempfile.TemporaryFile()  # noqa: SIM115  # closed by the context
        part.writelines(self._lines)
        self._parts.append(part)
        self._lines = []


def version(lines: Iterable[bytes]) -> str:
    """The SHA-256 of the lines of a dataset (RDFC-1.0 §4): in code point order, each once; in hex.

    Blank nodes keep the labels of their files, which are the same everywhere.
    """
    digest = hashlib.sha256()
    rest = iter(lines)
    while some := b"".join(islice(rest, _HASHED)):
        digest.update(some)
    return digest.hexdigest()
