"""`format` and `cache`: keeping files and snapshots in order."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from clustergraph.cli.options import NEGATIVE
from clustergraph.cli.state import state
from clustergraph.folder import format_file, turtle_files
from clustergraph.snapshot import clear_snapshots, snapshots


def format_files(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Turtle files, and folders of them.")],
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit 1 for a file that differs.")
    ] = False,
) -> None:
    """Write Turtle files in the one layout: sorted, one change a line."""
    now = state(context)
    files = turtle_files(paths)
    differing = [path for path in files if format_file(path, check=check)]
    for path in differing:
        now.note(f"{'would change' if check else 'changed'} {path}")
    now.note(f"{len(files)} files, {len(differing)} {'to change' if check else 'changed'}")
    if check and differing:
        raise typer.Exit(NEGATIVE)


def cache(
    context: typer.Context,
    clear: Annotated[
        bool,
        typer.Option(
            "--clear", help="Remove all snapshots that are not in use, kept reports, indexes of services."
        ),
    ] = False,
) -> None:
    """List the snapshots of graphs, with size and age, or clear them."""
    if clear:
        # The engines take longer to import than a snapshot takes to open.
        from clustergraph.contribution import clear_bases  # noqa: PLC0415
        from clustergraph.search import clear_indexes  # noqa: PLC0415

        removed = clear_snapshots()
        clear_bases()
        clear_indexes()
        state(context).note(f"removed {len(removed)} snapshot{'' if len(removed) == 1 else 's'}")
        return
    for one in snapshots():
        age = _duration(time.time() - one.used)
        condition = "" if one.sound else "  damaged"
        print(f"{one.version[:12]}  {one.size / 1e6:8.1f} MB  {age:>9}  {one.root}{condition}")  # noqa: T201


def _duration(seconds: float) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return "just now"
