"""Editions made of others: the store that is derived is the one that loading gives."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustergraph.folder import SourceFile, places
from clustergraph.folder.edition import Edition
from clustergraph.folder.formats import TRIG, TURTLE
from clustergraph.store import EmbeddedStore
from clustergraph.terms import DefaultGraph, NamedNode, Quad

STATEMENTS = [
    "x:a x:p x:b .",
    "x:a x:p x:c .",
    "x:b x:p x:c .",
    "x:a x:n 1 .",
    'x:a x:n "01"^^xsd:integer .',
    'x:a x:n "1.0"^^xsd:decimal .',
    'x:a x:l "L"@en-US .',
    'x:a x:l "L"@en-us .',
    "[] x:p x:a .",
    "x:b x:q [ x:n 1 ] .",
    r"<urn:x:\u0061> x:p x:d .",
]
PREFIXES = "@prefix x: <urn:x:> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
NAMES = ("data/one/a.ttl", "data/one/b.ttl", "data/two/a.ttl", "data/three/a.trig")
Texts = dict[str, set[str]]


def file(name: str) -> SourceFile:
    graph = NamedNode(f"urn:x:graph/{name.split('/')[1]}")
    return SourceFile(Path(name), name, graph, TRIG if name.endswith("trig") else TURTLE)


def contents(texts: Texts) -> dict[SourceFile, bytes]:
    found = {}
    for name, statements in sorted(texts.items()):
        body = "\n".join(sorted(statements))
        if name.endswith("trig"):
            body = f"<urn:x:graph/one> {{ {body} }}"  # a graph that other files write into too
        found[file(name)] = (PREFIXES + body).encode()
    return found


def state(edition: Edition) -> tuple[set[Quad], dict[str, set[str]]]:
    store, literals = edition._loaded
    noted = {key: set(written) for key, written in literals._written.items()}
    return set(store.dump()), noted


Editions = st.dictionaries(
    st.sampled_from(NAMES), st.sets(st.sampled_from(STATEMENTS), min_size=1), min_size=1
)


@given(before=Editions, after=Editions)
def test_derived_store_is_the_loaded_one(before: Texts, after: Texts) -> None:
    base = Edition(contents(before))
    known = state(base)
    files: dict[SourceFile, bytes | None] = {file(name): None for name in before if name not in after}
    derived = base.replaced(files | contents(after))
    assert state(derived) == state(Edition(contents(after)))
    assert state(base) == known


def test_loading_is_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    base = Edition(contents({name: {STATEMENTS[0]} for name in NAMES[:3]}))
    assert base.store
    parsed: list[str] = []
    original = EmbeddedStore.load
    monkeypatch.setattr(EmbeddedStore, "load", lambda self, quads: parsed.append("") or original(self, quads))
    proposal = base.replaced(contents({NAMES[0]: {STATEMENTS[1]}}))
    assert len(list(proposal.store.dump(DefaultGraph()))) == 2
    assert not parsed


def test_what_an_annotation_states_too_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_MANY", 0)
    annotated = f"{PREFIXES}x:b x:p x:c .\nx:a x:p x:b ~ x:r {{| x:p x:c |}} .".encode()
    base = Edition({file(NAMES[0]): f"{PREFIXES}x:r x:p x:c .".encode(), file(NAMES[1]): annotated})
    assert base.store
    assert state(base.replaced({file(NAMES[0]): None})) == state(Edition({file(NAMES[1]): annotated}))


def test_store_on_disk_is_copied_by_its_files(tmp_path: Path) -> None:
    base = Edition(contents({NAMES[0]: {STATEMENTS[0], STATEMENTS[6]}}))
    kept = ox.Store(str(tmp_path / "store"))
    kept.bulk_extend(base.store.dump())
    kept.flush()
    del kept
    held = Edition(base.contents)
    held.hold(EmbeddedStore.open(tmp_path / "store"), base.literals)
    after = contents({NAMES[0]: {STATEMENTS[1]}})
    assert {str(q) for q in held.replaced(after).store.dump()} == {
        str(q) for q in Edition(after).store.dump()
    }
    assert set(EmbeddedStore.open(tmp_path / "store").dump()) == set(base.store.dump())
