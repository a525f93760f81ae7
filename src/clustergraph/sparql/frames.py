"""Rows as a data frame: a column a variable, typed where all of its literals are of one kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from clustergraph.errors import MissingLibraryError
from clustergraph.sparql.kinds import KINDS, READ
from clustergraph.terms import BlankNode, Literal, NamedNode, Term

# A data frame of a library that is optional.
Frame = Any


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
    read = READ.get(kinds.pop(), str) if len(kinds) == 1 else str
    try:
        return [None if term is None else read(_text(term)) for term in column]
    except (
        ArithmeticError,
        KeyError,
        ValueError,
    ):  # a lexical form that its datatype does not have, or a year 12000
        return [None if term is None else _text(term) for term in column]


def _kind(term: Term) -> str:
    return KINDS.get(term.datatype.value, "") if isinstance(term, Literal) else ""


def _text(term: Term) -> str:
    return term.value if isinstance(term, NamedNode | BlankNode | Literal) else str(term)
