"""Labels: what a reader calls the terms that a report speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice

from clustergraph.store import Store
from clustergraph.terms import DCTERMS, RDFS, SH, SKOS, Literal, NamedNode, Term
from clustergraph.validation.rows import solutions
from clustergraph.validation.shapes_graph import ShapesGraph

LABEL_PROPERTIES = (SKOS.prefLabel, RDFS.label, SH.name, DCTERMS.title, NamedNode("https://schema.org/name"))

Labels = Mapping[Term, tuple[Literal, ...]]
"""The labels of a term, those of the first property that gives any first."""

_BATCH = 2000
_LAST = re.compile(r"[^/#:]*$")
_LAST_TWO = re.compile(r"[^/#:]*[/#:][^/#:]*$")


def labels_of(
    terms: Iterable[Term], data: Store, shapes: ShapesGraph, properties: tuple[NamedNode, ...]
) -> dict[Term, tuple[Literal, ...]]:
    """The labels of the IRIs among the terms, from the data and from the shapes graph."""
    found: dict[Term, dict[Literal, int]] = {}
    wanted = {term: None for term in terms if isinstance(term, NamedNode)}
    remaining = iter(wanted)
    predicates = " ".join(map(str, properties))
    while batch := list(islice(remaining, _BATCH)):
        values = f"VALUES ?term {{ {' '.join(map(str, batch))} }} VALUES ?property {{ {predicates} }}"
        query = f"SELECT ?term ?property ?label {{ {values} ?term ?property ?label }}"
        for term, predicate, label in solutions(data, query):
            if term is not None and isinstance(label, Literal):
                rank = next(rank for rank, known in enumerate(properties) if known == predicate)
                found.setdefault(term, {})[label] = rank
    for term in wanted:
        for rank, predicate in enumerate(properties):
            for label in shapes.objects(term, predicate):
                if isinstance(label, Literal):
                    found.setdefault(term, {}).setdefault(label, rank)
    return {term: tuple(sorted(ranks, key=lambda x: (ranks[x], str(x)))) for term, ranks in found.items()}


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
