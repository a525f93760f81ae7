"""Whole pages, kept like answers: known by their tag before they are made."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response

from clustergraph import charts
from clustergraph.server.http import media, protocol
from clustergraph.server.http.address import home
from clustergraph.server.http.representation import has, kept_response, tag_of
from clustergraph.server.pages.frame.words import Reader
from clustergraph.server.state import State
from clustergraph.workers.question import Answer, Task

Make = Callable[[], Awaitable[bytes]]
_SOURCES = (".css", ".html", ".py", ".rq", ".svg", ".toml", ".xml")


async def kept(
    request: Request,
    state: State,
    key: Mapping[str, str],
    make: Make,
    *,
    media_type: str = media.HTML,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response that carries what `make` gives, or 304; made once for each key and state.

    All that the content depends on stands in the key, but for the state (its data, settings, saved
    queries and shapes) and for the code.
    """
    coding = protocol.encoding(request)
    task = Task("page", (("type", media_type), *sorted(key.items())), encoding=coding)
    identity = (state.version, state.edition, edition(), task)
    tag = tag_of(repr(identity).encode("utf-8", "replace"))
    head = {"Content-Type": media.with_charset(media_type)} | dict(headers or {})
    if coding:
        head["Content-Encoding"] = coding
    if has(request, tag):
        return kept_response(tag, dict(headers or {}), None)
    answer = state.cache.find(task)
    if answer is None:
        content = await make()
        if coding:
            # In a thread: a long description takes so long that others would wait.
            content = await asyncio.to_thread(gzip.compress, content, compresslevel=6, mtime=0)
        size = len(content)
        answer = Answer("TASK", media_type, coding, volatile=False, seconds=0, size=size, body=content)
        state.cache.keep(task, answer)
    return kept_response(tag, head, answer.body)


def reader_key(request: Request, reading: Reader) -> dict[str, str]:
    """What pages depend on by who reads them, and where."""
    return {
        "home": home(request),
        "path": request.url.path,
        "language": reading.language,
        "words": reading.tag,
        "query": request.url.query,  # its other languages keep all of it
    }


@cache
def edition() -> str:
    """Changes with the code and the templates that pages and the charts in them are made with."""
    found = blake2b(f"{version('clustergraph')} {charts.edition()}".encode(), digest_size=8)
    for file in _sources(files("clustergraph.server.pages")):
        found.update(file.read_bytes())
    return found.hexdigest()


def _sources(folder: Traversable) -> list[Traversable]:
    below = sorted(folder.iterdir(), key=lambda file: file.name)
    found = [file for file in below if file.is_file() and file.name.endswith(_SOURCES)]
    for file in below:
        if file.is_dir():
            found += _sources(file)
    return found
