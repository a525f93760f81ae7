"""The report in each of its formats."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from importlib.resources import files
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from clustergraph.errors import FormatError
from clustergraph.store import EmbeddedStore
from clustergraph.terms import RDF, SH, Literal, NamedNode, Quad, Triple
from clustergraph.validation import Edit, Fix, Report, Severity, State, View, validate, write_report
from clustergraph.validation.report import FORMATS, MEDIA_TYPES

PREFIXES = """
@prefix ex: <https://example.org/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SHAPES = """
ex:AreaShape a sh:NodeShape ; rdfs:label "Areas"@en , "地域の規則"@ja ;
    sh:targetClass ex:Area ;
    sh:property
        [ sh:path ex:year ; sh:minCount 1 ; sh:datatype xsd:gYear ] ,
        [ sh:path ( ex:member ex:name ) ; sh:maxLength 3 ; sh:severity sh:Warning ] ,
        [ sh:path ex:status ; sh:in ( "active" "ended" ) ; sh:severity sh:Info ;
          sh:message "Not a status: {$value}"@en , "状態ではありません: {$value}"@ja ] .
ex:Idle a sh:NodeShape ; sh:targetClass ex:Nothing ; sh:class ex:Nothing .
"""
DATA = """
ex:year rdfs:label "year"@en , "年度"@ja .
ex:kobe a ex:Area ; rdfs:label "Kobe"@en , "神戸"@ja ; ex:year "H14" ; ex:status "open" .
ex:sapporo a ex:Area ; ex:member [ ex:name "long name" ] .
ex:person a ex:Person .
"""
EX = "https://example.org/ns#"


def graph(text: str) -> list[Triple]:
    return [quad.triple for quad in ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE)]


def judged(shapes: str = SHAPES, data: str = DATA) -> Report:
    store = EmbeddedStore()
    store.load(Quad(*triple) for triple in graph(data))
    return validate(store, graph(shapes))


@pytest.fixture(scope="module")
def report() -> Report:
    return judged()


@pytest.fixture(scope="module")
def placed(report: Report) -> Report:
    """The report with lines of a file, as a contribution gets it."""
    edit = Edit("data/areas & more.ttl", 3, 5, 3, 10, '"2002"^^xsd:gYear')
    fix = Fix((Literal("Write the era year as 2002", language="en"),), edits=(edit,))
    results = [
        replace(r, file=edit.file, line=3 + i, column=5, excerpt='ex:year "H14" ;', fixes=(fix,))
        for i, r in enumerate(report.results)
    ]
    return replace(report, results=tuple(results))


def test_results_are_in_order_of_severity(report: Report) -> None:
    levels = [result.level for result in report.results]
    assert levels == [Severity.VIOLATION, Severity.VIOLATION, Severity.WARNING, Severity.INFO]
    assert not report.conforms
    assert report.counts() == {Severity.VIOLATION: 2, Severity.WARNING: 1, Severity.INFO: 1}


def test_explanations_speak_of_labels_values_and_remedies(report: Report) -> None:
    datatype = next(r for r in report.results if r.constraint == SH.DatatypeConstraintComponent)
    english, japanese = datatype.explanations
    assert (english.language, japanese.language) == ("en", "ja")
    assert english.value.startswith("“year” of “Kobe”: “H14” is not a year. Write it as a year. Example: ")
    assert japanese.value.startswith(
        "「神戸」の「年度」: 「H14」は年ではありません。年として書いてください。"
    )
    assert '"2004"^^xsd:gYear' in english.value
    assert '"2004"^^xsd:gYear' in japanese.value


def test_messages_of_shapes_are_filled_in_and_kept_beside(report: Report) -> None:
    status = next(r for r in report.results if r.level is Severity.INFO)
    assert set(status.messages) == {
        Literal("Not a status: open", language="en"),
        Literal("状態ではありません: open", language="ja"),
    }
    assert View("ja").message(status) == "状態ではありません: open"
    assert "許された値（「active」、「ended」）ではありません" in View("ja").explanation(status)


def gaps(words: dict[str, object]) -> dict[str, set[str]]:
    return {key: set(re.findall(r"\{(\w*)\}", str(text))) for key, text in words.items()}


def test_both_languages_say_the_same() -> None:
    text = files("clustergraph.validation").joinpath("wording.toml").read_text(encoding="utf-8")
    words = tomllib.loads(text)
    for table in ("kinds", "datatypes"):
        assert words["en"].pop(table).keys() == words["ja"].pop(table).keys()
    assert gaps(words["en"]) == gaps(words["ja"])


def test_coverage_is_honest(report: Report) -> None:
    assert report.coverage is not None
    assert report.coverage.idle == (NamedNode(EX + "Idle"),)
    assert [(item.cls.value, item.instances) for item in report.coverage.untouched] == [(EX + "Person", 1)]


def test_text_groups_and_totals(placed: Report) -> None:
    text = write_report(placed, "text")
    assert text.startswith("Does not conform: 2 violations, 1 warning, 1 note\n")
    assert "\ndata/areas & more.ttl\n" in text
    assert '| ex:year "H14" ;' in text
    assert "fix: Write the era year as 2002" in text
    assert f"Shapes whose targets select nothing: <{EX}Idle>" in text
    assert write_report(placed, "text", View("ja")).startswith(
        "適合していません: 違反2件、警告1件、情報1件\n"
    )


def test_text_of_a_conforming_graph() -> None:
    conforming = judged(data="ex:a a ex:Area ; ex:year '2002'^^xsd:gYear .")
    assert write_report(conforming, "text").startswith("Conforms.\n")


def test_text_uses_prefixes(report: Report) -> None:
    assert "ex:kobe ex:year" in write_report(report, "text", View("en", {"ex": EX}))


def test_json_has_the_keys_of_a_result(placed: Report) -> None:
    found = json.loads(write_report(placed, "json", View("ja")))
    assert found["conforms"] is False
    result = next(r for r in found["results"] if r["path"] == EX + "year" and r["value"])
    assert result["focus"] == EX + "kobe"
    assert result["value"] == '"H14"'
    assert result["within"] == EX + "AreaShape"
    assert result["constraint"] == SH.DatatypeConstraintComponent.value
    assert result["severity"] == SH.Violation.value
    assert [message["language"] for message in result["messages"]] == ["ja", "en"]
    assert (result["file"], result["line"], result["column"]) == ("data/areas & more.ttl", 3, 5)
    assert result["fixes"][0]["edits"][0]["text"] == '"2002"^^xsd:gYear'
    assert found["coverage"]["untouchedClasses"] == [{"class": EX + "Person", "instances": 1}]


def test_json_of_a_change_has_three_lists(report: Report) -> None:
    states = [State.NEW, State.PRESENT, State.FIXED, State.PRESENT]
    results = tuple(replace(r, state=s) for r, s in zip(report.results, states, strict=True))
    change = replace(report, results=results, is_change=True)
    found = json.loads(write_report(change, "json"))
    assert {key: len(found[key]) for key in ("new", "present", "fixed")} == {
        "new": 1,
        "present": 2,
        "fixed": 1,
    }
    assert not change.conforms
    assert replace(change, results=results[1:]).conforms
    assert "== New (1)" in write_report(change, "text")
    baseline = json.loads(write_report(change, "sarif"))["runs"][0]["results"]
    assert [r["baselineState"] for r in baseline] == ["new", "unchanged", "absent", "unchanged"]


def test_turtle_is_a_validation_report(report: Report) -> None:
    text = write_report(report, "turtle")
    triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    results = [t.object for t in triples if t.predicate == SH.result]
    assert len(results) == len(report.results)
    paths = [t.object for t in triples if t.predicate == SH.resultPath]
    assert NamedNode(EX + "year") in paths
    firsts = {t.subject for t in triples if t.predicate == RDF.first and t.object == NamedNode(EX + "member")}
    assert firsts & set(paths)


def test_sarif_has_rules_regions_and_fixes(placed: Report) -> None:
    log = json.loads(write_report(placed, "sarif"))
    assert log["version"] == "2.1.0"
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "data/areas%20%26%20more.ttl", "uriBaseId": "%SRCROOT%"}
    assert place["region"]["startLine"] == 3
    assert {result["level"] for result in run["results"]} == {"error", "warning", "note"}
    assert run["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]


def test_junit_fails_for_violations_only(placed: Report) -> None:
    root = ElementTree.fromstring(write_report(placed, "junit"))
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("5", "2", "2")
    names = [suite.get("name") for suite in root]
    assert names == ["Areas", f"<{EX}Idle>"]
    assert root[0][0].get("line") == "3"


def test_junit_survives_what_xml_cannot_carry() -> None:
    found = judged(data='ex:a a ex:Area ; ex:year "\\u0001<&" .')
    assert ElementTree.fromstring(write_report(found, "junit")).get("failures") == "1"


def test_github_annotations_are_escaped(placed: Report) -> None:
    first, *rest = write_report(placed, "github").splitlines()
    assert first.startswith("::error file=data/areas & more.ttl,line=3,col=5,title=Areas::")
    assert [line.split(" ")[0] for line in rest] == ["::error", "::warning", "::notice"]
    multiline = replace(placed.results[0], explanations=(Literal("50 %\nof: it", language="en"),))
    text = write_report(replace(placed, results=(multiline,)), "github")
    assert text.endswith("::50 %25%0Aof: it\n")


def test_fix_is_an_rdf_patch() -> None:
    triple = Triple(NamedNode(EX + "a"), NamedNode(EX + "p"), Literal("1"))
    assert Fix((), removed=(triple,)).patch() == f'D <{EX}a> <{EX}p> "1" .\n'


def test_unknown_format_is_refused(report: Report) -> None:
    assert set(FORMATS) == set(MEDIA_TYPES)
    with pytest.raises(FormatError, match="xlsx"):
        write_report(report, "xlsx")
