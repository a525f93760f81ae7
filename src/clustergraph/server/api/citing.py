"""What makes an answer citable: its address, licence and sources, and the way to other versions."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.catalogue import SavedQuery
from clustergraph.server.http import media
from clustergraph.server.http.address import as_uri, home, license_links
from clustergraph.server.http.negotiation import best
from clustergraph.server.http.permalink import edition, permalink
from clustergraph.server.http.problem import problem
from clustergraph.server.http.protocol import accept
from clustergraph.server.http.record import record_of
from clustergraph.server.service import Service
from clustergraph.server.state import State
from clustergraph.settings import Settings
from clustergraph.workers.question import Question, Task

_VERSION = re.compile(r"[0-9a-f]{16}-[0-9a-f]{16}")
SOURCES = "sources"


def links(request: Request, state: State, query: SavedQuery, question: Question) -> list[str]:
    """The links of an answer: how it is cited, what describes its sources, on what terms it comes.

    All three relations are registered (RFC 8288): RFC 8574, POWDER, RFC 4946.
    """
    found = [
        f'<{permalink(request, state.version, query, question)}>; rel="cite-as"',
        f'<{_sources_address(request, state, query, question)}>; rel="describedby"',
    ]
    if state.is_remote:
        found.clear()  # nobody knows which version of the data a service answered from
    return [*found, *license_links(state.graph.settings)]


async def sources(
    service: Service, request: Request, query: SavedQuery, question: Question, seconds: float | None
) -> Response:
    """What stands behind the answer to a question, as RDF."""
    state = service.state
    # A client that only asks for tables, or a browser, still gets the description.
    chosen = best(accept(request), tuple(media.GRAPHS)) or "text/turtle"
    options = (
        ("answer", permalink(request, state.version, query, question)),
        ("format", media.GRAPHS[chosen]),
        ("media", chosen),
    )
    record_of(request).asked = query.name
    task = Task("sources", options, question.to_json(), question.encoding)
    return await service.perform(request, task, seconds=seconds)


def other_version(
    request: Request, settings: Settings, present: str, query: SavedQuery, asked: str | None
) -> Response | None:
    """The refusal of a permalink to another version of data or query, with where both versions are."""
    present = edition(present, query)
    if asked is None or asked == present:
        return None
    here = f"{home(request)}queries/{quote(query.name)}"
    kept = urlencode([pair for pair in request.query_params.multi_items() if pair[0] != "version"])
    now = f"{here}?{kept}" if kept else here
    members: dict[str, object] = {
        "query": query.name,
        "version": asked[:64],
        "present": present,
        "latest": now,
    }
    found = [f'<{here}>; rel="latest-version"']
    where = "no release of that version is known here"
    if settings.releases and _VERSION.fullmatch(asked):
        release = settings.releases.replace("{version}", asked.partition("-")[0])
        found.append(f'<{as_uri(release)}>; rel="archives"')
        members["release"] = release
        where = f"that version is released at {release}"
    detail = f"this is version {present} of data and query; {where}; the present answer is at {now}"
    record_of(request).refusal = "another version"
    return problem(410, detail, headers={"Link": ", ".join(found)}, **members)


def _sources_address(request: Request, state: State, query: SavedQuery, question: Question) -> str:
    return permalink(request, state.version, query, question, suffix=f".{SOURCES}")
