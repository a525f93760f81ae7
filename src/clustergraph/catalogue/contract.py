"""What a query must keep so that `VALUES` in each group means the binding of a parameter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from clustergraph.catalogue.parameter import Parameter
from clustergraph.errors import SavedQueryError
from clustergraph.sparql.bind import innermost, mentions
from clustergraph.sparql.query import AGGREGATES, Group, Outline
from clustergraph.sparql.terminals import Token, place


def check_parameters(path: Path, query: Outline, parameters: Iterable[Parameter]) -> None:
    """Raise SavedQueryError, with the line, for a parameter that is assigned or cannot be bound.

    A parameter may not stand in a MINUS; one with many arguments must be projected by each
    subselect that mentions it, and grouped by where HAVING mentions it.
    """
    variables = {parameter.variable: parameter for parameter in parameters}
    for index, group in innermost(query):
        token = query.tokens[index]
        if token.variable in variables:
            problem = _problem(query, index, group, many=variables[token.variable].many)
            if problem:
                line, _ = place(query.text, token.start)
                raise SavedQueryError(path, line, f"parameter ?{token.variable} {problem}")
    for parameter in variables.values():
        if parameter.many and (subselect := _unprojected(query, parameter.variable)):
            line, _ = place(query.text, subselect.start)
            raise SavedQueryError(
                path, line,
                f"parameter ?{parameter.variable} takes many arguments, "
                "but a subselect mentions it without projecting it",
            )  # fmt: skip


def _problem(query: Outline, index: int, group: Group | None, *, many: bool) -> str:
    if query.tokens[index - 1].keyword == "AS":
        return "is assigned here; a parameter is only read"
    if _is_in_minus(group):
        return "stands in a MINUS, where it cannot be bound; write FILTER NOT EXISTS"
    for back in range(index - 1, -1, -1):
        token = query.tokens[back]
        if token.keyword == "VALUES":
            return "is assigned here by VALUES; a parameter is only read"
        if not (token.variable or token.text == "("):
            break
    # A single term is written in its place there; several cannot be.
    if many and _is_ungrouped(query, index, group):
        return "takes many arguments where only grouped variables are seen; add it to GROUP BY"
    return ""


def _is_in_minus(group: Group | None) -> bool:
    while group is not None and group.kind != "MINUS":
        group = group.parent
    return group is not None


def _is_ungrouped(query: Outline, index: int, group: Group | None) -> bool:
    """Whether the variable at `index` is read after grouping without being grouped by.

    After GROUP BY, HAVING and ORDER BY see only grouped variables and aggregates (SPARQL 1.1 §11.4).
    """
    if group is not None and not group.subselect:
        return False
    clause, start = "", 0
    grouped: set[str] | None = None
    for at, token in _level(query, group):
        if token.keyword in {"SELECT", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"}:
            if at > index:
                break
            clause, start = token.keyword, at
            grouped = set() if clause == "GROUP" else grouped
        elif clause == "GROUP" and grouped is not None:
            grouped.add(token.variable)
    if clause not in {"HAVING", "ORDER"} or (grouped is None and clause == "ORDER"):
        return False
    return query.tokens[index].variable not in (grouped or ()) and not _is_aggregated(query, start, index)


def _level(query: Outline, group: Group | None) -> Iterator[tuple[int, Token]]:
    """The tokens of a SELECT outside of its groups, with their places."""
    children = query.groups if group is None else group.children
    inside = {at for child in children for at in range(child.opening, child.closing + 1)}
    first, last = (0, len(query.tokens)) if group is None else (group.opening, group.closing)
    return ((at, query.tokens[at]) for at in range(first, last) if at not in inside)


def _is_aggregated(query: Outline, start: int, index: int) -> bool:
    """Whether one of the brackets around `index` is that of an aggregate."""
    open_calls: list[str] = []
    for at in range(start, index):
        if query.tokens[at].text == "(":
            open_calls.append(query.tokens[at - 1].keyword)
        elif query.tokens[at].text == ")":
            open_calls.pop()
    return bool(AGGREGATES.intersection(open_calls))


def _unprojected(query: Outline, variable: str) -> Token | None:
    """The first mention of the variable in a subselect that does not project it."""
    for group, mentioned in mentions(query):
        parent = group.parent
        if variable in mentioned and parent is not None and parent.subselect:
            head = query.tokens[parent.opening : group.opening]
            names = [token for token in head if token.variable == variable or token.text == "*"]
            if not names:
                return query.tokens[group.opening]
    return None
