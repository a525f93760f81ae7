"""The tables of OWL 2 RL/RDF once more, as plain loops over a set of triples: slow, and easy to check.

Written for the tests only, from the specification and not from `owl2rl.rules`. Literals are never
subjects, and what the tables say of them is said where it is used (dt-diff, dt-not-type).
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from clustergraph.inference.valuespace import DATATYPES, holds, same
from clustergraph.terms import OWL, RDF, RDFS, Literal, Triple

A = RDF.type

# ruff: noqa: C901  (one function for each table of the specification, as long as that is)


class Naive:
    """The fixpoint of the tables over `triples`; `fired` counts the new conclusions of each rule."""

    def __init__(self, triples, without=(), only=None):
        self.known = {*triples, Triple(OWL.Thing, A, OWL.Class), Triple(OWL.Nothing, A, OWL.Class)}
        self.fired = Counter()
        self.clashes = set()
        self.without = without
        self.only = only
        self._new = True
        while self._new:
            self._new = False
            self.index()
            for table in (self.equality, self.properties, self.restrictions, self.classes, self.schema):
                table()

    def index(self):
        self.by = {}
        self.objects, self.subjects = {}, {}
        for s, p, o in self.known:
            self.by.setdefault(p, []).append((s, o))
            self.objects.setdefault((s, p), []).append(o)
            self.subjects.setdefault((p, o), []).append(s)

    def pairs(self, p):
        return self.by.get(p, ())

    def all(self, c):
        return self.subjects.get((A, c), ())

    def of(self, s, p):
        return self.objects.get((s, p), ())

    def has(self, s, p, o):
        return o in self.of(s, p)

    def items(self, head):
        while head != RDF.nil:
            yield self.of(head, RDF.first)[0]
            head = self.of(head, RDF.rest)[0]

    def add(self, rule, s, p, o):
        if isinstance(s, Literal) or rule in self.without or self.only not in (None, rule):
            return
        triple = Triple(s, p, o)
        if triple not in self.known:
            self.known.add(triple)
            self.fired[rule] += 1
            self._new = True

    def clash(self, rule, *terms):
        if rule not in self.without and self.only in (None, rule) and (rule, terms) not in self.clashes:
            self.clashes.add((rule, terms))
            self.fired[rule] += 1

    def merge(self, rule, x, y):
        if x != y and not isinstance(x, Literal) and not isinstance(y, Literal):
            self.add(rule, x, OWL.sameAs, y)

    def differ(self, x, y, *why):
        if isinstance(x, Literal) and isinstance(y, Literal) and not same(x, y):
            self.clash("dt-diff", *why)

    def equality(self):
        for x, y in list(self.pairs(OWL.sameAs)):
            self.add("eq-sym", y, OWL.sameAs, x)
            for z in self.of(y, OWL.sameAs):
                self.add("eq-trans", x, OWL.sameAs, z)
            for s, p, o in list(self.known) if x != y else ():
                if s == x:
                    self.add("eq-rep-s", y, p, o)
                if p == x:
                    self.add("eq-rep-p", s, y, o)
                if o == x:
                    self.add("eq-rep-o", s, p, y)
            if self.has(x, OWL.differentFrom, y):
                self.clash("eq-diff1", x, y)
        for x in [x for x, _ in self.pairs(OWL.differentFrom) if self.has(x, OWL.differentFrom, x)]:
            self.clash("eq-diff1", x)
        for rule, lists in (("eq-diff2", OWL.members), ("eq-diff3", OWL.distinctMembers)):
            for x in self.all(OWL.AllDifferent):
                for head in self.of(x, lists):
                    for one, other in combinations(list(self.items(head)), 2):
                        if one == other or self.has(one, OWL.sameAs, other):
                            self.clash(rule, one, other)

    def properties(self):
        for p, c in self.pairs(RDFS.domain):
            for x, _ in self.pairs(p):
                self.add("prp-dom", x, A, c)
        for p, c in self.pairs(RDFS.range):
            for x, y in self.pairs(p):
                self.add("prp-rng", y, A, c)
                if c in DATATYPES and isinstance(y, Literal) and not holds(c, y):
                    self.clash("dt-not-type", p, x, y)
        for p in self.all(OWL.FunctionalProperty):
            for x, y in self.pairs(p):
                for z in self.of(x, p):
                    self.merge("prp-fp", y, z)
                    self.differ(y, z, p, x)
        for p in self.all(OWL.InverseFunctionalProperty):
            for x, y in self.pairs(p):
                for z in self.subjects[p, y]:
                    self.merge("prp-ifp", x, z)
        for p in self.all(OWL.IrreflexiveProperty):
            for x, y in self.pairs(p):
                if x == y:
                    self.clash("prp-irp", p, x)
        for p in self.all(OWL.SymmetricProperty):
            for x, y in self.pairs(p):
                self.add("prp-symp", y, p, x)
        for p in self.all(OWL.AsymmetricProperty):
            for x, y in self.pairs(p):
                if self.has(y, p, x):
                    self.clash("prp-asyp", p, x, y)
        for p in self.all(OWL.TransitiveProperty):
            for x, y in self.pairs(p):
                for z in self.of(y, p):
                    self.add("prp-trp", x, p, z)
        for p, q in self.pairs(RDFS.subPropertyOf):
            for x, y in self.pairs(p):
                self.add("prp-spo1", x, q, y)
        for p, head in self.pairs(OWL.propertyChainAxiom):
            ways = None
            for link in self.items(head):
                if ways is None:
                    ways = set(self.pairs(link))
                else:
                    ways = {(x, z) for x, y in ways for z in self.of(y, link)}
            for x, y in ways or ():
                self.add("prp-spo2", x, p, y)
        for p, q in self.pairs(OWL.equivalentProperty):
            for x, y in self.pairs(p):
                self.add("prp-eqp1", x, q, y)
            for x, y in self.pairs(q):
                self.add("prp-eqp2", x, p, y)
        for p, q in self.pairs(OWL.propertyDisjointWith):
            self.disjoint("prp-pdw", p, q)
        for x in self.all(OWL.AllDisjointProperties):
            for head in self.of(x, OWL.members):
                for p, q in combinations(list(self.items(head)), 2):
                    self.disjoint("prp-adp", p, q)
        for p, q in self.pairs(OWL.inverseOf):
            for x, y in self.pairs(p):
                self.add("prp-inv1", y, q, x)
            for x, y in self.pairs(q):
                self.add("prp-inv2", y, p, x)
        for c, head in self.pairs(OWL.hasKey):
            keys = list(self.items(head))
            for x in self.all(c):
                for y in self.all(c):
                    if keys and all(set(self.of(x, k)) & set(self.of(y, k)) for k in keys):
                        self.merge("prp-key", x, y)
        for x, one in self.pairs(OWL.sourceIndividual):
            for p in self.of(x, OWL.assertionProperty):
                for rule, target in (("prp-npa1", OWL.targetIndividual), ("prp-npa2", OWL.targetValue)):
                    for other in self.of(x, target):
                        if self.has(one, p, other):
                            self.clash(rule, x)

    def disjoint(self, rule, p, q):
        for x, y in self.pairs(p):
            if self.has(x, q, y):
                self.clash(rule, p, q, x, y)

    def restrictions(self):
        for c, p in self.pairs(OWL.onProperty):
            for y in self.of(c, OWL.someValuesFrom):
                for u, v in self.pairs(p):
                    if y == OWL.Thing:
                        self.add("cls-svf2", u, A, c)
                    elif self.has(v, A, y):
                        self.add("cls-svf1", u, A, c)
            for y in self.of(c, OWL.allValuesFrom):
                for u in self.all(c):
                    for v in self.of(u, p):
                        self.add("cls-avf", v, A, y)
                        if y in DATATYPES and isinstance(v, Literal) and not holds(y, v):
                            self.clash("dt-not-type", c, u, v)
            for y in self.of(c, OWL.hasValue):
                for u in self.all(c):
                    self.add("cls-hv1", u, p, y)
                for u in self.subjects.get((p, y), ()):
                    self.add("cls-hv2", u, A, c)
            for n in self.of(c, OWL.maxCardinality):
                self.at_most("cls-maxc1", "cls-maxc2", c, p, int(n.value), None)
            for n in self.of(c, OWL.maxQualifiedCardinality):
                for d in self.of(c, OWL.onClass):
                    rules = ("cls-maxqc2", "cls-maxqc4") if d == OWL.Thing else ("cls-maxqc1", "cls-maxqc3")
                    self.at_most(*rules, c, p, int(n.value), None if d == OWL.Thing else d)

    def at_most(self, none, one, c, p, n, kind):
        for u in self.all(c):
            values = [y for y in self.of(u, p) if kind is None or self.has(y, A, kind)]
            if n == 0 and values:
                self.clash(none, c, u)
            for y in values if n == 1 else ():
                for z in values:
                    self.merge(one, y, z)
                    self.differ(y, z, c, u)

    def classes(self):
        for x in self.all(OWL.Nothing):
            self.clash("cls-nothing2", x)
        for c, head in self.pairs(OWL.intersectionOf):
            parts = list(self.items(head))
            for y in self.all(parts[0]):
                if all(self.has(y, A, part) for part in parts):
                    self.add("cls-int1", y, A, c)
            for y in self.all(c):
                for part in parts:
                    self.add("cls-int2", y, A, part)
            for part in parts:
                self.add("scm-int", c, RDFS.subClassOf, part)
        for c, head in self.pairs(OWL.unionOf):
            for part in self.items(head):
                for y in self.all(part):
                    self.add("cls-uni", y, A, c)
                self.add("scm-uni", part, RDFS.subClassOf, c)
        for c, d in self.pairs(OWL.complementOf):
            for x in self.all(c):
                if self.has(x, A, d):
                    self.clash("cls-com", c, d, x)
        for c, head in self.pairs(OWL.oneOf):
            for y in self.items(head):
                self.add("cls-oo", y, A, c)
        for c, d in self.pairs(RDFS.subClassOf):
            for x in self.all(c):
                self.add("cax-sco", x, A, d)
        for c, d in self.pairs(OWL.equivalentClass):
            for x in self.all(c):
                self.add("cax-eqc1", x, A, d)
            for x in self.all(d):
                self.add("cax-eqc2", x, A, c)
        for c, d in self.pairs(OWL.disjointWith):
            for x in self.all(c):
                if self.has(x, A, d):
                    self.clash("cax-dw", c, d, x)
        for x in self.all(OWL.AllDisjointClasses):
            for head in self.of(x, OWL.members):
                for c, d in combinations(list(self.items(head)), 2):
                    for z in self.all(c):
                        if self.has(z, A, d):
                            self.clash("cax-adc", c, d, z)

    def schema(self):
        for c in self.all(OWL.Class):
            self.add("scm-cls", c, RDFS.subClassOf, c)
            self.add("scm-cls", c, OWL.equivalentClass, c)
            self.add("scm-cls", c, RDFS.subClassOf, OWL.Thing)
            self.add("scm-cls", OWL.Nothing, RDFS.subClassOf, c)
        for rule, kind in (("scm-op", OWL.ObjectProperty), ("scm-dp", OWL.DatatypeProperty)):
            for p in self.all(kind):
                self.add(rule, p, RDFS.subPropertyOf, p)
                self.add(rule, p, OWL.equivalentProperty, p)
        levels = (
            (RDFS.subClassOf, OWL.equivalentClass, "scm-sco", "scm-eqc1", "scm-eqc2"),
            (RDFS.subPropertyOf, OWL.equivalentProperty, "scm-spo", "scm-eqp1", "scm-eqp2"),
        )
        for below, equal, transitive, both, back in levels:
            for x, y in self.pairs(below):
                for z in self.of(y, below):
                    self.add(transitive, x, below, z)
                if self.has(y, below, x):
                    self.add(back, x, equal, y)
            for x, y in self.pairs(equal):
                self.add(both, x, below, y)
                self.add(both, y, below, x)
        for relation, name in ((RDFS.domain, "dom"), (RDFS.range, "rng")):
            for p, c in self.pairs(relation):
                for d in self.of(c, RDFS.subClassOf):
                    self.add(f"scm-{name}1", p, relation, d)
                for q in self.subjects.get((RDFS.subPropertyOf, p), ()):
                    self.add(f"scm-{name}2", q, relation, c)
        for kind, name in ((OWL.someValuesFrom, "svf"), (OWL.allValuesFrom, "avf"), (OWL.hasValue, "hv")):
            for (c, y), (d, z) in ((one, other) for one in self.pairs(kind) for other in self.pairs(kind)):
                for p in self.of(c, OWL.onProperty):
                    for q in self.of(d, OWL.onProperty):
                        if p == q and kind != OWL.hasValue and self.has(y, RDFS.subClassOf, z):
                            self.add(f"scm-{name}1", c, RDFS.subClassOf, d)
                        if y == z and self.has(p, RDFS.subPropertyOf, q):
                            if kind == OWL.allValuesFrom:
                                self.add("scm-avf2", d, RDFS.subClassOf, c)
                            else:
                                rule = "scm-hv" if kind == OWL.hasValue else "scm-svf2"
                                self.add(rule, c, RDFS.subClassOf, d)


class Replay:
    """Looks at proofs over some asserted triples, at a step or a proof that several share only once."""

    def __init__(self, asserted):
        self._asserted = set(asserted)
        # The triples of the lists that axioms may lead to.
        self._cells = [t for t in asserted if t.predicate in (RDF.first, RDF.rest)]
        self._proofs = {}  # by id, kept so that no other proof gets it
        self._steps = {}

    def succeeds(self, proof):
        """Whether each step follows by its own rule from its axioms and premises alone."""
        if id(proof) in self._proofs:
            return True
        self._proofs[id(proof)] = proof
        return self._follows(proof) and all(map(self.succeeds, proof.premises))

    def _follows(self, proof):
        if proof.rule == "asserted":
            return proof.triple in self._asserted
        step = (proof.triple, proof.rule, proof.axioms, tuple(premise.triple for premise in proof.premises))
        if step not in self._steps:
            self._steps[step] = _replays(proof, self._cells)
        return self._steps[step]


def _replays(proof, cells):
    if proof.rule == "eq-ref":
        return proof.triple.subject == proof.triple.object
    below = [premise.triple for premise in proof.premises]
    rewritten = {triple.subject for triple in below if triple.predicate == RDF.first}
    reached = _reached((*proof.axioms, *below), cells)
    lists = [c for c in reached if c.predicate == RDF.rest or c.subject not in rewritten]
    alone = Naive([*lists, *proof.axioms, *below], only=proof.rule)
    follows = bool(alone.clashes) if proof.triple is None else proof.triple in alone.known
    return follows and proof.triple not in below


def _reached(triples, cells):
    heads = {triple.object for triple in triples}
    while more := [cell for cell in cells if cell.subject in heads and cell.object not in heads]:
        heads.update(cell.object for cell in more)
    return [cell for cell in cells if cell.subject in heads]
