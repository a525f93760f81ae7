"""The tools: one for each saved query, and those that search, explain and ask freely."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from clustergraph.catalogue import Parameter, SavedQuery
from clustergraph.errors import ArgumentError, ClusterGraphError, UsageError, near_misses
from clustergraph.mcp import citations, tables
from clustergraph.mcp.asking import Asker
from clustergraph.search import LONGEST
from clustergraph.server.api.openapi import parameter
from clustergraph.sparql.query import declared, outline
from clustergraph.terms import Entailment
from clustergraph.workers.question import Answer, Question

_ROWS: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
_SKIP: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": 1_000_000, "default": 0}
_ENTAILMENT = {
    "type": "string",
    "enum": ["owl2rl", "none"],
    "default": "owl2rl",
    "description": "none: only what the sources say, without what follows from it",
}
_PAGE = {
    "max_rows": _ROWS | {"description": "Rows at once"},
    "skip_rows": _SKIP | {"description": "The `next` of the answer before"},
}
_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME = 128


@dataclass(frozen=True)
class Said:
    """What a tool answers: the same as data and as text."""

    data: dict[str, Any]
    text: str


Arguments = Mapping[str, Any]
Call = Callable[[Arguments], Awaitable[Said]]


@dataclass(frozen=True)
class Tool:
    """A tool: what a client is told of it, and what calling it does."""

    name: str
    title: str
    description: str
    parameters: dict[str, Any]
    """A JSON schema for each."""
    required: tuple[str, ...]
    call: Call

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of all arguments."""
        return {
            "type": "object",
            "properties": self.parameters,
            "required": list(self.required),
            "additionalProperties": False,
        }


