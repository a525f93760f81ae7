"""`/exports`: the graph in other syntaxes, vocabularies and tools' formats, and what each loses."""

from __future__ import annotations

import json
from pathlib import PurePath
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.server.http import media, options, protocol
from clustergraph.server.http.address import home, license_links
from clustergraph.server.http.attachment import disposition, file_name, last_part
from clustergraph.server.http.representation import text_response
from clustergraph.server.pages.exports import ExportPage
from clustergraph.server.service import Service
from clustergraph.workers.question import Answer, Task

_NAMES = ("graph", "about", "entailment")
_OFFERS = {"json": "application/json", "html": media.HTML}


class Exports:
    """The endpoints of `/exports` and of each profile below it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._page = ExportPage(service)

    async def listing(self, request: Request) -> Response:
        """The profiles, as JSON or as a page."""
        given = options.options(request, ())
        if options.chosen(request, given.get("format"), _OFFERS) == "html":
            return await self._page.page(request)
        with self._service.state.in_use() as state:
            answer = await self._service.performed(state, request, Task("exports"))
        found = json.loads(b"".join(answer.chunks()))
        for profile in found["profiles"]:
            profile["href"] = f"{home(request)}exports/{quote(profile['name'])}"
            profile["loss"] = f"{profile['href']}/loss"
        content = json.dumps(found, ensure_ascii=False).encode()
        return text_response(request, content, "application/json")

    async def answer(self, request: Request) -> Response:
        """The file of a profile, or a zip of its folder; its checksum is in `Repr-Digest` (RFC 9530)."""
        given = options.options(request, _NAMES)
        task = _task("export", request, given)
        state = self._service.state
        settings = state.graph.settings

        def headers(answer: Answer) -> dict[str, str]:
            asked = urlencode([pair for pair in task.options if pair[0] != "profile"])
            name = quote(task.option("profile"))
            loss = f"{home(request)}exports/{name}/loss{'?' + asked if asked else ''}"
            suffix = PurePath(answer.note("filename")).suffix
            told = [last_part(settings.base), task.option("profile")]
            told += [last_part(task.option(name)) for name in _NAMES]
            told += [] if state.is_remote else [state.version[:8]]
            links = [f'<{loss}>; rel="describedby"; type="application/json"', *license_links(settings)]
            return {
                "Content-Disposition": disposition(file_name(told, suffix)),
                "Repr-Digest": f"sha-256=:{answer.note('sha256')}:",
                "Link": ", ".join(links),
            }

        seconds = protocol.seconds(given.get("timeout"))
        return await self._service.perform(request, task, seconds=seconds, headers=headers)

    async def loss(self, request: Request) -> Response:
        """What an export loses, as JSON."""
        given = options.options(request, _NAMES)
        seconds = protocol.seconds(given.get("timeout"))
        return await self._service.perform(request, _task("loss", request, given), seconds=seconds)


def _task(kind: str, request: Request, given: dict[str, str]) -> Task:
    pairs = [("profile", request.path_params["profile"])]
    pairs += [(name, given[name]) for name in ("graph", "about") if name in given]
    if protocol.entailment(given.get("entailment", "none")) == "owl2rl":
        pairs.append(("entailment", "owl2rl"))
    return Task(kind, tuple(pairs))
