"""The difference between two editions, as frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from clustergraph.contribution.difference.answers import AnswerChange, Uncompared
from clustergraph.contribution.difference.consequences import Consequence
from clustergraph.terms import Literal, Quad, Term


@dataclass(frozen=True)
class Difference:
    """What a change changes.

    `added` and `removed` are quads as written; `inferred` newly follows, `lost` no longer does.
    `labels` are those of the things that all of these speak of.
    """

    base: str
    proposal: str
    files: tuple[str, ...]
    added: tuple[Quad, ...]
    removed: tuple[Quad, ...]
    inferred: tuple[Consequence, ...] = ()
    lost: tuple[Consequence, ...] = ()
    answers: tuple[AnswerChange, ...] = ()
    uncompared: tuple[Uncompared, ...] = ()
    labels: Mapping[Term, tuple[Literal, ...]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes; queries that were not compared do not count."""
        return not (self.added or self.removed or self.inferred or self.lost or self.answers)
