"""The version of a dataset, in bounded memory: a hash over its lines in order."""

from __future__ import annotations

import hashlib
import heapq
import tempfile
from collections.abc import Iterable
from typing import IO, Self

# Lines that are held before they are put on disk: some 300 MB.
_HELD = 1_500_000


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

    def add(self, line: bytes) -> None:
        """Take in a line, its line end included."""
        self._lines.append(line)
        if len(self._lines) >= self._most:
            self._put_aside()

    def version(self) -> str:
        """The SHA-256 of the lines (RDFC-1.0 §4): in code point order, each once; in hex.

        Blank nodes keep the labels of their files, which are the same everywhere.
        """
        self._lines.sort()
        for part in self._parts:
            part.seek(0)
        digest = hashlib.sha256()
        last = b""
        for line in self._sorted():
            if line != last:
                digest.update(line)
            last = line
        return digest.hexdigest()

    def _sorted(self) -> Iterable[bytes]:
        return heapq.merge(self._lines, *self._parts) if self._parts else self._lines

    def _put_aside(self) -> None:
        self._lines.sort()
        part = tempfile.TemporaryFile()  # noqa: SIM115  # closed by the context
        part.writelines(self._lines)
        self._parts.append(part)
        self._lines = []
