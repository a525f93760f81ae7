"""What follows only after a change, and what no longer does; with the changed triples it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clustergraph.contribution.blank import Contents, triple_by_content
from clustergraph.contribution.change import Change
from clustergraph.folder import LiteralTable
from clustergraph.folder.edition import Edition
from clustergraph.inference import Reasoner
from clustergraph.terms import Literal, Triple


@dataclass(frozen=True, slots=True)
class Consequence:
    """An inferred triple that comes or goes, and the triples of the change that its proof rests on.

    `because` are triples that were added where it comes, and that were removed where it goes; a
    proof is searched for the first `PROVED` of them, others have none (None).
    """

    triple: Triple
    because: tuple[Triple, ...] | None


# A proof takes well under a millisecond; a change of the ontology can touch a million triples.
PROVED = 2_000

Consequences = tuple[Consequence, ...]


@dataclass(frozen=True)
class Closures:
    """The closures of both editions."""

    change: Change
    before: Reasoner
    after: Reasoner

    def consequences(
        self, added: Iterable[Triple], removed: Iterable[Triple]
    ) -> tuple[Consequences, Consequences]:
        """What newly follows, and what no longer does; neither held or holds otherwise."""
        known_before, known_after = self.change.blank_nodes
        before = _inferred(self.before, known_before)
        after = _inferred(self.after, known_after)
        came = {key: triple for key, triple in after.items() if key not in before}
        gone = {key: triple for key, triple in before.items() if key not in after}
        # What was asserted before is not new, what is asserted now is not lost.
        removed_set, added_set = set(removed), set(added)
        came = {key: t for key, t in came.items() if key not in removed_set and t not in self.before}
        gone = {key: t for key, t in gone.items() if key not in added_set and t not in self.after}
        return (
            _because(came, self.after, added_set, known_after),
            _because(gone, self.before, removed_set, known_before),
        )


def closed(edition: Edition) -> Reasoner:
    """The closure of an edition; raises OntologyError, with file and line, for a malformed axiom."""
    with edition.places.locating():
        return Reasoner(edition.store, written=edition.written)


def _inferred(reasoner: Reasoner, known: Contents) -> dict[Triple, Triple]:
    return {triple_by_content(triple, known): triple for triple, _ in reasoner.inferred()}


def _because(
    triples: dict[Triple, Triple], reasoner: Reasoner, changed: set[Triple], known: Contents
) -> Consequences:
    """The consequences in order, each with the leaves of its proof that the change is about."""
    literals = LiteralTable()
    # Proofs speak of literals as stored.
    written = {_stored(triple, literals): triple for triple in changed}
    found = []
    for at, shown in enumerate(sorted(triples, key=str)):
        because = None
        if at < PROVED:
            proof = reasoner.prove(triples[shown])
            leaves = proof.leaves() if proof is not None else ()
            spoken = [triple_by_content(leaf, known) for leaf in leaves]
            because = tuple(written[leaf] for leaf in spoken if leaf in written)
        found.append(Consequence(shown, because))
    return tuple(found)


def _stored(triple: Triple, literals: LiteralTable) -> Triple:
    object = triple.object
    return Triple(
        triple.subject, triple.predicate, literals.stored(object) if isinstance(object, Literal) else object
    )
