"""What hostile clients can do to look-ups, to the processor, to memory: figures, and a verdict.

    python benchmarks/hostile.py [--triples 100000] [--seconds 10]

Linux only: a second client address is taken from 127.0.0.0/8, and /proc is asked for times and sizes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
from clients import OURS, Connection, Server, descendants, request, running, until_free
from generate import generate

import clustergraph

PRODUCT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SORTED = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f"
DUMP = "SELECT * { ?s ?p ?o . ?s a ?class }"
NESTED = "ASK {" + "{" * 3000 + "}" * 3000 + "}"
BROKEN = "SELECT * { ?s ?p"
ATTACKER = "127.0.0.2"


def resident(pid: int) -> int:
    """Bytes of memory that a process has, shared ones included."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def look_ups(server: Server, subjects: list[str], seconds: float) -> list[float]:
    """Latencies in milliseconds of distinct look-ups, sorted."""
    draw = random.Random(time.monotonic())
    connection = Connection(server)
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        text = f"SELECT ?p ?o {{ {draw.choice(subjects)} ?p ?o }} # {draw.random()}"
        started = time.perf_counter()
        status, _ = connection.ask(request(server, text))
        if status != 200:
            sys.exit(f"error: a look-up got {status}")
        times.append((time.perf_counter() - started) * 1000)
        time.sleep(0.002)
    return sorted(times)


class Attack:
    """Connections from another address that ask hostile queries until they are told to leave."""

    def __init__(self, server: Server, texts: list[str], connections: int) -> None:
        self.statuses: Counter[int] = Counter()
        self._server = server
        self._texts = texts
        self._leaving = False
        self._open: list[Connection] = []
        self._threads = [threading.Thread(target=self._run, args=(i,)) for i in range(connections)]
        for thread in self._threads:
            thread.start()

    def leave(self) -> None:
        self._leaving = True
        for connection in self._open:
            connection.close()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        draw = random.Random(number)
        while not self._leaving:
            connection = Connection(self._server, ATTACKER)
            self._open.append(connection)
            try:
                while not self._leaving:
                    text = f"{draw.choice(self._texts)} # {draw.random()}"
                    self.statuses[connection.ask(request(self._server, text))[0]] += 1
            except (OSError, ValueError):
                continue


def p95(times: list[float]) -> float:
    return times[int(len(times) * 0.95)]


def health(server: Server) -> dict[str, object]:
    with urllib.request.urlopen(f"http://{server.host}:{server.port}/health") as answer:
        found: dict[str, object] = json.load(answer)
    return found


def judge(folder: Path, seconds: float) -> bool:
    graph = clustergraph.open(folder)
    store = graph.snapshot.entailed.native
    subjects = [str(row[0]) for row in store.query("SELECT DISTINCT ?s { ?s a ?c } LIMIT 2000")]  # type: ignore[union-attr]
    assert isinstance(store, ox.Store)
    me = os.getpid()

    def ours(port: int) -> list[str]:
        return [sys.executable, "-c", OURS, str(folder), str(port), "0", "4"]

    with running("clustergraph", ours, "/sparql") as server:
        process = next(
            pid for pid in descendants(me) if Path(f"/proc/{pid}/cmdline").read_bytes().find(b"-c") > 0
        )
        before = health(server)
        quiet = look_ups(server, subjects, seconds)
        print(f"look-ups in quiet: {len(quiet)}, p95 {p95(quiet):.2f} ms", flush=True)
        attack = Attack(server, [PRODUCT], 1)
        time.sleep(0.5)
        beside = look_ups(server, subjects, seconds)
        print(f"beside one Cartesian product: p95 {p95(beside):.2f} ms, {p95(beside) / p95(quiet):.1f} times")
        attack.leave()
        free = until_free(process)
        print(f"processor free {free:.2f} s after the client left", flush=True)
        attack = Attack(server, [PRODUCT, SORTED, DUMP, NESTED, BROKEN], 8)
        most = 0
        crowd: list[float] = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            crowd += look_ups(server, subjects, 0.5)
            most = max(most, resident(process))
        crowd.sort()
        attack.leave()
        free_after = until_free(process)
        after = health(server)
        times = p95(crowd) / p95(quiet)
        print(f"beside eight hostile connections: p95 {p95(crowd):.2f} ms, {times:.1f} times")
        print(f"their statuses: {dict(sorted(attack.statuses.items()))}")
        print(f"processor free {free_after:.2f} s after they left; server's own memory {most / 1e6:.0f} MB")
        print(f"workers before {before['workers']}, after {after['workers']}")
        children = descendants(process)
    left = [pid for pid in children if Path(f"/proc/{pid}").exists()]
    print(f"processes left behind: {len(left)}")
    allowed = {200, 400, 503}
    return (
        p95(beside) <= 3 * p95(quiet)
        and free < 1
        and free_after < 1
        and set(attack.statuses) <= allowed
        and before["workers"] == after["workers"]
        and not left
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--triples", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "graph"
        generate(folder, triples=given.triples, seed=1)
        if not judge(folder, given.seconds):
            sys.exit("error: a bound was not kept")


if __name__ == "__main__":
    main()
