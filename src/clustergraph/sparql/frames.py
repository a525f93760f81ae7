"""Rows as a data frame: a column a variable, typed where all of its literals are of one kind."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from clustergraph.errors import MissingLibraryError
from clustergraph.terms import XSD, BlankNode, Literal, NamedNode, Term

# A data frame of a library that is optional.
Frame = Any

_INTEGERS = (
    "integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger", "unsignedLong",
    "unsignedInt", "unsignedShort", "unsignedByte", "nonPositiveInteger", "negativeInteger",
)  # fmt: skip
_KINDS: Mapping[str, str] = {
    **dict.fromkeys((f"{XSD}{name}" for name in _INTEGERS), "integer"),
    f"{XSD}decimal": "decimal",
    f"{XSD}double": "double",
    f"{XSD}float": "double",
    f"{XSD}boolean": "boolean",
    f"{XSD}date": "date",
    f"{XSD}dateTime": "dateTime",
}
_READ: Mapping[str, Callable[[str], object]] = {
    "integer": int,
    "decimal": Decimal,
    "double": float,
    "boolean": lambda text: text in {"true", "1"},
    "date": datetime.date.fromisoformat,
    "dateTime": datetime.datetime.fromisoformat,
}


def frame(variables: Sequence[str], rows: Iterable[Sequence[Term | None]]) -> Frame:
    """A pandas data frame of Arrow's types; needs pandas and pyarrow.

    Numbers, truth values and dates are typed where a column holds literals of one kind alone, and are
    text as written otherwise. A column with language tags has one beside it, `<name>_language`.
    Raises MissingLibraryError where a library is not installed.
    """
    try:
        import pandas as pd  # noqa: PLC0415  # an optional dependency
        import pyarrow as pa  # noqa: PLC0415
    except ImportError as error:
        raise MissingLibraryError("pandas and pyarrow", "pandas") from error
    columns: dict[str, object] = {}
    for name, column in zip(variables, zip(*rows, strict=True), strict=True) if (rows := list(rows)) else ():
        columns[name] = pa.array(_cells(column))
        if any(isinstance(term, Literal) and term.language for term in column):
            tags = [term.language if isinstance(term, Literal) else None for term in column]
            columns[f"{name}_language"] = pa.array(tags)
    if not rows:
        columns = {name: pa.array([], pa.string()) for name in variables}
    return pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype)


def _cells(column: Sequence[Term | None]) -> list[object]:
    kinds = {_kind(term) for term in column if term is not None}
    read = _READ.get(kinds.pop(), str) if len(kinds) == 1 else str
    try:
        return [None if term is None else read(_text(term)) for term in column]
    except (ArithmeticError, ValueError):  # a lexical form that its datatype does not have, or a year 12000
        return [None if term is None else _text(term) for term in column]


def _kind(term: Term) -> str:
    return _KINDS.get(term.datatype.value, "") if isinstance(term, Literal) else ""


def _text(term: Term) -> str:
    return term.value if isinstance(term, NamedNode | BlankNode | Literal) else str(term)
