"""Tasks that find things by what they are called."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path

from clustergraph.search import Index, open_index
from clustergraph.workers.holdings import Holdings
from clustergraph.workers.question import Done, Task
from clustergraph.workers.writing import Output

# The folder below the root for what a service is searched by.
_THERE = "search"


@lru_cache(maxsize=1)
def index(holdings: Holdings) -> Index:
    """The index beside the snapshot, or in the folder that is kept; opened by each worker for itself."""
    source = holdings.source
    folders = [source.asserted.parent, *([source.root] if source.root else [])]
    return open_index(holdings.store("none"), holdings.store("owl2rl"), holdings.settings, folders=folders)


@contextmanager
def _opened(holdings: Holdings) -> Iterator[Index]:
    """The index; that of a service is opened each time, since it is built anew when it is too old."""
    if holdings.behind is None:
        yield index(holdings)
        return
    with closing(holdings.behind.index(Path(_THERE), seconds=holdings.source.max_age)) as opened:
        yield opened


def search(holdings: Holdings, task: Task, output: Output) -> Done:
    """Write what is found as JSON; the note `total` says how many things that are in all.

    Raises ArgumentError for a class that no thing has.
    """
    with _opened(holdings) as opened:
        found = opened.search(
            task.option("text"),
            language=task.option("lang", "en"),
            kind=task.option("kind") or None,
            limit=int(task.option("limit", "20")),
            offset=int(task.option("offset", "0")),
        )
    output.write(json.dumps(found.describe(), ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    return Done("application/json", {"total": str(found.total)})
