"""The page that judges what is pasted or chosen: its lines, what they break, what they change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.errors import ClusterGraphError, UploadError
from clustergraph.folder.formats import MEDIA_TYPES
from clustergraph.folder.guess import guessed
from clustergraph.server.http.form import read_form
from clustergraph.server.http.problem import short, status_of
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.places import places_of
from clustergraph.server.pages.frame.words import Reader, reader
from clustergraph.server.pages.judging import sources
from clustergraph.server.service import Service
from clustergraph.server.state import State
from clustergraph.workers.question import Task

# What can be chosen: the name of a syntax and its media type.
SYNTAXES = {format.name: media for media, format in reversed([*MEDIA_TYPES.items()])}
# Characters of what was pasted that stay in the form.
_PASTED = 100_000


@dataclass(frozen=True)
class Sent:
    """What was sent, in which syntax, and what of it stands in the form."""

    data: bytes
    media: str
    pasted: str = ""
    filename: str = ""


@dataclass(frozen=True)
class Found:
    """What was found of what was sent: `error` in place of all, `unknown` in place of the difference."""

    report: Any = None  # JSON, as the difference is
    difference: Any = None
    error: ClusterGraphError | None = None
    unknown: ClusterGraphError | None = None


class JudgementPages:
    """Pages of reports on what is sent, from the present state of a service; nothing of it is kept."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def form(self, request: Request) -> Response:
        """The empty form."""
        with self._service.state.in_use() as state:
            reading = reader(request, state.graph.settings.languages)
            return self._page(request, state, reading)

    async def filled(self, request: Request) -> Response:
        """The page for a filled form; a file goes before what is pasted."""
        form = await read_form(request, self._service.options.upload)
        # A form sends line ends as CRLF.
        pasted = form.fields.get("text", "").replace("\r\n", "\n")
        data = form.file or pasted.encode("utf-8", "replace")
        chosen = form.fields.get("syntax", "")
        format = guessed(data, form.filename).name if chosen not in SYNTAXES else chosen
        kept = "" if form.file or len(pasted) > _PASTED else pasted
        sent = Sent(data, SYNTAXES[format], kept, short(form.filename) if form.file else "")
        with self._service.state.in_use() as state:
            reading = reader(request, state.graph.settings.languages, form.fields.get("lang"))
            return await self._judged(request, state, reading, sent)

    async def report(self, request: Request, data: bytes, media: str) -> Response:
        """The page for what was sent as it is."""
        with self._service.state.in_use() as state:
            reading = reader(request, state.graph.settings.languages)
            return await self._judged(request, state, reading, Sent(data, media))

    async def _judged(self, request: Request, state: State, reading: Reader, sent: Sent) -> Response:
        options = (("media", sent.media), ("format", "page"), ("lang", reading.language))

        async def asked(kind: str) -> Any:  # JSON
            task = Task(kind, options, sent.data)
            answer = await self._service.performed(state, request, task, keep=False)
            return json.loads(b"".join(answer.chunks()))

        try:
            report = await asked("validate")
        except ClusterGraphError as error:
            return self._page(request, state, reading, sent, Found(error=error))
        try:
            difference = await asked("diff")
        except ClusterGraphError as error:
            # What it breaks is worth saying even where what it changes takes too long.
            return self._page(request, state, reading, sent, Found(report, unknown=error))
        return self._page(request, state, reading, sent, Found(report, difference))

    def _page(
        self,
        request: Request,
        state: State,
        reading: Reader,
        sent: Sent | None = None,
        found: Found = Found(),
    ) -> Response:
        lines = sources.lines_of(sent.data) if sent else []
        error = found.error
        marked = [error.line] if isinstance(error, UploadError) and error.line else []
        if found.report is not None:
            marked = _marked(found.report, lines)
        places = places_of(request, state, reading)
        content = rendering.render(
            "validate.html",
            request,
            state.graph,
            reading,
            sent=sent,
            syntaxes={name: name for name in SYNTAXES},
            chosen=next((n for n, media in SYNTAXES.items() if sent and media == sent.media), ""),
            lines=sources.shown(lines, marked) if sent else [],
            error=error,
            report=found.report,
            difference=found.difference,
            unknown=found.unknown,
            page_of=lambda iri: places.page(iri) if places.is_own(iri) else "",
            asks=lambda one: places.query(one["query"], [tuple(pair) for pair in one["arguments"]]),
            posted="?" + urlencode({"lang": reading.language}) if "lang" in request.query_params else "",
        )
        if sent is None:
            return rendering.html_response(request, content, reading)
        status = 200 if error is None else status_of(error)
        response = rendering.html_response(request, content, reading, status)
        response.headers["Cache-Control"] = "no-store"
        return response


def _marked(report: Any, lines: Sequence[str]) -> list[int]:
    """The lines that results speak of; writes into each fix the lines that it changes."""
    results = [one for group in ("new", "present") for one in report[group]["shown"]]
    for one in results:
        for fix in one["fixes"]:
            fix["lines"] = sources.difference(lines, fix["edits"])
    return [one["line"] for one in results if one["line"] and one["file"] == "upload"]
