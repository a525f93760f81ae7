"""The process that forks workers: small, single-threaded, everything imported, no store opened.

A fork of it is ready in a few milliseconds, where a new interpreter would take a hundred; and
unlike a fork of the server it inherits neither threads, nor connections, nor open stores. It
kills workers on request (so that no process identifier is used after its process was reaped),
says how each one ended, and when the server is gone it takes all of them with it. While nobody asks
anything of it, it prepares what tasks need, step by step, so that workers to come have it.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from clustergraph.errors import ClusterGraphError
from clustergraph.store.scratch import journals, remove_left
from clustergraph.workers.holdings import Holdings
from clustergraph.workers.question import Source
from clustergraph.workers.wire import Message, Reader, send
from clustergraph.workers.worker import serve

_LAST_WORDS = 4000
# How long nobody may have asked anything before the next step is prepared.
_QUIET = 0.02


@dataclass
class Nursery:
    """The workers that live, by process identifier, each with the file of its standard error."""

    control: socket.socket
    holdings: Holdings | None = None
    memory: int = 0
    children: dict[int, BinaryIO] = field(default_factory=dict)
    steps: Iterator[None] | None = None
    """What is left to prepare."""
    cleaners: set[int] = field(default_factory=set)
    """The processes that take out of a service what workers left there that were killed."""

    def run(self) -> None:
        """Do what the control connection asks until it closes; then end all workers."""
        woken, waker = socket.socketpair()
        for end in (woken, waker):
            end.setblocking(False)  # noqa: FBT003  # the standard library's name for it
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        reader = Reader()
        while not reader.closed:
            ready, _, _ = select.select([self.control, woken], [], [], _QUIET if self.steps else None)
            if not ready:
                self._prepare()
            if woken in ready:
                woken.recv(4096)
            self._reap()
            if self.control in ready:
                for message in reader.read(self.control):
                    self._obey(message)
        for pid in self.children:
            os.kill(pid, signal.SIGKILL)
        for pid in self.children:
            os.waitpid(pid, 0)
            self._clean(pid)
        for pid in self.cleaners:
            os.waitpid(pid, 0)

    def _obey(self, message: Message) -> None:
        number = message.header["number"]
        assert isinstance(number, int)
        if message.kind == "start":
            source = Source.from_json(message.body.decode())
            if source.root is not None:
                os.chdir(source.root)  # so that files are named from the root, in whatever is said
            self.holdings, self.memory = Holdings.of(source, number), number
            self.steps = self.holdings.prepared()
            for left in Path("scratch").glob("*") if source.root else ():  # another nursery was killed
                self._clean(int(left.name))
        elif message.kind == "fork":
            assert message.file is not None
            self._fork(number, message.file)
        elif number in self.children:
            os.kill(number, signal.SIGKILL)

    def _prepare(self) -> None:
        """Do the next step; say when all are done."""
        assert self.steps is not None  # there is something left
        if next(self.steps, self) is self:
            self.steps = None
            self._tell({"kind": "prepared", "number": 0})

    def _fork(self, number: int, connection: int) -> None:
        words = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the worker
        pid = os.fork()
        if pid == 0:
            self._become_worker(connection, words)
        os.close(connection)
        self.children[pid] = words
        self._tell({"kind": "born", "number": number, "pid": pid})

    def _become_worker(self, connection: int, words: BinaryIO) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.control.close()
        os.dup2(words.fileno(), 2)
        if self.holdings is not None and self.holdings.source.root is not None:
            # What a worker that is killed has begun to write is removed with it.
            _scratch(os.getpid()).mkdir(parents=True)
            tempfile.tempdir = str(_scratch(os.getpid()).absolute())
        code = 70
        try:
            assert self.holdings is not None  # read before the first fork
            serve(socket.socket(fileno=connection), self.holdings, self.memory)
            code = 0
        finally:
            # Also where an error that nobody foresaw passes: its traceback goes to the nursery.
            if code:
                sys.excepthook(*sys.exc_info())
                sys.stderr.flush()
            os._exit(code)

    def _reap(self) -> None:
        while self.children or self.cleaners:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            if pid in self.cleaners:
                self.cleaners.remove(pid)
                continue
            self._clean(pid)
            with self.children.pop(pid) as words:
                words.seek(0)
                said = words.read(_LAST_WORDS).decode(errors="replace")
            code = os.waitstatus_to_exitcode(status)
            self._tell({"kind": "died", "number": pid, "status": code, "said": said})

    def _clean(self, pid: int) -> None:
        """Remove what a worker that has ended left here and, by a process of its own, in a service."""
        assert self.holdings is not None  # read before the first fork
        source, left = self.holdings.source, journals(_scratch(pid))
        if source.root is None:
            return  # the working folder is not ours, and nothing was written there
        if source.service is None or not left:
            shutil.rmtree(_scratch(pid), ignore_errors=True)
            return
        if cleaner := os.fork():
            self.cleaners.add(cleaner)
            return
        self.control.close()
        try:
            remove_left(source.service, left)
        except ClusterGraphError as error:
            print(error, file=sys.stderr)  # noqa: T201  # the server's, for its log
        finally:
            if sys.exc_info()[0] is not None:  # an error that nobody foresaw
                sys.excepthook(*sys.exc_info())
            shutil.rmtree(_scratch(pid), ignore_errors=True)
            os._exit(0)

    def _tell(self, header: dict[str, object]) -> None:
        with suppress(ConnectionError):  # the server is gone; `run` is about to see it
            send(self.control, header)


def _scratch(pid: int) -> Path:
    """Where a worker writes temporary files, from the root of what is served."""
    return Path("scratch", str(pid))


def main() -> None:
    """Run a nursery on the connection whose descriptor is the first argument."""
    # A supervisor may signal every process of the service. The server decides: it answers what is
    # under way, and ends the nursery by closing the connection. The workers inherit this.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    Nursery(socket.socket(fileno=int(sys.argv[1]))).run()


if __name__ == "__main__":
    main()
