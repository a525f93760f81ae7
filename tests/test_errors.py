"""The tree of errors: drawn as it is, with data, on one line, and able to cross processes."""

from __future__ import annotations

import inspect
import json
import pickle
import re
from pathlib import Path

import pytest

from clustergraph import errors
from clustergraph.errors import (
    ArgumentError,
    ClusterGraphError,
    EndpointError,
    FolderChangedError,
    FolderError,
    FormatError,
    GraphSyntaxError,
    LimitError,
    OntologyError,
    ProfileError,
    QueryRefusedError,
    QuerySyntaxError,
    SavedQueryError,
    SettingsError,
    ShapesError,
    SnapshotError,
    StoreError,
    UnknownProfileError,
    UnknownQueryError,
    UsageError,
    near_misses,
)

CASES: list[tuple[ClusterGraphError, str]] = [
    (FolderError("data", "is empty"), "data: is empty"),
    (FolderChangedError("data", "changed while it was read"), "data: changed while it was read"),
    (SettingsError(Path("clustergraph.toml"), "base", "an IRI"), "clustergraph.toml: base: expected an IRI"),
    (GraphSyntaxError("a.ttl", 3, 7, "expected '.'"), "a.ttl: line 3, column 7: expected '.'"),
    (GraphSyntaxError("a.ttl", 0, 0, "is no UTF-8"), "a.ttl: is no UTF-8"),
    (QuerySyntaxError("no form", 1, 2), "query syntax error at line 1, column 2: no form"),
    (QuerySyntaxError("no form"), "query syntax error: no form"),
    (QueryRefusedError("SERVICE", "nothing is called"), "SERVICE is refused: nothing is called"),
    (
        UnknownQueryError("area", ["areas", "budgets"]),
        "no saved query is named 'area'; did you mean areas?",
    ),
    (UnknownQueryError("x", ["areas"]), "no saved query is named 'x'"),
    (SavedQueryError("a.rq", 4, "no summary"), "a.rq:4: no summary"),
    (SavedQueryError("a.rq", 0, "no summary"), "a.rq: no summary"),
    (
        ArgumentError("areas", "year", expected="a year", argument="x", near=("1996", "1997")),
        "query 'areas', parameter 'year': expected a year, got 'x'; did you mean 1996 or 1997?",
    ),
    (ArgumentError("areas", "year", expected="a year"), "query 'areas', parameter 'year': expected a year"),
    (StoreError("the store is closed"), "the store is closed"),
    (EndpointError("http://h/", "is slow"), "http://h/: is slow"),
    (EndpointError("http://h/", "is slow", "an answer"), "http://h/: is slow; expected an answer"),
    (SnapshotError("cache", "the disk is full"), "snapshot cache: the disk is full"),
    (LimitError("time", "stopped after 5 s"), "stopped after 5 s"),
    (OntologyError("cg:partOf", "is no property", "a.ttl"), "a.ttl: cg:partOf: is no property"),
    (OntologyError("cg:partOf", "is no property", "a.ttl", 3), "a.ttl:3: cg:partOf: is no property"),
    (OntologyError("cg:partOf", "is no property"), "cg:partOf: is no property"),
    (ShapesError("cg:AreaShape", "is recursive"), "shape cg:AreaShape: is recursive"),
    (ShapesError("cg:AreaShape", "is no list", "sh:in"), "shape cg:AreaShape, sh:in: is no list"),
    (FormatError("yaml", ["json", "csv"]), "unknown format 'yaml'; expected one of json, csv"),
    (
        UnknownProfileError("schema", ["schema-org", "dcat"]),
        "no export profile is named 'schema'; did you mean schema-org?",
    ),
    (
        UnknownProfileError("x", ["dcat", "skos"]),
        "no export profile is named 'x'; the profiles are dcat, skos",
    ),
    (ProfileError("terms.txt", 2, "no IRI"), "terms.txt:2: no IRI"),
    (ProfileError("terms.txt", 0, "is missing"), "terms.txt: is missing"),
    (UsageError("--a and --b exclude each other"), "--a and --b exclude each other"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "message"), CASES)
def test_the_message_is_made_from_the_data(error: ClusterGraphError, message: str) -> None:
    assert str(error) == message
    assert "\n" not in message


@pytest.mark.parametrize("error", [error for error, _ in CASES])
def test_an_error_crosses_processes_with_its_data(error: ClusterGraphError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), vars(again)) == (str(error), vars(error))


@pytest.mark.parametrize("error", [error for error, _ in CASES])
def test_the_data_of_an_error_can_be_written_as_json(error: ClusterGraphError) -> None:
    assert json.loads(json.dumps(error.members())) == error.members()
    assert error.members().keys() == vars(error).keys()


def test_the_tree_is_drawn_as_it_is() -> None:
    drawn: dict[str, str] = {}
    path: list[str] = []
    for line in (inspect.getdoc(errors) or "").splitlines():
        if found := re.match(r"^([ │├└─]*)(\w+Error)\b", line):
            depth = (len(found[1]) - 4) // 4 if "─" in found[1] else 0
            path[depth:] = [found[2]]
            drawn[found[2]] = path[depth - 1] if depth else "Exception"
    real = {
        name: kind.__base__.__name__
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, ClusterGraphError) and kind.__base__
    }
    assert drawn == real


def test_near_misses_come_best_first() -> None:
    assert near_misses("Areas", ["area", "areas", "budgets"]) == ("areas", "area")
    assert near_misses("zzz", ["areas"]) == ()
    assert len(near_misses("a1", [f"a{n}" for n in range(20)])) == 3
