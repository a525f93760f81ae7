"""What follows, with the explanations that go with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clustergraph.explanation.explain import Explanation
from clustergraph.folder.edition import Edition
from clustergraph.inference import Closure
from clustergraph.terms import DefaultGraph, Triple


@dataclass(frozen=True)
class Inference:
    """What was closed, its closure, and an explanation of each contradiction."""

    edition: Edition
    closure: Closure
    contradictions: tuple[Explanation, ...] = ()

    def triples(self, *, asserted: bool = False) -> Iterator[Triple]:
        """The inferred triples, with `asserted` those that were given too; each once."""
        if asserted:
            yield from (quad.triple for quad in self.edition.store.dump(DefaultGraph()))
        yield from self.closure.triples


@dataclass(frozen=True)
class Conclusion:
    """Whether a conclusion follows: an explanation of each part that does, and the parts that do not."""

    explanations: tuple[Explanation, ...]
    missing: tuple[Triple, ...] = ()

    @property
    def entailed(self) -> bool:
        """Whether every part of the conclusion follows."""
        return not self.missing
