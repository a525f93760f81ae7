"""What pages show of reports and differences: plain data, in words of the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clustergraph.contribution.difference import AnswerChange, Consequence, Difference
from clustergraph.sparql.results import Solution
from clustergraph.terms import Literal, NamedNode, Term
from clustergraph.validation.labels import in_language
from clustergraph.validation.report import Dispute, Fix, Report, Result, State, View

# What is shown of each list; all of it is in the other formats.
_SHOWN = 100

Known = Callable[[NamedNode], bool]
"""Whether the graph as it is says something of a thing, so that it has a page."""


@dataclass(frozen=True)
class _Names:
    """What terms are called."""

    labels: Mapping[Term, tuple[Literal, ...]]
    view: View
    known: Known

    def of(self, term: Term) -> dict[str, str]:
        found = in_language(self.labels.get(term, ()), self.view.language)
        return {
            "label": found.value if found else "",
            "text": self.view.term(term),
            "iri": term.value if isinstance(term, NamedNode) and self.known(term) else "",
        }

    def all(self, terms: Iterable[Term]) -> list[dict[str, str]]:
        return [self.of(term) for term in terms]


def shown_report(report: Report, view: View, known: Known) -> dict[str, Any]:
    """A report of a change: its results by what the change does to them, and what sources disagree on."""
    names = _Names(report.labels, view, known)
    disputes = [_dispute(one, names) for one in report.disputes if one.state is State.NEW]
    return {
        "conforms": report.conforms,
        **{state.value: _cut([_result(one, report, names) for one in report.of(state)]) for state in State},
        "disputed": _cut(disputes),
    }


def shown_difference(difference: Difference, view: View, known: Known) -> dict[str, Any]:
    """A difference: triples, what follows from them, and the answers that change."""
    names = _Names(difference.labels, view, known)
    added = [names.all(quad.triple) for quad in difference.added]
    return {
        "added": _cut(added),
        "removed": len(difference.removed),
        "inferred": _cut([_consequence(one, names) for one in difference.inferred]),
        "answers": _cut([_answer(one, view) for one in difference.answers]),
        "uncompared": len(difference.uncompared),
    }


def _cut(found: Sequence[Any]) -> dict[str, Any]:
    return {"all": len(found), "shown": list(found[:_SHOWN])}


def _result(result: Result, report: Report, names: _Names) -> dict[str, Any]:
    view, shape = names.view, result.within or result.shape
    return {
        "severity": result.level.value,
        "explanation": view.explanation(result),
        "message": view.message(result),
        "focus": names.of(result.focus),
        "path": "" if result.path is None else view.path(result.path),
        "line": result.line if result.file else None,
        "column": result.column,
        "file": result.file,
        "shape": view.label(report, shape) or view.term(shape),
        "fixes": [_fix(one, view) for one in result.fixes],
    }


def _fix(fix: Fix, view: View) -> dict[str, Any]:
    described = in_language(fix.descriptions, view.language)
    edits = [
        {
            "file": edit.file,
            "from": [edit.line, edit.column],
            "to": [edit.end_line, edit.end_column],
            "text": edit.text,
        }
        for edit in fix.edits
    ]
    return {"description": described.value if described else "", "edits": edits, "patch": fix.patch()}


def _dispute(dispute: Dispute, names: _Names) -> dict[str, Any]:
    return {
        "about": names.all((*dispute.about, *dispute.indicator)),
        "claims": [
            {
                "figure": [_text(term, names.view) for _, term in claim.figure],
                "node": names.of(claim.node),
                "graph": names.of(claim.graph),
            }
            for claim in dispute.claims
        ],
    }


def _consequence(one: Consequence, names: _Names) -> dict[str, Any]:
    because = [names.all(triple) for triple in one.because or ()]
    return {"triple": names.all(one.triple), "because": because}


def _answer(answer: AnswerChange, view: View) -> dict[str, Any]:
    summary = answer.summaries.get(view.language) or next(iter(answer.summaries.values()), answer.query)
    return {
        "query": answer.query,
        "summary": summary,
        "arguments": [(name, text) for name, texts in answer.arguments.items() for text in texts],
        "columns": list(answer.columns),
        "gained": _cut([_row(row, view) for row in answer.gained]),
        "lost": _cut([_row(row, view) for row in answer.lost]),
        "altered": _cut([[_row(one.before, view), _row(one.after, view)] for one in answer.altered]),
    }


def _row(row: Solution, view: View) -> list[str]:
    return ["" if term is None else _text(term, view) for term in row]


def _text(term: Term, view: View) -> str:
    return " ".join(term.value.split()) if isinstance(term, Literal) else view.term(term)
