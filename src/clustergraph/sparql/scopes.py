"""Scopes: a query and its subselects, each by itself, and whether it keeps terms of a variable apart."""

from __future__ import annotations

from dataclasses import dataclass

from clustergraph.sparql.query import AGGREGATES, Outline
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
