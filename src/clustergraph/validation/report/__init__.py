"""The report of a validation and the formats it is written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from clustergraph.errors import FormatError
from clustergraph.validation.report.github import to_github
from clustergraph.validation.report.json import report_object, result_object, to_json
from clustergraph.validation.report.junit import to_junit
from clustergraph.validation.report.result import (
    Claim,
    Coverage,
    Dispute,
    Edit,
    Fix,
    Report,
    Result,
    Severity,
    State,
    Untouched,
    in_order,
)
from clustergraph.validation.report.sarif import to_sarif
from clustergraph.validation.report.text import to_text
from clustergraph.validation.report.turtle import report_triples, to_turtle
from clustergraph.validation.report.view import View

__all__ = [
    "FORMATS",
    "MEDIA_TYPES",
    "Claim",
    "Coverage",
    "Dispute",
    "Edit",
    "Fix",
    "Report",
    "Result",
    "Severity",
    "State",
    "Untouched",
    "View",
    "in_order",
    "report_object",
    "report_triples",
    "result_object",
    "write_report",
]

FORMATS: Mapping[str, Callable[[Report, View], str]] = {
    "text": to_text,
    "json": to_json,
    "turtle": to_turtle,
    "sarif": to_sarif,
    "junit": to_junit,
    "github": to_github,
}
MEDIA_TYPES: Mapping[str, str] = {
    "text": "text/plain",
    "json": "application/json",
    "turtle": "text/turtle",
    "sarif": "application/sarif+json",
    "junit": "application/xml",
    "github": "text/plain",
}


def write_report(report: Report, format: str, view: View | None = None) -> str:
    """The report in one of FORMATS; raises FormatError for any other."""
    if format not in FORMATS:
        raise FormatError(format, FORMATS, "a report cannot be written as")
    return FORMATS[format](report, view or View())
