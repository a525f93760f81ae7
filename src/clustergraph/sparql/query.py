"""The outline of a query: its form, prefixes, dataset, groups and variables, without evaluating it.

Found on the terminals alone, so that a query can be judged (is it an update, does it call a
service, which groups mention a variable) before any engine sees it. The engine's own parser has
the last word on syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from clustergraph.errors import QueryRefusedError, QuerySyntaxError
from clustergraph.sparql.bounds import bounded
from clustergraph.sparql.terminals import Kind, Token, place

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
AGGREGATES = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
_PATTERNS = {"WHERE", "OPTIONAL", "UNION", "MINUS", "EXISTS", "LATERAL"}
_NAMES = {Kind.IRI, Kind.PREFIXED_NAME, Kind.VARIABLE}
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_UCHAR = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_UPDATES = {
    "INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH",
}  # fmt: skip
# Functions whose answer differs from call to call; an answer that used one is never cached.
_VOLATILE = {"NOW", "RAND", "UUID", "STRUUID", "BNODE"}


@dataclass(slots=True)
class Group:
    """A group graph pattern: the tokens from index `opening` to `closing`, braces included.

    `kind` is the keyword that it belongs to (`WHERE`, `OPTIONAL`, `UNION`, `MINUS`, `LATERAL`,
    `EXISTS`, `GRAPH`, `SERVICE`), or the empty string for a plain one; `TEMPLATE` and `VALUES` for
    braces that hold no pattern. The braces of a `subselect` are no group either: its WHERE is.
    """

    kind: str
    opening: int
    closing: int = -1
    subselect: bool = False
    parent: Group | None = None
    children: list[Group] = field(default_factory=list)

    @property
    def is_pattern(self) -> bool:
        """Whether the braces hold a group graph pattern."""
        return not self.subselect and self.kind not in {"TEMPLATE", "VALUES"}

    def walk(self) -> Iterator[Group]:
        """This group and all below it, outermost first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Outline:
    """What the terminals of a query tell; `base` is the last BASE, or the empty string."""

    text: str
    tokens: tuple[Token, ...]
    form: str
    prefixes: Mapping[str, str]
    groups: tuple[Group, ...]
    base: str = ""

    @cached_property
    def projection(self) -> tuple[str, ...]:
        """The variables that a SELECT projects, in order; empty for `*` and the other forms."""
        if self.form != "SELECT":
            return ()
        start = next(i for i, token in enumerate(self.tokens) if token.keyword == "SELECT")
        return tuple(_projected(self.tokens, start))

    def declarations(self, prefixes: Mapping[str, str]) -> str:
        """Declarations, on one line, of those of the prefixes that it uses without one."""
        used = {token.text.partition(":")[0] for token in self.tokens if token.kind is Kind.PREFIXED_NAME}
        missing = sorted(prefix for prefix in used - set(self.prefixes) if prefix in prefixes)
        return "".join(f"PREFIX {prefix}: <{prefixes[prefix]}> " for prefix in missing)

    @cached_property
    def variables(self) -> frozenset[str]:
        """The names of all variables in the query."""
        return frozenset(token.variable for token in self.tokens if token.variable)

    @cached_property
    def services(self) -> tuple[Token, ...]:
        """What each SERVICE calls: an IRI, a prefixed name or a variable."""
        found = []
        for index, token in enumerate(self.tokens):
            if token.keyword == "SERVICE":
                rest = [t for t in self.tokens[index + 1 : index + 3] if t.keyword != "SILENT"]
                found.append(rest[0] if rest else token)
        return tuple(found)

    @cached_property
    def from_graphs(self) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """The IRIs of FROM and of FROM NAMED, or None where the query has no dataset clause."""
        default: list[str] = []
        named: list[str] = []
        for index, token in enumerate(self.tokens):
            if token.keyword != "FROM":
                continue
            target = self.tokens[index + 1 : index + 3]
            if target and target[0].keyword == "NAMED":
                named.append(self.iri(target[-1]))
            elif target:
                default.append(self.iri(target[0]))
        return (tuple(default), tuple(named)) if default or named else None

    @cached_property
    def is_volatile(self) -> bool:
        """Whether the same query may answer differently on the same data."""
        return bool(self.services) or any(t.keyword in _VOLATILE for t in self.tokens)

    def iri(self, token: Token) -> str:
        """The absolute IRI of an IRI or prefixed name; raises QuerySyntaxError where it is none."""
        if token.kind is Kind.IRI:
            found = resolve(unescape_iri(token.text[1:-1]), self.base)
            if _ABSOLUTE.match(found):
                return found
            raise _error(self.text, token, f"the relative IRI {token.text} has no BASE")
        prefix, colon, local = token.text.partition(":")
        if token.kind is Kind.PREFIXED_NAME and colon and prefix in self.prefixes:
            return self.prefixes[prefix] + local.replace("\\", "")
        raise _error(self.text, token, f"expected an IRI, found {token.text!r}")


