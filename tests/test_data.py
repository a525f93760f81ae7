"""The data: files, citations, labels, counts against the yardstick, and what became of each trap."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import clustergraph
from clustergraph import KnowledgeGraph
from clustergraph.folder import Folder, format_file, open_folder, parse
from clustergraph.terms import (
    DCTERMS,
    OWL,
    RDF,
    RDFS,
    XSD,
    BlankNode,
    Literal,
    NamedNode,
    Namespace,
    Quad,
    Term,
)

ROOT = Path(__file__).parent.parent
HERE = Path(__file__).parent
BASE = "https://w3id.org/clustergraph/"
CG = Namespace(f"{BASE}ont#")
INTERPRETATION = NamedNode(f"{BASE}graph/interpretation")
BACKGROUND = NamedNode(f"{BASE}graph/background")
OURS = {INTERPRETATION, BACKGROUND}
KINDS: list[dict[str, Any]] = tomllib.loads((HERE / "yardstick.toml").read_text())["kind"]
TRAPS: list[dict[str, Any]] = tomllib.loads((HERE / "traps.toml").read_text())["trap"]
# The store keeps these as they are written (tests/test_engine_contract.py), so nothing is lost on the way.
DATATYPES = {XSD[name] for name in ("string", "integer", "decimal", "boolean", "date", "gYear", "gYearMonth")}
DATATYPES |= {RDF.langString}
# Only concluded: by the axioms, never asserted.
INFERRED_ONLY = {
    "areaContinuedBy",
    "assessedIn",
    "contributedTo",
    "cooperatesThroughProgramsWith",
    "coversField",
    "fundedUnderPlan",
    "hasAffiliate",
    "hasContributed",
    "hasContribution",
    "hasField",
    "hasFinding",
    "hasMembership",
    "hasParticipant",
    "hasParticipation",
    "hasPart",
    "implements",
    "isSucceededBy",
    "measureOf",
    "memberAreaOf",
    "memberOf",
    "participatesIn",
    "representedAt",
    "succeeds",
    "supportedBy",
}


@pytest.fixture(scope="module")
def folder() -> Folder:
    return open_folder(ROOT)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield clustergraph.open(ROOT)


@pytest.fixture(scope="module")
def quads(folder: Folder) -> list[Quad]:
    """The data as written, each quad in the graph of its folder."""
    return [quad for file in folder.files() if file.kind == "data" for quad in parse(file)]


@pytest.fixture(scope="module")
def things(folder: Folder, quads: list[Quad]) -> dict[Term, dict[Term, set[Term]]]:
    """What data and ontology say together, by subject and predicate."""
    found: dict[Term, dict[Term, set[Term]]] = defaultdict(lambda: defaultdict(set))
    ontology = [quad for file in folder.files() if file.kind == "ontology" for quad in parse(file)]
    for quad in [*quads, *ontology]:
        found[quad.subject][quad.predicate].add(quad.object)
    return found


def prefixes(graph: KnowledgeGraph) -> str:
    return "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in graph.settings.prefixes.items())


def ours(term: Term) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith(BASE)


def test_every_file_is_in_the_one_layout(folder: Folder) -> None:
    data = [file for file in folder.files() if file.kind == "data"]
    assert len(data) > 70
    assert [file.name for file in data if format_file(file.path, check=True)] == []


def test_every_file_is_short_enough_to_be_reviewed(folder: Folder) -> None:
    assert [
        f.name for f in folder.files() if f.kind == "data" and len(f.path.read_text().splitlines()) > 1700
    ] == []


def test_every_graph_is_described_with_its_source(
    quads: list[Quad], things: dict[Term, dict[Term, set[Term]]]
) -> None:
    graphs = {quad.graph_name for quad in quads}
    assert len(graphs) == 7
    for name in graphs:
        assert CG.NamedGraph in things[name][RDF.type]
        assert bool(things[name][CG.describesSource]) == (name not in OURS)


def test_there_are_no_blank_nodes(quads: list[Quad]) -> None:
    assert [q for q in quads if isinstance(q.subject, BlankNode) or isinstance(q.object, BlankNode)] == []


def test_only_datatypes_that_survive_the_store_are_used(quads: list[Quad]) -> None:
    literals = {quad.object for quad in quads if isinstance(quad.object, Literal)}
    assert {literal.datatype for literal in literals} <= DATATYPES
    assert {literal.language for literal in literals if literal.language} == {"en", "ja"}


def test_no_iri_dangles(quads: list[Quad], things: dict[Term, dict[Term, set[Term]]]) -> None:
    mentioned = {term for quad in quads for term in (quad.subject, quad.predicate, quad.object) if ours(term)}
    assert {term for term in mentioned if not things[term][RDF.type]} == set()


def test_every_thing_has_one_label_in_each_language(things: dict[Term, dict[Term, set[Term]]]) -> None:
    named = {term: about for term, about in things.items() if ours(term) and "/id/" in str(term.value)}
    assert len(named) > 1000
    wrong = {
        term: about[RDFS.label]
        for term, about in named.items()
        if sorted(getattr(label, "language", "") for label in about[RDFS.label]) != ["en", "ja"]
    }
    assert wrong == {}


def test_slugs_are_kebab_case_and_hold_no_misprint(quads: list[Quad]) -> None:
    slugs = {str(quad.subject.value) for quad in quads if ours(quad.subject)}
    assert [iri for iri in slugs if not re.search(r"/(id/[a-z-]+|graph)/[a-z0-9]+(-[a-z0-9]+)*$", iri)] == []
    assert [iri for iri in slugs if re.search("wast|governemnt|kyusyu", iri)] == []


def test_what_axioms_conclude_is_not_asserted(quads: list[Quad]) -> None:
    assert {q.predicate for q in quads} & {CG[name] for name in INFERRED_ONLY} == set()


def test_every_statement_has_source_rank_basis_and_locator(things: dict[Term, dict[Term, set[Term]]]) -> None:
    statements = {t: about for t, about in things.items() if "/id/statement/" in str(t.value)}
    assert len(statements) > 150
    for statement, about in statements.items():
        assert all(len(about[p]) == 1 for p in (CG.rank, CG.basis, CG.indicator)), statement
        for source in about[CG.statedIn]:
            if source != INTERPRETATION:
                assert all(about[p] for p in (CG.locator, CG.lineFrom, CG.lineTo, CG.sourceForm)), statement
        assert about[CG.statedIn], statement


def test_statement_is_in_the_graph_of_the_source_that_states_it(
    quads: list[Quad], things: dict[Term, dict[Term, set[Term]]]
) -> None:
    described = {source: name for name, about in things.items() for source in about[CG.describesSource]}
    for quad in quads:
        if quad.predicate == CG.statedIn:
            assert quad.graph_name == described.get(quad.object, quad.object), quad


def test_rank_other_than_normal_and_reasons_are_interpretation(quads: list[Quad]) -> None:
    """What we judge stands apart from what a source says."""
    judged = [q for q in quads if q.predicate == CG.rank and q.object != NamedNode(f"{BASE}id/rank/normal")]
    judged += [
        q for q in quads if q.predicate in {CG.reason, CG.inconsistentWith, CG.confidence, CG.compares}
    ]
    assert judged
    assert {quad.graph_name for quad in judged} == {INTERPRETATION}


def test_every_statement_that_conflicts_says_why(things: dict[Term, dict[Term, set[Term]]]) -> None:
    compared = {s for about in things.values() for s in about[CG.compares]}
    for statement, about in list(things.items()):
        for other in about[CG.inconsistentWith]:
            assert {statement, other} <= compared, statement
    discrepancies = [about for about in things.values() if CG.Discrepancy in about[RDF.type]]
    assert all(len(about[CG.reason]) == 2 and about[CG.discrepancyKind] for about in discrepancies)


def test_source_forms_are_no_quotations(quads: list[Quad]) -> None:
    forms = [str(quad.object.value) for quad in quads if quad.predicate == CG.sourceForm]
    assert len(forms) > 200
    assert [form for form in forms if len(form) > 40] == []


def test_lines_lie_within_the_source(things: dict[Term, dict[Term, set[Term]]], quads: list[Quad]) -> None:
    lengths = {
        name: int(next(iter(things[source][CG.lineCount])).value)
        for name, about in things.items()
        for source in about[CG.describesSource]
    }
    for quad in quads:
        if quad.predicate in {CG.lineFrom, CG.lineTo} and quad.graph_name in lengths:
            assert 1 <= int(quad.object.value) <= lengths[quad.graph_name], quad


def test_every_fragment_is_cited(quads: list[Quad], things: dict[Term, dict[Term, set[Term]]]) -> None:
    fragments = {term for term, about in things.items() if CG.SourceFragment in about[RDF.type]}
    assert fragments - {quad.object for quad in quads if quad.predicate == DCTERMS.source} == set()


def test_prefixes_of_the_settings_cover_those_of_the_files(folder: Folder) -> None:
    for file in folder.files():
        for name, iri in re.findall(r"^@prefix ([\w-]*): <([^>]*)> \.$", file.path.read_text(), re.MULTILINE):
            if iri.startswith(BASE):
                assert folder.settings.prefixes[name] == iri, file.name


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["name"])
def test_count_is_that_of_the_yardstick(kind: dict[str, Any], graph: KnowledgeGraph) -> None:
    query = f"SELECT (COUNT(DISTINCT ?thing) AS ?things) WHERE {{ {kind['query']} }}"
    ((count,),) = graph.sparql(prefixes(graph) + query)
    assert int(count.value) == kind["counted"] + kind.get("more", 0)
    assert ("more" in kind) == ("reason" in kind)


def test_policy_elements_are_more_than_those_first_counted(graph: KnowledgeGraph) -> None:
    rows = graph.sparql(prefixes(graph) + "SELECT ?element WHERE { ?element a cg:PolicyElement }")
    assert len(set(rows)) > 81


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: f"T{trap['number']:02} {trap['holds']}")
def test_trap_is_handled(trap: dict[str, Any], graph: KnowledgeGraph) -> None:
    assert bool(graph.sparql(f"{prefixes(graph)}ASK {{ {trap['ask']} }}", entailment="none"))


def test_nothing_is_the_same_as_another_thing(graph: KnowledgeGraph) -> None:
    assert not bool(graph.sparql(f"ASK {{ ?one <{OWL.sameAs.value}> ?other FILTER(?one != ?other) }}"))
