"""The SPARQL 1.1 Protocol, query side: from a request to a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal as OneOf
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from clustergraph.server.http import media
from clustergraph.server.http.body import read_body
from clustergraph.server.http.negotiation import best, takes_gzip
from clustergraph.server.http.problem import short
from clustergraph.terms import Entailment
from clustergraph.workers.question import Question

_FORM = "application/x-www-form-urlencoded"
_UPDATE = "application/sparql-update"
_MOST_PARAMETERS = 1000
_FORMATS = {
    *media.TABLES,
    *media.TABLES.values(),
    *media.GRAPHS,
    *media.GRAPHS.values(),
    *media.SUFFIXES,
    *media.ALIASES,
}

Parameters = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a request asks it: with the media types that it takes and its own time limit."""

    question: Question
    table: str | None
    graph: str | None
    seconds: float | None = None


def parameters(text: str | bytes) -> Parameters:
    """The name-value pairs of a query string or form; raises HTTPException 400 for what is none."""
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8")
        return parse_qsl(decoded, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except UnicodeDecodeError as error:
        raise HTTPException(400, "the parameters are not UTF-8") from error
    except ValueError as error:
        raise HTTPException(400, f"more than {_MOST_PARAMETERS} parameters") from error


async def read_query(request: Request, limit: int) -> Parameters:
    """The parameters of a protocol request, wherever its form says they are.

    A direct POST's body becomes the parameter `query`. Raises HTTPException 400 (malformed), 403
    (update), 413 or 415.
    """
    found = parameters(request.scope["query_string"])
    if request.method == "POST":
        kind, charset = content_type(request)
        body = await read_body(request, limit)
        if charset not in {"", "utf-8", "utf8"}:
            raise HTTPException(415, f"expected charset UTF-8, got {charset!r}")
        if kind == _FORM:
            found += parameters(body)
        elif kind == media.QUERY:
            found.append(("query", _text(body)))
        elif kind == _UPDATE:
            found.append(("update", ""))
        else:
            expected = f"expected the media type {_FORM} or {media.QUERY}, got {kind or 'none'}"
            raise HTTPException(415, expected, {"Accept-Post": f"{_FORM}, {media.QUERY}"})
    if any(name == "update" for name, _ in found):
        raise HTTPException(403, "an update is refused: no request changes this graph")
    return found


def ask(request: Request, found: Parameters) -> Asked:
    """The question of a protocol request; raises HTTPException 400 or 406."""
    queries = _all(found, "query")
    if len(queries) != 1:
        raise HTTPException(400, f"expected exactly one query, got {len(queries)}")
    default, named = _all(found, "default-graph-uri"), _all(found, "named-graph-uri")
    table, graph = accepted(request, _format(found))
    question = Question(
        text=queries[0],
        graphs=(tuple(default), tuple(named)) if default or named else None,
        entailment=entailment(_one(found, "entailment")),
        table=None if table is None else media.TABLES[table],
        graph=None if graph is None else media.GRAPHS[graph],
        encoding=encoding(request),
    )
    return Asked(question, table, graph, seconds(_one(found, "timeout")))


def accepted(request: Request, format: str | None) -> tuple[str | None, str | None]:
    """The media types for a table and for a graph that a request takes, None for neither.

    `format` goes before the Accept header: a name of a syntax, an ending, or a media type. Raises
    HTTPException 406 for a format that is not known, and where nothing fits.
    """
    if format:
        return _named(format)
    header = accept(request)
    table, graph = best(header, tuple(media.TABLES)), best(header, tuple(media.GRAPHS))
    if table is None and graph is None:
        known = ", ".join({**media.TABLES, **media.GRAPHS})
        raise HTTPException(406, f"no answer can be written as asked; there are {known}")
    return table, graph


def _format(found: Parameters) -> str | None:
    """The first format that is known, else the first: SPARQLWrapper gives a name and a media type."""
    formats = _all(found, "format")
    known = (format for format in formats if format in _FORMATS)
    return next(known, formats[0] if formats else None)


def _named(format: str) -> tuple[str | None, str | None]:
    """The media types that a `format` stands for."""
    if format in media.TABLES or format in media.GRAPHS:
        return (format if format in media.TABLES else None, format if format in media.GRAPHS else None)
    name = media.SUFFIXES.get(format) or media.ALIASES.get(format, format)
    # Clients that say `json` or `xml` mean the graph's syntax too.
    twin = {"json": "jsonld", "xml": "rdfxml"}.get(name, name)
    table, graph = media.registered(media.TABLES, name), media.registered(media.GRAPHS, twin)
    if table is None and graph is None:
        known = ", ".join(dict.fromkeys([*media.TABLES.values(), *media.GRAPHS.values()]))
        raise HTTPException(406, f"format: expected one of {known}, or a media type, got {short(format)!r}")
    return table, graph


def accept(request: Request) -> str:
    """The Accept header, its lines in one (RFC 9110 §5.3); empty where there is none."""
    return ", ".join(request.headers.getlist("accept"))


def encoding(request: Request) -> OneOf["", "gzip"]:
    """The content coding of the answer to a request; empty for none."""
    return "gzip" if takes_gzip(request.headers.get("accept-encoding")) else ""


def entailment(name: str | None) -> Entailment:
    """The entailment regime of a request; raises HTTPException 400 for an unknown one."""
    if not name or name == "owl2rl":
        return "owl2rl"
    if name == "none":
        return "none"
    raise HTTPException(400, f"entailment: expected none or owl2rl, got {short(name)!r}")


def seconds(text: str | None) -> float | None:
    """The time limit that a request sets itself; raises HTTPException 400 for what is no time."""
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not (isfinite(found) and found > 0):
        raise HTTPException(400, f"timeout: expected seconds, more than 0, got {short(text)!r}")
    return found


def content_type(request: Request) -> tuple[str, str]:
    """The media type and the charset of a request's body, in small letters; empty where it says none."""
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    charset = ""
    for part in rest.split(";"):
        name, _, content = part.partition("=")
        if name.strip().lower() == "charset":
            charset = content.strip().strip('"').lower()
    return kind.strip().lower(), charset


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HTTPException(400, "the query is not UTF-8") from error


def _all(found: Parameters, name: str) -> Sequence[str]:
    return [content for key, content in found if key == name]


def _one(found: Parameters, name: str) -> str | None:
    contents = _all(found, name)
    if len(contents) > 1:
        raise HTTPException(400, f"{name}: expected one at most, got {len(contents)}")
    return contents[0] if contents else None
