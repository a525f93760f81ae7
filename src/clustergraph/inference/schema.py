"""The axioms of a graph, as the compiler asks for them; malformed ones are errors.

A schema is small beside the data: it holds the triples that some line of the tables may match as
an axiom, and the lists that they lead to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

from clustergraph.errors import OntologyError
from clustergraph.inference import blank
from clustergraph.inference.rule import Binding, Place
from clustergraph.inference.tables import AxiomPattern, Members, templates
from clustergraph.terms import OWL, RDF, Literal, NamedNode, Term, Triple, Variable

Match = Callable[[Term | None, NamedNode | None, Term | None], Iterable[Triple]]

# Axioms whose object is a list, also those that the tables do not know.
LISTS = (
    OWL.intersectionOf,
    OWL.unionOf,
    OWL.oneOf,
    OWL.propertyChainAxiom,
    OWL.hasKey,
    OWL.members,
    OWL.distinctMembers,
    OWL.disjointUnionOf,
    OWL.withRestrictions,
)
CARDINALITIES = (
    OWL.maxCardinality,
    OWL.maxQualifiedCardinality,
    OWL.minCardinality,
    OWL.minQualifiedCardinality,
    OWL.cardinality,
    OWL.qualifiedCardinality,
)
# Lists of properties: a literal or a class name in one of these is an error.
_PROPERTY_LISTS = (OWL.propertyChainAxiom, OWL.hasKey)
# Beside those in the tables: what makes an axiom one outside the profile.
_OUTSIDE = (
    OWL.hasSelf,
    OWL.onProperties,
    OWL.onDatatype,
    OWL.datatypeComplementOf,
    OWL.disjointUnionOf,
    OWL.onDataRange,
    *CARDINALITIES,
)


@cache
def _axiom_predicates() -> tuple[NamedNode, ...]:
    found = {p.predicate: None for t in templates() for p in t.axioms if isinstance(p.predicate, NamedNode)}
    found.pop(RDF.type)
    return tuple(dict.fromkeys((*found, *LISTS, *_OUTSIDE)))


@cache
def _axiom_classes() -> tuple[NamedNode, ...]:
    types = (p.object for t in templates() for p in t.axioms if p.predicate == RDF.type)
    return tuple(dict.fromkeys((*(c for c in types if isinstance(c, NamedNode)), OWL.ReflexiveProperty)))


def vocabulary_patterns() -> Iterator[tuple[Term | None, NamedNode | None, Term | None]]:
    """Patterns that match all that axioms may be made of, lists included."""
    yield from ((None, predicate, None) for predicate in (*_axiom_predicates(), RDF.first, RDF.rest))
    for kind in (*_axiom_classes(), OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty):
        yield None, RDF.type, kind


def is_axiom(triple: Triple) -> bool:
    """Whether some line of the tables may match `triple` as an axiom, or as a part of one."""
    if triple.predicate == RDF.type:
        return triple.object in _axiom_classes() or triple.object in (
            OWL.Class,
            OWL.ObjectProperty,
            OWL.DatatypeProperty,
        )
    return triple.predicate in _axiom_predicates() or triple.predicate in (RDF.first, RDF.rest)


@dataclass(frozen=True, slots=True)
class AxiomMatch:
    """How the axioms of a template match: variables, lists matched as a whole, and the triples.

    `cells` are the triples of rdf:first that the match rests on.
    """

    binding: Binding
    lists: dict[Variable, tuple[Term, ...]]
    axioms: tuple[Triple, ...]
    cells: tuple[Triple, ...] = ()


class Schema:
    """The axioms, indexed; immutable once read."""

    def __init__(self, triples: Iterable[Triple], match: Match):
        self._match = match
        self._by_predicate: dict[NamedNode, list[Triple]] = defaultdict(list)
        self._by_subject: dict[tuple[NamedNode, Term], list[Triple]] = defaultdict(list)
        self._by_object: dict[tuple[NamedNode, Term], list[Triple]] = defaultdict(list)
        self._lists: dict[Term, tuple[Triple, ...]] = {}
        self.triples = frozenset(triples)
        for triple in sorted(self.triples, key=str):
            self._by_predicate[triple.predicate].append(triple)
            self._by_subject[triple.predicate, triple.subject].append(triple)
            self._by_object[triple.predicate, triple.object].append(triple)
        self._check()

    @classmethod
    def read(cls, match: Match) -> Schema:
        """The axioms among the triples that `match` finds.

        Raises OntologyError for a malformed list or cardinality.
        """
        found = [triple for predicate in _axiom_predicates() for triple in match(None, predicate, None)]
        found += [triple for kind in _axiom_classes() for triple in match(None, RDF.type, kind)]
        return cls(found, match)

    def __contains__(self, triple: Triple) -> bool:
        return triple in self.triples

    def find(self, subject: Term | None, predicate: NamedNode, object: Term | None) -> Iterator[Triple]:
        """The axioms of that subject, predicate and object, in a fixed order."""
        if subject is not None:
            candidates = self._by_subject.get((predicate, subject), [])
        elif object is not None:
            candidates = self._by_object.get((predicate, object), [])
        else:
            candidates = self._by_predicate.get(predicate, [])
        return (t for t in candidates if object is None or t.object == object)

    def members(self, head: Term) -> tuple[Term, ...]:
        """The members of the list that begins at `head`; OntologyError where it is malformed."""
        return tuple(cell.object for cell in self._cells(head))

    def _cells(self, head: Term) -> tuple[Triple, ...]:
        if head not in self._lists:
            self._lists[head] = tuple(self._walk(head))
        return self._lists[head]

    def match(self, patterns: tuple[AxiomPattern, ...]) -> Iterator[AxiomMatch]:
        """Every way in which all of the patterns match."""
        yield from self._extend(patterns, AxiomMatch({}, {}, ()))

    def _extend(self, patterns: tuple[AxiomPattern, ...], so_far: AxiomMatch) -> Iterator[AxiomMatch]:
        if not patterns:
            yield so_far
            return
        for longer in self._one(patterns[0], so_far):
            yield from self._extend(patterns[1:], longer)

    def _one(self, pattern: AxiomPattern, so_far: AxiomMatch) -> Iterator[AxiomMatch]:
        subject = _bound(pattern.subject, so_far.binding)
        object = None if isinstance(pattern.object, Members) else _bound(pattern.object, so_far.binding)
        assert isinstance(pattern.predicate, NamedNode)
        for triple in self.find(subject, pattern.predicate, object):
            binding = dict(so_far.binding)
            if isinstance(pattern.subject, Variable):
                binding[pattern.subject] = triple.subject
            if isinstance(pattern.object, Variable):
                binding[pattern.object] = triple.object
            longer = replace(so_far, binding=binding, axioms=(*so_far.axioms, triple))
            if isinstance(pattern.object, Members):
                yield from self._list_matches(pattern.object, triple.object, longer)
            else:
                yield longer

    def _list_matches(self, wanted: Members, head: Term, so_far: AxiomMatch) -> Iterator[AxiomMatch]:
        """How the members of the list that begins at `head` extend a match."""
        cells, binding = self._cells(head), so_far.binding
        first, *second = wanted.variables
        if wanted.kind == "all":
            members = tuple(cell.object for cell in cells)
            yield replace(so_far, lists={**so_far.lists, first: members}, cells=cells)
        elif wanted.kind == "each":
            for cell in cells:
                yield replace(so_far, binding={**binding, first: cell.object}, cells=(cell,))
        else:
            for one, other in _twice(cells) if wanted.kind == "twice" else combinations(cells, 2):
                pair = {first: one.object, second[0]: other.object}
                yield replace(so_far, binding={**binding, **pair}, cells=(one, other))

    def _walk(self, head: Term) -> Iterator[Triple]:
        seen: set[Term] = set()
        cell = head
        while cell != RDF.nil:
            if cell in seen:
                raise OntologyError(written(head), "this list leads back into itself")
            seen.add(cell)
            firsts = set(self._match(cell, RDF.first, None))
            rests = {t.object for t in self._match(cell, RDF.rest, None)}
            if len(firsts) != 1 or len(rests) != 1:
                found = f"{len(firsts)} rdf:first and {len(rests)} rdf:rest"
                raise OntologyError(
                    written(head),
                    f"this list is broken at {written(cell)}, which has {found}, not one of each",
                )
            yield firsts.pop()
            cell = rests.pop()

    def _check(self) -> None:
        for predicate in LISTS:
            for triple in self._by_predicate.get(predicate, []):
                if isinstance(triple.object, Literal):
                    raise OntologyError(written(triple.subject), f"{written(predicate)} needs a list")
                self._check_members(predicate, triple)
        for predicate in CARDINALITIES:
            for triple in self._by_predicate.get(predicate, []):
                if cardinality(triple.object) is None:
                    raise OntologyError(
                        written(triple.subject),
                        f"{written(predicate)} needs an integer of 0 or more, not {written(triple.object)}",
                    )
        for triple in self._by_predicate.get(OWL.onProperty, []):
            if isinstance(triple.object, Literal):
                raise OntologyError(
                    written(triple.subject), f"owl:onProperty needs a property, not {written(triple.object)}"
                )

    def _check_members(self, predicate: NamedNode, triple: Triple) -> None:
        members = self.members(triple.object)
        if predicate not in _PROPERTY_LISTS:
            return
        for member in members:
            if isinstance(member, Literal):
                raise OntologyError(
                    written(triple.subject),
                    f"{written(predicate)} lists properties, and {written(member)} is none",
                )


def _twice(cells: Iterable[Triple]) -> Iterator[tuple[Triple, Triple]]:
    """The cells of members that stood in the list before, with the first cell of each."""
    first: dict[Term, Triple] = {}
    for cell in cells:
        before = first.setdefault(cell.object, cell)
        if before is not cell:
            yield before, cell


def cardinality(term: Term) -> int | None:
    """The number that the object of a cardinality axiom is, or None."""
    if not isinstance(term, Literal) or not term.value.strip().lstrip("+").isdecimal():
        return None
    return int(term.value)


def written(term: Term) -> str:
    """`term` as an error names it: N-Triples, or `owl:…` for a word of OWL."""
    shown = blank.unname(term)
    if isinstance(shown, NamedNode) and shown.value.startswith(str(OWL)):
        return "owl:" + shown.value.removeprefix(str(OWL))
    return str(shown)


def _bound(place: Place, binding: Binding) -> Term | None:
    return binding.get(place) if isinstance(place, Variable) else place
