"""What search engines read: the list of all pages, what not to ask for, and the icon."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from clustergraph.server.http import address
from clustergraph.server.http.headers import source_of, with_style
from clustergraph.server.http.problem import short
from clustergraph.server.http.representation import text_response
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.inquiry import Inquiry, iri
from clustergraph.server.pages.frame.kept import kept
from clustergraph.server.pages.frame.places import Places
from clustergraph.server.service import Service
from clustergraph.server.state import State
from clustergraph.terms import Literal

# sitemaps.org: addresses in one file.
MOST = 50_000
_XML = "application/xml"


class Crawling:
    """The endpoints for search engines, from the present state of a service."""

    def __init__(self, service: Service, most: int = MOST) -> None:
        self._service = service
        self._most = most

    async def sitemap(self, request: Request) -> Response:
        """All pages, `?part=` of them where one file cannot hold them; raises HTTPException 404."""
        asked = request.query_params.get("part", "")
        if asked and not re.fullmatch(r"[1-9][0-9]{0,5}", asked):
            raise HTTPException(404, f"there is no part {short(asked)!r} of the site map")
        with self._service.state.in_use() as state:

            async def make() -> bytes:
                pages = list(await self._pages(state, request))
                parts = -(-len(pages) // self._most)
                base = address.home(request)
                if asked:
                    part = int(asked)
                    if part > parts:
                        raise HTTPException(404, f"the site map has {parts} parts")
                    pages = pages[(part - 1) * self._most : part * self._most]
                elif parts > 1:
                    index = [f"{base}sitemap.xml?part={part}" for part in range(1, parts + 1)]
                    return _written("sitemapindex", "sitemap", index)
                return _written("urlset", "url", pages)

            key = {"sitemap": address.home(request), "part": asked}
            return await kept(request, state, key, make, media_type=_XML)

    async def robots(self, request: Request) -> Response:
        """What crawlers may ask for: pages, not every answer that there could be."""
        base = address.home(request)
        prefix = request.scope.get("root_path", "")
        refused = ("sparql", "explain", "search", "validate", "diff", "metrics")
        lines = ["User-agent: *", *(f"Disallow: {prefix}/{name}" for name in refused)]
        lines += [f"Disallow: {prefix}/*{sign}{name}=" for sign in "?&" for name in ("sort", "page")]
        # A question's page without arguments, or with its examples, is in the site map.
        content = "\n".join([*lines, f"Sitemap: {base}sitemap.xml", ""])
        return text_response(request, content.encode(), "text/plain")

    async def icon(self, request: Request) -> Response:
        """The icon of all pages."""
        content = (files("clustergraph.server.pages") / "favicon.svg").read_bytes()
        response = text_response(request, content, "image/svg+xml")
        style = content.partition(b"<style>")[2].partition(b"</style>")[0]
        response.headers["Content-Security-Policy"] = with_style(source_of(style))
        return response

    async def _pages(self, state: State, request: Request) -> Iterator[str]:
        """The addresses of all pages: of the service, of questions, of things."""
        base, settings = address.home(request), state.graph.settings
        inquiry, places = Inquiry(self._service, state, request), Places(base, settings)
        rows = await inquiry.rows(
            "things", {"naming": settings.vocabulary.label, "space": [Literal(settings.base)]}
        )
        found = [places.page(thing.value) for row in rows if (thing := iri(row, "thing")) is not None]
        fixed = [base, f"{base}queries", f"{base}ont", f"{base}exports", f"{base}docs"]
        questions = [f"{base}queries/{quote(query.name)}" for query in state.graph.catalogue.queries]
        return iter(dict.fromkeys([*fixed, *questions, *found]))


def _written(root: str, entry: str, addresses: list[str]) -> bytes:
    return rendering.template("sitemap.xml").render(root=root, entry=entry, addresses=addresses).encode()
