"""The shapes: what passes, what fails and as what, the messages, and the whole graph."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

import clustergraph
from clustergraph.cli.app import run
from clustergraph.folder import format_file
from clustergraph.store import EmbeddedStore
from clustergraph.terms import RDF, RDFS, SH, NamedNode, Namespace, Quad, Term, Triple, expand
from clustergraph.validation import Report, validate

ROOT = Path(__file__).parent.parent
SHAPES = ROOT / "ontology" / "shapes"
CASES = Path(__file__).parent / "shapes"
NAMES = sorted(path.stem for path in SHAPES.glob("*.ttl"))
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHAPE = "https://w3id.org/clustergraph/shape/"
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
# Of what a shape says, these are not constraints.
NO_CONSTRAINTS = {"message", "name", "order", "path", "property", "sparql", "targetClass", "targetSubjectsOf"}


class Graph:
    """The triples of Turtle files, to be walked."""

    def __init__(self, *paths: Path) -> None:
        self.triples = [
            Triple(quad.subject, quad.predicate, quad.object)
            for path in paths
            for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())
        ]
        self.store = EmbeddedStore()
        self.store.load(Quad(*triple) for triple in self.triples)

    def objects(self, subject: Term | None, predicate: NamedNode) -> list[Term]:
        return [quad.object for quad in self.store.native.quads_for_pattern(subject, predicate, None)]

    def object(self, subject: Term, predicate: NamedNode) -> Term | None:
        return next(iter(self.objects(subject, predicate)), None)

    def subjects(self, predicate: NamedNode, object: Term) -> list[Term]:
        return [quad.subject for quad in self.store.native.quads_for_pattern(None, predicate, object)]


class Case(Graph):
    """A case in the form of W3C's data-shapes tests: data, shapes and the report in one file."""

    def __init__(self, name: str) -> None:
        super().__init__(CASES / f"{name}.ttl")
        (self.entry,) = self.subjects(RDF.type, SHT.Validate)
        action = self.object(self.entry, MF.action)
        assert self.objects(action, SHT.dataGraph) == [NamedNode((CASES / f"{name}.ttl").as_uri())]
        self.shapes = Graph(*(Path(_path(iri)) for iri in self.objects(action, SHT.shapesGraph)))
        self.report = self.object(self.entry, MF.result)

    def expected(self) -> Counter[tuple[Term | None, ...]]:
        predicates = (
            SH.focusNode,
            SH.resultPath,
            SH.value,
            SH.sourceShape,
            SH.sourceConstraintComponent,
            SH.sourceConstraint,
        )
        results = self.objects(self.report, SH.result)
        assert all(self.object(result, SH.resultSeverity) == SH.Violation for result in results)
        return Counter(
            tuple(self.object(result, predicate) for predicate in predicates) for result in results
        )


def _path(iri: Term) -> str:
    assert isinstance(iri, NamedNode)
    return iri.value.removeprefix("file://")


def found(report: Report) -> Counter[tuple[Term | None, ...]]:
    return Counter(
        (r.focus, r.path, r.value, r.shape, r.constraint, r.source_constraint) for r in report.results
    )


@cache
def case(name: str) -> Case:
    return Case(name)


@cache
def constraints() -> frozenset[tuple[Term, Term, Term | None]]:
    """Each constraint of the shapes: the shape, the component, and for SPARQL the constraint's own node."""
    shapes = Graph(*SHAPES.glob("*.ttl"))
    named = {*shapes.subjects(RDF.type, SH.NodeShape), *shapes.subjects(RDF.type, SH.PropertyShape)}
    found: set[tuple[Term, Term, Term | None]] = set()
    for subject, predicate, object in shapes.triples:
        local = predicate.value.removeprefix(str(SH))
        if predicate == SH.sparql:
            found.add((subject, SH.SPARQLConstraintComponent, object))
        elif subject in named and predicate.value.startswith(str(SH)) and local not in NO_CONSTRAINTS:
            component = NamedNode(f"{SH}{local[0].upper()}{local[1:]}ConstraintComponent")
            found.add((subject, component, None))
    return frozenset(found)


def test_each_shape_file_has_a_passing_and_a_failing_case() -> None:
    assert {path.stem for path in CASES.glob("*.ttl")} == {
        f"{n}-{k}" for n in NAMES for k in ("fail", "pass")
    }


@pytest.mark.parametrize("name", NAMES)
def test_passing_case_conforms(name: str) -> None:
    passing = case(f"{name}-pass")
    assert passing.object(passing.report, SH.conforms) == ox.Literal(True)
    report = validate(passing.store, passing.shapes.triples)
    assert report.results == ()


@pytest.mark.parametrize("name", NAMES)
def test_passing_case_touches_every_property_of_the_shape(name: str) -> None:
    shape = Graph(SHAPES / f"{name}.ttl")
    used = {predicate for _, predicate, _ in case(f"{name}-pass").triples}
    assert set(shape.objects(None, SH.path)) <= used


@pytest.mark.parametrize("name", NAMES)
def test_failing_case_has_the_expected_report(name: str) -> None:
    failing = case(f"{name}-fail")
    assert failing.object(failing.report, SH.conforms) == ox.Literal(False)
    report = validate(failing.store, failing.shapes.triples)
    assert found(report) == failing.expected()


@pytest.mark.parametrize("name", ["criterion-fail", "designation-scheme-fail", "person-fail", "person-pass"])
def test_pyshacl_agrees(name: str) -> None:
    # Not on cooperation-event, fiscal-year and source-fragment: it compares a date with a year otherwise,
    # and merges solutions of a sh:sparql that differ only in what is not projected.
    same = case(name)
    report = validate(same.store, same.shapes.triples, engine="pyshacl")
    ours = Counter(result[:5] for result in same.expected().elements())
    assert Counter((r.focus, r.path, r.value, r.shape, r.constraint) for r in report.results) == ours


