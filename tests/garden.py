"""A folder with all that its pages must bear: names in two scripts, claims that disagree, retired things."""

from __future__ import annotations

from pathlib import Path

import httpx
import pyoxigraph as ox

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
GARDEN = "https://garden.example/"
PEAR = f"{GARDEN}id/tree/pear"
SETTINGS = """
base = "https://garden.example/"
languages = ["en", "ja"]
license = "https://creativecommons.org/licenses/by/4.0/"
title = { en = "The garden", ja = "庭" }
[prefixes]
g = "https://garden.example/ont#"
other = "https://elsewhere.example/v/"
[vocabulary]
about = ["g:about"]
figure = ["g:figure", "g:least"]
indicator = ["g:indicator"]
unit = ["g:unit"]
source = ["g:said"]
locator = ["g:where"]
contradiction = ["g:contradicts"]
comparison = ["g:compares"]
reason = ["g:reason"]
"""
ONTOLOGY = """
@prefix g: <https://garden.example/ont#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
g:Plant a owl:Class ; rdfs:label "plant"@en, "植物"@ja .
g:Tree a owl:Class ; rdfs:subClassOf g:Plant ; rdfs:label "tree"@en, "木"@ja ;
    skos:definition "A plant of wood."@en .
g:Shrub a owl:Class ; rdfs:label "shrub"@en ; owl:deprecated true .
g:standsIn a owl:ObjectProperty ; rdfs:label "stands in"@en, "ある場所"@ja ; owl:inverseOf g:holds .
g:holds a owl:ObjectProperty ; rdfs:label "holds"@en .
g:planted a owl:DatatypeProperty ; rdfs:domain g:Tree ; rdfs:label "planted"@en .
"""
DATA = """
@prefix g: <https://garden.example/ont#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix t: <https://garden.example/id/tree/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
t:pear a g:Tree ; rdfs:label "Pear"@en, "梨"@ja ;
    g:planted "1901"^^xsd:gYear ; g:standsIn <https://garden.example/id/bed/north> ;
    g:price 1234567 ; g:measured [ g:by "eye" ; g:on ( 1 2 ) ] ; g:like <https://far.example/pear> .
t:plum a g:Tree ; rdfs:label "<img src=x onerror=alert(1)>"@en ; rdfs:comment "</script><b>bold</b>" .
t:梅 a g:Tree ; rdfs:label "梅"@ja .
<https://garden.example/id/tree/%E6%9D%BE> a g:Tree ; rdfs:label "pine"@en .
<https://garden.example/id/tree/a/b.ttl> a g:Tree ; rdfs:label "slash and dot"@en .
<https://garden.example/id/bed/north> rdfs:label "North bed"@en .
<urn:isbn:12> a g:Plant ; rdfs:label "far away"@en .
t:apple owl:deprecated true ; dcterms:isReplacedBy t:pear ; rdfs:label "Apple"@en .
t:gone owl:deprecated true .
t:kept owl:deprecated false ; rdfs:label "Kept"@en .
<https://garden.example/id/odd> <https://garden.example/ont#1> "no XML name" .
<https://garden.example/id/claim/a> g:about t:pear ; g:figure 12 ; g:indicator g:height ; g:unit "metres" ;
    g:said t:kept ; g:where "page 7" ;
    g:contradicts <https://garden.example/id/claim/b> .
<https://garden.example/id/claim/b> g:about t:pear ; g:figure 13.5 ; g:indicator g:height ;
    rdfs:label "Second claim"@en .
<https://garden.example/id/claim/c> g:about t:pear ; g:least 2 ; g:indicator g:age .
<https://garden.example/id/dispute/1> rdfs:label "How high"@en ;
    g:reason "They measured in different years."@en ;
    g:compares <https://garden.example/id/claim/a>, <https://garden.example/id/claim/b> .
"""
BERRIES = 1203
QUERIES = {
    "leaves": (
        "#+ summary: Leaves of a tree\n#+ parameters:\n"
        "#+   tree: { class: g:Tree, required: true, example: pear }\n"
        "SELECT ?leaf WHERE { ?tree <https://garden.example/ont#leaf> ?leaf } ORDER BY ?leaf"
    ),
    "prices": "#+ summary: Prices\nSELECT ?x WHERE { ?x <https://garden.example/ont#price> ?p } ORDER BY ?x",
}


def write(root: Path) -> Path:
    files = {
        "clustergraph.toml": SETTINGS,
        "ontology/garden.ttl": ONTOLOGY,
        "data/trees/trees.ttl": DATA,
        "data/berries/berries.nt": "".join(
            f"<{GARDEN}id/berry/{place}> <{GARDEN}ont#{'near' if place % 3 else 'below'}> <{PEAR}> .\n"
            for place in range(BERRIES)
        ),
        "ontology/shapes/tree.ttl": (
            "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix g: <https://garden.example/ont#> .\n"
            '<urn:s> a sh:NodeShape ; sh:targetClass g:Tree ; sh:message "A tree stands somewhere."@en ;\n'
            "  sh:property <urn:p> . <urn:p> sh:path g:standsIn ; sh:minCount 0 ;\n"
            '  sh:message "Say where."@en .'
        ),
        **{f"queries/{name}.rq": text for name, text in QUERIES.items()},
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def page(client: httpx.Client, address: str, language: str = "en", status: int = 200) -> str:
    answer = client.get(address, headers={"Accept": BROWSER, "Accept-Language": language})
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    return answer.text


def triples(answer: httpx.Response) -> set[ox.Triple]:
    assert answer.status_code == 200, answer.text[:500]
    format = ox.RdfFormat.from_media_type(answer.headers["content-type"])
    assert format is not None
    return {quad.triple for quad in ox.parse(answer.content, format=format)}
