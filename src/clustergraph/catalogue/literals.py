"""Arguments for parameters with a datatype: lexical forms, canonical forms and order."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

import pyoxigraph as ox

from clustergraph.terms import XSD, DefaultGraph, Literal, NamedNode, Quad

_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_YEAR = r"-?(?:[1-9]\d{3,}|0\d{3})"
_MONTH = r"(?:0[1-9]|1[0-2])"
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"

# XML Schema 1.1 part 2, §3.3 and §3.4: the lexical form of each datatype and an example of it.
LEXICAL_FORMS: dict[str, tuple[str, str]] = {
    "string": (r"(?s:.*)", "a text"),
    "boolean": (r"true|false|1|0", "true or false"),
    "integer": (r"[+-]?\d+", "a whole number"),
    "nonNegativeInteger": (r"\+?\d+|-0+", "a whole number, 0 or more"),
    "positiveInteger": (r"\+?0*[1-9]\d*", "a whole number, 1 or more"),
    "int": (r"[+-]?\d+", "a whole number"),
    "long": (r"[+-]?\d+", "a whole number"),
    "decimal": (r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", "a number such as 0.5"),
    "double": (
        r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN",
        "a number such as 1.5e9",
    ),
    "float": (r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN", "a number"),
    "date": (rf"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}", "a date such as 2007-04-01"),
    "dateTime": (
        rf"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}",
        "a date and time such as 2007-04-01T09:00:00",
    ),
    "time": (rf"{_TIME}{_ZONE}", "a time such as 09:00:00"),
    "gYear": (rf"{_YEAR}{_ZONE}", "a year such as 2007"),
    "gYearMonth": (rf"{_YEAR}-{_MONTH}{_ZONE}", "a month such as 2007-04"),
    "gMonth": (rf"--{_MONTH}{_ZONE}", "a month such as --04"),
    "anyURI": (r"\S+", "an IRI"),
}
_XSD = str(XSD)


def is_supported(datatype: NamedNode) -> bool:
    """Whether arguments of this datatype can be checked."""
    return datatype.value.removeprefix(_XSD) in LEXICAL_FORMS and datatype.value.startswith(_XSD)


def expectation(datatype: NamedNode) -> str:
    """What an argument of the datatype looks like, in words."""
    return LEXICAL_FORMS[datatype.value.removeprefix(_XSD)][1]


def literal(text: str, datatype: NamedNode) -> Literal | None:
    """The literal in the form in which the store keeps it, or None where `text` is not of the type.

    >>> literal("007", XSD.integer)
    <Literal value=7 datatype=<NamedNode value=http://www.w3.org/2001/XMLSchema#integer>>
    """
    name = datatype.value.removeprefix(_XSD)
    if not re.fullmatch(LEXICAL_FORMS[name][0], text, re.ASCII):
        return None
    if name == "date" and not _is_day(text):
        return None
    scratch = ox.Store()
    node = NamedNode("urn:argument")
    scratch.add(Quad(node, node, Literal(text, datatype=datatype), DefaultGraph()))
    stored = next(iter(scratch)).object
    assert isinstance(stored, Literal)
    return stored


def order(term: Literal) -> Decimal | str:
    """A value to compare with others of the same datatype by: a number, or the text of a date.

    Years, months, dates and times order as their texts do, for years of four digits.
    """
    try:
        return Decimal(term.value)
    except ArithmeticError:
        return term.value


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text.removeprefix("-")[:10])
    except ValueError:
        return False
    return True
