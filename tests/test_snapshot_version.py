"""The version: a hash of the lines in order, however many are held at once."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from clustergraph.snapshot.version import Lines, version


@given(st.lists(st.text("ab\u3042", max_size=3)), st.integers(1, 5), st.integers(1, 3))
def test_version_is_the_hash_of_the_sorted_lines(texts: list[str], held: int, at_once: int) -> None:
    given_lines = [f"{text}\n".encode() for text in texts]
    with Lines(held=held) as lines:
        for start in range(0, len(given_lines), at_once):
            lines.add(given_lines[start : start + at_once])
        assert version(lines) == hashlib.sha256(b"".join(sorted(set(given_lines)))).hexdigest()
