"""Semi-naive evaluation: rules run on what is new to them until nothing is."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from clustergraph.inference import blank, valuespace
from clustergraph.inference.batch import Batch, Key, Row, batches, key
from clustergraph.inference.representatives import Representatives
from clustergraph.inference.rule import Atom, Binding, Condition, Rule, Test, ground, place, substitute
from clustergraph.inference.text import Delta, Layout, clashes, conclusions, everywhere, from_delta
from clustergraph.sparql.results import Solution
from clustergraph.terms import Literal, NamedNode, Term, Triple, Variable, Written

# A delta of more triples is joined by hashing, a smaller one by looking its rows up one by one.
HASH_ABOVE = 2_000


class Place(Protocol):
    """Where rules run: our own store (`Working`), or one that is reached by queries and updates."""

    layout: Layout

    def derive(self, head: Atom, where: str, step: int) -> int:
        """Add a `head` for each match of `where`, as derived in `step`; the number that were added."""
        ...

    def select(self, query: str) -> Iterator[Solution]:
        """The rows of a SELECT."""
        ...

    def has(self, atom: Atom) -> bool:
        """Whether anything in the closure matches the constants of `atom`."""
        ...

    def step_of(self, triple: Triple) -> int | None:
        """The step of a triple of the closure; None where it is not in it."""
        ...

    def add(self, triples: Iterable[Triple], step: int) -> None:
        """Put `triples` in a step as they are."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One application of a batch: what its graph holds, and which batch wrote it (None: asserted)."""

    number: int
    size: int
    writes: frozenset[Key]
    batch: int | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """A match of a contradiction."""

    rule: Rule
    binding: tuple[tuple[Variable, Term], ...]


