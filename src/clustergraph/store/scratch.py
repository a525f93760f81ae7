"""Scratch graphs in a service: a copy of its default graph to work on, gone when the work is done."""

from __future__ import annotations

import signal
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from clustergraph.errors import EndpointError
from clustergraph.sparql.results import Boolean
from clustergraph.store.remote import SCRATCH, RemoteStore, Service
from clustergraph.terms import NamedNode

_JOURNAL = ".graphs"
# Seconds after which it is looked again: an update under way may have put something back, and a service
# that was down may be there again.
_LOOKS = (0.0, 0.5, 2.0)


class Scratch:
    """A store whose default graph is a copy of a service's, and names for further graphs.

    Nobody who asks for the service's own graphs by name, or for a default graph of its own, sees them.
    """

    def __init__(self, service: RemoteStore) -> None:
        self._service = service
        name = uuid.uuid4()
        self.prefix = f"{SCRATCH}{name}:"
        self._journal = service.journals and service.journals / f"{name}{_JOURNAL}"
        self._graphs: dict[NamedNode, None] = {}
        self.copy = self.graph("copy")
        self.store = service.sharing(self.copy)

    def graph(self, name: object) -> NamedNode:
        """The scratch graph of a name; it is removed with the others."""
        graph = NamedNode(f"{self.prefix}{name}")
        if graph not in self._graphs:
            self._graphs[graph] = None
            if self._journal is not None:
                self._journal.write_text("\n".join(known.value for known in self._graphs), encoding="utf-8")
        return graph

    def fill(self) -> None:
        """Make the copy; raises EndpointError where the service would show it to everybody."""
        probe = self.copy
        self._service.update(f"INSERT DATA {{ GRAPH {probe} {{ {probe} {probe} {probe} }} }}")
        seen = self._service.query(f"ASK {{ {probe} {probe} {probe} }}")
        assert isinstance(seen, Boolean)  # it was an ASK
        if seen:
            raise EndpointError(
                self._service.endpoint,
                "the default graph is the union of the named graphs, so that scratch graphs would show in "
                "every answer",
                "the merge of the graphs in one that --default-graph names, or the union turned off",
            )
        source = self._service.default_graph
        self._service.update(f"COPY {'DEFAULT' if source is None else source} TO {probe}")

    def remove(self, failed: EndpointError | None = None) -> None:
        """Take all of the graphs out; raises EndpointError naming those that may be left.

        The error also says what `failed` before, as far as that is known.
        """
        left = dict(self._graphs)
        try:
            for graph in self._graphs:
                _remove(self._service, graph)
                del left[graph]
        except EndpointError as error:
            raise _left(left, failed or error) from error
        if self._journal is not None:
            self._journal.unlink()


@contextmanager
def scratch(service: RemoteStore) -> Iterator[Scratch]:
    """Scratch graphs with a copy of the service's default graph, removed however the block ends.

    Raises EndpointError where the default graph is the union of the named graphs, where the service takes
    no updates or where graphs could not be removed.
    """
    made = Scratch(service)
    failed = None
    with _terminable():
        try:
            made.fill()
            yield made
        except EndpointError as error:
            failed = error
            raise
        finally:
            made.remove(failed)


def journals(folder: Path) -> list[Path]:
    """The files in a folder that name scratch graphs which are still to be removed."""
    return list(folder.glob(f"*{_JOURNAL}"))


def remove_left(service: Service, files: Iterable[Path]) -> None:
    """Take out the scratch graphs that journals name, which a process that was killed has left.

    An update of that process may still be under way, so it is looked again for a while. Raises
    EndpointError where the service does not answer.
    """
    names = (file.read_text(encoding="utf-8") for file in files)
    graphs = [NamedNode(line) for text in names for line in text.split()]
    store = RemoteStore.at(service)
    failed: EndpointError | None = None
    for pause in _LOOKS:
        time.sleep(pause)
        try:
            for graph in _there(store, graphs):
                _remove(store, graph)
            failed = None
        except EndpointError as error:
            failed = error
    store.close()
    if failed is not None:
        raise _left(graphs, failed)


def _left(graphs: Iterable[NamedNode], error: EndpointError) -> EndpointError:
    """The error with what it leaves."""
    problem = f"{error.problem}; scratch graphs may be left there: {', '.join(map(str, graphs))}"
    return EndpointError(error.endpoint, problem, f"{error.expected}; CLEAR GRAPH removes them")


def _there(store: RemoteStore, graphs: Iterable[NamedNode]) -> Iterator[NamedNode]:
    return (graph for graph in graphs if store.query(f"ASK {{ GRAPH {graph} {{ ?s ?p ?o }} }}"))


def _remove(service: RemoteStore, graph: NamedNode) -> None:
    # Virtuoso drops only what CREATE made, and clears the rest.
    service.update(f"CLEAR SILENT GRAPH {graph} ; DROP SILENT GRAPH {graph}")


@contextmanager
def _terminable() -> Iterator[None]:
    """A block that SIGTERM ends as Ctrl-C does, so that what must be undone is undone.

    Not in a worker, which ignores it: the server decides about its end.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGTERM) is signal.SIG_IGN:
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
