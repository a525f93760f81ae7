"""Rules of one shape as one query: a thousand subclass axioms are one `VALUES` of a thousand rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clustergraph.inference.rule import Atom, Condition, Place, Rule, place, substitute
from clustergraph.terms import OWL, RDF, Term, Variable

Row = tuple[Term, ...]

# What a step wrote and a body reads: a predicate, or rdf:type and a class.
Key = tuple[Term, Term | None]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rules that differ in their constants only.

    `parameters` are the variables that stand for these, and `rows[i]` holds the constants of
    `rules[i]`. A rule with several atoms, or like no other, is a batch of its own, without parameters.
    `settled` means that the conclusions of the batch give it nothing new to conclude.
    """

    rules: tuple[Rule, ...]
    body: tuple[Atom, ...]
    head: Atom | None
    conditions: tuple[Condition, ...] = ()
    parameters: tuple[Variable, ...] = ()
    rows: tuple[Row, ...] = ()
    settled: bool = False

    @property
    def stage(self) -> int:
        """When to run it: schema, then properties, then types, then contradictions; cheap ones first."""
        if self.head is None:
            return 8
        if self.rules[0].name.startswith("scm-") or not self.body:
            return 0
        if self.head.predicate == OWL.sameAs:
            return 4
        return (5 if self.head.predicate == RDF.type else 2) + (len(self.body) > 1)

    def reads(self, position: int) -> Iterator[Key]:
        """What the atom at `position` reads, in any of the rules."""
        return (key(rule.body[position]) for rule in self.rules)

    def writes(self, rules: Iterable[Rule]) -> frozenset[Key]:
        """What the heads of `rules` write."""
        return frozenset(key(rule.head) for rule in rules if rule.head is not None)


def key(atom: Atom) -> Key:
    """What an atom reads or writes, as far as its constants tell."""
    assert not isinstance(atom.predicate, Variable)
    if atom.predicate == RDF.type and not isinstance(atom.object, Variable):
        return atom.predicate, atom.object
    return atom.predicate, None


def batches(rules: Iterable[Rule]) -> tuple[Batch, ...]:
    """The rules in as few queries as may be."""
    alone: list[Batch] = []
    alike: dict[tuple[Atom, Atom], list[tuple[Rule, Row]]] = defaultdict(list)
    for rule in rules:
        if len(rule.body) == 1 and rule.head is not None and not rule.conditions:
            shape, row = _shape(rule)
            alike[shape].append((rule, row))
        else:
            alone.append(Batch((rule,), rule.body, rule.head, rule.conditions))
    grouped = []
    for (body, head), members in alike.items():
        rows = tuple(row for _, row in members)
        settled = _settled(body, head, rows)
        if len(members) == 1:
            # With its constants in place, what is known is looked up in the index of one class.
            rule = members[0][0]
            alone.append(Batch((rule,), rule.body, rule.head, settled=settled))
            continue
        parameters = tuple(Variable(f"c{number}") for number in range(len(rows[0])))
        grouped.append(
            Batch(
                tuple(rule for rule, _ in members),
                (body,),
                head,
                parameters=parameters,
                rows=rows,
                settled=settled,
            )
        )
    return (*grouped, *alone)


def _shape(rule: Rule) -> tuple[tuple[Atom, Atom], Row]:
    """Body and head with variables renamed and constants replaced by parameters, and the constants."""
    assert rule.head is not None
    names: dict[Variable, Term] = {}
    for number, variable in enumerate(rule.variables):
        names[variable] = Variable(f"v{number}")  # type: ignore[assignment]  # renamed, not bound
    constants: list[Term] = []

    def shaped(atom: Atom) -> Atom:
        typed = atom.predicate == RDF.type

        def parameter(term: Place) -> Place:
            if isinstance(term, Variable):
                return place(term, names)
            constants.append(term)
            return Variable(f"c{len(constants) - 1}")

        predicate = atom.predicate if typed else parameter(atom.predicate)
        return Atom(parameter(atom.subject), predicate, parameter(atom.object))

    return (shaped(rule.body[0]), shaped(rule.head)), tuple(constants)


def _settled(body: Atom, head: Atom, rows: tuple[Row, ...]) -> bool:
    """Whether running the rows on their own conclusions adds nothing.

    So it is where they are a transitive relation, as a closed hierarchy is, or where each leads back
    to where it came from, as inverses do.
    """
    if len(rows[0]) != 2:
        return False
    above: dict[Term, set[Term]] = defaultdict(set)
    for low, high in rows:
        above[low].add(high)
    again = substitute(head, {Variable("c1"): Variable("c0")})  # type: ignore[dict-item]  # renamed
    if again == body:
        return all(above[high] - {low} <= above[low] for low, high in rows if high in above)
    if again == Atom(body.object, body.predicate, body.subject):
        return all(above[high] == {low} for low, high in rows if high in above)
    return False
