"""Servers as processes, and clients that take little of the machine from them."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import random
import socket
import statistics
import subprocess
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Seconds after which a client goes away from a server that does not answer.
_PATIENCE = 20
_PARTING = 10
ACCEPT = "application/sparql-results+json"
OURS = """
import sys
import clustergraph
from clustergraph.server import Options, serve
from clustergraph.workers.pool import Limits
limits = Limits(workers=int(sys.argv[4]), patience=10_000, queue=10_000)
options = Options(limits=limits, cache=int(sys.argv[3]))
serve(clustergraph.open(sys.argv[1]), port=int(sys.argv[2]), options=options)
"""


@dataclass(frozen=True)
class Server:
    """A running server: the address of its SPARQL endpoint, and its process."""

    name: str
    host: str
    port: int
    path: str
    process: int = 0


@dataclass(frozen=True)
class Asked:
    """What one client of a round saw: seconds of each request, negative where the status was not 200."""

    times: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        """Answers a second; a request under way at the end of the round is waited for."""
        return sum(each > 0 for each in self.times) / self.seconds


@dataclass(frozen=True)
class Figures:
    """What the rounds of one server gave: requests a second, each round; times in milliseconds."""

    rates: tuple[float, ...]
    middle: float
    p95: float
    p99: float
    errors: int

    @property
    def rate(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.rates)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def running(name: str, command: Callable[[int], Sequence[str]], path: str) -> Iterator[Server]:
    """A server process, from when it answers to the end of the block."""
    port = free_port()
    process = subprocess.Popen(
        [str(part) for part in command(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    server = Server(name, "127.0.0.1", port, path, process.pid)
    try:
        until_it_listens(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(_PARTING)
        except subprocess.TimeoutExpired:  # it is in the midst of a query, and hears no signal
            process.kill()
            process.wait()


def until_it_listens(server: Server) -> None:
    """Wait for a server that is being started."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            socket.create_connection((server.host, server.port), 1).close()
            break
        except OSError:
            time.sleep(0.05)


def descendants(pid: int) -> list[int]:
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(child), *descendants(int(child))]
    return found


def processor_time(pids: list[int]) -> float:
    """Seconds of processor time that the processes have taken; one that is gone counts as none."""
    ticks = 0
    for pid in pids:
        try:
            parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(parts[11]) + int(parts[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def until_free(server_process: int) -> float:
    """Seconds until the workers take less than a tenth of a processor."""
    started = time.perf_counter()
    while time.perf_counter() - started < 30:
        pids = descendants(server_process)
        before = processor_time(pids)
        time.sleep(0.1)
        if processor_time(pids) - before < 0.01:
            break
    return time.perf_counter() - started - 0.1


def request(server: Server, text: str, *, gzip: bool = False) -> bytes:
    address = f"{server.path}?query={urllib.parse.quote(text)}"
    more = "Accept-Encoding: gzip\r\n" if gzip else ""
    return (
        f"GET {address} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\nAccept: {ACCEPT}\r\n{more}\r\n"
    ).encode()


class Connection:
    """One kept-alive connection of a client that spends little time on reading."""

    def __init__(self, server: Server, source: str = "127.0.0.1", patience: float = _PATIENCE) -> None:
        self._socket = socket.create_connection(
            (server.host, server.port), patience, source_address=(source, 0)
        )
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray()

    def ask(self, data: bytes) -> tuple[int, bytes]:
        """The status and body of the response to a request."""
        self._socket.sendall(data)
        head = self._until(b"\r\n\r\n").lower()
        status = int(head[9:12])
        if (at := head.find(b"content-length:")) >= 0:
            return status, self._take(int(head[at + 15 :].split(b"\r\n", 1)[0]))
        pieces = []
        while size := int(self._until(b"\r\n"), 16):
            pieces.append(self._take(size))
            self._take(2)
        self._take(2)
        return status, b"".join(pieces)

    def close(self) -> None:
        """Leave, whether an answer is outstanding or not."""
        self._socket.close()

    def _until(self, mark: bytes) -> bytes:
        while (end := self._buffer.find(mark)) < 0:
            self._more()
        return self._take(end + len(mark))

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _more(self) -> None:
        data = self._socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed the connection")
        self._buffer += data


def client(
    server: Server, requests: list[bytes], weights: list[float] | None, seconds: float, seed: int
) -> Asked:
    """Ask one request after the other for so many seconds."""
    draw = random.Random(seed)
    connection = None
    chosen = itertools.cycle(draw.choices(requests, weights, k=20_000) if weights else requests)
    times = []
    began = time.perf_counter()
    while (started := time.perf_counter()) < began + seconds:
        try:
            connection = connection or Connection(server)
            status, _ = connection.ask(next(chosen))
        except OSError:
            status, connection = 0, None
        taken = time.perf_counter() - started
        times.append(taken if status == 200 else -taken)
    return Asked(times, time.perf_counter() - began)


def measure(
    server: Server, requests: list[bytes], weights: list[float] | None, seconds: float, clients: int
) -> Figures:
    """The figures of one round."""
    return figures([asked(server, requests, weights, seconds, clients)])


def asked(
    server: Server, requests: list[bytes], weights: list[float] | None, seconds: float, clients: int
) -> list[Asked]:
    """What each client of a round saw."""
    size = len(requests) // clients or 1
    parts = [requests if weights else requests[i * size : (i + 1) * size] or requests for i in range(clients)]
    with multiprocessing.get_context("fork").Pool(clients) as processes:
        return processes.starmap(
            client, [(server, part, weights, seconds, seed) for seed, part in enumerate(parts)]
        )


def figures(rounds: Sequence[Sequence[Asked]]) -> Figures:
    """The figures of some rounds."""
    every = [each * 1000 for found in rounds for asked in found for each in asked.times]
    times = sorted(map(abs, every))
    return Figures(
        rates=tuple(sum(asked.rate for asked in found) for found in rounds),
        middle=statistics.median(times),
        p95=times[int(len(times) * 0.95)],
        p99=times[int(len(times) * 0.99)],
        errors=sum(each < 0 for each in every),
    )
