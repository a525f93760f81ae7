"""Judging an edition: by which shapes, whether closed, and the report of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal as OneOf

from clustergraph.contribution.change import expanded, read_outside
from clustergraph.contribution.closing import closed
from clustergraph.contribution.disagreement import with_disagreements
from clustergraph.contribution.fixes.candidates import Candidates
from clustergraph.contribution.fixes.verify import with_fixes
from clustergraph.contribution.placing import Placing
from clustergraph.errors import FolderError, UsageError
from clustergraph.folder import Folder
from clustergraph.folder.edition import Edition
from clustergraph.store import EmbeddedStore
from clustergraph.terms import SH, Entailment, Triple, Written
from clustergraph.validation import Report, validate


@dataclass(frozen=True)
class Judgement:
    """How editions of a folder are judged: by which shapes and engine, and whether they are closed."""

    folder: Folder
    shapes: tuple[Path, ...] = ()
    entailment: Entailment = "none"
    engine: OneOf["sparql", "pyshacl"] = "sparql"

    def report(self, edition: Edition) -> Report:
        """The report on an edition, each result with file, line and column where they are known.

        Raises UsageError where there are no shapes at all, ShapesError for shapes that are ill-formed.
        """
        report, placing = self.results(edition), Placing(edition)
        disputes = tuple(placing.put_claims(dispute) for dispute in report.disputes)
        return replace(report, results=placing.put_all(report.results), disputes=disputes)

    def results(self, edition: Edition) -> Report:
        """The report on an edition, without places."""
        with edition.places.locating():
            report = self._validated(edition.store, edition.written, self.shapes_for(edition))
        return with_disagreements(report, edition, self.folder.settings)

    def with_fixes(self, report: Report, edition: Edition, *, every: bool = False) -> Report:
        """The report on an edition with the fixes that validation has tried.

        A report of many results, or one of the reference engine, gets them only with `every`: each
        trial is one more validation.
        """
        if self.engine == "pyshacl" and not every:
            return report
        shapes = self.shapes_for(edition)
        candidates = Candidates(edition, shapes, self.folder.settings)
        return with_fixes(
            report,
            candidates,
            lambda store, written: self._validated(store, written, shapes),
            every=every,
        )

    def shapes_for(self, edition: Edition) -> tuple[Triple, ...]:
        """The shapes that an edition is judged by: its own, or the folder's where it has none.

        Raises UsageError where neither has any.
        """
        shapes = self._own_shapes if self.shapes else edition.shapes or self._folder_shapes
        if not shapes:
            raise UsageError("there are no shapes in ontology/shapes to judge by; give some by --shapes")
        return shapes

    def _validated(self, store: EmbeddedStore, written: Written, shapes: tuple[Triple, ...]) -> Report:
        return validate(
            closed(store, written) if self.entailment == "owl2rl" else store,
            shapes,
            engine=self.engine,
            written=written,
            labels=self.folder.settings.vocabulary.label,
        )

    @cached_property
    def _folder_shapes(self) -> tuple[Triple, ...]:
        return Edition.of(file for file in self.folder.files() if file.kind == "shapes").shapes

    @cached_property
    def _own_shapes(self) -> tuple[Triple, ...]:
        found: list[Triple] = []
        for path in expanded(self.shapes):
            triples = Edition(dict([read_outside(path, self.folder, kind="shapes")])).shapes
            if not any(_is_of_shacl(triple) for triple in triples):
                raise FolderError(path, "it holds no shape; expected a shapes graph")
            found += triples
        return tuple(found)


def _is_of_shacl(triple: Triple) -> bool:
    return any(str(SH) in str(term) for term in (triple.predicate, triple.object))
