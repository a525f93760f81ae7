"""Progress of long work, on stderr and only where a person looks."""

from __future__ import annotations

import sys
import time

from clustergraph.snapshot import Progress


def progress(*, quiet: bool) -> Progress | None:
    """A function that draws a bar from (stage, done, total), or None where nobody looks.

    `total` is None where it is not known. A stage ends where the next begins; all of it does where
    `done` reaches `total`.
    """
    if quiet or not sys.stderr.isatty():
        return None
    # Only a build that takes long needs rich.
    from rich import console  # noqa: PLC0415
    from rich import progress as rich_progress  # noqa: PLC0415

    bars = rich_progress.Progress(
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(bar_width=24),
        rich_progress.TextColumn("{task.fields[amount]}"),
        rich_progress.TimeElapsedColumn(),
        rich_progress.TextColumn("{task.fields[left]}"),
        console=console.Console(stderr=True),
        transient=True,
    )
    stages: dict[str, tuple[rich_progress.TaskID, float]] = {}

    def advance(stage: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if stage not in stages:
            for task, _ in stages.values():
                bars.update(task, total=1, completed=1, left="")
            bars.start()
            stages[stage] = (bars.add_task(stage, total=total, amount="", left=""), now)
        task, begun = stages[stage]
        amount, left = in_words(done, total, now - begun)
        bars.update(task, completed=done, total=total, amount=amount, left=left)
        if total is not None and done >= total:
            bars.stop()

    return advance


def in_words(done: int, total: int | None, seconds: float) -> tuple[str, str]:
    """How much is done and how fast; and the time left, where it can be told.

    >>> in_words(50_000, 200_000, 2.0)
    ('50,000 of 200,000, 25,000/s', '0:06 left')
    >>> in_words(50_000, None, 2.0)
    ('50,000, 25,000/s', '')
    """
    rate = done / seconds if seconds > 0 and done else 0.0
    amount = (f"{done:,}" if done else "") + (f" of {total:,}" if done and total else "")
    amount += f", {rate:,.0f}/s" if rate else ""
    if not rate or total is None or total <= done:
        return amount, ""
    minutes, rest = divmod(round((total - done) / rate), 60)
    return amount, f"{minutes}:{rest:02} left"
