"""The columns of `SELECT *`, in the order in which a reader of the query meets them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from clustergraph.sparql.query import outline

_STAR = re.compile(r"select\s*(?:distinct|reduced)?\s*\*", re.IGNORECASE)


def spelled_out(query: str, variables: Sequence[str]) -> str | None:
    """The query with these variables in place of the `*` that it selects, in their order in the text.

    None where it selects no `*`, or they come in this order already. SPARQL 1.1 §16.1 leaves the order
    open; Oxigraph's is the reverse.

    >>> spelled_out("SELECT * { ?s ?p ?o }", ["o", "p", "s"])
    'SELECT ?s ?p ?o { ?s ?p ?o }'
    """
    if len(variables) < 2 or not _STAR.search(query):
        return None
    tokens = outline(query).tokens
    start = next((i for i, token in enumerate(tokens) if token.keyword == "SELECT"), None)
    if start is None:
        return None
    star = next(token for token in tokens[start + 1 :] if token.keyword not in {"DISTINCT", "REDUCED"})
    if star.text != "*":
        return None
    met = dict.fromkeys(token.variable for token in tokens if token.variable)
    ordered = [name for name in met if name in variables]
    if len(ordered) != len(variables) or ordered == list(variables):
        return None
    return query[: star.start] + " ".join(f"?{name}" for name in ordered) + query[star.start + 1 :]
