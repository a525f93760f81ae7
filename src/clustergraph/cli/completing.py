"""What a shell completes: names of queries, tags, profiles and classes, from the files alone.

No snapshot is built for it, and a folder that cannot be read completes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress

import typer

from clustergraph.cli.state import state
from clustergraph.errors import ClusterGraphError
from clustergraph.folder import parse
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.terms import OWL, RDF, RDFS, SH, NamedNode

Completion = Callable[[typer.Context], list[str]]


def completion(names: Callable[[KnowledgeGraph], Iterable[str]]) -> Completion:
    """The completion by names of the graph that the options before the command name."""

    def complete(context: typer.Context) -> list[str]:
        with suppress(ClusterGraphError, OSError):
            return [*names(state(context).graph)]
        return []

    return complete


def words(*known: str) -> Callable[[], list[str]]:
    """The completion by the words that an option takes."""
    return lambda: [*known]


def _profiles(graph: KnowledgeGraph) -> Iterable[str]:
    from clustergraph.export import profiles  # noqa: PLC0415  # few commands need it

    return profiles(graph.folder.root, graph.settings)


def _classes(graph: KnowledgeGraph) -> Iterable[str]:
    """The local names of the classes that the ontology declares or shapes are about."""
    found: set[str] = set()
    for file in graph.folder.files():
        if file.kind == "data":
            continue
        for triple in (quad.triple for quad in parse(file)):
            declared = triple.predicate == RDF.type and triple.object in (OWL.Class, RDFS.Class)
            term = triple.subject if declared else triple.object
            if isinstance(term, NamedNode) and (declared or triple.predicate == SH.targetClass):
                found.add(re.split("[/#:]", term.value)[-1])
    return sorted(found)


query_names = completion(lambda graph: graph.catalogue)
query_tags = completion(lambda graph: graph.catalogue.tags)
profile_names = completion(_profiles)
class_names = completion(_classes)
