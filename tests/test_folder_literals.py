"""Literals as written, where a store rewrites them."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustergraph.folder import Folder, LiteralTable, parse
from clustergraph.folder.spelling import literal_in_language
from clustergraph.terms import XSD, BlankNode, Literal, NamedNode, Quad

S, P, G = (NamedNode(f"http://e/{name}") for name in "spg")
_DATATYPES = [
    "string", "boolean", "integer", "int", "byte", "nonNegativeInteger", "decimal", "double", "float",
    "date", "time", "dateTime", "dateTimeStamp", "gYear", "gYearMonth", "gMonth", "duration",
    "dayTimeDuration", "anyURI", "token", "hexBinary",
]  # fmt: skip
_SPELLINGS = st.one_of(
    st.from_regex(r"[+-]?0{0,2}[0-9]{1,4}(\.[0-9]{0,3})?", fullmatch=True),
    st.from_regex(r"-?[0-9]{4,5}-[0-9]{2}(-[0-9]{2})?(T[0-9]{2}:00:00(\.0)?)?(Z|\+00:00)?", fullmatch=True),
    st.sampled_from(["true", "false", "1", "0", "TRUE", "NaN", "INF", "1e3"]),
    st.sampled_from(["-0", "0.0", "-0.0", "-0.5", "P12M", "PT60S", "24:00:00", "--02"]),
    st.text(max_size=5),
)  # fmt: skip


def in_store(literal: Literal) -> object:
    store = ox.Store()
    store.add(Quad(S, P, literal))
    return next(iter(store)).object


@given(spelling=_SPELLINGS, name=st.sampled_from(_DATATYPES))
def test_stored_is_what_a_store_gives_back(spelling: str, name: str) -> None:
    literal = Literal(spelling, datatype=getattr(XSD, name))
    assert LiteralTable().stored(literal) == in_store(literal)


def noted(*literals: Literal, graph: NamedNode = G) -> LiteralTable:
    table = LiteralTable()
    quads = [Quad(S, P, literal, graph) for literal in literals]
    list(table.noting(quads))
    table.complete(quads)
    read = LiteralTable()
    text = "".join(f"{quad} .\n" for quad in quads).encode()
    read.note(text)
    list(read.completing(text.splitlines(keepends=True)))
    for literal in map(table.stored, literals):
        assert read.written(S, P, literal) == table.written(S, P, literal)
        assert read.written(S, P, literal, graph=graph) == table.written(S, P, literal, graph=graph)
    assert len(read) == len(table)
    return table


_LITERALS = st.one_of(
    st.builds(
        lambda text, name: Literal(text, datatype=getattr(XSD, name)), _SPELLINGS, st.sampled_from(_DATATYPES)
    ),
    st.builds(literal_in_language, st.text(max_size=3), st.sampled_from(["en", "en-US", "EN", "sr-Latn-RS"])),
    st.sampled_from([Literal("1", datatype=G), Literal(f'"01"^^<{XSD.int.value}> <x:g> .\n')]),
)


@given(st.lists(_LITERALS, max_size=6))
def test_lines_are_noted_as_quads_are(literals: list[Literal]) -> None:
    noted(*literals)


ONE = Literal("1", datatype=XSD.integer)


def test_a_kept_literal_is_itself() -> None:
    assert noted(ONE).written(S, P, ONE) == (ONE,)
    assert len(noted(ONE)) == 0


def test_a_rewritten_literal_is_found_by_the_stored_one() -> None:
    written = Literal("1", datatype=XSD.int)
    table = noted(written)
    assert table.written(S, P, ONE) == (written,)
    assert table.written(G, P, ONE) == (ONE,)


def test_all_spellings_of_one_stored_literal() -> None:
    spellings = (Literal("1", datatype=XSD.int), Literal("01", datatype=XSD.integer), ONE)
    assert set(noted(*spellings).written(S, P, ONE)) == set(spellings)


def test_spellings_by_graph() -> None:
    table = LiteralTable()
    other = NamedNode("http://e/other")
    quads = [Quad(S, P, Literal("1", datatype=XSD.int), G), Quad(S, P, ONE, other)]
    list(table.noting(quads))
    table.complete(quads)
    assert table.written(S, P, ONE, graph=other) == (ONE,)
    assert table.written(S, P, ONE, graph=G) == (Literal("1", datatype=XSD.int),)
    assert len(table.written(S, P, ONE)) == 2


def test_what_is_no_literal_has_no_spelling() -> None:
    assert LiteralTable().written(S, P, BlankNode()) == ()


def test_quads_pass_in_the_form_that_a_store_keeps() -> None:
    table = LiteralTable()
    (quad,) = table.noting([Quad(S, P, Literal("450001.00", datatype=XSD.decimal), G)])
    assert quad.object == Literal("450001", datatype=XSD.decimal)


def test_a_table_is_the_same_when_read_back(tmp_path: Path, foreign: Folder) -> None:
    table = LiteralTable()
    quads = [quad for file in foreign.files() for quad in parse(file)]
    stored = list(table.noting(quads))
    table.complete(quads)
    table.write(tmp_path / "table")
    again = LiteralTable.read(tmp_path / "table")
    for quad in stored:
        assert again.written(*quad.triple) == table.written(*quad.triple)
    languages = [q.object.language for q in quads if isinstance(q.object, Literal)]
    assert "en-GB" in languages
    plum = NamedNode("https://park.example/tree/plum")
    heights = again.written(
        plum, NamedNode("https://park.example/terms/height"), Literal("4", datatype=XSD.integer)
    )
    assert {height.datatype for height in heights} == {XSD.int, XSD.integer}


@pytest.mark.parametrize("text", ['tab\t "quote" \\ \r\n \x85\u2028 é日', ""])
def test_any_text_is_read_back(tmp_path: Path, text: str) -> None:
    written = Literal(text, datatype=XSD.token)
    table = LiteralTable()
    key = Literal("x")
    table._add(f"{S} {P} {key}", str(written))
    table.write(tmp_path / "table")
    assert LiteralTable.read(tmp_path / "table").written(S, P, key) == (written,)
