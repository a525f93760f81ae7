"""`/validate` and `/diff`: what is sent, judged as a change to the graph; nothing of it is kept."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from clustergraph.folder.formats import MEDIA_TYPES
from clustergraph.server.http import options, protocol
from clustergraph.server.http.body import read_body
from clustergraph.server.http.offers import DIFFERENCES, REPORTS
from clustergraph.server.pages.frame.words import reader
from clustergraph.server.pages.judging.judgements import JudgementPages
from clustergraph.server.service import Service
from clustergraph.workers.question import Task

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_TABLES = ("text/csv", "text/tab-separated-values")


class Uploads:
    """The endpoints that judge what is sent."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._pages = JudgementPages(service)

    async def form(self, request: Request) -> Response:
        """The page to paste or choose a file on."""
        return await self._pages.form(request)

    async def validate(self, request: Request) -> Response:
        """The report on what was sent; 200 also where it does not conform."""
        kind, _ = protocol.content_type(request)
        if kind in _FORMS:
            return await self._pages.filled(request)
        given = options.options(request, ())
        format = options.chosen(request, given.get("format"), REPORTS)
        if format == "html":
            body = await read_body(request, self._service.options.upload)
            return await self._pages.report(request, body, _media(request))
        return await self._judged(request, "validate", given, format)

    async def diff(self, request: Request) -> Response:
        """What the change that adds what was sent changes."""
        given = options.options(request, ())
        format = options.chosen(request, given.get("format"), DIFFERENCES)
        return await self._judged(request, "diff", given, format)

    async def _judged(self, request: Request, kind: str, given: dict[str, str], format: str) -> Response:
        languages = self._service.state.graph.settings.languages
        language = options.spoken(given, languages, reader(request, languages).language)
        body = await read_body(request, self._service.options.upload)
        sent = _media(request)
        asked = (("media", sent), ("format", format), ("lang", language))
        return await self._service.perform(
            request,
            Task(kind, asked, body, protocol.encoding(request)),
            keep=False,
            seconds=protocol.seconds(given.get("timeout")),
            headers=lambda _: {"Content-Language": language},
        )


def _media(request: Request) -> str:
    """The media type of what is sent; raises HTTPException 415 where it is no RDF syntax in UTF-8."""
    kind, charset = protocol.content_type(request)
    expected = ", ".join(MEDIA_TYPES)
    if request.headers.get("content-encoding", "identity") != "identity":
        raise HTTPException(415, "expected a body without a content coding", {"Accept-Encoding": "identity"})
    if kind in _TABLES:
        detail = (
            "a table means something only with its description; send the Turtle of `clustergraph convert`"
        )
        raise HTTPException(415, detail, {"Accept-Post": expected})
    if kind not in MEDIA_TYPES:
        detail = f"expected one of the media types {expected}, got {kind or 'none'}"
        raise HTTPException(415, detail, {"Accept-Post": expected})
    if charset not in {"", "utf-8", "utf8", "us-ascii"}:
        raise HTTPException(415, f"expected charset UTF-8, got {charset!r}")
    return kind
