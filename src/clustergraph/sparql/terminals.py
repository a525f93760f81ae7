"""The terminals of SPARQL 1.1/1.2 and Turtle: text to tokens, each with its place.

The two languages share nearly all of their terminals (SPARQL 1.1 §19.8, Turtle §6.5). The one
that needs context is `<`, which opens an IRI or a triple term in a pattern and compares in an
expression; the scanner therefore knows in which of the two it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from typing import NamedTuple

from clustergraph.errors import QuerySyntaxError


class Kind(Enum):
    """The kind of a terminal."""

    IRI = "IRI"
    PREFIXED_NAME = "prefixed name"
    BLANK_NODE = "blank node"
    VARIABLE = "variable"
    STRING = "string"
    NUMBER = "number"
    LANGUAGE = "language tag"
    WORD = "word"
    SYMBOL = "symbol"


class Token(NamedTuple):
    """A terminal as written, from offset `start` to `end` of its text."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def keyword(self) -> str:
        """The word in capitals, or the empty string where this is no word."""
        return self.text.upper() if self.kind is Kind.WORD else ""

    @property
    def variable(self) -> str:
        """The name of a variable without its mark, or the empty string."""
        return self.text[1:] if self.kind is Kind.VARIABLE else ""


# Character classes of names: SPARQL 1.1 §19.8, [164] to [169].
_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_REST = "_0-9\u00b7\u0300-\u036f\u203f-\u2040"
_EXACT_CLASSES = {
    "prefix": f"[{_BASE}]",
    "first": f"[{_BASE}_0-9]",
    "local": f"[{_BASE}_0-9:]",
    "variable": f"[{_BASE}{_REST}]",
    "inner": f"[{_BASE}{_REST}-]",
    "local_inner": f"[{_BASE}{_REST}:-]",
    "behind_dot": rf"[{_BASE}{_REST}:%\\-]",
}
# The same for ASCII, and whatever is beyond it. These compile in 1 ms, the exact ones in 20 ms, which
# are spent only on a text with such a character in a name.
_ROUGH_CLASSES = {
    "prefix": r"[^\x00-@\[-`{-\x7f]",
    "first": r"[^\x00-/:-@\[-^`{-\x7f]",
    "local": r"[^\x00-/;-@\[-^`{-\x7f]",
    "variable": r"[^\x00-/:-@\[-^`{-\x7f]",
    "inner": r"[^\x00-,./:-@\[-^`{-\x7f]",
    "local_inner": r"[^\x00-,./;-@\[-^`{-\x7f]",
    "behind_dot": r"[^\x00-$&-,./;-@\[\]-^`{-\x7f]",
}
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_ESCAPE = r"\\(?:[tbnrf\\\"']|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"
_UCHAR = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"


def _terminal(classes: Mapping[str, str]) -> re.Pattern[str]:
    """The pattern of a terminal, whose kind is the name of the group; the first that matches wins.

    Possessive repeats keep a hostile text from costing more than one pass.
    """
    inner, local_inner = classes["inner"], classes["local_inner"]
    patterns = {
        Kind.IRI: rf"<(?:[^\x00-\x20<>\"{{}}|^`\\]|{_UCHAR})*+>",
        Kind.STRING: (
            rf"\"\"\"(?:[^\"\\]|{_ESCAPE}|\"(?!\"\"))*+\"\"\""
            rf"|'''(?:[^'\\]|{_ESCAPE}|'(?!''))*+'''"
            rf"|\"(?!\"\")(?:[^\"\\\n\r]|{_ESCAPE})*+\"|'(?!'')(?:[^'\\\n\r]|{_ESCAPE})*+'"
        ),
        Kind.BLANK_NODE: rf"_:{classes['first']}(?:{inner}|\.+(?={inner}))*+",
        Kind.PREFIXED_NAME: (
            rf"(?:{classes['prefix']}(?:{inner}|\.+(?={inner}))*+)?+:"
            rf"(?:(?:{classes['local']}|{_PLX})"
            rf"(?:{local_inner}|{_PLX}|\.+(?={classes['behind_dot']}))*+)?+"
        ),
        Kind.VARIABLE: rf"[?$]{classes['first']}{classes['variable']}*+",
        Kind.LANGUAGE: "@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)?",
        Kind.NUMBER: r"(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)[eE][+-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+",
        Kind.WORD: "[A-Za-z_][A-Za-z0-9_]*+",
        Kind.SYMBOL: r"\{\||\|\}|<<\(|\)>>|<<|>>|\^\^|&&|\|\||<=|>=|!=|[{}()\[\].,;*/+|^?!=<>~-]",
    }
    return re.compile("|".join(f"(?P<{kind.name}>{pattern})" for kind, pattern in patterns.items()))


_ROUGH = _terminal(_ROUGH_CLASSES)
_NAMES = {Kind.BLANK_NODE.name, Kind.PREFIXED_NAME.name, Kind.VARIABLE.name}


@cache
def _exact() -> re.Pattern[str]:
    return _terminal(_EXACT_CLASSES)


