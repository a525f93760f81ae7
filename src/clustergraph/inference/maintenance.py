"""Keeping a closure right: additions run on from the delta, removals delete and re-derive.

Removal is DRed: whatever has a derivation from a lost triple is taken out (too much), then what still
has another derivation is put back, and rules run on from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clustergraph.inference.batch import Batch, Key, key
from clustergraph.inference.fixpoint import Fixpoint, Step
from clustergraph.inference.proof import Prover
from clustergraph.inference.rule import Atom, Binding, ground, substitute
from clustergraph.inference.schema import is_axiom
from clustergraph.inference.text import Delta, from_delta, heads
from clustergraph.inference.working import Working
from clustergraph.terms import OWL, RDF, RDFS, NamedNode, Triple


@dataclass(frozen=True, slots=True)
class Change:
    """What adding or removing triples did to the closure.

    `recomputed` where it was built anew; then `inferred` and `withdrawn` are not filled.
    """

    inferred: tuple[Triple, ...] = ()
    withdrawn: tuple[Triple, ...] = ()
    recomputed: bool = False


@dataclass(slots=True)
class Maintained:
    """A closure under change: its store, its rules, and which steps hold what was asserted."""

    working: Working
    fixpoint: Fixpoint
    asserted: set[int]

    def needs_recomputation(self, triples: Iterable[Triple]) -> bool:
        """Whether a change of `triples` may change rules, or what is the same as what."""
        merging: set[Key] = {
            key(atom)
            for rule in self.fixpoint.rules
            if rule.head is not None and rule.head.predicate == OWL.sameAs
            for atom in rule.body
        }
        return any(
            triple.predicate == OWL.sameAs
            or is_axiom(triple)
            or _about_vocabulary(triple)
            or (triple.predicate, None) in merging
            or (triple.predicate, triple.object) in merging
            for triple in triples
        )

    def assert_all(self, triples: Iterable[Triple]) -> Step | None:
        """Assert triples; the step that holds those that were not in the closure, or None."""
        new: list[Triple] = []
        known: list[Triple] = []
        for triple in dict.fromkeys(triples):
            step = self.working.step_of(triple)
            if step is None:
                new.append(triple)
            elif step not in self.asserted:
                self.working.remove(triple)
                known.append(triple)
        if known:
            self._place(known, asserted=True)
        if not new:
            return None
        added = self._place(new, asserted=True)
        self.fixpoint.announce(added)
        return added

    def retract_all(self, triples: Iterable[Triple]) -> tuple[Triple, ...]:
        """Take triples back, with all that may rest on them; what was lost, the triples included.

        What has another derivation is put back as a step of its own, which rules have yet to run on.
        """
        targets = [t for t in dict.fromkeys(triples) if self.working.step_of(t) in self.asserted]
        lost = dict.fromkeys(targets)
        places: set[int] = set()
        frontier = self._lose(targets, places)
        while frontier is not None:
            followers = dict.fromkeys(t for t in self._conclusions(frontier, places) if t not in lost)
            lost.update(followers)
            frontier = self._lose(list(followers), places)
        for triple in lost:
            self.working.remove(triple)
        self._rederive(lost)
        return tuple(lost)

    def _lose(self, triples: list[Triple], places: set[int]) -> Step | None:
        """Move triples to a step of what is lost, where rules still see them."""
        if not triples:
            return None
        for triple in triples:
            self.working.remove(triple)
        step = self._place(triples, asserted=False)
        places.add(step.number)
        return step

    def _conclusions(self, step: Step, places: set[int]) -> Iterator[Triple]:
        """What rules concluded from the triples of `step`, and nobody asserted."""
        found: dict[Triple, None] = {}
        for batch, position, rows in self.fixpoint.readers(step):
            if batch.head is None:
                continue
            body = from_delta(self.working.layout, batch, rows, Delta(position, (step.number,)))
            found.update(dict.fromkeys(self._heads(batch, body)))
        for triple in found:
            place = self.working.step_of(triple)
            if place is not None and place not in self.asserted and place not in places:
                yield triple

    def _heads(self, batch: Batch, body: str) -> Iterator[Triple]:
        assert batch.head is not None
        variables = tuple(dict.fromkeys(batch.head.variables))
        for row in self.working.select(heads(batch, body)):
            binding: Binding = {v: t for v, t in zip(variables, row, strict=False) if t is not None}
            try:
                yield ground(substitute(batch.head, binding))
            except TypeError:
                continue  # a literal as subject, which was never derived

    def _rederive(self, lost: Iterable[Triple]) -> None:
        prover = Prover(self.working, self.fixpoint.rules, None, self.asserted.__contains__)
        back = [triple for triple in lost if prover.derivable(triple)]
        if back:
            self.fixpoint.announce(self._place(back, asserted=False))

    def _place(self, triples: list[Triple], *, asserted: bool) -> Step:
        number = self.fixpoint.next_step
        self.fixpoint.next_step += 1
        if asserted:
            self.asserted.add(number)
        self.working.add(triples, number)
        return Step(number, len(triples), frozenset(key(Atom(*triple)) for triple in triples))


def _about_vocabulary(triple: Triple) -> bool:
    """Whether a word of OWL or RDFS is defined, or a class declared."""
    words = (str(OWL), str(RDFS), str(RDF))
    if triple.predicate == RDF.type and isinstance(triple.object, NamedNode):
        return triple.object.value.startswith(words)
    return isinstance(triple.subject, NamedNode) and triple.subject.value.startswith(words)
