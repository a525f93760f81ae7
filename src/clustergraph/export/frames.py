"""The graph for analysts: Arrow tables, data frames of pandas, a graph of networkx."""

from __future__ import annotations

from typing import Any

from clustergraph.errors import MissingLibraryError
from clustergraph.export.selection import Selection
from clustergraph.export.tables.arrow import ArrowGraph
from clustergraph.export.tables.property_graph import PropertyGraph

# The objects of libraries that are optional and not typed.
Frame = Any
Graph = Any


def arrow_tables(selection: Selection) -> dict[str, Frame]:
    """The tables `nodes`, `edges` and `statements`, with typed columns; needs pyarrow."""
    return ArrowGraph(selection.rows, selection.settings).tables()


def data_frames(selection: Selection) -> dict[str, Frame]:
    """The same tables as data frames of Arrow's types; needs pandas and pyarrow."""
    try:
        import pandas as pd  # noqa: PLC0415  # an optional dependency
    except ImportError as error:
        raise MissingLibraryError("pandas", "pandas") from error
    return {
        name: table.to_pandas(types_mapper=pd.ArrowDtype) for name, table in arrow_tables(selection).items()
    }


def networkx_graph(selection: Selection) -> Graph:
    """A MultiDiGraph whose nodes are IRIs with their texts, whose edges have `type` and `graph`."""
    try:
        import networkx as nx  # noqa: PLC0415  # an optional dependency
    except ImportError as error:
        raise MissingLibraryError("networkx", "networkx") from error
    graph = PropertyGraph(selection.rows, selection.settings)
    found = nx.MultiDiGraph()
    for node in graph.nodes():
        cells = {name: values[0] if len(values) == 1 else values for name, values in node.cells.items()}
        found.add_node(node.id, types=list(node.types), **cells)
    for edge in graph.edges():
        found.add_edge(edge.start, edge.end, type=edge.type, graph=edge.graph)
    return found
