"""What shapes may not say: each is refused, with the shape and the constraint named."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from clustergraph.errors import ShapesError
from clustergraph.store import EmbeddedStore
from clustergraph.terms import SH, Quad, Triple
from clustergraph.validation import Report, validate

PREFIXES = """
@prefix ex: <https://example.org/ns#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "https://example.org/ns#" ] .
"""


def graph(text: str) -> list[Triple]:
    return [quad.triple for quad in ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE)]


def judge(shapes: str, data: str = "ex:a a ex:C ; ex:p 1 .") -> Report:
    store = EmbeddedStore()
    store.load(Quad(*triple) for triple in graph(data))
    return validate(store, graph(shapes))


def shape(constraint: str) -> str:
    return f"ex:S a sh:NodeShape ; sh:targetClass ex:C ; {constraint} ."


def select(query: str) -> str:
    return shape(f'sh:sparql [ sh:prefixes ex: ; sh:select """{query}""" ]')


ILL_FORMED = {
    "an unknown property": (shape("sh:minCout 1"), "sh:minCout", "did you mean sh:minCount?"),
    "a count on a node shape": (shape("sh:minCount 1"), "sh:minCount", "only property shapes"),
    "a negative count": (shape("sh:property [ sh:path ex:p ; sh:maxCount -1 ]"), "sh:maxCount", "-1"),
    "two datatypes": (shape("sh:datatype xsd:date , xsd:time"), "sh:datatype", "found 2 values"),
    "a datatype that is text": (shape('sh:datatype "date"'), "sh:datatype", "one IRI"),
    "an unknown node kind": (shape("sh:nodeKind ex:Thing"), "sh:nodeKind", "node kinds"),
    "a broken list": (shape("sh:in [ rdf:first 1 ]"), "sh:in", "one list"),
    "a list of literals as shapes": (shape("sh:or ( 1 2 )"), "sh:or", "a list of shapes"),
    "a property without path": (shape("sh:property [ sh:minCount 1 ]"), "sh:property", "no path"),
    "two paths": (shape("sh:property [ sh:path ex:p , ex:q ]"), "sh:path", "exactly one path"),
    "an ill-formed path": (shape("sh:property [ sh:path [ sh:inversePath 1 ] ]"), "sh:path", "literal"),
    "a path of one step": (shape("sh:property [ sh:path ( ex:p ) ]"), "sh:path", "two steps"),
    "a property shape as node": (shape("sh:node [ sh:path ex:p ]"), "sh:node", "not a node shape"),
    "flags alone": (shape('sh:flags "i"'), "sh:flags", "sh:pattern"),
    "no regular expression": (shape('sh:pattern "("'), "sh:pattern", "no regular expression"),
    "a qualified shape without count": (
        shape("sh:property [ sh:path ex:p ; sh:qualifiedValueShape [ sh:class ex:D ] ]"),
        "sh:qualifiedValueShape",
        "sh:qualifiedMinCount",
    ),
    "a blank target": (shape("sh:targetNode []"), "sh:targetNode", "an IRI or a literal"),
    "advanced targets": (shape("sh:target [ a sh:SPARQLTarget ]"), "sh:target", "neither engine"),
    "JavaScript": (shape("sh:js [ ]"), "sh:js", "neither engine"),
    "no query": (shape("sh:sparql [ sh:prefixes ex: ]"), "sh:sparql", "sh:select"),
    "no SPARQL": (select("SELECT $this WHERE {"), "query of", "'{' without its '}'"),
    "an ASK as select": (select("ASK { $this ?p ?o }"), "sh:sparql", "expected SELECT"),
    "MINUS": (select("SELECT $this WHERE { $this ?p ?o MINUS { $this ex:p ?o } }"), "sh:sparql", "MINUS"),
    "VALUES": (select("SELECT $this WHERE { VALUES ?x { 1 } }"), "sh:sparql", "VALUES"),
    "SERVICE": (select("SELECT $this WHERE { SERVICE <http://e/> { ?s ?p ?o } }"), "sh:sparql", "SERVICE"),
    "FROM": (select("SELECT $this FROM <http://e/> WHERE { $this ?p ?o }"), "sh:sparql", "FROM"),
    "an assigned $this": (select("SELECT $this WHERE { BIND(1 AS $this) }"), "sh:sparql", "AS ?this"),
    "a subselect without $this": (
        select("SELECT $this WHERE { $this ?p ?o { SELECT ?o WHERE { ?o ?q ?x } } }"),
        "sh:sparql",
        "does not return $this",
    ),
    "$PATH in a node shape": (select("SELECT $this WHERE { $this $PATH ?o }"), "query of", "no path"),
    "an unknown prefix": (select("SELECT $this WHERE { $this no:p ?o }"), "sh:sparql", "no:"),
    "an unknown function": (select("SELECT $this WHERE { FILTER(ex:f($this)) }"), "sh:sparql", "function"),
    "a clash of prefixes": (
        shape('sh:sparql [ sh:prefixes ex: , ex:o ; sh:select "SELECT $this WHERE { $this ?p ?o }" ]')
        + ' ex:o sh:declare [ sh:prefix "ex" ; sh:namespace "http://other/" ] .',
        "sh:prefixes",
        "two namespaces",
    ),
}


@pytest.mark.parametrize("case", ILL_FORMED.values(), ids=ILL_FORMED)
def test_ill_formed_shape_is_refused(case: tuple[str, str, str]) -> None:
    shapes, constraint, problem = case
    with pytest.raises(ShapesError) as caught:
        judge(shapes)
    assert caught.value.shape.startswith("https://example.org/ns#S")
    assert constraint in caught.value.constraint
    assert problem in str(caught.value)


RECURSIVE = {
    "directly": shape("sh:node ex:S"),
    "through a property": shape("sh:property [ sh:path ex:p ; sh:node ex:S ]"),
    "through a list": shape("sh:or ( [ sh:not ex:S ] [ sh:class ex:D ] )"),
    "through a qualified shape": shape(
        "sh:property [ sh:path ex:p ; sh:qualifiedValueShape ex:S ; sh:qualifiedMinCount 1 ]"
    ),
}


@pytest.mark.parametrize("shapes", RECURSIVE.values(), ids=RECURSIVE)
def test_recursive_shape_is_refused_by_name(shapes: str) -> None:
    with pytest.raises(ShapesError, match="refers to itself") as caught:
        judge(shapes)
    assert caught.value.shape == "https://example.org/ns#S"


def test_deep_nesting_is_refused() -> None:
    path = "ex:p"
    for _ in range(3000):
        path = f"[ sh:inversePath {path} ]"
    with pytest.raises(ShapesError, match="nested more than"):
        judge(shape(f"sh:property [ sh:path {path} ]"))
    chain = " ".join(f"ex:N{i} a sh:NodeShape ; sh:node ex:N{i + 1} ." for i in range(3000))
    with pytest.raises(ShapesError, match="nested more than"):
        judge(chain + " ex:N3000 a sh:NodeShape .")


def test_nesting_that_a_person_writes_is_evaluated() -> None:
    inner = "sh:nodeKind sh:Literal"
    for _ in range(20):
        inner = f"sh:property [ sh:path ex:p ; sh:minCount 1 ; {inner} ]"
    data = "[] a ex:C ; ex:p " + "[ ex:p " * 20 + "1" + " ]" * 20 + " ."
    (result,) = judge(shape(inner), data).results
    assert result.constraint == SH.NodeKindConstraintComponent


def test_graph_without_shapes_is_refused() -> None:
    with pytest.raises(ShapesError, match="no shape"):
        judge("ex:a ex:p ex:b .")


def test_entailment_regime_is_refused() -> None:
    with pytest.raises(ShapesError, match="entailment"):
        judge(shape("sh:nodeKind sh:IRI") + " ex: sh:entailment ex:RDFS .")


def test_component_without_validator_is_refused() -> None:
    component = "ex:K a sh:ConstraintComponent ; sh:parameter [ sh:path ex:k ] . "
    with pytest.raises(ShapesError, match="no validator"):
        judge(component + shape("ex:k 1"))


def test_failure_of_a_query_is_a_failure() -> None:
    with pytest.raises(ShapesError, match="reports a failure"):
        judge(select("SELECT $this (true AS ?failure) WHERE { $this ex:p ?o }"))


def test_shape_without_targets_judges_nothing() -> None:
    report = judge("ex:S a sh:NodeShape ; sh:class ex:D .")
    assert report.conforms
    assert [str(node) for node in report.coverage.untargeted] == ["<https://example.org/ns#S>"]


def test_shape_that_nothing_defines_is_told() -> None:
    report = judge(shape("sh:node ex:Missing"))
    assert report.conforms
    assert [str(node) for node in report.coverage.undefined] == ["<https://example.org/ns#Missing>"]


def test_implicit_class_target() -> None:
    shapes = "ex:C a <http://www.w3.org/2002/07/owl#Class> , sh:NodeShape ; sh:class ex:D ."
    assert len(judge(shapes).results) == 1


def test_words_that_look_like_clauses_are_no_clauses() -> None:
    query = 'SELECT $this ?values WHERE { $this ex:p ?values . FILTER(STR(?values) != "MINUS { }") } # VALUES'
    assert len(judge(select(query)).results) == 1
