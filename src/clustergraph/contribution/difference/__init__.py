"""What a change changes: triples, what follows from them, and the answers of saved queries."""

from __future__ import annotations

from clustergraph.contribution.difference.answers import Alteration, AnswerChange, Uncompared
from clustergraph.contribution.difference.compare import Closed, compare
from clustergraph.contribution.difference.consequences import Consequence
from clustergraph.contribution.difference.result import Difference
from clustergraph.contribution.difference.writing import FORMATS, write_difference

__all__ = [
    "FORMATS",
    "Alteration",
    "AnswerChange",
    "Closed",
    "Consequence",
    "Difference",
    "Uncompared",
    "compare",
    "write_difference",
]
