"""Pre-binding (SHACL appendix A): where a query takes its focus nodes, and whether in one batch.

The rule of `clustergraph.sparql.bind` holds: what binds a variable is put first in every group
graph pattern that mentions it. In a batch that is the pattern that selects all focus nodes, which
needs no name for a blank node; one node at a time it is `VALUES`, or for a blank node a link from
a working graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clustergraph.sparql.bind import mentions
from clustergraph.sparql.query import AGGREGATES, Group, Outline, outline
from clustergraph.sparql.terminals import Token

_ENDS_GROUP_BY = {"HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"}


@dataclass(frozen=True, slots=True)
class Scope:
    """A SELECT, or the whole query: its own tokens, without those of the subselects in it."""

    tokens: tuple[Token, ...]

    @property
    def variables(self) -> frozenset[str]:
        """The variables that it mentions itself."""
        return frozenset(token.variable for token in self.tokens if token.variable)

    @property
    def projection(self) -> tuple[str, ...]:
        """The variables that it returns; empty for `SELECT *`."""
        found: list[str] = []
        depth = 0
        start = next((i for i, token in enumerate(self.tokens) if token.keyword == "SELECT"), None)
        for index in range(start + 1 if start is not None else len(self.tokens), len(self.tokens)):
            token = self.tokens[index]
            if (token.keyword in {"WHERE", "FROM"} or token.text in {"{", "*"}) and depth == 0:
                break
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if token.variable and (depth == 0 or (depth == 1 and self.tokens[index - 1].keyword == "AS")):
                found.append(token.variable)
        return tuple(found)

    @property
    def is_one_group(self) -> bool:
        """Whether it aggregates over all its solutions, without GROUP BY."""
        words = {token.keyword for token in self.tokens}
        return bool(words & (AGGREGATES | {"HAVING"})) and "GROUP" not in words

    def keeps_apart(self, variable: str) -> bool:
        """Whether its solutions for many terms of the variable are those for each, side by side."""
        words = {token.keyword for token in self.tokens}
        if words & {"LIMIT", "OFFSET"}:
            return False
        if words & AGGREGATES or words & {"GROUP", "HAVING"}:
            return variable in self._grouping()
        return True

    def _grouping(self) -> set[str]:
        """The variables of GROUP BY that stand alone, not within an expression."""
        found: set[str] = set()
        depth, inside = 0, False
        for token in self.tokens:
            if token.keyword == "GROUP":
                inside = True
            elif token.keyword in _ENDS_GROUP_BY or token.text == "}":
                inside = False
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if inside and depth == 0 and token.variable:
                found.add(token.variable)
        return found


def scopes(query: Outline) -> list[Scope]:
    """The query itself, then each subselect in it."""
    groups = [group for top in query.groups for group in top.walk() if group.subselect]
    opening = {group.opening: group for group in groups}
    stack: list[list[Token]] = [[]]
    found = [stack[0]]
    closing: list[int] = []
    for index, token in enumerate(query.tokens):
        if group := opening.get(index):
            stack.append([])
            found.append(stack[-1])
            closing.append(group.closing)
        elif closing and closing[-1] == index:
            closing.pop()
            stack.pop()
        else:
            stack[-1].append(token)
    return [Scope(tuple(tokens)) for tokens in found]


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
