"""The labels of things, as the files of editions give them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clustergraph.folder.edition import Edition
from clustergraph.settings import Settings
from clustergraph.terms import DefaultGraph, Literal, NamedNode, Term


def labels_of(
    terms: Iterable[Term], editions: tuple[Edition, ...], settings: Settings
) -> dict[Term, tuple[Literal, ...]]:
    """The labels of the IRIs among the terms, in the first of the editions that has any."""
    found: dict[Term, tuple[Literal, ...]] = {}
    for term in dict.fromkeys(terms):
        if isinstance(term, NamedNode):
            for edition in editions:
                if labels := tuple(_labels_in(edition, term, settings)):
                    found[term] = labels
                    break
    return found


def _labels_in(edition: Edition, term: NamedNode, settings: Settings) -> Iterator[Literal]:
    native = edition.store.native
    for property in settings.vocabulary.label:
        for quad in native.quads_for_pattern(term, property, None, DefaultGraph()):
            if isinstance(quad.object, Literal):
                yield quad.object
