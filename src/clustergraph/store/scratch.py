"""Scratch graphs in a service: a copy of its default graph to work on, gone when the work is done."""

from __future__ import annotations

import signal
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from clustergraph.errors import EndpointError, StoreError
from clustergraph.sparql.results import Boolean
from clustergraph.store.remote import SCRATCH, RemoteStore
from clustergraph.terms import NamedNode


class Scratch:
    """A store whose default graph is a copy of a service's, and names for further graphs.

    Nobody who asks for the service's own graphs by name, or for a default graph of its own, sees them.
    """

    def __init__(self, service: RemoteStore) -> None:
        self._service = service
        self.prefix = f"{SCRATCH}{uuid.uuid4()}:"
        self._graphs: dict[NamedNode, None] = {}
        self.copy = self.graph("copy")
        self.store = service.sharing(self.copy)

    def graph(self, name: object) -> NamedNode:
        """The scratch graph of a name; it is removed with the others."""
        graph = NamedNode(f"{self.prefix}{name}")
        self._graphs[graph] = None
        return graph

    def fill(self) -> None:
        """Make the copy; raises StoreError where the service would show it to everybody."""
        probe = self.copy
        self._service.update(f"INSERT DATA {{ GRAPH {probe} {{ {probe} {probe} {probe} }} }}")
        seen = self._service.query(f"ASK {{ {probe} {probe} {probe} }}")
        assert isinstance(seen, Boolean)  # it was an ASK
        if seen:
            raise StoreError(
                f"{self._service.endpoint}: the default graph is the union of the named graphs, so that "
                "scratch graphs would show in every answer; put the merge of the graphs into one and name "
                "it by --default-graph, or turn the union off"
            )
        source = self._service.default_graph
        self._service.update(f"COPY {'DEFAULT' if source is None else source} TO {probe}")

    def remove(self) -> None:
        """Take all of the graphs out; raises EndpointError naming those that may be left."""
        left = dict(self._graphs)
        try:
            for graph in self._graphs:
                # Virtuoso drops only what CREATE made, and clears the rest.
                self._service.update(f"CLEAR SILENT GRAPH {graph} ; DROP SILENT GRAPH {graph}")
                del left[graph]
        except EndpointError as error:
            names = ", ".join(map(str, left))
            problem = f"{error.problem}; scratch graphs may be left there: {names}"
            raise EndpointError(error.endpoint, problem, "CLEAR GRAPH for each of them") from error


@contextmanager
def scratch(service: RemoteStore) -> Iterator[Scratch]:
    """Scratch graphs with a copy of the service's default graph, removed however the block ends.

    Raises StoreError where the default graph is the union of the named graphs, EndpointError where
    the service takes no updates or where graphs could not be removed.
    """
    made = Scratch(service)
    with _terminable():
        try:
            made.fill()
            yield made
        finally:
            made.remove()


@contextmanager
def _terminable() -> Iterator[None]:
    """A block that SIGTERM ends as Ctrl-C does, so that what must be undone is undone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