@contextmanager
def declared(declarations: str) -> Iterator[None]:
    """A context whose syntax errors speak of a query without the declarations before its first line."""
    try:
        yield
    except QuerySyntaxError as error:
        shift = len(declarations) if error.line == 1 else 0
        raise QuerySyntaxError(error.problem, error.line, error.column - shift) from error


def unescape_iri(text: str) -> str:
    r"""The IRI with its `\u` and `\U` escapes read; one that names no character stays.

    >>> unescape_iri(r"http://example.com/\u00e9")
    'http://example.com/é'
    """
    return _UCHAR.sub(_character, text)


def resolve(iri: str, base: str) -> str:
    """The IRI against a base as the engine resolves it (RFC 3987 §6.5); itself without a base."""
    if not base or _ABSOLUTE.match(iri):
        return iri
    try:
        triple = next(iter(ox.parse(f"<{iri}> a <x:x> .", format=ox.RdfFormat.TURTLE, base_iri=base)))
    except (SyntaxError, ValueError) as error:
        raise QuerySyntaxError(f"<{iri}> is no IRI: {error}") from error
    assert isinstance(triple.subject, ox.NamedNode)  # it was written as one
    return triple.subject.value


def outline(text: str) -> Outline:
    """The outline of a query.

    Raises QueryRefusedError for an update and for what `bounded` refuses, QuerySyntaxError (with
    line and column) where the text has no query form or its braces do not match.

    >>> outline("PREFIX : <http://example.com/> ASK { ?s :p ?o }").form
    'ASK'
    """
    found = bounded(text)
    prefixes, base, start = _prologue(text, found)
    if start == len(found):
        raise QuerySyntaxError(f"expected one of {', '.join(FORMS)}, found the end of the query")
    form = found[start].keyword
    if form in _UPDATES:
        raise QueryRefusedError("an update", f"{form} changes the graph; only queries are run here")
    if form not in FORMS:
        raise _error(text, found[start], f"expected one of {', '.join(FORMS)}, found {found[start].text!r}")
    return Outline(text, found, form, prefixes, _groups(text, found), base)


def check_services(query: Outline, allowed: frozenset[str] = frozenset()) -> None:
    """Raise QueryRefusedError unless each SERVICE names a constant IRI whose origin is allowed.

    `allowed` holds origins as `scheme://host:port`, in lower case and without a path.
    """
    for token in query.services:
        if token.variable:
            raise QueryRefusedError("SERVICE with a variable", "only constant IRIs may be called")
        iri = query.iri(token)
        if "/".join(iri.split("/")[:3]).lower() not in allowed:
            raise QueryRefusedError(f"SERVICE <{iri}>", "its origin is not on the list of services")


def _error(text: str, token: Token, problem: str) -> QuerySyntaxError:
    return QuerySyntaxError(problem, *place(text, token.start))


