"""Charts of saved queries: above the table of a page, and as SVG at an address of their own."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from clustergraph.catalogue import SavedQuery
from clustergraph.charts import Figure, column_names, draw, stylesheet
from clustergraph.charts.reading import Link
from clustergraph.errors import ClusterGraphError
from clustergraph.server.http import media, protocol
from clustergraph.server.http.apart import apart
from clustergraph.server.http.headers import source_of, with_style
from clustergraph.server.http.negotiation import best
from clustergraph.server.http.protocol import Asked
from clustergraph.server.pages.frame.inquiry import Inquiry
from clustergraph.server.pages.frame.kept import kept
from clustergraph.server.pages.frame.words import reader
from clustergraph.server.service import Service
from clustergraph.settings import Settings
from clustergraph.sparql.results import Solutions
from clustergraph.workers.question import Question

# Bytes of an answer that is drawn; larger ones are no chart that anybody reads.
_LARGEST = 4 << 20


@dataclass(frozen=True)
class Chart:
    """A chart as a page shows it: its SVG, and what must be said beside it."""

    name: str
    svg: Markup
    notes: tuple[str, ...]


def wants_chart(request: Request, query: SavedQuery, suffix: str, format: str | None) -> bool:
    """Whether a request asks for the chart of a query; raises HTTPException 406 where there is none."""
    if suffix == "svg" or (not suffix and format in {"svg", media.SVG}):
        if query.chart is None:
            raise HTTPException(406, f"the query {query.name} declares no chart")
        return True
    if suffix or format or query.chart is None:
        return False
    offers = (*media.TABLES, *media.GRAPHS, media.QUERY, media.HTML, media.SVG)
    return best(protocol.accept(request), offers) == media.SVG


async def chart_response(
    service: Service, request: Request, query: SavedQuery, question: Question
) -> Response:
    """The chart of an answer as a document, the same bytes as long as data and query are the same."""
    with service.state.in_use() as state:
        inquiry = Inquiry(service, state, request)
        language = _language(request, query, question, state.graph.settings)

        async def document() -> bytes:
            figure = await _figure(inquiry, query, question, language=language, link=_nowhere)
            if figure is None:
                raise HTTPException(406, "the answer is too large for a chart; ask for its table")
            return figure.document()

        key = {
            "asked": repr((question.name, question.arguments, question.entailment)),
            "language": language,
        }
        policy = with_style(source_of(stylesheet().encode()))
        headers = {"Content-Language": language, "Content-Security-Policy": policy}
        return await kept(request, state, key, document, media_type=media.SVG, headers=headers)


async def chart_on_page(
    inquiry: Inquiry, query: SavedQuery, question: Question, *, language: str, link: Link
) -> Chart | None:
    """The chart of an answer as part of a page; None where there is none, or nothing to see."""
    if query.chart is None:
        return None
    try:
        figure = await _figure(inquiry, query, question, language=language, link=link)
    except ClusterGraphError:
        return None  # the page says what is wrong with the answer itself
    if figure is None or figure.is_empty:
        return None
    return Chart(query.name, Markup(figure.inline()), figure.notes)  # noqa: S704  # its template escapes


async def _figure(
    inquiry: Inquiry, query: SavedQuery, question: Question, *, language: str, link: Link
) -> Figure | None:
    """The chart of an answer, None where that is too large to be drawn."""
    whole = Question(name=question.name, arguments=question.arguments, entailment=question.entailment)
    answer = await inquiry.service.answer(inquiry.state, inquiry.request, Asked(whole, None, None))
    if answer.size > _LARGEST:
        answer.close()
        return None
    content = b"".join(answer.chunks())
    # In a thread: thousands of rows take so long that others would wait.
    return await apart(_drawn, content, query, language=language, link=link)


def _drawn(content: bytes, query: SavedQuery, *, language: str, link: Link) -> Figure:
    """The chart of an answer in JSON."""
    found = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
    assert isinstance(found, ox.QuerySolutions)  # only a SELECT has columns to declare
    columns = column_names(query, language)
    return draw(query, Solutions(found), language=language, link=link, columns=columns)


def _language(request: Request, query: SavedQuery, question: Question, settings: Settings) -> str:
    asked = dict(question.arguments).get("lang", ()) if "lang" in query.parameters else ()
    return reader(request, settings.languages, asked[0] if asked else None).language


def _nowhere(_: str) -> str:
    return ""
