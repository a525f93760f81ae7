"""What clustergraph.toml may say, and what is said of one that says something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from clustergraph.errors import SettingsError
from clustergraph.folder import Folder, parse
from clustergraph.settings import DEFAULT_BASE, FILE_NAME, load_settings
from clustergraph.terms import RDFS, SKOS, STANDARD_PREFIXES


def written(root: Path, text: str) -> Path:
    (root / FILE_NAME).write_text(text, encoding="utf-8")
    return root


def test_without_a_file_the_standard_holds(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert settings.base == DEFAULT_BASE
    assert settings.vocabulary.label[:2] == (RDFS.label, SKOS.prefLabel)
    assert settings.prefixes == STANDARD_PREFIXES
    assert settings.text(settings.title, "ja") == tmp_path.name


def test_a_file_says_what_differs(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        """
        base = "http://example.com/"
        languages = ["ja", "en"]
        title = "A graph"
        services = ["https://query.example"]
        [description]
        ja = "説明"
        [prefixes]
        ex = "http://example.com/terms/"
        [vocabulary]
        label = "ex:name"
        rank = ["ex:rank", "http://example.com/other"]
        [topics]
        trees = { ja = "樹木" }
        """,
    )
    settings = load_settings(root)
    assert settings.graph("a").value == "http://example.com/graph/a"
    assert settings.text(settings.title, "fr") == "A graph"
    assert settings.text(settings.description, "en") == "説明"
    assert [iri.value for iri in settings.vocabulary.label] == ["http://example.com/terms/name"]
    assert len(settings.vocabulary.rank) == 2
    assert settings.vocabulary.definition[0] == SKOS.definition
    assert settings.prefixes["skos"] == str(SKOS)
    assert settings.text(settings.topics["trees"], "en") == "樹木"
    assert dict(settings.own_prefixes) == {"ex": "http://example.com/terms/"}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("base = 'no iri'", "base"),
        ("topics = 'trees'", "topics"),
        ("[topics]\ntrees = 1", "topics.trees"),
        ("base = 'http://example.com/x'", "base"),
        ("base = 3", "base"),
        ("bsae = 'http://example.com/'", "bsae"),
        ("languages = 'en'", "languages"),
        ("languages = ['e n']", "languages"),
        ("title = 4", "title"),
        ("license = 'CC BY'", "license"),
        ("services = ['https://a.example/path']", "services"),
        ("prefixes = 1", "prefixes"),
        ("[prefixes]\n'a b' = 'http://example.com/'", "prefixes.a b"),
        ("[prefixes]\na = 'nothing'", "prefixes.a"),
        ("vocabulary = 1", "vocabulary"),
        ("[vocabulary]\nlable = 'rdfs:label'", "vocabulary.lable"),
        ("[vocabulary]\nlabel = 'nope:label'", "vocabulary.label"),
        ("[vocabulary]\nlabel = [3]", "vocabulary.label"),
        ("not toml", "the file"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings(written(tmp_path, text))
    assert error.value.key == key
    assert "\n" not in str(error.value)


def test_a_near_miss_is_offered(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="languages"):
        load_settings(written(tmp_path, "langauges = ['en']"))


def test_settings_that_are_not_utf8(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes("title = '日本'".encode("shift_jis"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(tmp_path)


def test_folders_have_settings(either: Folder) -> None:
    assert either.settings.base.startswith("https://")
    assert set(either.settings.languages) == {"en", "ja"}
    assert either.settings.vocabulary.label


def test_what_the_settings_name_is_declared(either: Folder) -> None:
    own = tuple(either.settings.own_prefixes.values())
    vocabulary = vars(either.settings.vocabulary).values()
    named = {iri for iris in vocabulary for iri in iris if iri.value.startswith(own)}
    ontology = [file for file in either.files() if file.kind == "ontology"]
    assert named <= {quad.subject for file in ontology for quad in parse(file)}
