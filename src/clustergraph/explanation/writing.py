"""Explanations as a tree of text, as JSON, and as Turtle in PROV-O."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from clustergraph.errors import FormatError
from clustergraph.explanation.explain import Explanation
from clustergraph.terms import (
    PROV,
    RDF,
    RDFS,
    BlankNode,
    Literal,
    NamedNode,
    Resource,
    Term,
    Triple,
)

Prefixes = Mapping[str, str]


def write_explanation(explanation: Explanation, format: str, prefixes: Prefixes) -> str:
    """The explanation in one of FORMATS; raises FormatError for any other."""
    if format not in FORMATS:
        raise FormatError(format, FORMATS, "an explanation cannot be written as")
    return FORMATS[format](explanation, prefixes)


def to_text(explanation: Explanation, _prefixes: Prefixes) -> str:
    """A tree: what follows, by which rule and axioms, from what, and where that stands."""
    return "\n".join(_lines(explanation, "", "")) + "\n"


def to_json(explanation: Explanation, _prefixes: Prefixes) -> str:
    """One object with its premises nested in it; terms are in N-Triples."""
    return json.dumps(explanation_object(explanation), ensure_ascii=False, indent=2) + "\n"


def explanation_object(explanation: Explanation) -> dict[str, Any]:
    """The explanation as plain data: triple, rule, axioms, premises, graph, file, line, other graphs."""
    return {
        "triple": [_plain(term) for term in explanation.triple] if explanation.triple else None,
        "rule": explanation.rule,
        "axioms": list(explanation.axioms),
        "premises": [explanation_object(premise) for premise in explanation.premises],
        "graph": explanation.graph,
        "file": str(explanation.file) if explanation.file else None,
        "line": explanation.line,
        **({"alsoIn": list(explanation.also)} if explanation.also else {}),
    }


def to_turtle(explanation: Explanation, prefixes: Prefixes) -> str:
    """PROV-O: each triple a reified statement and an entity, each rule the activity that derived it."""
    known = {**prefixes, "prov": str(PROV), "rdf": str(RDF), "rdfs": str(RDFS)}
    written = ox.serialize(_provenance(explanation), format=ox.RdfFormat.TURTLE, prefixes=known)
    assert written is not None  # only a call with an output returns None
    return written.decode()


def _lines(explanation: Explanation, first: str, rest: str) -> Iterator[str]:
    shown = explanation.text or "contradiction"
    yield f"{first}{shown}  [{explanation.rule}]{_where(explanation)}"
    for axiom in explanation.axioms:
        yield f"{rest}│ {axiom}" if explanation.premises else f"{rest}  {axiom}"
    last = len(explanation.premises) - 1
    for index, premise in enumerate(explanation.premises):
        branch, below = ("└─ ", "   ") if index == last else ("├─ ", "│  ")
        yield from _lines(premise, rest + branch, rest + below)


def _where(explanation: Explanation) -> str:
    others = len(explanation.also)
    also = f" (and {others} other source{'' if others == 1 else 's'})" if others else ""
    if explanation.file is None:
        return f" <{explanation.graph}>{also}" if explanation.graph else ""
    return f" {_relative(explanation.file)}:{explanation.line}{also}"


def _relative(path: Path) -> str:
    """The path from the working folder where it lies below that."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _plain(term: Term) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


def _provenance(explanation: Explanation) -> Iterator[Triple]:
    entities: dict[Triple | None, BlankNode] = {}

    def entity(part: Explanation) -> Iterator[Triple]:
        if part.triple in entities:
            return
        node = entities[part.triple] = BlankNode(f"t{len(entities)}")
        yield Triple(node, RDF.type, PROV.Entity)
        if part.triple is not None:
            names = (RDF.subject, RDF.predicate, RDF.object)
            yield Triple(node, RDF.type, RDF.Statement)
            yield from (Triple(node, name, term) for name, term in zip(names, part.triple, strict=True))
        for graph in (*filter(None, [part.graph]), *part.also):
            yield Triple(node, PROV.hadPrimarySource, NamedNode(graph))
        if part.file:
            yield Triple(node, PROV.atLocation, Literal(f"{_relative(part.file)}:{part.line}"))
        if part.premises or part.axioms:
            yield from derivation(part, node)

    def derivation(part: Explanation, node: Resource) -> Iterator[Triple]:
        activity = BlankNode(f"r{len(entities)}")
        yield Triple(activity, RDF.type, PROV.Activity)
        yield Triple(activity, RDFS.label, Literal(part.rule))
        yield from (Triple(activity, RDFS.comment, Literal(axiom)) for axiom in part.axioms)
        yield Triple(node, PROV.wasGeneratedBy, activity)
        for premise in part.premises:
            yield from entity(premise)
            yield Triple(activity, PROV.used, entities[premise.triple])
            yield Triple(node, PROV.wasDerivedFrom, entities[premise.triple])

    yield from entity(explanation)


FORMATS: Mapping[str, Callable[[Explanation, Prefixes], str]] = {
    "text": to_text,
    "json": to_json,
    "turtle": to_turtle,
}
