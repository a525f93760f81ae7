"""owl:sameAs without its rules: each thing has one representative, and the closure speaks of these.

With eq-sym, eq-trans and eq-rep-* as rules, a clique of n names costs n² edges and multiplies every
triple that mentions one; two cliques of 50 took 17.5 s instead of 0.3. Here a new sameAs joins two
cliques, what the closure said of the one that is no representative any more is said of the other,
and the old triples are kept aside for proofs. Answers and exports spell all names out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from clustergraph.inference import blank
from clustergraph.inference.batch import Key, key
from clustergraph.inference.noise import in_vocabulary
from clustergraph.inference.rule import Atom
from clustergraph.inference.working import Working
from clustergraph.terms import OWL, Literal, NamedNode, Term, Triple


class Representatives:
    """The cliques of things that are the same: a union-find forest of two levels."""

    def __init__(self) -> None:
        self._of: dict[Term, Term] = {}
        self._members: dict[Term, list[Term]] = {}

    def __bool__(self) -> bool:
        return bool(self._of)

    def of(self, term: Term) -> Term:
        """The representative of `term`: itself where it is the same as nothing else."""
        return self._of.get(term, term)

    def members(self, term: Term) -> tuple[Term, ...]:
        """All names of what `term` names, itself among them."""
        return tuple(self._members.get(self.of(term), (term,)))

    def rewrite(self, triple: Triple) -> Triple:
        """`triple` about representatives."""
        return Triple(*map(self.of, triple))  # type: ignore[arg-type]  # names are no literals

    def expand(self, triple: Triple) -> Iterator[Triple]:
        """`triple` in all names of what it is about."""
        places = (self.members(triple.subject), self.members(triple.predicate), self.members(triple.object))
        return (Triple(*terms) for terms in product(*places))  # type: ignore[arg-type]  # as above

    def cliques(self) -> Iterator[tuple[Term, ...]]:
        """The sets of names that are the same, each with its representative first."""
        return (tuple(members) for members in self._members.values())

    def join(self, one: Term, other: Term) -> tuple[Term, ...]:
        """Make two things the same; the terms that are no representatives any more."""
        first, second = sorted((self.of(one), self.of(other)), key=_rank)
        if first == second:
            return ()
        lost = self._members.pop(second, [second])
        kept = self._members.setdefault(first, [first])
        kept.extend(lost)
        for term in lost:
            self._of[term] = first
        self._of.setdefault(first, first)
        return (second,)


def _rank(term: Term) -> tuple[int, str]:
    """Words of a vocabulary first, blank nodes last, so that rules and readers keep what they know."""
    kind = 0 if in_vocabulary(term) else 2 if blank.unname(term) != term else 1
    return kind, term.value if isinstance(term, NamedNode) else str(term)


def absorb(working: Working, names: Representatives, step: int) -> frozenset[Key] | None:
    """Join what the sameAs triples of the closure say, and rewrite the closure as `step`.

    Gives what the step wrote, or None where the closure has no sameAs to take in. The new triples
    may say sameAs again (x sameAs y becomes r sameAs r, which is dropped).
    """
    edges = [t for t in working.match(None, OWL.sameAs, None) if not isinstance(t.object, Literal)]
    if not edges:
        return None
    lost = [term for edge in edges for term in names.join(edge.subject, edge.object)]
    working.retire(edges)
    touched = dict.fromkeys(triple for term in lost for triple in _about(working, term))
    working.retire(touched)
    rewritten = dict.fromkeys(names.rewrite(triple) for triple in touched)
    new = [t for t in rewritten if not _trivial(t) and working.step_of(t) is None]
    working.add(new, step)
    return frozenset(key(Atom(*triple)) for triple in new)


def _trivial(triple: Triple) -> bool:
    return triple.predicate == OWL.sameAs and triple.subject == triple.object


def _about(working: Working, term: Term) -> Iterable[Triple]:
    yield from working.match(term, None, None)
    yield from working.match(None, term, None)
    yield from working.match(None, None, term)
