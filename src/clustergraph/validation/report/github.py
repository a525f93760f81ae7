"""The report as GitHub workflow commands: annotations at the lines of a pull request."""

from __future__ import annotations

from clustergraph.validation.report.result import Report, Result, Severity, State
from clustergraph.validation.report.view import View

_COMMANDS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def to_github(report: Report, view: View | None = None) -> str:
    """One command a result; what a change fixes is not annotated."""
    view = view or View()
    kept = (result for result in report.results if result.state is not State.FIXED)
    return "".join(f"{_command(report, result, view)}\n" for result in kept)


def _command(report: Report, result: Result, view: View) -> str:
    properties: dict[str, str] = {}
    if result.file is not None:
        properties["file"] = result.file
    if result.file is not None and result.line:
        properties["line"] = str(result.line)
        if result.column:
            properties["col"] = str(result.column)
    shape = result.within or result.shape
    properties["title"] = view.label(report, shape) or view.term(shape)
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{_COMMANDS[result.level]} {written}::{_data(view.text(result))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
