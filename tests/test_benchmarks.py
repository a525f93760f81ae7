"""The benchmarks at small sizes: the same work, compared answers, a page that is what was measured."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import frame
import impact
import inference
import jena
import loading
import pytest
import questions
import report
import scale
import service

import validation

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "performance.md"
FIGURES = json.loads(PAGE.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.mark.usefixtures("cache")
def test_engines_answer_the_same_before_their_times_count(tmp_path: Path) -> None:
    table = frame.contest(questions.QUERIES, tmp_path, 2_000, ["rdflib", "oxigraph-server"])
    assert [row.note for row in table.rows if row.note] == []
    assert {row.engine for row in table.rows} == {
        "clustergraph", "clustergraph-memory", "rdflib", "oxigraph-server",
    }  # fmt: skip
    assert len(table.rows) == 4 * len(questions.QUESTIONS)
    for row in table.rows:
        assert row.median is not None
        assert row.low <= row.median <= row.high
        assert row.peak > 10


def test_no_time_counts_for_another_answer() -> None:
    known = {"a": "1 rows, x"}
    found = {"servers": 0, "measured": [{"work": "a", "seconds": [1.0], "answer": "2 rows, y", "peak": 1.0}]}
    (row,) = frame._compared(known, "other", found)
    assert row.median is None
    assert row.note == "answers differently: 2 rows, y; ours 1 rows, x"
    (row,) = frame._compared(known, "other", "failed: no memory")
    assert (row.work, row.median, row.note) == ("a", None, "failed: no memory")


def test_engine_is_left_out_above_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = {"work": "a", "seconds": [3.0, 1.0, 2.0], "answer": "x", "peak": 1.0}
    monkeypatch.setattr(frame, "child", lambda arguments: {"servers": 0, "measured": [measured]})
    task = frame.Task("t", "T", lambda folder, size: size, lambda *_: [], ("slow",), {"slow": 10})
    table = frame.contest(task, tmp_path, 100, ["slow"])
    assert [(row.engine, row.median, row.runs, row.note) for row in table.rows] == [
        ("clustergraph", 2.0, 3, ""),
        ("slow", None, 0, "left out above 10 triples"),
    ]


def test_process_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    found = frame.child(["queries", "no-such-engine", "/nowhere"])
    assert found == "failed: KeyError: 'no-such-engine'"


def test_answers_are_compared_by_value_in_any_order() -> None:
    assert frame.digest([["a", "10"], ["b", "2"]]) == frame.digest([["b", "2.0"], ["a", "10.0"]])
    assert frame.digest([["a"], ["a"]]) != frame.digest([["a"]])
    assert frame.digest([["a", "b"]]) != frame.digest([["b", "a"]])


def test_closure_counts_what_is_about_the_data(tmp_path: Path) -> None:
    assert inference.prepare(tmp_path, 1_000) == 11_143
    without, closure, *edits = inference.close("clustergraph", tmp_path)
    assert without.answer == "19586 rows, 5fc1769a66e002ed"  # as reasonable has it
    assert closure.answer == "27822 rows, 17e555e1827caac6"  # as owlrl has it
    assert [one.work for one in edits] == ["add 100 triples", "remove 100 triples", "a proof"]


def test_reports_hold_what_was_injected(tmp_path: Path) -> None:
    validation.prepare(tmp_path, 2_000)
    core, both = validation.judge("clustergraph", tmp_path)
    assert (core.work, both.work) == ("SHACL Core", "Core and SPARQL")


@pytest.mark.skipif(not jena.version(), reason="libapache-jena-java or a compiler for Java is not installed")
def test_jena_answers_as_we_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jena, "warm", lambda work: work())
    validation.prepare(tmp_path, 200)
    expected = [one.answer for one in validation.judge("clustergraph", tmp_path)]
    with jena.running() as call:
        call(f"load {tmp_path / 'data.nt'}")
        ((count,),) = jena.rows(call, "SELECT (COUNT(*) AS ?n)\n{ ?s ?p ?o }")
        assert int(count) == len((tmp_path / "data.nt").read_text().splitlines())
        monkeypatch.setattr(jena, "running", lambda: nullcontext(call))
        assert [one.answer for one in validation.judge("jena", tmp_path)] == expected


def test_files_are_loaded_by_each_to_the_same_number(tmp_path: Path) -> None:
    loading.prepare(tmp_path, 1_000)
    (ours,) = loading.load("clustergraph", tmp_path)
    assert [one.answer for name in ("rdflib", "oxigraph-server") for one in loading.load(name, tmp_path)] == [
        ours.answer,
        ours.answer,
    ]


def test_change_is_judged(tmp_path: Path) -> None:
    impact.prepare(tmp_path, 2_000)
    (measured,) = impact.judge("clustergraph", tmp_path)
    assert not measured.answer.startswith("0 rows")


@pytest.mark.usefixtures("cache")
def test_steps_of_the_way_by_size(tmp_path: Path) -> None:
    root = tmp_path / "graph"
    scale.generate(root, triples=2_000)
    works = [
        one.work
        for name in ("build", "open", "change", "export ntriples")
        for one in scale.step(name, str(root))
    ]
    assert works == [
        "build: reading", "build: inferring", "build: writing", "build",
        "warm open and a first row", "validate a change", "export ntriples",
    ]  # fmt: skip


def test_service_has_what_traffic_takes() -> None:
    assert [*inspect.signature(service.measure).parameters][:5] == [
        "server", "requests", "weights", "seconds", "clients",
    ]  # fmt: skip
    assert [*inspect.signature(service.running).parameters][:3] == ["name", "command", "path"]
    assert "sys.argv[4]" in service.OURS


def figures() -> dict[str, object]:
    def row(engine: str, work: str, median: float | None) -> dict[str, object]:
        return {
            "work": work, "engine": engine, "median": median, "low": 0.1, "high": 9.0, "runs": 3,
            "peak": 50.0, "note": "" if median else "answers differently",
        }  # fmt: skip

    rows = [
        row("clustergraph", "a", 1.0), row("rdflib", "a", 40.0), row("clustergraph", "b", 2.0),
        row("rdflib", "b", 1.0), row("owlrl", "b", None),
    ]  # fmt: skip
    steps = [
        {"size": 10, "work": "build", "seconds": 1.0, "peak": 9.0, "note": ""},
        {"size": 100, "work": "build", "seconds": 20.0, "peak": 90.0, "note": "3 inferred"},
    ]
    return {
        "machine": {"system": "Linux", "processors": "2", "memory": "8 GiB", "load": "0.1"},
        "versions": {"rdflib": "7"},
        "tables": [{"task": "queries", "title": "Questions", "size": 100, "rows": rows}],
        "scale": steps,
    }


def test_page_begins_with_the_worst_ratio() -> None:
    page = report.page(figures())
    ratios = [
        line.split(" | ")[0] for line in page.splitlines() if line.startswith("| ") and "rdflib | " in line
    ]
    assert ratios[:2] == ["| **0.50**", "| 40"]
    assert "answers differently" in page
    assert "| build | 1.00 s, 9 MB | 20.0 s, 90 MB | 1.30 | 3 inferred |" in page


def test_measured_again_takes_the_place_of_the_old() -> None:
    old, new = figures(), figures()
    new["tables"][0]["rows"] = []  # type: ignore[index]  # the same task and size
    new["scale"] = [{"size": 100, "work": "open", "seconds": 1.0, "peak": 1.0, "note": ""}]
    merged = report.merged(old, new)
    assert merged["tables"] == new["tables"]
    assert [(step["size"], step["work"]) for step in merged["scale"]] == [(10, "build"), (100, "open")]


def test_docs_are_what_was_measured() -> None:
    """Where they are not: python benchmarks --render docs/performance.json."""
    assert report.page(FIGURES) == PAGE.read_text(encoding="utf-8")
    charts = {path.name: path.read_text(encoding="utf-8") for path in PAGE.parent.glob("performance-*.svg")}
    assert report.charts(FIGURES) == charts


def test_help_names_all_tasks() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for task in ("load", "queries", "closure", "validation", "impact", "traffic", "startup"):
        assert task in done.stdout
