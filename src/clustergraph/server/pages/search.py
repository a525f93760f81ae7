"""The page of what a search finds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.errors import ArgumentError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.http import address, paging
from clustergraph.server.http.problem import short, status_of
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.places import Places
from clustergraph.server.pages.frame.words import Reader, reader
from clustergraph.terms import NamedNode, compact
from clustergraph.workers.question import Answer

# Letters of a name by which a browser's list of searches calls this one (OpenSearch 1.1).
_SHORTEST = 16


@dataclass(frozen=True)
class Shown:
    """One hit as the page shows it; `definition` only where the match does not stand in it."""

    href: str
    hit: Mapping[str, Any]
    kind: str
    kind_href: str
    names_other: bool
    successor_href: str


def form(request: Request, graph: KnowledgeGraph, *, kind: str) -> Response:
    """The page before anything is sought."""
    return _response(request, graph, 200, kind=kind)


def refused(request: Request, graph: KnowledgeGraph, error: ArgumentError, text: str, kind: str) -> Response:
    """The page that says what is wrong with what was asked."""
    return _response(request, graph, status_of(error), error=error, sought=short(text), kind=short(kind))


def found(
    request: Request, graph: KnowledgeGraph, answer: Answer, shown: tuple[int, int], kind: str
) -> Response:
    """The page of what a task found."""
    document = json.loads(b"".join(answer.chunks()))
    reading = reader(request, graph.settings.languages)
    places = Places(address.home(request), graph.settings, _chosen(request, reading))
    hits = [_shown(request, places, reading, document["text"], hit) for hit in document["hits"]]
    offset, _ = shown
    kind_iri = document["kind"]
    return _response(
        request,
        graph,
        200,
        sought=document["text"],
        kind=kind and (compact(kind_iri, graph.settings.prefixes) or kind_iri),
        unbound=_address(request, reading, q=document["text"]),
        hits=hits,
        similar=bool(hits) and hits[0].hit["match"]["way"] == "similar",
        near=[(name, _address(request, reading, q=name)) for name in document["near"]],
        total=document["total"],
        first=offset + 1,
        last=offset + len(hits),
        turns=paging.turns(request, shown, document["total"]),
    )


def description(request: Request, graph: KnowledgeGraph) -> bytes:
    """The OpenSearch 1.1 description document."""
    settings = graph.settings
    reading = reader(request, settings.languages)
    title = settings.text(settings.title, reading.language)
    name = title.partition(":")[0].partition("：")[0].strip()[:_SHORTEST]
    return rendering.render(
        "opensearch.xml", request, graph, reading, name=name or "clustergraph", languages=settings.languages
    )


def _response(request: Request, graph: KnowledgeGraph, status: int, **more: object) -> Response:
    reading = reader(request, graph.settings.languages)
    absent: dict[str, object] = {"error": None, "hits": [], "similar": False, "near": [], "total": None}
    absent |= {"unbound": ""}
    content = rendering.render("search.html", request, graph, reading, **(absent | more))
    return rendering.html_response(request, content, reading, status)


def _shown(request: Request, places: Places, reading: Reader, text: str, hit: Mapping[str, Any]) -> Shown:
    kind, successor = hit["kind"], hit.get("successor")
    name = None if kind is None else compact(kind, places.settings.prefixes) or NamedNode(kind).value
    return Shown(
        href=places.page(hit["iri"]),
        hit=hit,
        kind=_kind(name, hit["kindLabel"], reading),
        kind_href="" if name is None else _address(request, reading, q=text, kind=name),
        names_other=hit["match"]["text"] not in {hit["label"], hit["definition"]},
        successor_href=places.page(successor) if successor else "",
    )


def _kind(name: str | None, label: str | None, reading: Reader) -> str:
    """What a class is called: one without a label in the graph by the words of the pages, if they have it."""
    if name is None or label != name:
        return label or ""
    return reading.words.get(f"formal:{name.partition(':')[2]}", name)


def _address(request: Request, reading: Reader, **more: str) -> str:
    """The address of a search, in the language that the reader has chosen."""
    chosen = _chosen(request, reading)
    return f"{address.home(request)}search?{urlencode(more | ({'lang': chosen} if chosen else {}))}"


def _chosen(request: Request, reading: Reader) -> str:
    return reading.language if "lang" in request.query_params else ""
