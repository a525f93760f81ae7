"""The graph on the network: a SPARQL endpoint, the saved queries, and where to read about them."""

from __future__ import annotations

from clustergraph.server.app import create_app
from clustergraph.server.http.connection import Bounds
from clustergraph.server.run import serve
from clustergraph.server.state import Options

__all__ = ["Bounds", "Options", "create_app", "serve"]
