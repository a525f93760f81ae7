"""The page of one saved query: its form, its answer as a table, its text, and where to get it all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.catalogue import SavedQuery
from clustergraph.errors import ArgumentError, ClusterGraphError
from clustergraph.server.http import media, paging, protocol
from clustergraph.server.http.address import home
from clustergraph.server.http.apart import apart
from clustergraph.server.http.negotiation import best
from clustergraph.server.http.permalink import given as pairs_of
from clustergraph.server.http.permalink import permalink
from clustergraph.server.http.problem import status_of
from clustergraph.server.http.protocol import Asked, Parameters
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.inquiry import Inquiry
from clustergraph.server.pages.frame.kept import kept, reader_key
from clustergraph.server.pages.frame.places import Places, places_of
from clustergraph.server.pages.frame.words import Reader, reader
from clustergraph.server.pages.questions import forms
from clustergraph.server.pages.questions.charts import Chart, chart_on_page
from clustergraph.server.pages.questions.expectations import expected
from clustergraph.server.pages.questions.sorting import Order, asked_order, heads, part_of, sort_table
from clustergraph.server.pages.questions.tables import read_table
from clustergraph.server.service import Service
from clustergraph.server.state import State
from clustergraph.workers.question import Answer, Question

# Bytes of an answer that a page shows; larger ones are to be downloaded.
_LARGEST = 4 << 20


def wants_page(request: Request, suffix: str, format: str | None) -> bool:
    """Whether a request asks for a page for readers rather than for data."""
    if suffix or format:
        return "html" in {suffix, format}
    offers = (*media.TABLES, *media.GRAPHS, media.QUERY, media.HTML)
    return best(protocol.accept(request), offers) == media.HTML


@dataclass(frozen=True)
class Result:
    """What a page says of an answer: the answer, or the error in its place; or neither was asked for."""

    question: Question
    answer: Answer | None = None
    error: ClusterGraphError | None = None
    order: Order | None = None


class QuestionPages:
    """Pages of saved queries, from the present state of a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def page(
        self, request: Request, query: SavedQuery, own: Parameters, reserved: Mapping[str, str]
    ) -> Response:
        """The page: a wrong argument stays in its form, with status 422."""
        with self._service.state.in_use() as state:
            settings = state.graph.settings
            given = _given(own)
            asked = given.get("lang", [None])[0]
            reading = reader(request, settings.languages, asked)
            if "lang" not in query.parameters:
                given.pop("lang", None)
            elif asked is None:
                given["lang"] = [reading.language]
            question = Question(
                name=query.name,
                arguments=tuple((name, tuple(given[name])) for name in _ordered(query, given)),
                entailment=protocol.entailment(reserved.get("entailment")),
                page=paging.asked(query.name, {"page": "1"} | dict(reserved)),
            )
            result = await self._result(state, request, query, question, reserved)

            async def make() -> bytes:
                shown = given if result.answer or result.error else query.example_arguments | given
                error = result.error if isinstance(result.error, ArgumentError) else None
                offered = await self._offered(state, request, query, reading)
                places = places_of(request, state, reading)
                table = await apart(_shown, request, result, places, reading)
                return await rendering.rendered(
                    "query.html",
                    request,
                    state.graph,
                    reading,
                    query=query,
                    summary=_said(query.summaries, reading, query.name),
                    description=_said(query.descriptions, reading, ""),
                    fields=forms.fields(query, shown, offered, reading.language, error),
                    lang=asked if asked == reading.language else None,
                    entailment=question.entailment,
                    error=result.error,
                    error_in_form=error is not None and error.parameter in query.parameters.keys() - {"lang"},
                    expected=_expected(query, error, reading),
                    address=f"{home(request)}queries/{quote(query.name)}",
                    downloads=_downloads(request, query, result, reading),
                    permalink=permalink(request, state.version, query, _whole(result.question)),
                    sources=permalink(
                        request, state.version, query, _whole(result.question), suffix=".sources"
                    ),
                    chart=await self._chart(state, request, query, result, reading),
                    **table,
                )

            if result.error is None and (result.answer is None or not result.answer.volatile):
                headers = {"Content-Language": reading.language}
                response = await kept(request, state, reader_key(request, reading), make, headers=headers)
                if result.answer is not None:
                    result.answer.close()
                return response
            status = 200 if result.error is None else status_of(result.error)
            return rendering.html_response(request, await make(), reading, status)

    async def _result(
        self,
        state: State,
        request: Request,
        query: SavedQuery,
        question: Question,
        reserved: Mapping[str, str],
    ) -> Result:
        arguments = {name for name, _ in question.arguments} - {"lang"}
        needed = {name for name, each in query.parameters.items() if each.required and not each.default}
        if not arguments and needed:
            return Result(question)
        seconds = protocol.seconds(reserved.get("timeout"))
        whole = _whole(question)
        try:
            if order := asked_order(query, reserved):
                # Sorted are all rows, of which the page then shows some.
                answer = await self._service.answer(state, request, Asked(whole, None, None, seconds))
                return Result(question, answer, order=order)
            try:
                paged = question if query.form == "SELECT" else whole
                answer = await self._service.answer(state, request, Asked(paged, None, None, seconds))
            except ArgumentError as error:
                if error.parameter != "page" or "page" in reserved:
                    raise
                # The query has a LIMIT of its own: all that it gives is on one page.
                paged = whole
                answer = await self._service.answer(state, request, Asked(whole, None, None, seconds))
        except ClusterGraphError as error:
            return Result(question, error=error)
        return Result(paged, answer)

    async def _chart(
        self, state: State, request: Request, query: SavedQuery, result: Result, reading: Reader
    ) -> Chart | None:
        if result.answer is None:
            return None
        link = places_of(request, state, reading).reading
        inquiry = Inquiry(self._service, state, request)
        return await chart_on_page(inquiry, query, result.question, language=reading.language, link=link)

    async def _offered(
        self, state: State, request: Request, query: SavedQuery, reading: Reader
    ) -> dict[str, dict[str, str]]:
        """What can be chosen for each parameter that has a short list."""
        offered = {}
        settings = state.graph.settings
        for name, declared in query.parameters.items():
            question = forms.choices_question(declared, settings)
            if question is None:
                continue
            try:
                answer = await self._service.answer(state, request, Asked(question, None, None))
            except ClusterGraphError:
                continue  # the form then has an input, and the answer's own error is shown
            found = forms.choices(b"".join(answer.chunks()), settings, reading.language)
            if found is not None:
                offered[name] = found
        return offered


