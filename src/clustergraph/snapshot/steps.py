"""The step at which each inferred triple was derived, in a file that is searched where it lies.

A record is 12 bytes of hash of the triple and 4 bytes of step, sorted by hash: 16 bytes a triple, and
a look-up reads some twenty of them.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path

from clustergraph.terms import Triple

_HASH = 12
_RECORD = _HASH + 4


class Steps:
    """The steps of inferred triples."""

    def __init__(self, records: bytes) -> None:
        self._records = records

    @classmethod
    def of(cls, records: Iterable[bytes]) -> Steps:
        """The table of what `record` made."""
        return cls(b"".join(sorted(records)))

    @classmethod
    def read(cls, path: Path) -> Steps:
        """The table that `write` wrote."""
        return cls(path.read_bytes())

    def write(self, path: Path) -> None:
        """Write the table to a file."""
        path.write_bytes(self._records)

    def __len__(self) -> int:
        return len(self._records) // _RECORD

    def step(self, triple: Triple) -> int | None:
        """The step of an inferred triple, or None for any other."""
        wanted = _hash(triple)
        index = bisect_left(range(len(self)), wanted, key=self._hash_at)
        if index == len(self) or self._hash_at(index) != wanted:
            return None
        start = index * _RECORD + _HASH
        return int.from_bytes(self._records[start : start + 4], "big")

    def _hash_at(self, index: int) -> bytes:
        return self._records[index * _RECORD : index * _RECORD + _HASH]


def record(triple: Triple, step: int) -> bytes:
    """The entry of a triple, spelled as the store keeps it, that was derived at `step`."""
    return _hash(triple) + step.to_bytes(_RECORD - _HASH, "big")


def _hash(triple: Triple) -> bytes:
    return hashlib.blake2b(str(triple).encode(), digest_size=_HASH).digest()
