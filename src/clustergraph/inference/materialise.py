"""From a store to its closure, by the engine that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Literal as OneOf

from clustergraph.errors import UsageError
from clustergraph.inference.closure import Closure
from clustergraph.inference.reasoner import Reasoner
from clustergraph.store.protocol import Store
from clustergraph.terms import DefaultGraph, Written

Engine = OneOf["sparql", "owlrl"]


def materialise(
    base: Store,
    *,
    engine: Engine = "sparql",
    include_schema: bool = False,
    written: Written | None = None,
    told: Callable[[int], None] | None = None,
) -> Closure:
    """The closure of the default graph of `base`, which is not changed.

    `written` gives literals as they were written, where the store rewrites them. `told` is given the
    number of triples derived so far, now and then. Raises OntologyError
    for a malformed axiom, UsageError for an unknown engine.
    """
    if engine == "sparql":
        with closing(Reasoner(base, include_schema=include_schema, written=written, told=told)) as reasoner:
            return reasoner.closure()
    if engine == "owlrl":
        # owlrl and rdflib take longer to import than a change takes to judge.
        from clustergraph.inference.reference import close_with_owlrl  # noqa: PLC0415

        asserted = (quad.triple for quad in base.dump(DefaultGraph()))
        return close_with_owlrl(asserted, include_schema=include_schema)
    raise UsageError(f"no engine is named {engine!r}; expected sparql or owlrl")
