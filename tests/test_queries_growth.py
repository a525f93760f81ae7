"""The saved queries on graphs of two sizes: their time grows as the graph does, not as its square."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from generate import generate

from clustergraph.catalogue import Catalogue
from clustergraph.folder import open_folder, parse
from clustergraph.settings import load_settings
from clustergraph.sparql.results import Boolean
from clustergraph.store import EmbeddedStore
from clustergraph.terms import DefaultGraph, Quad

ROOT = Path(__file__).parent.parent
CATALOGUE = Catalogue(ROOT / "queries", load_settings(ROOT))
ANYTHING = tuple(
    query.name for query in CATALOGUE.queries if not any(p.required for p in query.parameters.values())
)
SIZES = (3_000, 24_000)
# A linear query takes 8 times as long, a quadratic one 64 times; what is shorter than this is not told.
GROWTH, LEAST = 12, 0.01


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> list[EmbeddedStore]:
    """The generated graph of each size with the ontology, what is asserted alone."""
    made = []
    for size in SIZES:
        folder = tmp_path_factory.mktemp("growth") / "graph"
        generate(folder, triples=size)
        files = [file for file in open_folder(folder).files() if file.kind != "shapes"]
        quads = [quad for file in files for quad in parse(file)]
        store = EmbeddedStore()
        store.load([*quads, *(Quad(q.subject, q.predicate, q.object, DefaultGraph()) for q in quads)])
        made.append(store)
    return made


def seconds(store: EmbeddedStore, query: str) -> float:
    begun = time.process_time()
    results = store.query(query)
    if not isinstance(results, Boolean):
        list(results)
    return time.process_time() - begun


@pytest.mark.parametrize("name", ANYTHING)
def test_time_grows_as_the_graph(name: str, stores: list[EmbeddedStore]) -> None:
    few, many = (min(seconds(store, CATALOGUE[name].bind({}, store)) for _ in range(2)) for store in stores)
    assert many < GROWTH * max(few, LEAST)
