"""What the graph knows of the IRI that an address names: a thing, a term, a graph, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from clustergraph.errors import near_misses
from clustergraph.server.pages.frame.inquiry import Inquiry, iri, text
from clustergraph.terms import DCTERMS, OWL, Literal, NamedNode

_NEAR = 5
_WORDS = 4


@dataclass(frozen=True)
class Standing:
    """An IRI that the graph mentions; `successors` are those of a retired one."""

    iri: NamedNode
    is_term: bool = False
    is_graph: bool = False
    is_retired: bool = False
    successors: tuple[NamedNode, ...] = ()


async def standing(inquiry: Inquiry, candidates: Sequence[NamedNode]) -> Standing | None:
    """The first of the candidates that the graph knows."""
    vocabulary = inquiry.state.graph.settings.vocabulary
    rows = await inquiry.rows(
        "standing",
        {
            "candidate": candidates,
            # Without any the query would have no rows at all.
            "retiring": vocabulary.deprecated or (OWL.deprecated,),
            "replacing": vocabulary.replaced_by or (DCTERMS.isReplacedBy,),
        },
    )
    for candidate in candidates:
        own = [row for row in rows if row["candidate"] == candidate]
        how = {text(row, "how") for row in own}
        if how & {"mentioned", "term", "graph"}:
            successors = tuple(found for row in own if (found := iri(row, "successor")))
            return Standing(candidate, "term" in how, "graph" in how, "retired" in how, successors)
    return None


async def similar(inquiry: Inquiry, wanted: NamedNode) -> list[NamedNode]:
    """Things that the IRI may have meant, best first."""
    settings = inquiry.state.graph.settings
    name = wanted.value.removeprefix(settings.base)
    slug = re.split(r"[/#]", name)[-1].casefold()
    words = [word for word in re.split(r"[\W_]+", slug) if len(word) > 2 or not word.isascii()][:_WORDS]
    if not words:
        return []
    rows = await inquiry.rows(
        "similar",
        {
            "naming": settings.vocabulary.label,
            "word": [Literal(_beginning(word)) for word in words],
        },
    )
    known = {thing.value.removeprefix(settings.base): thing for row in rows if (thing := iri(row, "thing"))}
    by_slug = {re.split(r"[/#]", other)[-1]: other for other in known}
    found = [by_slug[near] for near in near_misses(slug, by_slug, _NEAR)]
    found += [near for near in near_misses(name, known, _NEAR) if near not in found]
    found += [other for other in known if slug in other.casefold() and other not in found]
    return [known[other] for other in found[:_NEAR]]


def _beginning(word: str) -> str:
    """The part of a word that is looked for, so that a slip behind it does no harm.

    >>> _beginning("takamtsu"), _beginning("pears"), _beginning("浜松")
    ('takam', 'pea', '浜')
    """
    return word[: max(3, len(word) * 2 // 3)] if word.isascii() else word[: max(1, len(word) // 2)]
