"""The tables of OWL 2 RL/RDF as data, from `owl2rl.rules`, where their notation is explained."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from clustergraph.inference.rule import Atom, Condition, Place, Test
from clustergraph.terms import RDF, STANDARD_PREFIXES, XSD, Literal, NamedNode, Variable, expand

_TOKEN = re.compile(r"\[[^\]]*\]|\([^)]*\)|\S+")


@dataclass(frozen=True, slots=True)
class Members:
    """The object of an axiom that is a list: `each` member, each `pair` of two, or `all` at once.

    `twice` are pairs of one thing. They are all that matters where the body asks that two members be the
    same, since rules run over representatives, and a long list has too many pairs to look at each.
    """

    kind: str
    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class AxiomPattern:
    """A triple pattern over the ontology; its object may be the members of a list."""

    subject: Place
    predicate: Place
    object: Place | Members


@dataclass(frozen=True, slots=True)
class Repeated:
    """An atom of a body that stands once for each member of a list; `?ui+1` is the next of `?ui`."""

    atom: Atom


@dataclass(frozen=True, slots=True)
class Template:
    """One line of the tables. `not_compiled` says why the engine does its work in another way."""

    name: str
    axioms: tuple[AxiomPattern, ...] = ()
    body: tuple[Atom | Repeated, ...] = ()
    conditions: tuple[Condition, ...] = ()
    head: Atom | None = None
    not_compiled: str = ""


@cache
def templates() -> tuple[Template, ...]:
    """The lines of the tables, in the order of the specification."""
    text = (files(__package__) / "owl2rl.rules").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return tuple(_template(line) for line in lines if line and not line.startswith("#"))


@cache
def rule_names() -> tuple[str, ...]:
    """The names of the rules of the tables, each once, in the order of the specification."""
    return tuple(dict.fromkeys(template.name for template in templates()))


def _template(line: str) -> Template:
    name, *columns = (column.strip() for column in line.split("|"))
    if columns[0].startswith("not-compiled:"):
        return Template(name, not_compiled=columns[0].removeprefix("not-compiled:").strip())
    axioms, body, head = columns
    parts = [_tokens(part) for part in body.split(" . ") if part]
    patterns = tuple(_axiom(_tokens(part)) for part in axioms.split(" . ") if part)
    if len(parts) == 1 and "owl:sameAs" in parts[0]:
        patterns = tuple(map(_twice, patterns))
    return Template(
        name,
        axioms=patterns,
        body=tuple(_body_atom(part) for part in parts if part[0] not in set(Test)),
        conditions=tuple(_condition(part) for part in parts if part[0] in set(Test)),
        head=None if head == "false" else _atom(_tokens(head)),
    )


def _tokens(part: str) -> list[str]:
    return _TOKEN.findall(part)


def _axiom(tokens: list[str]) -> AxiomPattern:
    subject, predicate, object = tokens
    if object[0] not in "([":
        return AxiomPattern(*_atom(tokens))
    variables = tuple(Variable(name[1:]) for name in object[1:-1].split())
    kind = "all" if object[0] == "[" else ("each", "pair")[len(variables) - 1]
    return AxiomPattern(_place(subject), _place(predicate), Members(kind, variables))


def _twice(pattern: AxiomPattern) -> AxiomPattern:
    if not isinstance(pattern.object, Members):
        return pattern
    return replace(pattern, object=Members("twice", pattern.object.variables))


def _body_atom(tokens: list[str]) -> Atom | Repeated:
    if tokens[0].startswith("["):
        return Repeated(_atom(_tokens(tokens[0][1:-1])))
    return _atom(tokens)


def _condition(tokens: list[str]) -> Condition:
    return Condition(Test(tokens[0]), tuple(_place(token) for token in tokens[1:]))


def _atom(tokens: list[str]) -> Atom:
    subject, predicate, object = tokens
    return Atom(_place(subject), _place(predicate), _place(object))


def _place(token: str) -> Place:
    if token.startswith("?"):
        return Variable(token[1:].replace("+1", "_next"))
    if token == "a":  # noqa: S105  (Turtle's word for rdf:type)
        return RDF.type
    if token.isdigit():
        return Literal(token, datatype=XSD.integer)
    iri = expand(token, STANDARD_PREFIXES)
    if iri is None:
        raise ValueError(f"the tables use an unknown prefix: {token}")
    return NamedNode(iri)
