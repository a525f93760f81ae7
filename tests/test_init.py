"""`init`: a new graph passes its own checks, is served at once, and nothing is half-written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import clustergraph
from clustergraph.cli.app import run
from clustergraph.errors import FolderError
from clustergraph.starter import Starter, starter, write_starter

ROOT = Path(__file__).parent.parent
LAKE = "https://example.org/lakes/id/lake/mirror"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new graph, made by the command."""
    folder = tmp_path_factory.mktemp("made") / "lakes"
    assert run(["init", str(folder)]) == 0
    return folder


@pytest.mark.usefixtures("own_cache")
def test_new_graph_passes_its_own_checks(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The commands of its own workflow, but for the installation."""
    workflow = yaml.safe_load((made / ".github" / "workflows" / "check.yml").read_text())
    commands = [step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step]
    assert [command.split()[0] for command in commands] == ["pip", *["clustergraph"] * 3, "pytest"]
    for command in commands[1:-1]:
        words = command.removeprefix("clustergraph ").replace("--root .", f"--root {made}").split()
        paths = {name: str(made / name) for name in ("data", "ontology")}
        assert run([paths.get(word, word) for word in words]) == 0, command
    assert "2 queries checked, 0 problems" in capsys.readouterr().err


@pytest.mark.usefixtures("own_cache")
def test_tests_of_the_new_graph_pass(made: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(made, tmp_path / "copy")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


@pytest.mark.usefixtures("own_cache")
def test_new_graph_is_reasoned_over_exported_and_served(made: Path, tmp_path: Path) -> None:
    from starlette.testclient import TestClient  # noqa: PLC0415  # takes a second to import

    from clustergraph.server import Options, create_app  # noqa: PLC0415
    from clustergraph.workers.pool import Limits  # noqa: PLC0415

    graph = clustergraph.open(made)
    assert graph.explain("lake:mirror", "ont:liesIn", "place:island") is not None
    graph.export("schema-org", tmp_path / "lakes.ttl")
    assert "schema:LakeBodyOfWater" in (tmp_path / "lakes.ttl").read_text()
    with TestClient(create_app(graph, Options(limits=Limits(workers=1)))) as client:
        home = client.get("/", headers={"Accept": "text/html", "Accept-Language": "ja"})
        assert "湖の面積・水深・出典（面積順）" in home.text
        assert "Lakes" in client.get("/", headers={"Accept": "text/html"}).text
        rows = client.get("/queries/lakes.csv?place=north-county").text.splitlines()
        assert [row.split(",")[1] for row in rows] == ["lakeLabel", "Mirror Lake", "Ember Lake"]
        answer = client.get("/sparql", params={"query": f"ASK {{ <{LAKE}> ?p ?o }}"})
        assert answer.json()["boolean"] is True


def test_nothing_of_ours_is_in_the_new_graph(made: Path) -> None:
    texts = [path.read_text() for path in made.rglob("*") if path.is_file()]
    assert len(texts) == 19
    assert not [text for text in texts if "w3id.org/clustergraph" in text or "lakes.example" in text]


def test_base_title_and_languages_are_those_asked_for(tmp_path: Path) -> None:
    write_starter(tmp_path / "a", Starter("http://a.example/x/", 'A "title" \\ 題', ("ja",)))
    graph = clustergraph.open(tmp_path / "a")
    assert graph.settings.base == "http://a.example/x/"
    assert graph.settings.title == {"ja": 'A "title" \\ 題'}
    assert graph.settings.languages == ("ja",)
    assert graph.validate().conforms
    labels = [row[1] for row in graph.query("lakes")]
    assert {label.language for label in labels} == {"ja"}
    assert run(["format", "--check", str(tmp_path / "a" / "data"), str(tmp_path / "a" / "ontology")]) == 0


@pytest.mark.parametrize(
    ("asked", "languages"), [((), ("en", "ja")), (("fr",), ("en", "fr")), (("ja", "en"), ("ja", "en"))]
)
@pytest.mark.usefixtures("cache")
def test_questions_answer_in_every_choice_of_languages(
    tmp_path: Path, asked: tuple[str, ...], languages: tuple[str, ...]
) -> None:
    write_starter(tmp_path / "a", Starter(languages=asked))
    graph = clustergraph.open(tmp_path / "a")
    assert graph.settings.languages == languages
    assert graph.catalogue["lakes"].summary(languages[0])
    for language in (None, *languages):  # where nothing is translated yet, in the example's own
        assert len(list(graph.query("lakes", lang=language))) == 4
        assert len(list(graph.query("lakes-by-place", lang=language))) == 5


def test_base_comes_from_the_name_of_the_folder(tmp_path: Path) -> None:
    for name, base in (("Büro 1", "buro-1"), ("湖", "graph")):
        write_starter(tmp_path / name, Starter())
        assert clustergraph.open(tmp_path / name).settings.base == f"https://example.org/{base}/"


@pytest.mark.parametrize(
    ("tag", "hint"),
    [
        ("fr,de", "; did you mean --language fr --language de?"),
        ("en_US.UTF-8", "; did you mean en-US?"),
        ("日本語", ""),
        ("", ""),
    ],
)
def test_what_is_no_language_tag_is_refused_with_what_was_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], tag: str, hint: str
) -> None:
    assert run(["init", str(tmp_path / "a"), "--language", tag]) == 2
    said = f"error: --language {tag!r}: expected one language tag, such as en or ja{hint}\n"
    assert capsys.readouterr().err == said
    assert not (tmp_path / "a").exists()


def test_folder_that_is_not_empty_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert run(["init", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"error: {tmp_path}: not empty: it holds notes.txt; expected a new or an empty folder\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FolderError, match="a file"):
        write_starter(tmp_path / "file", Starter())


@pytest.mark.parametrize(
    "options",
    [["--base", "lakes"], ["--base", "http://a.example/<x>/"], ["--language", "e n"], ["--title", "\n"]],
)
def test_wrong_option_is_refused(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path / "new"), *options]) == 2
    assert options[0] in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_empty_folder_that_somebody_stands_in_is_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "."]) == 0
    assert (Path.cwd() / "clustergraph.toml").exists()
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(f".{tmp_path.name}")]


@pytest.mark.parametrize("there", [True, False])
def test_interrupt_leaves_nothing(there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "new"
    if there:
        target.mkdir()

    def interrupt(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(starter, "format_file", interrupt)
    assert run(["init", str(target)]) == 130
    assert list(tmp_path.rglob("*")) == ([target] if there else [])


def test_wheel_carries_the_folder() -> None:
    """All that lies in the package goes into the wheel, but for what .gitignore names."""
    ignored = (ROOT / ".gitignore").read_text().split()
    names = {path.name for path in starter._FOLDER.rglob("*")}
    assert not [name for name in names if f"{name}/" in ignored and name != "__pycache__"]
    assert not [name for name in names if name.startswith(".")]
