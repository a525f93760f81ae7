"""The statements of a Turtle or TriG document, with the place of each part (Turtle §6, TriG §3).

Read on the terminals alone: prefixes are not looked up and nothing is evaluated. It serves what the
engine's parser does not give: what was expected where a document breaks, the line of a triple, and a
layout that keeps each term as written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from clustergraph.errors import ClusterGraphError
from clustergraph.sparql.terminals import Kind, Token, tokens


class GrammarError(ClusterGraphError):
    """A document that breaks the grammar at `offset`."""

    def __init__(self, offset: int, expected: str, found: str) -> None:
        self.offset = offset
        self.expected = expected
        self.found = found
        super().__init__(f"expected {expected}, found {found}")


class UnreadSyntaxError(ClusterGraphError):
    """Syntax that is not read here, at `offset`: reifiers of RDF 1.2, brackets without end."""

    def __init__(self, offset: int, found: str) -> None:
        self.offset = offset
        self.found = found
        super().__init__(f"{found} is not read here")


@dataclass(frozen=True, slots=True)
class Name:
    """An IRI, a prefixed name, a labelled blank node or `a`, as written."""

    text: str
    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Value:
    """A literal as written; `datatype` is apart, for it may be shortened like any other IRI."""

    text: str
    start: int
    end: int
    datatype: Name | None = None
    language: str = ""


@dataclass(slots=True)
class Entry:
    """A predicate and its objects."""

    predicate: Name
    objects: list[Node]


@dataclass(slots=True)
class Properties:
    """`[ … ]`: a blank node by what is said of it."""

    entries: list[Entry]
    start: int
    end: int


@dataclass(slots=True)
class Collection:
    """`( … )`."""

    items: list[Node]
    start: int
    end: int


Node = Name | Value | Properties | Collection


@dataclass(slots=True)
class Statement:
    """A subject and what is said of it, up to and with the final dot; `graph` in TriG only."""

    subject: Node
    entries: list[Entry]
    start: int
    end: int
    graph: Name | None = None


@dataclass(frozen=True, slots=True)
class Directive:
    """`@prefix`, `@base` or `@version`, in either style; `prefix` without its colon."""

    keyword: str
    prefix: str
    iri: str
    start: int
    end: int


def statements(text: str, *, trig: bool = False, start: int = 0) -> Iterator[Statement | Directive]:
    """The directives and statements of a document, in order; `start` is the offset of the first.

    Raises GrammarError where it breaks the grammar, UnreadSyntaxError at syntax of RDF 1.2, and
    QuerySyntaxError where a character begins no terminal.
    """
    return _Reader(text, trig, start).document()


# Deeper brackets are no one's writing; the engine takes them, this reader is recursive.
_DEPTH = 100
_OPENING = {"<<", "<<(", "{|", "~"}
_SUBJECT = "a subject (an IRI, a blank node or a list)"
_PREDICATE = "a predicate (an IRI or 'a')"
_OBJECT = "an object (an IRI, a blank node, a list or a literal)"


@dataclass(slots=True)
class _Reader:
    text: str
    trig: bool
    start: int
    scanned: Iterator[Token] = field(init=False)
    token: Token | None = field(init=False, default=None)
    end: int = field(init=False, default=0)
    depth: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.scanned = tokens(self.text, turtle=True, start=self.start)
        self.advance()

    def advance(self) -> None:
        if self.token is not None:
            self.end = self.token.end
        self.token = next(self.scanned, None)

    def sign(self) -> str:
        """The sign that comes next, or the empty string."""
        return self.token.text if self.token is not None and self.token.kind is Kind.SYMBOL else ""

    def problem(self, expected: str) -> ClusterGraphError:
        if self.token is None:
            return GrammarError(self.end, expected, "the end of the file")
        if self.sign() in _OPENING:
            return UnreadSyntaxError(self.token.start, self.token.text)
        found = self.token.text if len(self.token.text) <= 40 else self.token.text[:37] + "…"
        return GrammarError(self.token.start, expected, found)

    def take(self, sign: str, expected: str) -> None:
        if self.sign() != sign:
            raise self.problem(expected)
        self.advance()

    def document(self) -> Iterator[Statement | Directive]:
        while self.token is not None:
            if directive := self.directive(self.token):
                yield directive
            elif self.trig and (self.sign() == "{" or self.token.keyword == "GRAPH"):
                yield from self.block(None)
            else:
                yield from self.statement_or_block()

    def directive(self, token: Token) -> Directive | None:
        dotted = token.kind is Kind.LANGUAGE
        keyword = token.text[1:].upper() if dotted else token.keyword
        if keyword not in {"PREFIX", "BASE", "VERSION"}:
            return None
        self.advance()
        prefix = iri = ""
        if keyword == "PREFIX":
            prefix = self.name(Kind.PREFIXED_NAME, "a prefix with its colon")
            if not prefix.endswith(":") or prefix.count(":") > 1:
                raise GrammarError(self.end - len(prefix), "a prefix that ends in its colon", prefix)
        if keyword == "VERSION":
            iri = self.name(Kind.STRING, "a version in quotes")
        else:
            iri = self.name(Kind.IRI, "an IRI in angle brackets")
        if dotted:
            self.take(".", "'.' after the directive")
        return Directive(keyword, prefix[:-1], iri[1:-1], token.start, self.end)

    def name(self, kind: Kind, expected: str) -> str:
        if self.token is None or self.token.kind is not kind:
            raise self.problem(expected)
        text = self.token.text
        self.advance()
        return text

    def statement_or_block(self) -> Iterator[Statement]:
        assert self.token is not None  # document() looked
        start = self.token.start
        subject = self.node(_SUBJECT)
        if self.trig and self.sign() == "{":
            if not isinstance(subject, Name):
                raise self.problem(_PREDICATE)
            yield from self.block(subject)
            return
        yield self.statement(subject, start)

    def block(self, graph: Name | None) -> Iterator[Statement]:
        if self.token is not None and self.token.keyword == "GRAPH":
            self.advance()
            node = self.node("the name of a graph")
            if not isinstance(node, Name):
                raise GrammarError(node.start, "the name of a graph", self.text[node.start])
            graph = node
        self.take("{", "'{'")
        while self.sign() != "}":
            if self.token is None:
                raise self.problem("'}'")
            start = self.token.start
            yield self.statement(self.node(_SUBJECT), start, graph=graph, inside=True)
        self.advance()

    def statement(
        self, subject: Node, start: int, *, graph: Name | None = None, inside: bool = False
    ) -> Statement:
        if isinstance(subject, Value) or (isinstance(subject, Name) and subject.text == "a"):
            raise GrammarError(subject.start, _SUBJECT, self.text[subject.start : subject.end])
        alone = isinstance(subject, Properties) and bool(subject.entries)
        ends = {".", "}"} if inside else {"."}
        entries = [] if alone and self.sign() in ends else self.entries(ends)
        if self.sign() == ".":
            self.advance()
        return Statement(subject, entries, start, self.end, graph)

    def entries(self, ends: set[str]) -> list[Entry]:
        expected = "',', ';' or '.'" if "." in ends else "',', ';' or ']'"
        found = [self.entry()]
        while self.sign() == ";":
            while self.sign() == ";":
                self.advance()
            if self.sign() in ends:
                return found
            found.append(self.entry())
        if self.sign() not in ends:
            raise self.problem(expected)
        return found

    def entry(self) -> Entry:
        token = self.token
        is_name = token is not None and (
            token.kind in {Kind.IRI, Kind.PREFIXED_NAME} or (token.kind is Kind.WORD and token.text == "a")
        )
        if token is None or not is_name:
            raise self.problem(_PREDICATE)
        self.advance()
        objects = [self.node(_OBJECT)]
        while self.sign() == ",":
            self.advance()
            objects.append(self.node(_OBJECT))
        if self.sign() in _OPENING:
            raise self.problem("")
        return Entry(Name(token.text, token.kind, token.start, token.end), objects)

    def node(self, expected: str) -> Node:
        token = self.token
        if token is None:
            raise self.problem(expected)
        if token.kind in {Kind.IRI, Kind.PREFIXED_NAME, Kind.BLANK_NODE}:
            self.advance()
            return Name(token.text, token.kind, token.start, token.end)
        if token.text in {"[", "("} and token.kind is Kind.SYMBOL:
            self.depth += 1
            if self.depth > _DEPTH:
                raise UnreadSyntaxError(token.start, f"{token.text!r} in {_DEPTH} others")
            nested = self.properties(token) if token.text == "[" else self.collection(token)
            self.depth -= 1
            return nested
        if expected.endswith(_OBJECT) or token.kind in {Kind.STRING, Kind.NUMBER}:
            return self.value(token, expected)
        raise self.problem(expected)

    def properties(self, opening: Token) -> Properties:
        self.advance()
        entries = [] if self.sign() == "]" else self.entries({"]"})
        self.take("]", "']'")
        return Properties(entries, opening.start, self.end)

    def collection(self, opening: Token) -> Collection:
        self.advance()
        items: list[Node] = []
        while self.sign() != ")":
            items.append(self.node(f"')' or {_OBJECT}"))
        self.advance()
        return Collection(items, opening.start, self.end)

    def value(self, token: Token, expected: str) -> Value:
        if token.kind is Kind.STRING:
            return self.string(token)
        if token.kind is Kind.NUMBER or token.text in {"true", "false"}:
            self.advance()
            return Value(token.text, token.start, token.end)
        if token.text in {"+", "-"}:
            self.advance()
            number = self.token
            if number is None or number.kind is not Kind.NUMBER or number.start != token.end:
                raise self.problem("a number after its sign")
            self.advance()
            return Value(token.text + number.text, token.start, number.end)
        raise self.problem(expected)

    def string(self, token: Token) -> Value:
        self.advance()
        after = self.token
        if after is not None and after.kind is Kind.LANGUAGE and after.start == token.end:
            self.advance()
            return Value(token.text, token.start, after.end, language=after.text)
        if self.sign() != "^^":
            return Value(token.text, token.start, token.end)
        self.advance()
        datatype = self.token
        if datatype is None or datatype.kind not in {Kind.IRI, Kind.PREFIXED_NAME}:
            raise self.problem("a datatype (an IRI)")
        self.advance()
        name = Name(datatype.text, datatype.kind, datatype.start, datatype.end)
        return Value(token.text, token.start, datatype.end, datatype=name)
