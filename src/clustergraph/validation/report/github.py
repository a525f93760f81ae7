"""The report as GitHub workflow commands: annotations at the lines of a pull request."""

from __future__ import annotations

from clustergraph.validation.report.result import Report, Result, Severity, State
from clustergraph.validation.report.view import View

_COMMANDS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def to_github(report: Report, view: View | None = None) -> str:
    """One command a result, and a notice at each claim of a dispute; what a change fixes is left out."""
    view = view or View()
    kept = (result for result in report.results if result.state is not State.FIXED)
    lines = [_of_result(report, result, view) for result in kept]
    lines += [
        _command("notice", (claim.file, claim.line, None), "", view.dispute(report, dispute))
        for dispute in report.disputed
        for claim in dispute.claims
    ]
    return "".join(f"{line}\n" for line in lines)


def _of_result(report: Report, result: Result, view: View) -> str:
    shape = result.within or result.shape
    title = view.label(report, shape) or view.term(shape)
    place = (result.file, result.line, result.column)
    return _command(_COMMANDS[result.level], place, title, view.text(result))


def _command(name: str, place: tuple[str | None, int | None, int | None], title: str, text: str) -> str:
    file, line, column = place
    found = {"file": file, "line": file and line, "col": file and line and column, "title": title}
    written = ",".join(f"{key}={_property(str(value))}" for key, value in found.items() if value)
    return f"::{name} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
