"""grlc's conventions: placeholders in variable names, `defaults` and `enumerate` in the header.

A folder of queries written for grlc (`?_name`, `?__name`, `?_name_iri`, `?_name_xsd_date`, …) is
thereby served as it is. Source: grlc's README, section “Parameter mapping”.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from clustergraph.catalogue import literals
from clustergraph.catalogue.header import Header
from clustergraph.catalogue.parameter import Parameter
from clustergraph.settings import Settings
from clustergraph.sparql.query import Outline
from clustergraph.terms import RDFS, XSD, NamedNode

_PLACEHOLDER = re.compile(r"_(?P<optional>_)?(?P<name>[A-Za-z0-9]+)(?:_(?P<type>[A-Za-z0-9_-]+))?")
# BASIL, from which grlc took the syntax, names these without a prefix.
_BARE_TYPES = {
    "int": "int", "integer": "integer", "string": "string", "boolean": "boolean",
    "double": "double", "long": "long", "decimal": "decimal", "float": "float", "anyURI": "anyURI",
    "date": "date", "dateTime": "dateTime", "gYear": "gYear", "gMonth": "gMonth",
    "number": "decimal", "literal": "string",
}  # fmt: skip


def placeholders(query: Outline, header: Header, settings: Settings) -> tuple[Parameter, ...]:
    """A parameter for each placeholder of the query, in the order of their variables.

    Raises SavedQueryError for a placeholder whose type is not known.
    """
    defaults = _named(header, "defaults")
    enumerations = _named(header, "enumerate")
    found = []
    for variable in sorted(query.variables):
        match = _PLACEHOLDER.fullmatch(variable)
        if not match:
            continue
        name = match["name"]
        enum = enumerations.get(name)
        found.append(
            Parameter(
                name=name,
                variable=variable,
                enum=tuple(str(entry) for entry in enum) if isinstance(enum, list) else (),
                choices_query=_values_of(query, variable) if name in enumerations and not enum else None,
                default=(str(defaults[name]),) if name in defaults else (),
                required=not match["optional"] and name not in defaults,
                **_type(match["type"], variable, header, settings),
            )
        )
    return tuple(found)


def _type(written: str | None, variable: str, header: Header, settings: Settings) -> dict[str, Any]:
    if written is None:
        return {"datatype": XSD.string}
    if written == "iri":
        return {"class_": RDFS.Resource}
    if written in _BARE_TYPES:
        return {"datatype": XSD[_BARE_TYPES[written]]}
    prefix, separator, local = written.partition("_")
    if separator:
        # The prefix may be declared in the query only; xsd is the one whose types are checked.
        datatype = NamedNode(settings.prefixes.get(prefix, str(XSD)) + local)
        if literals.is_supported(datatype):
            return {"datatype": datatype}
    elif re.fullmatch(r"[a-z]{2,3}(?:-[A-Za-z0-9]+)*", written):
        return {"language": written}
    raise header.error("parameters", f"?{variable}: {written!r} is no type that grlc knows")


def _named(header: Header, key: str) -> dict[str, Any]:
    """The list of `- name: entry` that grlc writes, where a bare `- name` stands for no entry."""
    entries = header.entries.get(key) or []
    if isinstance(entries, dict):
        return {str(name): entry for name, entry in entries.items()}
    if not isinstance(entries, Iterable) or isinstance(entries, str):
        raise header.error(key, "expected a list of `- name: …`")
    named: dict[str, Any] = {}
    for entry in entries:
        named |= entry if isinstance(entry, dict) else {str(entry): None}
    return {_plain(name): value for name, value in named.items()}


def _plain(name: str) -> str:
    match = _PLACEHOLDER.fullmatch(name.lstrip("?$"))
    return match["name"] if match else name


def _values_of(query: Outline, variable: str) -> str:
    """A query for the distinct values that the variable takes in the query's own pattern.

    Filters are left out, as grlc does: they wait for the arguments of the other placeholders.
    """
    where = next(group for group in query.groups if group.kind == "WHERE")
    pattern, index = [], where.opening
    while index <= where.closing:
        if query.tokens[index].keyword == "FILTER":
            index = _end_of_filter(query, index)
        else:
            pattern.append(query.tokens[index].text)
            index += 1
    prologue = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in query.prefixes.items())
    return f"{prologue}SELECT DISTINCT ?{variable} WHERE {' '.join(pattern)}"


def _end_of_filter(query: Outline, index: int) -> int:
    """The place behind the constraint of the FILTER at `index`: a bracket, a call, or EXISTS."""
    depth = 0
    while True:
        index += 1
        text = query.tokens[index].text
        depth += text in {"(", "{"}
        depth -= text in {")", "}"}
        if depth == 0 and text in {")", "}"}:
            return index + 1