def _match(text: str, offset: int) -> re.Match[str] | None:
    """The terminal at the offset; names beyond ASCII are looked at again."""
    found = _ROUGH.match(text, offset)
    if found and (found.lastgroup not in _NAMES or found.group().isascii()):
        return found
    return _exact().match(text, offset)


_SKIPPED = re.compile(r"(?:[ \t\r\n]++|#[^\r\n]*+)*+")
_COMPARISON = re.compile("<=?")
_KINDS = {kind.name: kind for kind in Kind}

_OPERANDS = {
    Kind.IRI, Kind.PREFIXED_NAME, Kind.BLANK_NODE, Kind.VARIABLE, Kind.STRING, Kind.NUMBER,
    Kind.LANGUAGE,
}  # fmt: skip
_OPENING = {"{": "pattern", "[": "pattern", "{|": "pattern", "<<": "pattern", "<<(": "pattern"}
_CLOSING = {"}", "]", ")", "|}", ">>", ")>>"}
# Words before `(` in a pattern that do not open an expression: the bracket is a list.
_NOT_FUNCTIONS = {"", "A", "TRUE", "FALSE", "VALUES", "UNDEF"}


def place(text: str, offset: int) -> tuple[int, int]:
    """The line and column of an offset, both counted from 1."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - text.rfind("\n", 0, offset)


class _Context:
    """Tells pattern from expression: the kinds of the open brackets, outermost first.

    `query` is the level of a SELECT with its modifiers, where every bracket but that of VALUES
    opens an expression; `pattern` holds terms, paths and groups; `expression` compares.
    """

    def __init__(self) -> None:
        self.levels = ["query"]
        self.last: Token | None = None
        self.before: Token | None = None

    @property
    def after_operand(self) -> bool:
        """Whether a `<` here compares: inside an expression and right behind an operand."""
        last = self.last
        if self.levels[-1] != "expression" or last is None:
            return False
        if last.kind is Kind.SYMBOL:
            return last.text in _CLOSING
        return last.kind in _OPERANDS or last.keyword in {"TRUE", "FALSE"}

    def push(self, token: Token) -> None:
        """Take note of the next token."""
        text = token.text
        if token.kind is Kind.SYMBOL:
            if text == "(":
                self.levels.append("expression" if self._opens_expression() else "pattern")
            elif text in _OPENING:
                self.levels.append(_OPENING[text])
            elif text in _CLOSING and len(self.levels) > 1:
                self.levels.pop()
        elif token.keyword == "SELECT" and self.last is not None and self.last.text == "{":
            self.levels[-1] = "query"
        self.before, self.last = self.last, token

    def _opens_expression(self) -> bool:
        level = self.levels[-1]
        word = self.last.keyword if self.last else ""
        if level == "query":
            return word != "VALUES"
        if level == "expression" or word not in _NOT_FUNCTIONS:
            return True
        called = self.last is not None and self.last.kind in {Kind.IRI, Kind.PREFIXED_NAME}
        return called and self.before is not None and self.before.keyword == "FILTER"


def tokens(text: str, *, turtle: bool = False, start: int = 0) -> Iterator[Token]:
    """The terminals of SPARQL or, with `turtle`, of a Turtle or TriG document, in order, from an offset on.

    Comments and white space are passed over. Raises QuerySyntaxError, with line and column, at
    the first character that begins no terminal: also at a code-point escape outside of strings
    and IRIs, which SPARQL 1.1 §19.2 allows and clustergraph refuses, and at a `<` that compares
    where the longest token would be an IRI (§19.8 note 3; W3C's test syn-bad-26).

    >>> [token.text for token in tokens("ASK { ?a <b#c> 1.5 FILTER(?a<?b) } # <")]
    ['ASK', '{', '?a', '<b#c>', '1.5', 'FILTER', '(', '?a', '<', '?b', ')', '}']
    """
    context = _Context()
    offset = start
    while True:
        if skipped := _SKIPPED.match(text, offset):
            offset = skipped.end()
        if offset == len(text):
            return
        found = _match(text, offset)
        if found is None:
            raise _unknown(text, offset)
        if text[offset] == "<" and context.after_operand:
            if found.lastgroup == Kind.IRI.name:
                problem = f"{found.group()!r} reads as an IRI; put a space behind its '<'"
                raise QuerySyntaxError(problem, *place(text, offset))
            found = _COMPARISON.match(text, offset) or found
        kind = _KINDS[found.lastgroup] if found.lastgroup else Kind.SYMBOL
        token = Token(kind, found.group(), offset, found.end())
        if not turtle:
            context.push(token)
        yield token
        offset = token.end


def _unknown(text: str, offset: int) -> QuerySyntaxError:
    if text[offset] in "\"'":
        problem = "a string that does not end or holds an escape that SPARQL does not know"
    elif text[offset] == "\\":
        problem = "an escape outside of strings, IRIs and local names"
    else:
        problem = f"unexpected character {text[offset]!r}"
    return QuerySyntaxError(problem, *place(text, offset))
