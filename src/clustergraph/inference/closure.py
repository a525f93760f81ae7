"""What inference yields: the closure, inconsistencies, axioms left out, and proofs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from clustergraph.terms import Term, Triple

ASSERTED = "asserted"


@dataclass(frozen=True, slots=True)
class Proof:
    """A tree of rule applications: `triple` follows by `rule` from `axioms` and `premises`.

    `rule` is a name of the W3C tables, or `asserted` for a leaf. `axioms` are the triples of the
    ontology that the rule was compiled from; `premises` prove the triples that matched its body.
    The root of a proof of inconsistency has no triple.
    """

    triple: Triple | None
    rule: str
    axioms: tuple[Triple, ...] = ()
    premises: tuple[Proof, ...] = ()

    @property
    def depth(self) -> int:
        """The number of rule applications on the longest way to a leaf; 0 for a leaf."""
        below = max((premise.depth for premise in self.premises), default=-1)
        return 0 if self.rule == ASSERTED else below + 1

    def walk(self) -> Iterator[Proof]:
        """This proof and all below it, each before its premises."""
        yield self
        for premise in self.premises:
            yield from premise.walk()

    def leaves(self) -> tuple[Triple, ...]:
        """The asserted triples that the proof rests on, each once, in order of appearance."""
        found = {node.triple: None for node in self.walk() if node.rule == ASSERTED and node.triple}
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """A contradiction: `rule` found that `individuals` break `axiom`; `proof` says why.

    `message` is set by the reference engine alone, which has no proofs.
    """

    rule: str
    axiom: tuple[Triple, ...] = ()
    individuals: tuple[Term, ...] = ()
    proof: Proof | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """An axiom outside OWL 2 RL that was left out: the triple that states it, and the reason."""

    axiom: Triple
    reason: str


@dataclass(frozen=True)
class Closure:
    """What follows from a graph by OWL 2 RL.

    `triples` are inferred and not asserted, in order of derivation; `steps[i]` is the step at which
    `triples[i]` was derived (1 is the first), so that the premises of a triple have smaller steps.
    """

    triples: tuple[Triple, ...]
    steps: tuple[int, ...]
    inconsistencies: tuple[Inconsistency, ...] = ()
    ignored: tuple[Ignored, ...] = field(default=())

    @property
    def consistent(self) -> bool:
        """Whether no contradiction was found."""
        return not self.inconsistencies
