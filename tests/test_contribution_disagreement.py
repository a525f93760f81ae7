"""Sources may disagree; one source may not contradict itself unawares."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import clustergraph
from clustergraph.cli.app import run
from clustergraph.contribution import Change, Judgement
from clustergraph.folder import Folder, SourceFile, open_folder
from clustergraph.folder.edition import Edition
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.validation import Report, State, View, write_report

pytestmark = pytest.mark.usefixtures("own_cache")

LAKES = Path(__file__).parent / "contributed"
PREFIXES = """@prefix claim: <https://lake.example/id/claim/> .
@prefix lake: <https://lake.example/id/lake/> .
@prefix measure: <https://lake.example/id/measure/> .
@prefix water: <https://lake.example/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
DEPTH = """{} a water:Claim ;
    water:about lake:ashi ;
    water:figure "{}"^^xsd:decimal ;
    water:measure measure:depth ;
    water:unit water:metre ;
    water:year "{}"^^xsd:gYear .
"""


@pytest.fixture
def graph(lakes: Folder) -> KnowledgeGraph:
    return KnowledgeGraph(lakes)


@pytest.fixture
def judged(graph: KnowledgeGraph) -> Callable[..., Report]:
    """The report of a change that adds a file to the graph `source`."""

    def report(text: str, source: str) -> Report:
        path = graph.folder.root / "data" / source / "added.ttl"
        path.parent.mkdir(exist_ok=True)
        path.write_text(PREFIXES + text)
        return graph.validate(path, base=str(LAKES))

    return report


def test_another_source_may_differ(judged: Callable[..., Report]) -> None:
    report = judged(DEPTH.format("claim:other", "44.0", "2002"), "census")
    assert report.conforms
    (dispute,) = report.disputes
    assert dispute.state is State.NEW
    figures = {claim.graph.value.rpartition("/")[2]: claim.figure[0][1] for claim in dispute.claims}
    assert {source: str(figure)[:6] for source, figure in figures.items()} == {
        "survey": '"43.50',
        "census": '"44.0"',
    }
    assert {(claim.file or "").rpartition("/")[2]: claim.line for claim in dispute.claims} == {
        "added.ttl": 8,
        "lakes.ttl": 12,
    }
    for format in ("text", "json", "sarif", "junit", "github"):
        text = write_report(report, format, View("ja"))
        assert "44.0" in text
        assert "43.50" in text
        assert format == "text" or "added.ttl" in text
    (noted,) = json.loads(write_report(report, "sarif"))["runs"][0]["results"]
    assert (noted["kind"], len(noted["locations"])) == ("informational", 2)
    assert 'failures="0"' in write_report(report, "junit")
    assert write_report(report, "github").count("::notice file=") == 2


def test_the_same_figure_is_no_dispute(judged: Callable[..., Report]) -> None:
    assert not judged(DEPTH.format("claim:other", "43.5", "2002"), "census").disputes


def test_another_period_is_no_dispute(judged: Callable[..., Report]) -> None:
    assert not judged(DEPTH.format("claim:other", "44", "2003"), "census").disputes


def test_one_source_clashes_with_itself(judged: Callable[..., Report]) -> None:
    report = judged(DEPTH.format("claim:other", "44", "2002"), "survey")
    assert not report.conforms
    (result,) = report.of(State.NEW)
    assert result.line == 8
    assert {text.language for text in result.explanations} == {"en", "ja"}
    assert all("43.50" in text.value for text in result.explanations)
    assert not report.disputes
    for format in ("turtle", "sarif", "junit", "github"):
        assert write_report(report, format)


@pytest.mark.parametrize("aware", ["contradicts", "computedFrom"])
def test_a_clash_that_is_known_is_a_dispute(judged: Callable[..., Report], aware: str) -> None:
    text = DEPTH.format("claim:other", "44", "2002")
    report = judged(f"{text} claim:other water:{aware} claim:ashi-depth-2002 .", "survey")
    assert report.conforms
    assert len(report.disputes) == 1


def test_two_graphs_with_a_figure_each_of_one_claim(judged: Callable[..., Report]) -> None:
    report = judged('claim:ashi-depth-2002 water:figure "44"^^xsd:decimal .', "census")
    assert report.conforms
    assert len(report.disputes) == 1


@pytest.mark.parametrize(
    "addition",
    [
        "claim:ashi-depth-2002 water:remark 1 .",
        'claim:ashi-depth-2002 water:year "2003"^^xsd:gYear .',
        "claim:ashi-visitors-2002 water:remark 1 .",
    ],
)
@pytest.mark.parametrize("removed", ["water:measure measure:depth ;", "\n"])
def test_change_beside_two_figures(graph: KnowledgeGraph, addition: str, removed: str) -> None:
    """The report that a change leaves is that of the whole, whatever else of the claim it touches."""
    root = graph.folder.root
    lakes = root / "data/survey/lakes.ttl"
    (root / "data/census/added.ttl").write_text(
        f'{PREFIXES} claim:ashi-depth-2002 water:figure "44"^^xsd:decimal .'
    )
    base = Edition.of(open_folder(root).files())
    lakes.write_text(lakes.read_text().replace(removed, "\n", 1))
    (root / "data/survey/added.ttl").write_text(PREFIXES + addition)
    files: dict[SourceFile, bytes | None] = dict(Edition.of(open_folder(root).files()).contents)
    judgement, change = Judgement(open_folder(root)), Change(base, base.replaced(files))
    after = judgement.report_after(change, judgement.report(base))
    expected = judgement.report(change.proposal)
    assert after.results == expected.results
    assert after.disputes == expected.disputes


def test_one_graph_with_two_figures_of_one_claim(judged: Callable[..., Report]) -> None:
    report = judged('claim:ashi-depth-2002 water:figure "44"^^xsd:decimal .', "survey")
    assert not report.conforms


def test_dispute_that_was_there(graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = graph.folder.root / "data/census/added.ttl"
    path.write_text(PREFIXES + DEPTH.format("claim:other", "44", "2002"))
    base = shutil.copytree(graph.folder.root, tmp_path / "base")
    present = clustergraph.open(graph.folder.root).validate(path, base=str(base))
    assert [dispute.state for dispute in present.disputes] == [State.PRESENT]
    written = json.loads(write_report(present, "json", View()))
    assert (written["disputed"], written["disputes"]) == ([], {"new": 0, "fixed": 0, "present": 1})
    path.write_text(PREFIXES)
    fixed = clustergraph.open(graph.folder.root).validate(path, base=str(base))
    assert [dispute.state for dispute in fixed.disputes] == [State.FIXED]


def test_command_line_accepts_what_is_disputed(
    graph: KnowledgeGraph, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.ttl"
    path.write_text(PREFIXES + DEPTH.format("claim:other", "44", "2002"))
    assert run(["--root", str(graph.folder.root), "validate", str(path)]) == 0
    assert len(json.loads(capsys.readouterr().out)["disputed"]) == 1


def test_foreign_settings_know_no_claims(foreign: object) -> None:
    report = clustergraph.open(Path(__file__).parent / "foreign").validate()
    assert not report.disputes
