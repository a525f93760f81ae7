"""The report for a reader at a terminal: grouped by file, or by focus node where no file is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from clustergraph.validation.report.result import Coverage, Report, Result, Severity, State
from clustergraph.validation.report.view import View

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "conforms": "Conforms.",
        "breaks": "Does not conform:",
        "Violation": "{} violation",
        "Violations": "{} violations",
        "Warning": "{} warning",
        "Warnings": "{} warnings",
        "Info": "{} note",
        "Infos": "{} notes",
        "new": "New",
        "fixed": "Fixed",
        "present": "Already there",
        "fix": "fix: ",
        "disputed": "Disputed, which is no error",
        "idle": "Shapes whose targets select nothing: ",
        "untargeted": "Shapes without a target: ",
        "undefined": "Shapes that others refer to and nothing defines: ",
        "untouched": "Classes that no shape looks at: ",
        "separator": ", ",
    },
    "ja": {
        "conforms": "適合しています。",
        "breaks": "適合していません:",
        "Violation": "違反{}件",
        "Violations": "違反{}件",
        "Warning": "警告{}件",
        "Warnings": "警告{}件",
        "Info": "情報{}件",
        "Infos": "情報{}件",
        "new": "新しい結果",
        "fixed": "解消した結果",
        "present": "以前からある結果",
        "fix": "修正案: ",
        "disputed": "出典の間で異なる値（誤りではありません）",
        "idle": "対象となるノードがないシェイプ: ",
        "untargeted": "ターゲットのないシェイプ: ",
        "undefined": "参照されているが定義のないシェイプ: ",
        "untouched": "どのシェイプも調べないクラス: ",
        "separator": "、",
    },
}
_MARKS = {Severity.VIOLATION: "✗", Severity.WARNING: "!", Severity.INFO: "i"}


def to_text(report: Report, view: View | None = None) -> str:
    """The report as text, with totals first and coverage last."""
    view = view or View()
    words = _WORDS.get(view.language, _WORDS["en"])
    lines = [_totals(report, words)]
    if report.is_change:
        for state in (State.NEW, State.PRESENT, State.FIXED):
            if found := report.of(state):
                lines += ["", f"== {words[state.value]} ({len(found)})", *_grouped(report, found, view)]
    else:
        lines += _grouped(report, report.results, view)
    if report.disputes:
        lines += _disputed(report, view)
    if report.coverage is not None:
        lines += _uncovered(report.coverage, view)
    return "\n".join(lines) + "\n"


def _totals(report: Report, words: Mapping[str, str]) -> str:
    counts = ((severity.value, count) for severity, count in report.counts().items() if count)
    counted = [words[name if count == 1 else f"{name}s"].format(count) for name, count in counts]
    head = words["conforms" if report.conforms else "breaks"]
    return " ".join(part for part in (head, words["separator"].join(counted)) if part)


def _grouped(report: Report, results: tuple[Result, ...], view: View) -> Iterator[str]:
    ordered = sorted(results, key=lambda result: (result.file or "", result.line or 0, result.sort_key()))
    for head, group in groupby(ordered, key=lambda result: result.file or view.term(result.focus)):
        yield ""
        yield head
        for result in group:
            yield from _lines(report, result, view)


def _lines(report: Report, result: Result, view: View) -> Iterator[str]:
    place = f"{result.line}:{result.column or 1} " if result.line else ""
    yield f"  {_MARKS[result.level]} {place}{view.explanation(result)}"
    if message := view.message(result):
        yield f"      {message}"
    if result.excerpt is not None:
        yield f"      | {result.excerpt.strip()}"
    details = [view.term(result.focus)]
    if result.path is not None:
        details.append(view.path(result.path))
    if result.value is not None and result.value != result.focus:
        details.append(view.term(result.value))
    shape = result.within or result.shape
    name = view.label(report, shape) or view.term(shape)
    yield f"      {' '.join(details)}  [{name}, {view.term(result.constraint)}]"
    words = _WORDS.get(view.language, _WORDS["en"])
    for fix in result.fixes:
        described = next((d for d in fix.descriptions if d.language == view.language), fix.descriptions[0])
        yield f"      {words['fix']}{described.value}"
        if not fix.edits:
            yield from (f"          {line}" for line in fix.patch().splitlines())


def _disputed(report: Report, view: View) -> Iterator[str]:
    words = _WORDS.get(view.language, _WORDS["en"])
    shown = report.disputed
    present = sum(dispute.state is State.PRESENT for dispute in report.disputes)
    if not shown and not present:
        return
    counts = [str(len(shown)), *([f"{words['present']}: {present}"] if present else [])]
    yield ""
    yield f"== {words['disputed']} ({words['separator'].join(counts)})"
    for dispute in shown:
        named = (view.label(report, term) or view.term(term) for term in (*dispute.about, *dispute.indicator))
        yield f"  {words['separator'].join(named)}"
        for claim in dispute.claims:
            figure = words["separator"].join(view.term(term) for _, term in claim.figure)
            place = f"  {claim.file}:{claim.line}" if claim.file else ""
            yield f"      {figure}  {view.term(claim.node)}  {view.term(claim.graph)}{place}"


def _uncovered(coverage: Coverage, view: View) -> Iterator[str]:
    words = _WORDS.get(view.language, _WORDS["en"])
    separator = words["separator"]
    lines = {
        "untargeted": [view.term(shape) for shape in coverage.untargeted],
        "idle": [view.term(shape) for shape in coverage.idle],
        "undefined": [view.term(shape) for shape in coverage.undefined],
        "untouched": [f"{view.term(item.cls)} ({item.instances})" for item in coverage.untouched],
    }
    if any(lines.values()):
        yield ""
    for key, names in lines.items():
        if names:
            yield f"{words[key]}{separator.join(names)}"
