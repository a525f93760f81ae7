"""Literals as written and as stored, and which of them their datatype allows.

Oxigraph stores the value of a literal: `"01"^^xsd:int` comes back as `"1"^^xsd:integer`,
`"450001.00"` as `"450001"`. What speaks of spelling or datatype asks
`Written` for the source's own form.
"""

from __future__ import annotations

import re
from datetime import date

from clustergraph.terms import XSD, Literal, NamedNode, Term


def as_stored(_subject: Term, _predicate: NamedNode, stored: Term) -> tuple[Literal, ...]:
    """The stored literal itself: where nobody kept what was written."""
    return (stored,) if isinstance(stored, Literal) else ()


_BOUNDS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
INTEGERS = frozenset(f"{XSD}{name}" for name in _BOUNDS)

_ZONE = r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
_YEAR = r"-?(?:[1-9]\d{3,}|0\d{3})"
_TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_DAYS = r"(?:0[1-9]|[12]\d|3[01])"
_MONTHS = r"(?:0[1-9]|1[0-2])"
_DAY_TIME = r"(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
_FORMS = {
    "integer": r"[+-]?\d+",
    "boolean": r"true|false|1|0",
    "decimal": r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)",
    "double": r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN",
    "float": r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN",
    "dateTime": rf"{_YEAR}-{_MONTHS}-{_DAYS}T{_TIME}{_ZONE}",
    "dateTimeStamp": rf"{_YEAR}-{_MONTHS}-{_DAYS}T{_TIME}{_ZONE[:-1]}",
    "date": rf"{_YEAR}-{_MONTHS}-{_DAYS}{_ZONE}",
    "time": rf"{_TIME}{_ZONE}",
    "gYear": rf"{_YEAR}{_ZONE}",
    "gYearMonth": rf"{_YEAR}-{_MONTHS}{_ZONE}",
    "gMonth": rf"--{_MONTHS}{_ZONE}",
    "gMonthDay": rf"--(?:{_MONTHS}-(?:0[1-9]|[12]\d)|(?:0[13-9]|1[0-2])-30|(?:0[13578]|1[02])-31){_ZONE}",
    "gDay": rf"---{_DAYS}{_ZONE}",
    "duration": rf"-?P(?=.)(?:\d+Y)?(?:\d+M)?{_DAY_TIME}",
    "dayTimeDuration": rf"-?P(?=.){_DAY_TIME}",
    "yearMonthDuration": r"-?P(?=.)(?:\d+Y)?(?:\d+M)?",
    "hexBinary": r"(?:[0-9a-fA-F]{2})*",
    "base64Binary": r"(?:(?:[A-Za-z0-9+/] ?){4})*(?:(?:[A-Za-z0-9+/] ?){2}= ?=|(?:[A-Za-z0-9+/] ?){3}=)?",
    "language": r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
}
_PATTERNS = {f"{XSD}{name}": re.compile(form, re.ASCII) for name, form in _FORMS.items()}
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_CALENDAR = {XSD.date.value, XSD.dateTime.value, XSD.dateTimeStamp.value}

# The datatypes whose literals Oxigraph stores by value; those of Oxigraph's own names come back so.
STORED_BY_VALUE = tuple(
    f"{XSD}{name}"
    for name in (
        "integer", "decimal", "double", "float", "boolean", "dateTime", "date", "time", "gYear", "gYearMonth",
        "gMonth", "gMonthDay", "gDay", "duration", "dayTimeDuration", "yearMonthDuration",
    )
)  # fmt: skip
_REWRITTEN = frozenset(STORED_BY_VALUE) | INTEGERS | {XSD.dateTimeStamp.value}


def may_be_rewritten(literal: Literal) -> bool:
    """Whether the store may give the literal back in another form than it was written."""
    return literal.datatype.value in _REWRITTEN


def is_well_typed(literal: Literal) -> bool:
    """Whether the lexical form is one that the datatype allows; unknown datatypes allow all.

    >>> is_well_typed(Literal("300", datatype=XSD.byte))
    False
    """
    datatype, form = literal.datatype.value, literal.value
    if datatype in INTEGERS:
        return _is_integer(form, datatype)
    pattern = _PATTERNS.get(datatype)
    if pattern is None:
        return True
    # Whitespace around the form is collapsed first (XML Schema part 2, §4.3.6).
    form = form.strip(" \t\n\r")
    return bool(pattern.fullmatch(form)) and (datatype not in _CALENDAR or _is_day(form))


def lexical_form(datatype: NamedNode) -> str:
    """The regular expression that tells all literals of a datatype that are well-typed.

    The empty string where there is none: unknown datatypes, and those that need a calendar.
    """
    name = datatype.value.removeprefix(str(XSD))
    if datatype.value in _CALENDAR or name == datatype.value or "(?=" in _FORMS.get(name, "(?="):
        return ""
    # The engine's `\d` knows the digits of all scripts, and literals may have space around them.
    form = _FORMS[name].replace(r"\d", "[0-9]")
    return rf"^[ \t\n\r]*(?:{form})[ \t\n\r]*$"


def _is_integer(form: str, datatype: str) -> bool:
    form = form.strip(" \t\n\r")
    if not _INTEGER.fullmatch(form) or len(form) > 4000:  # int() refuses longer text
        return bool(_INTEGER.fullmatch(form)) and datatype == XSD.integer.value
    low, high = _BOUNDS[datatype.removeprefix(str(XSD))]
    number = int(form)
    return (low is None or number >= low) and (high is None or number <= high)


def _is_day(form: str) -> bool:
    """Whether a date that has the right form is one of the calendar."""
    year, month, day = form.lstrip("-").split("-")[:3]
    try:
        # 400 Gregorian years repeat, so that any year has a stand-in that `date` knows.
        date(int(year) % 400 + 400, int(month), int(day[:2]))
    except ValueError:
        return False
    return True


def matches_datatype(literal: Literal, datatype: NamedNode) -> bool:
    """Whether the literal has the datatype and a form that it allows (SHACL §4.1.2)."""
    return literal.datatype == datatype and is_well_typed(literal)


def is_derived(datatype: NamedNode) -> bool:
    """Whether the store gives literals of the datatype back as those of its base datatype."""
    return datatype.value in _REWRITTEN and datatype.value not in STORED_BY_VALUE


def may_match_datatype(stored: Literal, datatype: NamedNode) -> bool:
    """Whether a stored literal can come from one that has the derived datatype."""
    base = XSD.integer if datatype.value in INTEGERS else XSD.dateTime
    return stored.datatype == base and is_well_typed(Literal(stored.value, datatype=datatype))
