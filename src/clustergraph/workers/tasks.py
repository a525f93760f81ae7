"""The kinds of tasks: each a function of what workers hold and of the task, which writes an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import TypeAlias, cast

from clustergraph.errors import UsageError
from clustergraph.workers.holdings import Holdings
from clustergraph.workers.question import Done, Task
from clustergraph.workers.writing import Output

Performer: TypeAlias = Callable[[Holdings, Task, Output], Done]

# By kind the module and the function in it. All of them take 0.3 s to import, a search a tenth of that;
# so who asks for one kind before the nursery has imported them does not wait for the others.
KINDS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "search": ("searching", "search"),
    "explain": ("reasons", "explain"),
    "sources": ("sourcing", "sources"),
    "serialise": ("serialising", "serialise"),
    "validate": ("judging", "validate"),
    "diff": ("judging", "diff"),
    "exports": ("exporting", "listing"),
    "export": ("exporting", "export"),
    "loss": ("exporting", "loss"),
})  # fmt: skip
# Those that can be done before a service, each with what it is called among the capabilities.
BEFORE_A_SERVICE: Mapping[str, str] = MappingProxyType({
    "search": "search",
    "explain": "explain",
    "serialise": "serve",
    "validate": "validate a change",
    "diff": "diff",
    "exports": "export",
    "export": "export",
    "loss": "export",
})  # fmt: skip


def perform(holdings: Holdings, task: Task, output: Output) -> Done:
    """Write the answer to a task; raises what its kind raises, an error of the tree."""
    if task.kind not in KINDS:
        raise UsageError(f"{task.kind}: no such task; there are {', '.join(KINDS)}")
    return performer(task.kind)(holdings, task, output)


def performer(kind: str) -> Performer:
    """The function that does the tasks of a kind."""
    module, name = KINDS[kind]
    return cast("Performer", getattr(import_module(f"clustergraph.workers.{module}"), name))


def prepare(holdings: Holdings) -> Iterator[Callable[[], object]]:
    """What tasks need first and need but once, in steps."""
    for kind in KINDS:
        yield partial(performer, kind)
    if holdings.source.service is not None:
        return  # what a service holds may change
    from clustergraph.workers import judging, reasons  # noqa: PLC0415  # imported by now, one by one

    yield from judging.steps(holdings)
    yield from reasons.steps(holdings)
