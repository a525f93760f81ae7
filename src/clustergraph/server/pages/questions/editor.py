"""The SPARQL editor: a form that asks, its answer, and the script that makes it a better one."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from clustergraph.catalogue import SavedQuery
from clustergraph.errors import ClusterGraphError, QuerySyntaxError, UnknownQueryError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.http import media, protocol
from clustergraph.server.http.address import home
from clustergraph.server.http.apart import apart
from clustergraph.server.http.headers import SCRIPTED
from clustergraph.server.http.negotiation import best, takes_gzip
from clustergraph.server.http.problem import status_of
from clustergraph.server.http.protocol import Asked, Parameters
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.kept import kept, reader_key
from clustergraph.server.pages.frame.places import Places
from clustergraph.server.pages.frame.words import Reader, reader
from clustergraph.server.pages.questions.answers import Shown, shown
from clustergraph.server.pages.questions.listing import Topics, by_topic
from clustergraph.server.service import Service
from clustergraph.sparql.bind import bind
from clustergraph.terms import Literal
from clustergraph.workers.question import Answer, Question

VIEWS = ("table", "chart", "raw")
_FIRST = """\
SELECT ?class (COUNT(*) AS ?things)
WHERE { ?thing a ?class }
GROUP BY ?class
ORDER BY DESC(?things) ?class
"""
_TABLES = {"csv": "CSV", "tsv": "TSV", "json": "JSON", "xml": "XML"}
_GRAPHS = {"turtle": "Turtle", "ntriples": "N-Triples", "jsonld": "JSON-LD", "rdfxml": "RDF/XML"}
# What a form carries besides the query, and a link to its answer keeps.
_KEPT = ("entailment", "timeout", "default-graph-uri", "named-graph-uri")
_PACKED = ("editor.js", "editor.LICENSES.txt")


@dataclass(frozen=True)
class Trouble:
    """Why a query has no answer, and its text around the place; a `line` of 0 is not known."""

    reason: str
    line: int = 0
    column: int = 0
    before: str = ""
    mark: str = ""
    after: str = ""


def wants_editor(request: Request, found: Parameters) -> bool:
    """Whether a request to the endpoint asks for the editor rather than for data."""
    formats = [text for name, text in found if name == "format"]
    if formats:
        return formats == ["html"]
    return best(protocol.accept(request), (*media.TABLES, *media.GRAPHS, media.HTML)) == media.HTML


class EditorPages:
    """The editor, from the present state of a service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def page(self, request: Request, found: Parameters) -> Response:
        """The editor with the query of the request, if there is one, and what it answers."""
        given = dict(found)
        with self._service.state.in_use() as state:
            graph = state.graph
            reading = reader(request, graph.settings.languages, given.get("lang"))
            text, view, spoken = given.get("query", ""), given.get("view", "table"), given.get("lang", "")
            answer: Answer | None = None
            error: ClusterGraphError | None = None
            if text.strip():
                asked = _asked(request, found)
                try:
                    answer = await self._service.answer(state, request, asked)
                except ClusterGraphError as caught:
                    error = caught
            else:
                text = _example(graph, given["example"], reading) if "example" in given else _FIRST

            async def make() -> bytes:
                places = Places(home(request), graph.settings, spoken)
                result = await apart(shown, answer, view, reading, places) if answer else Shown()
                return rendering.render(
                    "editor.html",
                    request,
                    graph,
                    reading,
                    query=text,
                    entailment=given.get("entailment", ""),
                    timeout=given.get("timeout", ""),
                    most=f"{self._service.options.limits.seconds:g}",
                    kept_graphs=[pair for pair in found if pair[0].endswith("-graph-uri")],
                    lang=spoken,
                    examples=_examples(request, graph, reading),
                    result=result,
                    trouble=error and _trouble(text, error),
                    view=view if view in VIEWS else "table",
                    views=_addresses(request, found, "view", dict.fromkeys(VIEWS, "")) if result.form else [],
                    downloads=_downloads(request, found, result.form),
                    permalink=_address(request, _pairs(found)),
                    script=script_address(home(request)),
                )

            if error or request.method == "POST" or (answer and answer.volatile):
                status = 200 if error is None else status_of(error)
                response = rendering.html_response(request, await make(), reading, status)
            else:
                key = reader_key(request, reading) | {"script": script_address("")}
                headers = {"Content-Language": reading.language}
                response = await kept(request, state, key, make, headers=headers)
            if answer is not None:
                answer.close()
            response.headers["Content-Security-Policy"] = SCRIPTED
            return response

    async def packed(self, request: Request) -> Response:
        """The packed editor or its licences: the address has a digest of it, so it never changes."""
        name = request.path_params["name"]
        found = packed(name) if name in _PACKED else None
        if found is None or found.digest != request.path_params["digest"]:
            raise HTTPException(404)
        kind = "text/javascript" if name.endswith(".js") else "text/plain"
        head = {
            "Content-Type": media.with_charset(kind),
            "Cache-Control": "public, max-age=31536000, immutable",
            "Vary": "Accept-Encoding",
        }
        if takes_gzip(request.headers.get("accept-encoding")):
            return Response(found.compressed, headers=head | {"Content-Encoding": "gzip"})
        return Response(found.content, headers=head)


