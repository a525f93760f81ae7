"""One page of a SELECT: LIMIT and OFFSET written where the grammar has them (SPARQL 1.1 §18.2.5)."""

from __future__ import annotations

from clustergraph.errors import ArgumentError
from clustergraph.sparql.query import Outline, outline


def page_of(query: str, name: str, *, offset: int, limit: int) -> str:
    """The query with `limit` rows from `offset` on; `name` is the saved query's, for the message.

    Raises ArgumentError where it is no SELECT, or has a LIMIT or OFFSET of its own.
    """
    parsed = outline(query)
    if parsed.form != "SELECT":
        raise ArgumentError(name, "page", expected=f"no page: a {parsed.form} query has none")
    end = len(query)
    for index in _outer(parsed):
        keyword = parsed.tokens[index].keyword
        if keyword in {"LIMIT", "OFFSET"}:
            raise ArgumentError(name, "page", expected="no page: the query has a LIMIT of its own")
        if keyword == "VALUES":
            end = parsed.tokens[index].start
    return f"{query[:end]}\nLIMIT {limit:d} OFFSET {offset:d}\n{query[end:]}"


def _outer(parsed: Outline) -> list[int]:
    """The tokens behind the WHERE of the outermost SELECT that stand in no braces."""
    where = next(group for group in parsed.groups if group.kind == "WHERE")
    found, depth = [], 0
    for index in range(where.closing + 1, len(parsed.tokens)):
        text = parsed.tokens[index].text
        depth += (text == "{") - (text == "}")
        if not depth:
            found.append(index)
    return found
