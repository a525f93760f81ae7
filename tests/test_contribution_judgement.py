"""Judging a graph and changes to it: what is new, fixed and present, and where it stands."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clustergraph
from clustergraph.cli.app import run
from clustergraph.contribution import Change, Judgement
from clustergraph.contribution.impact import compared
from clustergraph.errors import ClusterGraphError, FolderError, GraphSyntaxError, ShapesError, UsageError
from clustergraph.folder import Folder, open_folder
from clustergraph.folder.edition import Edition
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.validation import Report, State

pytestmark = pytest.mark.usefixtures("own_cache")

LAKES = Path(__file__).parent / "contributed"
PREFIXES = """@prefix claim: <https://lake.example/id/claim/> .
@prefix lake: <https://lake.example/id/lake/> .
@prefix place: <https://lake.example/id/place/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix water: <https://lake.example/terms/> .
"""
MEASURES = "@prefix measure: <https://lake.example/id/measure/> .\n"
BIWA = 'lake:biwa a water:Lake ;\n    rdfs:label "Lake Biwa"@en ;\n    water:liesIn place:nowhere .\n'


@pytest.fixture
def graph(lakes: Folder) -> KnowledgeGraph:
    return KnowledgeGraph(lakes)


@pytest.fixture(scope="module")
def lakes_only() -> Folder:
    return open_folder(LAKES)


@pytest.fixture
def new(tmp_path: Path) -> Callable[[str], Path]:
    """Writes Turtle with the usual prefixes outside of the folder."""

    def written(text: str, name: str = "new.ttl") -> Path:
        path = tmp_path / name
        path.write_text(PREFIXES + text, encoding="utf-8")
        return path

    return written


def counts(report: Report) -> tuple[int, int, int]:
    new, fixed, present = (len(report.of(state)) for state in State)
    return new, fixed, present


def test_whole_graph_conforms(graph: KnowledgeGraph) -> None:
    report = graph.validate()
    assert report.conforms
    assert not report.is_change


def test_added_file_with_line_and_column(graph: KnowledgeGraph, new: Callable[[str], Path]) -> None:
    path = new(BIWA)
    report = graph.validate(path)
    assert counts(report) == (1, 0, 0)
    (result,) = report.results
    assert (result.file, result.line, result.column) == (str(path), 8, 18)
    assert result.excerpt == "    water:liesIn place:nowhere ."
    assert not report.conforms


def test_edit_fixes_and_leaves(graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = graph.folder.root / "data/survey/biwa.ttl"
    path.write_text(PREFIXES + BIWA + "lake:suwa a water:Lake .\n")
    base = shutil.copytree(graph.folder.root, tmp_path / "base")
    path.write_text(PREFIXES + BIWA.replace("nowhere", "kanto") + "lake:suwa a water:Lake .\n")
    report = clustergraph.open(graph.folder.root).validate(path, base=str(base))
    assert counts(report) == (0, 1, 2)
    assert report.conforms
    assert all(result.file is None for result in report.of(State.FIXED))


def test_retyping_one_node_breaks_another(graph: KnowledgeGraph) -> None:
    path = graph.folder.root / "data/background/places.ttl"
    text = path.read_text()
    base = shutil.copytree(graph.folder.root, graph.folder.root.parent / "base")
    path.write_text(text.replace("a water:Place", "a water:Town", 1))
    report = graph.validate(path, base=str(base))
    assert [str(result.focus) for result in report.of(State.NEW)] == ["<https://lake.example/id/lake/ashi>"]


def test_removed_file_breaks_what_refers_to_it(graph: KnowledgeGraph) -> None:
    base = shutil.copytree(graph.folder.root, graph.folder.root.parent / "base")
    path = graph.folder.root / "data/background/places.ttl"
    path.unlink()
    assert counts(graph.validate(path, base=str(base))) == (1, 0, 0)


def test_shapes_that_change_judge_the_proposal(graph: KnowledgeGraph) -> None:
    base = shutil.copytree(graph.folder.root, graph.folder.root.parent / "base")
    path = graph.folder.root / "ontology/shapes/lake.ttl"
    path.write_text(path.read_text().replace("^L-[0-9]{3}$", "^X-[0-9]{3}$"))
    assert counts(graph.validate(path, base=str(base))) == (1, 0, 0)


def test_shapes_whose_blank_nodes_shift_change_nothing(graph: KnowledgeGraph) -> None:
    root = graph.folder.root
    (root / "data/survey/biwa.ttl").write_text(PREFIXES + BIWA)
    base = shutil.copytree(root, root.parent / "base")
    path = root / "ontology/shapes/lake.ttl"
    path.write_text(path.read_text() + "\nwater:Other a sh:NodeShape ; sh:property [ sh:path water:x ] .\n")
    text = path.read_text()
    path.write_text(text.replace("water:ClaimShape", "water:ZClaimShape"))
    assert counts(clustergraph.open(root).validate(path, base=str(base))) == (0, 0, 1)


def test_blank_focus_nodes_that_shift_are_present(graph: KnowledgeGraph) -> None:
    path = graph.folder.root / "data/survey/anonymous.ttl"
    lake = '[] a water:Lake ; water:liesIn place:kanto ; rdfs:label "{}"@en ; water:code "{}" .\n'
    path.write_text(PREFIXES + lake.format("One", "1"))
    base = shutil.copytree(graph.folder.root, graph.folder.root.parent / "base")
    path.write_text(PREFIXES + lake.format("Zero", "0") + lake.format("One", "1"))
    report = clustergraph.open(graph.folder.root).validate(path, base=str(base))
    assert counts(report) == (1, 0, 1)


def test_base_without_paths_is_a_change_of_all(graph: KnowledgeGraph) -> None:
    (graph.folder.root / "data/survey/biwa.ttl").write_text(PREFIXES + BIWA)
    assert counts(clustergraph.open(graph.folder.root).validate(base=str(LAKES))) == (1, 0, 0)


def test_standalone(graph: KnowledgeGraph, new: Callable[[str], Path]) -> None:
    report = graph.validate(new(BIWA), standalone=True)
    assert not report.is_change
    assert len(report.results) == 1
    with pytest.raises(UsageError, match="at least one"):
        graph.validate(standalone=True)


def test_standalone_by_other_shapes(
    graph: KnowledgeGraph, new: Callable[[str], Path], tmp_path: Path
) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix water: <https://lake.example/terms/> .\n"
        "[] a sh:NodeShape ; sh:targetClass water:Lake ;\n"
        "    sh:property [ sh:path water:depth ; sh:minCount 1 ] ."
    )
    report = graph.validate(new(BIWA), standalone=True, shapes=[shapes])
    assert [str(result.path) for result in report.results] == ["<https://lake.example/terms/depth>"]


@pytest.mark.parametrize("content", ["", "# nothing\n", "<urn:a> <urn:b> <urn:c> .\n"])
def test_shapes_graph_that_is_none_is_named(graph: KnowledgeGraph, tmp_path: Path, content: str) -> None:
    path = tmp_path / "none.ttl"
    path.write_text(content)
    with pytest.raises(FolderError, match=r"none\.ttl"):
        graph.validate(shapes=[path])


def test_ill_formed_shapes_are_no_report(graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "bad.ttl"
    path.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "<urn:s> a sh:NodeShape ; sh:targetClass <urn:c> ; sh:minCount 1 ."
    )
    with pytest.raises(ShapesError, match="urn:s"):
        graph.validate(shapes=[path])


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("broken.ttl", b"<urn:a> <urn:b> .\n", "line 1, column 17"),
        ("latin.ttl", '<urn:a> <urn:b> "é" .'.encode("latin-1"), "latin.ttl"),
        ("empty.ttl", b"", "the file is empty"),
        ("remote.jsonld", b'{"@context": "https://example.com/c", "@id": "urn:a"}', "remote.jsonld"),
        ("bomb.rdf", b'<!DOCTYPE x [<!ENTITY a "aa">]><x/>', "DOCTYPE"),
        ("broken.nt", b"<urn:a> <urn:b> <urn:c> .\nnonsense\n", "line 2"),
    ],
)
def test_broken_files(
    graph: KnowledgeGraph, tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FolderError, match=expected) as caught:
        graph.validate(path)
    assert name in str(caught.value)
    assert isinstance(caught.value, GraphSyntaxError) or name == "empty.ttl"


def test_command_line_exit_codes(
    graph: KnowledgeGraph, new: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    root = ["--root", str(graph.folder.root)]
    path = new(BIWA)
    assert run([*root, "validate"]) == 0
    capsys.readouterr()
    assert run([*root, "validate", str(path)]) == 1
    described = json.loads(capsys.readouterr().out)
    assert set(described) >= {"conforms", "new", "fixed", "present"}
    path.write_text("broken")
    assert run([*root, "validate", str(path)]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_the_base_is_judged_once(
    graph: KnowledgeGraph, new: Callable[[str], Path], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = new(BIWA)
    first = graph.validate(path)
    (kept,) = (cache.parent / "reports").iterdir()
    judged: list[Edition] = []
    report = Judgement.report
    monkeypatch.setattr(
        Judgement, "report", lambda self, edition: judged.append(edition) or report(self, edition)
    )
    again = clustergraph.open(graph.folder.root).validate(path)
    assert again == first
    assert not judged
    (kept / "report.pickle").write_bytes(b"damaged")
    assert clustergraph.open(graph.folder.root).validate(path) == first
    assert len(judged) == 1


def test_another_base_is_another_report(
    graph: KnowledgeGraph, new: Callable[[str], Path], cache: Path
) -> None:
    path = new(BIWA)
    graph.validate(path)
    shapes = graph.folder.root / "ontology/shapes/lake.ttl"
    shapes.write_text(shapes.read_text().replace("^L-[0-9]{3}$", "^X-[0-9]{3}$"))
    assert counts(clustergraph.open(graph.folder.root).validate(path)) == (1, 0, 1)
    assert len(list((cache.parent / "reports").iterdir())) == 2


STATEMENTS = [
    "lake:biwa a water:Lake .",
    'lake:biwa rdfs:label "Lake Biwa"@en .',
    'lake:biwa rdfs:label "Biwa"@en .',
    "lake:biwa water:liesIn place:kanto .",
    "lake:biwa water:liesIn place:hakone .",
    "lake:biwa water:liesIn [ a water:Place ] .",
    "place:kanto a water:Place .",
    'lake:biwa water:code "001" .',
    'lake:biwa water:code "L-002" .',
    '[] a water:Lake ; water:code "L-2" .',
    '[] a water:Lake ; water:code "L-3" .',
]
Statements = st.sets(st.sampled_from(STATEMENTS), min_size=1)


@settings(max_examples=25)
@given(before=Statements, after=Statements)
def test_impact_is_the_difference_of_two_whole_validations(
    tmp_path_factory: pytest.TempPathFactory, before: set[str], after: set[str]
) -> None:
    tmp = tmp_path_factory.mktemp("impact")
    roots = tmp / "base", tmp / "proposal"
    for root, statements in zip(roots, (before, after), strict=True):
        shutil.copytree(LAKES, root)
        (root / "data/survey/random.ttl").write_text(PREFIXES + "\n".join(sorted(statements)))
    base, proposal = (clustergraph.open(root) for root in roots)
    report = proposal.validate(roots[1] / "data/survey/random.ttl", base=str(roots[0]))
    old, new = base.validate().results, proposal.validate().results
    present, fresh, fixed = (len(report.of(s)) for s in (State.PRESENT, State.NEW, State.FIXED))
    assert present + fresh == len(new)
    assert present + fixed == len(old)
    if before == after:
        assert fresh == fixed == 0
    named = [{(r.focus, r.path, r.value, r.constraint) for r in found if "_:" not in f"{r.focus}{r.value}"}
             for found in (old, new, report.of(State.NEW), report.of(State.FIXED))]  # fmt: skip
    assert named[2] == named[1] - named[0]
    assert named[3] == named[0] - named[1]


CLAIM = (
    "claim:{} a water:Claim ; water:about lake:{} ; water:figure {} ; "
    "water:measure measure:depth ; water:unit water:metre ."
)
MORE = [
    *STATEMENTS,
    *(CLAIM.format(name, lake, figure) for name in "ab" for lake in ("ashi", "biwa") for figure in (1, 2.5)),
    "claim:a water:contradicts claim:b .",
    "claim:b water:computedFrom claim:a .",
    'place:kanto rdfs:label "Somewhere"@en .',
    'place:hakone rdfs:label "Hakone"@en .',
    'water:code rdfs:label "code"@en .',
    "# a line more",
]
FILES = ("data/survey/random.ttl", "data/survey/lakes.ttl", "data/census/random.ttl")
Files = st.dictionaries(st.sampled_from(FILES), st.lists(st.sampled_from(MORE), unique=True), max_size=2)


@settings(max_examples=40)
@given(before=Files, after=Files)
def test_what_is_judged_again_is_all_that_a_change_affects(
    lakes_only: Folder, before: dict[str, list[str]], after: dict[str, list[str]]
) -> None:
    """The report on a proposal from that on its base is that on the whole proposal, places included."""
    plain = Edition.of(lakes_only.files())
    lakes = next(data for file, data in plain.contents.items() if file.name == FILES[1])

    def edition(base: Edition, texts: dict[str, list[str]]) -> Edition:
        files = {name: (lakes_only.file(lakes_only.root / name), lines) for name, lines in texts.items()}
        return base.replaced({
            file: (lakes.decode() if name == FILES[1] else PREFIXES + MEASURES).encode()
            + "\n".join(["", *lines]).encode()
            for name, (file, lines) in files.items() if file is not None
        })  # fmt: skip

    base = edition(plain, before)
    change = Change(base, edition(plain if "data/survey/lakes.ttl" in before else base, after))
    judgement = Judgement(lakes_only)
    old, whole = judgement.report(base), judgement.report(change.proposal)
    found = judgement.report_after(change, old)
    assert sorted(map(repr, found.results)) == sorted(map(repr, whole.results))
    assert {frozenset(one.claims) for one in found.disputes} == {
        frozenset(one.claims) for one in whole.disputes
    }
    assert found.coverage == whole.coverage
    first, second = (
        [sorted(map(repr, compared(old, report, change.blank_nodes).of(state))) for state in State]
        for report in (found, whole)
    )
    assert first == second


def test_messages_speak_of_things_by_their_new_labels(
    graph: KnowledgeGraph, new: Callable[[str], Path]
) -> None:
    (graph.folder.root / "data/survey/biwa.ttl").write_text(PREFIXES + BIWA)
    graph = clustergraph.open(graph.folder.root)
    (result,) = graph.validate(new('place:nowhere rdfs:label "Utopia"@en .')).of(State.PRESENT)
    assert any("Utopia" in text.value for text in result.explanations)


def test_errors_are_of_one_tree(graph: KnowledgeGraph) -> None:
    with pytest.raises(ClusterGraphError):
        graph.validate("nowhere.ttl")
