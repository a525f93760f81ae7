"""Search over HTTP: what is found as JSON or as a page, and how browsers learn of it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.errors import ArgumentError, near_misses
from clustergraph.search.search import LONGEST, MOST
from clustergraph.server.http import media, options, paging, protocol
from clustergraph.server.http.address import license_links
from clustergraph.server.http.representation import text_response
from clustergraph.server.pages import search as pages
from clustergraph.server.pages.frame.words import reader
from clustergraph.server.service import Service
from clustergraph.server.state import State
from clustergraph.workers.question import Answer, Task

PARAMETERS = ("q", "kind", "lang", "page", "page-size", "format")
_OFFERS = {"json": "application/json", "html": media.HTML}
_SIZE = "20"


@dataclass(frozen=True, slots=True)
class _Sought:
    """What a request seeks: a text among things of a kind, and which part of what is found."""

    text: str
    kind: str
    shown: tuple[int, int]

    def task(self, language: str, request: Request | None = None) -> Task:
        """The task for a worker; the answer to `request` is written as that accepts."""
        offset, limit = self.shown
        options = {"text": self.text, "kind": self.kind, "limit": str(limit), "offset": str(offset)}
        coding = "" if request is None else protocol.encoding(request)
        return Task("search", (*options.items(), ("lang", language)), encoding=coding)


class Search:
    """The endpoints of `/search` and of its description for browsers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def answer(self, request: Request) -> Response:
        """What is found, as JSON or as a page; raises ArgumentError naming the parameter."""
        given = protocol.parameters(request.scope["query_string"])
        format = options.chosen(request, dict(given).get("format") or None, _OFFERS)
        with self._service.state.in_use() as state:
            settings = state.graph.settings
            reading = reader(request, settings.languages)
            if format == "html":
                return await self._page(request, state, given)
            sought = _read(given)
            if not sought.text.strip():
                raise ArgumentError("search", "q", expected="a text; it is required")

            def headers(answer: Answer) -> dict[str, str]:
                turns = paging.turns(request, sought.shown, int(answer.note("total", "0")))
                links = [f'<{address}>; rel="{relation}"' for relation, address in turns.items()]
                links += license_links(settings)
                return {"Link": ", ".join(links), "Content-Language": reading.language}

            task = sought.task(reading.language, request)
            # The index of a service has an age of its own, to which that of an answer is not added.
            return await self._service.perform(request, task, keep=not state.is_remote, headers=headers)

    async def _page(self, request: Request, state: State, given: protocol.Parameters) -> Response:
        """The page of what is found; what is wrong with the request stands in it, with status 422."""
        language = reader(request, state.graph.settings.languages).language
        by_name = dict(given)
        try:
            sought = _read(given)
            if not sought.text.strip():
                return pages.form(request, state.graph, kind=sought.kind)
            keep = not state.is_remote
            answer = await self._service.performed(state, request, sought.task(language), keep=keep)
        except ArgumentError as error:
            return pages.refused(request, state.graph, error, by_name.get("q", ""), by_name.get("kind", ""))
        return pages.found(request, state.graph, answer, sought.shown, sought.kind)

    async def description(self, request: Request) -> Response:
        """The OpenSearch description, by which browsers offer this search."""
        content = pages.description(request, self._service.state.graph)
        return text_response(request, content, "application/opensearchdescription+xml")


def _read(given: protocol.Parameters) -> _Sought:
    """What the parameters say; raises ArgumentError for one that is unknown, repeated or out of bounds."""
    found: dict[str, str] = {}
    for name, text in given:
        if name not in PARAMETERS:
            expected = f"one of {', '.join(PARAMETERS)}"
            raise ArgumentError("search", name, expected=expected, near=near_misses(name, PARAMETERS))
        if name in found:
            raise ArgumentError("search", name, expected="one argument at most", argument=text)
        found[name] = text
    text = found.get("q", "")
    if len(text) > LONGEST:
        raise ArgumentError("search", "q", expected=f"at most {LONGEST} letters", argument=text)
    pages_of = {"page": found.get("page") or "1", "page-size": found.get("page-size") or _SIZE}
    shown = paging.asked("search", pages_of, MOST)
    assert shown is not None  # both are given
    return _Sought(text, found.get("kind", ""), shown)
