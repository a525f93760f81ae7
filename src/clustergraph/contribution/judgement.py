"""Judging an edition: by which shapes, whether closed, and the report of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal as OneOf

from clustergraph.contribution.change import expanded, read_outside
from clustergraph.contribution.closing import closed
from clustergraph.contribution.placing import Placing
from clustergraph.errors import FolderError, UsageError
from clustergraph.folder import Folder
from clustergraph.folder.edition import Edition
from clustergraph.terms import SH, Triple
from clustergraph.validation import Report, validate


@dataclass(frozen=True)
class Judgement:
    """How editions of a folder are judged: by which shapes and engine, and whether they are closed."""

    folder: Folder
    shapes: tuple[Path, ...] = ()
    entailment: OneOf["none", "owl2rl"] = "none"
    engine: OneOf["sparql", "pyshacl"] = "sparql"

    def report(self, edition: Edition) -> Report:
        """The report on an edition, each result with file, line and column where they are known.

        Raises UsageError where there are no shapes at all, ShapesError for shapes that are ill-formed.
        """
        report = self.results(edition)
        return replace(report, results=Placing(edition).put_all(report.results))

    def results(self, edition: Edition) -> Report:
        """The report on an edition, without places."""
        shapes = self._own_shapes if self.shapes else edition.shapes
        if not shapes:
            raise UsageError("there are no shapes in ontology/shapes to judge by; give some by --shapes")
        return validate(
            closed(edition) if self.entailment == "owl2rl" else edition.store,
            shapes,
            engine=self.engine,
            written=edition.written,
            labels=self.folder.settings.vocabulary.label,
        )

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
