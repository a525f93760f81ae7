"""What a change adds, removes and alters: triples, what follows from them, answers."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import clustergraph
from clustergraph.cli.app import run
from clustergraph.contribution.difference import Difference, answers, write_difference
from clustergraph.errors import FormatError, GraphSyntaxError
from clustergraph.folder import Folder
from clustergraph.knowledge_graph import KnowledgeGraph

LAKES = Path(__file__).parent / "contributed"


@pytest.fixture
def graph(lakes: Folder) -> KnowledgeGraph:
    return KnowledgeGraph(lakes)


@pytest.fixture
def edited(graph: KnowledgeGraph) -> Callable[[str, str, str], Difference]:
    """The difference that one replacement in a file makes."""

    def difference(name: str, old: str, new: str) -> Difference:
        path = graph.folder.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        return graph.diff(path, base=str(LAKES))

    return difference


LAKE_FILE = "data/survey/lakes.ttl"


def test_nothing_changes(graph: KnowledgeGraph) -> None:
    difference = graph.diff(base=str(LAKES))
    assert difference.is_empty
    assert "Nothing changes." in write_difference(difference, "text")


def test_literals_as_written_and_their_graph(edited: Callable[..., Difference]) -> None:
    difference = edited(LAKE_FILE, '"43.50"', '"43.5"')
    (added,), (removed,) = difference.added, difference.removed
    assert (str(removed.object), str(added.object)) == (
        '"43.50"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        '"43.5"^^<http://www.w3.org/2001/XMLSchema#decimal>',
    )
    assert added.graph_name.value == "https://lake.example/graph/survey"
    assert not difference.answers


def test_lost_consequences_name_what_they_rested_on(edited: Callable[..., Difference]) -> None:
    difference = edited("data/background/places.ttl", " ;\n    water:within place:kanto .", " .")
    (removed,) = difference.removed
    lost = {str(one.triple.object): one for one in difference.lost}
    assert set(lost) == {"<https://lake.example/id/place/kanto>"}
    assert len(difference.lost) == 2
    assert all(one.because == (removed.triple,) for one in difference.lost)


def test_new_consequences_name_what_they_rest_on(edited: Callable[..., Difference]) -> None:
    difference = edited("data/background/places.ttl", "@ja .", "@ja ;\n    water:within place:japan .")
    (added,) = difference.added
    assert len(difference.inferred) == 3
    assert all(one.because == (added.triple,) for one in difference.inferred)
    assert not difference.lost


def test_triple_that_is_asserted_instead_of_inferred_is_not_lost(edited: Callable[..., Difference]) -> None:
    difference = edited(LAKE_FILE, "place:hakone", "place:hakone, place:kanto")
    assert len(difference.added) == 1
    assert not difference.lost
    assert not difference.inferred


def test_answers_lose_gain_and_alter_rows(edited: Callable[..., Difference]) -> None:
    difference = edited(LAKE_FILE, "Lake Ashi", "Ashinoko")
    (change,) = difference.answers
    assert change.query == "lakes"
    assert len(change.altered) == 3
    assert not change.gained
    assert not change.lost
    assert [str(term) for term in change.altered[0].after][1] == '"Ashinoko"@en'


def test_truth_value_that_changes(edited: Callable[..., Difference]) -> None:
    difference = edited(LAKE_FILE, "water:liesIn place:hakone ;\n    ", "")
    (lakes,) = (change for change in difference.answers if change.query == "lakes")
    assert len(lakes.lost) == 3
    # With the example, and with the other places that held a lake.
    places = [change.arguments["place"] for change in difference.answers if change.query == "has-lakes"]
    assert places == [("kanto",), ("place:hakone",), ("place:kanagawa",)]


COUNT = """#+ summary: Number of lakes in a place and in none within it
#+ parameters:
#+   place: { class: water:Place, required: true, example: kanto }
PREFIX water: <https://lake.example/terms/>

