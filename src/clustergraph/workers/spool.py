"""Where a worker writes an answer: in memory while it is small, then in a file without a name."""

from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from clustergraph.errors import LimitError

# Answers up to this size travel through the socket and can be cached; larger ones go by file.
INLINE = 1 << 20
_WBITS_GZIP = 31
_LEVEL = 4


class Spool:
    """An output for pyoxigraph's serializers that never holds more than INLINE bytes in memory.

    Raises LimitError where more than `largest` bytes are written, or more than the disk has room for.
    """

    def __init__(self, largest: int = 1 << 30) -> None:
        self.size = 0
        self._largest = largest
        self._pieces: list[bytes] = []
        self._file: BinaryIO | None = None

    def write(self, piece: bytes) -> int:
        """Take in more bytes."""
        self.size += len(piece)
        if self.size > self._largest:
            raise LimitError("size", f"the answer is larger than {self._largest:,} bytes")
        if self._file is not None:
            self._append(piece)
            return len(piece)
        self._pieces.append(bytes(piece))
        if self.size > INLINE:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()
            self._append(b"".join(self._pieces))
            self._pieces.clear()
        return len(piece)

    def flush(self) -> None:
        """Nothing to do: what reads the file gets the same open file."""

    @contextmanager
    def compressed(self) -> Iterator[Gzip]:
        """An output whose bytes arrive here compressed by gzip, the same bytes each time."""
        output = Gzip(self)
        yield output
        output.finish()

    def content(self) -> bytes:
        """All bytes of a small answer."""
        return b"".join(self._pieces)

    def descriptor(self) -> int | None:
        """The open file of a large answer, to be read from its start; None for a small one."""
        if self._file is None:
            return None
        self._file.flush()
        os.lseek(self._file.fileno(), 0, os.SEEK_SET)
        return self._file.fileno()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _append(self, piece: bytes) -> None:
        assert self._file is not None
        try:
            self._file.write(piece)
        except OSError as error:
            raise LimitError("size", f"there is no room for the answer: {error.strerror}") from error


class Gzip:
    """An output that compresses into a spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._compress = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WBITS_GZIP)

    def write(self, piece: bytes) -> int:
        """Take in more bytes."""
        if packed := self._compress.compress(piece):
            self._spool.write(packed)
        return len(piece)

    def flush(self) -> None:
        """Nothing to do: a flushed block would only make the answer longer."""

    def finish(self) -> None:
        """Write the end."""
        self._spool.write(self._compress.flush())
