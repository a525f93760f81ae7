"""The page of one thing: what it is, what is said of it and by whom, and what points to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.server.http.address import as_uri
from clustergraph.server.http.paging import page_number
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.inquiry import Inquiry, iri, text
from clustergraph.server.pages.frame.kept import kept, reader_key
from clustergraph.server.pages.frame.names import Link, Name, Names, best
from clustergraph.server.pages.frame.places import Places, links, places_of
from clustergraph.server.pages.frame.words import Reader, reader
from clustergraph.server.pages.things import incoming
from clustergraph.server.pages.things.arguments import fitting
from clustergraph.server.pages.things.claims import Claim, Claims, Dispute
from clustergraph.server.pages.things.facts import Arrangement, Description, Group, Schema, Value
from clustergraph.server.pages.things.neighbourhood import Neighbour, diagram
from clustergraph.server.pages.things.standing import Standing, similar
from clustergraph.server.service import Service
from clustergraph.server.state import State
from clustergraph.terms import RDF, SKOS, NamedNode, Triple

# Rows of `claims.rq` on a page.
_CLAIMS = 40
_ENDINGS = ("ttl", "nt", "jsonld", "rdf", "trig", "nq")


@dataclass(frozen=True)
class Figures:
    """One page of the claims about a thing, of `total`."""

    claims: tuple[Claim, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    total: int = 0
    page: int = 1
    shown: frozenset[NamedNode] = frozenset()

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // _CLAIMS)


class ThingPages:
    """Pages of things, from the present state of a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def page(self, request: Request, state: State, found: Standing) -> Response:
        """The page of a thing that the graph knows."""
        numbers = {name: page_number(request, name) for name in ("page", "figures")}
        inquiry = Inquiry(self._service, state, request)
        reading = reader(request, state.graph.settings.languages)
        places = places_of(request, state, reading)
        key = reader_key(request, reading) | {
            "iri": found.iri.value,
            "date": datetime.now(UTC).date().isoformat(),
            **{name: str(number) for name, number in numbers.items()},
        }

        async def make() -> bytes:
            return await _Making(inquiry, reading, places.within(), found).content(**numbers)

        headers = {"Content-Language": reading.language, "Link": links(found.iri, places)}
        return await kept(request, state, key, make, headers=headers)

    async def unknown(self, request: Request, state: State, wanted: NamedNode) -> Response:
        """The page for an IRI that the graph does not mention, with similar ones."""
        inquiry = Inquiry(self._service, state, request)
        reading, near = reader(request, state.graph.settings.languages), await similar(inquiry, wanted)
        return await self._notice(request, inquiry, reading, wanted, near, 404)

    async def retired(self, request: Request, state: State, found: Standing) -> Response:
        """The page for a thing that is retired, with its successors."""
        inquiry = Inquiry(self._service, state, request)
        reading = reader(request, state.graph.settings.languages)
        return await self._notice(request, inquiry, reading, found.iri, found.successors, 410)

    async def _notice(
        self,
        request: Request,
        inquiry: Inquiry,
        reading: Reader,
        about: NamedNode,
        others: Sequence[NamedNode],
        status: int,
    ) -> Response:
        graph = inquiry.state.graph
        places = places_of(request, inquiry.state, reading)
        names = Names(reading, graph.settings.languages, places.within())
        await names.learn(inquiry, [about, *others])
        content = rendering.render(
            "notice.html",
            request,
            graph,
            reading,
            status=status,
            name=names.of(about),
            iri=about.value,
            others=[names.link(other) for other in others],
        )
        response = rendering.html_response(request, content, reading, status)
        if status == 410 and others:
            response.headers["Link"] = successors(others, places)
        return response


def successors(others: Sequence[NamedNode], places: Places) -> str:
    """The Link header that names what a retired thing is replaced by."""
    return ", ".join(f'<{as_uri(places.identity(other.value))}>; rel="successor-version"' for other in others)


