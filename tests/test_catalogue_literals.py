import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustergraph.catalogue import literals
from clustergraph.terms import XSD, Literal


@pytest.mark.parametrize(
    ("datatype", "text", "canonical"),
    [
        ("integer", "+007", "7"),
        ("decimal", "1.50", "1.5"),
        ("decimal", ".5", "0.5"),
        ("boolean", "1", "true"),
        ("double", "1e3", "1000"),
        ("gYear", "2007", "2007"),
        ("date", "2007-04-01", "2007-04-01"),
        ("string", " a\n#} ", " a\n#} "),
    ],
)
def test_argument_takes_the_form_that_the_store_keeps(datatype: str, text: str, canonical: str) -> None:
    found = literals.literal(text, XSD[datatype])
    assert found is not None
    assert found.value == canonical


@pytest.mark.parametrize(
    ("datatype", "text"),
    [
        ("integer", "1.5"),
        ("integer", "一"),
        ("integer", "１"),
        ("integer", "1\n"),
        ("positiveInteger", "0"),
        ("decimal", "1,000"),
        ("decimal", "."),
        ("boolean", "yes"),
        ("double", "1e"),
        ("gYear", "07"),
        ("gYear", "平成19年"),
        ("date", "2007-02-30"),
        ("date", "2007-13-01"),
        ("dateTime", "2007-04-01"),
        ("anyURI", "a b"),
    ],
)
def test_text_outside_the_lexical_space_is_no_literal(datatype: str, text: str) -> None:
    assert literals.literal(text, XSD[datatype]) is None


@given(st.integers())
def test_every_integer_is_read_back(number: int) -> None:
    found = literals.literal(str(number), XSD.integer)
    assert found is not None
    assert int(found.value) == number


@given(st.text())
def test_every_text_is_a_string(text: str) -> None:
    assert literals.literal(text, XSD.string) == Literal(text)
