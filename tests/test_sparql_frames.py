"""Answers as data frames and as notebooks show them."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from clustergraph.errors import MissingLibraryError, StoreError
from clustergraph.sparql.display import MOST
from clustergraph.sparql.results import Solutions
from clustergraph.store import EmbeddedStore


def solutions(query: str) -> Solutions:
    answer = EmbeddedStore().query(query)
    assert isinstance(answer, Solutions)
    return answer


def test_rows_are_kept() -> None:
    answer = solutions("SELECT ?x ?y { VALUES (?x ?y) { (1 UNDEF) (2 <x:a>) } }")
    assert [row[0].value for row in answer.rows if row[0]] == ["1", "2"]
    assert list(answer) == list(answer.rows)
    assert answer.rows[0][1] is None


def test_rows_are_not_read_twice_without_a_word() -> None:
    answer = solutions("SELECT ?x { VALUES ?x { 1 2 } }")
    assert len(list(answer)) == 2
    with pytest.raises(StoreError, match="rows"):
        list(answer)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("1 2", [1, 2]),
        ("1.50 2.0", [Decimal("1.5"), Decimal("2")]),
        ("true false", [True, False]),
        ("'2002-04-01'^^<http://www.w3.org/2001/XMLSchema#date> UNDEF", [datetime.date(2002, 4, 1), None]),
        ("'maybe'^^<http://www.w3.org/2001/XMLSchema#boolean> true", ["maybe", "true"]),
        ("1 'a'", ["1", "a"]),
        ("<x:a> <x:b>", ["x:a", "x:b"]),
        ("'many'^^<http://www.w3.org/2001/XMLSchema#integer> 1", ["many", "1"]),
    ],
)
def test_columns_have_the_types_of_their_literals(values: str, expected: list[object]) -> None:
    pytest.importorskip("pandas")
    found = solutions(f"SELECT ?x {{ VALUES ?x {{ {values} }} }}").to_pandas()["x"]
    assert found.astype(object).where(found.notna(), None).tolist() == expected


def test_languages_are_a_column() -> None:
    pytest.importorskip("pandas")
    table = solutions("SELECT ?x { VALUES ?x { 'Kyoto'@en '京都'@ja } }").to_pandas()
    assert table["x_language"].tolist() == ["en", "ja"]


def test_no_rows_have_columns_too() -> None:
    pytest.importorskip("pandas")
    assert list(solutions("SELECT ?x ?y { VALUES ?x { } }").to_pandas().columns) == ["x", "y"]


def test_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(MissingLibraryError, match="pandas"):
        solutions("SELECT ?x { VALUES ?x { 1 } }").to_pandas()


def test_notebooks_show_a_table_that_is_escaped() -> None:
    text = solutions("SELECT ?x { VALUES ?x { '<img onerror=x>' 'a'@en <x:b> } }")._repr_html_()
    assert "&lt;img onerror=x&gt;" in text
    assert "<img" not in text
    assert "<td>a @en</td>" in text


def test_notebooks_show_the_first_rows_and_count_the_others() -> None:
    many = " ".join(map(str, range(MOST + 5)))
    text = solutions(f"SELECT ?x {{ VALUES ?x {{ {many} }} }}")._repr_html_()
    assert text.count("<tr>") == MOST + 1
    assert "5 more rows" in text
