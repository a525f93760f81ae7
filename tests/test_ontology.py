"""The ontology: its header, its terms, that each is needed, and that no released IRI goes missing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import clustergraph
from clustergraph import KnowledgeGraph
from clustergraph.folder import format_file
from clustergraph.terms import DCTERMS, OWL, RDF, RDFS, SKOS, Literal, NamedNode, Namespace, Term, Triple

ROOT = Path(__file__).parent.parent
HERE = Path(__file__).parent
CG = Namespace("https://w3id.org/clustergraph/ont#")
ONT = NamedNode("https://w3id.org/clustergraph/ont")
VANN = Namespace("http://purl.org/vocab/vann/")
VS = Namespace("http://www.w3.org/2003/06/sw-vocab-status/ns#")
MOD = Namespace("https://w3id.org/mod#")
KINDS = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}

# Not in the data, and kept for a reason.
WITHOUT_DATA = {
    CG.competencyQuestion: "it stands on the axioms",
    CG.endFiscalYear: "no source says when a participation ended; shapes compare it with the start",
}


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield clustergraph.open(ROOT)


@pytest.fixture(scope="module")
def said(graph: KnowledgeGraph) -> dict[Term, dict[Term, list[Term]]]:
    """What the graph asserts, by subject and predicate."""
    found: dict[Term, dict[Term, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for quad in graph.store("none").native.quads_for_pattern(None, None, None):
        if quad.object not in found[quad.subject][quad.predicate]:
            found[quad.subject][quad.predicate].append(quad.object)
    return found


@pytest.fixture(scope="module")
def terms(said: dict[Term, dict[Term, list[Term]]]) -> dict[Term, dict[Term, list[Term]]]:
    """The classes, properties, schemes and concepts of the ontology."""
    return {term: about for term, about in said.items() if ONT in about[RDFS.isDefinedBy]}


def in_language(literals: list[Term], language: str) -> str:
    (text,) = [
        literal.value for literal in literals if isinstance(literal, Literal) and literal.language == language
    ]
    return text


def local(term: Term) -> str:
    return str(term.value).removeprefix(str(CG))


def named_in(*paths: Path) -> set[str]:
    """The terms of the ontology that these files name."""
    return {name for path in paths for name in re.findall(r"\bcg:([A-Za-z]\w*)", path.read_text())}


def test_header_is_complete(said: dict[Term, dict[Term, list[Term]]]) -> None:
    header = said[ONT]
    assert OWL.Ontology in header[RDF.type]
    for predicate in (DCTERMS.title, DCTERMS.description, DCTERMS.rights, DCTERMS.bibliographicCitation):
        assert in_language(header[predicate], "en")
        assert in_language(header[predicate], "ja")
    for predicate in (DCTERMS.creator, DCTERMS.publisher, DCTERMS.created, DCTERMS.modified, DCTERMS.issued):
        assert header[predicate], predicate
    assert header[DCTERMS.license] == [NamedNode("https://creativecommons.org/licenses/by/4.0/")]
    assert header[VANN.preferredNamespacePrefix] == [Literal("cg")]
    assert header[VANN.preferredNamespaceUri] == [Literal(str(CG))]
    assert header[MOD.status]
    (version,) = header[OWL.versionInfo]
    assert header[OWL.versionIRI] == [NamedNode(f"{ONT.value}/{version.value}")]
    assert header[OWL.priorVersion] or header[SKOS.historyNote]


def test_every_term_in_our_namespace_is_declared_and_defined_here(
    said: dict[Term, dict[Term, list[Term]]], terms: dict[Term, dict[Term, list[Term]]]
) -> None:
    ours = {t for t in said if isinstance(t, NamedNode) and t.value.startswith(str(CG))}
    assert {term for term in ours if not said[term][RDF.type]} == set()
    assert {term for term in ours if term not in terms} == set()


@pytest.mark.parametrize("predicate", [RDFS.label, SKOS.definition])
def test_every_term_has_it_once_in_english_and_in_japanese(
    predicate: NamedNode, terms: dict[Term, dict[Term, list[Term]]]
) -> None:
    wrong = {
        local(term)
        for term, about in terms.items()
        if sorted(getattr(text, "language", "") for text in about[predicate]) != ["en", "ja"]
    }
    assert wrong == set()


def test_every_class_and_property_has_an_example_and_a_status(
    terms: dict[Term, dict[Term, list[Term]]],
) -> None:
    declared = {term: about for term, about in terms.items() if KINDS & set(about[RDF.type])}
    assert len(declared) > 200
    assert {local(term) for term, about in declared.items() if not about[SKOS.example]} == set()
    assert {local(term) for term, about in declared.items() if not about[VS.term_status]} == set()


def test_japanese_texts_are_japanese_and_english_texts_are_not(
    terms: dict[Term, dict[Term, list[Term]]],
) -> None:
    japanese = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
    for about in terms.values():
        for literal in (literal for objects in about.values() for literal in objects):
            if isinstance(literal, Literal) and literal.language == "en":
                assert not japanese.search(literal.value), literal
            if (
                isinstance(literal, Literal)
                and literal.language == "ja"
                and literal in about[SKOS.definition]
            ):
                assert japanese.search(literal.value), literal


def test_no_definition_is_circular(terms: dict[Term, dict[Term, list[Term]]]) -> None:
    """In English the genus stands first, in Japanese last: neither is the label of the term itself."""
    for about in terms.values():
        label, definition = (in_language(about[p], "en").lower() for p in (RDFS.label, SKOS.definition))
        assert not re.match(rf"(an? |the )?{re.escape(label)}\b", definition), definition
        label, definition = (in_language(about[p], "ja") for p in (RDFS.label, SKOS.definition))
        assert not definition.removesuffix("。").endswith(label), definition


def test_definition_of_a_class_names_its_parent_first(terms: dict[Term, dict[Term, list[Term]]]) -> None:
    for about in terms.values():
        for parent in about[RDFS.subClassOf]:
            if parent in terms:
                genus = in_language(terms[parent][RDFS.label], "en").lower()
                assert re.match(rf"an? {genus}\b", in_language(about[SKOS.definition], "en").lower())


def test_every_class_and_property_is_used_in_the_graph(
    graph: KnowledgeGraph, terms: dict[Term, dict[Term, list[Term]]]
) -> None:
    used: set[Term] = set()
    for quad in graph.store("owl2rl").native.quads_for_pattern(None, None, None):
        used |= {quad.object} if quad.predicate == RDF.type else {quad.predicate}
    declared = {term for term, about in terms.items() if KINDS & set(about[RDF.type])}
    assert declared - used == set(WITHOUT_DATA) - {CG.competencyQuestion}


def test_every_class_and_property_is_needed_by_a_query_or_a_shape(
    graph: KnowledgeGraph, terms: dict[Term, dict[Term, list[Term]]]
) -> None:
    files = [*(ROOT / "queries").rglob("*.rq"), *(ROOT / "ontology" / "shapes").glob("*.ttl")]
    declared = {term for term, about in terms.items() if KINDS & set(about[RDF.type])}
    unnamed = {term for term in declared if local(term) not in named_in(*files)}
    # The rest are kinds that a saved query is given as an argument, and it answers.
    assert {term for term in unnamed if OWL.Class not in terms[term][RDF.type]} == set()
    for term in unnamed:
        assert list(graph.query("things-of-a-kind", kind=f"cg:{local(term)}")), term


def test_queries_and_shapes_name_no_term_that_is_not_there(terms: dict[Term, dict[Term, list[Term]]]) -> None:
    files = [*(ROOT / "queries").rglob("*.rq"), *(ROOT / "ontology" / "shapes").glob("*.ttl")]
    assert named_in(*files) - {local(term) for term in terms} == set()


def test_every_concept_is_used_in_data_or_listed_by_a_shape(
    graph: KnowledgeGraph, terms: dict[Term, dict[Term, list[Term]]]
) -> None:
    concepts = {term for term, about in terms.items() if SKOS.Concept in about[RDF.type]}
    used: set[Term] = set()
    for quad in graph.store("none").native.quads_for_pattern(None, None, None):
        if quad.object in concepts and not str(quad.predicate.value).startswith(str(SKOS)):
            used.add(quad.object)
    shapes = "".join(path.read_text() for path in (ROOT / "ontology" / "shapes").glob("*.ttl"))
    listed = {
        c
        for c in concepts
        if re.search(rf"\b{'/'.join(str(c.value).split('/')[-2:]).replace('/', ':')}\b", shapes)
    }
    assert concepts - used - listed == set()


def test_every_concept_stands_in_its_own_scheme(terms: dict[Term, dict[Term, list[Term]]]) -> None:
    for term, about in terms.items():
        if SKOS.Concept in about[RDF.type]:
            kind, _ = str(term.value).removeprefix("https://w3id.org/clustergraph/id/").split("/")
            assert about[SKOS.inScheme] == [NamedNode(f"https://w3id.org/clustergraph/id/scheme/{kind}")]
            assert set(about[SKOS.prefLabel]) == set(about[RDFS.label])


def test_every_axiom_about_a_term_carries_its_question(said: dict[Term, dict[Term, list[Term]]]) -> None:
    """Each subject of axioms.ttl but those that only stand below another property or apart from a class."""
    import pyoxigraph as ox  # noqa: PLC0415  # for this file alone

    triples = [q.triple for q in ox.parse(path=ROOT / "ontology" / "axioms.ttl", format=ox.RdfFormat.TURTLE)]
    plain = {RDFS.subPropertyOf, OWL.disjointWith, CG.competencyQuestion}
    subjects = {
        triple.subject
        for triple in triples
        if isinstance(triple, Triple)
        and isinstance(triple.subject, NamedNode)
        and triple.subject.value.startswith(str(CG))
        and triple.predicate not in plain
    }
    for term in subjects:
        questions = said[term][CG.competencyQuestion]
        assert sorted(getattr(question, "language", "") for question in questions) == ["en", "ja"], term


@pytest.mark.parametrize("name", ["clustergraph", "axioms", "concepts"])
def test_files_are_in_the_one_layout(name: str) -> None:
    assert not format_file(ROOT / "ontology" / f"{name}.ttl", check=True)


def test_no_released_iri_went_missing(said: dict[Term, dict[Term, list[Term]]]) -> None:
    """An IRI may only leave with owl:deprecated and dcterms:isReplacedBy.

    The list is written at a release:
    clustergraph sparql -f tests/released-iris.rq --entailment none --format tsv -o tests/released-iris.tsv
    """
    lines = (HERE / "released-iris.tsv").read_text().splitlines()
    assert lines[0] == "?iri"
    released = {NamedNode(line.strip("<>")) for line in lines[1:]}
    assert len(released) > 1000
    for iri in released:
        about = said.get(iri)
        assert about, f"{iri.value} is gone"
        if Literal(True) in about[OWL.deprecated]:
            assert about[DCTERMS.isReplacedBy], f"{iri.value} is retired without a successor"
        else:
            assert about[RDF.type], f"{iri.value} is not described any more"
