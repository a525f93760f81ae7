"""The compiled rules on a store that is only reached by queries and updates.

The ontology is read and closed here; the rules about the data run there, in scratch graphs: a copy of
the default graph, and a graph a step. The service's own graphs are only read.

Known differences: what leads to owl:sameAs is refused, since representatives rewrite the data; and a
thing that is asserted to be of an anonymous class expression is not seen to be, since SPARQL cannot
name a blank node of the service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from clustergraph.errors import EndpointError
from clustergraph.inference import blank
from clustergraph.inference.closure import Closure, Inconsistency
from clustergraph.inference.fixpoint import Clash, Fixpoint
from clustergraph.inference.noise import is_noise
from clustergraph.inference.reasoner import Reasoner
from clustergraph.inference.representatives import Representatives
from clustergraph.inference.rule import Atom, Rule
from clustergraph.inference.schema import vocabulary_patterns
from clustergraph.inference.text import Layout, text
from clustergraph.sparql.results import Boolean, Solution, Solutions
from clustergraph.store import EmbeddedStore, RemoteStore
from clustergraph.store.scratch import Scratch, scratch
from clustergraph.terms import OWL, NamedNode, Quad, Term, Triple, Variable, has_blank_node

_OF_THE_VOCABULARY = ("prp-ap", "cls-thing", "cls-nothing1", "dt-type1")


class _Remote:
    """The steps of one run in scratch graphs: what `Fixpoint` needs, by queries and updates alone."""

    def __init__(self, area: Scratch):
        self._area = area
        self._store = area.store
        self.layout = Layout(area.prefix, apart=False, whole=area.copy)

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
        graph = self._area.graph(step)
        # One graph an operation, and none by WITH: Virtuoso reports an error for a template with two,
        # and sees no named graph beside that of WITH.
        derived = f"INSERT {{ GRAPH {graph} {{ {text(head)} }} }} WHERE {{ {where} }}"
        self._store.update(f"{derived} ; {self._copied(graph)}")
        return self._store.size(graph)

    def _copied(self, graph: NamedNode) -> str:
        return f"INSERT {{ GRAPH {self._area.copy} {{ ?s ?p ?o }} }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}"

    def has(self, atom: Atom) -> bool:
        """As `Working.has`."""
        names = iter("xyz")
        return self.ask(" ".join(f"?{next(names)}" if isinstance(t, ox.Variable) else str(t) for t in atom))

    def step_of(self, triple: Triple) -> int | None:
        """0 where the triple is in the default graph, else None: all that facts ask."""
        return 0 if self.ask(f"{triple.subject} {triple.predicate} {triple.object}") else None

    def add(self, triples: Iterable[Triple], step: int) -> None:
        """As `Working.add`, of triples without blank nodes."""
        graph = self._area.graph(step)
        self._store.load(Quad(t.subject, t.predicate, t.object, graph) for t in triples)
        self._store.update(self._copied(graph))

    def triples(self, step: int) -> Iterator[Triple]:
        """The triples of a step."""
        return (quad.triple for quad in self._store.dump(self._area.graph(step)))


def materialise_there(service: RemoteStore) -> Closure:
    """The closure of the default graph of a service, computed by its own updates in scratch graphs.

    Contradictions name rule, axioms and individuals, without proofs. Raises EndpointError where the
    default graph is the union of the named graphs or owl:sameAs could follow, OntologyError for a
    malformed axiom.
    """
    with scratch(service) as area:
        return close_area(area)


def infer_there(service: RemoteStore, inferred: NamedNode, *, keep: bool = False) -> Closure:
    """The closure of what a service asserts: of its default graph without the graph `inferred`.

    With `keep` the closure is put into that graph and the default graph, in place of what was there
    before, by one update. A triple that another named graph states counts as asserted. Raises as
    `materialise_there`.
    """
    with scratch(service) as area:
        others = " ".join(str(graph) for graph in service.graphs() if graph != inferred)
        elsewhere = f"VALUES ?g {{ {others} }} GRAPH ?g {{ ?s ?p ?o }}"
        only_there = f"GRAPH {inferred} {{ ?s ?p ?o }} FILTER NOT EXISTS {{ {elsewhere} }}"
        service.update(f"DELETE {{ GRAPH {area.copy} {{ ?s ?p ?o }} }} WHERE {{ {only_there} }}")
        closure = close_area(area)
        if keep:
            new = area.graph("inferred")
            # What it says of blank nodes would be of new ones.
            named = (t for t in closure.triples if not has_blank_node(t))
            area.store.load(Quad(t.subject, t.predicate, t.object, new) for t in named)
            place = service.default_graph
            triple = "?s ?p ?o" if place is None else f"GRAPH {place} {{ ?s ?p ?o }}"
            try:
                service.update(
                    f"DELETE {{ {triple} }} WHERE {{ {only_there} }} ; "
                    f"INSERT {{ {triple} }} WHERE {{ GRAPH {new} {{ ?s ?p ?o }} }} ; "
                    f"COPY {new} TO {inferred}"
                )
            except EndpointError as error:
                problem = f"{error.problem}, while the graph {inferred} was replaced"
                raise EndpointError(error.endpoint, problem, error.expected) from error
        return closure


def close_area(area: Scratch) -> Closure:
    """As `materialise_there`, of the copy in scratch graphs; what follows is put into the copy too."""
    there = _Remote(area)
    ontology = Reasoner(EmbeddedStore(ontology_there(area.store)))
    rules = [rule for rule in ontology.rules if rule.name not in _OF_THE_VOCABULARY]
    rules = [rule for rule in rules if not rule.name.startswith("scm-")]
    if there.ask(f"?x {OWL.sameAs} ?y") or any(r.head and r.head.predicate == OWL.sameAs for r in rules):
        problem = "owl:sameAs can follow, and rules over a service have no representatives"
        raise EndpointError(area.store.endpoint, problem, "a graph without it")
    closure = _run(there, Fixpoint(there, Representatives()), rules, ontology)
    # What the ontology alone gives was found here.
    schema = (t for t, _ in ontology.inferred() if not has_blank_node(t))
    area.store.load(Quad(t.subject, t.predicate, t.object) for t in schema)
    return closure


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


def ontology_there(service: RemoteStore) -> ox.Store:
    """The triples of a service's default graph that axioms are made of."""
    store = ox.Store()
    for pattern in vocabulary_patterns():
        open_places = [name for name, term in zip("spo", pattern, strict=True) if term is None]
        places = [
            f"?{name}" if term is None else str(term) for name, term in zip("spo", pattern, strict=True)
        ]
        names = " ".join(f"?{name}" for name in open_places)
        found = service.query(f"SELECT {names} WHERE {{ {' '.join(places)} }}")
        assert isinstance(found, Solutions)  # it was a SELECT
        for row in found:
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
