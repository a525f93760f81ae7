"""Statements found by their subject: the same as a walk over the whole document finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustergraph.folder.names import Names
from clustergraph.folder.plain import PlainTurtle
from clustergraph.folder.turtle import Directive, Name, Statement, statements
from conftest import ROOT
from turtle_documents import documents

HEAD = "@prefix : <http://e/> .\nPREFIX x: <http://e/x#>\n"
FILES = sorted((ROOT / "data").rglob("*.ttl"))


def by_subject(text: str) -> dict[str, list[Statement]]:
    items = list(statements(text))
    names = Names(item for item in items if isinstance(item, Directive))
    found: dict[str, list[Statement]] = {}
    for statement in names.resolved(items, base="http://b/"):
        if isinstance(statement.subject, Name) and not statement.subject.text.startswith("_:"):
            found.setdefault(statement.subject.text, []).append(statement)
    return found


@given(text=documents(), joined=st.booleans())
def test_what_is_found_by_subject_is_what_a_walk_finds(text: str, joined: bool) -> None:
    text = text.replace("'''l\n# t'''", '"# t . :a :p"')
    text = text.replace(" .\n", " .") if joined else text
    document = PlainTurtle(text, "http://b/")
    assert document.is_plain
    found = by_subject(text)
    listed = PlainTurtle(text, "http://b/")
    listed._asked = 1_000  # of so many all subjects are listed
    for iri in {*found, "http://e/a", "http://e/p", "http://e/nowhere"}:
        assert document.about(iri) == listed.about(iri) == found.get(iri, [])
        assert document.speaks_of(iri) == listed.speaks_of(iri) == (iri in found)


@pytest.mark.parametrize("path", FILES[:12], ids=lambda path: path.name)
def test_files_of_ours(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    document = PlainTurtle(text, "http://b/")
    if document.is_plain:
        for iri, expected in list(by_subject(text).items())[:5]:
            assert document.about(iri) == expected
    assert document.is_plain or "\\" in text


@pytest.mark.parametrize(
    "text",
    [
        HEAD + ":a :p '''one\ntwo''' .",
        HEAD + ":a :p 1 .\n@prefix : <http://f/> .",
        HEAD + ":a :p 1 .\nBASE <http://f/>",
        "@base <http://f/> .\n<a> <p> 1 .",
        HEAD + r":a :p <http://e/\u0061> .",
        HEAD[:-1] + " :a",
    ],
)
def test_documents_that_are_read_whole(text: str) -> None:
    assert not PlainTurtle(text, "http://b/").is_plain
