"""The ontology for readers and programs: as a whole, and term by term."""

from __future__ import annotations

import re

import httpx
import pyoxigraph as ox
import pytest

from clustergraph.server.pages.frame.words import words
from garden import BROWSER, GARDEN, page, triples

TREE = ox.NamedNode(f"{GARDEN}ont#Tree")


@pytest.mark.parametrize(("accept", "is_page"), [(BROWSER, True), ("*/*", False), ("text/turtle", False)])
def test_the_ontology_is_a_page_or_its_triples(garden: httpx.Client, accept: str, is_page: bool) -> None:
    answer = garden.get("/ont", headers={"Accept": accept})
    assert answer.status_code == 200
    assert ("text/html" in answer.headers["content-type"]) is is_page
    if not is_page:
        assert TREE in {triple.subject for triple in triples(answer)}
    assert garden.get("/ont", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("ending", ["ttl", "nt", "jsonld", "rdf"])
def test_the_ontology_has_every_syntax(garden: httpx.Client, ending: str) -> None:
    assert len(triples(garden.get(f"/ont.{ending}"))) == len(triples(garden.get("/ont.nt")))
    assert garden.get("/ont.png").status_code == 404


def test_classes_are_a_tree_with_anchors(garden: httpx.Client) -> None:
    text = page(garden, "/ont")
    assert 'id="Tree"' in text  # where ont#Tree leads in a browser
    assert re.search(r'id="Plant".*<ul class="tree">\s*<li><div class="term" id="Tree">', text, re.DOTALL)
    assert "A plant of wood." in text
    assert re.search(r'<a href="/ont/Tree.html">tree</a> <span class="muted">5 things', text)
    assert 'id="planted"' in text
    assert words()["en"]["ontology_deprecated"] in text
    assert "クラス" in page(garden, "/ont", "ja")


@pytest.mark.parametrize(
    ("accept", "location"), [(BROWSER, "ont/Tree.html"), ("text/turtle", "data.ttl?iri=")]
)
@pytest.mark.parametrize("path", ["/ont/Tree", "/ont/g:Tree"])
def test_a_term_is_seen_elsewhere(garden: httpx.Client, path: str, accept: str, location: str) -> None:
    answer = garden.get(path, headers={"Accept": accept})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"https://host.example/{location}")
    found = garden.get(answer.headers["location"])
    assert found.status_code == 200


def test_a_term_has_its_triples(garden: httpx.Client) -> None:
    assert TREE in {triple.subject for triple in triples(garden.get("/ont/Tree.ttl"))}
    assert garden.get("/ont/Tre.ttl").status_code == 404
    assert garden.get("/page", params={"iri": TREE.value}).headers["location"].endswith("/ont/Tree.html")


def test_the_page_of_a_class(garden: httpx.Client) -> None:
    text = page(garden, "/ont/Tree.html")
    assert '<h1 lang="en">tree</h1>' in text
    assert "every “tree” is a “plant”" in text
    assert 'href="/ont/Plant.html"' in text
    assert "A tree stands somewhere." in text
    assert "Say where." in text
    assert '<a href="/queries/leaves?tree=pear"' in text
    assert "5 things" in text
    assert '<a href="/page/tree/pear"' in text
    assert "「木」はすべて「植物」である" in page(garden, "/ont/Tree.html", "ja")


def test_the_page_of_a_property(garden: httpx.Client) -> None:
    text = page(garden, "/ont/standsIn.html")
    assert "“stands in” is the inverse of “holds”" in text
    assert "Say where." in text
    assert "1 use" in text
    assert '<a href="/ont/Tree.html">' in text


def test_a_retired_term_says_so(garden: httpx.Client) -> None:
    assert words()["en"]["ontology_deprecated"] in page(garden, "/ont/Shrub.html")


def test_terms_of_other_vocabularies_have_pages(garden: httpx.Client) -> None:
    iri = "http://www.w3.org/2000/01/rdf-schema#label"
    assert '<h1 lang="en">' not in page(garden, f"/ont?iri={iri.replace('#', '%23')}")
    assert "<h1" in page(garden, "/ont/Nothing.html", status=404)


def test_names_of_other_languages_are_marked(garden: httpx.Client) -> None:
    assert '<h1 lang="en">shrub</h1>' in page(garden, "/ont/Shrub.html", "ja")


def test_ontologies_of_others_have_the_same_face(served: httpx.Client) -> None:
    text = page(served, "/ont")
    assert "park:Conifer" in text
    conifer = page(served, "/ont?iri=https://park.example/terms/Conifer")
    assert "park:Tree" in conifer
    assert "Old Pine" in conifer
    seen = served.get("/ont/Conifer", headers={"Accept": BROWSER})
    assert (seen.status_code, "iri=" in seen.headers["location"]) == (303, True)
