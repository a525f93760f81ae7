"""Statements of a Turtle document found by their subject, without reading the document.

A walk over 50,000 triples takes a second. In a document whose tokens each stand on one line and whose
directives all stand at its head, a name is a subject where the token before it ends a statement; that
is seen from the lines around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property

from clustergraph.errors import QuerySyntaxError
from clustergraph.folder.names import Names
from clustergraph.folder.turtle import Directive, GrammarError, Statement, UnreadSyntaxError, statements
from clustergraph.sparql.terminals import Token, tokens

# What may stand on several lines, or hide a name.
_NOT_PLAIN = ('"""', "'''", "\\")
# What changes the meaning of names on the way.
_WORDS = ("prefix", "base", "version")
_DIRECTIVE = re.compile(r"@(?:prefix|base|version)\b|\bprefix\s+\S*:\s*<|\bbase\s*<|\bversion\s*[\"']")


class PlainTurtle:
    """A Turtle document, asked for the statements about one subject after the other."""

    def __init__(self, text: str, base: str) -> None:
        self._text = text
        self._base = base

    @cached_property
    def is_plain(self) -> bool:
        """Whether its statements can be found by their subjects."""
        if any(sign in self._text for sign in _NOT_PLAIN):
            return False
        try:
            directives, end = self._head
        except (GrammarError, UnreadSyntaxError, QuerySyntaxError):
            return False
        rest = self._text[end:].lower()  # a pattern that heeds no case is slower than this by far
        changes = any(word in rest for word in _WORDS) and _DIRECTIVE.search(rest)
        return not changes and not any(directive.keyword == "BASE" for directive in directives)

    def about(self, iri: str) -> list[Statement]:
        """The statements about a subject, names in them resolved; the document is plain."""
        found = list[Statement]()
        for offset in self._subjects(iri):
            # Spaces keep the offsets of what follows them.
            items = statements(" " * offset + self._text[offset:])
            with suppress(GrammarError, UnreadSyntaxError, QuerySyntaxError):
                found += Names(self._head[0]).resolved([*self._head[0], next(items)], base=self._base)
        return found

    @cached_property
    def _head(self) -> tuple[list[Directive], int]:
        """The directives at the head, and the offset behind them."""
        found, end = list[Directive](), 0
        for item in statements(self._text):
            if not isinstance(item, Directive):
                break
            found.append(item)
            end = item.end
        return found, end

    def _subjects(self, iri: str) -> Iterator[int]:
        """The offsets at which the name is the subject of a statement."""
        spaces = {directive.prefix: directive.iri for directive in self._head[0]}
        written = [
            f"<{iri}>",
            *(f"{p}:{iri[len(s) :]}" for p, s in spaces.items() if s and iri.startswith(s)),
        ]
        for found in re.finditer("|".join(map(re.escape, written)), self._text):
            if self._is_subject(found.start(), found.end()):
                yield found.start()

    def _is_subject(self, start: int, end: int) -> bool:
        line = self._text.rfind("\n", 0, start) + 1
        before: Token | None = None
        for token in self._tokens(line):
            if token.start + line == start and token.end + line == end:
                break
            before = token
        else:
            return False  # it stands in a string or a comment
        while before is None and line > 0:
            line = self._text.rfind("\n", 0, line - 1) + 1
            before = next(reversed(self._tokens(line)), None)
        return before is None or before.text == "." or line + before.end <= self._head[1]

    def _tokens(self, line: int) -> list[Token]:
        """The tokens of the line that starts at an offset."""
        end = self._text.find("\n", line)
        return list(tokens(self._text[line : end if end >= 0 else len(self._text)], turtle=True))
