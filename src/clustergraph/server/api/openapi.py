"""The OpenAPI 3.1 description: one path for each saved query, made from its contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from clustergraph.catalogue import Parameter, SavedQuery
from clustergraph.folder.formats import MEDIA_TYPES
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.http import media
from clustergraph.server.http.offers import DIFFERENCES, PROOFS, REPORTS
from clustergraph.settings import Settings
from clustergraph.sparql.kinds import INTEGERS
from clustergraph.terms import RDF, XSD
from clustergraph.workers.media import EXPORTS

_FORMATS = {"date": "date", "dateTime": "date-time", "time": "time", "anyURI": "iri"}
_ENTAILMENT = {"type": "string", "enum": ["owl2rl", "none"], "default": "owl2rl"}
_TIMEOUT = {"type": "number", "exclusiveMinimum": 0}


def describe(graph: KnowledgeGraph, release: str) -> dict[str, Any]:
    """The description of the service on a graph; servers are relative, so that a proxy may move it."""
    settings = graph.settings
    info: dict[str, Any] = {
        "title": settings.text(settings.title, "en") or "clustergraph",
        "description": settings.text(settings.description, "en"),
        "version": release,
    }
    if settings.license:
        info["license"] = {"name": settings.license, "url": settings.license}
    paths: dict[str, Any] = {
        "/sparql": _sparql(),
        "/sparql/terms.json": {
            "get": _plain("terms", "The prefixes, classes and properties of the graph", "application/json")
        },
        "/queries": {
            "get": _plain("queries", "The catalogue of saved queries", "application/json", media.HTML)
        },
        "/search": _search(settings),
        "/validate": _upload("validate", "The report on data as a change to the graph", REPORTS),
        "/diff": _upload("diff", "What adding data changes: triples, what follows, answers", DIFFERENCES),
        "/explain": _explain(settings.languages),
        "/exports": {
            "get": _plain("exports", "The exports, and what is in each", "application/json", media.HTML)
        },
        "/exports/{profile}": _export("export", "The graph as a file, or as a zip of several", *EXPORTS),
        "/exports/{profile}/loss": _export("loss", "What an export cannot carry", "application/json"),
        "/id": _thing("id", "303 to the page about a thing or to its description", *media.GRAPHS, media.HTML),
        "/data": _thing("data", "What the graph says of a thing, and what points to it", *media.GRAPHS),
        "/page": _thing("page", "The page about a thing", media.HTML),
        "/ont": {"get": _plain("ontology", "The classes and properties", *media.GRAPHS, media.HTML)},
        "/metrics": {"get": _plain("metrics", "What the service counts, for Prometheus", "text/plain")},
        "/health": {"get": _plain("health", "Whether the service is ready", "application/json")},
        "/.well-known/void": {"get": _plain("void", "The VoID description of the data", *media.GRAPHS)},
    }
    for query in graph.catalogue.queries:
        paths[f"/queries/{quote(query.name)}"] = {"get": _saved(query, settings.languages)}
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": "."}],
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM}},
    }


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457), with what a program may want to know of the error.",
    "required": ["title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "error": {"type": "string"},
        "query": {"type": "string"},
        "parameter": {"type": "string"},
        "argument": {"type": "string"},
        "expected": {"type": "string"},
        "near": {"type": "array", "items": {"type": "string"}},
        "line": {"type": "integer"},
        "column": {"type": "integer"},
        "limit": {"type": "string"},
    },
}


def _responses(*kinds: str) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "string"}} for kind in kinds}
    for kind in content:
        if kind.endswith("json"):
            content[kind] = {"schema": {"type": "object"}}
    problem = {media.PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    # Who asks for a page hears in a page what is wrong.
    page = {media.HTML: {"schema": {"type": "string"}}} if media.HTML in kinds else {}
    refused = {"content": problem | page}
    return {
        "200": {"description": "The answer", "content": content},
        "304": {"description": "The client has it already"},
        "4XX": {"description": "The request cannot be answered"} | refused,
        "502": {"description": "The service behind this one fails"} | refused,
        "503": {"description": "Stopped: time, memory or queue"} | refused,
    }


def _plain(name: str, summary: str, *kinds: str) -> dict[str, Any]:
    return {"operationId": name, "summary": summary, "responses": _responses(*kinds)}


def _query_parameter(name: str, schema: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema} | more


def _sparql() -> dict[str, Any]:
    iris = {"type": "array", "items": {"type": "string", "format": "iri"}}
    shared = [
        _query_parameter("default-graph-uri", iris, description="Graphs to merge as the default graph"),
        _query_parameter("named-graph-uri", iris, description="Graphs to see by name"),
        _query_parameter("entailment", _ENTAILMENT),
        _query_parameter("timeout", _TIMEOUT, description="Seconds, up to the server's own limit"),
    ]
    example = "SELECT ?class (COUNT(*) AS ?things) WHERE { ?thing a ?class } GROUP BY ?class ORDER BY ?class"
    text = _query_parameter("query", {"type": "string"}, description="SPARQL 1.1 query", example=example)
    kinds = (*media.TABLES, *media.GRAPHS, media.HTML)
    form = {
        "type": "object",
        "required": ["query"],
        "properties": {"query": {"type": "string"}, "timeout": _TIMEOUT, "entailment": _ENTAILMENT},
    }
    body = {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {"schema": form, "example": {"query": example}},
            "application/sparql-query": {"schema": {"type": "string"}, "example": example},
        },
    }
    summary = "SPARQL 1.1 Protocol, query side; without a query: the service description"
    return {
        "get": _plain("sparql", summary, *kinds) | {"parameters": [text, *shared]},
        "post": _plain("sparql-post", summary, *kinds) | {"parameters": shared, "requestBody": body},
    }


def _search(settings: Settings) -> dict[str, Any]:
    # A word that the graph may well have; whatever is asked, there is an answer.
    example = (settings.text(settings.title, settings.languages[0]).split() or ["a"])[-1]
    numbers = [
        _query_parameter(name, {"type": "integer", "minimum": 1, "maximum": most, "default": default})
        for name, most, default in (("page", 1_000_000, 1), ("page-size", 1000, 20))
    ]
    operation = _plain("search", "Things by what they are called", "application/json", media.HTML)
    operation["description"] = (
        "Labels, other labels, definitions and IRIs in all languages, best first; names that are like the "
        "text where none has it. Link names the other pages."
    )
    operation["parameters"] = [
        _query_parameter(
            "q",
            {"type": "string", "minLength": 1, "maxLength": 200},
            required=True,
            description="The text",
            example=example,
        ),
        _query_parameter("kind", {"type": "string"}, description="A class: IRI, prefixed name or label"),
        _query_parameter(
            "lang", {"type": "string", "enum": list(settings.languages)}, description="Of the answer"
        ),
        *numbers,
        _query_parameter("format", {"type": "string", "enum": ["json", "html"]}),
    ]
    return {"get": operation}


def _thing(name: str, summary: str, *kinds: str) -> dict[str, Any]:
    """Resources about one thing; those below the base IRI have addresses of their own too."""
    operation = _plain(name, summary, *kinds)
    operation["description"] = (
        "For things below the base IRI their path names them: BASE/id/KIND/NAME is /id/KIND/NAME, "
        "/page/KIND/NAME and /data/KIND/NAME, the last with an ending such as .ttl. 404 has similar names, "
        "410 the successors of what is retired."
    )
    operation["parameters"] = [
        _query_parameter(
            "iri",
            {"type": "string", "format": "iri"},
            required=True,
            description="The IRI of any thing, term or graph",
            example=RDF.type.value,
        )
    ]
    if name == "data":
        number = {"type": "integer", "minimum": 1, "default": 1}
        operation["parameters"].append(
            _query_parameter("page", number, description="Of what points to it, 500 links each; see Link")
        )
    operation["responses"]["303"] = {"description": "See there"}
    return {"get": operation}


def _upload(name: str, summary: str, formats: Mapping[str, str]) -> dict[str, Any]:
    """Resources that judge what is sent; a page has the form."""
    example = "<urn:example:thing> a <urn:example:Class> ."
    content = {kind: {"schema": {"type": "string"}} for kind in MEDIA_TYPES}
    content["text/turtle"]["example"] = example  # type: ignore[assignment]  # of the schema's type
    operation = _plain(name, summary, *dict.fromkeys(formats.values()))
    operation["description"] = (
        "200 also where it does not conform. Nothing is stored, nothing is fetched, and shapes in what is "
        "sent are data."
    )
    operation["parameters"] = [
        _query_parameter("format", {"type": "string", "enum": list(formats)}),
        _query_parameter("lang", {"type": "string"}, description="Of messages, one of the graph's languages"),
        _query_parameter("timeout", _TIMEOUT),
    ]
    operation["requestBody"] = {"required": True, "content": content}
    form = _plain(f"{name}-form", "The page with the form", media.HTML)
    return {"get": form, "post": operation}


def _explain(languages: tuple[str, ...]) -> dict[str, Any]:
    operation = _plain(
        "explain",
        "Why a triple holds: its proof; 404 with what is lacking where it does not follow",
        *dict.fromkeys(PROOFS.values()),
    )
    # The example holds in every graph.
    described = {
        "subject": ("An IRI or prefixed name", "owl:Thing"),
        "predicate": ("An IRI or prefixed name, or a", "a"),
        "object": ("An IRI, prefixed name, or literal in Turtle", "owl:Class"),
    }
    operation["parameters"] = [
        *(
            _query_parameter(
                name, {"type": "string", "minLength": 1}, required=True, description=said, example=example
            )
            for name, (said, example) in described.items()
        ),
        _query_parameter("lang", {"type": "string", "enum": list(languages)}, description="Of the axioms"),
        _query_parameter("format", {"type": "string", "enum": list(PROOFS)}),
        _query_parameter("timeout", _TIMEOUT),
    ]
    return {"get": operation}


def _export(name: str, summary: str, *kinds: str) -> dict[str, Any]:
    operation = _plain(name, summary, *kinds)
    profile = {"name": "profile", "in": "path", "required": True, "schema": {"type": "string"}}
    operation["parameters"] = [
        profile | {"description": "A name of /exports", "example": "turtle"},
        _query_parameter("graph", {"type": "string"}, description="Only this named graph: its name or IRI"),
        _query_parameter("about", {"type": "string"}, description="Only this thing, by IRI or prefixed name"),
        _query_parameter("entailment", _ENTAILMENT | {"default": "none"}),
        _query_parameter("timeout", _TIMEOUT),
    ]
    return {"get": operation}


def _saved(query: SavedQuery, languages: tuple[str, ...]) -> dict[str, Any]:
    kinds = media.TABLES if query.form in {"SELECT", "ASK"} else media.GRAPHS
    drawn = (media.SVG,) if query.chart else ()
    operation = _plain(query.name, query.summary(languages[0]), *kinds, media.HTML, *drawn)
    if description := query.descriptions.get(languages[0]):
        operation["description"] = description
    operation["tags"] = list(query.tags)
    operation["parameters"] = [parameter(query, each, languages[0]) for each in query.parameters.values()]
    for name, schema in (("entailment", _ENTAILMENT), ("timeout", _TIMEOUT)):
        if name not in query.parameters:
            operation["parameters"].append(_query_parameter(name, schema))
    return operation


def parameter(query: SavedQuery, declared: Parameter, language: str) -> dict[str, Any]:
    """A parameter of a saved query as an OpenAPI parameter object."""
    schema = _schema(declared)
    example: Any = declared.example[0] if declared.example else None
    if declared.many:
        schema = {"type": "array", "items": schema}
        example = list(declared.example) or None
    described = _query_parameter(
        declared.name, schema, description=declared.descriptions.get(language) or declared.expected
    )
    if declared.required:
        described["required"] = True
    if example is not None:
        described["example"] = example
    return described


def _schema(declared: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    datatype = declared.datatype.value if declared.datatype else ""
    local = datatype.removeprefix(str(XSD))
    if datatype in INTEGERS:
        schema["type"] = "integer"
    elif local == "boolean":
        schema["type"] = "boolean"
    elif local in _FORMATS:
        schema["format"] = _FORMATS[local]
    if schema["type"] == "integer":
        for key, bound in (("minimum", declared.minimum), ("maximum", declared.maximum)):
            if bound is not None:
                schema[key] = int(bound.value)
    if declared.pattern:
        schema["pattern"] = f"^(?:{declared.pattern})$"
    if declared.enum:
        schema["enum"] = list(declared.enum)
    if declared.default and not declared.many:
        schema["default"] = declared.default[0]
    return schema
