"""The edits of files that a candidate asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from clustergraph.contribution.fixes.candidates import Candidate
from clustergraph.contribution.fixes.documents import Document, is_patched
from clustergraph.contribution.fixes.syntaxes.replacement import Replacement
from clustergraph.contribution.fixes.syntaxes.turtle import TurtleText
from clustergraph.contribution.placing import shown
from clustergraph.folder import SourceFile
from clustergraph.folder.edition import Edition
from clustergraph.sparql.terminals import place
from clustergraph.terms import BlankNode, Quad, Triple
from clustergraph.validation import Edit

# So many ways to write a triple are tried, and so many bytes are parsed where fixes were not asked for.
_WAYS = 40
_MOST_READ = 1 << 24
# A larger document of Turtle is not parsed for each of its edits; its grammar tells their places.
_LARGE = 1 << 18

_Pair = tuple[Triple, Triple]


class Editor:
    """Finds where the files of an edition say a triple, and how they would say another one.

    An edit is tried: the file parses to what it says now with the one triple in the place of the other.
    Where so much was parsed that more takes too long (`every` lifts that bound) there are only edits of
    Turtle, taken on trust as those of large documents are; all are tried again before they are written.
    """

    def __init__(self, edition: Edition, *, every: bool = False) -> None:
        self._edition = edition
        self._documents: dict[SourceFile, Document] = {}
        self._left = None if every else _MOST_READ

    def edits(self, candidate: Candidate) -> tuple[Edit, ...]:
        """The edits of a candidate; none where a part of it cannot be found in the text."""
        if not candidate.removed:
            (added,) = candidate.added
            return next(self._typings(added), ())
        found: dict[Document, list[_Pair]] = {}
        for pair in zip(candidate.removed, candidate.added, strict=True):
            stating = [document for document in self._about(pair[0]) if self._states(document, pair[0])]
            if not stating:
                return ()
            for document in stating:
                found.setdefault(document, []).append(pair)
        edits: list[Edit] = []
        for document, pairs in found.items():
            replacements = self._replacing(document, pairs)
            if not replacements:
                return ()
            edits += _edits(document, replacements)
        return tuple(edits)

    def _states(self, document: Document, triple: Triple) -> bool:
        if self._affords(document):
            return document.as_written(triple) is not None
        syntax = document.syntax
        return not isinstance(syntax, TurtleText) or next(syntax.ways(triple, triple), None) is not None

    def _replacing(self, document: Document, pairs: Sequence[_Pair]) -> list[Replacement]:
        """What puts the second of each pair in the place of the first; nothing where that is not found."""
        chosen: list[Replacement] = []
        syntax = document.syntax
        if syntax is None:
            return []
        if not self._affords(document):
            is_told = _is_told(document, pairs[0][0])
            ways = [next(syntax.ways(*pair), ()) for pair in pairs] if is_told else [()]
            return list(dict.fromkeys(one for way in ways for one in way)) if all(ways) else []
        old = [document.as_written(triple) or triple for triple, _ in pairs]
        new = [triple for _, triple in pairs]
        for count, pair in enumerate(zip(old, new, strict=True), 1):
            for way in islice(syntax.ways(*pair), _WAYS):
                together = list(dict.fromkeys([*chosen, *way]))
                after = self._parsed(document, together)
                # What several values share is replaced for all of them at once.
                if is_patched(set(document.quads), after, old, new):
                    return together
                if is_patched(set(document.quads), after, old[:count], new[:count]):
                    chosen = together
                    break
            else:
                return []
        return chosen

    def _typings(self, triple: Triple) -> Iterator[tuple[Edit, ...]]:
        """The edits that say what a subject is, where it is spoken of first."""
        for document in self._about(triple):
            syntax, is_tried = document.syntax, self._affords(document)
            if syntax is None or not (is_tried or _is_told(document, triple)):
                continue
            for way in islice(syntax.typings(triple), _WAYS):
                if not is_tried or is_patched(
                    set(document.quads), self._parsed(document, way), (), (triple,)
                ):
                    yield tuple(_edits(document, way))

    def _parsed(self, document: Document, way: Iterable[Replacement]) -> set[Quad] | None:
        if self._left is not None:
            self._left -= len(document.data)
        return document.parsed(document.edited(way))

    def _affords(self, document: Document) -> bool:
        """Whether another parse of the file is within the bounds."""
        size = len(document.data)
        if isinstance(document.syntax, TurtleText) and size > _LARGE:
            return False
        return self._left is None or self._left >= size

    def _about(self, triple: Triple) -> Iterator[Document]:
        """The documents that may say something of the subject of a triple."""
        found = self._edition.store.native.quads_for_pattern(triple.subject, None, None, None)
        texts, graphs = self._edition.texts, {quad.graph_name for quad in found}
        about = {file for graph in graphs for file in texts.about(graph, triple.subject)}
        for file in self._edition.contents:
            if file.kind == "data" and file in about:
                if file not in self._documents:
                    self._documents[file] = Document(file, self._edition)
                yield self._documents[file]


def _is_told(document: Document, triple: Triple) -> bool:
    """Whether the grammar tells the place of a triple."""
    return isinstance(document.syntax, TurtleText) and not isinstance(triple.subject, BlankNode)


def _edits(document: Document, way: Iterable[Replacement]) -> Iterator[Edit]:
    assert document.text is not None  # the replacements are in it
    for one in way:
        start, end = place(document.text, one.start), place(document.text, one.end)
        yield Edit(shown(document.file.path), *start, *end, one.text)
