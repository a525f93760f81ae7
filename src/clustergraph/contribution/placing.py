"""Where in the files of an edition each result of a report lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from clustergraph.contribution.tables import TableFile
from clustergraph.folder.edition import Edition
from clustergraph.folder.lines import Location
from clustergraph.terms import BlankNode, NamedNode, Term, Triple
from clustergraph.validation import Report, Result
from clustergraph.validation.report import Claim, Dispute


class Placing:
    """Puts results at their places; files are read when a result leads to them."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._places = edition.places
        self._files = {file.path: file for file in edition.contents}
        self._shown = {file.path: shown(file.path) for file in edition.contents}

    def put_all(self, report: Report) -> Report:
        """The report, each result and claim with its place where it has one."""
        return replace(
            report,
            results=tuple(map(self.put, report.results)),
            disputes=tuple(map(self.put_claims, report.disputes)),
        )

    def put_again(self, report: Report, before: Edition) -> Report:
        """The report on an edition before this one, with the places as they are now.

        Lines above all that differs in a file stay, those below move; only what lies between is looked
        up again.
        """
        moves = {
            shown(file.path): _Move.of(before.contents.get(file), data)
            for file, data in self._edition.contents.items()
        }

        def line_now(placed: Result | Claim) -> int | None:
            move = moves.get(placed.file or "")
            return move.line(placed.line) if move is not None and placed.line else None

        def moved(result: Result) -> Result:
            line = line_now(result)
            if line is None:
                return self.put(_nowhere(result))
            return result if line == result.line else replace(result, line=line)

        def claim_moved(claim: Claim) -> Claim:
            line = line_now(claim)
            if line is None:
                return self._claim(replace(claim, file=None, line=None))
            return claim if line == claim.line else replace(claim, line=line)

        def dispute_moved(dispute: Dispute) -> Dispute:
            claims = tuple(map(claim_moved, dispute.claims))
            return dispute if claims == dispute.claims else replace(dispute, claims=claims)

        return replace(
            report,
            results=tuple(map(moved, report.results)),
            disputes=tuple(map(dispute_moved, report.disputes)),
        )

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
                result, file=self._shown[found.path], line=cell.row, column=cell.column, excerpt=cell.text
            )
        return replace(
            result,
            file=self._shown[found.path],
            line=found.line,
            column=found.column,
            excerpt=found.text,
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
        return replace(claim, file=self._shown[found.path], line=line)

    def of(self, focus: Term, path: object, value: Term | None) -> Location | None:
        """Where a triple is stated, or where its subject is, in the text that was parsed."""
        if not isinstance(focus, NamedNode | BlankNode):
            return None
        if isinstance(path, NamedNode) and value is not None:
            place = self._places.of(Triple(focus, path, value))
            if place and place.location:
                return place.location
        return self._places.of_subject(focus)


# More lines than a file has.
_ALL = 1 << 62


@dataclass(frozen=True, slots=True)
class _Move:
    """How lines of a file move: the first `head` stay, the last `tail` of `length` move by `by`."""

    head: int
    tail: int
    length: int
    by: int

    @classmethod
    def of(cls, before: bytes | None, after: bytes) -> _Move | None:
        """The move from one content of a file to another; None for a file that was not there."""
        if before is None:
            return None
        if before == after:
            return cls(_ALL, 0, 0, 0)
        old, new = before.split(b"\n"), after.split(b"\n")
        shorter = min(len(old), len(new))
        head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
        left = shorter - head
        tail = next((i for i in range(left) if old[-1 - i] != new[-1 - i]), left)
        return cls(head, tail, len(old), len(new) - len(old))

    def line(self, line: int) -> int | None:
        """Where a line is now, counted from 1; None where it may be anywhere."""
        if line <= self.head:
            return line
        return line + self.by if line > self.length - self.tail else None


def renamed(report: Report, names: Mapping[str, str]) -> Report:
    """The report with its files called by other names."""
    return replace(
        report,
        results=tuple(replace(r, file=names.get(r.file, r.file)) if r.file else r for r in report.results),
        disputes=tuple(
            replace(
                d,
                claims=tuple(replace(c, file=names.get(c.file, c.file)) if c.file else c for c in d.claims),
            )
            for d in report.disputes
        ),
    )


def _nowhere(result: Result) -> Result:
    return replace(result, file=None, line=None, column=None, excerpt=None)


def shown(path: Path) -> str:
    """The path of a file as a report shows it: from where the reader stands, where it lies below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path)
