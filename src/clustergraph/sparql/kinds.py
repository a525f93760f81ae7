"""The kinds of literals that tables have types for, and how each is read from its text."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal

from clustergraph.terms import XSD

Kind = str
"""`string`, `integer`, `decimal`, `double`, `boolean`, `date`, `dateTime`."""

_INTEGERS = (
    "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger",
    "negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte",
)  # fmt: skip
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys((f"{XSD}{name}" for name in _INTEGERS), "integer"),
    f"{XSD}decimal": "decimal",
    f"{XSD}double": "double",
    f"{XSD}float": "double",
    f"{XSD}boolean": "boolean",
    f"{XSD}date": "date",
    f"{XSD}dateTime": "dateTime",
}
"""The kind of each datatype, by its IRI; all others are strings."""

INTEGERS = frozenset(datatype for datatype, kind in KINDS.items() if kind == "integer")
NUMBERS = frozenset(d for d, kind in KINDS.items() if kind in {"integer", "decimal", "double"})
"""The datatypes of whole numbers and of all numbers, by IRI."""

READ: Mapping[Kind, Callable[[str], object]] = {
    "integer": int,
    "decimal": Decimal,
    "double": float,
    "boolean": {"true": True, "1": True, "false": False, "0": False}.__getitem__,
    "date": datetime.date.fromisoformat,
    "dateTime": datetime.datetime.fromisoformat,
}
"""The value of a lexical form, by kind; what has no value raises ArithmeticError, KeyError or ValueError."""
