"""Explanations of results in English and Japanese, and the shapes' own messages filled in.

The sentences are in `wording.toml`; this module finds what stands in their gaps: labels, the value
found, what is allowed, and an example of a right value.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from clustergraph.terms import RDF, SH, XSD, BlankNode, Literal, NamedNode, Term, Triple
from clustergraph.validation.engine import Finding
from clustergraph.validation.labels import Labels, in_language, local_name
from clustergraph.validation.paths import Path, predicates, write_path
from clustergraph.validation.shapes import (
    Constraint,
    CoreConstraint,
    Shape,
    ShapeConstraint,
    Shapes,
    SparqlConstraint,
)

LANGUAGES = ("en", "ja")
_SHOWN = 8
_LONGEST = 80
_VARIABLE = re.compile(r"\{[?$](\w+)\}")
_COMPONENT = "ConstraintComponent"


def own_messages(finding: Finding) -> tuple[Literal, ...]:
    """The messages that the shapes give for the finding, variables in them replaced (SHACL §5.3.2)."""
    shape, constraint, broken = finding.shape, finding.constraint, finding.broken
    bindings = dict(broken.bindings)
    given = bindings.get("message")
    if isinstance(given, Literal):
        return (given,)
    templates = shape.messages
    if isinstance(constraint, SparqlConstraint):
        templates = constraint.messages or shape.messages
    else:
        bindings = _core_bindings(finding)
    return tuple(_filled(template, bindings) for template in templates)


def _core_bindings(finding: Finding) -> dict[str, Term]:
    """What a message of SHACL Core may speak of; others leave such variables as they stand."""
    bindings: dict[str, Term] = {"this": finding.broken.focus}
    if finding.broken.value is not None:
        bindings["value"] = finding.broken.value
    if isinstance(finding.path, NamedNode):
        bindings["path"] = bindings["PATH"] = finding.path
    if isinstance(finding.constraint, CoreConstraint) and len(finding.constraint.arguments) == 1:
        name = _component_name(finding.constraint)
        bindings[name[0].lower() + name[1:]] = finding.constraint.arguments[0]
    return bindings


def _filled(template: Literal, bindings: Mapping[str, Term]) -> Literal:
    def replaced(match: re.Match[str]) -> str:
        term = bindings.get(match[1])
        if term is None or isinstance(term, Triple):
            return match[0]
        return str(term) if isinstance(term, BlankNode) else term.value

    text = _VARIABLE.sub(replaced, template.value)
    return Literal(text, language=template.language) if template.language else Literal(text)


def _component_name(constraint: Constraint) -> str:
    return local_name(constraint.component).removesuffix(_COMPONENT)


def mentioned(finding: Finding, shapes: Shapes) -> Iterator[Term]:
    """The terms whose labels an explanation may need."""
    yield finding.broken.focus
    if finding.broken.value is not None:
        yield finding.broken.value
    yield from predicates(finding.path) if finding.path is not None else ()
    yield finding.shape.node
    if finding.shape.within is not None:
        yield finding.shape.within
    yield finding.constraint.component
    yield from expected(finding.constraint)
    for shape in _inner(finding.constraint, shapes):
        for constraint in shape.constraints:
            yield from expected(constraint)


def _inner(constraint: Constraint, shapes: Shapes) -> Iterator[Shape]:
    """The shapes without a name that a constraint asks for."""
    if isinstance(constraint, ShapeConstraint):
        yield from (shapes[node] for node in constraint.shapes if isinstance(node, BlankNode))


def expected(constraint: Constraint) -> tuple[Term, ...]:
    """The terms that a constraint names: what is allowed, or the shapes to conform to."""
    match constraint:
        case CoreConstraint():
            return constraint.arguments
        case ShapeConstraint():
            return constraint.shapes
        case SparqlConstraint():
            return tuple(term for _, term in constraint.parameters)


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language, with the labels and shapes that fill them."""

    language: str
    words: Mapping[str, object]
    examples: Mapping[str, str]
    labels: Labels
    shapes: Shapes

    def explanation(self, finding: Finding) -> Literal:
        """What is wrong and what to do, in this language."""
        constraint, broken = finding.constraint, finding.broken
        name = _component_name(constraint)
        if name == "SPARQL" and broken.value in {None, broken.focus}:
            name = "SPARQLFocus"
        elif name == "Class" and isinstance(broken.value, Literal):
            name = "ClassLiteral"
        template = self._word(name) or self._word("rest")
        bound = constraint.bound if isinstance(constraint, ShapeConstraint) else 0
        example = self._example(finding.shape)
        path = finding.path
        parts = {
            "focus": self.name(broken.focus),
            "path": self._path(path) if path is not None else "",
            "value": self.name(broken.value if broken.value is not None else broken.focus),
            "expected": self._expected(finding),
            "bound": str(bound),
            "example": self._word("example").format(example) if example else "",
        }
        head = self._word("node" if path is None else "head")
        return Literal((head + template).format(**parts), language=self.language)

    def name(self, term: Term) -> str:
        """What a reader calls the term: its label, its text, or the last part of its IRI."""
        if isinstance(term, BlankNode):
            return self._word("unnamed")
        quote = self._word("quote")
        if isinstance(term, Literal):
            text = term.value if len(term.value) <= _LONGEST else term.value[: _LONGEST - 1] + "…"
            is_plain = term.datatype in {XSD.integer, XSD.decimal, XSD.double, XSD.boolean}
            tag = f"@{term.language}" if term.language else ""
            return text if is_plain else quote.format(text) + tag
        if isinstance(term, NamedNode):
            label = in_language(self.labels.get(term, ()), self.language)
            return quote.format(label.value if label else local_name(term))
        return str(term)

    def _word(self, key: str) -> str:
        word = self.words.get(key, "")
        return word if isinstance(word, str) else ""

    def _table(self, key: str, name: str) -> str:
        table = self.words[key]
        assert isinstance(table, dict)
        word = table.get(name, "")
        return word if isinstance(word, str) else ""

    def _path(self, path: Path) -> str:
        if isinstance(path, NamedNode):
            return self.name(path)
        return write_path(path, self.name)

    def _expected(self, finding: Finding) -> str:
        constraint = finding.constraint
        match constraint:
            case SparqlConstraint() if constraint.component == SH.SPARQLConstraintComponent:
                return self._shape(finding.shape.within or finding.shape.node)
            case SparqlConstraint():
                return self.name(constraint.component)
            case ShapeConstraint():
                return self._listed([self._shape(shape) for shape in constraint.shapes])
            case CoreConstraint():
                return self._arguments(constraint)

    def _arguments(self, constraint: CoreConstraint) -> str:
        arguments = constraint.arguments
        match _component_name(constraint):
            case "Datatype":
                return self._datatype(arguments[0])
            case "NodeKind":
                return self._node_kind(arguments[0])
            case "Pattern":
                return self.name(arguments[0])
            case "Closed" | "UniqueLang":
                return ""
            case "LanguageIn" | "MinCount" | "MaxCount" | "MinLength" | "MaxLength":
                return self._listed([term.value for term in arguments if isinstance(term, Literal)])
        return self._listed([self.name(term) for term in arguments])

    def _node_kind(self, kind: Term) -> str:
        assert isinstance(kind, NamedNode)
        return self._table("kinds", local_name(kind))

    def _datatype(self, datatype: Term) -> str:
        assert isinstance(datatype, NamedNode)
        known = datatype.value.startswith((str(XSD), str(RDF)))
        name = self._table("datatypes", local_name(datatype)) if known else ""
        return name or self._table("datatypes", "other").format(local_name(datatype))

    def _listed(self, names: list[str]) -> str:
        shown = self._word("separator").join(names[:_SHOWN])
        return shown if len(names) <= _SHOWN else shown + self._word("more").format(len(names))

    def _shape(self, node: Term) -> str:
        """The shape by its name, else by what it asks for."""
        if not isinstance(node, BlankNode):
            return self._word("shape").format(self.name(node))
        shape = self.shapes[node]
        name = in_language(shape.names, self.language)
        if name is not None:
            return self._word("quote").format(name.value)
        if shape.path is not None:
            return self._word("property").format(self._path(shape.path))
        asked = [self._asked(constraint) for constraint in shape.constraints]
        return self._word("and").join(asked)

    def _asked(self, constraint: Constraint) -> str:
        """What a constraint asks for, in few words."""
        if isinstance(constraint, ShapeConstraint):
            return self._listed([self._shape(shape) for shape in constraint.shapes])
        if isinstance(constraint, SparqlConstraint):
            return self.name(constraint.component)
        name = _component_name(constraint)
        arguments = self._arguments(constraint)
        if name in {"Class", "Datatype", "NodeKind", "In", "HasValue", "LanguageIn"}:
            return arguments
        return f"sh:{name[0].lower()}{name[1:]} {arguments}"

    def _example(self, shape: Shape) -> str:
        """One right value of a shape, as Turtle writes it, or the empty string."""
        for constraint in shape.constraints:
            for inner in _inner(constraint, self.shapes):
                if inner.path is None and (example := self._example(inner)):
                    return example
            if not isinstance(constraint, CoreConstraint) or not constraint.arguments:
                continue
            first = constraint.arguments[0]
            if constraint.component in {SH.InConstraintComponent, SH.HasValueConstraintComponent}:
                return self.name(first)
            if constraint.component == SH.DatatypeConstraintComponent and isinstance(first, NamedNode):
                return self.examples.get(local_name(first), "")
        return ""


def wordings(labels: Labels, shapes: Shapes) -> tuple[Wording, ...]:
    """The wording of each language."""
    text = files("clustergraph.validation").joinpath("wording.toml").read_text(encoding="utf-8")
    words = tomllib.loads(text)
    return tuple(Wording(name, words[name], words["examples"], labels, shapes) for name in LANGUAGES)
