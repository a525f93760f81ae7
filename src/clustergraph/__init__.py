"""clustergraph: Japan's regional innovation clusters as linked data, and the tools to live with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clustergraph.errors import ClusterGraphError
    from clustergraph.knowledge_graph import (
        KnowledgeGraph,
        open,  # noqa: A004  # the way in is clustergraph.open()
    )
else:

    def __getattr__(name: str) -> object:
        # Half of the command line's start goes into these imports; the other half must not wait for
        # them, and an interrupt during either be caught by the one `try` in `cli.main`.
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from clustergraph import errors, knowledge_graph  # noqa: PLC0415

        return getattr(errors if name == "ClusterGraphError" else knowledge_graph, name)


__all__ = ["ClusterGraphError", "KnowledgeGraph", "open"]
