"""The labels of things, as the files of editions give them."""

from __future__ import annotations

from collections.abc import Iterable

from clustergraph.folder.edition import Edition
from clustergraph.settings import Settings
from clustergraph.store.labels import labels
from clustergraph.terms import Literal, NamedNode, Term


def labels_of(
    terms: Iterable[Term], editions: tuple[Edition, ...], settings: Settings
) -> dict[Term, tuple[Literal, ...]]:
    """The labels of the IRIs among the terms, in the first of the editions that has any."""
    found: dict[Term, tuple[Literal, ...]] = {}
    for term in dict.fromkeys(terms):
        if isinstance(term, NamedNode):
            for edition in editions:
                if known := tuple(labels(edition.store, term, settings.vocabulary.label)):
                    found[term] = known
                    break
    return found
