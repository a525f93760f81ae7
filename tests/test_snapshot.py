"""A folder and its closure as two stores, and what is kept beside them."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from clustergraph.errors import GraphSyntaxError, SnapshotError
from clustergraph.folder import Folder, open_folder, parse
from clustergraph.snapshot import Snapshot, open_snapshot, read_snapshot, write_snapshot
from clustergraph.snapshot.steps import Steps, record
from clustergraph.sparql.results import Solutions
from clustergraph.terms import XSD, DefaultGraph, Literal, NamedNode, Triple

pytestmark = pytest.mark.usefixtures("cache")

PARK = "https://park.example/terms/"
PINE = NamedNode("https://park.example/tree/old-pine")
PLUM = NamedNode("https://park.example/tree/plum")
HEIGHT = NamedNode(PARK + "height")
STANDS_IN = NamedNode(PARK + "standsIn")


def number(snapshot: Snapshot, pattern: str, *, entailed: bool = False) -> int:
    store = snapshot.entailed if entailed else snapshot.asserted
    answer = store.query(f"PREFIX : <{PARK}> SELECT (COUNT(*) AS ?n) {{ {pattern} }}")
    assert isinstance(answer, Solutions)
    (count,) = next(iter(answer))
    assert isinstance(count, Literal)
    return int(count.value)


def data(folder: Folder, text: str, name: str = "data/added/added.ttl") -> Folder:
    path = folder.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return open_folder(folder.root)


def test_the_default_graph_is_the_merge(foreign: Folder) -> None:
    data(foreign, (foreign.root / "data" / "survey" / "trees.ttl").read_text(encoding="utf-8"))
    snapshot = open_snapshot(foreign)
    assert number(snapshot, "<https://park.example/tree/plum> :standsIn ?place") == 1
    assert number(snapshot, "GRAPH ?g { <https://park.example/tree/plum> :standsIn ?place }") == 2
    assert snapshot.triples == number(snapshot, "?s ?p ?o")


def test_shapes_are_in_neither_store(foreign: Folder) -> None:
    snapshot = open_snapshot(foreign)
    assert number(snapshot, "?s a <http://www.w3.org/ns/shacl#NodeShape>", entailed=True) == 0


def test_what_follows_is_in_entailed_alone(foreign: Folder) -> None:
    snapshot = open_snapshot(foreign)
    asked = "<https://park.example/tree/plum> :standsIn :city"
    assert number(snapshot, asked) == 0
    assert number(snapshot, asked, entailed=True) == 1
    assert number(snapshot, f"GRAPH <https://park.example/graph/inferred> {{ {asked} }}", entailed=True) == 1
    everything = number(snapshot, "?s ?p ?o", entailed=True)
    assert everything == snapshot.triples + snapshot.inferred


@pytest.mark.parametrize("warm", [False, True])
def test_steps_of_inferred_triples(foreign: Folder, warm: bool) -> None:
    snapshot = open_snapshot(foreign)
    if warm:
        snapshot = open_snapshot(foreign)
    city, grove = NamedNode(PARK + "city"), NamedNode(PARK + "north-grove")
    assert snapshot.step(Triple(PINE, STANDS_IN, grove)) is None
    step = snapshot.step(Triple(PINE, STANDS_IN, city))
    assert step is not None
    assert step >= 1


def test_steps_are_read_back(tmp_path: Path) -> None:
    triples = [Triple(PINE, STANDS_IN, NamedNode(f"{PARK}{n}")) for n in range(1000)]
    steps = Steps.of(map(record, triples, range(1000)))
    steps.write(tmp_path / "steps")
    again = Steps.read(tmp_path / "steps")
    assert [again.step(triple) for triple in triples] == list(range(1000))
    assert again.step(Triple(PLUM, STANDS_IN, PINE)) is None
    assert Steps.of([]).step(triples[0]) is None


@pytest.mark.parametrize("warm", [False, True])
def test_literals_as_written(foreign: Folder, warm: bool) -> None:
    snapshot = open_snapshot(foreign)
    if warm:
        snapshot = open_snapshot(foreign)
    stored = Literal("18.5", datatype=XSD.decimal)
    assert number(snapshot, "<https://park.example/tree/old-pine> :height 18.5 . FILTER (1 = 1)") == 1
    assert snapshot.written(PINE, HEIGHT, stored) == (Literal("18.50", datatype=XSD.decimal),)
    spellings = snapshot.written(PLUM, HEIGHT, Literal("4", datatype=XSD.integer))
    assert {literal.datatype for literal in spellings} == {XSD.int, XSD.integer}


def test_quads_are_those_of_the_files(either: Folder) -> None:
    snapshot = open_snapshot(either)
    written = {str(quad) for file in either.files() if file.kind != "shapes" for quad in parse(file)}
    assert {str(quad) for quad in snapshot.quads()} == written
    graphs = {quad.graph_name for quad in snapshot.quads("owl2rl")}
    assert DefaultGraph() not in graphs
    assert (either.settings.graph("inferred") in graphs) == (snapshot.inferred > 0)


def test_the_version_is_the_hash_of_the_canonical_quads(foreign: Folder) -> None:
    lines = {f"{q} .\n" for file in foreign.files() if file.kind != "shapes" for q in parse(file)}
    digest = hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
    assert open_snapshot(foreign).version == digest


def test_the_version_is_of_the_content(foreign: Folder, tmp_path: Path) -> None:
    version = open_snapshot(foreign).version
    elsewhere = open_folder(shutil.copytree(foreign.root, tmp_path / "else" / "where"))
    assert open_snapshot(elsewhere).version == version
    trees = foreign.root / "data" / "survey" / "trees.ttl"
    trees.write_text("# the same\n" + trees.read_text(encoding="utf-8"), encoding="utf-8")
    assert open_snapshot(open_folder(foreign.root)).version == version
    data(foreign, "<http://e/a> <http://e/b> 1 .")
    assert open_snapshot(open_folder(foreign.root)).version != version


@pytest.mark.parametrize("warm", [False, True])
def test_an_inconsistent_graph_opens(foreign: Folder, warm: bool) -> None:
    folder = data(
        foreign,
        f"@prefix : <{PARK}> . @prefix owl: <http://www.w3.org/2002/07/owl#> ."
        ":Tree owl:disjointWith :Place . <https://park.example/tree/plum> a :Place .",
    )
    first = open_snapshot(folder)
    snapshot = open_snapshot(folder) if warm else first
    assert number(snapshot, "?tree a :Place") == 1
    assert snapshot.inconsistencies
    assert snapshot.inconsistencies == first.inconsistencies
    assert snapshot.ignored == first.ignored


def test_a_consistent_graph_has_no_inconsistencies(foreign: Folder) -> None:
    assert open_snapshot(foreign).inconsistencies == ()


def test_a_file_that_does_not_parse_is_named(foreign: Folder, cache: Path) -> None:
    folder = data(foreign, "<http://e/a> <http://e/b> .")
    with pytest.raises(GraphSyntaxError, match=r"added\.ttl: line 1"):
        open_snapshot(folder)
    assert [path.name for path in cache.glob("*/*")] == ["building.lock"]


def test_a_snapshot_is_written_where_it_is_wanted(foreign: Folder, tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "wanted"
    snapshot = write_snapshot(foreign, path)
    assert snapshot.path == path
    assert number(snapshot, "?s ?p ?o") == 29  # two spellings of one height
    assert read_snapshot(path) is not None
    assert not cache.exists()
    with pytest.raises(SnapshotError):
        write_snapshot(foreign, path)
    assert {entry.name for entry in tmp_path.iterdir()} == {"foreign", "wanted"}


def test_a_build_tells_its_progress(foreign: Folder) -> None:
    told: list[tuple[str, int, int | None]] = []
    open_snapshot(foreign, progress=lambda *step: told.append(step))
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == ["reading", "inferring", "writing"]
    assert told[-1] == ("writing", 6, 6)
    told.clear()
    open_snapshot(foreign, progress=lambda *step: told.append(step))
    assert not told


def test_blank_nodes_of_two_files_stay_apart(foreign: Folder) -> None:
    text = "_:x <http://e/p> <http://e/o> ."
    data(foreign, text)
    folder = data(foreign, text, "data/added/more.ttl")
    assert number(open_snapshot(folder), "?x <http://e/p> <http://e/o>") == 2


def test_an_empty_graph_opens(tmp_path: Path) -> None:
    (tmp_path / "graph" / "data").mkdir(parents=True)
    snapshot = open_snapshot(open_folder(tmp_path / "graph"))
    assert snapshot.triples == 0
    assert list(snapshot.quads("owl2rl")) == []
