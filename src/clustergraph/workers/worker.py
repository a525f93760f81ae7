"""One worker: opens the two stores for reading and answers one question after the other."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

from clustergraph.errors import ClusterGraphError, LimitError, QueryRefusedError
from clustergraph.sparql.query import Outline, check_services, outline
from clustergraph.sparql.results import Solutions
from clustergraph.store.embedded import EmbeddedStore, dataset_of
from clustergraph.store.protocol import Dataset
from clustergraph.terms import Entailment
from clustergraph.workers import writing
from clustergraph.workers.holdings import Holdings
from clustergraph.workers.paging import page_of
from clustergraph.workers.question import Question
from clustergraph.workers.spool import Spool
from clustergraph.workers.wire import Message, error_header, receive, send

_PR_SET_PDEATHSIG = 1


def serve(connection: socket.socket, holdings: Holdings, memory: int) -> None:
    """Answer the questions that come over the connection until it closes.

    `memory` is the most that the process may take, in bytes; 0 for no limit.
    """
    end_with_parent()
    limit_memory(memory)
    with suppress(ConnectionError):  # nobody waits for the answer any more
        try:
            worker = Worker(holdings)
        except ClusterGraphError as error:
            send(connection, error_header(error))
            return
        # What a big query has taken is not given back; the next one shall have the whole limit.
        most = _peak() + memory // 2 if memory else sys.maxsize
        send(connection, {"kind": "ready"})
        while (message := receive(connection)) and _answer(worker, connection, message, most):
            pass


def _answer(worker: Worker, connection: socket.socket, message: Message, most: int) -> bool:
    """Send the answer; False where it is the worker's last, which the answer says."""
    try:
        spool, header = worker.answer(Question.from_json(message.body))
    except ClusterGraphError as error:
        send(connection, error_header(error))
        return True
    except MemoryError:
        problem = LimitError("memory", "the query takes more memory than it may")
        send(connection, error_header(problem) | {"last": True})
        return False
    last = _peak() > most
    file = spool.descriptor()
    body = b"" if file is not None else spool.content()
    header |= {"kind": "answer", "size": spool.size, "file": file is not None, "last": last}
    send(connection, header, body, file)
    spool.close()
    return not last


class Worker:
    """Answers questions from the stores and the catalogue of a source.

    Raises StoreError where the stores cannot be opened and are not held in memory.
    """

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._source = holdings.source
        self._stores = {
            "none": self._store("none", self._source.asserted),
            "owl2rl": self._store("owl2rl", self._source.entailed),
        }

    def answer(self, question: Question) -> tuple[Spool, dict[str, object]]:
        """The answer's bytes, and what the header of its message says of them."""
        started = time.perf_counter()
        query, parsed = self._query(question)
        check_services(parsed, self._source.services)
        format = writing.choose(parsed.form, question)
        graphs = question.graphs or parsed.from_graphs
        dataset = None if graphs is None else dataset_of(*graphs)
        store = self._stores[question.entailment]
        rows = -1
        if question.page is not None:
            query, rows = _page(store, query, question, dataset)
        spool = Spool()
        try:
            results = store.query(query, dataset, parsed=parsed)
            if question.encoding == "gzip":
                with spool.compressed() as output:
                    writing.write(results, format, output, parsed.prefixes)
            else:
                writing.write(results, format, spool, parsed.prefixes)
        except BaseException:
            spool.close()
            raise
        return spool, {
            "form": parsed.form,
            "format": format,
            "encoding": question.encoding,
            "volatile": parsed.is_volatile,
            "rows": rows,
            "seconds": time.perf_counter() - started,
        }

    def _query(self, question: Question) -> tuple[str, Outline]:
        """The text to run, and its outline: a saved query's own, which arguments do not change."""
        if not question.name:
            return question.text, outline(question.text)
        if self._holdings.catalogue is None:
            raise QueryRefusedError("a saved query", "this data comes without a catalogue")
        saved = self._holdings.catalogue[question.name]
        arguments = dict(question.arguments)
        return saved.bind(arguments, self._stores[question.entailment]), saved.outline

    def _store(self, entailment: Entailment, path: Path) -> EmbeddedStore:
        services, base = self._source.services, self._source.base
        held = self._holdings.stores.get(entailment)
        if held is not None:
            return EmbeddedStore(held, services=services, base=base)
        return EmbeddedStore.open(path, services=services, base=base)


def _page(store: EmbeddedStore, query: str, question: Question, dataset: Dataset | None) -> tuple[str, int]:
    """The query for the page that the question asks for, and how many rows there are in all."""
    assert question.page is not None
    offset, limit = question.page
    paged = page_of(query, question.name, offset=offset, limit=limit)
    whole = store.query(query, dataset)
    assert isinstance(whole, Solutions)  # only a SELECT has pages
    return paged, sum(1 for _ in whole.native)


def limit_memory(memory: int) -> None:
    """Let this process have at most so many bytes of its own; 0 for as many as there are.

    RLIMIT_DATA rather than RLIMIT_AS: the latter counts address space that is only reserved, of
    which every thread of the engine has 64 MB. macOS knows neither.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory and sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def _peak() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def end_with_parent() -> None:
    """Be killed when the nursery ends, also while the engine runs; elsewhere it kills by itself."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
