"""What all benchmarks share: tasks, engines in processes of their own, answers compared before times count.

A task writes its input once, for all; each engine then works on it in a process of its own, so that
none pays for another's imports or memory. What an engine answered is compared with our answer; where it
differs there is no time, only the remark that it differs.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
OURS = "clustergraph"
RUNS = 5
# Work that takes long is not repeated beyond so many seconds.
ENOUGH = 10.0
TIMEOUT = 1800


@dataclass(frozen=True)
class Measured:
    """One piece of work by one engine: seconds of each run, a digest of the answer, megabytes so far."""

    work: str
    seconds: Sequence[float]
    answer: str
    peak: float


@dataclass(frozen=True)
class Row:
    """One line of a table; `median` is None where there is no time, and `note` says why."""

    work: str
    engine: str
    median: float | None = None
    low: float = 0.0
    high: float = 0.0
    runs: int = 0
    peak: float = 0.0
    """Megabytes of the process, or of the server where that is the larger one."""
    note: str = ""


@dataclass(frozen=True)
class Table:
    """The rows of a task at one size."""

    task: str
    title: str
    size: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Task:
    """Work of one kind: how its input is made, how an engine does it, who takes part.

    `peers` are in order of preference: the first two that are installed take part by default. `limits`
    gives the largest input in triples for engines that would take hours.
    """

    name: str
    title: str
    prepare: Callable[[Path, int], int]
    """Writes the input for about so many triples to a folder; returns how many there are."""
    run: Callable[[str, Path], Iterable[Measured]]
    peers: tuple[str, ...]
    limits: Mapping[str, int] = field(default_factory=dict)
    ours: tuple[str, ...] = (OURS,)


def repeated(work: Callable[[], T], runs: int = RUNS) -> tuple[list[float], T]:
    """The seconds of some runs, fewer where they take long, and what the first gave."""
    seconds: list[float] = []
    first: list[T] = []
    while not seconds or (len(seconds) < runs and sum(seconds) < ENOUGH):
        started = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - started)
        first = first or [result]
    return seconds, first[0]


def digest(rows: Iterable[Sequence[str]]) -> str:
    """A short text for an answer: the number of its rows, and the sum of their hashes, in any order."""
    number = total = 0
    for row in rows:
        line = "\t".join(map(plain, row)).encode()
        total += int.from_bytes(hashlib.blake2b(line, digest_size=8).digest())
        number += 1
    return f"{number} rows, {total % (1 << 64):016x}"


def plain(text: str) -> str:
    """A term by its value, so that `10` and `10.0` are the same number."""
    try:
        return repr(float(text))
    except ValueError:
        return text


def contest(task: Task, folder: Path, size: int, engines: Sequence[str]) -> Table:
    """The table of a task: our row first, then those of the engines, which answer the same or get no time."""
    triples = task.prepare(folder, size)
    known: dict[str, str] = {}
    rows: list[Row] = []
    for engine in (*task.ours, *engines):
        if triples > task.limits.get(engine, triples):
            note = f"left out above {task.limits[engine]:,} triples"
            rows += [Row(work, engine, note=note) for work in known]
            continue
        rows += _compared(known, engine, child([task.name, engine, str(folder)]))
    return Table(task.name, task.title, triples, tuple(rows))


def _compared(known: dict[str, str], engine: str, found: Mapping[str, object] | str) -> Iterator[Row]:
    if isinstance(found, str):
        yield from (Row(work, engine, note=found) for work in known or ("all",))
        return
    servers = float(str(found["servers"]))
    for one in found["measured"]:  # type: ignore[attr-defined]  # a list, as `serve_child` wrote it
        measured = Measured(**one)
        peak = max(measured.peak, servers)
        expected = known.setdefault(measured.work, measured.answer)
        if measured.answer != expected:
            note = f"answers differently: {measured.answer}; ours {expected}"
            yield Row(measured.work, engine, peak=peak, note=note)
            continue
        low, high = min(measured.seconds), max(measured.seconds)
        median = statistics.median(measured.seconds)
        yield Row(measured.work, engine, median, low, high, len(measured.seconds), peak)


def child(arguments: Sequence[str], *, timeout: float | None = TIMEOUT) -> Mapping[str, object] | str:
    """What a process of its own found, or why it found nothing."""
    command = [sys.executable, str(Path(__file__).parent), "--child", *arguments]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        printed, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        return f"took more than {timeout} s"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # also the servers that it started
    if process.returncode:
        lines = errors.decode(errors="replace").strip().splitlines()
        return f"failed: {lines[-1][:160]}" if lines else f"ended with {process.returncode}"
    found: Mapping[str, object] = json.loads(printed.splitlines()[-1])
    return found


def serve_child(measured: Iterable[Measured]) -> None:
    """Print what was measured in this process, and the most memory of one that it waited for."""
    found = [asdict(one) for one in measured]
    print(json.dumps({"measured": found, "servers": peak_memory(resource.RUSAGE_CHILDREN)}))


def peak_memory(who: int = resource.RUSAGE_SELF) -> float:
    """Megabytes, the most that this process has had so far, or one that it waited for."""
    status = Path("/proc/self/status")
    if who == resource.RUSAGE_SELF and status.exists():
        # getrusage counts what the parent had when it forked.
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(who).ru_maxrss / 1024


def versions(engines: Iterable[str]) -> dict[str, str]:
    """The versions of what took part, by name."""
    found = {"Python": platform.python_version(), "pyoxigraph": _version("pyoxigraph") or ""}
    return found | {name: version for name in engines if (version := installed(name))}


def installed(engine: str) -> str | None:
    """The version of an engine, or None where it is not installed."""
    package = {"oxigraph-server": "oxigraph", "jena": "", "virtuoso": ""}.get(engine, engine)
    if package:
        return _version(package)
    # Imported late: it starts servers, which most tasks do not.
    from peers import PROGRAMS

    return PROGRAMS[engine]()


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def machine() -> dict[str, str]:
    """What it was measured on, and how busy that was."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processors": str(os.cpu_count()),
        "memory": f"{memory} GiB",
        "load": f"{os.getloadavg()[0]:.1f}",
    }
