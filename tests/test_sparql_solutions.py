"""The solutions behind an answer, asked for to tell whether any answer changes."""

from __future__ import annotations

import pytest

from clustergraph.sparql.query import outline
from clustergraph.sparql.solutions import solutions_behind

BODY = "{ ?s a ?class ; <x:p> ?o }"


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT DISTINCT ?o {BODY} ORDER BY ?o LIMIT 3",
        f"SELECT (SUM(?o) AS ?sum) {BODY} GROUP BY ?s HAVING(?sum > 1)",
        f"ASK {BODY}",
        f"CONSTRUCT {{ ?s <x:q> ?o }} WHERE {BODY}",
    ],
)
def test_solutions_before_they_are_put_together(query: str) -> None:
    found = solutions_behind(outline(query), "class")
    assert found is not None
    assert found.text == f"SELECT * {BODY}"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s { { SELECT (COUNT(?s) AS ?n) { ?s a ?class } } ?class a ?kind }",
        "SELECT ?s { { SELECT ?class ?s { ?s a ?class } LIMIT 1 } ?class a ?kind }",
        "SELECT ?s { ?s <x:p> ?o FILTER EXISTS { ?s <x:q> ?o } } GROUP BY ?s HAVING(EXISTS { ?s a ?class })",
        "SELECT ?class { ?s ?p ?o }",
        "SELECT ?s FROM <x:g> { ?s a ?class }",
        "DESCRIBE ?s { ?s a ?class }",
    ],
)
def test_answers_that_rest_on_more(query: str) -> None:
    assert solutions_behind(outline(query), "class") is None


@pytest.mark.parametrize(
    "subselect",
    [
        "SELECT ?class (COUNT(?s) AS ?n) { ?s a ?class } GROUP BY ?class",
        "SELECT ?s { ?s <x:p> ?o } LIMIT 1",
    ],
)
def test_subselect_that_keeps_terms_apart(subselect: str) -> None:
    query = f"SELECT ?n {{ ?class <x:p> ?o {{ {subselect} }} }}"
    assert solutions_behind(outline(query), "class") is not None
