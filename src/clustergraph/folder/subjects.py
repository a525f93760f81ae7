"""The statements of a Turtle document by subject, with the blank nodes that go in brackets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeGuard

from clustergraph.folder.brackets import in_brackets
from clustergraph.folder.comments import Comments
from clustergraph.folder.turtle import Collection, Entry, Name, Node, Properties, Statement, Value
from clustergraph.sparql.terminals import Kind
from clustergraph.terms import RDF

_FIRST, _REST, _NIL = RDF.first.value, RDF.rest.value, RDF.nil.value


@dataclass
class Said:
    """What is said by one predicate; comments beside the objects and above the whole."""

    predicate: Name
    objects: list[tuple[Node, list[str]]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


@dataclass
class Block:
    """A subject, None for a blank node without a label, and what is said of it."""

    subject: Name | Collection | None
    said: list[Said]
    comments: list[str]


class Subjects:
    """The blocks of a document; a labelled blank node that is an object once is none of them."""

    def __init__(self, statements: Iterable[Statement], comments: Comments) -> None:
        self._comments = comments
        self._by_name: dict[str, tuple[Statement, list[Entry], list[str]]] = {}
        self._unnamed: list[Block] = []
        for statement in statements:
            self._add(statement)
        named = {
            name: Block(statement.subject, self.said(entries), above)
            for name, (statement, entries, above) in self._by_name.items()
            if isinstance(statement.subject, Name)
        }
        self._inlined = _inlined(named, self._unnamed)
        self.blocks = [block for name, block in named.items() if name not in self._inlined]
        self.blocks += self._unnamed

    def _add(self, statement: Statement) -> None:
        subject, entries = statement.subject, statement.entries
        above = self._comments.of(statement.start)
        if isinstance(subject, Name):
            _, known, lines = self._by_name.setdefault(subject.text, (statement, [], []))
            known += entries
            lines += above
        elif isinstance(subject, Collection):
            self._unnamed.append(Block(subject, self.said(entries), above))
        elif isinstance(subject, Properties):
            self._unnamed.append(Block(None, self.said(subject.entries + entries), above))

    def said(self, entries: list[Entry]) -> list[Said]:
        """The entries by predicate, each object once."""
        found: dict[str, Said] = {}
        for entry in entries:
            said = found.setdefault(entry.predicate.text, Said(entry.predicate))
            said.comments += self._comments.of(entry.predicate.start)
            for node in entry.objects:
                above = self._comments.of(node.start) if len(entry.objects) > 1 else []
                same = next((one for one in said.objects if _same(one[0], node)), None)
                if same is None:
                    said.objects.append((node, list(above)))
                else:
                    same[1].extend(above)
        for said in found.values():
            if len(said.objects) == 1:
                said.comments += said.objects[0][1]
                said.objects = [(said.objects[0][0], [])]
        return list(found.values())

    def inlined(self, node: Node) -> Block | None:
        """What is said of a labelled blank node that stands in brackets; None for any other node."""
        return self._inlined.get(node.text) if isinstance(node, Name) else None

    def items(self, block: Block) -> list[Node] | None:
        """The items of a list that is written by its cells, or None where it is none."""
        items: list[Node] = []
        seen: set[int] = set()
        while id(block) not in seen and not block.comments:
            seen.add(id(block))
            cell = {s.predicate.text: s.objects[0][0] for s in block.said if _is_plain(s)}
            if len(block.said) != 2 or cell.keys() != {_FIRST, _REST}:
                return None
            items.append(cell[_FIRST])
            rest = cell[_REST]
            if isinstance(rest, Name) and rest.text == _NIL:
                return items
            if isinstance(rest, Collection):
                return items + rest.items
            following = self.inlined(rest)
            if following is None:
                return None
            block = following
        return None


def _is_plain(said: Said) -> bool:
    return len(said.objects) == 1 and not said.comments


def _same(one: Node, other: Node) -> bool:
    if isinstance(one, Name) and isinstance(other, Name):
        return one.text == other.text
    if isinstance(one, Collection) and isinstance(other, Collection):
        return not one.items and not other.items
    if isinstance(one, Value) and isinstance(other, Value):
        types = [value.datatype.text if value.datatype else "" for value in (one, other)]
        return one.text == other.text and one.language == other.language and types[0] == types[1]
    return False


def _inlined(named: dict[str, Block], unnamed: list[Block]) -> dict[str, Block]:
    """The blocks of the labelled blank nodes that are an object once, and not below themselves."""
    uses: Counter[str] = Counter()
    place: dict[str, tuple[str, bool]] = {}
    for name, block in [*named.items(), *(("", block) for block in unnamed)]:
        for label, by_rest in _labels(block):
            uses[label] += 1
            place[label] = (name, by_rest)
    found = in_brackets((label for label, count in uses.items() if count == 1), place)
    return {label: named.get(label) or Block(None, [], []) for label in found}


def _labels(block: Block) -> Iterator[tuple[str, bool]]:
    """The labels in the objects of a block, and whether each is the rest of a list."""
    if isinstance(block.subject, Collection):
        yield from _within(block.subject, by_rest=False)
    for said in block.said:
        for node, _ in said.objects:
            yield from _within(node, by_rest=said.predicate.text == _REST)


def _within(node: Node, *, by_rest: bool) -> Iterator[tuple[str, bool]]:
    if _is_label(node):
        yield node.text, by_rest
    elif isinstance(node, Collection):
        for item in node.items:
            yield from _within(item, by_rest=False)
    elif isinstance(node, Properties):
        # The same object twice is one triple.
        direct = {(e.predicate.text, o.text) for e in node.entries for o in e.objects if _is_label(o)}
        yield from ((label, False) for _, label in sorted(direct))
        for entry in node.entries:
            for object in entry.objects:
                if not _is_label(object):
                    yield from _within(object, by_rest=False)


def _is_label(node: Node) -> TypeGuard[Name]:
    return isinstance(node, Name) and node.kind is Kind.BLANK_NODE
