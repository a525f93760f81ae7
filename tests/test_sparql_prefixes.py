"""What is written as triples declares the prefixes that it uses and no others."""

from __future__ import annotations

import re
from io import BytesIO

import httpx
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from clustergraph.sparql.prefixes import used_prefixes
from clustergraph.sparql.results import Triples
from clustergraph.terms import OWL, RDF, XSD
from clustergraph.workers import writing

PREFIXES = {
    "a": "http://a.example/",
    "deep": "http://a.example/deep/",
    "again": "http://a.example/",
    "none": "http://none.example/",
    "rdf": str(RDF),
    "xsd": str(XSD),
}
SUBJECT, DEEP, FAR = NamedNode("http://a.example/s"), NamedNode("http://a.example/deep/p"), OWL.Thing
LATER = NamedNode("http://none.example/p")


@pytest.mark.parametrize(
    ("triple", "used"),
    [
        (Triple(SUBJECT, DEEP, FAR), {"a", "deep"}),
        (Triple(FAR, DEEP, BlankNode()), {"deep"}),
        (Triple(FAR, RDF.type, FAR), set()),
        (Triple(FAR, RDF.type, RDF.type), {"rdf"}),
        (Triple(FAR, FAR, Literal("text", language="en")), set()),
        (Triple(FAR, FAR, Literal("1.5", datatype=XSD.decimal)), set()),
        (Triple(FAR, FAR, Literal("1", datatype=XSD.decimal)), {"xsd"}),
        (Triple(FAR, FAR, Literal("1.0", datatype=XSD.double)), {"xsd"}),
        (Triple(FAR, FAR, Literal("2002", datatype=XSD.gYear)), {"xsd"}),
        (Triple(FAR, FAR, Literal("yes", datatype=XSD.boolean)), {"xsd"}),
        (Triple(FAR, FAR, Triple(SUBJECT, FAR, FAR)), {"a"}),
    ],
)
def test_prefixes_are_those_that_the_text_uses(triple: Triple, used: set[str]) -> None:
    assert set(used_prefixes([triple], PREFIXES)) == used
    text = Triples([triple]).serialize("turtle", PREFIXES).decode()
    declared = set(re.findall(r"^@prefix (\w*):", text, re.MULTILINE))
    body = re.sub(r"^@prefix .*$|<[^<>(]*>|\"[^\"]*\"", "", text, flags=re.MULTILINE)
    assert declared == used == set(re.findall(r"\b([a-z]+):", body))


def test_answer_of_a_service_declares_what_its_first_triples_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes later is written in full: a stream is not held until its end."""
    monkeypatch.setattr(writing, "_FIRST", 1)
    output = BytesIO()
    writing.write(Triples([Triple(SUBJECT, FAR, FAR), Triple(FAR, LATER, FAR)]), "turtle", output, PREFIXES)
    assert output.getvalue().startswith(b"@prefix a: <http://a.example/> .\na:s ")
    assert b"<http://none.example/p>" in output.getvalue()


def test_service_names_the_namespaces_of_its_graph(garden: httpx.Client) -> None:
    query = "PREFIX mine: <https://garden.example/ont#> CONSTRUCT WHERE { ?s a mine:Tree }"
    answer = garden.get("/sparql", params={"query": query}, headers={"Accept": "text/turtle"}).text
    assert "@prefix mine: <https://garden.example/ont#> ." in answer
    assert answer.count("@prefix") == 1
    plain = query.partition(">")[2].replace("mine:Tree", "<https://garden.example/ont#Tree>")
    answer = garden.get("/sparql", params={"query": plain}, headers={"Accept": "text/turtle"}).text
    assert "@prefix g: <https://garden.example/ont#> ." in answer
    assert answer.count("@prefix") == 1
