"""clustergraph: Japan's regional innovation clusters as linked data, and the tools to live with it."""

from __future__ import annotations

from clustergraph.errors import ClusterGraphError
from clustergraph.knowledge_graph import KnowledgeGraph, open  # noqa: A004  # the way in is clustergraph.open()

__all__ = ["ClusterGraphError", "KnowledgeGraph", "open"]
