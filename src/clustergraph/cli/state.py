"""What the options before the command say, and the graph that they name."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import typer

import clustergraph
from clustergraph.cli.progress import progress
from clustergraph.errors import UsageError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.settings import FILE_NAME


@dataclass
class State:
    """The global options; the graph is opened when a command first asks for it."""

    root: Path | None = None
    endpoint: str | None = None
    update_endpoint: str | None = None
    quiet: bool = False

    @cached_property
    def graph(self) -> KnowledgeGraph:
        """The graph that the options name; without any the one around the working folder, else ours."""
        return clustergraph.open(
            self.root or (None if self.endpoint else _surrounding_root()),
            endpoint=self.endpoint,
            update_endpoint=self.update_endpoint,
            progress=progress(quiet=self.quiet),
        )

    def note(self, text: str) -> None:
        """Say something on stderr that is no part of the answer; nothing with --quiet."""
        if not self.quiet:
            print(text, file=sys.stderr)  # noqa: T201  # stderr is where notes go

    def local_root(self) -> Path | None:
        """The folder; raises UsageError for a command that needs one and got an endpoint."""
        if self.endpoint:
            raise UsageError("this command works on a folder; leave out --endpoint")
        return self.root


def _surrounding_root() -> Path | None:
    """The nearest folder with settings, from the working folder upwards: who edits one means that one."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / FILE_NAME).is_file()), None)


def state(context: typer.Context) -> State:
    """The state of the running command."""
    found = context.find_object(State)
    assert found is not None  # the callback before every command sets it
    return found
