"""Where in the files of an edition each result of a report lies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from clustergraph.contribution.tables import TableFile
from clustergraph.folder.edition import Edition
from clustergraph.folder.lines import Location
from clustergraph.folder.places import Places
from clustergraph.terms import BlankNode, NamedNode, Term, Triple
from clustergraph.validation import Result
from clustergraph.validation.report import Claim, Dispute


class Placing:
    """Puts results at their places; files are read when a result leads to them."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._places = Places(edition.store, edition.contents)
        self._files = {file.path: file for file in edition.contents}
        self._texts: dict[Path, list[str]] = {}

    def put_all(self, results: Iterable[Result]) -> tuple[Result, ...]:
        """The results, each with its place where it has one."""
        return tuple(self.put(result) for result in results)

    def put(self, result: Result) -> Result:
        """The result with the place of its triple, or of its focus node where a value is missing."""
        found = self.of(result.focus, result.path, result.value)
        if found is None:
            return result
        file = self._files[found.path]
        if isinstance(file, TableFile):
            missing = result.value is None
            cell = file.cell_for(found.line, result.path) if missing else file.cell(found.line)
            return replace(
                result, file=shown(found.path), line=cell.row, column=cell.column, excerpt=cell.text
            )
        return replace(
            result,
            file=shown(found.path),
            line=found.line,
            column=found.column,
            excerpt=self._line(found),
        )

    def put_claims(self, dispute: Dispute) -> Dispute:
        """The dispute with the place of each claim's figure."""
        return replace(dispute, claims=tuple(self._claim(claim) for claim in dispute.claims))

    def _claim(self, claim: Claim) -> Claim:
        path, value = claim.figure[0]
        found = self.of(claim.node, path, value)
        if found is None:
            return claim
        file = self._files[found.path]
        line = file.cell(found.line).row if isinstance(file, TableFile) else found.line
        return replace(claim, file=shown(found.path), line=line)

    def of(self, focus: Term, path: object, value: Term | None) -> Location | None:
        """Where a triple is stated, or where its subject is, in the text that was parsed."""
        if not isinstance(focus, NamedNode | BlankNode):
            return None
        if isinstance(path, NamedNode) and value is not None:
            place = self._places.of(Triple(focus, path, value))
            if place and place.location:
                return place.location
        return self._places.of_subject(focus)

    def _line(self, found: Location) -> str:
        if found.path not in self._texts:
            data = self._edition.contents[self._files[found.path]]
            self._texts[found.path] = data.decode("utf-8", errors="replace").split("\n")
        return self._texts[found.path][found.line - 1]


def shown(path: Path) -> str:
    """The path of a file as a report shows it: from where the reader stands, where it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path)
