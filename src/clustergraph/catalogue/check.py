"""Whether saved queries keep on a graph what their declarations promise."""

from __future__ import annotations

import random
from collections.abc import Iterator

from clustergraph.catalogue.saved_query import SavedQuery
from clustergraph.errors import ClusterGraphError
from clustergraph.sparql.results import Boolean, Solution, Solutions
from clustergraph.store import EmbeddedStore, Store


def shuffled(store: Store, seed: int = 1) -> EmbeddedStore:
    """A copy of the store in memory, loaded in another order, so that rows without an order differ."""
    quads = list(store.dump())
    random.Random(seed).shuffle(quads)  # noqa: S311  # no secret, and the same each time
    copy = EmbeddedStore()
    copy.load(quads)
    return copy


def problems(query: SavedQuery, store: Store, other: Store) -> Iterator[str]:
    """What is wrong with a saved query, in words; `other` is a shuffled copy of `store`.

    It is run with its example arguments and with each optional one of them left out: every time
    there must be an answer, its rows in the same order on both stores.
    """
    for parameter in query.parameters.values():
        if parameter.required and not parameter.example:
            yield f"--{parameter.name} is required and has no example"
            return
    examples = query.example_arguments
    optional = [p.name for p in query.parameters.values() if p.name in examples and not p.required]
    for left_out in ("", *optional):
        arguments = {name: texts for name, texts in examples.items() if name != left_out}
        case = f"without --{left_out}" if left_out else "with its examples"
        try:
            text = query.bind(arguments, store)
            rows, again = _rows(store, text), _rows(other, text)
        except ClusterGraphError as error:
            yield f"{case}: {error}"
            continue
        if rows is None or again is None:
            continue
        if not rows:
            yield f"{case}: no answer"
        if rows != again:
            yield f"{case}: rows come in no fixed order; let ORDER BY end in what makes them unique"


def _rows(store: Store, text: str) -> list[Solution] | None:
    """The rows, sorted where their order means nothing; None for a truth value."""
    answer = store.query(text)
    if isinstance(answer, Boolean):
        return None
    if isinstance(answer, Solutions):
        return list(answer)
    return [(t.subject, t.predicate, t.object) for t in sorted(answer, key=str)]
