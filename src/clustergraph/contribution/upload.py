"""A change that comes as bytes: the served graph, and what is added to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from clustergraph.catalogue import Catalogue
from clustergraph.contribution.change import Change
from clustergraph.contribution.difference import Closed, Difference, compare
from clustergraph.contribution.impact import compared
from clustergraph.contribution.judgement import Judgement
from clustergraph.contribution.there import compare_there, judge_there
from clustergraph.errors import FolderError, FormatError
from clustergraph.folder import Folder, SourceFile
from clustergraph.folder.edition import Edition
from clustergraph.folder.formats import MEDIA_TYPES, Format
from clustergraph.folder.nesting import check_nesting
from clustergraph.inference import Reasoner
from clustergraph.store import RemoteStore
from clustergraph.validation import Report

NAME = "upload"
"""What the file that is sent is called in reports and errors."""


@dataclass(frozen=True, eq=False)
class Uploads:
    """Judges what is sent to a graph; the graph itself is read and judged once, when first needed.

    What is sent is data: shapes in it are not run, and nothing is fetched for it. `edition` are the
    files of the folder and `reasoner` gives their closure, where these are at hand. With a service
    (`there`) it is sent to the graph that this has, in scratch graphs, and `edition` is empty.
    """

    folder: Folder
    edition: Edition | None = None
    reasoner: Callable[[], Reasoner] | None = None
    there: RemoteStore | None = None

    def judge(self, data: bytes, format: Format | str) -> Report:
        """The report on the change that adds `data`: each result is new, present or fixed.

        `format` is a syntax or a media type. Raises FormatError for an unknown one, FolderError where
        there is no data, GraphSyntaxError, with line and column, where it does not parse.
        """
        change = self._change(data, format)
        if self.there is not None:
            return judge_there(self._judgement, self.there, change)
        report = self._judgement.report_after(change, self._report)
        found = compared(self._report, report, change.blank_nodes)
        return self._judgement.with_fixes(found, change.proposal)

    def compare(self, data: bytes, format: Format | str) -> Difference:
        """What the change that adds `data` adds and alters; raises as `judge`."""
        change = self._change(data, format)
        if self.there is not None:
            return compare_there(change, self.there, self._catalogue)
        return compare(change, self._catalogue, before=self._closed)

    def steps(self) -> Iterator[Callable[[], object]]:
        """What the first upload would otherwise wait for, in parts that take some tenths of a second."""
        yield lambda: self._edition.store
        yield lambda: self._report
        yield lambda: self._closed
        for query in self._catalogue.queries:
            yield partial(self._closed.recall, query)

    def _change(self, data: bytes, format: Format | str) -> Change:
        file = self._file(format)
        check_nesting(file, data)
        if not data.strip():
            raise FolderError(NAME, "it is empty; expected RDF")
        return Change(
            self._edition, self._edition.replaced({file: data}), "the graph as it stands", "what was sent"
        )

    def _file(self, format: Format | str) -> SourceFile:
        if isinstance(format, str):
            name = format.partition(";")[0].strip().lower()
            if name not in MEDIA_TYPES:
                raise FormatError(name, MEDIA_TYPES, "no RDF syntax has the media type")
            format = MEDIA_TYPES[name]
        return SourceFile(Path(NAME), NAME, self.folder.settings.graph(NAME), format)

    @cached_property
    def _edition(self) -> Edition:
        return self.edition or Edition.of(self.folder.files())

    @cached_property
    def _judgement(self) -> Judgement:
        return Judgement(self.folder)

    @cached_property
    def _report(self) -> Report:
        return self._judgement.report(self._edition)

    @cached_property
    def _closed(self) -> Closed:
        return Closed.of(self._edition, self.folder.settings, self.reasoner() if self.reasoner else None)

    @cached_property
    def _catalogue(self) -> Catalogue:
        return Catalogue(self.folder.root / "queries", self.folder.settings)
