"""The page of the exports: each with its title, what it carries, and where to get it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.errors import ClusterGraphError, MissingLibraryError
from clustergraph.server.http.address import home
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.words import Reader, reader
from clustergraph.server.service import Service
from clustergraph.server.state import State
from clustergraph.workers.question import Task


@dataclass(frozen=True)
class Offer:
    """A profile as the page shows it; `carried` of `given` triples, None where that is not known yet."""

    name: str
    title: str
    vocabulary: str
    is_folder: bool
    href: str
    loss: str
    carried: int | None = None
    given: int = 0
    kinds: tuple[tuple[str, int, int], ...] = ()
    lacks: str = ""
    """Why this server cannot make it: a library that is not installed."""


class ExportPage:
    """The page, from the present state of a service.

    What the exports carry is found by making them, some seconds in all; the first view has that begun,
    one after the other, and shows what is known. Of a service, which each would read as a whole, it is not.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._counted: State | None = None
        self._counting: set[asyncio.Task[None]] = set()
        self._lacks: dict[str, str] = {}

    async def page(self, request: Request) -> Response:
        """The table of the exports."""
        with self._service.state.in_use() as state:
            reading = reader(request, state.graph.settings.languages)
            answer = await self._service.performed(state, request, Task("exports"))
            found = json.loads(b"".join(answer.chunks()))
            if self._counted is not state and not state.is_remote:
                self._count(state, [profile["name"] for profile in found["profiles"]])
            offers = [
                replace(_offer(one, state, home(request), reading), lacks=self._lacks.get(one["name"], ""))
                for one in found["profiles"]
            ]
            content = rendering.render(
                "exports.html",
                request,
                state.graph,
                reading,
                offers=offers,
                problems=found["problems"],
                is_counting=bool(self._counting),
            )
            return rendering.html_response(request, content, reading)

    def _count(self, state: State, names: list[str]) -> None:
        self._counted, self._lacks = state, {}
        counting = asyncio.get_running_loop().create_task(_lose(state, names, self._lacks))
        self._counting.add(counting)
        counting.add_done_callback(self._counting.discard)


async def _lose(state: State, names: list[str], lacks: dict[str, str]) -> None:
    """Ask for each export's loss, so that it is kept; note in `lacks` those that cannot be made here."""
    for name in names:
        if not state.pool.is_ready:
            return  # another state has taken its place
        task = Task("loss", (("profile", name),))
        if state.cache.find(task) is None:
            try:
                state.cache.keep(task, await state.pool.answer(task, client="exports"))
            except MissingLibraryError as error:
                lacks[name] = str(error)
            except ClusterGraphError:
                continue  # its own address says why


def _offer(profile: dict[str, Any], state: State, base: str, reading: Reader) -> Offer:
    name, titles = profile["name"], profile["title"]
    language, word = reading.language, reading.words
    href = f"{base}exports/{quote(name)}"
    offer = Offer(
        name,
        titles.get(language) or word.get(f"exports_{name}") or next(iter(titles.values()), name),
        profile["vocabulary"] or "",
        profile["writes"] == "folder",
        href,
        f"{href}/loss",
    )
    answer = state.cache.find(Task("loss", (("profile", name),)))
    if answer is None:
        return offer
    found = json.loads(answer.body)
    kinds = tuple((kind, counts["given"], counts["lost"]) for kind, counts in found["kinds"].items())
    return Offer(
        offer.name,
        offer.title,
        offer.vocabulary,
        offer.is_folder,
        offer.href,
        offer.loss,
        found["triples"]["carried"],
        found["triples"]["given"],
        kinds,
    )
