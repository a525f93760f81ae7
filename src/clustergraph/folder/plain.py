"""Statements of a Turtle document found by their subject, or told apart, without reading the document.

A walk over 50,000 triples takes a second. In a document whose tokens each stand on one line and whose
directives all stand at its head, a name is a subject where the token before it ends a statement; that
is seen from the lines around it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property

from clustergraph.errors import QuerySyntaxError
from clustergraph.folder.names import Names
from clustergraph.folder.turtle import Directive, GrammarError, Statement, UnreadSyntaxError, statements
from clustergraph.sparql.terminals import Kind, Token, tokens

# What may stand on several lines.
_LONG = ('"""', "'''")
# What changes the meaning of names on the way.
_WORDS = (b"prefix", b"base", b"version")
_DIRECTIVE = re.compile(rb"@(?:prefix|base|version)\b|\bprefix\s+\S*:\s*<|\bbase\s*<|\bversion\s*[\"']")
# What may make blank nodes, whose labels come of all that stands before them.
_BLANK = ("[", "(", "_:", "<<", "{|", "~")
# To look for one name takes about a hundredth of the time in which all subjects are listed.
_MANY = 50


class PlainTurtle:
    """A Turtle document, asked for the statements about one subject after the other."""

    def __init__(self, text: str, base: str) -> None:
        self._text = text
        self._base = base
        self._asked = 0
        # What is asked of a subject is often asked together.
        self._last: tuple[str, list[Statement]] = ("", [])

    @cached_property
    def is_plain(self) -> bool:
        """Whether its statements can be found by their subjects."""
        return self._is_lined and "\\" not in self._text  # an escape may hide a name

    @cached_property
    def _is_lined(self) -> bool:
        """Whether each token stands on one line, and all directives at the head."""
        if any(sign in self._text for sign in _LONG):
            return False
        try:
            directives, end = self._head
        except (GrammarError, UnreadSyntaxError, QuerySyntaxError):
            return False
        # Letters of all scripts take ten times as long to be made small as bytes do.
        rest = self._text[end:].encode("utf-8", errors="surrogatepass").lower()
        changes = any(word in rest for word in _WORDS) and _DIRECTIVE.search(rest)
        return not changes and not any(directive.keyword == "BASE" for directive in directives)

    def about(self, iri: str) -> list[Statement]:
        """The statements about a subject, names in them resolved; the document is plain."""
        if self._last[0] != iri:
            found = list[Statement]()
            for offset in self._subjects(iri):
                items = statements(self._text, start=offset)
                with suppress(GrammarError, UnreadSyntaxError, QuerySyntaxError):
                    found += self._names.resolved([next(items)], base=self._base)
            self._last = iri, found
        return self._last[1]

    def speaks_of(self, iri: str) -> bool:
        """Whether there are statements about a subject; the document is plain."""
        return any(True for _ in self._subjects(iri))

    def apart(self, other: PlainTurtle) -> tuple[str, str] | None:
        """Of each of two documents the statements that the other does not have, below its directives.

        None where these do not mean what they mean in their document: where it is not plain, has other
        directives, or where blank nodes would be counted otherwise.
        """
        if not (self._is_lined and other._is_lined):
            return None
        head = self._text[: self._head[1]]
        if head != other._text[: other._head[1]]:
            return None
        old, new = (_parts(document._text[len(head) :]) for document in (self, other))
        common = set(old).intersection(new)
        if _blank_among(old, common) != _blank_among(new, common):
            return None
        only_old, only_new = ([part for part in parts if part not in common] for parts in (old, new))
        return head + "".join(only_old), head + "".join(only_new)

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

    @cached_property
    def _spaces(self) -> Mapping[str, str]:
        return {directive.prefix: directive.iri for directive in self._head[0]}

    @cached_property
    def _names(self) -> Names:
        return Names(self._head[0])

    def _subjects(self, iri: str) -> Iterable[int]:
        """The offsets at which the name is the subject of a statement."""
        self._asked += 1
        spaces = self._spaces.items()
        written = [f"<{iri}>", *(f"{p}:{iri[len(s) :]}" for p, s in spaces if s and iri.startswith(s))]
        if self._asked > _MANY:
            return sorted(offset for name in written for offset in self._starts.get(name, ()))
        found = (start for name in written for start in self._mentions(name))
        return sorted(
            start for start, end in ((start, end) for start, end in found) if self._is_subject(start, end)
        )

    @cached_property
    def _starts(self) -> Mapping[str, list[int]]:
        """Where statements begin, by the text of their first token."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        offset, begins = self._head[1], True
        with suppress(QuerySyntaxError):  # what stands before it is found all the same
            for line in self._text[offset:].split("\n"):
                if begins or "." in line:
                    for token in tokens(line, turtle=True):
                        if begins:
                            found[token.text].append(offset + token.start)
                        begins = token.text == "."
                offset += len(line) + 1
        return found

    def _mentions(self, name: str) -> Iterator[tuple[int, int]]:
        start = self._text.find(name)
        while start >= 0:
            yield start, start + len(name)
            start = self._text.find(name, start + 1)

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


def _parts(text: str) -> list[str]:
    """The text in parts of whole statements: a dot that ends a line, and no comment, ends a statement.

    White space before them is left out.
    """
    *ended, rest = text.split(".\n")
    found, begun = list[str](), list[str]()
    for piece in ended:
        begun.append(f"{piece}.\n")
        if "#" not in piece[piece.rfind("\n") + 1 :]:
            found.append("".join(begun).lstrip())
            begun = []
    return [*found, "".join([*begun, rest])]


def _blank_among(parts: Iterable[str], common: Container[str]) -> list[str]:
    """The parts that may make blank nodes; those that only one document has are looked at closely."""
    suspect = (part for part in parts if any(sign in part for sign in _BLANK))
    return [part for part in suspect if part in common or _makes_blank(part)]


def _makes_blank(part: str) -> bool:
    try:
        found = list(tokens(part, turtle=True))
    except QuerySyntaxError:
        return True
    return any(token.text in _BLANK or token.kind is Kind.BLANK_NODE for token in found)
