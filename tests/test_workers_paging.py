"""Pages of a SELECT query."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from clustergraph.errors import ArgumentError
from clustergraph.workers.paging import page_of


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?n { VALUES ?n { 1 2 3 4 5 } } ORDER BY ?n",
        "SELECT ?n { VALUES ?n { 1 2 3 4 5 } } ORDER BY ?n # a comment",
        "SELECT ?n { { SELECT ?n { VALUES ?n { 1 2 3 4 5 } } LIMIT 9 } } ORDER BY ?n",
        "SELECT ?n { } ORDER BY ?n VALUES ?n { 1 2 3 4 5 }",
        "SELECT ?n { } ORDER BY ?n VALUES (?n) { (1) (2) (3) (4) (5) }",
        "PREFIX limit: <urn:limit> SELECT ?n { VALUES ?n { 1 2 3 4 5 } FILTER(?n < 9) } ORDER BY ASC(?n)",
    ],
)
def test_a_page_is_a_slice(query: str) -> None:
    whole = [row[0] for row in ox.Store().query(query)]  # type: ignore[union-attr]
    page = [row[0] for row in ox.Store().query(page_of(query, "q", offset=1, limit=2))]  # type: ignore[union-attr]
    assert len(whole) == 5
    assert page == whole[1:3]


@pytest.mark.parametrize("query", ["SELECT * {} LIMIT 5", "SELECT * {} offset 5", "ASK {}"])
def test_what_has_no_pages_is_refused(query: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        page_of(query, "q", offset=0, limit=1)
    assert caught.value.parameter == "page"
