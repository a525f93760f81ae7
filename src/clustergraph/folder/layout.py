"""The one layout of a Turtle document, so that a change of a triple is a change of its line.

Prefixes sorted and only those in use; subjects by IRI, `a` first, predicates by IRI, one line each;
several objects one a line, sorted; lists and blank nodes that are used once in brackets; literals as
written. Comments stand above what they speak of, those of the file at its top and end.
"""

from __future__ import annotations

from clustergraph.folder.comments import comments
from clustergraph.folder.names import Names
from clustergraph.folder.subjects import Block, Said, Subjects
from clustergraph.folder.turtle import Collection, Directive, Name, Node, Properties, Value, statements
from clustergraph.sparql.terminals import Kind
from clustergraph.terms import RDF

_STEP = "    "
_TYPE = RDF.type.value
# What stands in brackets on one line is kept this short.
_WIDTH = 88


def laid_out(text: str) -> str:
    """The document in the one layout.

    Raises GrammarError and QuerySyntaxError where it is no Turtle, UnreadSyntaxError at syntax of
    RDF 1.2, which has no layout here.
    """
    items = list(statements(text))
    found = comments(text, items)
    names = Names(item for item in items if isinstance(item, Directive))
    written = _Layout(names, Subjects(names.resolved(items), found), found.by_part)
    blocks = sorted(written.block(block) for block in written.subjects.blocks)
    parts = [
        "\n".join(found.header),
        "\n".join(names.block()),
        *(block for _, block in blocks),
        "\n".join(found.footer),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


class _Layout:
    """Writes the blocks of a document."""

    def __init__(self, names: Names, subjects: Subjects, comments: dict[int, list[str]]) -> None:
        self.names = names
        self.subjects = subjects
        self.comments = comments

    def block(self, block: Block) -> tuple[tuple[int, str], str]:
        """A block and its place: IRIs first, then labels, then what has no name, by its text."""
        subject = "[]" if block.subject is None else self.node(block.subject, "")
        text = "\n".join((*block.comments, subject, self.said(block.said, _STEP))) + " ."
        if isinstance(block.subject, Name):
            return (0 if block.subject.kind is Kind.IRI else 1, block.subject.text), text
        return (2, ""), text

    def said(self, said: list[Said], indent: str) -> str:
        """Entries one below the other, `a` first, then by IRI."""
        ordered = sorted(said, key=lambda one: (one.predicate.text != _TYPE, one.predicate.text))
        return " ;\n".join(self.entry(one, indent) for one in ordered)

    def entry(self, one: Said, indent: str) -> str:
        """A predicate and its objects: a single one beside it, several below it."""
        above = "".join(f"{indent}{line}\n" for line in one.comments)
        predicate = "a" if one.predicate.text == _TYPE else self.names.written(one.predicate)
        if len(one.objects) == 1:
            return f"{above}{indent}{predicate} {self.node(one.objects[0][0], indent)}"
        inner = indent + _STEP
        written = sorted(
            (self.order(node, inner), self.node(node, inner), lines) for node, lines in one.objects
        )
        objects = " ,\n".join(
            "".join(f"{inner}{line}\n" for line in lines) + inner + text for _, text, lines in written
        )
        return f"{above}{indent}{predicate}\n{objects}"

    def order(self, node: Node, indent: str) -> tuple[int, str, str]:
        """The place of an object: IRIs, literals by language, labelled blank nodes, brackets."""
        if isinstance(node, Value):
            return 1, node.language.lower(), node.text
        if isinstance(node, Name) and self.subjects.inlined(node) is None:
            return (0 if node.kind is Kind.IRI else 2), node.text, ""
        return 3, self.node(node, indent), ""

    def node(self, node: Node, indent: str) -> str:
        """A node whose first line begins somewhere on a line of this indentation."""
        if isinstance(node, Value):
            datatype = f"^^{self.names.written(node.datatype)}" if node.datatype else ""
            return node.text + node.language + datatype
        if isinstance(node, Properties):
            return self.brackets(self.subjects.said(node.entries), [], indent)
        if isinstance(node, Collection):
            return self.items(node.items, indent)
        block = self.subjects.inlined(node)
        if block is None:
            return self.names.written(node)
        items = self.subjects.items(block)
        if items is not None:
            return self.items(items, indent)
        return self.brackets(block.said, block.comments, indent)

    def brackets(self, said: list[Said], comments: list[str], indent: str) -> str:
        if not said:
            return "[]"
        inner = indent + _STEP
        above = "".join(f"{inner}{line}\n" for line in comments)
        text = above + self.said(said, inner)
        if "\n" not in text and len(said) == 1 and len(text) <= _WIDTH:
            return f"[ {text.strip()} ]"
        return f"[\n{text}\n{indent}]"

    def items(self, items: list[Node], indent: str) -> str:
        if not items:
            return "()"
        inner = indent + _STEP
        lines = []
        for item in items:
            lines += [inner + comment for comment in self.comments.get(item.start, [])]
            lines.append(inner + self.node(item, inner))
        line = " ".join(line.strip() for line in lines)
        if not any("\n" in line or line.strip()[:1] == "#" for line in lines) and len(line) <= _WIDTH:
            return f"( {line} )"
        return "(\n" + "\n".join(lines) + f"\n{indent})"
