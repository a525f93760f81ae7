"""The engine's complaint about a text that is not SPARQL, in words that a reader can act on."""

from __future__ import annotations

import re

from clustergraph.errors import QueryRefusedError, QuerySyntaxError
from clustergraph.sparql.query import outline
from clustergraph.sparql.terminals import Kind, place

_PLACE = re.compile(r"^error at (\d+):(\d+): expected (?:one of )?(.*)$", re.DOTALL)
# The engine lists every character class that could have stood there; what a reader wants is the
# keywords, the signs and the sentences.
_CLASS = re.compile(r"\[(?:_|'(?:[^\]\n]|\n)*?)\](?=,|\n|$)(?:\n\| ?)?")


def syntax_error(error: SyntaxError, text: str) -> QuerySyntaxError:
    """The error to raise for what the engine says of `text`."""
    return _by_terminals(text) or _by_engine(str(error), text)


def _by_terminals(text: str) -> QuerySyntaxError | None:
    """What the terminals tell: an open string or brace, a prefix that is not declared."""
    try:
        query = outline(text)
    except QuerySyntaxError as problem:
        return problem
    except QueryRefusedError:  # an update
        return None
    for index, token in enumerate(query.tokens):
        prefix = token.text.partition(":")[0]
        declared = query.tokens[index - 1].keyword == "PREFIX" or prefix in query.prefixes
        if token.kind is Kind.PREFIXED_NAME and not declared:
            return QuerySyntaxError(f"the prefix {prefix}: is not declared", *place(text, token.start))
    return None


def _by_engine(message: str, text: str) -> QuerySyntaxError:
    found = _PLACE.match(message)
    if not found:
        return QuerySyntaxError(message)
    line, column = int(found[1]), int(found[2])
    parts = [part for part in re.split(r",\s+", _CLASS.sub("", found[3]).strip(" ,\n|")) if part.strip()]
    if sentences := [part for part in parts if re.match(r"[A-Z][a-zA-Z]* [a-z]|The ", part)]:
        return QuerySyntaxError(sentences[0], line, column)
    rows = text.split("\n")
    rest = rows[line - 1][column - 1 :].split() if line <= len(rows) else []
    problem = f"unexpected {rest[0][:30]!r}" if rest else "unexpected end"
    if signs := [part for part in parts if part.startswith('"')]:
        problem += f"; expected {' or '.join(signs)}, among others"
    return QuerySyntaxError(problem, line, column)
