import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustergraph.errors import QuerySyntaxError
from clustergraph.sparql.term import read_term
from clustergraph.terms import OWL, RDF, STANDARD_PREFIXES, XSD, Literal, NamedNode, Term


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("<http://example.com/a>", NamedNode("http://example.com/a")),
        ("http://example.com/日本#x", NamedNode("http://example.com/日本#x")),
        ("urn:a:b", NamedNode("urn:a:b")),
        ("owl:Class", OWL.Class),
        ("a", RDF.type),
        ('"a"', Literal("a")),
        ("'''a\nb'''@JA", Literal("a\nb", language="ja")),
        (r'"\u65e5\"\n"@ja', Literal('日"\n', language="ja")),
        ('"2007"^^xsd:gYear', Literal("2007", datatype=XSD.gYear)),
        ('"2007"^^<urn:t>', Literal("2007", datatype=NamedNode("urn:t"))),
        ("12", Literal("12", datatype=XSD.integer)),
        ("-1.5", Literal("-1.5", datatype=XSD.decimal)),
        ("1e9", Literal("1e9", datatype=XSD.double)),
        ("true", Literal("true", datatype=XSD.boolean)),
    ],
)
def test_terms_are_read(text: str, term: Term) -> None:
    assert read_term(text, STANDARD_PREFIXES) == term


@pytest.mark.parametrize(
    "text", ["", "kci", "nope:x", '"a" "b"', '"a', '"a"@', '"a"^^', "[]", "_:b", "<a b>", "owl:Class ."]
)
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        read_term(text, STANDARD_PREFIXES)


@given(st.text(), st.sampled_from(["", "@ja", "^^<urn:t>"]))
def test_every_literal_is_read_back(value: str, suffix: str) -> None:
    literal = read_term(str(Literal(value)) + suffix, {})
    assert isinstance(literal, Literal)
    assert literal.value == value
