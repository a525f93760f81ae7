"""The kinds of tasks: each a function of what workers hold and of the task, which writes an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from clustergraph.errors import UsageError
from clustergraph.workers import exporting, judging, reasons, searching, sourcing
from clustergraph.workers.holdings import Holdings
from clustergraph.workers.question import Done, Task
from clustergraph.workers.writing import Output

Performer: TypeAlias = Callable[[Holdings, Task, Output], Done]

KINDS: Mapping[str, Performer] = MappingProxyType({
    "validate": judging.validate,
    "diff": judging.diff,
    "explain": reasons.explain,
    "exports": exporting.listing,
    "export": exporting.export,
    "loss": exporting.loss,
    "search": searching.search,
    "sources": sourcing.sources,
})  # fmt: skip


def perform(holdings: Holdings, task: Task, output: Output) -> Done:
    """Write the answer to a task; raises what its kind raises, an error of the tree."""
    if task.kind not in KINDS:
        raise UsageError(f"{task.kind}: no such task; there are {', '.join(KINDS)}")
    return KINDS[task.kind](holdings, task, output)


def prepare(holdings: Holdings) -> Iterator[Callable[[], object]]:
    """What tasks need first and need but once, in steps."""
    yield from judging.steps(holdings)
    yield from reasons.steps(holdings)
