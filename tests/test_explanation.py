"""Explanations: proofs whose axioms are in words and whose leaves name graph, file and line."""

import json

import pyoxigraph as ox
import pytest

from clustergraph.errors import FormatError, QuerySyntaxError, UsageError
from clustergraph.explanation import Axioms, Explanation, write_explanation
from clustergraph.folder import Folder
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.settings import Settings
from clustergraph.store import EmbeddedStore
from clustergraph.terms import OWL, PROV, RDF, RDFS, STANDARD_PREFIXES, NamedNode, Triple

EX = "http://example.com/"
ONTOLOGY = """
@prefix : <http://example.com/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:Area rdfs:label "area"@en , "地域"@ja . :Agent rdfs:label "agent"@en , "主体"@ja .
:in rdfs:label "is in"@en , "属する"@ja ; a owl:TransitiveProperty ; rdfs:domain :Area .
:part rdfs:label "part"@en ; rdfs:subPropertyOf :in ; owl:inverseOf :whole .
:far owl:propertyChainAxiom ( :in [ owl:inverseOf :part ] ) .
:Area owl:disjointWith :Agent .
:Both owl:equivalentClass [ owl:intersectionOf ( :Area [ owl:onProperty :in ; owl:hasValue :kyoto ] ) ] .
[] a owl:AllDisjointClasses ; owl:members ( :Area :Agent ) .
"""


@pytest.fixture
def graph(foreign: Folder, cache: object) -> KnowledgeGraph:
    return KnowledgeGraph(foreign)


def words(predicate: NamedNode, subject: str | None, language: str) -> str:
    """What is said of the one axiom with this predicate (and subject)."""
    store = EmbeddedStore()
    store.load(ox.parse(ONTOLOGY, ox.RdfFormat.TURTLE))
    axioms = Axioms(store, Settings(languages=("en", "ja"), prefixes={"": EX, **STANDARD_PREFIXES}), language)
    for quad in store.native.quads_for_pattern(None, predicate, None, None):
        if subject is None:
            return axioms.in_words(Triple(quad.subject, RDF.type, OWL.AllDisjointClasses))
        if quad.subject == NamedNode(EX + subject):
            return axioms.in_words(quad.triple)
    raise AssertionError(predicate)


@pytest.mark.parametrize(
    ("predicate", "subject", "english", "japanese"),
    [
        (RDFS.domain, "in", "what has “is in” is a “area”", "「属する」をもつものは「地域」である"),
        (RDF.type, "in", "“is in” is transitive", "「属する」は推移的である"),
        (RDFS.subPropertyOf, "part", "“part” is a kind of “is in”", "「part」は「属する」の一種である"),
        (OWL.inverseOf, "part", "“part” is the inverse of :whole", "「part」は:wholeの逆である"),
        (
            OWL.propertyChainAxiom,
            "far",
            "“is in”, then inverse of “part” together mean :far",
            "「属する」、つぎに「part」の逆をたどると:farになる",
        ),
        (
            OWL.equivalentClass,
            "Both",
            ":Both is the same class as “area” and thing with “is in” :kyoto",
            ":Bothは「地域」かつ「属する」が:kyotoであるものと同じクラスである",
        ),
        (OWL.disjointWith, "Area", "no “area” is a “agent”", "「地域」は「主体」ではない"),
        (
            OWL.members,
            None,
            "no two of “area”, “agent” share an instance",
            "「地域」、「主体」のいずれの二つも個体を共有しない",
        ),
    ],
)
def test_axioms_are_said_in_both_languages(
    predicate: NamedNode, subject: str | None, english: str, japanese: str
) -> None:
    assert words(predicate, subject, "en") == english
    assert words(predicate, subject, "ja") == japanese


def test_leaves_name_graph_file_and_line(graph: KnowledgeGraph, foreign: Folder) -> None:
    found = graph.explain("tree:plum", "park:standsIn", "park:city")
    assert found is not None
    leaves = list(asserted(found))
    assert {leaf.rule for leaf in leaves} == {"asserted"}
    assert all(leaf.file and leaf.line and leaf.graph for leaf in leaves)
    plum = next(leaf for leaf in leaves if "tree:plum" in leaf.text)
    assert plum.file == foreign.root / "data" / "survey" / "trees.ttl"
    assert plum.graph == "https://park.example/graph/survey"
    assert plum.file.read_text().splitlines()[plum.line - 1].strip().startswith("park:standsIn")  # type: ignore[operator]


def asserted(explanation: Explanation) -> list[Explanation]:
    if not explanation.premises:
        return [explanation]
    return [leaf for premise in explanation.premises for leaf in asserted(premise)]


def test_asserted_triple_says_where(graph: KnowledgeGraph) -> None:
    found = graph.explain("tree:plum", "park:standsIn", "park:north-grove")
    assert found is not None
    assert (found.rule, found.premises) == ("asserted", ())
    assert found.line is not None


def test_triple_that_does_not_follow_has_none(graph: KnowledgeGraph) -> None:
    assert graph.explain("park:city", "park:standsIn", "tree:plum") is None


def test_literal_objects_are_explained(graph: KnowledgeGraph) -> None:
    assert graph.explain("tree:old-pine", "skos:prefLabel", '"古松"@ja') is not None


def test_terms_that_cannot_be_read_are_named(graph: KnowledgeGraph) -> None:
    with pytest.raises(QuerySyntaxError, match="prefix of 'nope:x'"):
        graph.explain("nope:x", "a", "park:Tree")
    with pytest.raises(UsageError, match="a subject that is no literal"):
        graph.explain('"x"', "a", "park:Tree")


def test_json_is_nested_as_the_proof_is(graph: KnowledgeGraph) -> None:
    found = graph.explain("tree:plum", "park:standsIn", "park:city")
    assert found is not None
    told = json.loads(write_explanation(found, "json", {}))
    assert set(told) == {"triple", "rule", "axioms", "premises", "graph", "file", "line"}
    assert told["triple"][0] == "https://park.example/tree/plum"
    assert len(told["premises"]) == len(found.premises)


def test_turtle_is_provenance(graph: KnowledgeGraph) -> None:
    found = graph.explain("tree:plum", "park:standsIn", "park:city")
    assert found is not None
    text = write_explanation(found, "turtle", graph.settings.prefixes)
    triples = [quad.triple for quad in ox.parse(text, ox.RdfFormat.TURTLE)]
    entities = {t.subject for t in triples if t == Triple(t.subject, RDF.type, PROV.Entity)}
    leaves = {t.subject for t in triples if t.predicate == PROV.hadPrimarySource}
    derived = {t.subject for t in triples if t.predicate == PROV.wasDerivedFrom}
    assert leaves | derived == entities
    assert not leaves & derived


def test_unknown_format_is_refused() -> None:
    with pytest.raises(FormatError, match="cannot be written as 'pdf'; expected one of text, json, turtle"):
        write_explanation(Explanation(None, "", "cax-dw"), "pdf", {})
