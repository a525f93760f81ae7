"""clustergraph: Japan's regional innovation clusters as linked data, and the tools to live with it."""

from __future__ import annotations

from clustergraph.errors import ClusterGraphError
from clustergraph.knowledge_graph import KnowledgeGraph, open

__all__ = ["ClusterGraphError", "KnowledgeGraph", "open"]
