import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from clustergraph.rdflib_terms import as_rdflib, from_rdflib, rdflib_graph
from clustergraph.terms import RDFS, XSD, BlankNode, Literal, NamedNode, Resource, Triple

TERMS = st.one_of(
    st.builds(NamedNode, st.just("http://example.com/") | st.just("urn:日本")),
    st.just(BlankNode("b1")),
    st.builds(Literal, st.text()),
    st.builds(lambda text, tag: Literal(text, language=tag), st.text(), st.sampled_from(["en", "ja-jp"])),
    st.builds(
        lambda text, name: Literal(text, datatype=XSD[name]),
        st.text(),
        st.sampled_from(["integer", "decimal", "date", "boolean"]),
    ),
)


@given(TERMS)
def test_terms_survive_both_ways(term: Resource | Literal) -> None:
    assert from_rdflib(as_rdflib(term)) == term


def test_spelling_is_kept() -> None:
    node = as_rdflib(Literal("01.50", datatype=XSD.decimal))
    assert str(node) == "01.50"


def test_plain_strings_are_equal_to_rdflibs_own() -> None:
    assert as_rdflib(Literal("a")) == rdflib.Literal("a")


def test_what_is_no_term_is_refused() -> None:
    triple = Triple(NamedNode("urn:a"), RDFS.label, Literal("a"))
    with pytest.raises(TypeError, match="no triple terms"):
        as_rdflib(triple)
    with pytest.raises(TypeError, match="no RDF term"):
        from_rdflib(rdflib.Variable("x"))


def test_graph_holds_the_triples() -> None:
    graph = rdflib_graph([Triple(NamedNode("urn:a"), RDFS.label, Literal("甲", language="ja"))])
    assert list(graph) == [(rdflib.URIRef("urn:a"), rdflib.RDFS.label, rdflib.Literal("甲", lang="ja"))]
