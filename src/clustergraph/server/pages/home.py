"""The home page: what this graph is, how much of it there is, what can be asked, and what it looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.errors import SavedQueryError, UnknownQueryError
from clustergraph.server.http import address
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.inquiry import Inquiry, iri
from clustergraph.server.pages.frame.kept import kept, reader_key
from clustergraph.server.pages.frame.names import Link, Names
from clustergraph.server.pages.frame.places import Places, places_of
from clustergraph.server.pages.frame.words import Reader, reader
from clustergraph.server.pages.questions.charts import Chart, chart_on_page
from clustergraph.server.pages.questions.listing import topics
from clustergraph.server.service import Service
from clustergraph.server.state import State
from clustergraph.settings import Asking
from clustergraph.terms import Literal
from clustergraph.workers.question import Question

# Digits of the data's version that a citation has.
_VERSION = 12


@dataclass(frozen=True)
class Count:
    """How many things there are of a class."""

    link: Link
    things: str


@dataclass(frozen=True)
class Featured:
    """A question that the settings put first: its text, its language, its address, and its chart."""

    text: str
    language: str
    href: str
    chart: Chart | None = None


class HomePage:
    """The page at `/`, from the present state of a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def page(self, request: Request) -> Response:
        """The page, in the language that the client prefers."""
        with self._service.state.in_use() as state:
            reading = reader(request, state.graph.settings.languages)

            async def make() -> bytes:
                return await self._make(state, request, reading)

            headers = {"Content-Language": reading.language}
            return await kept(request, state, reader_key(request, reading), make, headers=headers)

    async def _make(self, state: State, request: Request, reading: Reader) -> bytes:
        graph, settings = state.graph, state.graph.settings
        places = places_of(request, state, reading)
        inquiry = Inquiry(self._service, state, request)
        charts = [await self._featured(inquiry, asking, places, reading) for asking in settings.home.charts]
        asked = [self._question(inquiry, asking, places, reading) for asking in settings.home.questions]
        version = state.version[:_VERSION]
        return rendering.render(
            "home.html",
            request,
            graph,
            reading,
            counts=await self._counts(inquiry, places, reading),
            asked=[each for each in asked if each],
            charts=[each for each in charts if each and each.chart],
            topics=topics(request, graph, reading),
            triples=f"{state.entailed:,}",
            questions=len(graph.catalogue.queries),
            version=version,
            dataset=_dataset(request, state, reading),
        )

    async def _counts(self, inquiry: Inquiry, places: Places, reading: Reader) -> list[Count]:
        """How many things there are of the classes that the settings name, else of those with most."""
        settings = inquiry.state.graph.settings
        declared = settings.home.counts
        if declared:
            rows = await inquiry.rows("counts", {"class": declared})
        else:
            rows = await inquiry.rows("busiest", {"naming": settings.vocabulary.label}, entailment="none")
        found = {}
        for row in rows:
            cls, things = iri(row, "class"), row["things"]
            if cls is not None and isinstance(things, Literal):
                found[cls] = int(things.value)
        names = Names(reading, settings.languages, places)
        await names.learn(inquiry, found)
        order = [cls for cls in declared if cls in found] if declared else list(found)
        return [Count(names.link(cls), f"{found[cls]:,}") for cls in order]

    def _question(self, inquiry: Inquiry, asking: Asking, places: Places, reading: Reader) -> Featured | None:
        """A question with its address; None for one that the catalogue does not have."""
        settings = inquiry.state.graph.settings
        try:
            query = inquiry.state.graph.catalogue[asking.query]
        except (UnknownQueryError, SavedQueryError):
            return None
        texts = asking.text or query.summaries
        text = settings.text(texts, reading.language) or query.name
        language = next((tag for tag, said in texts.items() if said == text), "")
        return Featured(text, language, places.query(asking.query, list(asking.arguments)))

    async def _featured(
        self, inquiry: Inquiry, asking: Asking, places: Places, reading: Reader
    ) -> Featured | None:
        """A question with its chart."""
        found = self._question(inquiry, asking, places, reading)
        if found is None:
            return None
        query = inquiry.state.graph.catalogue[asking.query]
        arguments: dict[str, list[str]] = {}
        for name, text in asking.arguments:
            arguments.setdefault(name, []).append(text)
        if "lang" in query.parameters:
            arguments.setdefault("lang", [reading.language])
        question = Question(
            name=asking.query,
            arguments=tuple((name, tuple(arguments[name])) for name in query.parameters if name in arguments),
        )
        chart = await chart_on_page(inquiry, query, question, language=reading.language, link=places.page)
        return Featured(found.text, found.language, found.href, chart)


def _dataset(request: Request, state: State, reading: Reader) -> dict[str, Any]:
    """The graph as a schema.org Dataset, for search engines of data."""
    settings, base = state.graph.settings, address.home(request)

    def texts(said: Any) -> list[dict[str, str]]:
        return [{"@language": tag, "@value": text} for tag, text in said.items()]

    formats = (
        ("turtle", "text/turtle"),
        ("jsonld", "application/ld+json"),
        ("ntriples", "application/n-triples"),
    )
    found: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": f"{base}.well-known/void#dataset",
        "identifier": settings.base,
        "url": base,
        "name": texts(settings.title),
        "version": state.version,
        "inLanguage": list(settings.languages),
        "isAccessibleForFree": True,
        "keywords": [settings.text(texts, reading.language) for texts in settings.topics.values()],
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": media, "contentUrl": f"{base}exports/{name}"}
            for name, media in formats
        ],
        "potentialAction": {
            "@type": "SearchAction",
            "target": f"{base}search?q={{text}}",
            "query-input": "required name=text",
        },
    }
    if settings.description:
        found["description"] = texts(settings.description)
    if settings.license:
        found["license"] = settings.license
    return found
