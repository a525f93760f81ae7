"""Tasks that find things by what they are called."""

from __future__ import annotations

import json
from functools import lru_cache

from clustergraph.search import Index, open_index
from clustergraph.store.capabilities import Mode, require
from clustergraph.workers.holdings import Holdings
from clustergraph.workers.question import Done, Task
from clustergraph.workers.writing import Output


@lru_cache(maxsize=1)
def index(holdings: Holdings) -> Index:
    """The index beside the snapshot, or in the folder that is kept; opened by each worker for itself.

    Raises UsageError where the graph is behind a service.
    """
    source = holdings.source
    if source.service is not None:
        require("search", Mode.ENDPOINT)
    folders = [source.asserted.parent, *([source.root] if source.root else [])]
    return open_index(holdings.store("none"), holdings.store("owl2rl"), holdings.settings, folders=folders)


def search(holdings: Holdings, task: Task, output: Output) -> Done:
    """Write what is found as JSON; the note `total` says how many things that are in all.

    Raises ArgumentError for a class that no thing has.
    """
    found = index(holdings).search(
        task.option("text"),
        language=task.option("lang", "en"),
        kind=task.option("kind") or None,
        limit=int(task.option("limit", "20")),
        offset=int(task.option("offset", "0")),
    )
    output.write(json.dumps(found.describe(), ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    return Done("application/json", {"total": str(found.total)})