def test_every_constraint_is_provoked() -> None:
    provoked = {
        (shape, component, source)
        for name in NAMES
        for _, _, _, shape, component, source in case(f"{name}-fail").expected()
    }
    # The schemes of concepts are asked for by sh:node, whose own result hides theirs.
    inner = {c for c in constraints() if re.search(r"/shape/\w+Concept-inScheme$", str(c[0].value))}
    assert len(constraints()) > 400
    assert constraints() - provoked - inner == set()
    nodes = {component for _, component, _ in provoked}
    assert SH.NodeConstraintComponent in nodes


@pytest.mark.parametrize("name", NAMES)
def test_every_node_named_for_a_fault_has_a_result(name: str) -> None:
    failing = case(f"{name}-fail")
    fault = re.compile(
        r"/(without|two-of|three-of|one)-|-(as-text|of-the-wrong-(class|type)|of-another-scheme)$"
    )
    named = {s.value for s, _, _ in failing.triples if isinstance(s, NamedNode) and fault.search(s.value)}
    helpers = {iri for iri in named if re.search(r"/(area|membership-of)-", iri)}
    assert named - helpers <= {
        focus.value for focus, *_ in failing.expected() if isinstance(focus, NamedNode)
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_constraint_says_in_both_languages_what_to_do(name: str) -> None:
    shapes = Graph(SHAPES / f"{name}.ttl")
    ours = [*shapes.subjects(RDF.type, SH.PropertyShape), *shapes.subjects(RDF.type, SH.SPARQLConstraint)]
    ours += [node for node in shapes.subjects(RDF.type, SH.NodeShape) if shapes.object(node, SH.nodeKind)]
    asks = {
        "en": re.compile(
            r"\b(add|correct|give|make|merge|name|remove|say|shorten|state|use)\b", re.IGNORECASE
        ),
        "ja": re.compile("(ください|なければなりません)"),
    }
    for node in ours:
        messages = {
            m.language: m.value for m in shapes.objects(node, SH.message) if isinstance(m, ox.Literal)
        }
        assert set(messages) == {"en", "ja"}, node
        assert all(asks[language].search(text) for language, text in messages.items()), node


# Of these no example is short enough to stand in a message, or the values are named in it.
WITHOUT_EXAMPLE = re.compile(
    r"/shape/(\w+-inScheme|(NamedGraph|SourceDocument)-description|NamedGraph-license|Statement-notReported"
    r"|(Discrepancy|Statement)-reason|CooperationEvent-hostedBy)$"
)
EXAMPLE = {
    "en": re.compile(r"[(]such as ([^()]+)[)]|such as|one of [a-z]"),
    "ja": re.compile("例：|のいずれか"),
}


def test_every_property_has_an_example_of_a_right_value_in_its_message() -> None:
    shapes = Graph(*SHAPES.glob("*.ttl"))
    graph = clustergraph.open(ROOT)
    said = Graph(*(file.path for file in graph.folder.files())).triples
    known = {triple.subject for triple in said} | {triple.object for triple in said}
    for node in shapes.subjects(RDF.type, SH.PropertyShape):
        if WITHOUT_EXAMPLE.search(_path(node)):
            continue
        for message in shapes.objects(node, SH.message):
            assert isinstance(message, ox.Literal)
            assert message.language is not None
            found = EXAMPLE[message.language].search(message.value)
            assert found, (node, message)
            example = found[1] if message.language == "en" else None
            if example and (iri := expand(example, graph.settings.prefixes)):
                assert NamedNode(iri) in known, (node, example)


@pytest.mark.parametrize("name", NAMES)
def test_shape_is_named_in_both_languages_and_has_a_target(name: str) -> None:
    shapes = Graph(SHAPES / f"{name}.ttl")
    for shape in shapes.subjects(RDF.type, SH.NodeShape):
        languages = sorted(label.language or "" for label in shapes.objects(shape, RDFS.label))
        assert languages == ["en", "ja"]
    targets = [*shapes.objects(None, SH.targetClass), *shapes.objects(None, SH.targetSubjectsOf)]
    assert targets


@pytest.mark.parametrize("folder", [SHAPES, CASES], ids=["shapes", "cases"])
def test_shapes_and_cases_are_in_the_one_layout(folder: Path) -> None:
    assert [path.name for path in folder.glob("*.ttl") if format_file(path, check=True)] == []


def test_the_whole_graph_conforms() -> None:
    report = clustergraph.open(ROOT).validate()
    assert report.conforms, [(str(r.focus), str(r.path), str(r.shape)) for r in report.results][:10]


@pytest.mark.parametrize("name", NAMES)
def test_validate_tells_of_a_failing_case_the_file_what_is_wrong_and_what_would_be_right(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    failing = f"tests/shapes/{name}-fail.ttl"
    shapes = case(f"{name}-fail").objects(None, SHT.shapesGraph)
    options = [argument for iri in shapes for argument in ("--shapes", _path(iri))]
    assert run(["validate", "--standalone", failing, *options, "--format", "json"]) == 1
    answered = json.loads(capsys.readouterr().out)["results"]
    # What clustergraph itself finds beside the shapes is not the matter here.
    results = [result for result in answered if result["shape"].startswith(SHAPE)]
    assert len(results) == case(f"{name}-fail").expected().total()
    for result in results:
        assert result["file"] == failing
        assert result["line"] >= 1
        told = {(message["language"], message["source"]) for message in result["messages"]}
        assert told >= {("en", "shape"), ("ja", "shape")}
