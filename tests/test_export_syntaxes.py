"""Exports in the RDF syntaxes, read by parsers that are not ours."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic

import clustergraph
from clustergraph.errors import UnknownProfileError, UsageError
from clustergraph.export import select
from clustergraph.export.loss import Exact
from clustergraph.export.rows import Rows, by_subject, row_of, row_of_triple
from clustergraph.export.syntaxes import SYNTAXES
from clustergraph.folder import Folder, format_file
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.terms import GraphName, Term, notation

# rdflib 7.6 deprecates what its own TriG and JSON-LD parsers use.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")

ROOT = Path(__file__).parent.parent
FOREIGN = Path(__file__).parent / "foreign"
RDFLIB = {"turtle": "turtle", "ntriples": "nt", "rdfxml": "xml", "jsonld": "json-ld"}
AWKWARD = """
@prefix x: <urn:x/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<urn:s> x:p "tab\\tquote\\"line\\nreturn\\r\\\\"@en-GB , "450001.00"^^xsd:decimal , "01"^^xsd:int , "" ,
    "<&>]]>" , true , 1.0E0 , "x"^^<urn:type> , "日本"@ja .
<urn:s> x:list ( 1 <urn:a> "b" [ x:p () ] ) ; x:cycle _:a ; a <urn:C> .
_:a x:next _:b . _:b x:next _:a . [] x:alone _:c , _:d . _:c x:p _:d .
<urn:x/t> x:about <urn:s> ; x:value 3 .
"""


@pytest.fixture(scope="module", params=[ROOT, FOREIGN], ids=["ours", "foreign"])
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KnowledgeGraph]:
    """Our own graph and the foreign one, each opened once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield clustergraph.open(request.param)


@pytest.fixture
def graph(foreign: Folder, cache: Path) -> KnowledgeGraph:
    return clustergraph.open(foreign.root)


@pytest.fixture
def awkward(tmp_path: Path, cache: Path) -> KnowledgeGraph:
    root = tmp_path / "awkward"
    (root / "data").mkdir(parents=True)
    (root / "data" / "one.ttl").write_text(AWKWARD)
    (root / "clustergraph.toml").write_text(
        'base = "urn:base:"\n[prefixes]\nx = "urn:x/"\n[vocabulary]\nabout = "x:about"\n'
    )
    return clustergraph.open(root)


@pytest.mark.parametrize("name", SYNTAXES)
def test_what_is_written_is_what_went_in(name: str, opened: KnowledgeGraph, tmp_path: Path) -> None:
    done = opened.export(name, tmp_path / "out")
    assert done.loss.carried == done.loss.given > 0
    assert done.loss.none == SYNTAXES[name].graphs
    assert not done.loss.terms


