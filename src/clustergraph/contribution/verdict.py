"""A report with its fixes, and the files as the fixes make them."""

from __future__ import annotations

from dataclasses import dataclass

from clustergraph.contribution.change import Change
from clustergraph.contribution.fixes import Applied, apply_fixes
from clustergraph.contribution.impact import compared
from clustergraph.contribution.judgement import Judgement
from clustergraph.contribution.kept import base_report
from clustergraph.folder.edition import Edition
from clustergraph.validation import Report, State


@dataclass(frozen=True)
class Verdict:
    """The report, and where fixes were asked for what they change; `report` is that of the fixed files."""

    report: Report
    applied: Applied | None = None


def judge(
    judgement: Judgement, edition: Edition, change: Change | None = None, *, fix: bool = False
) -> Verdict:
    """The verdict on an edition, or on the change whose proposal it is.

    With `fix` the fixes are put into the files of the verdict, which writes nothing itself, and the
    report is that of these. What would bring a new result or leave as many is put in no file.
    """
    before = None if change is None else base_report(judgement, change.base)

    def stated(report: Report) -> Report:
        if before is None or change is None:
            return report
        return compared(before, report, change.blank_nodes)

    if before is None or change is None:
        report = judgement.report(edition)
    else:
        report = judgement.report_after(change, before)
    found = judgement.with_fixes(stated(report), edition, every=fix)
    if not fix:
        return Verdict(found)
    applied = apply_fixes(found, edition)
    if not applied.after:
        return Verdict(found, applied)
    fixed = edition.replaced(applied.read)
    fixed_report = judgement.report_after(Change(edition, fixed), report)
    # Each fix was tried alone; together they must help too.
    helped = compared(report, fixed_report)
    if helped.of(State.NEW) or not helped.of(State.FIXED):
        return Verdict(found, Applied())
    return Verdict(judgement.with_fixes(stated(fixed_report), fixed, every=True), applied)
