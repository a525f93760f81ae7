"""What a rule is: as the W3C tables write it (`Template`), and as compiled for an ontology (`Rule`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from clustergraph.terms import Term, Triple, Variable

Place = Term | Variable


class Atom(NamedTuple):
    """A triple pattern."""

    subject: Place
    predicate: Place
    object: Place

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables of the atom, from left to right."""
        return tuple(place for place in self if isinstance(place, Variable))


class Test(StrEnum):
    """What a condition asks of its terms."""

    DIFFER = "differ"  # not the same term
    UNEQUAL = "unequal"  # two literals with different values
    OUTSIDE = "outside"  # a literal that is not in the value space of a datatype
    INSIDE = "inside"  # a literal that is
    RESOURCES = "resources"  # no literals


@dataclass(frozen=True, slots=True)
class Condition:
    """A test that a match of a body must pass."""

    test: Test
    terms: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule specialised to an ontology: where `body` and `conditions` hold, `head` follows.

    `name` is that of the W3C tables, `axioms` the triples it was compiled from and `cells` those of
    the lists that these lead to. A head that is None is an inconsistency; a body that is empty makes
    the head a fact.
    """

    name: str
    body: tuple[Atom, ...]
    head: Atom | None
    axioms: tuple[Triple, ...] = ()
    conditions: tuple[Condition, ...] = ()
    cells: tuple[Triple, ...] = ()

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables of the body, each once, in order of appearance."""
        return tuple(dict.fromkeys(variable for atom in self.body for variable in atom.variables))


Binding = dict[Variable, Term]


def place(term: Place, binding: Binding) -> Place:
    """`term`, or what the variable `term` is bound to."""
    return binding.get(term, term) if isinstance(term, Variable) else term


def substitute(atom: Atom, binding: Binding) -> Atom:
    """`atom` with its bound variables replaced."""
    return Atom(place(atom.subject, binding), place(atom.predicate, binding), place(atom.object, binding))


def ground(atom: Atom) -> Triple:
    """The triple that an atom without variables is; TypeError where it is none in RDF."""
    return Triple(*atom)  # type: ignore[arg-type]  # pyoxigraph checks the terms


def unify(pattern: Atom, triple: Atom | Triple, binding: Binding | None = None) -> Binding | None:
    """The bindings that make `pattern` the `triple`, extending `binding`; None where none do."""
    found = dict(binding or {})
    for wanted, term in zip(pattern, triple, strict=True):
        if isinstance(wanted, Variable):
            if found.setdefault(wanted, term) != term:
                return None
        elif wanted != term:
            return None
    return found
