"""The saved queries as questions: their texts, their answers, and what inference adds to them."""

from __future__ import annotations

import json
import keyword
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import clustergraph
from clustergraph import KnowledgeGraph
from clustergraph.catalogue import Catalogue, SavedQuery
from clustergraph.folder import open_folder, parse
from clustergraph.inference import materialise
from clustergraph.settings import load_settings
from clustergraph.sparql.query import outline
from clustergraph.sparql.results import Boolean, Solutions
from clustergraph.sparql.terminals import Kind
from clustergraph.store import EmbeddedStore, Store
from clustergraph.terms import DefaultGraph, Literal, NamedNode, Quad, Term

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"
CATALOGUE = Catalogue(ROOT / "queries", load_settings(ROOT))
NAMES = tuple(CATALOGUE)
TOPICS = (
    "actors", "areas", "documents", "evaluation", "events", "inference", "money", "programs",
    "provenance", "selection",
)  # fmt: skip
Arguments = Mapping[str, Sequence[str]]
each_query = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        opened = clustergraph.open(ROOT)
        assert opened.snapshot.inconsistencies == ()
        yield opened


@pytest.fixture(scope="module")
def shuffled(graph: KnowledgeGraph) -> Store:
    """The same triples, loaded in another order."""
    quads = sorted(graph.snapshot.entailed.dump(), key=str)
    random.Random(2007).shuffle(quads)
    store = EmbeddedStore()
    store.load(quads)
    return store


