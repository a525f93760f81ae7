"""Bounds on the size of a query or update, so that the engine's recursive parser survives it."""

from __future__ import annotations

from clustergraph.errors import QueryRefusedError
from clustergraph.sparql.terminals import Kind, Token, place, tokens

# Oxigraph's parser and planner recurse: on a stack of 8 MB the process dies from 1,000 nested
# calls or EXISTS, and from 4,000 parts in one chain; 64 nested `[…]` cost it 0.2 s, 256 over 20 s.
MAX_DEPTH = 64
MAX_PARTS = 1000

_OPENING = {"{", "(", "[", "{|", "<<", "<<("}
_CLOSING = {"}", ")", "]", "|}", ">>", ")>>"}
# What a chain is made of: each adds a level to the algebra without a bracket.
_CLAUSES = {"OPTIONAL", "UNION", "MINUS", "LATERAL", "BIND", "FILTER", "AS"}
_OPERATORS = {"+", "-", "*", "/", "||", "&&", "|", "^"}
# What each part and each level has in it, in small letters.
_IN_PARTS = tuple({part[0] for part in _OPERATORS} | {clause.lower() for clause in _CLAUSES})
_IN_LEVELS = ("{", "(", "[", "!", "<<")


def is_small(text: str) -> bool:
    """Whether a look at the characters tells that the text is within the bounds."""
    levels = sum(map(text.count, _IN_LEVELS)) - text.count("!=")
    if levels > MAX_DEPTH:
        return False
    return len(text) <= 2 * MAX_PARTS or sum(map(text.lower().count, _IN_PARTS)) <= MAX_PARTS


def bounded(text: str) -> tuple[Token, ...]:
    """The tokens of a query or update that the engine can parse without exhausting its stack.

    Raises QueryRefusedError where brackets or negations nest deeper than MAX_DEPTH, or more than
    MAX_PARTS operators and clauses are chained; QuerySyntaxError where no terminal begins.
    """
    found = []
    depth = negations = parts = 0
    for token in tokens(text):
        found.append(token)
        if token.kind is Kind.SYMBOL:
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            parts += token.text in _OPERATORS
        elif token.keyword in _CLAUSES:
            parts += 1
        negations = negations + 1 if token.text == "!" else 0
        if depth + negations > MAX_DEPTH:
            raise _refused(text, token, f"nested more than {MAX_DEPTH} deep")
        if parts > MAX_PARTS:
            raise _refused(text, token, f"of more than {MAX_PARTS} parts")
    return tuple(found)


def _refused(text: str, token: Token, size: str) -> QueryRefusedError:
    line, column = place(text, token.start)
    return QueryRefusedError(
        f"a query {size} (line {line}, column {column})", "the engine may not survive it"
    )
