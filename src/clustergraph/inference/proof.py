"""Proofs, found backwards through the rules that made the closure.

A premise must have a smaller step than its conclusion, so that a proof ends (plain backward search
runs in circles on a symmetric and transitive property), and of several matches the one whose
premises are oldest is taken, so that it is short.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator

from clustergraph.inference import blank
from clustergraph.inference.batch import Key, key
from clustergraph.inference.closure import ASSERTED, Proof
from clustergraph.inference.fixpoint import holds
from clustergraph.inference.representatives import Representatives
from clustergraph.inference.rule import Atom, Binding, Rule, ground, substitute, unify
from clustergraph.inference.working import Working
from clustergraph.terms import OWL, RDF, Term, Triple, Variable

_EQ_REP = ("eq-rep-s", "eq-rep-p", "eq-rep-o")
_EQ_DIFF = ("eq-diff1", "eq-diff2", "eq-diff3")
# Enough matches of one body to choose a short proof among.
_MATCHES = 16
# Older than no step.
_NEVER = 2**62

Premises = tuple[tuple[Triple, int], ...]


class Prover:
    """Finds a proof of each triple of a closure; it must be made anew when the closure changes.

    Inside, blank nodes have names (`blank`); proofs have blank nodes.
    """

    def __init__(
        self,
        working: Working,
        rules: Iterable[Rule],
        names: Representatives | None,
        asserted_steps: Callable[[int], bool],
    ):
        self._working = working
        self._names = names or Representatives()
        self._asserted = asserted_steps
        self._by_head: dict[Key, list[Rule]] = defaultdict(list)
        for rule in rules:
            if rule.head is not None:
                self._by_head[key(rule.head)].append(rule)
        self._known: dict[Triple, Proof] = {}
        self._ages: dict[Triple, int] = {}

    def prove(self, triple: Triple) -> Proof | None:
        """A proof of `triple`, or None where it is not in the closure."""
        return self._prove(blank.name_all(triple))

    def contradiction(self, rule: Rule, binding: Binding) -> Proof:
        """The proof that a match of a contradiction has: its root is no triple."""
        if rule.name in _EQ_DIFF:
            premises = self._merged_twice(rule, binding)
        else:
            premises = tuple(self._prove(ground(substitute(atom, binding))) for atom in rule.body)
        supported = (*self._axiom_proofs(rule), *(proof for proof in premises if proof is not None))
        return Proof(None, rule.name, _shown(rule.axioms), supported)

    def derivable(self, triple: Triple) -> bool:
        """Whether some rule gives `triple` from the closure as it stands, in one step."""
        return next(self._applications(triple, None), None) is not None

    def _merged_twice(self, rule: Rule, binding: Binding) -> tuple[Proof | None, ...]:
        """The premises of eq-diff1 to 3: two different names that have become one."""
        if rule.name == "eq-diff1":
            (name,) = binding.values()
            for one in self._names.members(name):
                for triple, _ in self._working.history(one, OWL.differentFrom, None):
                    if triple.object in self._names.members(name):
                        return self._prove(triple), self._same(one, triple.object, None)
            return ()
        seen: dict[Term, Term] = {}
        for member in self._first_names(rule.axioms[1].object):
            other = seen.setdefault(self._names.of(member), member)
            if other is not member:
                return (self._same(other, member, None),)
        return ()

    def _first_names(self, cell: Term) -> Iterator[Term]:
        """The members of a list as they were asserted, before representatives took their places."""
        while cell != RDF.nil:
            firsts = [(step, t.object) for t, step in self._working.history(cell, RDF.first, None)]
            yield min(firsts, key=lambda first: (self._age(first[0]), str(first[1])))[1]
            cell = next(t.object for t, _ in self._working.history(cell, RDF.rest, None))

    def _prove(self, triple: Triple) -> Proof | None:
        if triple in self._known:
            return self._known[triple]
        steps = [step for found, step in self._working.history(*triple)]
        if any(self._asserted(step) for step in steps):
            return self._keep(triple, Proof(_show(triple), ASSERTED))
        if steps:
            return self._keep(triple, self._by_rule(triple, min(steps)))
        if triple.predicate == OWL.sameAs:
            return self._keep(triple, self._same(triple.subject, triple.object, None))
        spoken = self._names.rewrite(triple) if self._names else triple
        if spoken == triple:
            return None
        steps = [step for found, step in self._working.history(*spoken)]
        return self._keep(triple, self._renamed(triple, spoken, None)) if steps else None

    def _keep(self, triple: Triple, proof: Proof | None) -> Proof | None:
        if proof is not None:
            self._known[triple] = proof
        return proof

    def _by_rule(self, triple: Triple, step: int) -> Proof | None:
        best: tuple[int, Rule, Premises] | None = None
        for tried, (rule, premises) in enumerate(self._applications(triple, step)):
            cost = sum(one for _, one in premises) + sum(map(self._oldest, (*rule.axioms, *rule.cells)))
            if best is None or cost < best[0]:
                best = cost, rule, premises
            if cost == 0 or tried >= _MATCHES:
                break
        if best is None:
            return self._replaced(triple, step)
        _, rule, premises = best
        proofs = (self._prove(premise) for premise, _ in premises)
        below = (*self._axiom_proofs(rule), *(proof for proof in proofs if proof is not None))
        return Proof(_show(triple), rule.name, _shown(rule.axioms), below)

    def _axiom_proofs(self, rule: Rule) -> tuple[Proof, ...]:
        """Proofs of the axioms, and members of their lists, that were inferred themselves."""
        proofs = (self._prove(axiom) for axiom in (*rule.axioms, *rule.cells))
        return tuple(proof for proof in proofs if proof is not None and proof.rule != ASSERTED)

    def _applications(self, triple: Triple, step: int | None) -> Iterator[tuple[Rule, Premises]]:
        """The rules that give `triple`, with premises older than `step`."""
        keys: tuple[Key, ...] = ((triple.predicate, None),)
        if triple.predicate == RDF.type:
            keys = ((RDF.type, triple.object), (RDF.type, None))
        for rule in (rule for one in keys for rule in self._by_head.get(one, ())):
            assert rule.head is not None
            binding = unify(rule.head, triple)
            if binding is None or not self._older((*rule.axioms, *rule.cells), step):
                continue
            for found, premises in self._matches(rule.body, binding, step):
                if all(holds(condition, found) for condition in rule.conditions):
                    yield rule, premises

    def _older(self, axioms: Iterable[Triple], step: int | None) -> bool:
        return step is None or all(self._oldest(axiom) < step for axiom in axioms)

    def _oldest(self, triple: Triple) -> int:
        """The age of a triple; of those that several representatives made, that of the first."""
        if triple not in self._ages:
            steps = (self._age(step) for _, step in self._working.history(*triple))
            self._ages[triple] = min(steps, default=_NEVER)
        return self._ages[triple]

    def _age(self, step: int) -> int:
        """The step of a triple as proofs count it: what is asserted is older than all else."""
        return 0 if self._asserted(step) else step

    def _matches(
        self, body: tuple[Atom, ...], binding: Binding, step: int | None
    ) -> Iterator[tuple[Binding, Premises]]:
        """The ways in which a body matches; the atom with fewest unknowns is looked up first."""
        if not body:
            yield binding, ()
            return
        atom = min(body, key=lambda one: sum(v not in binding for v in one.variables))
        rest = tuple(other for other in body if other is not atom)
        pattern = substitute(atom, binding)
        terms = [None if isinstance(place, Variable) else place for place in pattern]
        for triple, found in self._working.history(*terms):
            age = self._age(found)
            extended = unify(pattern, triple, binding) if step is None or age < step else None
            if extended is None:
                continue
            for last, premises in self._matches(rest, extended, step):
                yield last, ((triple, age), *premises)

    def _replaced(self, triple: Triple, step: int) -> Proof | None:
        """A proof of a triple that a new representative made from an older one."""
        for other in self._names.expand(triple):
            for _, found in self._working.history(*other):
                if self._age(found) < step and other != triple:
                    # Names that were joined later than `step` are no reason for it.
                    proof = self._renamed(triple, other, step)
                    if proof is not None:
                        return proof
        return None

    def _renamed(self, triple: Triple, other: Triple, step: int | None) -> Proof | None:
        """A proof of `triple` from `other`, which says the same in other names (eq-rep-*)."""
        proof = self._prove(other)
        terms: list[Term] = list(other)
        for position, (wanted, name) in enumerate(zip(triple, _EQ_REP, strict=True)):
            if terms[position] == wanted or proof is None:
                continue
            same = self._same(terms[position], wanted, step)
            if same is None:
                return None
            terms[position] = wanted
            made = Triple(*terms)  # type: ignore[arg-type]  # a name of what was a subject can be one
            proof = Proof(_show(made), name, (), (same, proof))
        return proof

    def _same(self, one: Term, other: Term, step: int | None) -> Proof | None:
        """A proof that two names are of the same thing: the shortest way over sameAs triples."""
        if one == other:
            return Proof(_show(_same_as(one, one)), "eq-ref")
        goal = _same_as(one, other)
        if step is None and goal in self._known:
            return self._known[goal]
        way = self._way(one, other, step)
        if way is None:
            return None
        proof: Proof | None = None
        for edge, forward in way:
            link = self._prove(edge)
            if link is None:
                return None
            if not forward:
                link = Proof(_show(_same_as(edge.object, edge.subject)), "eq-sym", (), (link,))
            end = edge.object if forward else edge.subject
            proof = link if proof is None else Proof(_show(_same_as(one, end)), "eq-trans", (), (proof, link))
        return self._keep(goal, proof) if step is None else proof

    def _way(self, one: Term, other: Term, step: int | None) -> list[tuple[Triple, bool]] | None:
        came: dict[Term, tuple[Term, Triple, bool] | None] = {one: None}
        waiting = deque([one])
        while waiting and other not in came:
            here = waiting.popleft()
            for edge, forward, there in self._edges(here, step):
                if there not in came:
                    came[there] = here, edge, forward
                    waiting.append(there)
        if other not in came:
            return None
        way: list[tuple[Triple, bool]] = []
        back = came[other]
        while back is not None:
            way.append((back[1], back[2]))
            back = came[back[0]]
        return way[::-1]

    def _edges(self, term: Term, step: int | None) -> Iterator[tuple[Triple, bool, Term]]:
        for edge, found in self._working.history(term, OWL.sameAs, None):
            if step is None or self._age(found) < step:
                yield edge, True, edge.object
        for edge, found in self._working.history(None, OWL.sameAs, term):
            if step is None or self._age(found) < step:
                yield edge, False, edge.subject


def _same_as(one: Term, other: Term) -> Triple:
    return Triple(one, OWL.sameAs, other)  # type: ignore[arg-type]  # names are no literals


def _show(triple: Triple) -> Triple:
    """`triple` with its blank nodes; where its predicate would be one, the name of it stays."""
    subject, object = blank.unname(triple.subject), blank.unname(triple.object)
    return Triple(subject, triple.predicate, object)  # type: ignore[arg-type]  # a subject stays one


def _shown(triples: Iterable[Triple]) -> tuple[Triple, ...]:
    return tuple(_show(triple) for triple in triples)
