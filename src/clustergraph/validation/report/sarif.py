"""The report as SARIF 2.1.0, for code scanning and editors."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import quote

from clustergraph.terms import SH
from clustergraph.validation.report.json import Json, written
from clustergraph.validation.report.result import Dispute, Fix, Report, Result, Severity, State
from clustergraph.validation.report.view import View, plain, plain_path

_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_STATES = {State.NEW: "new", State.FIXED: "absent", State.PRESENT: "unchanged"}
_DISPUTED = "DisputedFigure"
_SPECIFICATION = "https://www.w3.org/TR/shacl/"


def to_sarif(report: Report, view: View | None = None) -> str:
    """The report as a SARIF log of one run; each constraint component is a rule."""
    # It takes longer to import than most commands need for all else.
    from importlib.metadata import version  # noqa: PLC0415

    view = view or View()
    rules = {rule: index for index, rule in enumerate(dict.fromkeys(_rule(r) for r in report.results))}
    described = [_description(rule, report, view) for rule in rules]
    if report.disputed:
        rules[_DISPUTED] = len(rules)
        described.append(
            {"id": _DISPUTED, "shortDescription": {"text": "Sources disagree, which is no error"}}
        )
    run: dict[str, Json] = {
        "tool": {
            "driver": {
                "name": "clustergraph",
                "version": version("clustergraph"),
                "rules": described,
            }
        },
        "language": "ja-JP" if view.language == "ja" else "en-US",
        "columnKind": "unicodeCodePoints",
        "results": [
            *(_result(result, rules, view) for result in report.results),
            *(_dispute(dispute, report, rules, view) for dispute in report.disputed),
        ],
    }
    log: dict[str, Json] = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return written(log) + "\n"


def _rule(result: Result) -> str:
    iri = result.constraint.value
    return iri.removeprefix(str(SH)) if iri.startswith(str(SH)) else iri


def _description(rule: str, report: Report, view: View) -> Json:
    result = next(result for result in report.results if _rule(result) == rule)
    name = rule.rstrip("/#").replace("#", "/").split("/")[-1]
    text = view.label(report, result.constraint) or name.removesuffix("ConstraintComponent")
    found: dict[str, Json] = {"id": rule, "name": name, "shortDescription": {"text": text}}
    if result.constraint.value.startswith(str(SH)):
        found["helpUri"] = f"{_SPECIFICATION}#{rule}"
    return found


def _result(result: Result, rules: dict[str, int], view: View) -> Json:
    properties: dict[str, Json] = {
        "focus": plain(result.focus),
        "path": plain_path(result.path) if result.path is not None else None,
        "value": plain(result.value) if result.value is not None else None,
        "shape": plain(result.within or result.shape),
    }
    identity = "\n".join(str(part) for part in (*properties.values(), result.constraint.value))
    found: dict[str, Json] = {
        "ruleId": _rule(result),
        "ruleIndex": rules[_rule(result)],
        "level": _LEVELS[result.level],
        "message": {"text": view.text(result)},
        "locations": [_location(result)],
        "partialFingerprints": {"result/v1": sha256(identity.encode()).hexdigest()},
        "properties": properties,
    }
    if result.state is not None:
        found["baselineState"] = _STATES[result.state]
    if fixes := [_fix(fix, view) for fix in result.fixes if fix.edits]:
        found["fixes"] = fixes
    return found


def _dispute(dispute: Dispute, report: Report, rules: dict[str, int], view: View) -> Json:
    """What sources disagree about, at the claims; it passes no judgement."""
    found: dict[str, Json] = {
        "ruleId": _DISPUTED,
        "ruleIndex": rules[_DISPUTED],
        "kind": "informational",
        "level": "none",
        "message": {"text": view.dispute(report, dispute)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(claim.file),
                    "region": {"startLine": claim.line or 1},
                }
            }
            for claim in dispute.claims
            if claim.file
        ],
    }
    if dispute.state is not None:
        found["baselineState"] = _STATES[dispute.state]
    return found


def _location(result: Result) -> Json:
    found: dict[str, Json] = {
        "logicalLocations": [{"fullyQualifiedName": plain(result.focus), "kind": "resource"}]
    }
    if result.file is not None:
        place: dict[str, Json] = {"artifactLocation": _artifact(result.file)}
        if result.line:
            region: dict[str, Json] = {"startLine": result.line}
            if result.column:
                region["startColumn"] = result.column
            if result.excerpt is not None:
                region["snippet"] = {"text": result.excerpt}
            place["region"] = region
        found["physicalLocation"] = place
    return found


def _artifact(file: str) -> dict[str, Json]:
    uri = quote(file.replace("\\", "/"))
    return {"uri": f"file://{uri}"} if uri.startswith("/") else {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _fix(fix: Fix, view: View) -> Json:
    described = next((d for d in fix.descriptions if d.language == view.language), fix.descriptions[0])
    changes: list[Json] = [
        {
            "artifactLocation": _artifact(edit.file),
            "replacements": [
                {
                    "deletedRegion": {
                        "startLine": edit.line,
                        "startColumn": edit.column,
                        "endLine": edit.end_line,
                        "endColumn": edit.end_column,
                    },
                    "insertedContent": {"text": edit.text},
                }
            ],
        }
        for edit in fix.edits
    ]
    return {"description": {"text": described.value}, "artifactChanges": changes}
