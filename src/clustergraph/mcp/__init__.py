"""The catalogue as tools for language-model clients, over the Model Context Protocol.

`serve` is the way in. All else here needs the package `mcp`, which is optional, and is imported by it.
"""

from __future__ import annotations

from collections.abc import Sequence

from clustergraph.errors import MissingLibraryError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.server.state import Options

__all__ = ["serve"]


def serve(
    graph: KnowledgeGraph,
    *,
    options: Options | None = None,
    tags: Sequence[str] = (),
    language: str | None = None,
) -> None:
    """Serve a graph over standard input and output until the client leaves.

    With `tags` only the saved queries that have one of them are tools. Raises MissingLibraryError
    where the package `mcp` is not installed, UsageError for tags that no query has.
    """
    try:
        from clustergraph.mcp.run import run  # noqa: PLC0415  # the package is optional
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("clustergraph"):
            raise
        raise MissingLibraryError("mcp", "mcp") from error
    run(graph, options or Options(), tuple(tags), language or graph.settings.languages[0])
