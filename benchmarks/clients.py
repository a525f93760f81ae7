"""Servers as processes, and clients that take little of the machine from them."""

from __future__ import annotations

import itertools
import multiprocessing
import random
import socket
import statistics
import subprocess
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

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
    """A running server: the address of its SPARQL endpoint."""

    name: str
    host: str
    port: int
    path: str


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
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield Server(name, "127.0.0.1", port, path)
    finally:
        process.terminate()
        try:
            process.wait(_PARTING)
        except subprocess.TimeoutExpired:  # it is in the midst of a query, and hears no signal
            process.kill()
            process.wait()


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
) -> list[float]:
    """The latencies of one client's requests, negative where the status was not 200."""
    draw = random.Random(seed)
    connection = Connection(server)
    chosen = itertools.cycle(draw.choices(requests, weights, k=20_000) if weights else requests)
    times = []
    end = time.perf_counter() + seconds
    while (started := time.perf_counter()) < end:
        try:
            status, _ = connection.ask(next(chosen))
        except OSError:
            status, connection = 0, Connection(server)
        taken = time.perf_counter() - started
        times.append(taken if status == 200 else -taken)
    return times


def measure(
    server: Server, requests: list[bytes], weights: list[float] | None, seconds: float, clients: int
) -> Figures:
    """The figures of one round."""
    return figures([latencies(server, requests, weights, seconds, clients)], seconds)


def latencies(
    server: Server, requests: list[bytes], weights: list[float] | None, seconds: float, clients: int
) -> list[float]:
    """The latencies of all requests of a round, in seconds, negative where there was no answer."""
    size = len(requests) // clients or 1
    parts = [requests if weights else requests[i * size : (i + 1) * size] or requests for i in range(clients)]
    with multiprocessing.get_context("fork").Pool(clients) as processes:
        found = processes.starmap(
            client, [(server, part, weights, seconds, seed) for seed, part in enumerate(parts)]
        )
    return [each for part in found for each in part]


def figures(rounds: Sequence[Sequence[float]], seconds: float) -> Figures:
    """The figures of some rounds of so many seconds."""
    times = sorted(abs(each) * 1000 for found in rounds for each in found)
    return Figures(
        # A request under way at the end is waited for: that round was longer.
        rates=tuple(sum(each > 0 for each in found) / max(seconds, _length(found)) for found in rounds),
        middle=statistics.median(times),
        p95=times[int(len(times) * 0.95)],
        p99=times[int(len(times) * 0.99)],
        errors=sum(each < 0 for found in rounds for each in found),
    )


def _length(found: Sequence[float]) -> float:
    """Seconds that the slowest request took, which a round lasts at least."""
    return max(map(abs, found))
