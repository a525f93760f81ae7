"""The saved questions in which a thing can be an argument, with it filled in."""

from __future__ import annotations

from dataclasses import dataclass

from clustergraph.catalogue import Parameter, SavedQuery
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.pages.frame.names import Name
from clustergraph.server.pages.frame.places import Places
from clustergraph.server.pages.frame.words import Reader
from clustergraph.server.pages.things.facts import Description, Schema
from clustergraph.terms import RDF, RDFS, SKOS, NamedNode, compact


@dataclass(frozen=True)
class Fitting:
    """A question and its address with the thing as an argument."""

    summary: Name
    href: str


def fitting(
    graph: KnowledgeGraph, said: Description, schema: Schema, places: Places, reading: Reader
) -> list[Fitting]:
    """The questions that take the thing, those for its own kind before those for anything."""
    direct = schema.narrowest(said.iris(RDF.type))
    depth = {kind: schema.depth(kind) for kind in direct}
    for kind in direct:
        depth |= {broader: schema.depth(broader) for broader in schema.broader.get(kind, ())}
    depth |= {kind: schema.depth(kind) for kind in said.iris(RDF.type)}
    depth |= dict.fromkeys(said.iris(SKOS.inScheme), 100)
    depth[RDFS.Resource] = -1
    found: list[tuple[int, str, Fitting]] = []
    for query in graph.catalogue.queries:
        taking = [
            (p, known)
            for p in query.parameters.values()
            if (known := p.scheme or p.class_) and known in depth
        ]
        if taking:
            parameter, kind = max(taking, key=lambda pair: depth[pair[1]])
            href = places.query(query.name, _given(query, parameter, said.thing, graph))
            language = reading.language if reading.language in query.summaries else ""
            name = Name(query.summary(reading.language), language)
            found.append((-depth[kind], name.text, Fitting(name, href)))
    return [each for _, _, each in sorted(found, key=lambda item: item[:2])]


def _given(
    query: SavedQuery, parameter: Parameter, thing: NamedNode, graph: KnowledgeGraph
) -> list[tuple[str, str]]:
    """The arguments: the thing, and examples for whatever else is required."""
    given = [(parameter.name, compact(thing.value, graph.settings.prefixes) or thing.value)]
    for other in query.parameters.values():
        if other is not parameter and other.required and not other.default:
            given += [(other.name, text) for text in other.example[: None if other.many else 1]]
    return given
