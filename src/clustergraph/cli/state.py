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
from clustergraph.store import Service
from clustergraph.terms import NamedNode


@dataclass
class State:
    """The global options; the graph is opened when a command first asks for it."""

    root: Path | None = None
    service: Service | None = None
    quiet: bool = False

    @cached_property
    def graph(self) -> KnowledgeGraph:
        """The graph that the options name; without any the one around the working folder, else ours."""
        return clustergraph.open(
            self.root or _surrounding_root(),
            endpoint=self.service,
            progress=progress(quiet=self.quiet),
        )

    def note(self, text: str) -> None:
        """Say something on stderr that is no part of the answer; nothing with --quiet."""
        if not self.quiet:
            print(text, file=sys.stderr)  # noqa: T201  # stderr is where notes go

    def local_root(self) -> Path | None:
        """The folder; raises UsageError for a command that needs one and got an endpoint."""
        if self.service:
            raise UsageError("this command works on a folder; leave out --endpoint")
        return self.root


def _surrounding_root() -> Path | None:
    """The nearest folder with settings, from the working folder upwards: who edits one means that one."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / FILE_NAME).is_file()), None)


def service_of(
    endpoint: str | None, update_endpoint: str | None, default_graph: str | None, credentials: Path | None
) -> Service | None:
    """The service that the options before a command name; raises UsageError for the others without it."""
    if endpoint is None:
        given = {
            "--update-endpoint": update_endpoint,
            "--default-graph": default_graph,
            "--credentials": credentials,
        }
        for name, text in given.items():
            if text is not None:
                raise UsageError(f"{name} is about a service; name it by --endpoint")
        return None
    try:
        graph = None if default_graph is None else NamedNode(default_graph)
    except ValueError as error:
        raise UsageError(f"--default-graph {default_graph}: expected an IRI") from error
    return Service(endpoint, update_endpoint, graph, credentials)


def state(context: typer.Context) -> State:
    """The state of the running command."""
    found = context.find_object(State)
    assert found is not None  # the callback before every command sets it
    return found
