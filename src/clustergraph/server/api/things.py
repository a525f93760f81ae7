"""Dereferencing: what answers at the IRIs of things, terms and graphs (Cool URIs, §4.2: 303 by Accept)."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from clustergraph.errors import ArgumentError
from clustergraph.server.api.named import ENDINGS, Named, named_below, term_named, thing_named
from clustergraph.server.http import media, protocol
from clustergraph.server.http.address import as_uri, home, license_links
from clustergraph.server.http.negotiation import best, weights
from clustergraph.server.http.paging import page_number
from clustergraph.server.http.problem import problem, short
from clustergraph.server.http.protocol import Asked
from clustergraph.server.http.record import record_of
from clustergraph.server.http.representation import VARY
from clustergraph.server.http.routing import route
from clustergraph.server.pages.frame.inquiry import Inquiry, text_of
from clustergraph.server.pages.frame.kept import kept
from clustergraph.server.pages.frame.places import Places, places_of
from clustergraph.server.pages.frame.words import reader
from clustergraph.server.pages.things.standing import Standing, similar, standing
from clustergraph.server.pages.things.thing import ThingPages, successors
from clustergraph.server.pages.vocabulary import descriptions
from clustergraph.server.pages.vocabulary.ontology import OntologyPages
from clustergraph.server.pages.vocabulary.terms import TermPages
from clustergraph.server.service import Service
from clustergraph.server.state import State
from clustergraph.settings import Settings
from clustergraph.terms import NamedNode
from clustergraph.workers.question import Question

_OFFERS = (*media.GRAPHS, media.HTML)


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
            found = await self._known(request, state, thing_named(request, state.graph.settings), chosen)
            if isinstance(found, Response):
                return found
            return _see(request, found.iri, _places(request, state), chosen, is_term=_is_term(found, state))

    async def elsewhere(self, request: Request) -> Response:
        """303 for a thing whose IRI is this very address, below the base but in none of its rooms.

        404 for what is not there, with similar names.
        """
        chosen = best(protocol.accept(request), _OFFERS) or media.PROBLEM
        with self._service.state.in_use() as state:
            named = named_below(request, "/", state.graph.settings.base)
            found = await self._known(request, state, named, chosen, unknown=_nothing_at(request))
            if isinstance(found, Response):
                return found
            if chosen == media.PROBLEM:
                chosen = _chosen(request)  # which says what there is
            return _see(request, found.iri, _places(request, state), chosen, is_term=_is_term(found, state))

    async def page(self, request: Request) -> Response:
        """The page about a thing."""
        with self._service.state.in_use() as state:
            found = await self._known(request, state, thing_named(request, state.graph.settings), media.HTML)
            if isinstance(found, Response):
                return found
            if _is_term(found, state):
                return _redirect(_places(request, state).term(found.iri.value))
            return await self._things.page(request, state, found)

    async def data(self, request: Request) -> Response:
        """What the graph says of a thing and what points to it, in the syntax of the ending or of Accept."""
        with self._service.state.in_use() as state:
            return await self._description(request, state, thing_named(request, state.graph.settings))

    async def graph(self, request: Request) -> Response:
        """What a named graph holds where an ending names the syntax; else 303 to what is said of it."""
        settings = self._service.state.graph.settings
        named = named_below(request, "/graph/", f"{settings.base}graph/")
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
        if ending and ending != "html" and ending not in ENDINGS:
            raise HTTPException(404)
        chosen = media.HTML if ending == "html" else None
        with self._service.state.in_use() as state:
            if chosen is None and not ending:
                chosen = _chosen(request)
            if chosen == media.HTML:
                return await self._ontology.page(request, state)
            syntax = ENDINGS[ending] if ending else media.GRAPHS[str(chosen)]
            inquiry = Inquiry(self._service, state, request)

            async def make() -> bytes:
                triples = await descriptions.ontology(inquiry)
                return await descriptions.serialised(inquiry, triples, syntax)

            key = {"ontology": syntax, "home": home(request)}
            return await kept(
                request, state, key, make, media_type=_media(syntax), headers=_license(state.graph.settings)
            )

    async def term(self, request: Request) -> Response:
        """What the ontology says of a term: `.html` and the endings of RDF say how, else 303."""
        with self._service.state.in_use() as state:
            settings = state.graph.settings
            named = term_named(request, settings)
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
        self,
        request: Request,
        state: State,
        named: Named,
        chosen: str,
        *,
        are_terms: bool = False,
        unknown: str = "",
    ) -> Standing | Response:
        """What the address names, or the refusal: 404 with similar names, 410 with successors.

        The page of a retired term stays, and says that it is retired: data has to be read with it.
        `unknown` is what the refusal says, if not that the graph does not mention the IRI.
        """
        inquiry = Inquiry(self._service, state, request)
        found = await standing(inquiry, list(dict.fromkeys((*named.whole, *named.stem))))
        if found is not None and (not found.is_retired or (are_terms and found.is_term)):
            return found
        if chosen == media.HTML:
            if found is not None:
                return await self._things.retired(request, state, found)
            return await self._things.unknown(request, state, named.wanted)
        places = _places(request, state)
        if found is not None:
            others = [place.value for place in found.successors]
            head = {"Vary": VARY} | ({"Link": successors(found.successors, places)} if others else {})
            instead = f"; in its place: {', '.join(others)}" if others else ""
            detail = f"{found.iri.value} is retired{instead}"
            return problem(410, detail, headers=head, iri=found.iri.value, successor=others)
        wanted = named.wanted
        near = [place.value for place in await similar(inquiry, wanted)]
        detail = unknown or f"the graph does not mention {short(wanted.value)}"
        record_of(request).refusal = detail
        return problem(404, detail, headers={"Vary": VARY}, iri=short(wanted.value), near=near)

    async def _description(self, request: Request, state: State, named: Named) -> Response:
        """The description of what an address names."""
        page = page_number(request, "page")
        inquiry = Inquiry(self._service, state, request)
        chosen = media.registered(media.GRAPHS, ENDINGS[named.ending]) if named.ending else None
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
            return await descriptions.serialised(inquiry, triples, syntax)

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
        syntax = ENDINGS[ending]
        settings = self._service.state.graph.settings
        shortened = "".join(
            f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in sorted(settings.prefixes.items())
        )
        question = Question(
            text=shortened + asked, table=None, graph=syntax, encoding=protocol.encoding(request)
        )
        asked_for = Asked(question, None, _media(syntax))
        return await self._service.respond(request, asked_for, headers=lambda _: _license(settings))


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


def _nothing_at(request: Request) -> str:
    return f"there is nothing at {short(request.url.path)}"


def _media(syntax: str) -> str:
    found = media.registered(media.GRAPHS, syntax)
    assert found is not None  # the syntax comes from the table of media types
    return found


def _license(settings: Settings) -> dict[str, str]:
    return {"Link": ", ".join(links)} if (links := license_links(settings)) else {}


def _links(thing: NamedNode, places: Places, ending: str, page: int, last: int) -> str:
    """The Link header of a description: the thing, its page, the licence, the other pages."""
    iri = thing.value
    found = [
        (as_uri(iri), "cite-as"),
        (places.data(iri), "canonical"),
        (places.page(iri), "describedby"),
    ]
    numbers = {"first": 1, "prev": page - 1, "next": page + 1, "last": last}
    if last > 1:
        found += [
            (places.data(iri, ending, **({"page": str(number)} if number > 1 else {})), relation)
            for relation, number in numbers.items()
            if 1 <= number <= last
        ]
    said = [f'<{address}>; rel="{relation}"' for address, relation in found]
    return ", ".join([*said, *license_links(places.settings)])