def _given(own: Parameters) -> dict[str, list[str]]:
    """The arguments by name; a form sends empty ones for what was left out."""
    given: dict[str, list[str]] = {}
    for name, text in own:
        if text:
            given.setdefault(name, []).append(text)
    return given


def _ordered(query: SavedQuery, given: Mapping[str, object]) -> list[str]:
    known = [name for name in query.parameters if name in given]
    return known + sorted(name for name in given if name not in query.parameters)


def _whole(question: Question) -> Question:
    return Question(name=question.name, arguments=question.arguments, entailment=question.entailment)


def _said(texts: Mapping[str, str], reading: Reader, otherwise: str) -> tuple[str, str]:
    """A text and its language: the reader's, else the first that there is."""
    for tag in (reading.language, *texts):
        if tag in texts:
            return texts[tag], tag
    return otherwise, ""


def _expected(query: SavedQuery, error: ArgumentError | None, reading: Reader) -> tuple[str, str]:
    """What a wrong argument should have been, and in which language this is said."""
    if error is None or error.parameter not in query.parameters:
        return "", ""
    return expected(error, query.parameters[error.parameter], reading)


def _downloads(request: Request, query: SavedQuery, result: Result, reading: Reader) -> list[tuple[str, str]]:
    """Endings and addresses of the whole answer in each syntax, and of the query's text."""
    base = f"{home(request)}queries/{quote(query.name)}"
    endings: tuple[str, ...] = (
        ("csv", "json", "tsv", "xml") if query.form in {"SELECT", "ASK"} else ("ttl", "nt", "jsonld", "rdf")
    )
    pairs = pairs_of(result.question)
    asked = "?" + urlencode(pairs) if pairs else ""
    if query.chart is not None:
        endings = (*endings, "svg")
    data = [(f".{ending}", f"{base}.{ending}{asked}") for ending in endings] if result.answer else []
    if result.answer and query.form in {"SELECT", "ASK"}:
        asked = urlencode([*pairs, ("format", "spreadsheet")])
        data.insert(1, (f".csv ({reading.words['spreadsheet']})", f"{base}?{asked}"))
    return [*data, (".rq", f"{base}.rq")]


def _shown(request: Request, result: Result, places: Places, reading: Reader) -> dict[str, object]:
    """What the template needs to show an answer."""
    answer, found = result.answer, None
    shown: dict[str, object] = {"answer": answer is not None}
    if answer is None:
        return shown
    if answer.size > _LARGEST:
        answer.close()
        return shown | {"is_large": True}
    content = b"".join(answer.chunks())
    if answer.form not in {"SELECT", "ASK"}:
        return shown | {"turtle": content.decode()}
    found = read_table(
        content,
        places.settings.prefixes,
        columns=places.settings.columns,
        language=reading.language,
        link=places.reading,
    )
    if isinstance(found, bool):
        return shown | {"truth": found}
    page = result.question.page
    rows = answer.rows if page and not result.order else len(found.rows)
    if result.order:
        found = sort_table(found, result.order)
        found = part_of(found, page) if page else found
    shown |= {"table": found, "rows": rows, "heads": heads(request, found, result.order)}
    if page:
        offset, _ = page
        shown |= {"first": offset + 1, "last": offset + len(found.rows)}
        shown["turns"] = paging.turns(request, page, rows)
    return shown
