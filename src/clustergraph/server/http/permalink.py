"""Addresses that name the versions of data and query: the same one gives the same bytes."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from starlette.requests import Request

from clustergraph.catalogue import SavedQuery
from clustergraph.server.http.address import home
from clustergraph.workers.question import Question


def edition(data: str, query: SavedQuery) -> str:
    """The version of an answer: that of the data and that of the query, shortened."""
    return f"{data[:16]}-{query.version[:16]}"


def permalink(request: Request, data: str, query: SavedQuery, question: Question, *, suffix: str = "") -> str:
    """The address that gives this answer as long as the server has these versions.

    With a suffix such as `.sources`, that of what else there is of it.
    """
    pairs = [*given(question)]
    if question.page is not None:
        offset, size = question.page
        pairs += [("page", str(offset // size + 1)), ("page-size", str(size))]
    pairs.append(("version", edition(data, query)))
    return f"{home(request)}queries/{quote(query.name)}{suffix}?{urlencode(pairs)}"


def given(question: Question) -> list[tuple[str, str]]:
    """The parameters that ask a question about a saved query, without its page."""
    pairs = [(name, text) for name, texts in question.arguments for text in texts]
    if question.entailment != "owl2rl":
        pairs.append(("entailment", question.entailment))
    return pairs
