"""A graph with what follows from it: built once, then kept right as triples come and go."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator

from clustergraph.inference import blank
from clustergraph.inference.closure import Closure, Ignored, Inconsistency, Proof
from clustergraph.inference.compile import compile_rules, compile_schema_rules
from clustergraph.inference.fixpoint import Clash, Fixpoint, Step
from clustergraph.inference.maintenance import Change, Maintained
from clustergraph.inference.noise import EXPRESSION, is_noise
from clustergraph.inference.profile import outside_profile
from clustergraph.inference.proof import Prover
from clustergraph.inference.representatives import Representatives, absorb
from clustergraph.inference.rule import Binding, Rule, ground, substitute
from clustergraph.inference.schema import Schema, is_axiom
from clustergraph.inference.shortfall import Shortfall, shortfall
from clustergraph.inference.working import Working
from clustergraph.store.protocol import Store
from clustergraph.terms import OWL, RDF, Term, Triple, Written

_EQUALITY = (OWL.sameAs, OWL.differentFrom)


class Reasoner:
    """The closure of the default graph of a store, which is copied.

    `written` gives literals as they were written, where the store rewrites them. `without` leaves
    rules of the tables out, by name. `told` is given the number of triples derived so far, after each
    step. Raises OntologyError for a malformed axiom.
    """

    def __init__(
        self,
        base: Store,
        *,
        include_schema: bool = False,
        written: Written | None = None,
        without: Container[str] = (),
        told: Callable[[int], None] | None = None,
    ):
        self._include_schema = include_schema
        self._written = written
        self._without = without
        self._told = told
        self._start(Working.holding(base))

    def _start(self, working: Working) -> None:
        self._working = working
        self._names = Representatives()
        self._fixpoint = Fixpoint(self._working, self._names, self._written)
        self._asserted = {0}
        self._number = 0  # derived so far
        self._clashes: list[Clash] = []
        self._prover: Prover | None = None
        self._ignored: tuple[Ignored, ...] = ()
        try:
            self._close()
        except BaseException:
            working.close()  # a full disk has room again, and an interrupt leaves nothing behind
            raise

    @property
    def on_disk(self) -> bool:
        """Whether the closure is too large for memory, and lies in a temporary folder."""
        return self._working.path is not None

    def close(self) -> None:
        """Let go of memory, and of the temporary folder; the reasoner answers no more."""
        self._working.close()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that the ontology was compiled to."""
        return tuple(self._fixpoint.rules)

    @property
    def ignored(self) -> tuple[Ignored, ...]:
        """The axioms outside OWL 2 RL, with the reason why each was left out."""
        return self._ignored

    @property
    def inconsistencies(self) -> tuple[Inconsistency, ...]:
        """The contradictions, each with its proof."""
        return tuple(self._inconsistency(clash) for clash in self._clashes)

    @property
    def consistent(self) -> bool:
        """Whether there is no contradiction."""
        return not self._clashes

    @property
    def size(self) -> int:
        """The number of triples that were derived, noise and the sides of sameAs not counted apart."""
        steps = (step for step in range(self._fixpoint.next_step) if step not in self._asserted)
        return sum(map(self._working.count, steps))

    def closure(self) -> Closure:
        """All that was inferred, as one value."""
        inferred = list(self.inferred())
        return Closure(
            tuple(triple for triple, _ in inferred),
            tuple(step for _, step in inferred),
            self.inconsistencies,
            self.ignored,
        )

    def inferred(self) -> Iterator[tuple[Triple, int]]:
        """What was inferred and not asserted, and the step of each, in order of derivation."""
        expressions = self._expressions()
        for triple, step in self._spelled_out() if self._names else self._derived():
            shown = blank.unname_all(triple)
            if shown is not None and (self._include_schema or not is_noise(shown, expressions)):
                yield shown, step

    def prove(self, triple: Triple) -> Proof | None:
        """A proof of `triple`, or None where it does not follow."""
        return self._proofs().prove(triple)

    def shortfall(self, triple: Triple) -> Shortfall | None:
        """What `triple` lacks to follow, by the rule that comes nearest; None where none concludes it."""
        spoken = self._names.rewrite(blank.name_all(triple))
        return shortfall(spoken, self._fixpoint.rules, self._working)

    def add(self, triples: Iterable[Triple]) -> Change:
        """Assert more triples, and infer what they add."""
        named = [blank.name_all(triple) for triple in triples]
        maintained = Maintained(self._working, self._fixpoint, self._asserted)
        if self._names or maintained.needs_recomputation(named):
            self._working.add((t for t in named if not self._is_asserted(t)), 0)
            return self._recompute()
        first = self._fixpoint.next_step
        maintained.assert_all(named)
        return self._resume(first, ())

    def remove(self, triples: Iterable[Triple]) -> Change:
        """Take asserted triples back, and what followed from them alone."""
        named = [blank.name_all(triple) for triple in triples]
        maintained = Maintained(self._working, self._fixpoint, self._asserted)
        if self._names or maintained.needs_recomputation(named):
            for triple in named:
                self._working.forget(triple, self._asserted)
            return self._recompute()
        first = self._fixpoint.next_step
        return self._resume(first, maintained.retract_all(named))

    def _recompute(self) -> Change:
        old = self._working
        self._start(old.restarted(sorted(self._asserted)))
        old.close()
        return Change(recomputed=True)

    def _resume(self, first: int, lost: tuple[Triple, ...]) -> Change:
        """Run rules on after a change, from the step `first`."""
        if self._run():
            return self._recompute()
        self._prover = None
        self._clashes = [clash for clash in self._clashes if self._still_holds(clash)]
        self._clashes += self._fixpoint.clashes()
        gone = [triple for triple in lost if self._working.step_of(triple) is None]
        came = (
            triple
            for step in range(first, self._fixpoint.next_step)
            if step not in self._asserted
            for triple in self._working.triples(step)
            if triple not in lost
        )
        return Change(_shown(came), _shown(gone))

    def _still_holds(self, clash: Clash) -> bool:
        binding: Binding = dict(clash.binding)
        atoms = (ground(substitute(atom, binding)) for atom in clash.rule.body)
        return all(self._working.step_of(triple) is not None for triple in atoms)

    def matching(self, subject: Term | None, predicate: Term | None, object: Term | None) -> Iterator[Triple]:
        """The triples of the closure and of what was asserted that match, in all names of things."""
        terms = (
            None if term is None else self._names.of(blank.name(term))
            for term in (subject, predicate, object)
        )
        wanted = (subject, predicate, object)
        for triple in self._working.match(*terms):
            for named in self._names.expand(triple):
                shown = blank.unname_all(named)
                if shown and all(w in (None, t) for w, t in zip(wanted, shown, strict=True)):
                    yield shown

    def __contains__(self, triple: Triple) -> bool:
        named = self._names.rewrite(blank.name_all(triple))
        if named.predicate == OWL.sameAs and named.subject == named.object:
            return True
        return self._working.step_of(named) is not None

    def _close(self) -> None:
        """Run rules to the fixpoint: of the ontology first, then of all, again where axioms came of it."""
        self._absorb()
        schema = Schema.read(self._working.match)
        self._ignored = outside_profile(schema)
        while self._fixpoint.learn(compile_schema_rules(schema, without=self._without)):
            self._run()
            schema = Schema.read(self._working.match)
        while self._fixpoint.learn(compile_rules(schema, without=self._without)):
            if not self._run():
                break
            schema = Schema.read(self._working.match)
        self._clashes += self._fixpoint.clashes()

    def _run(self) -> bool:
        """Whether the steps to the fixpoint wrote axioms."""
        axioms = False
        for step in self._fixpoint.steps():
            self._number += step.size
            if self._told:
                self._told(self._number)
            axioms |= _writes_axioms(step)
            if any(predicate == OWL.sameAs for predicate, _ in step.writes):
                axioms |= self._absorb()
        return axioms

    def _absorb(self) -> bool:
        """Take new sameAs triples into the representatives; whether that rewrote axioms."""
        axioms = False
        while (writes := absorb(self._working, self._names, self._fixpoint.next_step)) is not None:
            step = Step(self._fixpoint.next_step, len(writes), writes)
            self._fixpoint.next_step += 1
            self._fixpoint.announce(step)
            axioms |= _writes_axioms(step)
        return axioms

    def _derived(self) -> Iterator[tuple[Triple, int]]:
        for step in range(1, self._fixpoint.next_step):
            if step not in self._asserted:
                yield from ((triple, step) for triple in self._working.triples(step))

    def _spelled_out(self) -> Iterator[tuple[Triple, int]]:
        """What was derived, in all names of the things that have several, sameAs among them."""
        last = self._fixpoint.next_step
        seen: set[Triple] = set()
        for clique in self._names.cliques():
            pairs = ((one, other) for one in clique for other in clique if one != other)
            for one, other in pairs:
                triple = Triple(one, OWL.sameAs, other)  # type: ignore[arg-type]  # names are no literals
                if not self._is_asserted(triple):
                    yield triple, last
        for step in range(last):
            for triple in self._working.triples(step):
                for named in self._names.expand(triple):
                    if named == triple and step not in self._asserted:
                        yield triple, step
                    elif named != triple and named not in seen and not self._is_asserted(named):
                        seen.add(named)
                        yield named, last

    def _is_asserted(self, triple: Triple) -> bool:
        return any(step in self._asserted for _, step in self._working.history(*triple))

    def _expressions(self) -> frozenset[Term]:
        """The blank nodes that are class expressions or lists."""
        found = {t.subject for predicate in EXPRESSION for t in self._working.match(None, predicate, None)}
        return frozenset(blank.unname(term) for term in found)

    def _inconsistency(self, clash: Clash) -> Inconsistency:
        binding: Binding = dict(clash.binding)
        proof = self._proofs().contradiction(clash.rule, binding)
        terms = [blank.unname(term) for term in binding.values()]
        if clash.rule.name.startswith("eq-diff"):
            about = (premise.triple for premise in proof.premises if premise.triple)
            terms = [term for t in about if t.predicate in _EQUALITY for term in (t.subject, t.object)]
        individuals = tuple(dict.fromkeys(terms))
        return Inconsistency(clash.rule.name, proof.axioms, individuals, proof)

    def _proofs(self) -> Prover:
        if self._prover is None:
            self._prover = Prover(
                self._working, self._fixpoint.rules, self._names, self._asserted.__contains__
            )
        return self._prover


def _writes_axioms(step: Step) -> bool:
    return any(
        is_axiom(Triple(OWL.Thing, predicate, object or RDF.nil))  # type: ignore[arg-type]  # heads have IRIs
        for predicate, object in step.writes
    )


def _shown(triples: Iterable[Triple]) -> tuple[Triple, ...]:
    return tuple(shown for triple in triples if (shown := blank.unname_all(triple)) is not None)
