"""A saved query: one file, one contract."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from clustergraph.catalogue.chart import Chart, read_chart
from clustergraph.catalogue.contract import check_parameters
from clustergraph.catalogue.declaration import read_parameters
from clustergraph.catalogue.header import read_header
from clustergraph.catalogue.parameter import Parameter
from clustergraph.errors import ArgumentError, QueryError, QuerySyntaxError, SavedQueryError, near_misses
from clustergraph.settings import Settings
from clustergraph.sparql.bind import bind
from clustergraph.sparql.query import Outline, outline
from clustergraph.store import EmbeddedStore, Store
from clustergraph.terms import Term


@dataclass(frozen=True)
class SavedQuery:
    """A question with a name; its texts are by language, its parameters by name, in file order."""

    name: str
    topic: str
    path: Path
    text: str
    form: str
    summaries: Mapping[str, str]
    descriptions: Mapping[str, str]
    tags: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    columns: tuple[str, ...]
    chart: Chart | None
    settings: Settings

    @cached_property
    def version(self) -> str:
        """The SHA-256 of the file's text, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def outline(self) -> Outline:
        """The outline of the query's text."""
        return outline(self.text)

    def summary(self, language: str) -> str:
        """The summary in the language, or in the first language of the folder."""
        return self.summaries.get(language) or next(iter(self.summaries.values()), self.name)

    def bind(self, arguments: Mapping[str, Sequence[str]], store: Store) -> str:
        """The query's text with each argument bound as a term, checked against `store`.

        Each argument is a list of texts, as it came from a command line or a URL; what is left out
        takes its default or stays unbound. Raises ArgumentError naming query, parameter, argument,
        what was expected and near misses.
        """
        # Oxigraph then filters where it can, not after all joins: a third of the time is gone. Virtuoso
        # takes more than 30 s for what else it answers in one.
        in_filters = isinstance(store, EmbeddedStore)
        return bind(self.outline, self.terms(arguments, store), in_filters=in_filters)

    def terms(self, arguments: Mapping[str, Sequence[str]], store: Store) -> dict[str, list[Term]]:
        """The terms of each variable that the arguments and the defaults bind."""
        for name in arguments:
            if name not in self.parameters:
                expected = "one of " + (", ".join(self.parameters) or "no parameters at all")
                near = near_misses(name, self.parameters)
                raise ArgumentError(self.name, name, expected=expected, near=near)
        bound: dict[str, list[Term]] = {}
        for name, parameter in self.parameters.items():
            given = [text for text in arguments.get(name, ()) if text != ""]
            if len(given) > 1 and not parameter.many:
                expected = "one argument at most"
                raise ArgumentError(self.name, name, expected=expected, argument=given[1])
            texts = given or parameter.default
            if not texts and parameter.required:
                raise ArgumentError(self.name, name, expected=f"{parameter.expected}; it is required")
            if texts:
                bound[parameter.variable] = [
                    parameter.term(self.name, text, self.settings, store) for text in texts
                ]
        return bound

    def describe(self) -> dict[str, Any]:
        """The contract as plain data: what `GET /queries` shows of a query."""
        first = self.settings.languages[0]
        described: dict[str, Any] = {"name": self.name, "topic": self.topic, "form": self.form}
        for key, texts in (("summary", self.summaries), ("description", self.descriptions)):
            for language, text in texts.items():
                described[key if language == first else f"{key}-{language}"] = text
        described["tags"] = list(self.tags)
        described["parameters"] = {
            name: parameter.describe(self.settings) for name, parameter in self.parameters.items()
        }
        described["columns"] = list(self.columns)
        if self.chart:
            described["chart"] = self.chart.describe()
        return described

    @cached_property
    def example_arguments(self) -> dict[str, list[str]]:
        """The arguments that the declarations give as examples."""
        return {name: list(p.example) for name, p in self.parameters.items() if p.example}


def read_saved_query(path: Path, name: str, topic: str, settings: Settings) -> SavedQuery:
    """The saved query in a file.

    Raises SavedQueryError, with the line, where the header or the query breaks the contract.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SavedQueryError(path, 0, f"cannot be read as UTF-8: {error}") from error
    header = read_header(path, text)
    parsed = _parse(path, text)
    parameters = {p.name: p for p in read_parameters(header, parsed, settings)}
    check_parameters(path, parsed, parameters.values())
    tags = header.entries.get("tags") or []
    return SavedQuery(
        name=name,
        topic=topic,
        path=path,
        text=text,
        form=parsed.form,
        summaries=header.texts("summary", settings.languages),
        descriptions=header.texts("description", settings.languages),
        tags=tuple(str(tag) for tag in (tags if isinstance(tags, list) else [tags])),
        parameters=parameters,
        columns=parsed.projection,
        chart=read_chart(header, parsed),
        settings=settings,
    )


def _parse(path: Path, text: str) -> Outline:
    """The outline of a query that the engine's own parser takes."""
    try:
        parsed = outline(text)
    except QueryError as error:
        line = error.line if isinstance(error, QuerySyntaxError) else 0
        raise SavedQueryError(path, line, str(error)) from error
    try:
        EmbeddedStore().query(text)
    except QuerySyntaxError as error:
        # Without a line it is a function that this engine does not know; a remote one may.
        if error.line:
            raise SavedQueryError(path, error.line, str(error)) from error
    except QueryError as error:
        raise SavedQueryError(path, 0, str(error)) from error
    return parsed
