"""Search: what is found by which text, in which order, and that any text may be asked."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clustergraph
from clustergraph.cli.app import run
from clustergraph.errors import ArgumentError, SettingsError
from clustergraph.folder import open_folder
from clustergraph.search import LONGEST, Found, Index, open_index
from clustergraph.search.distance import nearest, tolerated
from clustergraph.search.folding import fold, fold_with_places, short_grams, trigrams
from clustergraph.settings import SearchOrder, Settings, load_settings
from clustergraph.snapshot import clear_snapshots, open_snapshot
from clustergraph.sparql.results import Solutions
from clustergraph.store import EmbeddedStore
from clustergraph.terms import STANDARD_PREFIXES, Literal, NamedNode
from conftest import FOREIGN, ROOT

EX = "http://example.com/"
DATA = """
PREFIX ex: <http://example.com/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX dcterms: <http://purl.org/dc/terms/>
INSERT DATA {
  ex:Town a owl:Class ; rdfs:label "town"@en , "町"@ja .
  ex:Port a owl:Class ; rdfs:label "port"@en ; rdfs:subClassOf ex:Town .
  ex:Note a owl:Class ; rdfs:label "note"@en .
  ex:kobe a ex:Port , ex:Town ; rdfs:label "Kōbe"@en , "神戸"@ja ; skos:altLabel "Hyōgo port"@en ;
    skos:hiddenLabel "Coube" ; skos:definition "A town by the sea with many bakeries."@en .
  ex:kobe-west a ex:Town ; rdfs:label "Kobe West"@en , "神戸西"@ja .
  ex:west-kobe a ex:Town ; rdfs:label "West of Kobe"@en .
  ex:buns a ex:Town ; rdfs:label "New Kobeya"@en .
  ex:bakery a ex:Note ; rdfs:label "Bakery of Kobe"@en ; skos:definition "What Kobe bakes."@en .
  ex:osaka a ex:Town ; rdfs:label "Osaka"@en , "大阪"@ja ; ex:beside ex:kobe .
  ex:nara a ex:Town ; rdfs:label "Osaka by the hill"@en ; ex:beside ex:kobe , ex:osaka .
  ex:old-osaka a ex:Town ; rdfs:label "Osaka"@en ; owl:deprecated true ; dcterms:isReplacedBy ex:osaka .
  ex:clusters a ex:Note ; rdfs:label "知的クラスター創成事業"@ja .
  ex:halfWidthBio a ex:Note .
  ex:percent a ex:Note ; rdfs:label "100% \\"AND\\" OR* NEAR('x')"@en .
}
"""
SETTINGS = Settings(
    base=EX, languages=("en", "ja"), prefixes={**STANDARD_PREFIXES, "ex": EX, "bad": "no iri at all "}
)


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    found = EmbeddedStore()
    found.update(DATA)
    return found


@pytest.fixture(scope="module")
def index(store: EmbeddedStore) -> Iterator[Index]:
    found = open_index(store, store, SETTINGS)
    yield found
    found.close()


@pytest.fixture(scope="module")
def own(own_cache: None) -> clustergraph.KnowledgeGraph:
    return clustergraph.open(ROOT)


def names(found: Found) -> list[str]:
    return [hit.iri.value.removeprefix(EX) for hit in found.hits]


def test_exact_comes_before_prefix_word_part_and_definition(index: Index) -> None:
    found = index.search("kobe")
    assert names(found) == ["kobe", "kobe-west", "west-kobe", "bakery", "buns"]
    assert [hit.match.way for hit in found.hits] == ["exact", "prefix", "word", "word", "part"]
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert [hit.match.way for hit in index.search("bakeries").hits] == ["definition"]


@pytest.mark.parametrize(
    "text",
    [
        "Kōbe",
        "KOBE",
        "kobe",
        "ＫＯＢＥ",
        "Kobé",
        "神戸",
        "coube",
        "hyogo port",
        "port hyogo",
        "ex:kobe",
        f"<{EX}kobe>",
    ],
)
def test_case_width_marks_and_names_make_no_difference(index: Index, text: str) -> None:
    assert names(index.search(text))[0] == "kobe"


@pytest.mark.parametrize("text", ["クラスター", "ｸﾗｽﾀｰ", "くらすたー", "創成", "事業 知的", "創"])
def test_japanese_needs_no_spaces(index: Index, text: str) -> None:
    assert names(index.search(text)) == ["clusters"]


def test_words_of_a_name_in_an_iri_are_found(index: Index) -> None:
    for text in ("halfWidthBio", "width bio", "bio"):
        assert names(index.search(text)) == ["halfWidthBio"]
    assert index.search("bio").hits[0].match.predicate is None


@pytest.mark.parametrize(
    ("text", "expected"), [("osaca", "osaka"), ("Kobeyya", "buns"), ("知的クラスタ創生", "clusters")]
)
def test_a_few_letters_may_be_wrong(index: Index, text: str, expected: str) -> None:
    found = index.search(text)
    assert names(found)[0] == expected
    assert found.hits[0].match.way == "similar"
    assert found.hits[0].score < 0.4


def test_nothing_found_names_what_looks_like_it(index: Index) -> None:
    found = index.search("Bkaery of Kboe")
    assert (found.total, found.near) == (0, ("Bakery of Kobe",))
    assert index.search("zzz").near == ()


def test_retired_things_come_last_and_say_so(index: Index) -> None:
    found = index.search("Osaka")
    assert names(found) == ["osaka", "nara", "old-osaka"]
    assert [hit.retired for hit in found.hits] == [False, False, True]
    assert found.hits[-1].successor == NamedNode(EX + "osaka")


def test_settings_say_which_kinds_come_first_and_last(store: EmbeddedStore) -> None:
    note, town = NamedNode(EX + "Note"), NamedNode(EX + "Town")
    for order, expected in (
        (SearchOrder(first=(note,)), ["kobe", "kobe-west", "bakery", "west-kobe", "buns"]),
        (SearchOrder(last=(town,)), ["kobe", "bakery", "kobe-west", "west-kobe", "buns"]),
    ):
        index = open_index(store, store, Settings(base=EX, search=order))
        assert names(index.search("kobe")) == expected


def test_kind_is_the_most_special_that_the_files_give(index: Index) -> None:
    (hit, *_) = index.search("kobe").hits
    assert hit.kind == NamedNode(EX + "Port")
    assert hit.kind_label is not None
    assert hit.kind_label.value == "port"


@pytest.mark.parametrize("kind", ["ex:Note", EX + "Note", "Note", "note"])
def test_kind_narrows(index: Index, kind: str) -> None:
    assert names(index.search("kobe", kind=kind)) == ["bakery"]


def test_unknown_kind_names_near_ones(index: Index) -> None:
    with pytest.raises(ArgumentError) as caught:
        index.search("kobe", kind="Twon")
    assert (caught.value.parameter, caught.value.near) == ("kind", ("Town",))


def test_language_is_that_of_the_answer_not_of_the_text(index: Index) -> None:
    (hit, *_) = index.search("kobe", language="ja").hits
    assert (hit.label.value, hit.label.language) == ("神戸", "ja")
    assert hit.match.text.value == "Kōbe"
    assert index.search("神戸", language="xx").hits[0].label.value == "Kōbe"


def test_the_match_is_marked_in_the_text_as_written(index: Index) -> None:
    (hit, *_) = index.search("bakeries").hits
    assert hit.match.snippet == ("A town by the sea with many ", "bakeries", ".")
    text, match = hit.match.text.value, hit.match
    assert text[match.start : match.end] == "bakeries"


def test_pages_are_parts_of_one_order(index: Index) -> None:
    whole = index.search("kobe")
    parts = [index.search("kobe", limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [hit for part in parts for hit in part.hits] == list(whole.hits)
    assert {part.total for part in parts} == {5}


@pytest.mark.parametrize(
    ("text", "limit", "offset", "parameter"),
    [
        ("x" * (LONGEST + 1), 20, 0, "text"),
        ("x", 0, 0, "limit"),
        ("x", 1001, 0, "limit"),
        ("x", 1, -1, "offset"),
    ],
)
def test_what_is_out_of_bounds_is_named(
    index: Index, text: str, limit: int, offset: int, parameter: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        index.search(text, limit=limit, offset=offset)
    assert caught.value.parameter == parameter


@given(
    st.text(alphabet=st.characters(), min_size=1, max_size=LONGEST).filter(str.strip),
    st.sampled_from([None, "ex:Town"]),
)
def test_any_text_may_be_asked(index: Index, text: str, kind: str | None) -> None:
    found = index.search(text, kind=kind)
    assert len(found.hits) <= found.total


@given(
    st.lists(
        st.sampled_from(
            ['"', "*", "AND", "OR", "NOT", "NEAR(", ")", "^", ":", "folded", "-", "kobe", "'", ";--"]
        ),
        min_size=1,
    )
)
def test_no_text_is_syntax_of_the_index(index: Index, parts: list[str]) -> None:
    plain = {part.casefold().rstrip("(") for part in parts if part[0].isalpha()}
    found = index.search(" ".join(parts))
    if plain == {"kobe"}:
        assert names(found)[0] == "kobe"


@given(
    st.text(alphabet="abkぁがアー神", min_size=1, max_size=8), st.text(alphabet="abkぁがアー神", max_size=12)
)
def test_nearest_is_the_edit_distance_to_a_part(word: str, text: str) -> None:
    before = [0] * (len(text) + 1)
    for row, letter in enumerate(word, 1):
        now = [row]
        for at, other in enumerate(text, 1):
            now.append(min(before[at] + 1, now[-1] + 1, before[at - 1] + (letter != other)))
        before = now
    assert nearest(word, text) == (min(before), before.index(min(before)))


@given(st.text())
def test_folding_is_settled_and_keeps_places(text: str) -> None:
    folded = fold_with_places(text)
    assert folded.text == fold(text)
    assert fold(folded.text) == folded.text
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)


def test_grams_of_short_words() -> None:
    assert trigrams("ab") == []
    assert short_grams("") == set()
    assert [tolerated("x" * size) for size in (3, 4, 6, 11)] == [0, 1, 2, 3]


def test_every_label_of_our_graph_finds_its_thing(own: clustergraph.KnowledgeGraph) -> None:
    query = "SELECT ?thing ?label { ?thing rdfs:label ?label FILTER(isIRI(?thing)) } ORDER BY ?label ?thing"
    rows = own.sparql(query)
    assert isinstance(rows, Solutions)
    labels = [(thing, label.value) for thing, label in rows if isinstance(label, Literal)]
    assert len(labels) > 3000
    for thing, text in labels[::40]:
        found = own.search(text[:LONGEST], limit=1000)
        assert thing in {hit.iri for hit in found.hits}, text


def test_people_find_things_before_what_is_said_of_them(own: clustergraph.KnowledgeGraph) -> None:
    assert own.search("KCI").hits[0].label.value == "Knowledge Cluster Initiative"
    assert own.search("浜松", language="ja").hits[0].label.value == "浜松"
    last = own.settings.search.last
    things = {hit.iri for kind in last for hit in own.search("KCI", kind=kind.value, limit=1000).hits}
    auxiliary = [hit.iri in things for hit in own.search("KCI", limit=1000).hits]
    assert True in auxiliary
    assert auxiliary == sorted(auxiliary)


def test_a_foreign_folder_is_searched(cache: Path) -> None:
    found = clustergraph.open(FOREIGN).search("tree")
    assert found.total
    assert all(hit.label.value for hit in found.hits)


def test_the_index_lies_beside_the_snapshot_and_goes_with_it(cache: Path) -> None:
    graph = clustergraph.open(FOREIGN)
    path = graph.snapshot.path
    assert path is not None
    assert not (path / "search").exists()
    before = graph.search("tree")
    (file,) = (path / "search").iterdir()
    changed = file.stat().st_mtime_ns
    again = clustergraph.open(FOREIGN)
    assert again.search("tree") == before
    assert file.stat().st_mtime_ns == changed
    graph.snapshot.close()
    again.snapshot.close()
    clear_snapshots()
    assert not file.exists()


def test_a_damaged_index_is_built_anew(cache: Path) -> None:
    graph = clustergraph.open(FOREIGN)
    before = graph.search("tree")
    assert graph.snapshot.path is not None
    (file,) = (graph.snapshot.path / "search").iterdir()
    file.write_bytes(b"no database")
    assert clustergraph.open(FOREIGN).search("tree") == before


def test_other_settings_have_an_index_of_their_own(cache: Path, tmp_path: Path) -> None:
    root = shutil.copytree(FOREIGN, tmp_path / "folder")
    clustergraph.open(root).search("tree")
    (root / "clustergraph.toml").write_text(
        (root / "clustergraph.toml").read_text() + '\n[search]\nlast = ["rdfs:Resource"]\n'
    )
    graph = clustergraph.open(root)
    graph.search("tree")
    assert graph.snapshot.path is not None
    assert len(list((graph.snapshot.path / "search").iterdir())) == 1


def test_a_snapshot_that_cannot_be_written_to_is_searched(cache: Path, tmp_path: Path) -> None:
    folder = open_folder(FOREIGN)
    snapshot = open_snapshot(folder)
    assert snapshot.path is not None
    blocked = tmp_path / "blocked"
    blocked.write_text("")  # a file, below which no folder can be made, whoever runs this
    index = open_index(snapshot.asserted, snapshot.entailed, folder.settings, folders=[blocked])
    assert index.search("tree").total


def test_settings_of_the_order_are_checked(tmp_path: Path) -> None:
    (tmp_path / "clustergraph.toml").write_text('[search]\nfirst = ["rdfs:Class"]\nlats = []\n')
    with pytest.raises(SettingsError, match=r"search\.lats.*last"):
        load_settings(tmp_path)
    (tmp_path / "clustergraph.toml").write_text("[search]\nfirst = [3]\n")
    with pytest.raises(SettingsError, match=r"search\.first"):
        load_settings(tmp_path)


def test_the_command_prints_rows_and_says_what_is_not_there(
    own: clustergraph.KnowledgeGraph, capfd: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(["--root", str(ROOT), "search", "Hamamatsu", "--limit", "2", "--kind", "cluster participation"])
        == 0
    )
    out, err = capfd.readouterr()
    assert [line.count("\t") for line in out.splitlines()] == [5, 5, 5]
    assert err == ""
    assert run(["--root", str(ROOT), "search", "Hamamtsu", "--format", "table", "--limit", "1"]) == 0
    out, err = capfd.readouterr()
    assert out.startswith("Hamamatsu  (cluster area)  area:hamamatsu\n")
    assert "these are like it" in err
    assert run(["--root", str(ROOT), "search", "kyoto", "university"]) == 0
    out, err = capfd.readouterr()
    assert out.count("\n") == 1
    assert "nothing found for 'kyoto university'; did you mean " in err
    assert run(["--root", str(ROOT), "search", "x", "--kind", "FundingProgramm"]) == 2
    assert "did you mean" in capfd.readouterr().err