@dataclass(frozen=True)
class Answer:
    """An answer read to its end: a table, or for the other forms one column of what came."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]

    def column(self, name: str) -> tuple[Term | None, ...]:
        return tuple(row[self.columns.index(name)] for row in self.rows)


def ask(store: Store, name: str, arguments: Arguments) -> Answer:
    return _ask(store, name, tuple((parameter, tuple(given)) for parameter, given in arguments.items()))


@cache  # several tests look at the same answer
def _ask(store: Store, name: str, arguments: tuple[tuple[str, tuple[str, ...]], ...]) -> Answer:
    results = store.query(CATALOGUE[name].bind(dict(arguments), store))
    if isinstance(results, Solutions):
        return Answer(results.variables, tuple(results))
    if isinstance(results, Boolean):
        return Answer(("answer",), ((Literal(bool(results)),),))
    return Answer(("triple",), tuple((Literal(line),) for line in sorted({f"{t} ." for t in results})))


def examples(query: SavedQuery) -> dict[str, list[str]]:
    return dict(query.example_arguments)


def required(query: SavedQuery) -> dict[str, list[str]]:
    return {n: given for n, given in examples(query).items() if query.parameters[n].required}


def optional(query: SavedQuery) -> list[str]:
    return [n for n, p in query.parameters.items() if not p.required and p.example]


# What a file must have


def test_every_file_keeps_its_contract() -> None:
    assert CATALOGUE.problems == ()
    assert len(NAMES) >= 50
    assert {query.topic for query in CATALOGUE.queries} == set(TOPICS)


@each_query
def test_texts_in_both_languages(name: str) -> None:
    query = CATALOGUE[name]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)
    assert set(query.summaries) == set(query.descriptions) == {"en", "ja"}
    assert len(query.summaries["en"]) <= 90
    assert query.tags[0] == query.topic
    for parameter in query.parameters.values():
        assert set(parameter.descriptions) == {"en", "ja"}, parameter.name


@each_query
def test_names_that_python_takes_as_keywords(name: str) -> None:
    assert not [p for p in CATALOGUE[name].parameters if keyword.iskeyword(p) or not p.isidentifier()]


@each_query
def test_an_example_for_each_parameter(name: str) -> None:
    for parameter in CATALOGUE[name].parameters.values():
        assert parameter.example or parameter.name == "lang"


def test_most_questions_take_arguments() -> None:
    asked = [query for query in CATALOGUE.queries if set(query.parameters) - {"lang"}]
    assert len(asked) > 0.8 * len(NAMES)


def test_summaries_tell_the_questions_apart() -> None:
    for language in ("en", "ja"):
        summaries = [query.summaries[language] for query in CATALOGUE.queries]
        assert len(set(summaries)) == len(summaries)


@each_query
def test_plain_sparql(name: str) -> None:
    query = CATALOGUE[name]
    keywords = {token.keyword for token in query.outline.tokens}
    assert not query.outline.is_volatile
    assert not keywords & {"FROM", "SERVICE", "REDUCED"}
    assert "SELECT DISTINCT" not in " ".join(token.text.upper() for token in query.outline.tokens)
    if query.form == "SELECT":
        assert "ORDER" in keywords


def pattern(query: SavedQuery) -> tuple[str, ...]:
    """The groups of a query with all constants alike and variables named by their first place."""
    parsed = outline(query.text)
    first = min(group.opening for group in parsed.groups)
    names: dict[str, str] = {}
    found = []
    for token in parsed.tokens[first:]:
        if token.variable:
            found.append(names.setdefault(token.variable, f"?{len(names)}"))
        elif token.kind in {Kind.IRI, Kind.PREFIXED_NAME, Kind.STRING}:
            found.append("constant")
        else:
            found.append(token.text)
    return tuple(found)


def test_no_two_share_a_pattern_up_to_constants() -> None:
    by_pattern: dict[tuple[str, ...], str] = {}
    for query in CATALOGUE.queries:
        assert by_pattern.setdefault(pattern(query), query.name) == query.name


# What an answer must be


@each_query
def test_answer_is_the_golden_one(name: str, graph: KnowledgeGraph, update_golden: bool) -> None:
    query = CATALOGUE[name]
    results = graph.ask(name, examples(query))
    if isinstance(results, Solutions | Boolean):
        path = GOLDEN / f"{name}.json"
        answer = json.dumps(json.loads(results.serialize("json")), ensure_ascii=False, indent=1)
    else:
        path = GOLDEN / f"{name}.nt"
        answer = "\n".join(sorted(f"{triple} ." for triple in results))
    if update_golden:
        path.parent.mkdir(exist_ok=True)
        path.write_text(answer + "\n", encoding="utf-8")
    assert answer + "\n" == path.read_text(encoding="utf-8")


def test_no_golden_answer_without_its_question(update_golden: bool) -> None:
    left_over = [path for path in GOLDEN.iterdir() if path.stem not in NAMES]
    if update_golden:
        for path in left_over:
            path.unlink()
        left_over = []
    assert left_over == []


@each_query
def test_not_empty_with_or_without_each_optional_argument(name: str, graph: KnowledgeGraph) -> None:
    query = CATALOGUE[name]
    store = graph.store()
    whole = ask(store, name, required(query))
    assert whole.rows
    assert ask(store, name, examples(query)).rows
    for left_out in optional(query):
        rest = {n: given for n, given in examples(query).items() if n != left_out}
        assert ask(store, name, rest).rows, f"without {left_out}"


@each_query
def test_an_optional_argument_changes_nothing_but_rows(name: str, graph: KnowledgeGraph) -> None:
    query = CATALOGUE[name]
    store = graph.store()
    whole = ask(store, name, required(query))
    grouped = any(token.keyword == "GROUP" for token in query.outline.tokens)
    for given in optional(query):
        arguments = required(query) | {given: list(query.parameters[given].example)}
        answer = ask(store, name, arguments)
        assert answer.columns == whole.columns
        # A rank shows what is left out by default; a count is of what the argument leaves.
        if given != "rank" and not grouped and query.form == "SELECT":
            assert set(answer.rows) <= set(whole.rows), given


@each_query
def test_no_row_twice(name: str, graph: KnowledgeGraph) -> None:
    rows = ask(graph.store(), name, required(CATALOGUE[name])).rows
    assert len(set(rows)) == len(rows)


@each_query
def test_same_rows_in_the_same_order_however_loaded(
    name: str, graph: KnowledgeGraph, shuffled: Store
) -> None:
    arguments = required(CATALOGUE[name])
    assert ask(shuffled, name, arguments) == ask(graph.store(), name, arguments)


@each_query
def test_every_iri_is_followed_by_its_label(name: str, graph: KnowledgeGraph) -> None:
    query = CATALOGUE[name]
    for asked in ({}, {"lang": ["ja"]} if "lang" in query.parameters else {}):
        answer = ask(graph.store(), name, required(query) | asked)
        for column in answer.columns:
            iris = [isinstance(cell, NamedNode) for cell in answer.column(column)]
            if any(iris):
                assert answer.columns[answer.columns.index(column) + 1] == f"{column}Label"
                labels = answer.column(f"{column}Label")
                for is_iri, label in zip(iris, labels, strict=True):
                    assert not is_iri or (isinstance(label, Literal) and label.value)


@each_query
def test_labels_in_japanese(name: str, graph: KnowledgeGraph) -> None:
    query = CATALOGUE[name]
    if query.form != "SELECT" or "lang" not in query.parameters:
        return
    english = ask(graph.store(), name, required(query))
    japanese = ask(graph.store(), name, required(query) | {"lang": ["ja"]})
    for column in (c for c in japanese.columns if c.endswith("Label")):
        labels = [label for label in japanese.column(column) if label is not None]
        assert all(isinstance(label, Literal) for label in labels)
        filled = sum(label is not None for label in english.column(column))
        assert len(labels) == filled or len(japanese.rows) != len(english.rows), column
    assert len(japanese.rows) == len(english.rows) or name in {"competency-questions", "interpretations"}


# What only inference answers: the questions of the axioms, in the order of the model's list

ONTOLOGY = load_settings(ROOT).prefixes["cg"]
BASE = load_settings(ROOT).base

COMPETENCY = {
    "01 inverse of implementedBy": (
        "ministry-programs", {"organization": "meti"}, "program",
        "industrial-cluster regional-consortium-rd",
    ),
    "02 transitive partOf": (
        "program-parts", {"program": "kci"}, "part",
        "kci-first-stage kci-second-stage kci-second-stage-main-part kci-second-stage-expansion",
    ),
    "03 transitive succeeds": (
        "program-ancestors", {"program": "rssp"}, "ancestor", "ricp kci city-area",
    ),
    "04 participation in a stage": (
        "program-areas", {"program": "kci-first-stage"}, "area",
        "sapporo sendai nagano-ueda hamamatsu kansai-science-city northern-osaka kobe hiroshima takamatsu "
        "fukuoka kitakyushu kyoto toyama-takaoka aichi-nagoya tokushima kanazawa gifu-ogaki ube",
    ),
    "05 participation in the whole": (
        "program-areas", {"program": "kci"}, "area",
        "sapporo sendai nagano-ueda hamamatsu kansai-science-city northern-osaka kobe hiroshima takamatsu "
        "fukuoka kitakyushu kyoto toyama-takaoka aichi-nagoya tokushima kanazawa gifu-ogaki ube "
        "hokkaido greater-sendai nagano kansai fukuoka-kitakyushu-iizuka",
    ),
    "06 implementer of a stage": ("program-bodies", {"program": "kci-second-stage"}, "body", "mext"),
    "07 ministry of an area": ("area-supporters", {"area": "takamatsu"}, "ministry", "mext"),
    "08 plans of an area": (
        "area-plans", {"area": "hamamatsu"}, "plan", "st-basic-plan-2 st-basic-plan-3",
    ),
    "09 fields of an area": (
        "area-fields", {"area": "hamamatsu"}, "field", "it life-sciences nanotech-materials",
    ),
    "10 fields of a wide-area cluster": (
        "wide-area-cluster-fields", {"cluster": "wide-area-cluster:kansai"}, "field", "life-sciences",
    ),
    "11 symmetric cooperation": (
        "cooperating-programs", {"program": "industrial-cluster"}, "partner", "kci",
    ),
    "12 cooperation of ministries": (
        "cooperating-ministries", {"ministry": "meti"}, "partner", "mext",
    ),
    "13 programs of MEXT": (
        "mext-programs", {}, "program",
        "kci kci-first-stage kci-second-stage kci-second-stage-main-part kci-second-stage-expansion "
        "city-area ricp ricp-global-type ricp-city-area-type rssp",
    ),
    "14 areas in both stages": ("continuing-areas", {"area": "hamamatsu"}, "laterArea", "hamamatsu"),
    "15 ended participations": (
        "areas-with-ended-participations", {}, "area",
        "sapporo sendai nagano-ueda hamamatsu kansai-science-city northern-osaka kobe hiroshima takamatsu "
        "fukuoka kitakyushu",
    ),
    "16 members by post": (
        "committee-members", {"committee": "kci-selection-committee-2007"}, "person",
        "yasuharu-suematsu tadao-kiyonari",
    ),
    "17 organizations at an event": (
        "event-organizations", {"event": "japan-canada-cluster-forum"}, "organization",
        "gifu-rd-foundation criaq osaka-university nordion fukuoka-ist-foundation waterloo-win",
    ),
    "18 partner countries by embassy": (
        "partner-countries", {"country": "sweden"}, "country", "sweden",
    ),
    "19 areas in an evaluation": (
        "evaluated-areas", {"evaluation": "kci-post-project"}, "area",
        "hamamatsu kobe fukuoka nagano-ueda northern-osaka kitakyushu",
    ),
    "24 symmetric conflict": (
        "statement-conflicts", {"statement": "st-budget-sum-2007-jpy"}, "conflicting",
        "st-budget-total-2007-jpy",
    ),
}  # fmt: skip


@pytest.mark.parametrize("axiom", COMPETENCY)
def test_right_with_inference_and_not_without(axiom: str, graph: KnowledgeGraph) -> None:
    name, arguments, column, slugs = COMPETENCY[axiom]
    given = {parameter: [argument] for parameter, argument in arguments.items()}
    expected = set(slugs.split())

    def answers(store: Store) -> set[str]:
        return {str(cell).strip("<>").rpartition("/")[2] for cell in ask(store, name, given).column(column)}

    assert answers(graph.store("owl2rl")) == expected
    assert answers(graph.store("none")) != expected


# The other four need data that ours has not: an import without types, and contradictions.
IMPORTS = {
    "20 domain": (
        "things-of-a-kind", {"kind": "cg:ClusterArea"}, "thing",
        "<urn:x:area> cg:hasParticipation <urn:x:participation> .", "<urn:x:area>",
    ),
    "20 range": (
        "things-of-a-kind", {"kind": "cg:FundingProgram"}, "thing",
        "<urn:x:participation> cg:inProgram <urn:x:program> .", "<urn:x:program>",
    ),
    "21 only programs are implemented": (
        "things-of-a-kind", {"kind": "cg:FundingProgram"}, "thing",
        "<urn:x:ministry> a cg:Ministry ; cg:implements <urn:x:program> .", "<urn:x:program>",
    ),
    "22 disjoint kinds": (
        "disjointness-violations", {}, "answer",
        "<urn:x:sapporo> a cg:ClusterArea , cg:ClusterParticipation .", "true",
    ),
    "23 reversed succession": (
        "circular-successions", {}, "answer",
        "<urn:x:one> cg:directlySucceeds <urn:x:two> . <urn:x:two> cg:directlySucceeds <urn:x:one> .",
        "true",
    ),
}  # fmt: skip


def imported(turtle: str, tmp_path: Path) -> tuple[EmbeddedStore, EmbeddedStore, bool]:
    """The ontology with a few triples: asserted, with its closure, and whether that is consistent."""
    path = tmp_path / "root" / "data" / "import" / "things.ttl"
    path.parent.mkdir(parents=True)
    path.write_text(f"@prefix cg: <{ONTOLOGY}> .\n{turtle}", encoding="utf-8")
    files = [file for file in open_folder(ROOT).files() if file.kind == "ontology"]
    files += open_folder(tmp_path / "root").files()
    triples = [quad.triple for file in files for quad in parse(file)]
    asserted, entailed = EmbeddedStore(), EmbeddedStore()
    asserted.load(Quad(*triple, DefaultGraph()) for triple in triples)
    closure = materialise(asserted)
    entailed.load(Quad(*triple, DefaultGraph()) for triple in [*triples, *closure.triples])
    return asserted, entailed, closure.consistent


@pytest.mark.parametrize("axiom", IMPORTS)
def test_inference_judges_an_import(axiom: str, tmp_path: Path) -> None:
    name, arguments, column, turtle, expected = IMPORTS[axiom]
    given = {parameter: [argument] for parameter, argument in arguments.items()}
    asserted, entailed, consistent = imported(turtle, tmp_path)

    def answers(store: Store) -> list[str]:
        cells = ask(store, name, given).column(column)
        return [cell.value if isinstance(cell, Literal) else str(cell) for cell in cells]

    assert expected in answers(entailed)
    assert expected not in answers(asserted)
    assert consistent == (column == "thing")


# Every system that the documents describe is the answer to a question

SYSTEMS = {
    "document/st-basic-law": ("policy-documents", {}),
    "document/st-basic-plan-1": ("policy-documents", {"kind": "cg:BasicPlan"}),
    "document/st-basic-plan-2": ("plan-programs", {}),
    "document/st-basic-plan-3": ("area-plans", {"area": "hamamatsu"}),
    "document/st-basic-plan-4": ("plan-expenditures", {}),
    "program/kci-first-stage": ("program-parts", {"program": "kci"}),
    "program/kci-second-stage": ("mext-programs", {}),
    "program/kci-second-stage-main-part": ("program-parts", {"program": "kci"}),
    "program/kci-second-stage-expansion": ("program-funding", {"program": "kci-second-stage"}),
    "program/city-area": ("program-ancestors", {"program": "rssp"}),
    "program/industrial-cluster": ("ministry-programs", {"organization": "meti"}),
    "program/jst-comprehensive-support": ("ministry-programs", {"organization": "jst"}),
    "program/ricp-global-type": ("program-parts", {"program": "ricp"}),
    "program/ricp-city-area-type": ("program-parts", {"program": "ricp"}),
    "program/rssp": ("support-measures", {"ministry": "mext"}),
    "program/promoting-regions": ("support-measures", {"ministry": "mic"}),
    "program/promoting-regions-international": ("program-parts", {"program": "promoting-regions"}),
    "program/promoting-regions-concentration": ("funding-programs", {}),
    "organization/maff": ("program-bodies", {"program": "promoting-regions-international"}),
    "element/coi-vision-happiness": ("program-elements", {"program": "coi-stream"}),
    "program/super-cluster": ("support-measures", {"program": "super-cluster"}),
    "role/core-organization": ("program-posts", {"program": "kci"}),
    "role/knowledge-cluster-headquarters": ("program-posts", {"program": "kci"}),
    "role/program-director": ("program-posts", {"program": "kci"}),
    "step/kci-first-stage-candidate-selection": ("assessment-steps", {"assessment": "kci-first-stage"}),
    "step/kci-second-stage-2007-result": ("assessment-steps", {"assessment": "kci-second-stage-2007"}),
    "criterion/kci-midterm-self-evaluation": ("criteria", {"assessment": "kci-midterm"}),
    "finding/clear-objectives": ("evaluation-findings", {"evaluation": "kci-post-project"}),
    "survey/kci-participants-2007": ("program-assessments", {"program": "kci"}),
    "indicator/benefit-new-ideas": ("survey-answers", {"survey": "kci-participants-2007"}),
    "element/revitalization-industry-plan": (
        "document-outlines", {"document": "revitalization-strategy-2013"},
    ),
    "element/innovation-25-active-regions": ("document-outlines", {"document": "innovation-25"}),
    "change/cstp-establishment": ("administrative-changes", {}),
    "change/national-university-incorporation": ("administrative-changes", {}),
}  # fmt: skip


@pytest.mark.parametrize("thing", SYSTEMS)
def test_every_system_is_an_answer(thing: str, graph: KnowledgeGraph) -> None:
    name, arguments = SYSTEMS[thing]
    answer = ask(graph.store(), name, {p: [argument] for p, argument in arguments.items()})
    assert NamedNode(f"{BASE}id/{thing}") in {cell for row in answer.rows for cell in row}
