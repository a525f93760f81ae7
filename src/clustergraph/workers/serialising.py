"""The task that writes triples as exports do: in the one order, JSON-LD with its own context."""

from __future__ import annotations

from io import BytesIO

import pyoxigraph as ox

from clustergraph.errors import QueryRefusedError
from clustergraph.export.rows import Rows, row_of_triple
from clustergraph.export.syntaxes import SYNTAXES
from clustergraph.sparql.results import GRAPH_FORMATS, Triples
from clustergraph.workers.holdings import Holdings
from clustergraph.workers.question import Done, Task
from clustergraph.workers.writing import Output, write


def serialise(holdings: Holdings, task: Task, output: Output) -> Done:
    """Write the triples of the body, N-Triples, in the syntax of the option `syntax`.

    Raises FormatError for what the syntax cannot carry.
    """
    if holdings.catalogue is None:
        raise QueryRefusedError("a description", "this data comes without its settings")
    syntax = task.option("syntax")
    given = [quad.triple for quad in ox.parse(task.body, format=ox.RdfFormat.N_TRIPLES)]
    if syntax in {"rdfxml", "jsonld"}:
        # An export leaves out what these cannot carry and reports it as a loss; an answer is whole.
        write(Triples(given), syntax, BytesIO(), {})
    written = BytesIO()
    SYNTAXES[syntax].write(Rows(map(row_of_triple, given)), written, holdings.catalogue.settings)
    output.write(written.getvalue())
    return Done(GRAPH_FORMATS[syntax].media_type)
