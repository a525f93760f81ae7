"""One worker: opens the two stores for reading and does one question or task after the other."""

from __future__ import annotations

import ctypes
import os
import re
import resource
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from clustergraph.errors import ClusterGraphError, LimitError, QueryRefusedError, QuerySyntaxError
from clustergraph.sparql.query import Outline, check_services, outline
from clustergraph.sparql.results import Boolean, Results, Solutions, Triples
from clustergraph.store import EmbeddedStore, RemoteStore
from clustergraph.store.capabilities import require
from clustergraph.store.embedded import dataset_of
from clustergraph.store.protocol import Dataset
from clustergraph.store.scratch import journals
from clustergraph.workers import tasks, writing
from clustergraph.workers.holdings import Holdings
from clustergraph.workers.paging import page_of
from clustergraph.workers.question import Question, Task
from clustergraph.workers.spool import Spool
from clustergraph.workers.wire import Message, error_header, receive, send

_PR_SET_PDEATHSIG = 1
# Words of queries that may answer otherwise next time; the outline tells them from texts and comments.
_CHANCE = re.compile(r"\b(?:now|rand|uuid|struuid|bnode|service)\b", re.IGNORECASE)


def serve(connection: socket.socket, holdings: Holdings, memory: int) -> None:
    """Answer the questions that come over the connection until it closes.

    `memory` is the most that the process may take, in bytes, beside what is held for all; 0 for no limit.
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
        if message.kind == "task":
            spool, header = worker.perform(Task.from_message(message.header, message.body))
        else:
            spool, header = worker.answer(Question.from_json(message.body))
    except ClusterGraphError as error:
        last = worker.leaves_graphs
        send(connection, error_header(error) | {"last": last})
        return not last
    except MemoryError:
        noun = "task" if message.kind == "task" else "query"
        problem = LimitError("memory", f"the {noun} takes more memory than it may")
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
    """Answers questions from the stores and the catalogue of a source, and does tasks on its files.

    Raises StoreError where the stores cannot be opened and are not held in memory.
    """

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._source = holdings.source
        self._stores = {"none": holdings.asked("none"), "owl2rl": holdings.asked("owl2rl")}

    @property
    def leaves_graphs(self) -> bool:
        """Whether a task could not remove its scratch graphs, which the nursery does when this has ended."""
        kept = self._holdings.behind and self._holdings.behind.store.journals
        return bool(kept and journals(kept))

    def answer(self, question: Question) -> tuple[Spool, dict[str, object]]:
        """The answer's bytes, and what the header of its message says of them."""
        started = time.perf_counter()
        query, parsed = self._query(question)
        graphs = question.graphs or (parsed.from_graphs if parsed else None)
        dataset = None if graphs is None else dataset_of(*graphs)
        store = self._stores[question.entailment]
        rows = -1
        if question.page is not None:
            query, rows = _page(store, query, question, dataset)
        results = self._results(store, query, dataset, parsed)
        prefixes: Mapping[str, str] = {}
        if isinstance(results, Triples):
            parsed = parsed or outline(query)
            prefixes = self._prefixes(parsed)
        form = parsed.form if parsed else _form(results)
        format = writing.choose(form, question)
        spool = Spool()
        try:
            if question.encoding == "gzip":
                with spool.compressed() as output:
                    writing.write(results, format, output, prefixes)
            else:
                writing.write(results, format, spool, prefixes)
        except BaseException:
            spool.close()
            raise
        return spool, {
            "form": form,
            "format": format,
            "encoding": question.encoding,
            "volatile": _may_vary(query, parsed),
            "rows": rows,
            "seconds": time.perf_counter() - started,
        }

    def perform(self, task: Task) -> tuple[Spool, dict[str, object]]:
        """What a task writes, and what the header of its message says of it."""
        started = time.perf_counter()
        if self._holdings.behind is not None:
            if task.kind not in tasks.BEFORE_A_SERVICE:
                needed = "it needs the graph's own folder (--root), and here is a service (--endpoint)"
                raise QueryRefusedError(task.kind, needed)
            require(tasks.BEFORE_A_SERVICE[task.kind], self._holdings.behind.mode)
        spool = Spool()
        try:
            with ExitStack() as stack:
                output = stack.enter_context(spool.compressed()) if task.encoding == "gzip" else spool
                done = tasks.perform(self._holdings, task, output)
        except BaseException:
            spool.close()
            raise
        return spool, {
            "form": "TASK",
            "format": done.media,
            "encoding": task.encoding,
            "volatile": False,
            "rows": -1,
            "seconds": time.perf_counter() - started,
            "notes": dict(done.notes),
        }

    def _query(self, question: Question) -> tuple[str, Outline | None]:
        """The text to run, and the outline of a saved query, which arguments do not change.

        That of another text is made where it is needed: it would take a quarter of a look-up's time.
        """
        if not question.name:
            return question.text, None
        if self._holdings.catalogue is None:
            raise QueryRefusedError("a saved query", "this data comes without a catalogue")
        saved = self._holdings.catalogue[question.name]
        check_services(saved.outline, self._source.services)
        writing.choose(saved.form, question)
        arguments = dict(question.arguments)
        return saved.bind(arguments, self._stores[question.entailment]), saved.outline

    def _prefixes(self, parsed: Outline) -> Mapping[str, str]:
        """Names for the namespaces of an answer: the question's own before those of the settings."""
        catalogue = self._holdings.catalogue
        known = {} if catalogue is None else catalogue.settings.prefixes
        return {**parsed.prefixes, **known, **parsed.prefixes}

    def _results(
        self, store: EmbeddedStore | RemoteStore, query: str, dataset: Dataset | None, parsed: Outline | None
    ) -> Results:
        """What a store answers; raises QueryRefusedError also for an update, which is no syntax of a query.

        Where a prefix is not declared that the settings have, the error says its declaration.
        """
        try:
            return store.query(query, dataset, parsed=parsed)
        except QuerySyntaxError as error:
            known = outline(query).declarations(self._holdings.settings.prefixes).strip()
            if known and "is not declared" in error.problem:
                raise QuerySyntaxError(f"{error.problem}; add {known}", error.line, error.column) from error
            raise


def _form(results: Results) -> str:
    return "ASK" if isinstance(results, Boolean) else "SELECT"


def _may_vary(query: str, parsed: Outline | None) -> bool:
    """Whether the query may answer differently on the same data."""
    return bool(_CHANCE.search(query)) and (parsed or outline(query)).is_volatile


def _page(
    store: EmbeddedStore | RemoteStore, query: str, question: Question, dataset: Dataset | None
) -> tuple[str, int]:
    """The query for the page that the question asks for, and how many rows there are in all."""
    assert question.page is not None
    offset, limit = question.page
    paged = page_of(query, question.name, offset=offset, limit=limit)
    whole = store.query(query, dataset)
    assert isinstance(whole, Solutions)  # only a SELECT has pages
    return paged, sum(1 for _ in whole.native)


def limit_memory(memory: int) -> None:
    """Let this process have at most so many bytes more than it has; 0 for as many as there are.

    RLIMIT_DATA rather than RLIMIT_AS: the latter counts address space that is only reserved, of
    which every thread of the engine has 64 MB. macOS knows neither.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory and sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
        most = memory + pages * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


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
