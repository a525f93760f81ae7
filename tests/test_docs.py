"""The docs: tables are what the graph answers, links lead somewhere, Turtle and names are the graph's."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pyoxigraph as ox
import pytest

import clustergraph
from clustergraph import KnowledgeGraph
from clustergraph.cli.app import run
from clustergraph.terms import Quad

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TERMS = """
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?term ?kind
WHERE { ?term rdfs:isDefinedBy ?ontology ; a ?kind FILTER STRSTARTS(STR(?kind), STR(owl:)) }
"""
COUNTS = "SELECT ?property (COUNT(*) AS ?triples) WHERE { ?s ?property ?o } GROUP BY ?property"
MODEL = (ROOT / "docs" / "model.md").read_text()


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield clustergraph.open(ROOT)


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tables", ROOT / "docs" / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_tables_are_what_the_graph_answers(path: Path, graph: KnowledgeGraph, tables: ModuleType) -> None:
    """Where they are not: python docs/tables.py."""
    assert tables.filled(path.read_text(), graph) == path.read_text()


def test_block_is_filled_in_the_order_of_its_rows(graph: KnowledgeGraph, tables: ModuleType) -> None:
    block = "<!-- answer: class-counts\ncolumns: Kind = classLabel, Number = things\nrows: survey; law -->\n"
    page = f"Before\n\n{block}old\n<!-- /answer -->\n\nAfter\n"
    answered = "\n| Kind | Number |\n| --- | --- |\n| survey | 2 |\n| law | 1 |\n"
    assert tables.filled(page, graph) == f"Before\n\n{block}{answered}<!-- /answer -->\n\nAfter\n"


def test_block_in_fenced_code_is_left_alone(graph: KnowledgeGraph, tables: ModuleType) -> None:
    page = "```\n<!-- answer: class-counts\ncolumns: Kind = classLabel -->\n<!-- /answer -->\n```\n"
    assert tables.filled(page, graph) == page


def test_catalogue_is_listed(graph: KnowledgeGraph, tables: ModuleType) -> None:
    listed = tables.filled("<!-- queries: en -->\n<!-- /queries -->", graph)
    assert all(f"| `{name}` |" in listed for name in graph.catalogue)


@pytest.mark.parametrize("path", PAGES[1:], ids=lambda path: path.name)
def test_links_to_files_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_turtle_of_the_docs_says_what_the_graph_says(path: Path, graph: KnowledgeGraph) -> None:
    """A fenced block `turtle` is an extract of data, ontology or shapes, not an invention."""
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in graph.settings.prefixes.items())
    known = {(q.subject, q.predicate, q.object) for q in graph.snapshot.quads("none") if isinstance(q, Quad)}
    known |= {
        (quad.subject, quad.predicate, quad.object)
        for file in (ROOT / "ontology" / "shapes").glob("*.ttl")
        for quad in ox.parse(path=file, format=ox.RdfFormat.TURTLE)
    }
    for block in re.findall(r"^```turtle\n(.*?)^```$", path.read_text(), re.DOTALL | re.MULTILINE):
        for quad in ox.parse(input=prefixes + block, format=ox.RdfFormat.TURTLE):
            if not isinstance(quad.subject, ox.BlankNode) and not isinstance(quad.object, ox.BlankNode):
                assert (quad.subject, quad.predicate, quad.object) in known, quad


def test_diagrams_of_the_model_name_what_is_there(graph: KnowledgeGraph) -> None:
    """Every class is in a diagram, every arrow is a property, asserted or inferred as it is drawn."""
    terms = {}
    for iri, kind in graph.sparql(TERMS):
        terms[iri.value.rpartition("#")[2]] = kind.value.rpartition("#")[2]
    diagrams = "".join(re.findall(r"^```mermaid\n(.*?)^```$", MODEL, re.DOTALL | re.MULTILINE))
    arrows = re.findall(r"^  (\w+) (<\|--|-->|\.\.>) (\w+)(?: : (\w+))?$", diagrams, re.MULTILINE)
    drawn = {name for one, _, other, _ in arrows for name in (one, other)}
    assert drawn == {name for name, kind in terms.items() if kind == "Class"}
    assert {name for *_, name in arrows if name} <= {
        n for n, kind in terms.items() if kind == "ObjectProperty"
    }
    counts = [dict(graph.sparql(COUNTS, entailment="none")), dict(graph.sparql(COUNTS))]
    said, closed = ({iri.value.rpartition("#")[2]: int(n.value) for iri, n in c.items()} for c in counts)
    solid, dotted = ({name for _, arrow, _, name in arrows if arrow == a} for a in ("-->", "..>"))
    assert solid <= set(said)
    assert {name for name in dotted if closed[name] <= said.get(name, 0)} == set()


def test_model_names_no_term_that_is_not_there(graph: KnowledgeGraph) -> None:
    terms = {iri.value.rpartition("#")[2] for iri, _ in graph.sparql(TERMS)}
    assert set(re.findall(r"\bcg:(\w+)", MODEL)) <= terms


def test_commands_of_the_model_print_what_it_shows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    for command, shown in re.findall(
        r"^```console\n\$ (clustergraph [^\n]*)\n(.*?)^…\n```$", MODEL, re.DOTALL | re.M
    ):
        assert run(shlex.split(command)[1:]) == 0
        assert capsys.readouterr().out.startswith(shown)
    for command in re.findall(r"`clustergraph (query [^`]*)`", MODEL):
        assert run(shlex.split(command)) == 0


def test_export_of_the_example_is_what_the_page_shows(tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```$", MODEL, re.DOTALL | re.M)
    target = tmp_path / "takamatsu.ttl"
    clustergraph.open().export("schema-org", target, about="participation:takamatsu-kci-first-stage")
    assert shown in target.read_text(encoding="utf-8")
    loss = json.loads((tmp_path / "takamatsu.ttl.loss.json").read_text(encoding="utf-8"))
    assert loss["profile"] == "schema-org"
