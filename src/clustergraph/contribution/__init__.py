"""A contribution: a change to a graph, what it breaks and mends, and what it changes elsewhere."""

from __future__ import annotations

from clustergraph.contribution.change import Change, read_change, read_revisions, read_standalone
from clustergraph.contribution.impact import impact
from clustergraph.contribution.judgement import Judgement

__all__ = ["Change", "Judgement", "impact", "read_change", "read_revisions", "read_standalone"]
