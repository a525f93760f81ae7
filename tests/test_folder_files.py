"""Which files a folder has, and the graph of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from clustergraph.errors import FolderError, FormatError
from clustergraph.folder import Folder, open_folder, source_file
from clustergraph.settings import Settings


def touched(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# nothing\n", encoding="utf-8")
    return root


def test_a_folder_of_data_is_a_graph(tmp_path: Path) -> None:
    root = touched(tmp_path, "data/b/x.ttl", "data/b/deep/y.nt", "data/a.trig", "ontology/o.ttl")
    (root / "clustergraph.toml").write_text('base = "http://example.com/"', encoding="utf-8")
    graphs = {file.name: file.graph.value for file in open_folder(root).files()}
    assert graphs == {
        "data/a.trig": "http://example.com/graph/a",
        "data/b/deep/y.nt": "http://example.com/graph/b",
        "data/b/x.ttl": "http://example.com/graph/b",
        "ontology/o.ttl": "http://example.com/graph/ontology",
    }
    assert list(graphs) == sorted(graphs)


def test_shapes_stand_apart(tmp_path: Path) -> None:
    folder = open_folder(touched(tmp_path, "ontology/shapes/a.ttl", "ontology/shapes.ttl"))
    assert [file.kind for file in folder.files()] == ["ontology", "shapes"]


def test_what_is_no_rdf_is_named(tmp_path: Path) -> None:
    folder = open_folder(touched(tmp_path, "data/a/README.md", "data/a/x.TTL", "data/.hidden/y.ttl"))
    assert [file.name for file in folder.files()] == ["data/a/x.TTL"]
    assert [path.name for path in folder.ignored()] == ["README.md"]


def test_graph_names_are_legal_in_an_iri(tmp_path: Path) -> None:
    folder = open_folder(touched(tmp_path, "data/two words/x.ttl", "data/東京/x.ttl"))
    graphs = [file.graph.value.rpartition("/")[2] for file in folder.files()]
    assert graphs == ["two%20words", "東京"]


def test_the_inferred_graph_is_kept(tmp_path: Path) -> None:
    folder = open_folder(touched(tmp_path, "data/inferred/x.ttl"))
    with pytest.raises(FolderError, match="inferred"):
        folder.files()


@pytest.mark.parametrize("part", ["data", "ontology", "queries", "exports"])
def test_any_part_may_be_missing(tmp_path: Path, part: str) -> None:
    (tmp_path / part).mkdir()
    assert open_folder(tmp_path).files() == ()


@pytest.mark.parametrize(
    ("name", "problem"), [("none", "no such"), ("empty", "no graph"), ("file", "a file")]
)
def test_a_root_that_is_none(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match=problem) as error:
        open_folder(tmp_path / name)
    assert "\n" not in str(error.value)


def test_a_path_is_found_by_name_though_the_file_is_gone(foreign: Folder) -> None:
    gone = foreign.file(foreign.root / "data" / "survey" / "gone.ttl")
    assert gone is not None
    assert gone.graph.value == "https://park.example/graph/survey"
    assert foreign.file(foreign.root.parent / "else.ttl") is None
    assert foreign.file(foreign.root / "queries" / "trees.rq") is None


def test_a_file_of_no_folder(tmp_path: Path) -> None:
    file = source_file(tmp_path / "new areas.ttl", Settings())
    assert file.graph.value == "urn:clustergraph:graph/new%20areas"
    with pytest.raises(FormatError, match=r"\.ttl"):
        source_file(tmp_path / "areas.csv", Settings())


def test_both_folders_have_files(either: Folder) -> None:
    kinds = {file.kind for file in either.files()}
    assert kinds == {"data", "ontology", "shapes"}
    assert not either.ignored()
