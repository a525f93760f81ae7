"""The version: a hash of the lines in order, however many are held at once."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from clustergraph.snapshot.version import Lines


@given(st.lists(st.text("ab\u3042", max_size=3)), st.integers(1, 5))
def test_version_is_the_hash_of_the_sorted_lines(texts: list[str], held: int) -> None:
    expected = b"".join(sorted({f"{text}\n".encode() for text in texts}))
    with Lines(held=held) as lines:
        for text in texts:
            lines.add(f"{text}\n".encode())
        assert lines.version() == hashlib.sha256(expected).hexdigest()
