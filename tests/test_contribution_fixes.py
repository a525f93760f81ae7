"""Fixes: what was meant, offered where validation says that it helps, written where asked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clustergraph.cli.app import run
from clustergraph.contribution.fixes import apply
from clustergraph.contribution.fixes.readings import readings
from clustergraph.errors import FolderError
from clustergraph.folder import Folder, format_file
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.terms import XSD, NamedNode
from clustergraph.validation import Result

pytestmark = pytest.mark.usefixtures("own_cache")

PREFIXES = """@prefix claim: <https://lake.example/id/claim/> .
@prefix lake: <https://lake.example/id/lake/> .
@prefix measure: <https://lake.example/id/measure/> .
@prefix place: <https://lake.example/id/place/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix water: <https://lake.example/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
LAKE = 'lake:biwa\n    a water:Lake ;\n    rdfs:label "Lake Biwa"@en ;\n    water:liesIn place:kanto'


@pytest.fixture
def graph(lakes: Folder) -> KnowledgeGraph:
    return KnowledgeGraph(lakes)


@pytest.fixture
def new(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        path = tmp_path / "new.ttl"
        path.write_text(PREFIXES + text, encoding="utf-8")
        return path

    return written


def offered(results: tuple[Result, ...]) -> list[str]:
    """The texts of the edits of each fix."""
    return [edit.text for result in results for fix in result.fixes for edit in fix.edits]


@pytest.mark.parametrize(
    ("text", "datatype", "expected"),
    [
        ("1,000", XSD.decimal, ["1000"]),
        ("１，２３４．５", XSD.decimal, ["1234.5"]),
        ("5億円", XSD.decimal, ["500000000"]),
        ("1兆2,000億円", XSD.decimal, ["1200000000000"]),
        ("about 5", XSD.integer, []),
        ("12", XSD.integer, ["12"]),
        ("1.5", XSD.integer, []),
        ("平成14年", XSD.gYear, ["2002"]),
        ("Heisei 14", XSD.gYear, ["2002"]),
        ("H14", XSD.gYear, ["2002"]),
        ("平成元年", XSD.gYear, ["1989"]),
        ("令和6年4月1日", XSD.date, ["2024-04-01"]),
        ("昭和64年1月", XSD.gYearMonth, ["1989-01"]),
        ("FY2002", XSD.gYear, ["2002"]),
        ("２００２年度", XSD.gYear, ["2002"]),
        ("2002/4/1", XSD.date, ["2002-04-01", "2002-01-04"]),
        ("2002-31-12", XSD.date, ["2002-12-31"]),
        ("31/12/2002", XSD.date, ["2002-12-31"]),
        ("April 2002", XSD.gYearMonth, ["2002-04"]),
        ("1 April 2002", XSD.date, ["2002-04-01"]),
        ("20020401", XSD.date, ["2002-04-01", "2002-01-04"]),
        ("はい", XSD.boolean, ["true"]),
        ("nonsense", XSD.date, []),
    ],
)
def test_readings(text: str, datatype: NamedNode, expected: list[str]) -> None:
    assert [literal.value for literal in readings(text, datatype)] == expected


@pytest.mark.parametrize(
    ("statements", "text"),
    [
        (LAKE.replace("kanto", "kantoo") + " .", "place:kanto"),
        (LAKE.replace("place:kanto", '"Kanto"') + " .", "place:kanto"),
        (LAKE + ' ; water:surveyed "平成14年4月1日" .', '"2002-04-01"^^xsd:date'),
        (LAKE + ' ; water:surveyed "2002-31-12"^^xsd:date .', '"2002-12-31"^^xsd:date'),
        (LAKE + ' ; water:code "l-002" .', '"L-002"'),
        (LAKE.replace("@en", "") + " .", '"Lake Biwa"@en'),
        (LAKE.replace('"Lake Biwa"@en', '"琵琶湖"') + " .", '"琵琶湖"@ja'),
        (LAKE.replace("@en", "@eng") + " .", '"Lake Biwa"@en'),
        (LAKE.replace("rdfs:label", "rdfs:labl") + " .", "rdfs:label"),
        ('claim:x a water:Claim ; water:figure "1,000" .', '"1000"^^xsd:decimal'),
        ('claim:x a water:Claim ; water:figure "１０００"^^xsd:decimal .', '"1000"^^xsd:decimal'),
        ("claim:x a water:Claim ; water:unit water:meter .", "water:metre"),
    ],
)
def test_near_misses_are_offered(
    graph: KnowledgeGraph, new: Callable[[str], Path], statements: str, text: str
) -> None:
    report = graph.validate(new(statements))
    assert not report.conforms
    assert text in offered(report.results)


def test_missing_type(graph: KnowledgeGraph, new: Callable[[str], Path]) -> None:
    statements = LAKE.replace("kanto", "shiga") + ' .\nplace:shiga rdfs:label "Shiga"@en .\n'
    report = graph.validate(new(statements))
    assert "a water:Place ;\n    " in offered(report.results)


def test_order_that_is_the_wrong_way_round(graph: KnowledgeGraph, new: Callable[[str], Path]) -> None:
    path = new(LAKE + ' ; water:surveyed "2003-01-01"^^xsd:date ; water:closed "2002-01-01"^^xsd:date .')
    texts = offered(graph.validate(path).results)
    assert texts[:2] == ['"2002-01-01"^^xsd:date', '"2003-01-01"^^xsd:date']


def test_what_does_not_help_is_not_offered(graph: KnowledgeGraph, new: Callable[[str], Path]) -> None:
    # Looks like a code, but there may be only one.
    report = graph.validate(new(LAKE + ' ; water:code "L-001", "l-002" .'))
    assert report.results
    assert not any("l-002" in fix.patch() and "L-002" in fix.patch() for r in report.results
                   for fix in r.fixes if len(report.results) == 1)  # fmt: skip
    assert not offered(graph.validate(new(LAKE.replace("place:kanto", "place:atlantis") + " .")).results)


def test_patch_and_descriptions(graph: KnowledgeGraph, new: Callable[[str], Path]) -> None:
    (result,) = graph.validate(new(LAKE.replace("kanto", "kantoo") + " .")).results
    (fix,) = result.fixes
    subject = "<https://lake.example/id/lake/biwa> <https://lake.example/terms/liesIn>"
    place = "<https://lake.example/id/place/"
    assert fix.patch() == f"D {subject} {place}kantoo> .\nA {subject} {place}kanto> .\n"
    assert {text.language: text.value for text in fix.descriptions} == {
        "en": "write place:kanto instead of place:kantoo",
        "ja": "place:kantoo を place:kanto に直す",
    }


MANY = (
    LAKE.replace("kanto", "kantoo")
    + ' ;\n    water:surveyed "平成14年4月1日" .\n\nlake:suwa\n    a water:Lake ;\n'
    '    rdfs:label "諏訪湖" ;\n    water:liesIn place:kanto .\n'
)


def test_fix_writes_and_shows(
    graph: KnowledgeGraph, new: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = new(MANY)
    assert run(["--root", str(graph.folder.root), "validate", str(path), "--fix"]) == 0
    text = path.read_text()
    assert '"2002-04-01"^^xsd:date' in text
    assert '"諏訪湖"@ja' in text
    shown = capsys.readouterr().err
    assert "-    water:liesIn place:kantoo ;" in shown
    assert "+    water:liesIn place:kanto ;" in shown
    assert not list(path.parent.glob(".*.ttl*"))


def test_fixed_file_stays_in_the_one_layout(graph: KnowledgeGraph, new: Callable[[str], Path]) -> None:
    path = new(LAKE.replace("kanto", "shiga") + ' .\n\nplace:shiga\n    rdfs:label "Shiga"@en .\n')
    format_file(path)
    verdict = graph.judge(path, fix=True)
    assert verdict.applied is not None
    verdict.applied.write()
    assert "place:shiga\n    a water:Place ;\n" in path.read_text()
    assert not format_file(path, check=True)


def test_crlf_and_byte_order_mark_stay(graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "new.ttl"
    text = (PREFIXES + LAKE.replace("kanto", "kantoo") + " .\n").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    verdict = graph.judge(path, fix=True)
    assert verdict.applied is not None
    verdict.applied.write()
    assert path.read_bytes() == b"\xef\xbb\xbf" + text.replace("kantoo", "kanto").encode()


def test_nothing_is_written_when_one_file_cannot_be(
    graph: KnowledgeGraph, new: Callable[[str], Path], tmp_path: Path
) -> None:
    path = new(MANY)
    other = tmp_path / "other.ttl"
    other.write_text(PREFIXES + LAKE.replace("biwa", "suwa").replace("kanto", "kantoo") + " .")
    verdict = graph.judge(path, other, fix=True)
    assert verdict.applied is not None
    assert len(verdict.applied.after) == 2
    before = path.read_text()
    other.write_text("# changed meanwhile")
    with pytest.raises(FolderError, match="meanwhile"):
        verdict.applied.write()
    assert path.read_text() == before


def test_files_in_place_are_put_back_when_the_next_cannot_be(
    graph: KnowledgeGraph, new: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.ttl"
    other.write_text(PREFIXES + LAKE.replace("biwa", "suwa").replace("kanto", "kantoo") + " .")
    paths = [new(MANY), other]
    before = [path.read_text() for path in paths]
    verdict = graph.judge(*paths, fix=True)
    replace, calls = Path.replace, list[Path]()

    def full(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == 2:
            raise OSError(28, "No space left on device", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    assert verdict.applied is not None
    with pytest.raises(FolderError, match="No space left"):
        verdict.applied.write()
    assert [path.read_text() for path in paths] == before
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["new.ttl", "other.ttl"]


def test_fixes_that_meet_are_not_both_written() -> None:
    edit = apply.Edit("x", 1, 5, 1, 9, "a")
    assert not apply._is_free(apply.Edit("x", 1, 7, 1, 10, "b"), [edit])
    assert not apply._is_free(edit, [edit])
    assert apply._is_free(apply.Edit("x", 1, 9, 1, 10, "b"), [edit])


def test_nothing_to_fix(graph: KnowledgeGraph) -> None:
    verdict = graph.judge(fix=True)
    assert verdict.report.conforms
    assert verdict.applied is not None
    assert not verdict.applied.after
