"""Judging an edition: by which shapes, whether closed, and the report of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal as OneOf

from clustergraph.contribution.change import Change, expanded, read_outside
from clustergraph.contribution.closing import closed
from clustergraph.contribution.disagreement import claims_affected, with_disagreements
from clustergraph.contribution.fixes.candidates import Candidates
from clustergraph.contribution.fixes.verify import with_fixes
from clustergraph.contribution.impact import together, without
from clustergraph.contribution.placing import Placing
from clustergraph.errors import FolderError, UsageError
from clustergraph.folder import Folder
from clustergraph.folder.edition import Edition
from clustergraph.store import EmbeddedStore
from clustergraph.terms import SH, Entailment, Resource, Term, Triple, Written
from clustergraph.validation import (
    Affected,
    ReadShapes,
    Report,
    affected_by,
    covered_after,
    read_shapes,
    validate,
)
from clustergraph.validation.paths import predicates


@dataclass(frozen=True)
class _Part:
    """What of an edition is judged: the focus nodes that a change affects, and the nodes of its claims."""

    only: Affected
    claims: frozenset[Resource]


@dataclass(frozen=True)
class Judgement:
    """How editions of a folder are judged: by which shapes and engine, and whether they are closed."""

    folder: Folder
    shapes: tuple[Path, ...] = ()
    entailment: Entailment = "none"
    engine: OneOf["sparql", "pyshacl"] = "sparql"
    _read: dict[tuple[Triple, ...], ReadShapes] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def report(self, edition: Edition) -> Report:
        """The report on an edition, each result with file, line and column where they are known.

        Raises UsageError where there are no shapes at all, ShapesError for shapes that are ill-formed.
        """
        return Placing(edition).put_all(self._results(edition))

    def report_after(self, change: Change, before: Report) -> Report:
        """The report on the proposal of a change whose base has the report `before`.

        What the change cannot affect stays as it was; for the rest both editions are judged. It is the
        report that judging the whole proposal gives.
        """
        part = self._part(change, before)
        if part is None:
            return self.report(change.proposal)
        old, new = (self._results(edition, part) for edition in (change.base, change.proposal))
        placing = Placing(change.proposal)
        stays = placing.put_again(without(before, old), change.base)
        report = together(stays, placing.put_all(new))
        if before.coverage is None:
            return report
        states = change.base.store, change.proposal.store
        coverage = covered_after(before.coverage, change.changed, states, self.shapes_for(change.base))
        return replace(report, coverage=coverage)

    def _part(self, change: Change, before: Report) -> _Part | None:
        """What of both editions is to be judged again; None for everything."""
        if change.alters_shapes:
            return None
        names = set(self.folder.settings.vocabulary.label)
        renamed = {triple.subject for triple in change.changed if triple.predicate in names}
        if renamed and renamed & _spoken_of(before):
            return None  # messages speak of it by its label
        only = self.affected(change.changed, change.base.store, self.shapes_for(change.base))
        if only is None:
            return None
        editions = (change.base, change.proposal)
        claims = claims_affected(change.changed, editions, self.folder.settings)
        return None if claims is None else _Part(only, claims)

    def _results(self, edition: Edition, part: _Part | None = None) -> Report:
        """The report on an edition, or on a part of it, without places."""
        only, nodes = (None, None) if part is None else (part.only, part.claims)
        with edition.places.locating():
            report = self.judged(edition.store, edition.written, self.shapes_for(edition), only)
        return with_disagreements(report, edition, self.folder.settings, nodes)

    def with_fixes(self, report: Report, edition: Edition, *, every: bool = False) -> Report:
        """The report on an edition with the fixes that validation has tried.

        A report of many results, or one of the reference engine, gets them only with `every`: each
        trial is one more validation.
        """
        if self.engine == "pyshacl" and not every:
            return report
        shapes = self.shapes_for(edition)
        candidates = Candidates(edition, shapes, self.folder.settings)
        return with_fixes(report, candidates, _Trial(self, shapes), every=every)

    def shapes_for(self, edition: Edition) -> ReadShapes:
        """The shapes that an edition is judged by: its own, or the folder's where it has none.

        Raises UsageError where neither has any.
        """
        shapes = self._own_shapes if self.shapes else edition.shapes or self._folder_shapes
        if not shapes:
            raise UsageError("there are no shapes in ontology/shapes to judge by; give some by --shapes")
        if shapes not in self._read:
            self._read[shapes] = read_shapes(shapes)
        return self._read[shapes]

    def judged(
        self, store: EmbeddedStore, written: Written, shapes: ReadShapes, only: Affected | None = None
    ) -> Report:
        """The report on a store, or on a part of it, without places and without disputes."""
        return validate(
            closed(store, written) if self.entailment == "owl2rl" else store,
            shapes,
            engine=self.engine,
            written=written,
            labels=self.folder.settings.vocabulary.label,
            only=only,
        )

    def affected(
        self, changed: Collection[Triple], store: EmbeddedStore, shapes: ReadShapes
    ) -> Affected | None:
        """What of a store is to be judged again where the triples change; None for everything.

        From the closure, and for the reference engine, that cannot be told.
        """
        if self.entailment == "owl2rl" or self.engine == "pyshacl":
            return None
        return affected_by(changed, store, shapes)

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


@dataclass(frozen=True)
class _Trial:
    """Judges stores by the shapes that an edition is judged by."""

    judgement: Judgement
    shapes: ReadShapes

    def affected(self, changed: Collection[Triple], store: EmbeddedStore) -> Affected | None:
        return self.judgement.affected(changed, store, self.shapes)

    def judged(self, store: EmbeddedStore, written: Written, only: Affected | None) -> Report:
        return self.judgement.judged(store, written, self.shapes, only)


def _spoken_of(report: Report) -> set[Term]:
    """The terms that the messages of a report may call by their labels."""
    found: set[Term] = set(report.labels)
    for result in report.results:
        found.update((result.focus, result.shape, result.constraint, *result.expected))
        found.update(() if result.within is None else (result.within,))
        found.update(() if result.value is None else (result.value,))
        found.update(() if result.path is None else predicates(result.path))
    return found


def _is_of_shacl(triple: Triple) -> bool:
    return any(str(SH) in str(term) for term in (triple.predicate, triple.object))
