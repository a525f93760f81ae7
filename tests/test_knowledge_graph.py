"""The house: what `import clustergraph` offers."""

import subprocess
import sys

import pytest

import clustergraph
from clustergraph.errors import ArgumentError, FolderError, QueryRefusedError, UnknownQueryError, UsageError
from clustergraph.folder import Folder
from clustergraph.sparql.results import Boolean, Solutions, Triples

SYMMETRIC = """@prefix : <x:> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
:p a owl:SymmetricProperty .
:a :p :b .
"""
DISJOINT = """@prefix : <x:> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
:A owl:disjointWith :B .
:x a :A, :B .
"""
SIZE = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture
def graph(foreign: Folder, cache: object) -> clustergraph.KnowledgeGraph:
    return clustergraph.open(foreign.root)


def size(graph: clustergraph.KnowledgeGraph, entailment: str) -> int:
    answer = graph.sparql(SIZE, entailment=entailment)  # type: ignore[arg-type]  # one of the two
    assert isinstance(answer, Solutions)
    ((count,),) = answer
    return int(count.value)  # type: ignore[union-attr]  # a literal


def test_public_names_are_those_listed() -> None:
    assert sorted(clustergraph.__all__) == ["ClusterGraphError", "KnowledgeGraph", "open"]
    assert all(hasattr(clustergraph, name) for name in clustergraph.__all__)


def test_library_needs_no_web_framework() -> None:
    heavy = "{'fastapi', 'uvicorn', 'rdflib', 'pyshacl', 'owlrl', 'typer', 'httpx'}"
    code = f"import sys, clustergraph; print(sorted({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_embedded_graph_is_the_default() -> None:
    assert clustergraph.open().settings.base == "https://w3id.org/clustergraph/"


def test_missing_folder_is_named() -> None:
    with pytest.raises(FolderError, match="/nowhere: no such folder"):
        clustergraph.open("/nowhere")


def test_saved_query_takes_arguments_by_name(graph: clustergraph.KnowledgeGraph, foreign: Folder) -> None:
    (foreign.root / "queries" / "tall.rq").write_text(
        "#+ parameters:\n#+   metres: { datatype: xsd:decimal }\n"
        "#+   tree: { class: park:Tree, many: true }\n"
        "PREFIX park: <https://park.example/terms/>\n"
        "SELECT ?tree { ?tree park:height ?h FILTER(!BOUND(?metres) || ?h > ?metres) } ORDER BY ?tree\n"
    )
    assert len(list(graph.query("tall"))) == 2
    assert len(list(graph.query("tall", metres=10))) == 1
    assert len(list(graph.query("tall", tree=["plum", "old-pine"], metres=None))) == 2
    with pytest.raises(ArgumentError, match="parameter 'meters'"):
        graph.query("tall", meters=10)
    with pytest.raises(UnknownQueryError, match="did you mean tall"):
        graph.query("tal")


def test_entailment_decides_what_is_seen(graph: clustergraph.KnowledgeGraph) -> None:
    assert size(graph, "owl2rl") > size(graph, "none")


def test_every_query_form_has_its_answer(graph: clustergraph.KnowledgeGraph) -> None:
    assert isinstance(graph.sparql("ASK {}"), Boolean)
    assert isinstance(graph.sparql("CONSTRUCT WHERE { ?s ?p ?o }"), Triples)
    with pytest.raises(QueryRefusedError, match="an update"):
        graph.sparql("CLEAR ALL")


def test_rdflib_sees_graphs_and_spellings(graph: clustergraph.KnowledgeGraph) -> None:
    dataset = graph.to_rdflib()
    rows = list(dataset.query("SELECT ?g ?h { GRAPH ?g { ?s <https://park.example/terms/height> ?h } }"))
    assert sorted((str(g).rpartition("/")[2], str(h)) for g, h in rows) == [  # type: ignore[misc]  # rows of a SELECT
        ("register", "4"), ("survey", "18.50"), ("survey", "4"),
    ]  # fmt: skip
    assert len(graph.to_rdflib(entailment="owl2rl")) > len(dataset)


def test_version_is_that_of_the_data(graph: clustergraph.KnowledgeGraph, foreign: Folder) -> None:
    again = clustergraph.open(foreign.root)
    assert graph.version == again.version
    (foreign.root / "data" / "survey" / "more.ttl").write_text("<x:a> <x:b> <x:c> .")
    assert clustergraph.open(foreign.root).version != graph.version


def test_validation_without_shapes_says_so(graph: clustergraph.KnowledgeGraph, foreign: Folder) -> None:
    assert graph.validate().conforms
    (foreign.root / "ontology" / "shapes" / "tree.ttl").unlink()
    with pytest.raises(UsageError, match="no shapes in ontology/shapes"):
        clustergraph.open(foreign.root).validate()


def test_inference_of_files_alone(graph: clustergraph.KnowledgeGraph, foreign: Folder) -> None:
    file = foreign.root.parent / "alone.ttl"
    file.write_text(SYMMETRIC)
    inference = graph.infer(file, standalone=True)
    assert [str(triple) for triple in inference.triples()] == ["<x:b> <x:p> <x:a>"]
    assert len(list(inference.triples(asserted=True))) == 3
    by_owlrl = graph.infer(file, standalone=True, engine="owlrl")
    assert set(by_owlrl.triples()) == set(inference.triples())
    assert set(graph.infer(file).triples()) > set(inference.triples())


def test_contradiction_is_explained(graph: clustergraph.KnowledgeGraph, foreign: Folder) -> None:
    file = foreign.root.parent / "wrong.ttl"
    file.write_text(DISJOINT)
    inference = graph.infer(file, standalone=True)
    assert [found.rule for found in inference.closure.inconsistencies] == ["cax-dw"]
    assert {leaf.line for leaf in inference.contradictions[0].premises} == {3}


def test_entailment_of_files(graph: clustergraph.KnowledgeGraph, foreign: Folder) -> None:
    premise, conclusion = foreign.root.parent / "premise.ttl", foreign.root.parent / "conclusion.ttl"
    premise.write_text(SYMMETRIC)
    conclusion.write_text("<x:b> <x:p> <x:a> .")
    assert graph.entails(conclusion, premise).entailed
    conclusion.write_text("<x:b> <x:p> <x:c> .")
    assert not graph.entails(conclusion, premise).entailed


def test_endpoint_needs_no_snapshot_and_names_what_does() -> None:
    graph = clustergraph.open(endpoint="http://127.0.0.1:9/sparql")
    assert "program-areas" in graph.catalogue
    with pytest.raises(UsageError, match="needs the graph's own folder"):
        _ = graph.version
    with pytest.raises(UsageError, match="an update endpoint needs an endpoint"):
        clustergraph.open(update_endpoint="http://127.0.0.1:9/update")
