"""Answers and the syntaxes they are written in, read back by other libraries' parsers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from clustergraph.errors import FormatError, StoreError
from clustergraph.sparql.results import GRAPH_FORMATS, RESULT_FORMATS, Boolean, Solutions, Triples
from clustergraph.store import EmbeddedStore
from clustergraph.terms import BlankNode, Literal, NamedNode, Triple

A, P = NamedNode("http://example.com/a"), NamedNode("http://example.com/p")
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=10
)


def table(*rows: str) -> Solutions:
    answer = EmbeddedStore().query(f"SELECT ?x ?y {{ VALUES (?x ?y) {{ {' '.join(rows)} }} }}")
    assert isinstance(answer, Solutions)
    return answer


def truth(text: str) -> Boolean:
    answer = EmbeddedStore().query(f"ASK {{ FILTER({text}) }}")
    assert isinstance(answer, Boolean)
    return answer


def test_rows_are_tuples_with_none_where_a_variable_is_unbound() -> None:
    answer = table("(1 UNDEF)", "(<urn:a> 'b')")
    assert answer.variables == ("x", "y")
    assert list(answer) == [(Literal(1), None), (NamedNode("urn:a"), Literal("b"))]


@given(TEXTS, TEXTS)
def test_json_and_csv_are_what_others_read(one: str, other: str) -> None:
    row = f"({Literal(one)} {Literal(other, language='ja')})"
    (binding,) = json.loads(table(row).serialize("json"))["results"]["bindings"]
    assert binding == {
        "x": {"type": "literal", "value": one},
        "y": {"type": "literal", "value": other, "xml:lang": "ja"},
    }
    parsed = list(csv.reader(io.StringIO(table(row).serialize("csv").decode(), newline="")))
    assert parsed == [["x", "y"], [one, other]]


@given(TEXTS)
def test_xml_and_tsv_are_what_others_read(text: str) -> None:
    xml = ElementTree.fromstring(table(f"({Literal(text)} UNDEF)").serialize("xml"))
    assert [
        element.text or "" for element in xml.iter("{http://www.w3.org/2005/sparql-results#}literal")
    ] == [text]
    header, row, rest = table(f"({Literal(text)} <urn:a>)").serialize("tsv").decode().split("\n")
    assert (header, rest) == ("?x\t?y", "")
    assert row == f"{Literal(text)}\t<urn:a>"


@pytest.mark.parametrize("format", RESULT_FORMATS)
def test_an_empty_table_names_its_columns(format: str) -> None:
    text = table().serialize(format).decode()
    assert "x" in text
    assert "y" in text


@pytest.mark.parametrize(("expression", "expected"), [("1 = 1", True), ("1 = 2", False)])
def test_a_truth_value_is_written_in_each_result_format(expression: str, *, expected: bool) -> None:
    word = str(expected).lower().encode()
    assert bool(truth(expression)) is expected
    assert json.loads(truth(expression).serialize("json"))["boolean"] is expected
    for format in RESULT_FORMATS:
        assert word in truth(expression).serialize(format)
    assert truth(expression).serialize("csv") == word + b"\r\n"


def test_triples_come_each_once() -> None:
    assert list(Triples([Triple(A, P, A)] * 3)) == [Triple(A, P, A)]


# rdflib warns of what its own parser does.
@pytest.mark.filterwarnings(r"ignore:(Dataset\.|ConjunctiveGraph):DeprecationWarning")
@pytest.mark.parametrize("format", GRAPH_FORMATS)
def test_a_graph_is_what_others_read(format: str) -> None:
    triples = [
        Triple(A, P, Literal('日本 " \\ \n & < ]]>', language="ja")),
        Triple(A, P, BlankNode("x")),
        Triple(BlankNode("x"), P, Literal("1", datatype=NamedNode("urn:t"))),
    ]
    text = Triples(triples).serialize(format, prefixes={"ex": "http://example.com/"})
    expected = rdflib.Graph().parse(data="\n".join(f"{t} ." for t in triples), format="nt")
    names = {"ntriples": "nt", "rdfxml": "xml", "jsonld": "json-ld"}
    dataset = rdflib.Dataset()
    dataset.parse(data=text, format=names.get(format, format))
    found = rdflib.Graph()
    for subject, predicate, object_, _ in dataset.quads():
        found.add((subject, predicate, object_))
    assert isomorphic(found, expected)


@pytest.mark.parametrize("format", ["yaml", "turtle", "", "JSON"])
def test_a_table_has_no_other_format(format: str) -> None:
    with pytest.raises(
        FormatError, match=f"a table cannot be written as '{format}'; expected one of json, xml"
    ):
        table().serialize(format)
    with pytest.raises(FormatError):
        truth("1").serialize(format)


def test_a_graph_has_no_other_format() -> None:
    with pytest.raises(FormatError, match="a graph cannot be written as 'csv'; expected one of turtle"):
        Triples([]).serialize("csv")


def test_what_a_syntax_cannot_carry_is_a_format_error() -> None:
    with pytest.raises(FormatError, match=r"this graph cannot be written .*RDF 1\.2.* as 'jsonld'"):
        Triples([Triple(A, P, Triple(A, P, A))]).serialize("jsonld")


def test_a_fault_while_rows_are_read_is_a_store_error() -> None:
    def failing() -> Iterator[Triple]:
        yield Triple(A, P, A)
        raise OSError("the disk is gone")

    with pytest.raises(StoreError, match="the query failed: the disk is gone"):
        list(Triples(failing()))
    broken = ox.parse_query_results(
        '{"head":{"vars":["x"]},"results":{"bindings":[{', format=RESULT_FORMATS["json"]
    )
    assert isinstance(broken, ox.QuerySolutions)
    with pytest.raises(StoreError, match="the query failed"):
        list(Solutions(broken))
