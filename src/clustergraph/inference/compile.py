"""From the tables and an ontology to rules: `prp-trp` and `:partOf` become a rule about :partOf."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace

from clustergraph.inference.rule import Atom, Binding, Condition, Place, Rule, Test, place, substitute
from clustergraph.inference.schema import AxiomMatch, Schema
from clustergraph.inference.tables import Repeated, Template, templates
from clustergraph.inference.valuespace import DATATYPES
from clustergraph.terms import OWL, RDF, RDFS, Literal, NamedNode, Term, Variable


def compile_schema_rules(schema: Schema, *, without: Container[str] = ()) -> tuple[Rule, ...]:
    """Table 9 and the facts: what closes the ontology itself, before it is compiled as a whole."""
    wanted = (t for t in templates() if t.name.startswith("scm-") or not (t.body or t.axioms))
    return _compiled(wanted, schema, without)


def compile_rules(schema: Schema, *, without: Container[str] = ()) -> tuple[Rule, ...]:
    """Every line of the tables, specialised to `schema`; rules named in `without` are left out.

    A rule that can add nothing to the others is dropped; see `_useful`.
    """
    return _compiled(templates(), schema, without)


def _compiled(lines: Iterable[Template], schema: Schema, without: Container[str]) -> tuple[Rule, ...]:
    rules = [
        rule
        for template in lines
        if not template.not_compiled and template.name not in without
        for match in schema.match(template.axioms)
        if (rule := specialise(template, match)) is not None
    ]
    rules += [
        Rule("dt-type1", (), Atom(datatype, RDF.type, RDFS.Datatype))
        for datatype in DATATYPES
        if "dt-type1" not in without
    ]
    return tuple(_useful(rules, schema, without))


def specialise(template: Template, match: AxiomMatch) -> Rule | None:
    """The rule that `template` is for those axioms, or None where it can never fire."""
    body: list[Atom] = []
    binding: Binding = dict(match.binding)
    for part in template.body:
        if isinstance(part, Repeated):
            body += _repeated(part.atom, match, binding)
        else:
            body.append(substitute(part, binding))
    if any(not members for members in match.lists.values()):
        return None  # an empty list: nothing to require, so nothing to conclude from
    last = max((len(members) for members in match.lists.values()), default=0)
    ends: Binding = {Variable("un"): Variable(f"u{last}")}  # type: ignore[dict-item]  # renamed, not bound
    head = None if template.head is None else substitute(substitute(template.head, ends), binding)
    conditions = tuple(
        Condition(c.test, tuple(place(term, binding) for term in c.terms)) for c in template.conditions
    )
    rule = Rule(template.name, tuple(dict.fromkeys(body)), head, match.axioms, conditions, match.cells)
    return _possible(rule)


def _repeated(atom: Atom, match: AxiomMatch, binding: Binding) -> Iterator[Atom]:
    """One atom for each member of the list: ?pi is the member, ?zi and ?ui are numbered."""
    for variable, members in match.lists.items():
        for number, member in enumerate(members):
            numbered: Binding = {variable: member}
            for name in ("ui", "zi"):
                numbered[Variable(name)] = Variable(f"{name[0]}{number}")  # type: ignore[assignment]  # renamed
            numbered[Variable("ui_next")] = Variable(f"u{number + 1}")  # type: ignore[assignment]  # renamed
            yield substitute(substitute(atom, numbered), binding)


def _possible(rule: Rule) -> Rule | None:
    """`rule` with owl:sameAs in its body resolved, or None where it can never fire.

    Rules run over representatives, where two names are the same thing if they are the same term.
    """
    if any(isinstance(atom.predicate, Literal) or isinstance(atom.subject, Literal) for atom in rule.body):
        return None
    if rule.head is not None and isinstance(rule.head.subject, Literal):
        return None
    if any(not _checkable(condition) for condition in rule.conditions):
        return None
    same = next((atom for atom in rule.body if atom.predicate == OWL.sameAs), None)
    return rule if same is None else _merged(rule, same)


def _merged(rule: Rule, same: Atom) -> Rule | None:
    """A contradiction of eq-diff1, 2 or 3 with its two things made one; None for other rules.

    An axiom about owl:sameAs itself (a superproperty, say) is a known gap, see `KNOWN_GAPS`.
    """
    if rule.head is not None:
        return None
    rest = tuple(atom for atom in rule.body if atom != same)
    if isinstance(same.subject, Variable):
        binding: Binding = {same.subject: same.object}  # type: ignore[dict-item]  # may be a variable
        rest = tuple(substitute(atom, binding) for atom in rest)
        return replace(rule, body=rest)
    return replace(rule, body=rest) if same.subject == same.object else None


def _checkable(condition: Condition) -> bool:
    if condition.test == Test.OUTSIDE and condition.terms[1] == RDFS.Literal:
        return False  # nothing is outside
    if condition.test in (Test.OUTSIDE, Test.INSIDE):
        return condition.terms[1] in DATATYPES
    return True


def _useful(rules: Iterable[Rule], schema: Schema, without: Container[str]) -> Iterator[Rule]:
    """The rules without those whose conclusions others draw in any case.

    Left out are: what concludes its own premise; a second rule with the same body and head; owl:Thing
    as a condition on what has another; owl:Thing as a conclusion that no body asks for; and prp-dom
    and prp-rng for a class that is above another one of the same property, which cax-sco adds.
    """
    seen: set[tuple[tuple[Atom, ...], Atom | None, tuple[Condition, ...]]] = set()
    kept: list[Rule] = []
    for rule in rules:
        shorter = _without_thing(rule)
        if shorter is None or shorter.head in shorter.body or _implied(shorter, schema, without):
            continue
        key = _canonical(shorter)
        if key not in seen:
            seen.add(key)
            kept.append(shorter)
    asked = any(atom.predicate == RDF.type and atom.object == OWL.Thing for r in kept for atom in r.body)
    for rule in kept:
        thing = rule.head is not None and rule.head[1:] == (RDF.type, OWL.Thing)
        if asked or not thing or not rule.body:
            yield rule


def _without_thing(rule: Rule) -> Rule | None:
    body = list(rule.body)
    for atom in rule.body:
        if atom[1:] == (RDF.type, OWL.Thing):
            others = [a for a in body if a != atom]
            if any(atom.subject in a for a in others):
                body = others
    if len(body) == len(rule.body):
        return rule
    if rule.name in ("cls-svf1", "cls-maxqc1", "cls-maxqc3"):
        return None  # cls-svf2, cls-maxqc2 and cls-maxqc4 say this
    return replace(rule, body=tuple(body))


def _implied(rule: Rule, schema: Schema, without: Container[str]) -> bool:
    if rule.name not in ("prp-dom", "prp-rng") or "cax-sco" in without or "prp-spo1" in without:
        return False
    property, relation, top = rule.axioms[0]
    for triple in schema.find(property, relation, None):
        if triple.object != top and _below(triple.object, RDFS.subClassOf, top, schema):
            return True
    for triple in schema.find(None, relation, top):
        if triple.subject != property and _below(property, RDFS.subPropertyOf, triple.subject, schema):
            return True
    return False


def _below(low: Term, relation: NamedNode, high: Term, schema: Schema) -> bool:
    """Whether `low` is under `high`; of two that are equivalent, the one that sorts later is."""
    if next(schema.find(low, relation, high), None) is None:
        return False
    both = next(schema.find(high, relation, low), None) is not None
    return not both or str(low) < str(high)


def _canonical(rule: Rule) -> tuple[tuple[Atom, ...], Atom | None, tuple[Condition, ...]]:
    """Body, head and conditions with variables numbered in order, so that names do not matter."""
    numbers: Binding = {}
    for position, variable in enumerate(rule.variables):
        numbers[variable] = Variable(f"v{position}")  # type: ignore[assignment]  # renamed, not bound

    def renamed(term: Place) -> Place:
        return place(term, numbers)

    conditions = tuple(Condition(c.test, tuple(renamed(t) for t in c.terms)) for c in rule.conditions)
    head = None if rule.head is None else substitute(rule.head, numbers)
    return tuple(substitute(atom, numbers) for atom in rule.body), head, conditions
