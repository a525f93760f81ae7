"""Parameters as a header declares them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from clustergraph.catalogue import grlc, literals
from clustergraph.catalogue.header import Header
from clustergraph.catalogue.parameter import KEYS, Parameter
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
        _parameter(header, name, entry, settings) for name, entry in header.mapping("parameters").items()
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


def _parameter(header: Header, name: str, entry: Any, settings: Settings) -> Parameter:
    if not isinstance(entry, dict):
        raise header.error("parameters", f"{name}: expected a mapping such as {{ datatype: xsd:gYear }}")
    for key in entry:
        if key not in KEYS and not str(key).startswith("description-"):
            raise header.error(
                "parameters", f"{name}: unknown key {key!r}; expected {', '.join(sorted(KEYS))}"
            )
    datatype = _iri(header, name, entry, "datatype", settings)
    if datatype is not None and not literals.is_supported(datatype):
        known = ", ".join(f"xsd:{local}" for local in literals.LEXICAL_FORMS)
        raise header.error("parameters", f"{name}: datatype {datatype.value}; expected one of {known}")
    enum = entry.get("enum")
    scheme = _iri(header, name, entry, "enum", settings) if isinstance(enum, str) else None
    class_ = _iri(header, name, entry, "class", settings)
    language = entry.get("language")
    if sum(part is not None for part in (class_, scheme, datatype, language)) > 1:
        raise header.error("parameters", f"{name}: expected one of class, datatype, language, enum")
    if class_ is None and scheme is None and language is None:
        datatype = datatype or XSD.string
    return Parameter(
        name=name,
        variable=name,
        class_=class_,
        scheme=scheme,
        datatype=datatype,
        language=None if language is None else str(language),
        pattern=_pattern(header, name, entry),
        minimum=_bound(header, name, entry, "min", datatype),
        maximum=_bound(header, name, entry, "max", datatype),
        enum=tuple(str(text) for text in enum) if isinstance(enum, list) else (),
        default=_texts(entry.get("default")),
        required=bool(entry.get("required", False)),
        many=bool(entry.get("many", False)),
        example=_texts(entry.get("example")),
        descriptions=_descriptions(entry, settings),
    )


def _iri(
    header: Header, name: str, entry: Mapping[str, Any], key: str, settings: Settings
) -> NamedNode | None:
    written = entry.get(key)
    if written is None:
        return None
    iri = expand(str(written), settings.prefixes) or str(written).strip("<>")
    if ":" not in iri or iri.partition(":")[0] in {"", "_"}:
        raise header.error("parameters", f"{name}: {key}: expected an IRI or prefixed name, got {written!r}")
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise header.error("parameters", f"{name}: {key}: {written!r} is no IRI") from error


def _pattern(header: Header, name: str, entry: Mapping[str, Any]) -> str | None:
    if entry.get("pattern") is None:
        return None
    pattern = str(entry["pattern"])
    try:
        re.compile(pattern)
    except re.error as error:
        raise header.error("parameters", f"{name}: pattern {pattern!r}: {error}") from error
    return pattern


def _bound(
    header: Header, name: str, entry: Mapping[str, Any], key: str, datatype: NamedNode | None
) -> Literal | None:
    if entry.get(key) is None:
        return None
    found = None if datatype is None else literals.literal(str(entry[key]), datatype)
    if found is None:
        raise header.error("parameters", f"{name}: {key}: {entry[key]!r} is not of its datatype")
    return found


def _texts(entry: Any) -> tuple[str, ...]:
    if entry is None:
        return ()
    return tuple(_text(part) for part in (entry if isinstance(entry, list) else [entry]))


def _text(entry: Any) -> str:
    # YAML reads `true`, which Python writes `True`; dates come back in ISO 8601 by `str`.
    return str(entry).lower() if isinstance(entry, bool) else str(entry)


def _descriptions(entry: Mapping[str, Any], settings: Settings) -> dict[str, str]:
    found = {language: entry.get(f"description-{language}") for language in settings.languages}
    found[settings.languages[0]] = found[settings.languages[0]] or entry.get("description")
    return {language: str(text) for language, text in found.items() if text}