class Tools:
    """The tools on one graph, by name."""

    def __init__(self, asker: Asker, tags: Sequence[str], language: str) -> None:
        self._asker = asker
        self._language = language
        self._known: dict[str, Tool] = {}
        queries = asker.graph.catalogue.queries
        chosen = [query for query in queries if not tags or set(tags) & set(query.tags)]
        if tags and not chosen:
            known = ", ".join(asker.graph.catalogue.tags)
            raise UsageError(f"no saved query has the tag {' or '.join(tags)}; the tags are {known}")
        for tool in (self._search(), self._explain(), self._sparql(), *map(self._saved, chosen)):
            self._known.setdefault(tool.name, tool)

    @property
    def all(self) -> tuple[Tool, ...]:
        """The tools, those for every graph first."""
        return tuple(self._known.values())

    async def call(self, name: str, arguments: Arguments) -> Said:
        """What the tool answers; raises UsageError and ArgumentError, with near names."""
        tool = self._known.get(name)
        if tool is None:
            near = near_misses(name, self._known)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise UsageError(f"no tool is named {name!r}{hint}")
        for given in arguments:
            if given not in tool.parameters:
                expected = "one of " + (", ".join(tool.parameters) or "no parameters at all")
                near = near_misses(given, tool.parameters)
                raise ArgumentError(name, given, expected=expected, near=near)
        for needed in tool.required:
            if arguments.get(needed) in (None, ""):
                expected = tool.parameters[needed].get("description", "an argument")
                raise ArgumentError(name, needed, expected=f"{expected}; it is required")
        return await tool.call(arguments)

    def _saved(self, query: SavedQuery) -> Tool:
        declared = {name: parameter(query, each, self._language) for name, each in query.parameters.items()}
        own = {name: _schema(query.parameters[name], each) for name, each in declared.items()}
        more = _PAGE if query.form == "SELECT" else {}
        lines = [query.summary(self._language), query.descriptions.get(self._language, "")]
        if query.columns:
            lines.append(f"Columns: {', '.join(query.columns)}.")

        async def call(arguments: Arguments) -> Said:
            return await self._ask_saved(query, arguments)

        return Tool(
            _NAME.sub(".", query.name)[:_LONGEST_NAME],
            query.summary(self._language),
            "\n".join(line for line in lines if line),
            own | {name: schema for name, schema in more.items() if name not in own},
            tuple(name for name, each in declared.items() if each.get("required")),
            call,
        )

    async def _ask_saved(self, query: SavedQuery, arguments: Arguments) -> Said:
        own = {
            name: _texts(query.name, name, arguments[name]) for name in query.parameters if name in arguments
        }
        if (
            "lang" in query.parameters
            and "lang" not in own
            and self._language in query.parameters["lang"].enum
        ):
            own["lang"] = (self._language,)
        rest = {name: given for name, given in arguments.items() if name not in query.parameters}
        offset, limit = _page(query.name, rest)
        question = Question(
            name=query.name,
            arguments=tuple((name, own[name]) for name in query.parameters if own.get(name)),
            page=(offset, limit) if query.form == "SELECT" else None,
        )
        whole = replace(question, page=None)
        try:
            answer, content = await self._asker.ask(question)
        except ArgumentError as error:
            if error.parameter != "page":
                raise
            answer, content = await self._asker.ask(whole)  # it has a LIMIT of its own
        return await self._said(answer, content, offset, limit, query=query, question=whole)

    def _sparql(self) -> Tool:
        text = {"type": "string", "description": "A SELECT, ASK, CONSTRUCT or DESCRIBE query"}
        seconds = {"type": "number", "exclusiveMinimum": 0, "description": "Time limit, up to the server's"}
        prefixes = ", ".join(f"{prefix}:" for prefix in list(self._asker.settings.own_prefixes)[:40])
        return Tool(
            "sparql",
            "Ask in SPARQL",
            "A SPARQL 1.1 query on this graph, for what no other tool answers. It is read-only. "
            "Add ORDER BY and LIMIT; at most 1000 rows are given at once."
            + (f" Prefixes that need no declaration: {prefixes}" if prefixes else ""),
            {"query": text, "entailment": _ENTAILMENT, "timeout": seconds, **_PAGE},
            ("query",),
            self._ask_freely,
        )

    async def _ask_freely(self, arguments: Arguments) -> Said:
        text = str(arguments["query"])
        offset, limit = _page("sparql", arguments)
        seconds = arguments.get("timeout")
        if seconds is not None and not (isinstance(seconds, int | float) and seconds > 0):
            raise ArgumentError("sparql", "timeout", expected="seconds, more than 0", argument=str(seconds))
        declarations = outline(text).declarations(self._asker.settings.prefixes)
        question = Question(text=declarations + text, entailment=_entailment("sparql", arguments))
        with declared(declarations):
            answer, content = await self._asker.ask(question, seconds=seconds)
        return await self._said(answer, content, offset, limit)

    async def _said(
        self,
        answer: Answer,
        content: bytes,
        offset: int,
        limit: int,
        *,
        query: SavedQuery | None = None,
        question: Question | None = None,
    ) -> Said:
        """An answer as data and text, with its citation."""
        iris: tuple[str, ...] = ()
        data: dict[str, Any]
        if answer.form in {"SELECT", "ASK"}:
            # A page of a saved query begins at its first row; an answer to other queries is whole.
            first = 0 if answer.rows >= 0 else offset
            found = tables.read_table(content, first=first, most=limit)
            if isinstance(found, bool):
                data, text = {"answer": found}, "yes" if found else "no"
            else:
                table, rows = found
                iris = table.iris
                data = _table(table, offset, answer.rows if answer.rows >= 0 else rows)
                text = tables.as_text(table) + _left(data)
        else:
            text = content.decode()
            data = {"turtle": text}
        cited = await citations.cite(self._asker, iris, self._language, query=query, question=question)
        return Said(data | {"citation": cited}, f"{text}\n\n{citations.as_text(cited)}")

    def _search(self) -> Tool:
        languages = list(self._asker.settings.languages)
        return Tool(
            "search",
            "Find things by name",
            "Things of the graph by label, other names, definition or IRI, in any language; a few letters "
            "may be wrong. The IRIs and slugs that it gives are arguments of the other tools.",
            {
                "text": {"type": "string", "maxLength": LONGEST, "description": "What to look for"},
                "kind": {
                    "type": "string",
                    "description": "Only things of a class: IRI, prefixed name or label",
                },
                "lang": {"type": "string", "enum": languages, "default": self._language},
                **_PAGE,
            },
            ("text",),
            self._find,
        )

    async def _find(self, arguments: Arguments) -> Said:
        offset, limit = _page("search", arguments)
        text, kind = str(arguments["text"]), str(arguments.get("kind") or "")
        if len(text) > LONGEST:
            raise ArgumentError("search", "text", expected=f"at most {LONGEST} letters", argument=text)
        language = str(arguments.get("lang") or self._language)
        options = {"text": text, "kind": kind, "lang": language, "limit": str(limit), "offset": str(offset)}
        _, found = await self._asker.perform("search", **options)
        lines = [
            f"{hit['label']}"
            + (f" ({hit['kindLabel']})" if hit["kindLabel"] else "")
            + f" <{hit['iri']}>"
            + (" retired" if hit["retired"] else "")
            + (f": {hit['definition']}" if hit["definition"] else "")
            for hit in found["hits"]
        ]
        if not found["total"]:
            near = f"; did you mean {' or '.join(found['near'])}?" if found["near"] else ""
            lines = [f"nothing found for {text!r}{near}"]
        elif found["hits"] and found["hits"][0]["match"]["way"] == "similar":
            lines.insert(0, "nothing is called exactly so; these are like it:")
        cited = await citations.cite(self._asker, (), language)
        data = {
            "hits": found["hits"],
            "total": found["total"],
            "near": found["near"],
            **_turn(offset, len(found["hits"]), found["total"]),
            "citation": cited,
        }
        return Said(data, "\n".join(lines) + _left(data) + "\n\n" + citations.as_text(cited))

    def _explain(self) -> Tool:
        term = {"type": "string", "description": "An IRI or prefixed name"}
        return Tool(
            "explain",
            "Why a triple holds",
            "The proof of a triple: which rule and axioms conclude it, from which facts, and the file and "
            "line of each; or what is missing for it to follow.",
            {
                "subject": term,
                "predicate": term | {"description": "An IRI or prefixed name; `a` for rdf:type"},
                "object": term | {"description": "An IRI, prefixed name, or a literal as in Turtle"},
            },
            ("subject", "predicate", "object"),
            self._why,
        )

    async def _why(self, arguments: Arguments) -> Said:
        terms = {name: str(arguments[name]) for name in ("subject", "predicate", "object")}
        answer, found = await self._asker.perform("explain", **terms, lang=self._language, format="json")
        entailed = answer.note("entailed") != "no"
        cited = await citations.cite(self._asker, sorted(_leaves(found)), self._language)
        if entailed:
            _, text = await self._asker.perform("explain", **terms, lang=self._language, format="text")
        else:
            text = "not entailed: the triple is neither asserted nor inferred\n" + json.dumps(
                found, ensure_ascii=False, indent=1
            )
        data = {"entailed": entailed, "explanation": found, "citation": cited}
        return Said(data, f"{str(text).rstrip()}\n\n{citations.as_text(cited)}")


