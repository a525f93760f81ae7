"""From a proof to an explanation that a reader can follow into the files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clustergraph.explanation.words import Axioms
from clustergraph.folder.places import Places
from clustergraph.inference import Proof, Shortfall
from clustergraph.inference.closure import ASSERTED
from clustergraph.terms import Triple


@dataclass(frozen=True)
class Explanation:
    """A proof whose axioms are in words, and whose asserted triples say where they stand.

    `text` is the triple as a reader sees it: prefixed names, class expressions in words. `rule` is the
    W3C name of the rule, or `asserted`. `graph` is an IRI, `line` counts from 1; they are None where
    the triple is inferred, or where no file is known to state it; `also` are the other graphs that state
    it. The explanation of a contradiction has no triple.
    """

    triple: Triple | None
    text: str
    rule: str
    axioms: tuple[str, ...] = ()
    premises: tuple[Explanation, ...] = ()
    graph: str | None = None
    file: Path | None = None
    line: int | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lack:
    """A rule by which a triple would follow if `missing` held too, in words; a `?` may be anything."""

    rule: str
    missing: str
    held: tuple[str, ...] = ()
    axioms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explainer:
    """Explains proofs about the triples of one graph."""

    axioms: Axioms
    places: Places

    def lack(self, shortfall: Shortfall) -> Lack:
        """A shortfall in words."""
        return Lack(
            shortfall.rule,
            " ".join("?" if term is None else self.axioms.shown(term) for term in shortfall.missing),
            tuple(map(self._shown, shortfall.held)),
            tuple(dict.fromkeys(map(self.axioms.in_words, shortfall.axioms))),
        )

    def _shown(self, triple: Triple) -> str:
        return " ".join(map(self.axioms.shown, triple))

    def explain(self, proof: Proof) -> Explanation:
        """The explanation of a proof."""
        text = self._shown(proof.triple) if proof.triple else ""
        if proof.rule == ASSERTED and proof.triple is not None:
            place = self.places.of(proof.triple)
            location = place.location if place else None
            others = (g for g in self.places.graphs_of(proof.triple) if place is None or g != place.graph)
            return Explanation(
                proof.triple,
                text,
                proof.rule,
                graph=place.graph.value if place else None,
                file=location.path if location else None,
                line=location.line if location else None,
                also=tuple(graph.value for graph in others),
            )
        return Explanation(
            proof.triple,
            text,
            proof.rule,
            tuple(dict.fromkeys(self.axioms.in_words(axiom) for axiom in proof.axioms)),
            tuple(self.explain(premise) for premise in proof.premises),
        )
