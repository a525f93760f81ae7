"""Answers as a notebook shows them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from clustergraph.terms import BlankNode, Literal, NamedNode, Term

# A notebook that is asked for a million rows shows so many, and says how many there are.
MOST = 100


def as_html(variables: Sequence[str], rows: Sequence[Sequence[Term | None]]) -> str:
    """The first rows as an HTML table, and how many more there are; all of it escaped."""
    # Only who displays an answer waits for the templates' library.
    from jinja2 import Environment  # noqa: PLC0415

    text = (files("clustergraph.sparql") / "table.html").read_text(encoding="utf-8")
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text)
    shown = [[_shown(term) for term in row] for row in rows[:MOST]]
    return template.render(variables=variables, rows=shown, left=max(0, len(rows) - MOST))


def _shown(term: Term | None) -> str:
    if term is None:
        return ""
    if isinstance(term, Literal):
        return f"{term.value} @{term.language}" if term.language else term.value
    return term.value if isinstance(term, NamedNode | BlankNode) else str(term)
