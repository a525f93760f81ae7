"""Forms from the typed parameters of a saved query."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from clustergraph.catalogue import Parameter, SavedQuery
from clustergraph.errors import ArgumentError
from clustergraph.server.pages.frame.inquiry import text_of
from clustergraph.settings import Settings
from clustergraph.sparql.kinds import INTEGERS, NUMBERS
from clustergraph.terms import RDFS, XSD, NamedNode, compact
from clustergraph.workers.question import Question

# More than these are no list to choose from: one less than the LIMIT in the query files.
MOST = 200

_INPUTS = {"date": "date", "time": "time"}
_WHOLE = {*INTEGERS, XSD.gYear.value}


@dataclass(frozen=True)
class Option:
    """One of the arguments that can be chosen."""

    argument: str
    text: str
    chosen: bool = False


@dataclass(frozen=True)
class Field:
    """One parameter as a form shows it: a list to choose from, or inputs of one type.

    `sought` is the class whose things are too many for a list, and are found by a search.
    """

    name: str
    label: str
    language: str
    kind: str
    required: bool
    many: bool
    options: tuple[Option, ...] = ()
    texts: tuple[str, ...] = ("",)
    attributes: Mapping[str, str] | None = None
    error: ArgumentError | None = None
    sought: str = ""


def choices_question(declared: Parameter, settings: Settings) -> Question | None:
    """The question for what can be chosen, with all labels; None where there is no such list."""
    if declared.choices_query:
        return Question(text=declared.choices_query, graph=None)
    kind = declared.scheme or declared.class_
    if kind is None or kind == RDFS.Resource:
        return None
    file = "choices-of-class" if declared.scheme is None else "choices-of-scheme"
    text = text_of(file, {"kind": [kind], "property": settings.vocabulary.label})
    return Question(text=text, graph=None)


def choices(content: bytes, settings: Settings, language: str) -> dict[str, str] | None:
    """Each argument that can be chosen and its text, in the order of the texts; None for too many."""
    document = json.loads(content)
    first, *rest = document["head"]["vars"]
    order = [node.value for node in settings.vocabulary.label]
    labels: dict[str, list[tuple[bool, bool, int, str]]] = {}
    iris = True
    for row in document["results"]["bindings"]:
        if first not in row:
            continue
        iris = iris and row[first]["type"] == "uri"
        found = labels.setdefault(row[first]["value"], [])
        if rest and "label" in row:
            tag, place = row["label"].get("xml:lang", ""), order.index(row["property"]["value"])
            found.append(
                (tag != language, bool(tag) and tag not in settings.languages, place, row["label"]["value"])
            )
    if len(labels) > MOST:
        return None
    if not iris:
        return {text: text for text in labels}
    arguments = _arguments(labels, settings)
    texts = {arguments[iri]: min(found)[3] if found else arguments[iri] for iri, found in labels.items()}
    return dict(sorted(texts.items(), key=lambda pair: (pair[1].casefold(), pair[0])))


def fields(
    query: SavedQuery,
    given: Mapping[str, Sequence[str]],
    offered: Mapping[str, Mapping[str, str]],
    language: str,
    error: ArgumentError | None,
) -> list[Field]:
    """The fields of a query's form with what was given; `offered` are the choices by parameter."""
    return [
        _field(
            declared,
            given.get(name, declared.default),
            offered.get(name),
            language,
            error if error is not None and error.parameter == name else None,
        )
        for name, declared in query.parameters.items()
        if name != "lang"
    ]


def _field(
    declared: Parameter,
    given: Sequence[str],
    offered: Mapping[str, str] | None,
    language: str,
    error: ArgumentError | None,
) -> Field:
    label, tag = declared.name, ""
    if declared.descriptions:
        tag = language if language in declared.descriptions else next(iter(declared.descriptions))
        label = declared.descriptions[tag]
    if offered is None and declared.enum:
        offered = {text: text for text in declared.enum}
    if offered is None and declared.datatype == XSD.boolean:
        offered = {"true": "true", "false": "false"}
    if offered is not None:
        options, kind = _options(offered, given), "select"
        attributes: dict[str, str] = {}
        texts: tuple[str, ...] = ()
    else:
        options = ()
        kind, attributes = ("text", {}) if error else _input(declared)
        texts = (*given, *([""] if declared.many or not given else []))
        if declared.example:
            attributes["placeholder"] = declared.example[0]
    sought = declared.class_ if offered is None and declared.class_ != RDFS.Resource else None
    return Field(
        declared.name,
        label,
        tag,
        kind,
        declared.required,
        declared.many,
        options,
        texts,
        attributes,
        error,
        "" if sought is None else sought.value,
    )


def _options(offered: Mapping[str, str], given: Sequence[str]) -> tuple[Option, ...]:
    chosen = {_matching(text, offered) for text in given}
    options = [Option(argument, text, argument in chosen) for argument, text in offered.items()]
    # What was given and is none of them stays, so that it can be seen beside the message.
    strange = [Option(text, text, chosen=True) for text in given if _matching(text, offered) not in offered]
    return (*strange, *options)


def _matching(text: str, offered: Mapping[str, str]) -> str:
    """The option that an argument means: itself, or the one with the same local name or text."""
    if text in offered:
        return text
    local, shown = _local_name(text), text.casefold()
    named = (argument for argument in offered if _local_name(argument) == local)
    called = (argument for argument, label in offered.items() if label.casefold() == shown)
    return next(named, None) or next(called, text)


def _input(declared: Parameter) -> tuple[str, dict[str, str]]:
    attributes: dict[str, str] = {}
    if declared.pattern:
        attributes["pattern"] = declared.pattern
    datatype = declared.datatype.value if declared.datatype else ""
    if datatype not in NUMBERS | _WHOLE:
        return _INPUTS.get(datatype.removeprefix(str(XSD)), "text"), attributes
    for name, bound in (("min", declared.minimum), ("max", declared.maximum)):
        if bound is not None:
            attributes[name] = bound.value
    attributes["step"] = "1" if datatype in _WHOLE else "any"
    return "number", attributes


def _arguments(iris: Iterable[str], settings: Settings) -> dict[str, str]:
    """The shortest argument that names each IRI among the others: slug, prefixed name, or itself."""
    slugs: dict[str, list[str]] = {}
    for iri in iris:
        slugs.setdefault(_local_name(iri), []).append(iri)
    found = {}
    for slug, twins in slugs.items():
        for iri in twins:
            short = slug if len(twins) == 1 and re.fullmatch(r"[\w.~-]+", slug) else None
            found[iri] = short or compact(iri, settings.prefixes) or NamedNode(iri).value
    return found


def _local_name(text: str) -> str:
    return re.split(r"[/#:]", text.strip("<>"))[-1]