SELECT (COUNT(?lake) AS ?lakes) {
  ?lake water:liesIn ?place
  FILTER NOT EXISTS { ?lake water:liesIn ?inner . ?inner water:within ?place }
}
"""


def test_answers_that_cancel_each_other(graph: KnowledgeGraph, edited: Callable[..., Difference]) -> None:
    (graph.folder.root / "queries" / "lake-counts.rq").write_text(COUNT)
    difference = edited(LAKE_FILE, "place:hakone", "place:kanagawa")
    places = [change.arguments["place"] for change in difference.answers if change.query == "lake-counts"]
    assert sorted(places) == [("place:hakone",), ("place:kanagawa",)]


def test_queries_that_are_not_compared_are_named(
    edited: Callable[..., Difference], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MOST_ROWS", 2)
    difference = edited(LAKE_FILE, "Lake Ashi", "Ashinoko")
    reasons = {one.query: one.reason for one in difference.uncompared}
    assert "time" in reasons["now"]
    assert "more than 2 rows" in reasons["lakes"]
    assert "more than 2 rows" in write_difference(difference, "markdown")


def test_triple_that_moves_within_its_graph_is_no_change(graph: KnowledgeGraph) -> None:
    path = graph.folder.root / LAKE_FILE
    shutil.move(path, path.with_name("moved.ttl"))
    difference = clustergraph.open(graph.folder.root).diff(base=str(LAKES))
    assert len(difference.files) == 2
    assert difference.is_empty


def test_triple_that_another_file_of_the_graph_states_too_is_no_change(graph: KnowledgeGraph) -> None:
    path = graph.folder.root / "data/survey/more.ttl"
    path.write_text("<https://lake.example/id/lake/ashi> a <https://lake.example/terms/Lake> .")
    assert clustergraph.open(graph.folder.root).diff(path, base=str(LAKES)).is_empty


def test_blank_nodes_by_content(graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = graph.folder.root / "data/survey/more.ttl"
    node = '[] <urn:x:p> "{}", ( 1 2 ) .\n'
    path.write_text(node.format("a") + node.format("b"))
    base = shutil.copytree(graph.folder.root, tmp_path / "base")
    path.write_text(node.format("0") + node.format("b") + node.format("a"))
    difference = clustergraph.open(graph.folder.root).diff(path, base=str(base))
    assert not difference.removed
    assert len({quad.subject for quad in difference.added}) == 3
    path.write_text(node.format("a") * 2 + node.format("b"))
    twice = clustergraph.open(graph.folder.root).diff(path, base=str(base))
    assert len(twice.added) == len(difference.added)


def test_blank_nodes_in_a_circle(graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = graph.folder.root / "data/survey/more.ttl"
    path.write_text('_:a <urn:x:p> _:b . _:b <urn:x:p> _:a . _:b <urn:x:q> "1" .')
    base = shutil.copytree(graph.folder.root, tmp_path / "base")
    path.write_text('_:y <urn:x:q> "1" . _:y <urn:x:p> _:x . _:x <urn:x:p> _:y .')
    assert clustergraph.open(graph.folder.root).diff(path, base=str(base)).is_empty


def test_shapes_are_triples_but_nothing_follows_from_them(edited: Callable[..., Difference]) -> None:
    difference = edited("ontology/shapes/lake.ttl", "^L-", "^M-")
    assert difference.added
    assert not difference.inferred
    assert not difference.answers


def test_broken_file(graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "broken.ttl"
    path.write_text("<urn:a> <urn:b> .")
    with pytest.raises(GraphSyntaxError, match=r"broken\.ttl"):
        graph.diff(path)


def test_markdown_is_bounded_and_says_so(graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "many.ttl"
    path.write_text("\n".join(f"<urn:x:{n}> <urn:x:p> {n} ." for n in range(1000)))
    difference = graph.diff(path)
    text = write_difference(difference, "markdown", "ja")
    assert len(text) < 5_000
    assert "ほか" in text
    assert len(json.loads(write_difference(difference, "json"))["triples"]["added"]) == 1000
    with pytest.raises(FormatError, match="pdf"):
        write_difference(difference, "pdf")


def test_command_line(graph: KnowledgeGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = graph.folder.root

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.com")
        subprocess.run(["git", "-C", root, *identity, *arguments], check=True, capture_output=True)

    git("init")
    git("add", "-A")
    git("commit", "-m", "first")
    path = root / LAKE_FILE
    path.write_text(path.read_text().replace("L-001", "L-002"))
    git("commit", "-am", "second")
    capsys.readouterr()
    assert run(["--root", str(root), "diff", "HEAD~1", "HEAD"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert described["files"] == [LAKE_FILE]
    assert described["triples"]["added"][0]["triple"][2] == '"L-002"'
    out = tmp_path / "changes.md"
    assert run(["--root", str(root), "diff", "--base", "HEAD~1", "--format", "markdown", "-o", str(out)]) == 0
    assert "+     water:code" in out.read_text()
    assert run(["--root", str(root), "diff", "nowhere", "HEAD"]) == 2
    assert run(["--root", str(root), "diff", "--format", "pdf"]) == 2
