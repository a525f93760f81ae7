"""The report as JSON: terms as plain strings, messages with their languages."""

from __future__ import annotations

from collections import Counter
from json.encoder import encode_basestring
from typing import TypeAlias

from clustergraph.terms import Literal
from clustergraph.validation.report.result import Coverage, Dispute, Fix, Report, Result, State
from clustergraph.validation.report.view import View, plain, plain_path

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"


def to_json(report: Report, view: View | None = None) -> str:
    """The report as a JSON text; messages in the view's language come first."""
    return written(report_object(report, view)) + "\n"


def written(item: Json, indent: str = "\n") -> str:
    """The JSON text of an item, as `json.dumps` indents it by two, which takes half as long again.

    `indent` is the line end before the item's closing bracket.

    >>> print(written({"a": [1, "ö"], "b": []}))
    {
      "a": [
        1,
        "ö"
      ],
      "b": []
    }
    """
    if isinstance(item, str):
        return encode_basestring(item)
    if item is None:
        return "null"
    if isinstance(item, int):
        return str(item).lower()  # truth values too
    within = f"{indent}  "
    if isinstance(item, dict):
        parts = [f"{encode_basestring(key)}: {written(value, within)}" for key, value in item.items()]
        opening, closing = "{}"
    else:
        parts = [written(value, within) for value in item]
        opening, closing = "[]"
    return f"{opening}{within}{f',{within}'.join(parts)}{indent}{closing}" if parts else opening + closing


def report_object(report: Report, view: View | None = None) -> dict[str, Json]:
    """The report as a JSON object: `conforms` with `results`, or of a change `new`, `fixed`, `present`."""
    view = view or View()
    found: dict[str, Json] = {"conforms": report.conforms}
    if report.is_change:
        for state in State:
            found[state.value] = [result_object(result, view) for result in report.of(state)]
    else:
        found["results"] = [result_object(result, view) for result in report.results]
    if report.disputes:
        found["disputed"] = [_dispute(dispute) for dispute in report.disputed]
    if report.disputes and report.is_change:
        # Those that the change does not touch may be hundreds.
        counts = Counter(dispute.state for dispute in report.disputes)
        found["disputes"] = {state.value: counts[state] for state in State}
    if report.coverage is not None:
        found["coverage"] = _coverage(report.coverage)
    return found


def result_object(result: Result, view: View | None = None) -> dict[str, Json]:
    """One result as a JSON object."""
    view = view or View()
    return {
        "focus": plain(result.focus),
        "path": plain_path(result.path) if result.path is not None else None,
        "value": plain(result.value) if result.value is not None else None,
        "shape": plain(result.shape),
        "within": plain(result.within) if result.within is not None else None,
        "constraint": result.constraint.value,
        "severity": result.severity.value,
        "messages": [
            *_messages(result.explanations, "clustergraph", view),
            *_messages(result.messages, "shape", view),
        ],
        "file": result.file,
        "line": result.line,
        "column": result.column,
        "fixes": [_fix(fix, view) for fix in result.fixes],
    }


def _messages(messages: tuple[Literal, ...], source: str, view: View) -> list[Json]:
    ordered = sorted(messages, key=lambda message: message.language != view.language)
    return [{"text": m.value, "language": m.language, "source": source} for m in ordered]


def _fix(fix: Fix, view: View) -> Json:
    edits: list[Json] = [
        {
            "file": edit.file,
            "line": edit.line,
            "column": edit.column,
            "endLine": edit.end_line,
            "endColumn": edit.end_column,
            "text": edit.text,
        }
        for edit in fix.edits
    ]
    described = _messages(fix.descriptions, "clustergraph", view)
    return {"descriptions": described, "patch": fix.patch(), "edits": edits}


def _dispute(dispute: Dispute) -> Json:
    claims: list[Json] = [
        {
            "node": plain(claim.node),
            "graph": plain(claim.graph),
            "figure": {predicate.value: plain(term) for predicate, term in claim.figure},
            "file": claim.file,
            "line": claim.line,
        }
        for claim in dispute.claims
    ]
    return {
        "about": [plain(term) for term in dispute.about],
        "indicator": [plain(term) for term in dispute.indicator],
        "state": dispute.state.value if dispute.state else None,
        "claims": claims,
    }


def _coverage(coverage: Coverage) -> dict[str, Json]:
    untouched: list[Json] = [
        {"class": plain(item.cls), "instances": item.instances} for item in coverage.untouched
    ]
    return {
        "untargetedShapes": [plain(shape) for shape in coverage.untargeted],
        "idleShapes": [plain(shape) for shape in coverage.idle],
        "undefinedShapes": [plain(shape) for shape in coverage.undefined],
        "untouchedClasses": untouched,
    }
