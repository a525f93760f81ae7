"""The compiled rules on a store that is only reached by queries and updates.

The ontology is read and closed here; the rules about the data run there, as INSERT … WHERE into scratch
graphs, one a step, and into the default graph, which they read. All of it is taken out again.

Known differences: what leads to owl:sameAs is refused, since representatives rewrite the data; and a
thing that is asserted to be of an anonymous class expression is not seen to be, since SPARQL cannot
name a blank node of the service.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from clustergraph.errors import StoreError
from clustergraph.inference import blank
from clustergraph.inference.closure import Closure, Inconsistency
from clustergraph.inference.fixpoint import Clash, Fixpoint
from clustergraph.inference.noise import is_noise
from clustergraph.inference.reasoner import Reasoner
from clustergraph.inference.representatives import Representatives
from clustergraph.inference.rule import Atom, Rule
from clustergraph.inference.schema import vocabulary_patterns
from clustergraph.inference.text import Layout
from clustergraph.sparql.results import Boolean, Solution, Solutions, Triples
from clustergraph.store.embedded import EmbeddedStore
from clustergraph.store.protocol import Store
from clustergraph.terms import OWL, Literal, Term, Triple, Variable

_OF_THE_VOCABULARY = ("prp-ap", "cls-thing", "cls-nothing1", "dt-type1")


class _Remote:
    """The steps of one run in a store: what `Fixpoint` needs, by queries and updates alone."""

    def __init__(self, store: Store):
        self._store = store
        self.layout = Layout(f"urn:x-clustergraph:run:{uuid.uuid4()}:", apart=False)

    def select(self, query: str) -> Iterator[Solution]:
        """The rows of a SELECT."""
        found = self._store.query(query)
        assert isinstance(found, Solutions)
        return iter(found)

    def ask(self, pattern: str) -> bool:
        """Whether a pattern matches."""
        found = self._store.query(f"ASK {{ {pattern} }}")
        assert isinstance(found, Boolean)
        return bool(found)

    def derive(self, head: Atom, where: str, step: int) -> int:
        """As `Working.derive`."""
        self._store.update(f"INSERT {{ {self.layout.insertion(head, step)} }} WHERE {{ {where} }}")
        graph = self.layout.step(step)
        (row,) = self.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}")
        count = row[0]
        assert isinstance(count, Literal)
        return int(count.value)

    def has(self, atom: Atom) -> bool:
        """As `Working.has`."""
        names = iter("xyz")
        return self.ask(" ".join(f"?{next(names)}" if isinstance(t, ox.Variable) else str(t) for t in atom))

    def step_of(self, triple: Triple) -> int | None:
        """0 where the triple is in the default graph, else None: all that facts ask."""
        return 0 if self.ask(f"{triple.subject} {triple.predicate} {triple.object}") else None

    def add(self, triples: Iterable[Triple], step: int) -> None:
        """As `Working.add`, of triples without blank nodes."""
        rows = " ".join(f"{t.subject} {t.predicate} {t.object} ." for t in triples)
        self._store.update(f"INSERT DATA {{ {rows} GRAPH {self.layout.step(step)} {{ {rows} }} }}")

    def triples(self, step: int) -> Iterator[Triple]:
        """The triples of a step."""
        found = self._store.query(
            f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {self.layout.step(step)} {{ ?s ?p ?o }} }}"
        )
        assert isinstance(found, Triples)
        return iter(found)

    def refuse_union(self) -> None:
        """StoreError where the default graph shows what is in named graphs."""
        probe = self.layout.step(0)
        self._store.update(f"INSERT DATA {{ GRAPH {probe} {{ {probe} {probe} {probe} }} }}")
        try:
            if self.ask(f"{probe} {probe} {probe}"):
                raise StoreError(
                    "the service's default graph is the union of its graphs; rules cannot run there"
                )
        finally:
            self._store.update(f"DROP SILENT GRAPH {probe}")

    def clear(self, steps: Iterable[int]) -> None:
        """Take out all that the run put in."""
        for step in steps:
            graph = self.layout.step(step)
            self._store.update(
                f"DELETE {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }} ; DROP SILENT GRAPH {graph}"
            )


def materialise_there(store: Store) -> Closure:
    """The closure of the default graph of `store`, computed by its own updates; it is left as it was.

    Contradictions name rule, axioms and individuals, without proofs. Raises StoreError where the
    default graph is the union of the named graphs or owl:sameAs could follow, OntologyError for a
    malformed axiom.
    """
    there = _Remote(store)
    ontology = Reasoner(EmbeddedStore(_ontology(there)))
    rules = [rule for rule in ontology.rules if rule.name not in _OF_THE_VOCABULARY]
    rules = [rule for rule in rules if not rule.name.startswith("scm-")]
    if there.ask(f"?x {OWL.sameAs} ?y") or any(r.head and r.head.predicate == OWL.sameAs for r in rules):
        raise StoreError("owl:sameAs can follow, and rules over a remote store have no representatives")
    there.refuse_union()
    fixpoint = Fixpoint(there, Representatives())
    try:
        return _run(there, fixpoint, rules, ontology)
    finally:
        there.clear(range(1, fixpoint.next_step + 1))


def _run(there: _Remote, fixpoint: Fixpoint, rules: list[Rule], ontology: Reasoner) -> Closure:
    schema = [(triple, 1) for triple, _ in ontology.inferred()]
    fixpoint.learn(rules)
    expressions = _expressions(rules)
    inferred = [
        (shown, step.number + 1)
        for step in fixpoint.steps()
        for triple in there.triples(step.number)
        if (shown := blank.unname_all(triple)) is not None and not is_noise(shown, expressions)
    ]
    clashes = tuple(_contradiction(clash) for clash in fixpoint.clashes())
    found = dict([*reversed(inferred), *reversed(schema)])
    steps = sorted(found.items(), key=lambda item: item[1])
    return Closure(
        tuple(triple for triple, _ in steps), tuple(step for _, step in steps), clashes, ontology.ignored
    )


def _ontology(there: _Remote) -> ox.Store:
    """The triples of the store that axioms are made of."""
    store = ox.Store()
    for pattern in vocabulary_patterns():
        open_places = [name for name, term in zip("spo", pattern, strict=True) if term is None]
        places = [
            f"?{name}" if term is None else str(term) for name, term in zip("spo", pattern, strict=True)
        ]
        names = " ".join(f"?{name}" for name in open_places)
        for row in there.select(f"SELECT {names} WHERE {{ {' '.join(places)} }}"):
            terms = iter(row)
            triple = [fixed or next(terms) for fixed in pattern]
            store.add(ox.Quad(*triple))  # type: ignore[arg-type]  # a row of a store is a triple
    return store


def _expressions(rules: Iterable[Rule]) -> frozenset[Term]:
    atoms = (atom for rule in rules for atom in (*rule.body, rule.head) if atom is not None)
    terms = (term for atom in atoms for term in atom if not isinstance(term, Variable))
    return frozenset(shown for term in terms if (shown := blank.unname(term)) != term)


def _contradiction(clash: Clash) -> Inconsistency:
    axioms = (blank.unname_all(axiom) for axiom in clash.rule.axioms)
    individuals = tuple(dict.fromkeys(blank.unname(term) for _, term in clash.binding))
    return Inconsistency(clash.rule.name, tuple(a for a in axioms if a is not None), individuals)