@dataclass(frozen=True)
class Packed:
    """A file that the installation packed, with the digest of the script it belongs to."""

    digest: str
    content: bytes
    compressed: bytes


@cache
def packed(name: str) -> Packed | None:
    """A packed file; None where the installation could not pack the editor."""
    folder = files("clustergraph.server.pages") / "packed"
    try:
        script, content = (folder / _PACKED[0]).read_bytes(), (folder / name).read_bytes()
    except FileNotFoundError:
        return None
    digest = hashlib.sha256(script).hexdigest()[:16]
    return Packed(digest, content, gzip.compress(content, mtime=0))


def script_address(base: str) -> str:
    """The address of the packed editor; empty where there is none."""
    found = packed(_PACKED[0])
    return f"{base}packed/{found.digest}/{_PACKED[0]}" if found else ""


def _asked(request: Request, found: Parameters) -> Asked:
    """The question of the page, with the syntaxes that it reads, whatever the request accepts."""
    asked = protocol.ask(request, [*((n, t) for n, t in found if n != "format"), ("format", "json")])
    given = asked.question
    question = Question(text=given.text, graphs=given.graphs, entailment=given.entailment)
    return Asked(question, None, None, asked.seconds)


def _trouble(text: str, error: ClusterGraphError) -> Trouble:
    """The error, at its place in the query's text where it has one."""
    if not isinstance(error, QuerySyntaxError):
        return Trouble(str(error))
    lines = text.splitlines(keepends=True)
    if not 1 <= error.line <= len(lines):
        return Trouble(error.problem)
    line, start = lines[error.line - 1], max(error.column, 1) - 1
    found = re.compile(r"\S+").search(line, start)
    start, end = found.span() if found else (min(start, len(line.rstrip("\r\n"))),) * 2
    before, after = "".join(lines[: error.line - 1]), "".join(lines[error.line :])
    return Trouble(
        error.problem, error.line, error.column, before + line[:start], line[start:end], line[end:] + after
    )


def _example(graph: KnowledgeGraph, name: str, reading: Reader) -> str:
    """The text of a saved query without its header, in the reader's language.

    For one that is not there, what the editor begins with.
    """
    try:
        query = graph.catalogue[name]
    except UnknownQueryError:
        return _FIRST
    spoken = query.parameters.get("lang")
    bound = {spoken.variable: [Literal(reading.language)]} if spoken else {}
    text = bind(query.outline, bound) if bound else query.text
    lines = [line for line in text.splitlines() if not line.startswith("#+")]
    return "\n".join(lines).strip() + "\n"


def _examples(request: Request, graph: KnowledgeGraph, reading: Reader) -> Topics:
    """The saved queries by topic, each with the address of the editor that holds its text."""
    spoken = [("lang", reading.language)] if "lang" in request.query_params else []

    def held(query: SavedQuery) -> str:
        return _address(request, [("example", query.name), *spoken])

    return by_topic(graph, reading, held)


def _pairs(found: Parameters) -> Parameters:
    """What of a request makes the address of its answer."""
    return [(name, text) for name, text in found if name == "query" or (name in _KEPT and text)]


def _address(request: Request, pairs: Parameters) -> str:
    return f"{home(request)}sparql?{urlencode(pairs, quote_via=quote)}"


def _addresses(
    request: Request, found: Parameters, name: str, values: Mapping[str, str]
) -> list[tuple[str, str]]:
    """For each value of a parameter its text and the address with it."""
    spoken = [pair for pair in found if pair[0] == "lang" and name == "view"]
    return [
        (text or value, _address(request, [*_pairs(found), (name, value), *spoken]))
        for value, text in values.items()
    ]


def _downloads(request: Request, found: Parameters, form: str) -> list[tuple[str, str]]:
    if not form:
        return []
    return _addresses(request, found, "format", _TABLES if form in {"SELECT", "ASK"} else _GRAPHS)
