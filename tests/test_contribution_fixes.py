"""Fixes: what was meant, offered where validation says that it helps, written where asked."""

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from clustergraph.cli.app import run
from clustergraph.contribution.change import read_change
from clustergraph.contribution.fixes import apply, editing
from clustergraph.contribution.fixes.readings import readings
from clustergraph.contribution.fixes.syntaxes.turtle import TurtleText
from clustergraph.errors import FolderError
from clustergraph.folder import Folder, format_file, open_folder
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.terms import XSD, Literal, NamedNode, Triple
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
        ("claim:x a water:Claim ; water:unit water:person2 .", "water:person"),
        (LAKE.replace("place:kanto", '"関東"') + " .", "place:kanto"),
        (LAKE.replace("place:kanto", "place:関東") + " .", "place:kanto"),
    ],
)
def test_near_misses_are_offered(
    graph: KnowledgeGraph, new: Callable[[str], Path], statements: str, text: str
) -> None:
    report = graph.validate(new(statements))
    assert not report.conforms
    assert text in offered(report.results)


VOCABULARY = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix water: <https://lake.example/terms/> .
water:VocabularyShape a sh:NodeShape ;
    sh:targetSubjectsOf <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>, water:about ;
    sh:sparql [ sh:message "not a class" ; sh:select \"\"\"
        SELECT $this ?path ?value {
            $this a ?value . FILTER NOT EXISTS { ?value a ?kind }
            FILTER (STRSTARTS(STR(?value), "https://lake.example/"))
            BIND (<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> AS ?path) }\"\"\" ] ;
    sh:sparql [ sh:message "not a property" ; sh:select \"\"\"
        SELECT $this ?path ?value {
            $this ?path ?value . FILTER NOT EXISTS { ?path a ?kind }
            FILTER (REGEX(STR(?path), "/terms/(liesinn|surveyd)$")) }\"\"\" ] ;
    sh:sparql [ sh:message "no type" ; sh:select
        "SELECT $this { FILTER NOT EXISTS { $this a ?type } }" ] .
"""


@pytest.mark.parametrize(
    ("statements", "texts"),
    [
        (LAKE.replace("water:Lake", "water:Laake") + " .", ["water:Lake"]),
        (LAKE + ' ; water:surveyd "2002-04-01"^^xsd:date .', ["water:surveyed"]),
        # Also missing now, which is the same fix; and all values of the property at once.
        (LAKE.replace("water:liesIn", "water:liesinn") + " .", ["water:liesIn", "water:liesIn"]),
        (LAKE + ' ; water:surveyd "2002-04-01"^^xsd:date, "2003-04-01"^^xsd:date .', ["water:surveyed"] * 2),
        ("claim:x water:about lake:ashi .", ["a water:Claim ;\n    "]),
        # Nothing is like it, and what it would be would lack something.
        (LAKE.replace("water:Lake", "water:Volcano") + " .", []),
        ('lake:x a water:Laake ; rdfs:label "X"@en .', []),
    ],
)
def test_classes_and_properties_that_nothing_declares(
    graph: KnowledgeGraph, new: Callable[[str], Path], statements: str, texts: list[str]
) -> None:
    (graph.folder.root / "ontology" / "shapes" / "vocabulary.ttl").write_text(VOCABULARY)
    report = graph.validate(new(statements))
    assert not report.conforms
    assert [fix.edits[0].text for result in report.results for fix in result.fixes[:1]] == texts


def test_what_refers_to_a_thing_of_a_misspelt_class_stays(
    graph: KnowledgeGraph, new: Callable[[str], Path]
) -> None:
    # `place:kantoo` looks like `place:kanto`, but there is such a thing; it is its class that is wrong.
    path = new(LAKE.replace("kanto", "kantoo") + ' .\nplace:kantoo a water:Plaace ; rdfs:label "K"@en .\n')
    assert offered(graph.validate(path).results) == ["water:Place"]


@pytest.mark.parametrize("ending", ["nt", "nq", "trig", "rdf", "jsonld"])
def test_fix_writes_each_syntax(
    graph: KnowledgeGraph, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    quads = list(ox.parse(PREFIXES + MANY, format=ox.RdfFormat.TURTLE))
    path = tmp_path / f"new.{ending}"
    ox.serialize(quads, path)
    wrong = path.read_text()
    assert run(["--root", str(graph.folder.root), "validate", str(path), "--fix"]) == 0
    shown = capsys.readouterr().err
    assert "kantoo" in "".join(line for line in shown.splitlines() if line.startswith("-"))
    assert path.read_text() != wrong
    says = {quad.triple for quad in ox.parse(path=path)}
    lake, terms = "https://lake.example/id/lake/biwa", "https://lake.example/terms/"
    surveyed = Literal("2002-04-01", datatype=XSD.date)
    assert Triple(NamedNode(lake), NamedNode(f"{terms}surveyed"), surveyed) in says
    assert len(says) == len(quads)


def test_a_fix_without_a_place_says_so(
    graph: KnowledgeGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new.rdf"
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<rdf:RDF xmlns:w="https://lake.example/terms/" '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><w:Claim rdf:about="urn:é">'
        "<w:figure>1,000</w:figure></w:Claim></rdf:RDF>"
    )
    path.write_text(text, encoding="latin-1")
    (result,) = graph.validate(path).results
    (fix,) = result.fixes
    assert fix.patch()
    assert not fix.edits
    for tag, words in (("en", "as a patch alone"), ("ja", "パッチのみ")):
        assert words in next(one.value for one in fix.descriptions if one.language == tag)
    assert run(["--root", str(graph.folder.root), "validate", str(path), "--fix"]) == 1
    assert path.read_text(encoding="latin-1") == text
    assert "0 files changed" in capsys.readouterr().err


def test_what_a_triple_says_twice_is_fixed_in_both_places(
    graph: KnowledgeGraph, new: Callable[[str], Path]
) -> None:
    path = new(LAKE.replace("kanto", "kantoo") + " .\nlake:biwa water:liesIn place:kantoo .\n")
    verdict = graph.judge(path, fix=True)
    assert verdict.report.conforms
    assert verdict.applied is not None
    verdict.applied.write()
    assert "kantoo" not in path.read_text()
    assert path.read_text().count("place:kanto ") == 2


def test_no_file_is_written_that_would_say_anything_else(
    graph: KnowledgeGraph, new: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    # An edit that goes wrong, as a reader's mistake about a place in a text would make it.
    monkeypatch.setattr(TurtleText, "_written", lambda *_: 'place:kanto ; rdfs:label "Biwa-ko"@ja')
    path = new(LAKE.replace("kanto", "kantoo") + " .")
    assert not offered(graph.validate(path).results)
    monkeypatch.setattr(editing, "_MOST_READ", 0)  # now on trust
    report = graph.validate(path)
    assert offered(report.results)
    given = read_change(graph.folder, [path]).proposal
    assert not apply.apply_fixes(report, given).after


def test_huge_texts_have_no_readings_and_take_no_time(
    graph: KnowledgeGraph, new: Callable[[str], Path]
) -> None:
    report = graph.validate(new(f'claim:x a water:Claim ; water:figure "{"1," * 300_000}" .'))
    assert not report.conforms
    assert not offered(report.results)


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


def test_a_property_that_is_only_inferred_is_not_renamed(tmp_path: Path) -> None:
    files = {
        "data/one/a.ttl": "x:a x:depth 5 .",
        "ontology/axioms.ttl": "x:depth rdfs:subPropertyOf x:depths .",
        "ontology/shapes/a.ttl": "x:S sh:targetNode x:a ; sh:closed true ; sh:property [ sh:path x:depth ] .",
    }
    namespaces = PREFIXES + "@prefix x: <urn:x:> .\n@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(namespaces + text, encoding="utf-8")
    report = KnowledgeGraph(open_folder(tmp_path)).validate(entailment="owl2rl")
    assert [result.fixes for result in report.results] == [()]


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
