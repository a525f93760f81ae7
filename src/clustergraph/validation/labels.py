"""Labels: what a reader calls the terms that a report speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from clustergraph.sparql.results import Solutions
from clustergraph.store import EmbeddedStore
from clustergraph.store.labels import labels
from clustergraph.terms import DCTERMS, RDFS, SH, SKOS, Literal, NamedNode, Quad, Term
from clustergraph.validation.rows import Data
from clustergraph.validation.shapes_graph import ShapesGraph

LABEL_PROPERTIES = (SKOS.prefLabel, RDFS.label, SH.name, DCTERMS.title, NamedNode("https://schema.org/name"))

Labels = Mapping[Term, tuple[Literal, ...]]
"""The labels of a term, those of the first property that gives any first."""

_BATCH = 500
_LAST = re.compile(r"[^/#:]*$")
_LAST_TWO = re.compile(r"[^/#:]*[/#:][^/#:]*$")


def labels_of(
    terms: Iterable[Term], data: EmbeddedStore, shapes: ShapesGraph, properties: tuple[NamedNode, ...]
) -> dict[Term, tuple[Literal, ...]]:
    """The labels of the IRIs among the terms, from the data and from the shapes graph."""
    found: dict[Term, tuple[Literal, ...]] = {}
    for term in dict.fromkeys(terms):
        if isinstance(term, NamedNode):
            known: dict[Literal, None] = {}
            for property in properties:
                named = [label for label in shapes.objects(term, property) if isinstance(label, Literal)]
                known |= dict.fromkeys(sorted([*labels(data, term, [property]), *named], key=str))
            if known:
                found[term] = tuple(known)
    return found


def labels_fetched(terms: Iterable[Term], data: Data, properties: Iterable[NamedNode]) -> EmbeddedStore:
    """The labels of the IRIs among the terms in a store here, asked for in batches."""
    store = EmbeddedStore()
    things = sorted({term for term in terms if isinstance(term, NamedNode)}, key=str)
    named = " ".join(map(str, properties))
    for start in range(0, len(things), _BATCH):
        batch = " ".join(map(str, things[start : start + _BATCH]))
        values = f"VALUES ?thing {{ {batch} }} VALUES ?property {{ {named} }}"
        answer = data.run(f"SELECT ?thing ?property ?label {{ {values} ?thing ?property ?label }}")
        assert isinstance(answer, Solutions)  # it was a SELECT
        store.load(Quad(*row) for row in answer)  # type: ignore[arg-type]  # three bound columns
    return store


def in_language(texts: Iterable[Literal], language: str) -> Literal | None:
    """The text for a reader of the language: in it, else without one, else English, else any."""
    found = list(texts)
    for test in (language, "", "en"):
        for text in found:
            tag = text.language or ""
            if tag == test or (test and tag.startswith(test + "-")):
                return text
    return found[0] if found else None


def local_name(iri: NamedNode) -> str:
    """The last part of an IRI, two where it has no letter: what is left where nothing has a label.

    >>> local_name(NamedNode("https://example.org/grants#amount"))
    'amount'
    >>> local_name(NamedNode("https://example.org/grant/17"))
    'grant/17'
    """
    trimmed = iri.value.rstrip("/#")
    last, last_two = _LAST.search(trimmed), _LAST_TWO.search(trimmed)
    if last and any(character.isalpha() for character in last[0]):
        return last[0]
    return last_two[0] if last_two else iri.value
