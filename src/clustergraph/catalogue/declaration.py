"""Parameters as a header declares them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clustergraph.catalogue import grlc, literals
from clustergraph.catalogue.header import Header
from clustergraph.catalogue.parameter import KEYS, Parameter
from clustergraph.errors import SavedQueryError
from clustergraph.settings import Settings
from clustergraph.sparql.query import Outline
from clustergraph.terms import XSD, Literal, NamedNode, expand

# The variable that asks for labels in one language; every query that mentions it takes `lang`.
LANGUAGE_VARIABLE = "lang"


def read_parameters(header: Header, query: Outline, settings: Settings) -> list[Parameter]:
    """The parameters of a query: those declared, else grlc's placeholders; and `lang`, if mentioned.

    Raises SavedQueryError, with the line, for a declaration that cannot be kept.
    """
    declared = [
        _parameter(_entry(header, name, said, settings))
        for name, said in header.mapping("parameters").items()
    ]
    if not declared:
        declared = list(grlc.placeholders(query, header, settings))
    for parameter in declared:
        if parameter.variable not in query.variables:
            raise header.error("parameters", f"the query does not mention ?{parameter.variable}")
    names = {parameter.name for parameter in declared}
    if LANGUAGE_VARIABLE in query.variables and LANGUAGE_VARIABLE not in names:
        declared.append(
            Parameter(
                name=LANGUAGE_VARIABLE,
                variable=LANGUAGE_VARIABLE,
                datatype=XSD.string,
                enum=settings.languages,
                default=settings.languages[:1],
                descriptions={"en": "The language of labels", "ja": "ラベルの言語"},
            )
        )
    return declared


@dataclass(frozen=True)
class _Entry:
    """What a header says of one parameter; errors name the parameter and have the header's line."""

    header: Header
    name: str
    said: Mapping[str, Any]
    settings: Settings

    def error(self, problem: str) -> SavedQueryError:
        """The error to raise about this parameter."""
        return self.header.error("parameters", f"{self.name}: {problem}")

    def iri(self, key: str) -> NamedNode | None:
        """The IRI under `key`, which may be a prefixed name; None where there is none."""
        written = self.said.get(key)
        if written is None:
            return None
        iri = expand(str(written), self.settings.prefixes) or str(written).strip("<>")
        if ":" not in iri or iri.partition(":")[0] in {"", "_"}:
            raise self.error(f"{key}: expected an IRI or prefixed name, got {written!r}")
        try:
            return NamedNode(iri)
        except ValueError as error:
            raise self.error(f"{key}: {written!r} is no IRI") from error

    def datatype(self) -> NamedNode | None:
        """The datatype; raises SavedQueryError for one that arguments cannot have."""
        datatype = self.iri("datatype")
        if datatype is not None and not literals.is_supported(datatype):
            known = ", ".join(f"xsd:{local}" for local in literals.LEXICAL_FORMS)
            raise self.error(f"datatype {datatype.value}; expected one of {known}")
        return datatype

    def pattern(self) -> str | None:
        """The regular expression for arguments, None where there is none."""
        if self.said.get("pattern") is None:
            return None
        pattern = str(self.said["pattern"])
        try:
            re.compile(pattern)
        except re.error as error:
            raise self.error(f"pattern {pattern!r}: {error}") from error
        return pattern

    def bound(self, key: str, datatype: NamedNode | None) -> Literal | None:
        """The least or the greatest argument, None where there is none."""
        if self.said.get(key) is None:
            return None
        found = None if datatype is None else literals.literal(str(self.said[key]), datatype)
        if found is None:
            raise self.error(f"{key}: {self.said[key]!r} is not of its datatype")
        return found

    def descriptions(self) -> dict[str, str]:
        """The descriptions by language; the plain one is in the first language of the graph."""
        languages = self.settings.languages
        found = {language: self.said.get(f"description-{language}") for language in languages}
        found[languages[0]] = found[languages[0]] or self.said.get("description")
        return {language: str(text) for language, text in found.items() if text}


def _entry(header: Header, name: str, said: Any, settings: Settings) -> _Entry:
    """The entry of a parameter; raises SavedQueryError for what is no mapping of known keys."""
    if not isinstance(said, dict):
        raise header.error("parameters", f"{name}: expected a mapping such as {{ datatype: xsd:gYear }}")
    entry = _Entry(header, name, said, settings)
    for key in said:
        if key not in KEYS and not str(key).startswith("description-"):
            raise entry.error(f"unknown key {key!r}; expected {', '.join(sorted(KEYS))}")
    return entry


def _parameter(entry: _Entry) -> Parameter:
    said, enum = entry.said, entry.said.get("enum")
    datatype, class_ = entry.datatype(), entry.iri("class")
    scheme = entry.iri("enum") if isinstance(enum, str) else None
    language = said.get("language")
    if sum(part is not None for part in (class_, scheme, datatype, language)) > 1:
        raise entry.error("expected one of class, datatype, language, enum")
    if class_ is None and scheme is None and language is None:
        datatype = datatype or XSD.string
    return Parameter(
        name=entry.name,
        variable=entry.name,
        class_=class_,
        scheme=scheme,
        datatype=datatype,
        language=None if language is None else str(language),
        pattern=entry.pattern(),
        minimum=entry.bound("min", datatype),
        maximum=entry.bound("max", datatype),
        enum=tuple(str(text) for text in enum) if isinstance(enum, list) else (),
        default=_texts(said.get("default")),
        required=bool(said.get("required", False)),
        many=bool(said.get("many", False)),
        example=_texts(said.get("example")),
        descriptions=entry.descriptions(),
    )


def _texts(entry: Any) -> tuple[str, ...]:
    if entry is None:
        return ()
    return tuple(_text(part) for part in (entry if isinstance(entry, list) else [entry]))


def _text(entry: Any) -> str:
    # YAML reads `true`, which Python writes `True`; dates come back in ISO 8601 by `str`.
    return str(entry).lower() if isinstance(entry, bool) else str(entry)
