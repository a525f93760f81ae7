"""A worker as the server sees it, and the nursery that it comes from."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

from clustergraph.errors import ClusterGraphError, LimitError, QueryRefusedError, StoreError, UploadError
from clustergraph.workers.question import Answer, Asking, Source, Task
from clustergraph.workers.wire import Message, Reader, error_from, frame, send

# A question that runs longer gives way to others: its process is niced, and replaced afterwards.
_LONG = 1.0
_NICE = 10
# How long the nursery may take to say why a worker ended.
_INQUEST = 2.0

_log = logging.getLogger("clustergraph.workers")


class Colleague:
    """One worker process: it is asked one question at a time."""

    def __init__(self, connection: socket.socket, fork: Fork) -> None:
        self.pid = 0
        self.is_fit = True
        self.reason = ""
        """Why it is not fit any more."""
        self._noun = "query"
        self._fork = fork
        self._connection = connection
        self._reader = Reader()
        self._loop = asyncio.get_running_loop()
        self._reply: asyncio.Future[Message] = self._loop.create_future()
        self._loop.add_reader(connection, self._read)

    async def arrival(self) -> None:
        """Return when the process has opened the stores; raises its error where it cannot."""
        message = await self._reply
        if message.kind == "error":
            raise error_from(message.header)

    async def ask(self, asked: Asking, deadline: float, allowed: float) -> Answer:
        """The answer to a question or task; raises LimitError at the deadline (the loop's time).

        Then, and when the call is cancelled, the process is killed.
        """
        self._noun = "task" if isinstance(asked, Task) else "query"
        self._reply = self._loop.create_future()
        timers = (
            self._loop.call_at(deadline, self._expire, allowed),
            self._loop.call_later(_LONG, self._give_way),
        )
        try:
            await self._send(frame(*asked.message()))
            message = await self._reply
        except asyncio.CancelledError:
            self._kill("left")
            raise
        finally:
            for timer in timers:
                timer.cancel()
        if message.header.get("last"):
            self.is_fit, self.reason = False, "memory"
        if message.kind == "error":
            raise error_from(message.header)
        return _answer(message)

    def dismiss(self, error: ClusterGraphError | None = None) -> None:
        """Let the process end: an idle one sees its connection closed, one at work is killed."""
        self.is_fit = False
        if not self._reply.done():
            self._kill("dismissed")
            self._reply.set_exception(error or StoreError("the worker was dismissed"))
            self._reply.exception()
        self._disconnect()

    def ended(self, status: int, said: str) -> None:
        """Take in how the process ended; what it was asked fails with the reason."""
        self.is_fit = False
        if said.strip() and status > 0:
            _log.error("a worker ended with status %d: %s", status, said.strip())
        if not self._reply.done():
            error = _reason(status, said, self._noun)
            self.reason = "memory" if isinstance(error, LimitError) and error.limit == "memory" else "lost"
            self._reply.set_exception(error)

    async def _send(self, data: bytes) -> None:
        try:
            sent = self._connection.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # the reader sees that the process is gone
        if sent < len(data):
            try:
                await self._loop.sock_sendall(self._connection, memoryview(data)[sent:])
            except OSError:
                return

    def _read(self) -> None:
        for message in self._reader.read(self._connection):
            if not self._reply.done():
                self._reply.set_result(message)
            elif message.file is not None:
                os.close(message.file)
        if self._reader.closed:
            self.is_fit = False
            self._disconnect()
            self._fork.gone(self)
            if not self._reply.done():
                self._loop.call_later(_INQUEST, self.ended, 0, "")

    def _disconnect(self) -> None:
        if self._connection.fileno() >= 0:
            self._loop.remove_reader(self._connection)
            self._connection.close()
            self._reader.close()

    def _expire(self, allowed: float) -> None:
        if not self._reply.done():
            self._kill("time")
            problem = f"the {self._noun} was stopped after {allowed:g} seconds{self._fork.waited_for}"
            self._reply.set_exception(LimitError("time", problem))

    def _give_way(self) -> None:
        if self.pid and not self._reply.done():
            self.is_fit, self.reason = False, "long"
            try:
                os.setpriority(os.PRIO_PROCESS, self.pid, _NICE)
            except OSError:
                return  # it has just ended, or the system does not let us

    def _kill(self, reason: str) -> None:
        self.is_fit, self.reason = False, reason
        self._fork.kill(self)


class Fork:
    """The nursery process: makes colleagues, and says how each one ended.

    `lost` is called with a colleague that ended without being told to, `prepared` when those made from
    now on have less to do for their first task than those before.
    """

    def __init__(
        self,
        source: Source,
        memory: int,
        lost: Callable[[Colleague], None],
        prepared: Callable[[], None],
    ) -> None:
        self._source = source
        there = source.service
        self.waited_for = f"; expected an answer of {there.endpoint} by then" if there else ""
        self._memory = memory
        self._lost = lost
        self._prepared = prepared
        self._number = 0
        self._unborn: dict[int, Colleague] = {}
        self._living: dict[int, Colleague] = {}
        self._doomed: set[Colleague] = set()
        self._process: subprocess.Popen[bytes] | None = None
        self._closing = False

    def start(self) -> None:
        """Start the process."""
        self._loop = asyncio.get_running_loop()
        self._control, end = socket.socketpair()
        with end:
            self._process = subprocess.Popen(  # noqa: S603  # our own module, by our own interpreter
                [sys.executable, "-P", "-m", "clustergraph.workers.nursery", str(end.fileno())],
                pass_fds=[end.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C on the terminal is the server's business
            )
        self._reader = Reader()
        start: dict[str, object] = {"kind": "start", "number": self._memory}
        send(self._control, start, self._source.to_json().encode())
        self._loop.add_reader(self._control, self._read)

    async def colleague(self) -> Colleague:
        """A new worker that has opened the stores; raises the error of one that cannot."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)  # noqa: FBT003  # the standard library's name for it
        colleague = Colleague(ours, self)
        self._number += 1
        self._unborn[self._number] = colleague
        with theirs:
            header: dict[str, object] = {"kind": "fork", "number": self._number, "file": True}
            try:
                send(self._control, header, file=theirs.fileno())
            except OSError as error:
                colleague.dismiss()
                raise StoreError(f"no worker can be started: {error}") from error
        try:
            await colleague.arrival()
        except BaseException:
            colleague.dismiss()
            raise
        return colleague

    def kill(self, colleague: Colleague) -> None:
        """End the process of a colleague now."""
        if self._closing:
            return
        if not colleague.pid:
            self._doomed.add(colleague)
            return
        try:
            send(self._control, {"kind": "kill", "number": colleague.pid})
        except OSError:
            return  # the nursery is gone, and its workers with it

    def gone(self, colleague: Colleague) -> None:
        """Say that a colleague's connection was closed from the other side."""
        self._lost(colleague)

    async def close(self) -> None:
        """End the process and with it all of its workers; returns when they are gone."""
        self._closing = True
        if self._process is None:
            return
        self._loop.remove_reader(self._control)
        self._control.close()
        while self._process.poll() is None:
            await asyncio.sleep(0.002)
        self._process = None

    def _read(self) -> None:
        for message in self._reader.read(self._control):
            number = message.header["number"]
            assert isinstance(number, int)
            if message.kind == "prepared":
                self._prepared()
            elif message.kind == "born":
                self._born(number, message.header["pid"])
            elif colleague := self._living.pop(number, None):
                colleague.ended(_int(message.header["status"]), str(message.header["said"]))
        if self._reader.closed and not self._closing:
            self._restart()

    def _born(self, number: int, pid: object) -> None:
        colleague = self._unborn.pop(number)
        colleague.pid = _int(pid)
        self._living[colleague.pid] = colleague
        if colleague in self._doomed:
            self._doomed.remove(colleague)
            self.kill(colleague)

    def _restart(self) -> None:
        """Start another nursery where the system has killed the old one."""
        _log.error("the nursery of workers has ended; another one takes its place")
        self._loop.remove_reader(self._control)
        self._control.close()
        if self._process is not None:
            self._process.wait()
        orphans = [*self._unborn.values(), *self._living.values()]
        self._unborn.clear()
        self._living.clear()
        self.start()
        for colleague in orphans:
            colleague.ended(-signal.SIGKILL, "")
            self._lost(colleague)


def _answer(message: Message) -> Answer:
    header = message.header
    seconds, notes = header["seconds"], header.get("notes", {})
    assert isinstance(seconds, float)
    assert isinstance(notes, dict)
    return Answer(
        form=str(header["form"]),
        format=str(header["format"]),
        encoding=str(header["encoding"]),
        volatile=bool(header["volatile"]),
        seconds=seconds,
        size=_int(header["size"]),
        rows=_int(header["rows"]),
        body=message.body,
        file=None if message.file is None else os.fdopen(message.file, "rb"),
        notes=tuple((str(name), str(text)) for name, text in notes.items()),
    )


def _reason(status: int, said: str, noun: str) -> ClusterGraphError:
    """Why a worker ended in the midst of a question or task."""
    if status == -signal.SIGSEGV or "overflowed its stack" in said:
        if noun == "task":
            return UploadError("it is nested more deeply than this server reads")
        return QueryRefusedError("a query nested this deeply", "the engine cannot parse it")
    if "memory" in said or "bad_alloc" in said:
        return LimitError("memory", f"the {noun} takes more memory than it may")
    if status == -signal.SIGKILL:
        # By hand, or by a system that is short of memory: nothing says which.
        return LimitError("worker", "the worker was ended from outside before it had an answer; ask again")
    return StoreError(f"the worker ended unexpectedly (status {status})")


def _int(number: object) -> int:
    assert isinstance(number, int)
    return number