@pytest.mark.parametrize("name", RDFLIB)
def test_rdflib_reads_the_same_graph(name: str, awkward: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "out"
    awkward.export(name, path)
    expected = rdflib.Graph().parse(data=AWKWARD, format="turtle")
    found = rdflib.Graph().parse(path, format=RDFLIB[name])
    assert isomorphic(expected, found)


@pytest.mark.parametrize("name", ["trig", "nquads"])
def test_rdflib_reads_the_graphs(name: str, graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "out"
    graph.export(name, path)
    found = rdflib.Dataset()
    found.parse(path, format=name)
    names = {str(graph) for _, _, _, graph in found.quads()}
    assert names == {f"https://park.example/graph/{name}" for name in ("ontology", "register", "survey")}


def test_literals_are_as_written(graph: KnowledgeGraph, tmp_path: Path) -> None:
    for name, syntax in SYNTAXES.items():
        path = tmp_path / f"out{syntax.ending}"
        graph.export(name, path)
        text = path.read_text(encoding="utf-8")
        assert "18.50" in text
        assert "en-GB" in text


def test_nquads_are_what_the_version_is_the_hash_of(graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "out.nq"
    graph.export("nquads", path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == graph.version


def test_turtle_is_in_the_one_layout(opened: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "out.ttl"
    opened.export("turtle", path)
    assert not format_file(path, check=True)


def test_awkward_turtle_is_in_the_one_layout(awkward: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "out.ttl"
    awkward.export("turtle", path)
    assert not format_file(path, check=True)


def test_exports_are_byte_identical(foreign: Folder, cache: Path, tmp_path: Path) -> None:
    for name in SYNTAXES:
        written = set()
        for _ in range(2):
            path = tmp_path / "out"
            clustergraph.open(foreign.root).export(name, path, force=True)
            written.add(path.read_bytes())
        assert len(written) == 1


def test_jsonld_has_texts_by_language_and_statements_within_things(
    awkward: KnowledgeGraph, tmp_path: Path
) -> None:
    path = tmp_path / "out.jsonld"
    awkward.export("jsonld", path)
    things = {
        thing["id"]: thing
        for thing in json.loads(path.read_text(encoding="utf-8"))["@graph"]
        if "id" in thing
    }
    assert things["urn:s"]["@reverse"] == {"about": [{"id": "urn:x/t", "value": 3}]}
    assert "urn:x/t" not in things


def test_one_graph_is_selected_by_name_and_iri(graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "out.nq"
    for name in ("survey", "https://park.example/graph/survey"):
        graph.export("nquads", path, graph=name, force=True)
        assert {quad.graph_name.value for quad in ox.parse(path=path)} == {  # type: ignore[union-attr]
            "https://park.example/graph/survey"
        }
    with pytest.raises(UsageError, match="survey"):
        graph.export("nquads", path, graph="survay", force=True)


def test_about_takes_the_thing_and_what_it_has(graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "out.nt"
    graph.export("ntriples", path, about="tree:plum")
    subjects = {str(quad.subject) for quad in ox.parse(path=path)}
    assert "<https://park.example/tree/plum>" in subjects
    assert "<https://park.example/tree/old-pine>" not in subjects
    assert any(subject.startswith("_:") for subject in subjects)
    with pytest.raises(UsageError, match="tree/plum"):
        graph.export("ntriples", path, about="tree:plumm", force=True)


def test_the_closure_is_exported_where_asked_for(graph: KnowledgeGraph, tmp_path: Path) -> None:
    asserted = graph.export("nquads", tmp_path / "a.nq")
    closed = graph.export("nquads", tmp_path / "b.nq", entailment="owl2rl")
    assert closed.triples > asserted.triples


def test_what_is_there_is_replaced_only_with_force(graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "out.ttl"
    path.write_text("old")
    with pytest.raises(UsageError, match="--force"):
        graph.export("turtle", path)
    assert path.read_text() == "old"
    graph.export("turtle", path, force=True)
    assert path.read_text() != "old"
    assert sorted(one.name for one in tmp_path.glob("out*")) == ["out.ttl", "out.ttl.loss.json"]


def test_strict_writes_nothing_where_something_is_lost(graph: KnowledgeGraph, tmp_path: Path) -> None:
    done = graph.export("turtle", tmp_path / "out.ttl", strict=True)
    assert done.path is None
    assert not list(tmp_path.glob("*out*"))
    assert graph.export("trig", tmp_path / "out.trig", strict=True).path


def test_an_interrupted_export_leaves_nothing(
    graph: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "out.ttl"
    path.write_text("old")
    monkeypatch.setattr("clustergraph.export.syntaxes.write_turtle", fail)
    with pytest.raises(UsageError, match="No space left"):
        graph.export("turtle", path, force=True)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir() if "out" in one.name] == ["out.ttl"]


def test_an_unknown_profile_names_near_ones(graph: KnowledgeGraph, tmp_path: Path) -> None:
    with pytest.raises(UnknownProfileError, match="turtle"):
        graph.export("turtel", tmp_path / "out")


def test_a_folder_takes_the_file_by_the_name_of_the_profile(graph: KnowledgeGraph, tmp_path: Path) -> None:
    assert graph.export("turtle", f"{tmp_path}/new/").path == tmp_path / "new" / "turtle.ttl"


def test_a_folder_that_cannot_be_written_is_said(graph: KnowledgeGraph, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        graph.export("turtle", tmp_path / "missing" / "out.ttl")


@pytest.mark.parametrize("name", ["nquads", "trig"])
def test_an_oxigraph_server_loads_the_graph(name: str, graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = graph.export(name, f"{tmp_path}/").path
    command = Path(sys.executable).with_name("oxigraph")
    store = tmp_path / "store"
    subprocess.run([command, "load", "--location", store, "--file", path], check=True, capture_output=True)
    assert len(ox.Store.read_only(str(store))) == sum(1 for _ in graph.snapshot.quads())


def test_a_default_graph_that_is_the_union_is_not_exported_twice(graph: KnowledgeGraph) -> None:
    one = ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("x"), ox.NamedNode("urn:g"))
    merged = ox.Quad(one.subject, one.predicate, one.object, ox.DefaultGraph())
    alone = ox.Quad(one.subject, one.predicate, ox.Literal("y"), ox.DefaultGraph())
    assert list(select([merged, one, alone], graph.settings).rows) == [row_of(one), row_of(alone)]


@pytest.mark.parametrize("graph", [ox.DefaultGraph(), ox.NamedNode("urn:g"), ox.BlankNode("g")], ids=str)
@pytest.mark.parametrize(
    "object",
    [
        ox.NamedNode("urn:o"), ox.BlankNode("o"), ox.Literal('a "b" <c> .'), ox.Literal("a b", language="en"),
        ox.Literal("a b", datatype=ox.NamedNode("urn:d")),
        ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal('a ")>> b')),
    ],
    ids=str,
)  # fmt: skip
def test_a_row_has_the_parts_of_a_quad(object: Term, graph: GraphName) -> None:
    quad = ox.Quad(ox.BlankNode("s"), ox.NamedNode("urn:p"), object, graph)
    name = "" if isinstance(graph, ox.DefaultGraph) else str(graph)
    assert row_of(quad) == ("_:s", "<urn:p>", notation(object), name)
    assert row_of_triple(quad.triple) == ("_:s", "<urn:p>", notation(object), "")


def test_each_row_that_is_read_back_answers_for_one() -> None:
    rows = [("_:a", "<p>", '"x"@EN', ""), ("_:b", "<p>", '"x"@en', ""), ("_:c", "<p>", '"x"@en', "")]
    found = Exact(rows[:2], graphs=False)
    assert [found.carries(row) for row in rows] == [True, True, False]
    assert not found.carries(("<s>", "<p>", "<o>", ""))


def test_rows_beyond_memory_are_the_same(graph: KnowledgeGraph) -> None:
    quads = [row_of(quad) for quad in graph.snapshot.quads()]
    held, spilled = Rows(quads, by_subject), Rows(quads + quads, by_subject, chunk=7)
    assert held.in_memory
    assert not spilled.in_memory
    assert list(held) == list(spilled) == list(spilled)
    unnamed = iter(Rows(quads, by_subject, chunk=7))
    assert list(unnamed) == list(held)
