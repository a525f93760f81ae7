"""All benchmarks: our engines beside others on the same work, whose answers are compared first.

    python benchmarks                              # every task at 100,000 triples, two peers a task
    python benchmarks --only queries closure       # some tasks
    python benchmarks --size 10k 100k 1M --peer all --json docs/performance.json
    python benchmarks --scale 10k 100k 1M          # the whole way of a graph, by size
    python benchmarks --scale 10M --steps open queries  # some steps, after it was built
    python benchmarks --render docs/performance.json   # docs/performance.md and its charts, measuring nothing

Peers that are not installed are named and left out; `pip install rdflib-endpoint reasonable` and Debian's
virtuoso-opensource and libapache-jena-java (with a JDK) bring more of them. Times are medians with their
range; those of servers hold the way there and back, Jena's are of one process that is warm. Nothing else
should run meanwhile.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import report
import scale
from frame import OURS, Table, Task, contest, installed, machine, serve_child, versions
from impact import IMPACT
from inference import CLOSURE
from loading import LOAD
from questions import QUERIES
from startup import STARTUP
from traffic import TRAFFIC

from validation import VALIDATION

TASKS = {task.name: task for task in (LOAD, QUERIES, CLOSURE, VALIDATION, IMPACT, TRAFFIC, STARTUP)}


def size(text: str) -> int:
    """A number of triples: 20000, 20k, 1M."""
    factor = {"k": 1_000, "M": 1_000_000}.get(text[-1:], 1)
    return int(float(text.rstrip("kM")) * factor)


def chosen(task: Task, peers: Sequence[str]) -> list[str]:
    """The peers of a task that take part: those named, all, or the first two; only what is installed."""
    wanted = [peer for peer in task.peers if not peers or "all" in peers or peer in peers]
    here = [peer for peer in wanted if installed(peer)]
    for peer in sorted(set(wanted) - set(here)):
        print(f"{task.name}: {peer} is not installed", file=sys.stderr)
    return here if peers else here[:2]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", nargs="+", choices=TASKS, default=[*TASKS], metavar="TASK", help=", ".join(TASKS)
    )
    parser.add_argument("--size", nargs="+", type=size, default=[100_000], help="triples, as 10k or 1M")
    parser.add_argument("--peer", nargs="+", default=[], help="these, or `all`; by default two a task")
    parser.add_argument(
        "--scale", nargs="+", type=size, default=[], help="only the table by size, at these sizes"
    )
    parser.add_argument(
        "--steps", nargs="+", choices=scale.STEPS, default=[], help="with --scale, only these"
    )
    parser.add_argument("--json", type=Path, help="write the figures here; tables of an older file are kept")
    parser.add_argument("--markdown", type=Path, help="write the page here, its charts beside it")
    parser.add_argument(
        "--render", type=Path, metavar="JSON", help="measure nothing, write the page of a file"
    )
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        _child(*given.child)
        return
    if given.render:
        report.write(json.loads(given.render.read_text(encoding="utf-8")), given.render.with_suffix(".md"))
        return
    # Ended from outside it cleans up as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    found, is_whole = measure(given)
    if given.json:
        if given.json.exists():
            found = report.merged(json.loads(given.json.read_text(encoding="utf-8")), found)
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if given.markdown:
        report.write(found, given.markdown)
    if not is_whole:
        raise SystemExit("interrupted: these are the figures until then")


def measure(given: argparse.Namespace) -> tuple[dict[str, object], bool]:
    """The figures that were asked for, printed as they come; whether that is all, or there was Ctrl-C."""
    tables: list[Table] = []
    steps: list[scale.Step] = []
    peers: dict[str, None] = {}
    is_whole = False
    with suppress(KeyboardInterrupt):
        for name in given.only if not given.scale else ():
            task = TASKS[name]
            engines = chosen(task, given.peer)
            peers |= dict.fromkeys(engines)
            for triples in given.size:
                with tempfile.TemporaryDirectory() as folder:
                    table = contest(task, Path(folder), triples, engines)
                tables.append(table)
                print(report.as_text(table), flush=True)
        for triples in given.scale:
            steps.extend(scale.measure(triples, given.steps))
        is_whole = True
    found: dict[str, object] = {
        "machine": machine(),
        "versions": {OURS: installed(OURS), **versions(peers)},
        "tables": [asdict(table) for table in tables],
        "scale": [asdict(step) for step in steps],
    }
    if given.scale:
        print(report.scale_as_text(found))
    return found, is_whole


def _child(task: str, *arguments: str) -> None:
    if task == "scale":
        serve_child(scale.step(*arguments))
        return
    engine, folder = arguments
    serve_child(TASKS[task].run(engine, Path(folder)))


if __name__ == "__main__":
    main()
