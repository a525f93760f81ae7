"""The comments of a Turtle document, and the part of it that each one speaks of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from clustergraph.folder.turtle import Collection, Directive, Entry, Node, Properties, Statement
from clustergraph.sparql.terminals import Token, tokens

_COMMENT = re.compile(r"#[^\r\n]*")
_BLANK = re.compile(r"[ \t]*\r?\n[ \t]*\r?\n")
_PUNCTUATION = {",", ";", "."}


@dataclass(frozen=True, slots=True)
class _Part:
    """A statement, an entry, or one of several objects: what may have a comment above it."""

    start: int
    end: int


@dataclass
class Comments:
    """The comments of a document: before and after its statements, and by the start of a part."""

    header: list[str] = field(default_factory=list)
    footer: list[str] = field(default_factory=list)
    by_part: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    def of(self, start: int) -> list[str]:
        """The comments of the part that starts at an offset, in order."""
        return self.by_part.get(start, [])


def comments(text: str, items: list[Statement | Directive]) -> Comments:
    """Each comment of the document, with what it speaks of.

    One behind something on its line speaks of that; one on its own line of what comes next. Those
    above the first statement are the file's own, except for the lines right above it.
    """
    found = Comments()
    statements = [item for item in items if isinstance(item, Statement)]
    first = statements[0].start if statements else len(text)
    for before, comment, after in _gaps(text):
        trailing = before is not None and "\n" not in text[before.end : comment.start()]
        line = comment.group().rstrip()
        if comment.start() < first:
            directive = before is None and any(isinstance(item, Directive) for item in items)
            alone = directive or trailing or not statements
            if not alone and _right_above(text, comment.end(), first):
                found.by_part[first].append(line)
            else:
                found.header.append(line)
                if _BLANK.match(text, comment.end()):
                    found.header.append("")
        elif after is None and not trailing:
            found.footer.append(line)
        elif (part := _part(statements, before, after, trailing=trailing)) is not None:
            found.by_part[part].append(line)
        else:  # beside a directive between statements, which goes to the top
            found.header.append(line)
    while found.header and not found.header[-1]:
        found.header.pop()
    return found


def _gaps(text: str) -> Iterator[tuple[Token | None, re.Match[str], Token | None]]:
    """Each comment between the token before it and the one after it.

    Of the tokens before, the last that is no punctuation: what a comment behind a `;` speaks of.
    """
    before: Token | None = None
    end = 0
    for token in tokens(text, turtle=True):
        for comment in _COMMENT.finditer(text, end, token.start):
            yield before, comment, token
        if token.text not in _PUNCTUATION or before is None:
            before = token
        end = token.end
    for comment in _COMMENT.finditer(text, end):
        yield before, comment, None


def _right_above(text: str, end: int, start: int) -> bool:
    """Whether nothing but comment lines stand between two offsets."""
    lines = text[end:start].split("\n")[1:]
    return all(line.lstrip().startswith("#") for line in lines[:-1]) and not lines[-1].strip()


def _part(
    statements: list[Statement], before: Token | None, after: Token | None, *, trailing: bool
) -> int | None:
    token = before if trailing or after is None or after.text in {*_PUNCTUATION, "]", ")"} else after
    if token is None:
        return None
    around = [s for s in statements if s.start <= token.start < s.end]
    parts = [part for s in around for part in _parts(s) if part.start <= token.start < part.end]
    return max((part.start for part in parts), default=None)


def _parts(statement: Statement) -> Iterator[_Part]:
    yield _Part(statement.start, statement.end)
    if not isinstance(statement.subject, Collection):
        yield from _inner(statement.subject)
    for entry in statement.entries:
        yield from _of_entry(entry)


def _of_entry(entry: Entry) -> Iterator[_Part]:
    yield _Part(entry.predicate.start, entry.objects[-1].end)
    for object in entry.objects:
        if len(entry.objects) > 1:
            yield _Part(object.start, object.end)
        yield from _inner(object)


def _inner(node: Node) -> Iterator[_Part]:
    if isinstance(node, Properties):
        for entry in node.entries:
            yield from _of_entry(entry)
    elif isinstance(node, Collection):
        for item in node.items:
            yield _Part(item.start, item.end)
            yield from _inner(item)