class Fixpoint:
    """The rules known so far, what each has seen, and the steps taken."""

    def __init__(self, working: Place, names: Representatives, written: Written | None = None):
        self.working = working
        self._names = names
        self._written = written
        self._layout = replace(working.layout, rewritten=written is not None)
        self.rules: dict[Rule, None] = {}
        self.next_step = 1
        self._batches: list[Batch] = []
        self._readers: dict[Key, list[tuple[int, int]]] = defaultdict(list)
        self._pending: dict[int, dict[int, list[Step]]] = {}
        self._queue: list[tuple[int, int]] = []
        self._unread: set[int] = set()
        self._facts: list[Rule] = []

    def learn(self, rules: Iterable[Rule]) -> int:
        """Take in rules; those that are known already are not run again. The number of new ones."""
        new = [rule for rule in rules if rule not in self.rules]
        self.rules.update(dict.fromkeys(new))
        self._facts += [rule for rule in new if rule.head is not None and not rule.body]
        for batch in batches(rule for rule in new if rule.body or rule.head is None):
            index = len(self._batches)
            self._batches.append(batch)
            self._unread.add(index)
            for position in range(len(batch.body)):
                for wanted in set(batch.reads(position)):
                    self._readers[wanted].append((index, position))
            self._plan(index)
        return len(new)

    def readers(self, step: Step) -> Iterator[tuple[Batch, int, list[Row]]]:
        """The batches that read what a step wrote, the position of the atom, and the rows that do."""
        for index, position in sorted(self._reached(step)):
            batch = self._batches[index]
            chosen = _chosen(batch, position, step.writes)
            yield batch, position, [batch.rows[n] for n in chosen] if batch.rows else []

    def announce(self, step: Step) -> None:
        """Tell the batches that read it of a step."""
        for index, position in self._reached(step):
            if step.batch == index and self._batches[index].settled:
                continue
            if index not in self._unread:
                self._pending.setdefault(index, {}).setdefault(position, []).append(step)
                self._plan(index)

    def _reached(self, step: Step) -> set[tuple[int, int]]:
        reached: set[tuple[int, int]] = set()
        for predicate, object in step.writes:
            reached.update(self._readers.get((predicate, object), ()))
            if object is not None:
                reached.update(self._readers.get((predicate, None), ()))
        return reached

    def steps(self) -> Iterator[Step]:
        """Run conclusions to the fixpoint, giving each step as it is taken, before the next is."""
        if self._facts:
            yield from self._state_facts()
        while self._queue and self._queue[0][0] < _CONTRADICTIONS:
            _, index = heapq.heappop(self._queue)
            if index in self._unread:
                self._unread.discard(index)
                yield from self._apply_everywhere(index)
            for position, steps in sorted(self._pending.pop(index, {}).items()):
                yield from self._apply_delta(index, position, steps)

    def clashes(self) -> Iterator[Clash]:
        """Run the contradictions on what is new to them."""
        while self._queue:
            _, index = heapq.heappop(self._queue)
            batch = self._batches[index]
            waiting = self._pending.pop(index, {})
            if index in self._unread:
                self._unread.discard(index)
                yield from self._find(batch, everywhere(self._layout, batch, ()) if batch.body else "")
                continue
            for position, steps in sorted(waiting.items()):
                yield from self._find(batch, from_delta(self._layout, batch, (), _delta(position, steps)))

    def _state_facts(self) -> Iterator[Step]:
        heads = {ground(rule.head): rule for rule in self._facts if rule.head is not None}
        self._facts.clear()
        new = [head for head in heads if self.working.step_of(head) is None]
        if new:
            step = Step(self.next_step, len(new), frozenset(key(Atom(*head)) for head in new))
            self.next_step += 1
            self.working.add(new, step.number)
            yield step
            self.announce(step)

    def _plan(self, index: int) -> None:
        heapq.heappush(self._queue, (self._batches[index].stage, index))

    def _apply_everywhere(self, index: int) -> Iterator[Step]:
        batch = self._batches[index]
        if len(batch.rules) == 1 and not all(self.working.has(atom) for atom in batch.body):
            return
        chosen = [
            n
            for n, rule in enumerate(batch.rules)
            if all(map(self.working.has, rule.body)) and self._current(rule)
        ]
        if chosen:
            rows = [batch.rows[n] for n in chosen] if batch.rows else []
            body = everywhere(self._layout, batch, rows)
            yield from self._derive(index, body, [batch.rules[n] for n in chosen], hashed=True)

    def _apply_delta(self, index: int, position: int, steps: list[Step]) -> Iterator[Step]:
        batch = self._batches[index]
        written = frozenset[Key]().union(*(step.writes for step in steps))
        chosen = [n for n in _chosen(batch, position, written) if self._current(batch.rules[n])]
        rows: list[Row] = [batch.rows[n] for n in chosen] if batch.rows else []
        if chosen and all(self.working.has(atom) for atom in batch.body):
            delta = _delta(position, steps)
            body = from_delta(self._layout, batch, rows, delta)
            yield from self._derive(index, body, [batch.rules[n] for n in chosen], hashed=delta.hashed)

    def _current(self, rule: Rule) -> bool:
        """Whether a rule speaks of representatives; otherwise it was compiled anew with these."""
        if not self._names or rule.head is None:
            return True
        return all(
            isinstance(t, Variable) or self._names.of(t) == t
            for atom in (*rule.body, rule.head)
            for t in atom
        )

    def _derive(self, index: int, body: str, rules: list[Rule], *, hashed: bool) -> Iterator[Step]:
        batch = self._batches[index]
        assert batch.head is not None
        number = self.next_step
        where = conclusions(self._layout, batch, body, hashed=hashed)
        size = self.working.derive(batch.head, where, number)
        if size:
            self.next_step += 1
            step = Step(number, size, batch.writes(rules), index)
            yield step
            self.announce(step)

    def _find(self, batch: Batch, body: str) -> Iterator[Clash]:
        (rule,) = batch.rules
        if not all(self.working.has(atom) for atom in rule.body):
            return
        if not rule.body:
            yield Clash(rule, ())
            return
        for row in self.working.select(clashes(batch, body)):
            binding: Binding = {v: t for v, t in zip(rule.variables, row, strict=False) if t is not None}
            if all(self._holds(rule, condition, binding) for condition in rule.conditions):
                yield Clash(rule, tuple(binding.items()))

    def _holds(self, rule: Rule, condition: Condition, binding: Binding) -> bool:
        """Whether a condition holds; a literal is outside where it is so in any way it was written."""
        if self._written is None or condition.test != Test.OUTSIDE:
            return holds(condition, binding)
        literal, datatype = condition.terms
        triple = next(ground(substitute(atom, binding)) for atom in rule.body if atom.object == literal)
        if not isinstance(triple.object, Literal):
            return False
        asserted = blank.unname_all(triple)
        if asserted is None:
            return holds(condition, binding)
        spellings = self._written(asserted.subject, asserted.predicate, triple.object)
        return any(holds(Condition(Test.OUTSIDE, (spelling, datatype)), binding) for spelling in spellings)


_CONTRADICTIONS = 8


def _chosen(batch: Batch, position: int, written: frozenset[Key]) -> list[int]:
    """The rules of a batch that read some of `written` at that position."""
    if len(batch.rules) == 1:
        return [0]
    predicates = {predicate for predicate, _ in written}
    return [
        number
        for number, (predicate, kind) in enumerate(batch.reads(position))
        if (
            predicate in predicates
            if kind is None
            else (predicate, kind) in written or (predicate, None) in written
        )
    ]


def _delta(position: int, steps: list[Step]) -> Delta:
    large = sum(step.size for step in steps) > HASH_ABOVE
    return Delta(position, tuple(step.number for step in steps), hashed=large)


def holds(condition: Condition, binding: Binding) -> bool:
    """Whether a condition is true of terms, values compared as OWL compares them."""
    terms = [place(term, binding) for term in condition.terms]
    match condition.test:
        case Test.DIFFER:
            return terms[0] != terms[1]
        case Test.RESOURCES:
            return not any(isinstance(term, Literal) for term in terms)
        case Test.UNEQUAL:
            one, other = terms
            return isinstance(one, Literal) and isinstance(other, Literal) and not valuespace.same(one, other)
        case Test.OUTSIDE:
            literal, datatype = terms
            return (
                isinstance(literal, Literal)
                and isinstance(datatype, NamedNode)
                and not valuespace.holds(datatype, literal)
            )
        case Test.INSIDE:
            literal, datatype = terms
            return (
                isinstance(literal, Literal)
                and isinstance(datatype, NamedNode)
                and valuespace.holds(datatype, literal)
            )
