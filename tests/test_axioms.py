"""The axioms: with inference the right answer, without it not, and without the axiom not either."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clustergraph.folder import open_folder
from clustergraph.folder.edition import Edition
from clustergraph.inference import Closure, materialise
from clustergraph.store import EmbeddedStore
from clustergraph.terms import DefaultGraph, Literal, NamedNode, Quad, Triple

ROOT = Path(__file__).parent.parent
AXIOMS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "axioms.toml").read_text())["axiom"]
QUESTIONS = [axiom for axiom in AXIOMS if "query" in axiom]
MISTAKES = [axiom for axiom in AXIOMS if "inconsistent" in axiom]
FOLDER = open_folder(ROOT)
PREFIXES = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in FOLDER.settings.prefixes.items())


@pytest.fixture(scope="module")
def asserted() -> tuple[Triple, ...]:
    """Data and ontology as they are asserted, less the texts: no axiom here is about a literal."""
    merged = Edition.of(FOLDER.files()).store.native.quads_for_pattern(None, None, None, DefaultGraph())
    return tuple(quad.triple for quad in merged if not isinstance(quad.object, Literal))


@pytest.fixture(scope="module")
def closure(asserted: tuple[Triple, ...]) -> Closure:
    return materialise(stored(asserted))


def stored(triples: Iterator[Triple] | tuple[Triple, ...], given: str = "") -> EmbeddedStore:
    store = EmbeddedStore()
    store.load(Quad(*triple) for triple in triples)
    if given:
        store.update(f"{PREFIXES}INSERT DATA {{ {given} }}")
    return store


def closed(base: EmbeddedStore, closure: Closure) -> EmbeddedStore:
    base.load(Quad(*triple) for triple in closure.triples)
    return base


def answers(store: EmbeddedStore, axiom: dict[str, Any]) -> set[str]:
    return {str(answer) for (answer,) in store.query(PREFIXES + axiom["query"])}


def expected(axiom: dict[str, Any]) -> set[str]:
    curies = [curie.split(":") for curie in axiom["answers"]]
    return {str(NamedNode(FOLDER.settings.prefixes[prefix] + slug)) for prefix, slug in curies}


def test_every_axiom_of_the_model_has_its_question() -> None:
    assert {axiom["number"] for axiom in AXIOMS} >= set(range(1, 25))


@pytest.mark.parametrize("axiom", [a for a in QUESTIONS if "given" not in a], ids=lambda a: a["question"])
def test_question_is_answered_by_inference_only(
    axiom: dict[str, Any], asserted: tuple[Triple, ...], closure: Closure
) -> None:
    base = stored(asserted)
    assert answers(base, axiom) != expected(axiom)
    assert answers(closed(base, closure), axiom) == expected(axiom)


@pytest.mark.parametrize("axiom", [a for a in QUESTIONS if "given" in a], ids=lambda a: a["question"])
def test_question_about_an_import_is_answered_by_inference_only(
    axiom: dict[str, Any], asserted: tuple[Triple, ...]
) -> None:
    base = stored(asserted, axiom["given"])
    assert answers(base, axiom) == set()
    assert answers(closed(base, materialise(base)), axiom) == expected(axiom)


@pytest.mark.parametrize("axiom", QUESTIONS, ids=lambda a: a["question"])
def test_without_its_axiom_the_question_has_not_that_answer(
    axiom: dict[str, Any], asserted: tuple[Triple, ...]
) -> None:
    base = stored(asserted, axiom.get("given", ""))
    whole = len(base.native)
    base.update(PREFIXES + axiom["remove"])
    assert len(base.native) < whole
    assert answers(closed(base, materialise(base)), axiom) != expected(axiom)


@pytest.mark.parametrize("axiom", MISTAKES, ids=lambda a: a["question"])
def test_mistake_is_caught_by_its_axiom(axiom: dict[str, Any], asserted: tuple[Triple, ...]) -> None:
    base = stored(asserted, axiom["given"])
    rules = {found.rule for found in materialise(base).inconsistencies}
    assert axiom["inconsistent"] in rules
    base.update(PREFIXES + axiom["remove"])
    assert axiom["inconsistent"] not in {found.rule for found in materialise(base).inconsistencies}


def test_our_graph_is_consistent(closure: Closure) -> None:
    assert closure.inconsistencies == ()


def test_every_axiom_is_used_by_the_rules(closure: Closure) -> None:
    assert closure.ignored == ()