def _character(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code < 0xD800 or 0xE000 <= code <= 0x10FFFF else escape[0]


def _prologue(text: str, found: tuple[Token, ...]) -> tuple[dict[str, str], str, int]:
    """The prefixes, the base and the index of the first token behind them."""
    prefixes: dict[str, str] = {}
    base = ""
    index = 0
    while index < len(found) and found[index].keyword in {"PREFIX", "BASE", "VERSION"}:
        word = found[index].keyword
        length = 3 if word == "PREFIX" else 2
        part = found[index : index + length]
        expected = Kind.STRING if word == "VERSION" else Kind.IRI
        if len(part) < length or part[-1].kind is not expected:
            raise _error(text, found[index], f"{word} that is not followed by an {expected.value}")
        if word == "BASE":
            base = resolve(unescape_iri(part[1].text[1:-1]), base)
        elif word == "PREFIX":
            if part[1].kind is not Kind.PREFIXED_NAME or part[1].text.find(":") != len(part[1].text) - 1:
                raise _error(text, part[1], f"expected a prefix and a colon, found {part[1].text!r}")
            prefixes[part[1].text[:-1]] = resolve(unescape_iri(part[2].text[1:-1]), base)
        index += length
    return prefixes, base, index


def _groups(text: str, found: tuple[Token, ...]) -> tuple[Group, ...]:
    top: list[Group] = []
    stack: list[Group] = []
    for index, token in enumerate(found):
        if token.kind is not Kind.SYMBOL:
            continue
        if token.text == "{":
            parent = stack[-1] if stack else None
            group = Group(_kind(found, index, parent), index, parent=parent)
            group.subselect = index + 1 < len(found) and found[index + 1].keyword == "SELECT"
            (parent.children if parent else top).append(group)
            stack.append(group)
        elif token.text == "}":
            if not stack:
                raise _error(text, token, "'}' without its '{'")
            stack.pop().closing = index
    if stack:
        raise _error(text, found[stack[-1].opening], "'{' without its '}'")
    return tuple(top)


def _kind(found: tuple[Token, ...], index: int, parent: Group | None) -> str:
    """The kind of the group whose brace stands at `index`, told by the tokens around it."""
    word = found[index - 1].keyword if index else ""
    if word in _PATTERNS:
        return word
    if word == "CONSTRUCT":
        return "TEMPLATE"
    if _is_values(found, index):
        return "VALUES"
    if parent is None or parent.subselect:
        return "WHERE"
    if found[index - 1].kind in _NAMES:
        owners = [token.keyword for token in found[index - 3 : index - 1] if token.keyword != "SILENT"]
        if owners and owners[-1] in {"GRAPH", "SERVICE"}:
            return owners[-1]
    return ""


def _is_values(found: tuple[Token, ...], index: int) -> bool:
    """Whether the brace at `index` opens the data of VALUES: `VALUES ?v {` or `VALUES (?v …) {`."""
    index -= 1
    if index >= 1 and found[index].kind is Kind.VARIABLE:
        return found[index - 1].keyword == "VALUES"
    if index < 1 or found[index].text != ")":
        return False
    while index > 0 and found[index].text != "(":
        index -= 1
        if found[index].kind is not Kind.VARIABLE and found[index].text != "(":
            return False
    return index > 0 and found[index - 1].keyword == "VALUES"


def _projected(found: tuple[Token, ...], start: int) -> Iterator[str]:
    """The variables projected by the SELECT whose keyword stands at `start`."""
    depth = 0
    for index in range(start + 1, len(found)):
        token = found[index]
        if token.text in {"{", "*"} and depth == 0:
            return
        if token.keyword in {"WHERE", "FROM"} and depth == 0:
            return
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth -= 1
        elif token.variable and (depth == 0 or (depth == 1 and found[index - 1].keyword == "AS")):
            yield token.variable
