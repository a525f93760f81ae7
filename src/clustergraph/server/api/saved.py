"""Saved queries over HTTP: the catalogue, one query's answers, its text, and permalinks."""

from __future__ import annotations

import json
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from clustergraph.catalogue import Catalogue, SavedQuery
from clustergraph.errors import ArgumentError, UnknownQueryError
from clustergraph.server.http import media, paging, protocol
from clustergraph.server.http.address import home
from clustergraph.server.http.negotiation import best, language
from clustergraph.server.http.permalink import edition, permalink
from clustergraph.server.http.problem import problem
from clustergraph.server.http.protocol import Asked, Parameters
from clustergraph.server.http.representation import text_response
from clustergraph.server.pages import rendering
from clustergraph.server.pages.questions import QuestionPages, wants_page
from clustergraph.server.service import Service
from clustergraph.workers.question import Answer, Question

# What a query's address takes besides its parameters; a parameter of the same name goes first.
RESERVED = ("timeout", "entailment", "format", "version", "page", "page-size")


class SavedQueries:
    """The endpoints of `/queries` and of each query below it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._pages = QuestionPages(service)

    async def listing(self, request: Request) -> Response:
        """All contracts, as JSON or as a page."""
        chosen = best(protocol.accept(request), ("application/json", media.HTML))
        if chosen is None:
            raise HTTPException(406, "the catalogue is written as application/json or text/html")
        if chosen == media.HTML:
            return rendering.questions(request, self._service.state.graph)
        catalogue = self._service.state.graph.catalogue
        base = home(request)
        queries = [
            query.describe() | {"version": query.version, "href": f"{base}queries/{quote(query.name)}"}
            for query in catalogue.queries
        ]
        content = json.dumps({"queries": queries}, ensure_ascii=False).encode()
        return text_response(request, content, "application/json")

    async def answer(self, request: Request) -> Response:
        """The answer to one query, in the syntax of its suffix or of the Accept header."""
        state = self._service.state
        try:
            query, suffix = _find(state.graph.catalogue, request.path_params["name"])
        except UnknownQueryError as error:
            if wants_page(request, "", None):
                return rendering.missing(request, state.graph, error)
            raise
        if suffix == "rq" or (not suffix and _wants_text(request)):
            return text_response(request, query.text.encode(), media.QUERY)
        given = protocol.parameters(request.scope["query_string"])
        own, reserved = _divided(query, given)
        if refusal := _other_version(state.version, query, reserved):
            return refusal
        if wants_page(request, suffix, reserved.get("format")):
            return await self._pages.page(request, query, own, reserved)
        arguments = _with_language(query, own, request)
        table, graph = _media(request, query, suffix, reserved)
        question = Question(
            name=query.name,
            arguments=arguments,
            entailment=protocol.entailment(reserved.get("entailment")),
            table=None if table is None else media.TABLES[table],
            graph=None if graph is None else media.GRAPHS[graph],
            encoding=protocol.encoding(request),
            page=paging.asked(query.name, reserved),
        )
        asked = Asked(question, table, graph, protocol.seconds(reserved.get("timeout")))

        def headers(answer: Answer) -> dict[str, str]:
            links = [f'<{permalink(request, state.version, query, question)}>; rel="cite-as"']
            if license := state.graph.settings.license:
                links.append(f'<{license}>; rel="license"')
            found = {"Link": ", ".join([*links, *paging.links(request, question, answer)])}
            if spoken := dict(arguments).get("lang"):
                found["Content-Language"] = ", ".join(spoken)
            return found

        return await self._service.respond(request, asked, versions=[query.version], headers=headers)


def _find(catalogue: Catalogue, name: str) -> tuple[SavedQuery, str]:
    """The query of an address and its suffix; raises UnknownQueryError."""
    stem, dot, suffix = name.rpartition(".")
    if name not in catalogue and dot and suffix in {*media.SUFFIXES, "html", "rq"}:
        return catalogue[stem], suffix
    return catalogue[name], ""


def _wants_text(request: Request) -> bool:
    offers = (*media.TABLES, *media.GRAPHS, media.HTML, media.QUERY)
    return best(protocol.accept(request), offers) == media.QUERY


def _divided(query: SavedQuery, given: Parameters) -> tuple[Parameters, dict[str, str]]:
    """The query's own parameters, and those that are the server's."""
    own: Parameters = []
    reserved: dict[str, str] = {}
    for name, text in given:
        if name in query.parameters or name not in RESERVED:
            own.append((name, text))
        elif name in reserved:
            raise ArgumentError(query.name, name, expected="one argument at most", argument=text)
        else:
            reserved[name] = text
    return own, reserved


def _with_language(
    query: SavedQuery, given: Parameters, request: Request
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The arguments in the order of the contract; the language as the client prefers it."""
    by_name: dict[str, list[str]] = {}
    for name, text in given:
        by_name.setdefault(name, []).append(text)
    spoken = query.parameters.get("lang")
    if spoken is not None and "lang" not in by_name and spoken.enum:
        preferred = language(request.headers.get("accept-language"), spoken.enum)
        if preferred:
            by_name["lang"] = [preferred]
    order = {name: place for place, name in enumerate(query.parameters)}
    names = sorted(by_name, key=lambda name: (order.get(name, len(order)), name))
    return tuple((name, tuple(by_name[name])) for name in names)


def _media(
    request: Request, query: SavedQuery, suffix: str, reserved: dict[str, str]
) -> tuple[str | None, str | None]:
    """The media types for the answer; raises HTTPException 406 for a suffix that it cannot have."""
    if not suffix:
        return protocol.accepted(request, reserved.get("format"))
    kind = media.TABLES if query.form in {"SELECT", "ASK"} else media.GRAPHS
    chosen = media.registered(kind, media.SUFFIXES[suffix])
    if chosen is None:
        raise HTTPException(406, f"a {query.form} query has no .{suffix}; there are {', '.join(kind)}")
    return (chosen, None) if kind is media.TABLES else (None, chosen)


def _other_version(data: str, query: SavedQuery, reserved: dict[str, str]) -> Response | None:
    """The refusal of a permalink to another version of the data or of the query."""
    present = edition(data, query)
    asked = reserved.get("version")
    if asked is None or asked == present:
        return None
    detail = "this server has another version of the data or of the query; the asked one is in its release"
    return problem(410, detail, query=query.name, version=asked, present=present)
