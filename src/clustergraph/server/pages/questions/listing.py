"""The saved questions by topic, and the page for one that is not there."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.catalogue import SavedQuery
from clustergraph.errors import UnknownQueryError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.http.address import home
from clustergraph.server.http.problem import short
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.kept import kept, reader_key
from clustergraph.server.pages.frame.words import Reader, reader
from clustergraph.server.state import State

Topics = dict[str, list[tuple[SavedQuery, str]]]
"""By topic, as readers call it: its questions with their addresses."""


async def listing(request: Request, state: State) -> Response:
    """The page of all questions."""
    graph = state.graph
    reading = reader(request, graph.settings.languages)

    async def make() -> bytes:
        return rendering.render(
            "queries.html", request, graph, reading, topics=topics(request, graph, reading)
        )

    headers = {"Content-Language": reading.language}
    return await kept(request, state, reader_key(request, reading), make, headers=headers)


def missing(request: Request, graph: KnowledgeGraph, error: UnknownQueryError) -> Response:
    """The page for a question that is not there, with those of similar names."""
    reading = reader(request, graph.settings.languages)
    near = [(graph.catalogue[name], f"{home(request)}queries/{quote(name)}") for name in error.near]
    content = rendering.render("missing.html", request, graph, reading, name=short(error.query), near=near)
    return rendering.html_response(request, content, reading, 404)


def topics(request: Request, graph: KnowledgeGraph, reading: Reader) -> Topics:
    """The questions by topic; each asks with the examples of what it requires."""
    spoken = [("lang", reading.language)] if "lang" in request.query_params else []
    base = home(request)

    def asked(query: SavedQuery) -> str:
        examples = [
            (name, text)
            for name, declared in query.parameters.items()
            if declared.required
            for text in declared.example[: None if declared.many else 1]
        ]
        pairs = [*examples, *spoken]
        return f"{base}queries/{quote(query.name)}" + ("?" + urlencode(pairs) if pairs else "")

    return by_topic(graph, reading, asked)


def by_topic(graph: KnowledgeGraph, reading: Reader, address: Callable[[SavedQuery], str]) -> Topics:
    """The questions by topic in the reader's words, with what `address` gives for each."""
    settings = graph.settings
    found: Topics = {}
    for query in sorted(graph.catalogue.queries, key=lambda query: (query.topic, query.name)):
        topic = settings.text(settings.topics.get(query.topic, {}), reading.language) or query.topic
        found.setdefault(topic, []).append((query, address(query)))
    return found
