"""One small protocol over a set of named graphs, and the two stores that speak it.

`EmbeddedStore` is Oxigraph in this process; `RemoteStore` is a service that speaks the SPARQL 1.1
Protocol. What each can do, and where engines differ, is data in `capabilities`.
"""

from __future__ import annotations

from clustergraph.store.embedded import EmbeddedStore
from clustergraph.store.protocol import Dataset, Store
from clustergraph.store.remote import RemoteStore, Service

__all__ = ["Dataset", "EmbeddedStore", "RemoteStore", "Service", "Store"]