def _leaves(explanation: object) -> set[str]:
    """The IRIs of the things of which the asserted triples of a proof say something."""
    if not isinstance(explanation, dict):
        return set()
    found = set[str]().union(*map(_leaves, explanation.get("premises", ())))
    triple = explanation.get("triple")
    if explanation.get("rule") == "asserted" and triple and not triple[0].startswith("_:"):
        found.add(triple[0])
    return found


def _schema(declared: Parameter, described: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON schema of a parameter, from what OpenAPI says of it."""
    text = described["description"]
    if declared.takes_iris and text != declared.expected:
        text = f"{text}: {declared.expected}"
    schema: dict[str, Any] = described["schema"] | {"description": text}
    return schema | ({"examples": [described["example"]]} if "example" in described else {})


def complaint(error: ClusterGraphError) -> str:
    """An error as a model can act on it."""
    return f"error: {error}"


def _table(table: tables.Table, offset: int, total: int) -> dict[str, Any]:
    return {
        "columns": list(table.columns),
        "rows": list(table.rows),
        "total": total,
        **_turn(offset, len(table.rows), total),
    }


def _turn(offset: int, shown: int, total: int) -> dict[str, Any]:
    """Whether rows are left, and the `skip_rows` that gives the next of them."""
    last = offset + shown
    return {"truncated": last < total, "next": last if last < total and shown else None}


def _left(data: Mapping[str, Any]) -> str:
    """A line about rows that are left; nothing where none are."""
    if not data["truncated"]:
        return ""
    return f"\n… of {data['total']} rows; skip_rows={data['next']} gives the next ones"


def _page(name: str, arguments: Arguments) -> tuple[int, int]:
    """Offset and number of the rows asked for; raises ArgumentError."""
    found = {}
    for key, schema in (("skip_rows", _SKIP), ("max_rows", _ROWS)):
        given = arguments.get(key)
        number = schema["default"] if given is None else given
        if isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 9:
            number = int(number)
        least, most = schema["minimum"], schema["maximum"]
        if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
            expected = f"a whole number from {least} to {most:,}"
            raise ArgumentError(name, key, expected=expected, argument=str(given))
        found[key] = number
    return found["skip_rows"], found["max_rows"]


def _entailment(name: str, arguments: Arguments) -> Entailment:
    given = arguments.get("entailment") or "owl2rl"
    if given == "owl2rl":
        return "owl2rl"
    if given == "none":
        return "none"
    raise ArgumentError(name, "entailment", expected="owl2rl or none", argument=str(given))


def _texts(query: str, name: str, given: object) -> tuple[str, ...]:
    """An argument as the texts that a saved query takes; raises ArgumentError for what is none."""
    if given is None:
        return ()
    if isinstance(given, bool):
        return ("true" if given else "false",)
    if isinstance(given, str | int | float):
        return (str(given),)
    if isinstance(given, list):
        return tuple(text for each in given for text in _texts(query, name, each))
    raise ArgumentError(query, name, expected="a text, a number, or a list of them", argument=str(given))
