"""Pre-binding (SHACL appendix A): where a query takes its focus nodes, and whether in one batch.

The rule of `clustergraph.sparql.bind` holds: what binds a variable is put first in every group
graph pattern that mentions it. In a batch that is the pattern that selects all focus nodes, which
needs no name for a blank node; one node at a time it is `VALUES`, or for a blank node a link from
a working graph.
"""

from __future__ import annotations

from collections.abc import Mapping

from clustergraph.sparql.bind import mentions
from clustergraph.sparql.query import Group, Outline, outline
from clustergraph.sparql.scopes import Scope, scopes


def without_ungrouped(query: Outline, variables: set[str]) -> str:
    """The query, in which selections that are one group no longer return the pre-bound variables.

    `SELECT $this (COUNT(?x) AS ?n)` without GROUP BY is what shapes say, and no SPARQL. Run for one
    focus node at a time the variable is known, and the count may be of nothing.
    """
    cuts: list[tuple[int, int, str]] = []
    for scope in scopes(query):
        if not scope.is_one_group:
            continue
        select = next((i for i, token in enumerate(scope.tokens) if token.keyword == "SELECT"), None)
        if select is None:
            continue
        head = scope.tokens[select + 1 : _where(scope)]
        depth, dropped = 0, []
        for token in head:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth == 0 and token.variable in variables:
                dropped.append(token)
        cuts += [(token.start, token.end, "") for token in dropped]
        if dropped and not any(token.text == "(" for token in head):
            cuts.append((dropped[0].start, dropped[0].start, "(true AS ?clustergraph)"))
    text = query.text
    for start, end, put in sorted(cuts, reverse=True):
        text = text[:start] + put + text[end:]
    return text


def is_batchable(query: Outline, *variables: str) -> bool:
    """Whether one run over all focus nodes gives the solutions of one run for each of them.

    Not so where a subselect counts, cuts or leaves out over all of them together, where the
    query does not return the focus node, or reads a named graph (the pattern of the targets is
    about the default graph).
    """
    top, *inner = scopes(query)
    stars = any(token.text == "*" for token in top.tokens[: _where(top)])
    if query.form == "SELECT" and not stars and not set(variables) <= set(top.projection):
        return False
    if any(group.kind == "GRAPH" for start in query.groups for group in start.walk()):
        return False
    return all(scope.keeps_apart(name) for scope in (top, *inner) for name in variables)


def _where(scope: Scope) -> int:
    return next((i for i, token in enumerate(scope.tokens) if token.text == "{"), len(scope.tokens))


def prebound(query: str | Outline, patterns: Mapping[tuple[str, ...], str]) -> str:
    """The query with each pattern first in the groups that mention one of its variables.

    The keys name the variables that a pattern binds together; the outermost WHERE takes every
    pattern, whether it mentions them or not.
    """
    parsed = outline(query) if isinstance(query, str) else query
    found = {group.opening: names for group, names in mentions(parsed)}
    top = _outermost(parsed)
    found.setdefault(top.opening, set())
    insertions = {
        parsed.tokens[opening].end: "".join(
            f" {pattern}"
            for names, pattern in patterns.items()
            if opening == top.opening or mentioned.intersection(names)
        )
        for opening, mentioned in found.items()
    }
    text = parsed.text
    for offset in sorted(insertions, reverse=True):
        text = text[:offset] + insertions[offset] + text[offset:]
    return text


def _outermost(query: Outline) -> Group:
    return next(group for group in query.groups if group.kind in {"WHERE", ""} and not group.subselect)
