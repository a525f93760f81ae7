"""Dereferencing: what answers at the IRIs of things, terms and graphs (Cool URIs, §4.2: 303 by Accept)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from clustergraph.errors import ArgumentError
from clustergraph.server.http import media, protocol
from clustergraph.server.http.address import home
from clustergraph.server.http.negotiation import best, weights
from clustergraph.server.http.paging import page_number
from clustergraph.server.http.problem import problem, short
from clustergraph.server.http.protocol import Asked
from clustergraph.server.http.representation import VARY
from clustergraph.server.http.routing import route
from clustergraph.server.pages.frame.inquiry import Inquiry, text_of
from clustergraph.server.pages.frame.kept import kept
from clustergraph.server.pages.frame.places import Places, as_uri, candidates, places_of
from clustergraph.server.pages.frame.words import reader
from clustergraph.server.pages.things.standing import Standing, similar, standing
from clustergraph.server.pages.things.thing import ThingPages, successors
from clustergraph.server.pages.vocabulary import descriptions
from clustergraph.server.pages.vocabulary.ontology import OntologyPages
from clustergraph.server.pages.vocabulary.terms import TermPages
from clustergraph.server.service import Service
from clustergraph.server.state import State
from clustergraph.settings import Settings
from clustergraph.terms import NamedNode, expand
from clustergraph.workers.question import Question

# The endings of descriptions; `json` is JSON-LD here.
_ENDINGS = {ending: syntax for ending, syntax in media.SUFFIXES.items() if syntax in media.GRAPHS.values()}
_ENDINGS |= {"json": "jsonld"}
_OFFERS = (*media.GRAPHS, media.HTML)


@dataclass(frozen=True)
class Named:
    """What an address names: the IRIs that it may mean, as a whole and without its ending."""

    whole: tuple[NamedNode, ...]
    stem: tuple[NamedNode, ...] = ()
    ending: str = ""


class Things:
    """The endpoints of `/id`, `/page`, `/data`, `/graph` and `/ont`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._things = ThingPages(service)
        self._ontology = OntologyPages(service)
        self._terms = TermPages(service, self._ontology)

    def routes(self) -> list[Route]:
        """The routes of all of them."""
        return [
            route("/id", self.identity),
            route("/id/{name:path}", self.identity),
            route("/page", self.page),
            route("/page/{name:path}", self.page),
            route("/data", self.data),
            route("/data.{ending}", self.data),
            route("/data/{name:path}", self.data),
            route("/graph.{ending}", self.graph),
            route("/graph/{name:path}", self.graph),
            route("/ont", self.ontology),
            route("/ont.{ending}", self.ontology),
            route("/ont/{name:path}", self.term),
        ]

    async def identity(self, request: Request) -> Response:
        """303 to the page about a thing or to its description, as Accept says."""
        chosen = _chosen(request)
        with self._service.state.in_use() as state:
            found = await self._known(request, state, _things(request, state.graph.settings), chosen)
            if isinstance(found, Response):
                return found
            return _see(request, found.iri, _places(request, state), chosen, is_term=_is_term(found, state))

    async def page(self, request: Request) -> Response:
        """The page about a thing."""
        with self._service.state.in_use() as state:
            found = await self._known(request, state, _things(request, state.graph.settings), media.HTML)
            if isinstance(found, Response):
                return found
            if _is_term(found, state):
                return _redirect(_places(request, state).term(found.iri.value))
            return await self._things.page(request, state, found)

    async def data(self, request: Request) -> Response:
        """What the graph says of a thing and what points to it, in the syntax of the ending or of Accept."""
        with self._service.state.in_use() as state:
            return await self._description(request, state, _things(request, state.graph.settings))

    async def graph(self, request: Request) -> Response:
        """What a named graph holds where an ending names the syntax; else 303 to what is said of it."""
        settings = self._service.state.graph.settings
        named = _named(request, "graph", f"{settings.base}graph/")
        chosen = None if named.ending else _chosen(request)
        with self._service.state.in_use() as state:
            if named.ending:
                inquiry = Inquiry(self._service, state, request)
                found = await standing(inquiry, named.stem)
                if found is not None and found.is_graph:
                    return await self._content(request, found.iri, named.ending)
            known = await self._known(request, state, named, chosen or _chosen(request))
            if isinstance(known, Response):
                return known
            places = _places(request, state)
            return _see(request, known.iri, places, chosen or _chosen(request), is_term=False)

    async def ontology(self, request: Request) -> Response:
        """The ontology: a page of its terms, or its triples; with `iri` what it says of one term."""
        if "iri" in request.query_params:
            return await self.term(request)
        ending = str(request.path_params.get("ending", ""))
        if ending and ending != "html" and ending not in _ENDINGS:
            raise HTTPException(404)
        chosen = media.HTML if ending == "html" else None
        with self._service.state.in_use() as state:
            if chosen is None and not ending:
                chosen = _chosen(request)
            if chosen == media.HTML:
                return await self._ontology.page(request, state)
            syntax = _ENDINGS[ending] if ending else media.GRAPHS[str(chosen)]
            inquiry = Inquiry(self._service, state, request)

            async def make() -> bytes:
                triples = await descriptions.ontology(inquiry)
                return await asyncio.to_thread(descriptions.serialised, triples, syntax, state.graph.settings)

            key = {"ontology": syntax, "home": home(request)}
            return await kept(
                request, state, key, make, media_type=_media(syntax), headers=_license(state.graph.settings)
            )

    async def term(self, request: Request) -> Response:
        """What the ontology says of a term: `.html` and the endings of RDF say how, else 303."""
        with self._service.state.in_use() as state:
            settings = state.graph.settings
            named = _term(request, settings)
            if named.ending and named.ending != "html":
                return await self._description(request, state, named)
            is_page = named.ending == "html" or "iri" in request.query_params
            chosen = media.HTML if is_page else _chosen(request)
            found = await self._known(request, state, named, chosen, are_terms=True)
            if isinstance(found, Response):
                return found
            places = _places(request, state)
            if not _is_term(found, state):
                return _see(request, found.iri, places, chosen, is_term=False)
            if not is_page:
                return _see(request, found.iri, places, chosen, is_term=True)
            return await self._terms.page(request, state, found)

    async def _known(
        self, request: Request, state: State, named: Named, chosen: str, *, are_terms: bool = False
    ) -> Standing | Response:
        """What the address names, or the refusal: 404 with similar names, 410 with successors.

        The page of a retired term stays, and says that it is retired: data has to be read with it.
        """
        inquiry = Inquiry(self._service, state, request)
        found = await standing(inquiry, list(dict.fromkeys((*named.whole, *named.stem))))
        if found is not None and (not found.is_retired or (are_terms and found.is_term)):
            return found
        if chosen == media.HTML:
            if found is not None:
                return await self._things.retired(request, state, found)
            return await self._things.unknown(request, state, _wanted(named))
        places = _places(request, state)
        if found is not None:
            others = [place.value for place in found.successors]
            head = {"Vary": VARY} | ({"Link": successors(found.successors, places)} if others else {})
            instead = f"; in its place: {', '.join(others)}" if others else ""
            detail = f"{found.iri.value} is retired{instead}"
            return problem(410, detail, headers=head, iri=found.iri.value, successor=others)
        wanted = _wanted(named)
        near = [place.value for place in await similar(inquiry, wanted)]
        detail = f"the graph does not mention {short(wanted.value)}"
        return problem(404, detail, headers={"Vary": VARY}, iri=short(wanted.value), near=near)

    async def _description(self, request: Request, state: State, named: Named) -> Response:
        """The description of what an address names."""
        page = page_number(request, "page")
        inquiry = Inquiry(self._service, state, request)
        chosen = media.registered(media.GRAPHS, _ENDINGS[named.ending]) if named.ending else None
        found = await self._known(request, state, named, chosen or _chosen_graph(request))
        if isinstance(found, Response):
            return found
        if named.ending and found.iri in named.whole:
            chosen = None  # the ending is part of the name
        media_type = chosen or _chosen_graph(request)
        syntax, places = media.GRAPHS[media_type], _places(request, state)
        last = await descriptions.pages(inquiry, found.iri)
        if page > last:
            expected = f"a whole number from 1 to {last}"
            raise ArgumentError(short(request.url.path), "page", expected=expected, argument=str(page))

        async def make() -> bytes:
            triples = await descriptions.description(inquiry, found.iri, page)
            return await asyncio.to_thread(descriptions.serialised, triples, syntax, state.graph.settings)

        ending = named.ending if chosen else ""
        return await kept(
            request,
            state,
            {"data": found.iri.value, "syntax": syntax, "page": str(page)},
            make,
            media_type=_media(syntax),
            headers={"Link": _links(found.iri, places, ending, page, last)},
        )

    async def _content(self, request: Request, graph: NamedNode, ending: str) -> Response:
        """All triples of a named graph."""
        asked = text_of("graph-content", {"graph": [graph]})
        syntax = _ENDINGS[ending]
        settings = self._service.state.graph.settings
        shortened = "".join(
            f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in sorted(settings.prefixes.items())
        )
        question = Question(
            text=shortened + asked, table=None, graph=syntax, encoding=protocol.encoding(request)
        )
        response = await self._service.respond(request, Asked(question, None, _media(syntax)))
        response.headers.update(_license(settings))
        return response


