"""Pages of an answer: `page` and `page-size`, and the Link headers between them (RFC 8288)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request

from clustergraph.errors import ArgumentError
from clustergraph.server.http.address import here
from clustergraph.server.http.problem import short
from clustergraph.workers.question import Answer, Question

_SIZE = 100
_LARGEST = 10_000
_LAST = 1_000_000


def asked(query: str, reserved: Mapping[str, str], most: int = _LARGEST) -> tuple[int, int] | None:
    """Offset and number of rows of the page asked for, None for all; raises ArgumentError.

    `most` are the rows that a page may have.
    """
    if "page" not in reserved and "page-size" not in reserved:
        return None
    number = _number(query, "page", reserved.get("page", "1"), _LAST)
    size = _number(query, "page-size", reserved.get("page-size", str(_SIZE)), most)
    return (number - 1) * size, size


def page_number(request: Request, name: str) -> int:
    """The number of a page in the query, 1 where there is none; raises ArgumentError."""
    return _number(short(request.url.path), name, request.query_params.get(name, "1"), _LAST)


def links(request: Request, question: Question, answer: Answer) -> list[str]:
    """The links from a page to the first, previous, next and last one that there are."""
    return [
        f'<{address}>; rel="{relation}"' for relation, address in addresses(request, question, answer).items()
    ]


def addresses(request: Request, question: Question, answer: Answer) -> dict[str, str]:
    """The addresses of the first, previous, next and last page that there are, by their relation."""
    return {} if question.page is None else turns(request, question.page, answer.rows)


def turns(request: Request, shown: tuple[int, int], rows: int) -> dict[str, str]:
    """The same for a page, by its offset and size, of so many rows."""
    offset, size = shown
    page, last = offset // size + 1, max(1, -(-rows // size))
    pages = {"first": 1, "prev": page - 1, "next": page + 1, "last": last}
    given = parse_qsl(request.url.query, keep_blank_values=True)
    kept = [(name, text) for name, text in given if name not in {"page", "page-size"}]
    return {
        relation: here(request) + "?" + urlencode([*kept, ("page", number), ("page-size", size)])
        for relation, number in pages.items()
        if 1 <= number <= last
    }


def _number(query: str, name: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= most):
        expected = f"a whole number from 1 to {most:,}"
        raise ArgumentError(query, name, expected=expected, argument=text)
    return int(text)
