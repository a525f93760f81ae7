"""The OpenAPI 3.1 description: one path for each saved query, made from its contract."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from clustergraph.catalogue import Parameter, SavedQuery
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.http import media
from clustergraph.terms import XSD

_FORMATS = {"date": "date", "dateTime": "date-time", "time": "time", "anyURI": "iri"}
_NUMBERS = {"integer", "nonNegativeInteger", "positiveInteger", "int", "long"}
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
        "/queries": {
            "get": _plain("queries", "The catalogue of saved queries", "application/json", media.HTML)
        },
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
    refused = {"content": {media.PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    return {
        "200": {"description": "The answer", "content": content},
        "304": {"description": "The client has it already"},
        "4XX": {"description": "The request cannot be answered"} | refused,
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
    kinds = (*media.TABLES, *media.GRAPHS)
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


def _saved(query: SavedQuery, languages: tuple[str, ...]) -> dict[str, Any]:
    kinds = media.TABLES if query.form in {"SELECT", "ASK"} else media.GRAPHS
    operation = _plain(query.name, query.summary(languages[0]), *kinds, media.HTML)
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
    local = declared.datatype.value.removeprefix(str(XSD)) if declared.datatype else ""
    if local in _NUMBERS:
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