def _chosen(request: Request) -> str:
    """The media type that Accept likes best, a page's among them; raises HTTPException 406."""
    chosen = best(protocol.accept(request), _OFFERS)
    if chosen is None:
        raise HTTPException(406, f"this can be read as {', '.join(_OFFERS)}")
    return chosen


def _chosen_graph(request: Request) -> str:
    """The RDF syntax that Accept likes best; raises HTTPException 406."""
    chosen = best(protocol.accept(request), tuple(media.GRAPHS))
    if chosen is None:
        raise HTTPException(406, f"a description can be written as {', '.join(media.GRAPHS)}")
    return chosen


def _see(request: Request, iri: NamedNode, places: Places, chosen: str, *, is_term: bool) -> Response:
    """303 to the page or to the description; to the very syntax where Accept names it."""
    if chosen == media.HTML:
        return _redirect(places.term(iri.value) if is_term else places.page(iri.value))
    ending = ""
    if chosen in dict(weights(protocol.accept(request))):
        ending = next(e for e, syntax in media.SUFFIXES.items() if syntax == media.GRAPHS[chosen])
    return _redirect(places.data(iri.value, ending))


def _redirect(address: str) -> Response:
    return RedirectResponse(address, 303, {"Vary": VARY, "Cache-Control": "no-cache"})


