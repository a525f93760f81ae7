"""The report as JUnit XML, which every CI server shows.

A violation is a failed case. Warnings and notes are skipped cases with their text, since a CI
server knows only right and wrong; a shape without results is a passed case.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from clustergraph.terms import Resource
from clustergraph.validation.report.result import Report, Result, Severity, State
from clustergraph.validation.report.view import View

# What XML 1.0 cannot carry at all, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(report: Report, view: View | None = None) -> str:
    """The report as a test suite a shape, a test case a result."""
    view = view or View()
    shapes: dict[Resource, list[Result]] = {shape: [] for shape in report.evaluated}
    for result in report.results:
        if result.state is not State.FIXED:
            shapes.setdefault(result.within or result.shape, []).append(result)
    root = Element("testsuites", name="clustergraph")
    for shape, results in shapes.items():
        root.append(_suite(view.label(report, shape) or view.term(shape), results, view))
    if report.disputed:
        root.append(_disputed(report, view))
    for key in ("tests", "failures", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _suite(name: str, results: list[Result], view: View) -> Element:
    failures = sum(_fails(result) for result in results)
    counts = {"tests": max(len(results), 1), "failures": failures, "skipped": len(results) - failures}
    suite = Element("testsuite", {"name": _text(name), **{key: str(n) for key, n in counts.items()}})
    if not results:
        SubElement(suite, "testcase", name="conforms", classname=_text(name))
    for result in results:
        case = SubElement(suite, "testcase", classname=_text(name), name=_text(_case_name(result, view)))
        if result.file is not None:
            case.set("file", _text(result.file))
        if result.line:
            case.set("line", str(result.line))
        outcome = SubElement(case, "failure" if _fails(result) else "skipped")
        outcome.set("message", _text(view.text(result)))
        if _fails(result):
            outcome.set("type", _text(view.term(result.constraint)))
            place = f"{result.file}:{result.line}\n" if result.file and result.line else ""
            outcome.text = _text(f"{place}{result.excerpt or ''}".strip())
    return suite


def _disputed(report: Report, view: View) -> Element:
    """What sources disagree about: cases that pass, with what each says."""
    count = str(len(report.disputed))
    suite = Element("testsuite", name="disputed", tests=count, failures="0", skipped="0")
    for dispute in report.disputed:
        case = SubElement(suite, "testcase", classname="disputed", name=_text(view.dispute(report, dispute)))
        places = (f"{claim.file}:{claim.line}" for claim in dispute.claims if claim.file)
        SubElement(case, "system-out").text = _text("\n".join(places))
    return suite


def _fails(result: Result) -> bool:
    return result.level is Severity.VIOLATION and result.state is not State.PRESENT


def _case_name(result: Result, view: View) -> str:
    parts = [view.term(result.focus), view.path(result.path) if result.path is not None else ""]
    value = view.term(result.value) if result.value is not None and result.value != result.focus else ""
    return " ".join(part for part in (*parts, value, view.term(result.constraint)) if part)


def _text(text: str) -> str:
    return _NOT_XML.sub("�", text)
