"""Turtle and TriG in the one layout, subject by subject.

The layout is that of `clustergraph format`: rows are read once and never held, except those with
blank nodes, of which lists and brackets are made.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import BinaryIO

from clustergraph.export.rows import Row, Rows, by_subject, merge
from clustergraph.export.text import FIRST, NIL, RDF_TYPE, REST, Names, is_blank, is_literal, literal_parts
from clustergraph.folder.brackets import in_brackets
from clustergraph.sparql.prefixes import BARE

_STEP = "    "
_WIDTH = 88


def write_turtle(rows: Iterable[Row], out: BinaryIO, prefixes: Mapping[str, str]) -> None:
    """Write the RDF merge of the graphs of the rows as Turtle."""
    merged = Rows(merge(rows), by_subject)
    names = Names(prefixes)
    _under_prefixes(_blocks(merged, _Layout(names, merged)), names, out)


def write_trig(rows: Iterable[Row], out: BinaryIO, prefixes: Mapping[str, str]) -> None:
    """Write the rows as TriG, graph by graph; the default graph stands first."""
    ordered = Rows(rows, lambda row: (row[3].rstrip(">"), *by_subject(row)))
    names = Names(prefixes)
    _under_prefixes(_graphs(ordered, names), names, out)


def _graphs(rows: Rows, names: Names) -> Iterator[str]:
    layout = _Layout(names, rows)
    for graph, group in groupby(rows, key=lambda row: row[3]):
        if not graph:
            yield from _blocks(group, layout)
            continue
        name = graph if is_blank(graph) else names.name(graph)
        opening = f"{name} {{\n"
        for block in _blocks(group, layout):
            yield opening + "\n".join(_STEP + line if line else "" for line in block.split("\n"))
            opening = ""
        yield "\x00}"


def _under_prefixes(blocks: Iterator[str], names: Names, out: BinaryIO) -> None:
    """Write the blocks below the prefixes that they use, which are known when they are written."""
    with tempfile.TemporaryFile() as body:
        for block in blocks:
            # A closing bracket stands right below its graph.
            body.write(f"{block[1:]}\n".encode() if block[0] == "\x00" else f"\n{block}\n".encode())
        for prefix in sorted(names.used):
            out.write(f"@prefix {prefix}: <{names.used[prefix]}> .\n".encode())
        body.seek(0)
        if not names.used:
            body.read(1)  # no empty line at the top
        shutil.copyfileobj(body, out)


def _blocks(rows: Iterable[Row], layout: _Layout) -> Iterator[str]:
    for subject, group in groupby(rows, key=lambda row: row[0]):
        if (subject, _graph(layout, subject)) not in layout.inlined:
            yield f"{layout.node(subject, '', '')}\n{layout.said(list(group), _STEP)} ."


def _graph(layout: _Layout, subject: str) -> str:
    return layout.home.get(subject, "")


class _Layout:
    """Writes what is said of a subject; knows the blank nodes that stand in brackets."""

    def __init__(self, names: Names, rows: Iterable[Row]) -> None:
        self.names = names
        self.blank: dict[str, list[Row]] = {}
        self.home: dict[str, str] = {}
        uses: Counter[str] = Counter()
        above: dict[str, tuple[str, bool]] = {}
        spread: set[str] = set()
        for row in rows:
            for term in {row[0], row[2]}:
                if is_blank(term) and self.home.setdefault(term, row[3]) != row[3]:
                    spread.add(term)
            if is_blank(row[0]):
                self.blank.setdefault(row[0], []).append(row)
            if is_blank(row[2]):
                uses[row[2]] += 1
                above[row[2]] = (row[0], row[1] == REST)
        once = {label for label, count in uses.items() if count == 1} - spread
        self.inlined = {(label, self.home[label]) for label in in_brackets(once, above)}

    def said(self, rows: list[Row], indent: str) -> str:
        """Entries one below the other, `a` first, then by IRI."""
        entries: dict[str, list[str]] = {}
        for row in rows:
            entries.setdefault(row[1], []).append(row[2])
        ordered = sorted(entries, key=lambda one: (one != RDF_TYPE, one.rstrip(">")))
        return " ;\n".join(self.entry(one, entries[one], rows[0][3], indent) for one in ordered)

    def entry(self, predicate: str, objects: list[str], graph: str, indent: str) -> str:
        """A predicate and its objects: a single one beside it, several below it."""
        name = "a" if predicate == RDF_TYPE else self.names.name(predicate)
        if len(objects) == 1:
            return f"{indent}{name} {self.node(objects[0], graph, indent)}"
        inner = indent + _STEP
        written = [(o, self.node(o, graph, inner)) for o in objects]
        ordered = sorted(written, key=lambda one: (self.order(one[0], graph, one[1]), one[1]))
        return f"{indent}{name}\n" + " ,\n".join(inner + text for _, text in ordered)

    def order(self, node: str, graph: str, text: str) -> tuple[int, str, str]:
        """The place of an object: IRIs, literals by language, labelled blank nodes, brackets."""
        if is_literal(node):
            parts = literal_parts(node)
            bare = text if not text.startswith('"') else text[: text.rindex('"') + 1]
            return 1, f"@{parts.language.lower()}" if parts.language else "", bare
        if is_blank(node):
            return (3, text, "") if (node, graph) in self.inlined else (2, node, "")
        return 0, node.rstrip(">").lstrip("<"), ""

    def node(self, node: str, graph: str, indent: str) -> str:
        """A node whose first line begins somewhere on a line of this indentation."""
        if is_literal(node):
            return self.literal(node)
        if not is_blank(node):
            return "()" if node == NIL else self.names.name(node)
        if (node, graph) not in self.inlined:
            return node
        items = self.items(node, graph)
        if items is not None:
            return self.sequence(items, graph, indent)
        return self.brackets(self.blank.get(node, []), indent)

    def literal(self, node: str) -> str:
        _, language, datatype = literal_parts(node)
        if language or not node.endswith(">"):
            return node
        text = node[1 : node.rindex('"')]
        bare = BARE.get(datatype)
        if bare and bare.fullmatch(text):
            return text
        return f'"{text}"^^{self.names.name(f"<{datatype}>")}'

    def items(self, node: str, graph: str) -> list[str] | None:
        """The items of a list, or None where the node is no list, or is not only one."""
        items: list[str] = []
        while node != NIL:
            if (node, graph) not in self.inlined:
                return None
            cell = {row[1]: row[2] for row in self.blank.get(node, [])}
            if len(self.blank.get(node, [])) != 2 or cell.keys() != {FIRST, REST}:
                return None
            items.append(cell[FIRST])
            node = cell[REST]
        return items

    def sequence(self, items: list[str], graph: str, indent: str) -> str:
        inner = indent + _STEP
        lines = [self.node(item, graph, inner) for item in items]
        line = " ".join(lines)
        if "\n" not in line and len(line) <= _WIDTH:
            return f"( {line} )"
        return "(\n" + "\n".join(inner + one for one in lines) + f"\n{indent})"

    def brackets(self, rows: list[Row], indent: str) -> str:
        if not rows:
            return "[]"
        text = self.said(rows, indent + _STEP)
        if "\n" not in text and len({row[1] for row in rows}) == 1 and len(text) <= _WIDTH:
            return f"[ {text.strip()} ]"
        return f"[\n{text}\n{indent}]"
