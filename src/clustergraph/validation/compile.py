"""From constraints to SPARQL: one SELECT over all focus nodes, of what breaks the constraint.

Focus nodes are written as the pattern that selects them, never as a list: so blank nodes need no
name, and the engine joins instead of parsing thousands of terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from clustergraph.terms import SH, BlankNode, Literal, NamedNode, Term
from clustergraph.validation.literals import STORED_BY_VALUE, lexical_form
from clustergraph.validation.paths import Path, is_optional, write_path
from clustergraph.validation.shapes import CoreConstraint, Targets

_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"

Subclasses = Callable[[NamedNode], tuple[NamedNode, ...]]
"""A class and all below it in the data."""


@dataclass(frozen=True, slots=True)
class Selected:
    """The nodes that targets select; `classes` hold the subclasses of the data too."""

    targets: Targets
    classes: tuple[NamedNode, ...]

    def pattern(self, variable: str) -> str:
        """A group that binds the variable to each node once."""
        targets = self.targets
        parts = []
        if targets.nodes:
            parts.append(f"VALUES {variable} {{ {' '.join(map(str, targets.nodes))} }}")
        if len(self.classes) == 1:
            parts.append(f"{variable} {_TYPE} {self.classes[0]} .")
        elif self.classes:
            names = " ".join(map(str, self.classes))
            parts.append(f"VALUES {variable}_c {{ {names} }} {variable} {_TYPE} {variable}_c .")
        subjects = [f"{variable} {predicate} {variable}_o ." for predicate in targets.subjects_of]
        objects = [f"{variable}_s {predicate} {variable} ." for predicate in targets.objects_of]
        if len(parts) == 1 and len(self.classes) <= 1 and not subjects and not objects:
            return parts[0]
        union = " UNION ".join(f"{{ {part} }}" for part in (*parts, *subjects, *objects))
        return f"{{ SELECT DISTINCT {variable} WHERE {{ {union or 'FILTER(false)'} }} }}"


@dataclass(frozen=True, slots=True)
class Reached:
    """The value nodes that a path leads to from other nodes."""

    start: Nodes
    path: Path

    def pattern(self, variable: str) -> str:
        """A group that binds the variable to each node once."""
        start = variable + "_"
        steps = f"{self.start.pattern(start)} {start} {write_path(self.path)} {variable} ."
        if is_optional(self.path):
            steps = f"{{ {steps} }} UNION {{ {self.start.pattern(variable)} }}"
        return f"{{ SELECT DISTINCT {variable} WHERE {{ {steps} }} }}"


@dataclass(frozen=True, slots=True)
class Listed:
    """Nodes that are few and have names: a list of them, instead of the pattern that found them."""

    origin: Selected | Reached
    terms: tuple[Term, ...] = field(compare=False)

    def pattern(self, variable: str) -> str:
        """A group that binds the variable to each node once."""
        return f"VALUES {variable} {{ {_terms(self.terms)} }}"


Nodes = Selected | Reached | Listed


def value_nodes(nodes: Nodes, path: Path | None, variable: str = "?value") -> str:
    """A group that binds ?this to the focus nodes and a variable to their value nodes, each pair once."""
    focus = nodes.pattern("?this")
    if path is None:
        return f"{focus} BIND(?this AS {variable})"
    steps = f"{focus} ?this {write_path(path)} {variable} ."
    if isinstance(path, NamedNode):
        return steps
    if is_optional(path):
        # A node that stands in no triple reaches itself too, which SPARQL says of constants only.
        steps = f"{{ {steps} }} UNION {{ {focus} BIND(?this AS {variable}) }}"
    return f"{{ SELECT DISTINCT ?this {variable} WHERE {{ {steps} }} }}"


def select(body: str, *, distinct: bool = False) -> str:
    """The query for focus and value nodes of a group."""
    return f"SELECT {'DISTINCT ' if distinct else ''}?this ?value WHERE {{ {body} }}"


def suspects(constraint: CoreConstraint, nodes: Nodes, path: Path | None) -> str:
    """The query for what breaks a constraint on single values, or might if judged as written.

    That is every literal that the store may give back otherwise than it was written.
    """
    types = ", ".join(f"<{datatype}>" for datatype in STORED_BY_VALUE)
    rewritten = f"DATATYPE(?value) IN ({types})"
    found = value_nodes(nodes, path)
    if constraint.component == SH.InConstraintComponent:
        broken = f"{{ {found} {_in(constraint.arguments)} }} UNION {{ {found} FILTER({rewritten}) }}"
        return select(broken, distinct=True)
    test = _TESTS[constraint.component](constraint.arguments)
    return select(f"{found} FILTER(COALESCE({rewritten}, false) || {test.removeprefix('FILTER')})")


def violations(constraint: CoreConstraint, nodes: Nodes, path: Path | None, subclasses: Subclasses) -> str:
    """The query for what breaks a constraint of SHACL Core, judged on literals as stored."""
    arguments = constraint.arguments
    if constraint.component == SH.ClassConstraintComponent:
        cls = arguments[0]
        assert isinstance(cls, NamedNode)
        return select(f"{value_nodes(nodes, path)} FILTER({_is_no_instance(subclasses(cls))})")
    if test := _TESTS.get(constraint.component):
        return select(f"{value_nodes(nodes, path)} {test(arguments)}")
    return _WHOLE[constraint.component](nodes, path, arguments)


def _is_no_instance(classes: tuple[NamedNode, ...]) -> str:
    if len(classes) > 12:
        return f"NOT EXISTS {{ ?value {_TYPE} ?class . VALUES ?class {{ {' '.join(map(str, classes))} }} }}"
    return " && ".join(f"NOT EXISTS {{ ?value {_TYPE} {cls} }}" for cls in classes)


# What breaks the constraint, as a filter on ?value.


def _not(expression: str) -> str:
    # An error in the expression breaks the constraint too.
    return f"FILTER(!COALESCE({expression}, false))"


def _datatype(arguments: tuple[Term, ...]) -> str:
    datatype = arguments[0]
    assert isinstance(datatype, NamedNode)
    has_type = f"DATATYPE(?value) = {datatype}"
    if form := lexical_form(datatype):
        return _not(f"{has_type} && REGEX(STR(?value), {Literal(form)})")
    if datatype.value in STORED_BY_VALUE:
        # A day that the calendar does not have cannot be cast to a date.
        return _not(f"{has_type} && STR({datatype}(STR(?value))) != ''")
    return _not(has_type)


def _node_kind(arguments: tuple[Term, ...]) -> str:
    kind = arguments[0]
    assert isinstance(kind, NamedNode)
    name = kind.value.removeprefix(str(SH))
    tests = {"IRI": "isIRI(?value)", "BlankNode": "isBlank(?value)", "Literal": "isLiteral(?value)"}
    return _not(" || ".join(tests[part] for part in name.split("Or")))


def _comparison(sign: str) -> Callable[[tuple[Term, ...]], str]:
    return lambda arguments: _not(f"?value {sign} {arguments[0]}")


def _length(sign: str) -> Callable[[tuple[Term, ...]], str]:
    return lambda arguments: _not(f"STRLEN(STR(?value)) {sign} {_number(arguments[0])}")


def _pattern(arguments: tuple[Term, ...]) -> str:
    return _not(f"REGEX(STR(?value), {', '.join(map(str, arguments))})")


def _language_in(arguments: tuple[Term, ...]) -> str:
    return _not(" || ".join(f"LANGMATCHES(LANG(?value), {tag})" for tag in arguments) or "false")


def _in(arguments: tuple[Term, ...]) -> str:
    # `IN` would compare values; MINUS compares terms, and stays fast for long lists.
    return f"MINUS {{ VALUES ?value {{ {_terms(arguments)} }} }}"


_TESTS: Mapping[NamedNode, Callable[[tuple[Term, ...]], str]] = {
    SH.DatatypeConstraintComponent: _datatype,
    SH.NodeKindConstraintComponent: _node_kind,
    SH.MinExclusiveConstraintComponent: _comparison(">"),
    SH.MinInclusiveConstraintComponent: _comparison(">="),
    SH.MaxExclusiveConstraintComponent: _comparison("<"),
    SH.MaxInclusiveConstraintComponent: _comparison("<="),
    SH.MinLengthConstraintComponent: _length(">="),
    SH.MaxLengthConstraintComponent: _length("<="),
    SH.PatternConstraintComponent: _pattern,
    SH.LanguageInConstraintComponent: _language_in,
    SH.InConstraintComponent: _in,
}


# Constraints that look at all value nodes of a focus node, or at more than its value nodes.


def _min_count(nodes: Nodes, path: Path | None, arguments: tuple[Term, ...]) -> str:
    assert path is not None
    focus, bound = nodes.pattern("?this"), _number(arguments[0])
    if bound == 1:
        none = "false" if is_optional(path) else f"NOT EXISTS {{ ?this {write_path(path)} ?value }}"
        return f"SELECT ?this WHERE {{ {focus} FILTER({none}) }}"
    counted = f"GROUP BY ?this HAVING(COUNT(?value) < {bound})"
    return f"SELECT ?this WHERE {{ {focus} OPTIONAL {{ {value_nodes(nodes, path)} }} }} {counted}"


def _max_count(nodes: Nodes, path: Path | None, arguments: tuple[Term, ...]) -> str:
    counted = f"GROUP BY ?this HAVING(COUNT(?value) > {_number(arguments[0])})"
    return f"SELECT ?this WHERE {{ {value_nodes(nodes, path)} }} {counted}"


def _has_value(nodes: Nodes, path: Path | None, arguments: tuple[Term, ...]) -> str:
    focus, term = nodes.pattern("?this"), arguments[0]
    if isinstance(term, BlankNode):
        return f"SELECT ?this WHERE {{ {focus} }}"  # no node of the data is a node of the shapes graph
    if path is None:
        return f"SELECT ?this WHERE {{ {focus} FILTER(!sameTerm(?this, {term})) }}"
    test = f"NOT EXISTS {{ ?this {write_path(path)} {term} }}"
    if is_optional(path):
        test += f" && !sameTerm(?this, {term})"
    return f"SELECT ?this WHERE {{ {focus} FILTER({test}) }}"


def having(nodes: Nodes, path: Path | None, term: Term) -> str:
    """The query for the focus nodes that have the term, as stored, among their value nodes."""
    return f"SELECT ?this WHERE {{ {value_nodes(nodes, path)} FILTER(sameTerm(?value, {term})) }}"


def _equals(nodes: Nodes, path: Path | None, arguments: tuple[Term, ...]) -> str:
    focus, other = nodes.pattern("?this"), arguments[0]
    if path is None:
        here = f"{focus} BIND(?this AS ?value) FILTER NOT EXISTS {{ ?this {other} ?this }}"
        there = f"{focus} ?this {other} ?value FILTER(!sameTerm(?this, ?value))"
    else:
        step = write_path(path)
        here = f"{value_nodes(nodes, path)} FILTER NOT EXISTS {{ ?this {other} ?value }}"
        there = f"{focus} ?this {other} ?value FILTER NOT EXISTS {{ ?this {step} ?value }}"
        if is_optional(path):
            there += " FILTER(!sameTerm(?this, ?value))"
    return select(f"{{ {here} }} UNION {{ {there} }}")


def _disjoint(nodes: Nodes, path: Path | None, arguments: tuple[Term, ...]) -> str:
    if path is None:
        body = f"{nodes.pattern('?this')} ?this {arguments[0]} ?this . BIND(?this AS ?value)"
    else:
        body = f"{value_nodes(nodes, path)} ?this {arguments[0]} ?value ."
    return select(body)


def _less_than(sign: str) -> Callable[[Nodes, Path | None, tuple[Term, ...]], str]:
    def query(nodes: Nodes, path: Path | None, arguments: tuple[Term, ...]) -> str:
        others = f"{value_nodes(nodes, path)} ?this {arguments[0]} ?other ."
        return select(f"{others} {_not(f'?value {sign} ?other')}")

    return query


def _unique_lang(nodes: Nodes, path: Path | None, _arguments: tuple[Term, ...]) -> str:
    body = f"{value_nodes(nodes, path)} BIND(LCASE(LANG(?value)) AS ?lang) FILTER(?lang != '')"
    return f"SELECT ?this WHERE {{ {body} }} GROUP BY ?this ?lang HAVING(COUNT(?value) > 1)"


def _closed(nodes: Nodes, path: Path | None, arguments: tuple[Term, ...]) -> str:
    # The engine takes nothing to be outside an empty list.
    closing = f"FILTER(?path NOT IN ({', '.join(map(str, arguments))}))" if arguments else ""
    if path is None:
        return (
            f"SELECT ?this ?value ?path WHERE {{ {nodes.pattern('?this')} ?this ?path ?value . {closing} }}"
        )
    steps = value_nodes(nodes, path, "?node")
    return f"SELECT ?this ?value ?path ?node WHERE {{ {steps} ?node ?path ?value . {closing} }}"


_WHOLE: Mapping[NamedNode, Callable[[Nodes, Path | None, tuple[Term, ...]], str]] = {
    SH.MinCountConstraintComponent: _min_count,
    SH.MaxCountConstraintComponent: _max_count,
    SH.HasValueConstraintComponent: _has_value,
    SH.EqualsConstraintComponent: _equals,
    SH.DisjointConstraintComponent: _disjoint,
    SH.LessThanConstraintComponent: _less_than("<"),
    SH.LessThanOrEqualsConstraintComponent: _less_than("<="),
    SH.UniqueLangConstraintComponent: _unique_lang,
    SH.ClosedConstraintComponent: _closed,
}


def _number(term: Term) -> int:
    assert isinstance(term, Literal)
    return int(term.value)


def _terms(terms: Iterable[Term]) -> str:
    return " ".join(str(term) for term in terms if not isinstance(term, BlankNode))
