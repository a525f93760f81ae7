"""The resources: things and terms of the graph by their IRIs, and the catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from clustergraph.errors import ArgumentError
from clustergraph.mcp.asking import Asker, Row, query
from clustergraph.sparql.bind import bind
from clustergraph.terms import Literal, NamedNode, compact
from clustergraph.workers.question import Question

_PAGE = 100
TURTLE = "text/turtle"
JSON = "application/json"


@dataclass(frozen=True)
class Resource:
    """What a client is told of a resource."""

    iri: str
    name: str
    title: str
    description: str
    media: str = TURTLE


@dataclass(frozen=True)
class Template:
    """The form of many resources' IRIs (RFC 6570)."""

    form: str
    name: str
    description: str


class Resources:
    """The resources of one graph."""

    def __init__(self, asker: Asker, language: str) -> None:
        self._asker = asker
        self._language = language

    @property
    def catalogue(self) -> Resource:
        """The contracts of all saved queries."""
        iri = self._asker.settings.base + "queries"
        return Resource(iri, "queries", "Saved queries", "The contracts of all saved queries", JSON)

    async def page(self, cursor: str | None) -> tuple[list[Resource], str | None]:
        """Some of what is listed, and what gives the next; raises ArgumentError for an unknown cursor.

        Listed are the catalogue and the ontology's classes and properties; other things are found by
        a search, and are read by their IRIs.
        """
        listed = [self.catalogue, *await self._terms()]
        if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 9):
            raise ArgumentError("resources", "cursor", expected="one that was given", argument=cursor)
        start = int(cursor or 0)
        following = start + _PAGE
        return listed[start:following], str(following) if following < len(listed) else None

    async def templates(self) -> list[Template]:
        """The forms of IRIs: of the things below the base, and of the terms of each namespace."""
        base = self._asker.settings.base
        spaces = sorted({term.iri[: -len(_local(term.iri))] for term in await self._terms()})
        things = Template(
            base + "id/{kind}/{slug}", "thing", "A thing: what the graph says of it, and what points to it"
        )
        return [
            things,
            *(
                Template(
                    f"{space}{{term}}", _prefix(space, self._asker), "A class or property of the ontology"
                )
                for space in spaces
            ),
        ]

    async def read(self, iri: str) -> tuple[str, str] | None:
        """The media type and the text of a resource; None where the graph says nothing of it."""
        if iri == self.catalogue.iri:
            contracts = [one.describe() for one in self._asker.graph.catalogue.queries]
            return JSON, json.dumps({"queries": contracts}, ensure_ascii=False)
        try:
            thing = NamedNode(iri)
        except ValueError:
            return None
        terms = {"thing": [thing], "naming": self._asker.settings.vocabulary.label}
        question = Question(text=bind(query("thing.rq"), terms), table=None)
        _, content = await self._asker.ask(question)
        text = content.decode()
        return (TURTLE, text) if any(_is_said(line) for line in text.splitlines()) else None

    async def near(self, iri: str) -> list[str]:
        """IRIs of things whose names look like an IRI's; none of a service, which may be large."""
        if self._asker.graph.endpoint:
            return []
        words = _local(iri).replace("-", " ")[:200]
        _, found = await self._asker.perform("search", text=words, lang=self._language, limit="3")
        return [hit["iri"] for hit in found["hits"]]

    async def _terms(self) -> list[Resource]:
        words = self._asker.settings.vocabulary
        rows = await self._asker.rows("terms.rq", {"naming": words.label, "defining": words.definition})
        by_term: dict[str, list[Row]] = {}
        for row in rows:
            term = row["term"]
            assert isinstance(term, NamedNode)
            by_term.setdefault(term.value, []).append(row)
        return [
            Resource(
                iri,
                compact(iri, self._asker.settings.prefixes) or iri,
                self._best(said, "label") or _local(iri),
                self._best(said, "definition"),
            )
            for iri, said in by_term.items()
        ]

    def _best(self, rows: list[Row], name: str) -> str:
        """The text in the language of the client, else in the first of the graph's own."""
        order: Mapping[str, int] = {
            tag: rank for rank, tag in enumerate((self._language, "", *self._asker.settings.languages))
        }
        texts = {row[name] for row in rows if name in row}
        ranked = sorted(
            (order.get(text.language or "", len(order)), text.value)
            for text in texts
            if isinstance(text, Literal)
        )
        return ranked[0][1] if ranked else ""


def _is_said(line: str) -> bool:
    return bool(line.strip()) and not line.lower().startswith(("@prefix", "prefix", "@base"))


def _local(iri: str) -> str:
    return iri.replace("#", "/").rstrip("/").rpartition("/")[2] or iri


def _prefix(space: str, asker: Asker) -> str:
    known = {iri: prefix for prefix, iri in asker.settings.prefixes.items()}
    return known.get(space) or space
