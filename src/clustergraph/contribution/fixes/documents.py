"""The files of an edition as texts that are edited, and whether an edit says what it should."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from clustergraph.contribution.fixes.syntaxes.jsonld import JsonText
from clustergraph.contribution.fixes.syntaxes.lines import StatementLines
from clustergraph.contribution.fixes.syntaxes.replacement import Replacement, Syntax, rewritten
from clustergraph.contribution.fixes.syntaxes.table import TableText
from clustergraph.contribution.fixes.syntaxes.turtle import TurtleText
from clustergraph.contribution.fixes.syntaxes.xml import XmlText
from clustergraph.contribution.tables import TableFile
from clustergraph.errors import ClusterGraphError
from clustergraph.folder import LiteralTable, SourceFile, formats
from clustergraph.folder.edition import Edition
from clustergraph.folder.parse import BOM, parse_text
from clustergraph.terms import Literal, Quad, Term, Triple


class Document:
    """A file of data with its text; `data` is what lies on disk, of a table too."""

    def __init__(self, file: SourceFile, edition: Edition) -> None:
        self.file = file
        self.data = file.data if isinstance(file, TableFile) else edition.contents[file]
        self._edition = edition

    @cached_property
    def text(self) -> str | None:
        """The text without its byte-order mark; None where it is not in UTF-8."""
        try:
            return self.data.removeprefix(BOM).decode()
        except UnicodeDecodeError:
            return None

    @cached_property
    def syntax(self) -> Syntax | None:
        """What finds places in the text."""
        if self.text is None:
            return None
        if isinstance(self.file, TableFile):
            return TableText(self.file, self.text, self.quads)
        if self.file.format in {formats.N_TRIPLES, formats.N_QUADS}:
            return StatementLines(self.text, self.quads)
        if self.file.format is formats.JSON_LD:
            return JsonText(self.text)
        if self.file.format is formats.RDF_XML:
            return XmlText(self.text)
        return TurtleText(self.file, self.data, self.text)

    @property
    def quads(self) -> tuple[Quad, ...]:
        """What the file says, literals as written."""
        return self._edition.quads_of(self.file)

    def as_written(self, triple: Triple) -> Triple | None:
        """The triple with its literal as the file spells it; None where the file does not state it."""
        same = self._said.get((triple.subject, triple.predicate), [])
        if triple in same or not isinstance(triple.object, Literal):
            return triple if triple in same else None
        stored = LiteralTable().stored
        kept = stored(triple.object)
        return next((t for t in same if isinstance(t.object, Literal) and stored(t.object) == kept), None)

    def offset(self, line: int, column: int) -> int:
        """The offset in the text of a place; line and column count from 1."""
        return self._starts[line - 1] + column - 1

    def edited(self, replacements: Iterable[Replacement]) -> bytes:
        """The content with replacements in its text."""
        assert self.text is not None  # they were found in it
        text = rewritten(self.text, replacements)
        return (BOM if self.data.startswith(BOM) else b"") + text.encode()

    def reread(self, data: bytes) -> tuple[SourceFile, bytes]:
        """The file and its content for an edition, were `data` what lies on disk."""
        return self.file.reread(data) if isinstance(self.file, TableFile) else (self.file, data)

    def parsed(self, data: bytes) -> set[Quad] | None:
        """What the file would say, were `data` what lies on disk; None where that does not parse."""
        try:
            return set(parse_text(*self.reread(data)))
        except (ClusterGraphError, RecursionError):
            return None

    @cached_property
    def _starts(self) -> list[int]:
        """The offsets at which lines start."""
        assert self.text is not None  # the place was found in it
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    @cached_property
    def _said(self) -> Mapping[tuple[Term, Term], list[Triple]]:
        """What the file says of each subject by each predicate."""
        found: defaultdict[tuple[Term, Term], list[Triple]] = defaultdict(list)
        for quad in self.quads:
            found[quad.subject, quad.predicate].append(quad.triple)
        return found


def is_patched(
    before: set[Quad], after: set[Quad] | None, removed: Collection[Triple], added: Collection[Triple]
) -> bool:
    """Whether the quads after are those before, less the triples removed, with those added.

    What is added is in the graphs of what is removed. A blank node has the label of its place in the
    file, which an edit does not change.
    """
    if after is None:
        return False
    gone = {quad for quad in before if quad.triple in removed}
    graphs = {quad.graph_name for quad in gone or before}
    kept = before - gone
    new = after - kept
    said = {quad.triple for quad in new}
    lacking = {triple for triple in added if triple not in said}
    return (
        kept <= after
        and said <= set(added)
        and {quad.graph_name for quad in new} <= graphs
        and lacking <= {quad.triple for quad in kept}
    )
