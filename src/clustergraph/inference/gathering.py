"""A proof of a triple in a service: what it can rest on is gathered by SELECTs, and closed here.

The rules are matched backwards, from the triple to what is asserted, in the closure that the service
holds. The leaves are a small graph with the same ontology, so that a proof in it is a proof there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clustergraph.errors import EndpointError, UsageError
from clustergraph.inference import blank
from clustergraph.inference.closure import Proof
from clustergraph.inference.reasoner import Reasoner
from clustergraph.inference.remote import ontology_there
from clustergraph.inference.rule import Atom, Place, Rule, ground, substitute, unify
from clustergraph.inference.text import text
from clustergraph.sparql.results import Boolean, Solutions
from clustergraph.store import EmbeddedStore, RemoteStore
from clustergraph.terms import (
    OWL,
    RDF,
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    Term,
    Triple,
    Variable,
    has_blank_node,
)

# Matches of one rule that are followed; a search that finds no proof is made again with more.
_MATCHES = (20, 1000)
# Triples that are looked at in one search.
_MOST = 3_000
# How deep class expressions stand in one another.
_DEPTH = 6

Body = tuple[Atom, ...]


class Gathering:
    """The ontology of a service with what its proofs need; `store` holds what was gathered, in its graphs.

    `inferred` is the graph that says which triples of the default graph are inferred: what is not in
    it counts as asserted. Raises EndpointError where the service has owl:sameAs.
    """

    def __init__(self, service: RemoteStore, inferred: NamedNode) -> None:
        self._service = service
        self._inferred = inferred
        if self._holds(f"?x {OWL.sameAs} ?y"):
            problem = "holds owl:sameAs, of which proofs over a service know nothing"
            raise EndpointError(service.endpoint, problem, "a graph without it")
        self.store = EmbeddedStore(ontology_there(service))
        self._rules = [rule for rule in Reasoner(self.store).rules if rule.head is not None]

    def prove(self, triple: Triple) -> Proof | None:
        """A proof of a triple, None where the service does not hold it.

        Raises EndpointError where the service holds it as inferred and no proof was found.
        """
        if has_blank_node(triple):
            raise UsageError("SPARQL has no name for a blank node of a service")
        if not self._holds(_pattern(triple)):
            return None
        for matches in _MATCHES:
            self._gather(triple, matches)
            if proof := Reasoner(self.store).prove(triple):
                self._place(proof)
                return proof
        problem = f"holds the triple as inferred, but it follows from no more than {_MOST} triples there"
        raise EndpointError(self._service.endpoint, problem, "an ontology there by which it follows")

    def spoken_of(self, proof: Proof) -> set[NamedNode]:
        """The things that a proof speaks of, those in class expressions and lists among them."""
        said = (triple for one in proof.walk() for triple in (*one.axioms, one.triple) if triple is not None)
        waiting: list[Term] = [term for triple in said for term in triple]
        seen: set[Term] = set()
        while waiting:
            term = waiting.pop()
            if term not in seen:
                seen.add(term)
                if isinstance(term, BlankNode):
                    parts = self.store.native.quads_for_pattern(term, None, None, DefaultGraph())
                    waiting += [part for quad in parts for part in (quad.predicate, quad.object)]
        return {term for term in seen if isinstance(term, NamedNode)}

    def _gather(self, goal: Triple, matches: int) -> None:
        """Put what is asserted, and can be below `goal` in a proof, into the store."""
        seen, waiting = {goal}, [goal]
        while waiting and len(seen) < _MOST:
            asserted = self._asserted(waiting)
            self.store.load(Quad(t.subject, t.predicate, t.object) for t in asserted)
            found = (p for t in waiting if t not in asserted for p in self._premises(t, matches))
            waiting = [t for t in dict.fromkeys(found) if t not in seen and not has_blank_node(t)]
            seen.update(waiting)

    def _asserted(self, triples: Iterable[Triple]) -> set[Triple]:
        rows = " ".join(f"({t.subject} {t.predicate} {t.object})" for t in triples)
        inferred = f"FILTER NOT EXISTS {{ GRAPH {self._inferred} {{ ?s ?p ?o }} }}"
        query = f"SELECT ?s ?p ?o {{ VALUES (?s ?p ?o) {{ {rows} }} ?s ?p ?o {inferred} }}"
        return {Triple(*row) for row in self._select(query)}  # type: ignore[arg-type]  # rows of triples

    def _premises(self, triple: Triple, matches: int) -> Iterator[Triple]:
        """What some rule needs to conclude `triple`, as far as the service holds it."""
        for rule in self._rules:
            assert rule.head is not None
            binding = unify(rule.head, triple)
            if binding is None:
                continue
            for body in self._named(tuple(substitute(atom, binding) for atom in rule.body), _DEPTH):
                yield from self._matched(body, matches)

    def _matched(self, body: Body, matches: int) -> Iterator[Triple]:
        names = tuple(dict.fromkeys(variable for atom in body for variable in atom.variables))
        where = " . ".join(map(text, body))
        if not names:
            if self._holds(where):
                yield from map(ground, body)
            return
        query = f"SELECT {' '.join(map(str, names))} WHERE {{ {where} }} LIMIT {matches}"
        for row in self._select(query):
            found = {name: term for name, term in zip(names, row, strict=True) if term is not None}
            premises = [substitute(atom, found) for atom in body]
            if not any(isinstance(atom.subject, Literal) for atom in premises):
                yield from map(ground, premises)

    def _named(self, body: Body, depth: int) -> Iterator[Body]:
        """The body with what makes a thing one of a class expression in place of that.

        No service holds that a thing is one: the expression is a blank node.
        """
        hidden = next((atom for atom in body if _is_hidden(atom)), None)
        if hidden is None:
            yield body
            return
        rest = tuple(atom for atom in body if atom is not hidden)
        for number, rule in enumerate(self._rules if depth else ()):
            below = _opened(rule, hidden, f"_{depth}_{number}")
            if below is not None:
                yield from self._named((*rest, *below), depth - 1)

    def _place(self, proof: Proof) -> None:
        """Note the named graphs of what a proof rests on."""
        if proof.triple is not None and not proof.premises and not has_blank_node(proof.triple):
            query = f"SELECT DISTINCT ?g {{ GRAPH ?g {{ {_pattern(proof.triple)} }} }}"
            for (graph,) in self._select(query):
                if isinstance(graph, NamedNode) and graph != self._service.default_graph:
                    triple = proof.triple
                    self.store.load([Quad(triple.subject, triple.predicate, triple.object, graph)])
        for premise in proof.premises:
            self._place(premise)

    def _holds(self, pattern: str) -> bool:
        answer = self._service.query(f"ASK {{ {pattern} }}")
        assert isinstance(answer, Boolean)  # it was an ASK
        return bool(answer)

    def _select(self, query: str) -> Solutions:
        answer = self._service.query(query)
        assert isinstance(answer, Solutions)  # it was a SELECT
        return answer


def _pattern(triple: Triple) -> str:
    return f"{triple.subject} {triple.predicate} {triple.object}"


def _is_hidden(atom: Atom) -> bool:
    of = atom.object
    return atom.predicate == RDF.type and isinstance(of, NamedNode) and of.value.startswith(blank.PREFIX)


def _opened(rule: Rule, wanted: Atom, suffix: str) -> Body | None:
    """The body of a rule that concludes the atom `wanted`, its variables apart from all others.

    None where it concludes another class. A variable of the head stands for the place of the atom.
    """
    assert rule.head is not None
    places: dict[Variable, Place] = {}
    for own, given in zip(rule.head, wanted, strict=True):
        if isinstance(own, Variable):
            if places.setdefault(own, given) != given:
                return None
        elif own != given:
            return None

    def placed(own: Place) -> Place:
        return places.get(own, Variable(own.value + suffix)) if isinstance(own, Variable) else own

    return tuple(Atom(placed(a.subject), placed(a.predicate), placed(a.object)) for a in rule.body)
