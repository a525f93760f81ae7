"""What a triple lacks to follow: the rule that comes nearest to it, and the premise that is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from clustergraph.inference import blank
from clustergraph.inference.rule import Atom, Binding, Rule, ground, substitute, unify
from clustergraph.inference.working import Working
from clustergraph.terms import OWL, Literal, Term, Triple, Variable

# Rules that are tried, and matches of an atom: a class may have thousands of subclasses, a hub of triples.
_RULES = 500
_MATCHES = 20


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A rule that would give a triple if `missing` held: a pattern whose None may be anything.

    `held` are the premises that do hold, `axioms` what the rule was compiled from.
    """

    rule: str
    axioms: tuple[Triple, ...]
    held: tuple[Triple, ...]
    missing: tuple[Term | None, Term | None, Term | None]


def shortfall(triple: Triple, rules: Iterable[Rule], working: Working) -> Shortfall | None:
    """What the rule lacks that comes nearest to `triple`; None where no rule concludes the like.

    The nearest is the one with the largest part of its body in the closure, the first of several.
    The search is bounded, so that it may miss a nearer one.
    """
    heads = ((rule, rule.head) for rule in rules if rule.head is not None)
    fitting = ((rule, unify(head, triple)) for rule, head in heads)
    tried = islice(((rule, binding) for rule, binding in fitting if binding is not None), _RULES)
    found = [
        (len(held) / len(rule.body), rule, held, missing)
        for rule, binding in tried
        for held, missing in _partly(rule.body, binding, working)
        if missing.object != OWL.Nothing  # which nothing can be
    ]
    if not found:
        return None
    _, rule, held, missing = max(found, key=lambda one: one[0])
    subject, predicate, object = (None if isinstance(t, Variable) else blank.unname(t) for t in missing)
    shown = (blank.unname_all(one) for one in held)
    axioms = (blank.unname_all(axiom) for axiom in rule.axioms)
    return Shortfall(
        rule.name,
        tuple(axiom for axiom in axioms if axiom is not None),
        tuple(one for one in shown if one is not None),
        (subject, predicate, object),
    )


def _partly(
    body: tuple[Atom, ...], binding: Binding, working: Working
) -> Iterator[tuple[tuple[Triple, ...], Atom]]:
    """The ways in which atoms of a body hold, and the first atom that then does not."""
    if not body:
        return  # all hold, and a condition does not
    atom = min(body, key=lambda one: sum(v not in binding for v in one.variables))
    rest = tuple(other for other in body if other is not atom)
    pattern = substitute(atom, binding)
    if isinstance(pattern.subject, Literal):
        return
    terms = [None if isinstance(place, Variable) else place for place in pattern]
    matches = list(islice(working.match(*terms), _MATCHES))
    if not matches:
        yield (), pattern
    for match in matches:
        extended = unify(pattern, match, binding)
        if extended is not None:
            for held, missing in _partly(rest, extended, working):
                yield (ground(substitute(atom, extended)), *held), missing