def _places(request: Request, state: State) -> Places:
    return places_of(request, state, reader(request, state.graph.settings.languages))


def _is_term(found: Standing, state: State) -> bool:
    """Whether the ontology's pages are about it: a class or property that is no thing of ours."""
    return found.is_term and not found.iri.value.startswith(f"{state.graph.settings.base}id/")


def _things(request: Request, settings: Settings) -> Named:
    """What an address below `/id/`, `/page/` or `/data/` names."""
    room = request.scope["path"].removeprefix(request.scope.get("root_path", "")).split("/")[1].split(".")[0]
    return _named(request, room, f"{settings.base}id/")


def _term(request: Request, settings: Settings) -> Named:
    """What an address below `/ont/` names: by local name, or by prefixed name."""
    if "iri" in request.query_params:
        return _named(request, "ont", "")
    things = (f"{settings.base}id/", f"{settings.base}graph/")
    others = (space for space in settings.own_prefixes.values() if not space.startswith(things))
    spaces = (f"{settings.base}ont#", f"{settings.base}ont/", *others)
    whole: list[NamedNode] = []
    stem: list[NamedNode] = []
    named = Named(())
    for space in dict.fromkeys(spaces):
        named = _named(request, "ont", space)
        whole += named.whole
        stem += named.stem
    path = str(request.path_params["name"])
    for name, readings in ((path, whole), (path.removesuffix(f".{named.ending}"), stem)):
        if expanded := expand(name, settings.prefixes):
            readings.extend(candidates("", expanded, b""))
    return Named(tuple(whole), tuple(stem) if named.ending else (), named.ending)


def _named(request: Request, room: str, prefix: str) -> Named:
    """The IRIs that an address may mean: `?iri=`, or the prefix and what follows the room."""
    ending = str(request.path_params.get("ending", ""))
    if ending and ending not in {*_ENDINGS, "html"}:
        raise HTTPException(404)
    given = request.query_params.getlist("iri")
    if "name" not in request.path_params:
        if len(given) != 1:
            raise HTTPException(400, f"iri: expected exactly one, got {len(given)}")
        try:
            iri = NamedNode(given[0])
        except ValueError as error:
            raise HTTPException(400, f"iri: expected an absolute IRI, got {short(given[0])!r}") from error
        return Named((), (iri,), ending) if ending else Named((iri,))
    path = str(request.path_params["name"])
    raw = bytes(request.scope.get("raw_path") or b"").removeprefix(
        str(request.scope.get("root_path", "")).encode()
    )
    raw = raw.removeprefix(f"/{room}/".encode())
    whole = tuple(candidates(prefix, path, raw))
    stem, dot, last = path.rpartition(".")
    if dot and last in {*_ENDINGS, "html"}:
        cut = len(last) + 1
        return Named(whole, tuple(candidates(prefix, stem, raw[:-cut])), last)
    return Named(whole)


def _wanted(named: Named) -> NamedNode:
    """The IRI that a refusal speaks of."""
    readings: Sequence[NamedNode] = named.stem or named.whole
    return max(readings, key=lambda iri: (not iri.value.isascii(), -iri.value.count("%")))


def _media(syntax: str) -> str:
    found = media.registered(media.GRAPHS, syntax)
    assert found is not None  # the syntax comes from the table of media types
    return found


def _license(settings: Settings) -> dict[str, str]:
    return {"Link": f'<{as_uri(settings.license)}>; rel="license"'} if settings.license else {}


def _links(thing: NamedNode, places: Places, ending: str, page: int, last: int) -> str:
    """The Link header of a description: the thing, its page, the licence, the other pages."""
    iri = thing.value
    found = [
        (as_uri(iri), "cite-as"),
        (places.data(iri), "canonical"),
        (places.page(iri), "describedby"),
    ]
    if license := places.settings.license:
        found.append((as_uri(license), "license"))
    numbers = {"first": 1, "prev": page - 1, "next": page + 1, "last": last}
    if last > 1:
        found += [
            (places.data(iri, ending, **({"page": str(number)} if number > 1 else {})), relation)
            for relation, number in numbers.items()
            if 1 <= number <= last
        ]
    return ", ".join(f'<{address}>; rel="{relation}"' for address, relation in found)
