"""Search: things by what they are called, in any of their languages, also with a letter wrong.

The index is a file beside the snapshot (SQLite's FTS5): trigrams answer for three letters and more, also
in Japanese, which has no spaces; a second table for one and two letters, of names only.
"""

from __future__ import annotations

from clustergraph.search.found import Found, Hit, Match
from clustergraph.search.index import clear_indexes, open_index, open_index_there
from clustergraph.search.search import LONGEST, MOST, Index

__all__ = [
    "LONGEST",
    "MOST",
    "Found",
    "Hit",
    "Index",
    "Match",
    "clear_indexes",
    "open_index",
    "open_index_there",
]
