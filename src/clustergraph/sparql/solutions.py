"""The solutions behind an answer: what it is projected, grouped, ordered and cut from."""

from __future__ import annotations

from collections.abc import Iterator

from clustergraph.sparql.bind import mentions
from clustergraph.sparql.query import Group, Outline, outline
from clustergraph.sparql.scopes import Scope, scopes


def solutions_behind(query: Outline, variable: str) -> Outline | None:
    """The query for the solutions that the answers to a query are made of, for each term of a variable.

    Bound to many terms it gives the solutions of each, side by side: where these do not change, no
    answer for one of the terms does, which a count over all of them together could hide. None for a
    query whose answers rest on more: EXISTS outside of WHERE, FROM, DESCRIBE, a variable that the WHERE
    does not mention, or a subselect that mixes its terms.

    >>> query = outline("SELECT (COUNT(?s) AS ?n) { ?s a ?class } ORDER BY ?n")
    >>> solutions_behind(query, "class").text
    'SELECT * { ?s a ?class }'
    """
    wheres = [group for group in query.groups if group.kind not in {"TEMPLATE", "VALUES"}]
    if len(wheres) != 1 or query.form == "DESCRIBE" or query.from_graphs is not None:
        return None
    (where,) = wheres
    if any(_mixes(query, group, scope, variable) for group, scope in _subselects(query)):
        return None
    form = next(token for token in query.tokens if token.keyword == query.form)
    body = query.text[query.tokens[where.opening].start : query.tokens[where.closing].end]
    found = outline(f"{query.text[: form.start]}SELECT * {body}")
    top = found.groups[0]
    is_bound = any(group is top and variable in names for group, names in mentions(found))
    return found if is_bound else None


def _subselects(query: Outline) -> Iterator[tuple[Group, Scope]]:
    groups = (group for top in query.groups for group in top.walk() if group.subselect)
    return zip(groups, scopes(query)[1:], strict=True)


def _mixes(query: Outline, group: Group, scope: Scope, variable: str) -> bool:
    """Whether a subselect, or one in it, mentions the variable and does not return each term's rows apart."""
    is_mentioned = any(token.variable == variable for token in query.tokens[group.opening : group.closing])
    return is_mentioned and not (variable in scope.projection and scope.keeps_apart(variable))
