"""Terms, namespaces and compact IRIs."""

from __future__ import annotations

import copy
import pickle

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustergraph.terms import (
    OWL,
    RDF,
    RDFS,
    SKOS,
    STANDARD_PREFIXES,
    XSD,
    BlankNode,
    Literal,
    NamedNode,
    Triple,
    compact,
    expand,
    has_blank_node,
    notation,
    shortened,
)

A = NamedNode("urn:a")


def test_a_namespace_gives_terms_and_its_iri() -> None:
    assert RDFS.label == NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    assert str(SKOS) == "http://www.w3.org/2004/02/skos/core#"
    with pytest.raises(AttributeError):
        _ = RDF.__missing__


@pytest.mark.parametrize("again", [copy.copy(OWL), copy.deepcopy(OWL), pickle.loads(pickle.dumps(OWL))])
def test_a_namespace_can_be_copied(again: object) -> None:
    assert str(again) == str(OWL)


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        ("http://www.w3.org/2002/07/owl#Class", "owl:Class"),
        ("http://www.w3.org/2002/07/owl#", "owl:"),
        ("http://www.w3.org/2002/07/owl#a/b", None),
        ("http://www.w3.org/2002/07/owl#a.", None),
        ("http://www.w3.org/2002/07/owl#a.b-c", "owl:a.b-c"),
        ("http://www.w3.org/2002/07/owl#1a", "owl:1a"),
        ("http://www.w3.org/2002/07/owl#-a", None),
        ("http://www.w3.org/2002/07/owl#日本", None),
        ("urn:none", None),
    ],
)
def test_compact(iri: str, expected: str | None) -> None:
    assert compact(iri, STANDARD_PREFIXES) == expected


def test_the_longest_prefix_wins() -> None:
    prefixes = {"a": "urn:", "b": "urn:x:", "c": "urn:x"}
    assert compact("urn:x:y", prefixes) == "b:y"


@given(st.sampled_from(sorted(STANDARD_PREFIXES)), st.text(max_size=8))
def test_what_is_compacted_expands_to_itself_and_is_turtle(prefix: str, local: str) -> None:
    iri = STANDARD_PREFIXES[prefix] + local
    name = compact(iri, STANDARD_PREFIXES)
    if name is not None:
        assert expand(name, STANDARD_PREFIXES) == iri
        turtle = f"@prefix {prefix}: <{STANDARD_PREFIXES[prefix]}> . {name} a {name} ."
        assert next(iter(ox.parse(turtle, format=ox.RdfFormat.TURTLE))).subject == NamedNode(iri)


@pytest.mark.parametrize("name", ["none:x", "owl", "", "http://example.com/"])
def test_what_has_no_known_prefix_does_not_expand(name: str) -> None:
    assert expand(name, STANDARD_PREFIXES) is None


TERMS = st.recursive(
    st.builds(Literal, st.text(st.characters(exclude_categories=["Cs"])))
    | st.just(A)
    | st.just(BlankNode("b")),
    lambda inner: st.builds(Triple, st.just(A), st.just(A), inner),
    max_leaves=3,
)


@given(TERMS)
def test_notation_is_read_back_as_the_term(term: Literal | NamedNode | BlankNode | Triple) -> None:
    for format in (ox.RdfFormat.TURTLE, ox.RdfFormat.N_TRIPLES):
        (quad,) = ox.parse(f"<urn:a> <urn:a> {notation(term)} .", format=format)
        assert quad.object == term


@given(TERMS | st.builds(Literal, st.text('a"\n\\ '), datatype=st.sampled_from([XSD.gYear, XSD.string, A])))
def test_what_is_shortened_is_read_back_as_the_term(term: Literal | NamedNode | BlankNode | Triple) -> None:
    prefixes = "".join(f"PREFIX {name}: <{iri}> " for name, iri in STANDARD_PREFIXES.items())
    text = f"{prefixes}<urn:a> <urn:a> {shortened(term, STANDARD_PREFIXES)} ."
    (quad,) = ox.parse(text, format=ox.RdfFormat.TURTLE)
    assert quad.object == term


def test_shortened() -> None:
    assert shortened(RDFS.label, STANDARD_PREFIXES) == "rdfs:label"
    assert shortened(A, STANDARD_PREFIXES) == "<urn:a>"
    assert shortened(Literal("1", datatype=XSD.int), STANDARD_PREFIXES) == '"1"^^xsd:int'
    assert shortened(Literal("plain"), {}) == '"plain"'


def test_has_blank_node() -> None:
    blank = BlankNode("b")
    assert all(map(has_blank_node, [blank, Triple(A, A, blank), Triple(A, A, Triple(blank, A, A))]))
    assert not any(map(has_blank_node, [A, Literal("_:b"), Triple(A, A, A)]))
