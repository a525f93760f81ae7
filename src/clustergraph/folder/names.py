"""The names of one Turtle document: prefixed names and relative IRIs to IRIs, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clustergraph.errors import QuerySyntaxError
from clustergraph.folder.turtle import (
    Collection,
    Directive,
    Entry,
    Name,
    Node,
    Properties,
    Statement,
    Value,
)
from clustergraph.sparql.query import resolve, unescape_iri
from clustergraph.sparql.terminals import Kind, tokens
from clustergraph.terms import RDF


class Names:
    """What the directives of a document say, and which of its prefixes its layout has used.

    A document that declares a base once, first of all, keeps it, and its relative IRIs; where there
    are several, IRIs are made absolute. A prefix that is declared twice keeps its first meaning.
    """

    def __init__(self, directives: Iterable[Directive]) -> None:
        found = list(directives)
        bases = [directive.iri for directive in found if directive.keyword == "BASE"]
        self.kept_base = bases[0] if len(bases) == 1 and found[0].keyword == "BASE" else None
        self._relative = len(bases) < 2 and (not bases or self.kept_base is not None)
        self.versions = [directive.iri for directive in found if directive.keyword == "VERSION"]
        self._base = ""
        self._now: dict[str, str] = {}
        self._declared: dict[str, str] = {}
        self._used: set[str] = set()
        self._as_written: dict[str, str] = {}
        self._short: dict[str, str] = {}
        for directive in found:
            self.follow(directive)
        self._base = ""

    def follow(self, directive: Directive) -> None:
        """Take a directive into account for what comes behind it."""
        iri = resolve(unescape_iri(directive.iri), self._base) if self._base else unescape_iri(directive.iri)
        if directive.keyword == "BASE":
            self._base = iri
        elif directive.keyword == "PREFIX":
            self._now[directive.prefix] = iri
            self._declared.setdefault(directive.prefix, iri)

    def resolved(self, items: Iterable[Statement | Directive], *, base: str = "") -> Iterator[Statement]:
        """The statements, each IRI in them absolute and each `a` the IRI of rdf:type."""
        self._base = base
        for item in items:
            if isinstance(item, Directive):
                self.follow(item)
            else:
                yield Statement(self._node(item.subject), self._entries(item.entries), item.start, item.end)

    def _entries(self, entries: list[Entry]) -> list[Entry]:
        return [Entry(self._name(e.predicate), [self._node(o) for o in e.objects]) for e in entries]

    def _node(self, node: Node) -> Node:
        if isinstance(node, Name):
            return self._name(node)
        if isinstance(node, Properties):
            return Properties(self._entries(node.entries), node.start, node.end)
        if isinstance(node, Collection):
            return Collection([self._node(item) for item in node.items], node.start, node.end)
        if node.datatype is not None:
            return Value(node.text, node.start, node.end, self._name(node.datatype))
        return node

    def _name(self, name: Name) -> Name:
        if name.kind is Kind.BLANK_NODE:
            return name
        if name.kind is Kind.WORD:
            iri = RDF.type.value
        elif name.kind is Kind.IRI:
            written = name.text[1:-1]
            iri = unescape_iri(written)
            if self._base:
                iri = resolve(iri, self._base)
            if self._relative:
                self._as_written.setdefault(iri, written)
        else:
            prefix, _, local = name.text.partition(":")
            iri = self._now.get(prefix, "") + local.replace("\\", "")
        return Name(iri, Kind.IRI, name.start, name.end)

    def written(self, name: Name) -> str:
        """A resolved name as the layout writes it: by the longest prefix that fits, else in full."""
        if name.kind is Kind.BLANK_NODE:
            return name.text
        iri = name.text
        if iri not in self._short:
            self._short[iri] = self._shortened(iri) or f"<{self._as_written.get(iri, iri)}>"
        short = self._short[iri]
        if not short.startswith("<"):
            self._used.add(short.partition(":")[0])
        return short

    def _shortened(self, iri: str) -> str | None:
        fitting = [(len(ns), prefix) for prefix, ns in self._declared.items() if ns and iri.startswith(ns)]
        for length, prefix in sorted(fitting, key=lambda one: (-one[0], one[1])):
            name = f"{prefix}:{iri[length:]}"
            if _is_prefixed_name(name):
                return name
        return None

    def block(self) -> list[str]:
        """The lines of the directives: base and version where kept, then the prefixes in use, sorted."""
        lines = [f"@version {version} ." for version in self.versions[:1]]
        if self.kept_base is not None:
            lines.append(f"@base <{self.kept_base}> .")
        return lines + [f"@prefix {p}: <{self._declared[p]}> ." for p in sorted(self._used)]


def _is_prefixed_name(text: str) -> bool:
    try:
        found = list(tokens(text, turtle=True))
    except QuerySyntaxError:
        return False
    # A dot at the end would be read as the end of the statement.
    return len(found) == 1 and found[0].kind is Kind.PREFIXED_NAME and found[0].text == text