class _Making:
    """Makes one page: asks, names, arranges, fills the template."""

    def __init__(self, inquiry: Inquiry, reading: Reader, places: Places, found: Standing) -> None:
        self.inquiry = inquiry
        self.reading = reading
        self.places = places
        self.found = found
        self.thing = found.iri
        self.settings = inquiry.state.graph.settings
        self.vocabulary = self.settings.vocabulary
        self.names = Names(reading, self.settings.languages, places)

    async def content(self, page: int, figures: int) -> bytes:
        """The page."""
        bound = {"thing": [self.thing]}
        said = Description(
            self.thing,
            await self.inquiry.rows("facts", bound),
            await self.inquiry.rows("facts", bound, entailment="none"),
        )
        counts = incoming.counts(await self.inquiry.rows("pointing", bound))
        shown = await self._figures(figures, said)
        pointing = await incoming.page(self.inquiry, self.thing, self.names, page)
        examples = {c.example for c in counts.values() if c.example} | set(counts)
        await self.names.learn(self.inquiry, {self.thing, *said.terms(), *examples})
        terms = {*said.said, *said.iris(RDF.type)}
        schema = Schema.of(await self.inquiry.rows("schema", {"term": sorted(terms, key=str)}))
        await self.names.learn(self.inquiry, {d for domains in schema.domains.values() for d in domains})
        groups = self._groups(said, schema)
        total = sum(each.number for each in counts.values())
        graph = self.inquiry.state.graph
        return await rendering.rendered(
            "thing.html",
            self.inquiry.request,
            graph,
            self.reading,
            thing=self.thing.value,
            named=self.names.all(self.thing) or [self.names.of(self.thing)],
            kinds=self._kinds(said, schema),
            definitions=self._texts(said, self.vocabulary.definition),
            notes=self._texts(said, self.vocabulary.note),
            groups=groups,
            is_cut=said.is_cut,
            figures=shown,
            figure_turns=self._turns("figures", figures, shown.pages),
            neighbours=self._diagram(said, counts, shown.shown) if page == 1 else None,
            incoming=pointing.grouped(self.names),
            incoming_total=total,
            incoming_page=page,
            incoming_turns=self._turns("page", page, -(-total // incoming.SIZE)),
            questions=fitting(graph, said, schema, self.places, self.reading),
            downloads=[(f".{e}", self.places.data(self.thing.value, e)) for e in _ENDINGS],
            graph_size=await self._size(),
            graph_downloads=[(f".{e}", self.places.graph(self.thing.value, e)) for e in _ENDINGS]
            if self.found.is_graph
            else [],
            version=self.inquiry.state.version[:16],
            today=datetime.now(UTC).date().isoformat(),
            follows=any(value.why for g in groups for fact in g.facts for value in fact.values),
        )

    def _groups(self, said: Description, schema: Schema) -> list[Group]:
        v = self.vocabulary
        elsewhere = {RDF.type, *v.label, *v.definition, *v.note}
        return Arrangement(self.names, schema, v, elsewhere).groups(said)

    def _kinds(self, said: Description, schema: Schema) -> list[Value]:
        """The narrowest classes: those that files state, then those that follow."""
        classes = said.iris(RDF.type)
        stated = schema.narrowest([kind for kind in classes if not said.follows(RDF.type, kind)])
        kinds = stated + [kind for kind in schema.narrowest(classes) if kind not in stated]
        return [
            Value(
                self.names.term(kind),
                self.places.why(Triple(self.thing, RDF.type, kind)) if said.follows(RDF.type, kind) else "",
            )
            for kind in kinds
        ]

    def _texts(self, said: Description, properties: Sequence[NamedNode]) -> list[Name]:
        return best(said.literals(properties), self.names, self.settings.languages)

    async def _figures(self, page: int, said: Description) -> Figures:
        """The claims about the thing; where it is a claim or compares some, those that it disagrees with."""
        v, total, claims = self.vocabulary, 0, []
        if v.about:
            bound = {"thing": [self.thing], "about": v.about}
            counted = await self.inquiry.rows("claim-count", bound)
            total = int(text(counted[0], "claims")) if counted else 0
            rows = await self.inquiry.rows("claims", bound, offset=(page - 1) * _CLAIMS) if total else []
            claims = [found for row in rows if (found := iri(row, "claim"))]
        own = [o for p in v.comparison for o in said.iris(p)]
        asked = claims + own + [self.thing] * any(p in said.said for p in v.figure)
        if not asked:
            return Figures()
        rows = await self.inquiry.rows(
            "disputes", {"claim": asked, "contradicting": v.contradiction, "comparing": v.comparison}
        )
        if own:
            rows = [row for row in rows if row.get("comparison") == self.thing]
        mentioned = {found for row in rows for name in row if (found := iri(row, name))}
        everything = sorted({*asked, *mentioned}, key=str)
        read = Claims(v, self.names, await self.inquiry.rows("statements", {"claim": everything}))
        await self.names.learn(self.inquiry, read.terms())
        disputes = read.disputes(rows)
        return Figures(
            tuple(read.in_order(claims, disputes)), tuple(disputes), total, page, frozenset(claims)
        )

    def _diagram(
        self, said: Description, counts: dict[NamedNode, incoming.Count], hidden: frozenset[NamedNode]
    ) -> object:
        """The neighbourhood: one neighbour a property, what is stated first."""
        v = self.vocabulary
        omitted = {RDF.type, SKOS.inScheme, *v.about, *v.source}
        outgoing, right = [], set()
        for property in sorted(said.said, key=said.place):
            things = [o for o in said.iris(property) if o not in hidden and self.names.link(o).href]
            things = [o for o in things if not self.names.link(o).is_foreign and o != self.thing]
            if property not in omitted and things:
                stated = [o for o in things if not said.follows(property, o)]
                fresh = [o for o in (*stated, *things) if o not in right] or things
                right.add(fresh[0])
                name = self.names.of(property)
                outgoing.append(Neighbour(name, self.names.link(fresh[0]), len(things)))
        arriving = [
            Neighbour(self.names.of(property), self.names.link(count.example), count.number)
            for property, count in counts.items()
            if property not in omitted and count.example and count.example not in {self.thing, *right}
        ]
        centre = Link(self.names.of(self.thing), "")
        return diagram(centre, arriving, outgoing)

    def _turns(self, name: str, page: int, pages: int) -> dict[str, str]:
        """The addresses of the pages before and behind."""
        others = {"prev": page - 1, "next": page + 1}
        where = "links" if name == "page" else "figures"
        return {
            relation: self.places.page(self.thing.value, **{name: str(other)}) + f"#{where}"
            for relation, other in others.items()
            if 1 <= other <= pages
        }

    async def _size(self) -> int:
        if not self.found.is_graph:
            return 0
        rows = await self.inquiry.rows("graph-size", {"graph": [self.thing]})
        return int(text(rows[0], "triples"))
