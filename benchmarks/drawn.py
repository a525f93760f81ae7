"""What is asked of servers: saved queries with arguments drawn from the graph."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from clustergraph.catalogue import Catalogue, Parameter, SavedQuery
from clustergraph.errors import ArgumentError
from clustergraph.sparql.bind import bind
from clustergraph.store import Store
from clustergraph.terms import Term

# Tries that bring no new text of a query, after which there is taken to be none.
_PATIENCE = 20
# Terms of a parameter that are drawn from.
_MOST = 5000


@dataclass(frozen=True)
class Drawn:
    """A parameter and the terms that it is given: one of `choices`, or those that its default names."""

    parameter: Parameter
    choices: Sequence[Term]
    default: Sequence[Term]

    def draw(self, draw: random.Random) -> Sequence[Term]:
        """The terms for one request."""
        is_given = self.choices and (self.parameter.required or draw.random() < 0.5)
        return [draw.choice(self.choices)] if is_given else self.default


def named_pairs(catalogue: Catalogue, store: Store, number: int, seed: int) -> dict[str, str]:
    """So many distinct texts of saved SELECT queries, arguments bound, each with its query's name.

    Fewer of a small graph. A query that the graph has no argument for is left out.
    """
    draw = random.Random(seed)
    left = [
        (query, [_drawn(query, parameter, store) for parameter in query.parameters.values()])
        for query in catalogue.queries
        if query.form == "SELECT"
    ]
    left = [(q, each) for q, each in left if all(d.choices or not d.parameter.required for d in each)]
    fruitless: Counter[str] = Counter()
    found: dict[str, str] = {}
    while left and len(found) < number:
        for query, parameters in left:
            given = {each.parameter.variable: each.draw(draw) for each in parameters}
            bound = bind(query.outline, {name: terms for name, terms in given.items() if terms})
            # Without the header, which makes addresses too long for some servers.
            text = "\n".join(line for line in bound.splitlines() if not line.startswith("#"))
            fruitless[query.name] = fruitless[query.name] + 1 if text in found else 0
            found[text] = query.name
        left = [each for each in left if fruitless[each[0].name] <= _PATIENCE]
    texts = list(found)[:number]
    draw.shuffle(texts)
    return {text: found[text] for text in texts}


def _drawn(query: SavedQuery, parameter: Parameter, store: Store) -> Drawn:
    def terms(texts: Sequence[str]) -> list[Term]:
        try:
            return [parameter.term(query.name, text, query.settings, store) for text in texts]
        except ArgumentError:  # an example that is not in this graph
            return []

    known = [] if parameter.enum else parameter.choices(store)
    choices = [term for term in known if isinstance(term, ox.NamedNode | ox.Literal)][:_MOST]
    return Drawn(parameter, choices or terms(parameter.enum or parameter.example), terms(parameter.default))
