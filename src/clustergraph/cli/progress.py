"""Progress of long work, on stderr and only where a person looks."""

from __future__ import annotations

import sys

from clustergraph.snapshot import Progress


def progress(*, quiet: bool) -> Progress | None:
    """A function that draws a bar from (stage, done, total), or None where nobody looks.

    `total` is None where it is not known.
    """
    if quiet or not sys.stderr.isatty():
        return None
    # Only a build that takes long needs rich.
    from rich import console  # noqa: PLC0415
    from rich import progress as rich_progress  # noqa: PLC0415

    bars = rich_progress.Progress(
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TimeRemainingColumn(),
        console=console.Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, rich_progress.TaskID] = {}

    def advance(stage: str, done: int, total: int | None) -> None:
        if stage not in tasks:
            bars.start()
            tasks[stage] = bars.add_task(stage, total=total)
        bars.update(tasks[stage], completed=done, total=total)
        if total is not None and done >= total and bars.finished:
            bars.stop()

    return advance
