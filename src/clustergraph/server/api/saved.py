"""Saved queries over HTTP: the catalogue, one query's answers, its text, and permalinks."""

from __future__ import annotations

import json
from typing import Literal
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clustergraph.catalogue import Catalogue, SavedQuery
from clustergraph.errors import ArgumentError, UnknownQueryError
from clustergraph.server.api import citing
from clustergraph.server.http import media, paging, protocol
from clustergraph.server.http.address import home
from clustergraph.server.http.attachment import disposition, file_name
from clustergraph.server.http.negotiation import best, language
from clustergraph.server.http.protocol import Asked, Parameters
from clustergraph.server.http.representation import text_response
from clustergraph.server.pages.frame.kept import kept
from clustergraph.server.pages.questions import listing
from clustergraph.server.pages.questions.charts import chart_response, wants_chart
from clustergraph.server.pages.questions.question import QuestionPages, wants_page
from clustergraph.server.pages.refusals import as_page
from clustergraph.server.service import Service
from clustergraph.workers.question import Answer, Question

_JSON = "application/json"
# What a query's address takes besides its parameters; a parameter of the same name goes first.
RESERVED = ("timeout", "entailment", "format", "version", "page", "page-size", "sort")


class SavedQueries:
    """The endpoints of `/queries` and of each query below it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._pages = QuestionPages(service)

    async def listing(self, request: Request) -> Response:
        """All contracts, as JSON or as a page."""
        chosen = best(protocol.accept(request), (_JSON, media.HTML))
        if chosen is None:
            raise HTTPException(406, "the catalogue is written as application/json or text/html")
        base = home(request)
        with self._service.state.in_use() as state:
            if chosen == media.HTML:
                return await listing.listing(request, state)

            async def make() -> bytes:
                queries = [
                    query.describe()
                    | {"version": query.version, "href": f"{base}queries/{quote(query.name)}"}
                    for query in state.graph.catalogue.queries
                ]
                return json.dumps({"queries": queries}, ensure_ascii=False).encode()

            return await kept(request, state, {"catalogue": base}, make, media_type=_JSON)

    async def answer(self, request: Request) -> Response:
        """The answer to one query, in the syntax of its suffix or of the Accept header."""
        state = self._service.state
        named = request.path_params["name"]
        if not named.strip("/") or (named.endswith("/") and named not in state.graph.catalogue):
            there = f"{home(request)}queries/{quote(named)}".rstrip("/")
            return RedirectResponse(there + (f"?{request.url.query}" if request.url.query else ""), 308)
        try:
            query, suffix = _find(state.graph.catalogue, named)
        except UnknownQueryError as error:
            if wants_page(request, "", None):
                return listing.missing(request, state.graph, error)
            raise
        if suffix == "rq" or (not suffix and _wants_text(request)):
            return text_response(request, query.text.encode(), media.QUERY)
        given = protocol.parameters(request.scope["query_string"])
        own, reserved = _divided(query, given)
        settings = state.graph.settings
        if refusal := citing.other_version(request, settings, state.version, query, reserved.get("version")):
            return as_page(request, state.graph, refusal, suffix, reserved.get("format"))
        if wants_page(request, suffix, reserved.get("format")):
            return await self._pages.page(request, query, own, reserved)
        return await self._data(request, query, suffix, own, reserved)

    async def _data(
        self, request: Request, query: SavedQuery, suffix: str, own: Parameters, reserved: dict[str, str]
    ) -> Response:
        """The answer for programs: a table or graph, its chart, or its sources."""
        state = self._service.state
        if "sort" in reserved:
            expected = "a page for readers; data comes in the order of its query"
            raise ArgumentError(query.name, "sort", expected=expected, argument=reserved["sort"])
        arguments = _with_language(query, own, request)
        if wants_chart(request, query, suffix, reserved.get("format")):
            drawn = Question(
                name=query.name,
                arguments=arguments,
                entailment=protocol.entailment(reserved.get("entailment")),
            )
            return await chart_response(self._service, request, query, drawn)
        if suffix == citing.SOURCES:
            asked_about = Question(
                name=query.name,
                arguments=arguments,
                entailment=protocol.entailment(reserved.get("entailment")),
                encoding=protocol.encoding(request),
            )
            seconds = protocol.seconds(reserved.get("timeout"))
            return await citing.sources(self._service, request, query, asked_about, seconds)
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
            links = citing.links(request, state, query, question)
            found = {"Link": ", ".join([*links, *paging.links(request, question, answer)])}
            if question.table in {"spreadsheet", "csv"}:
                told = [text for name, texts in arguments if name != "lang" for text in texts]
                name = file_name([query.name.rpartition("/")[2], *told], ".csv")
                kind: Literal["attachment", "inline"]
                kind = "attachment" if question.table == "spreadsheet" else "inline"
                found["Content-Disposition"] = disposition(name, kind)
            if spoken := dict(arguments).get("lang"):
                found["Content-Language"] = ", ".join(spoken)
            return found

        return await self._service.respond(request, asked, headers=headers)


def _find(catalogue: Catalogue, name: str) -> tuple[SavedQuery, str]:
    """The query of an address and its suffix; raises UnknownQueryError."""
    stem, dot, suffix = name.rpartition(".")
    if name not in catalogue and dot and suffix in {*media.SUFFIXES, "html", "rq", "svg", citing.SOURCES}:
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
