"""A contribution: a change to a graph, what it breaks and mends, and what it changes elsewhere."""

from __future__ import annotations

from clustergraph.contribution.change import (
    Change,
    read_change,
    read_difference,
    read_revisions,
    read_standalone,
)
from clustergraph.contribution.judgement import Judgement
from clustergraph.contribution.kept import clear_bases
from clustergraph.contribution.upload import Uploads
from clustergraph.contribution.verdict import Verdict, judge

__all__ = [
    "Change",
    "Judgement",
    "Uploads",
    "Verdict",
    "clear_bases",
    "judge",
    "read_change",
    "read_difference",
    "read_revisions",
    "read_standalone",
]
