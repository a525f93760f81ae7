"""What the options before the command say, and the graph that they name."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import typer

import clustergraph
from clustergraph.cli.progress import progress
from clustergraph.errors import UsageError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.settings import FILE_NAME
from clustergraph.snapshot import Progress
from clustergraph.store import Service
from clustergraph.store.transport import SECONDS
from clustergraph.terms import NamedNode

# Files beside data that nobody takes for data.
_ABOUT = frozenset({"CHANGELOG", "CITATION", "COPYING", "LICENCE", "LICENSE", "NOTICE", "README"})
# So many are named in one note.
_NAMED = 3


@dataclass
class State:
    """The global options; the graph is opened when a command first asks for it."""

    root: Path | None = None
    service: Service | None = None
    quiet: bool = False
    _said: bool = field(default=False, init=False)

    @cached_property
    def graph(self) -> KnowledgeGraph:
        """The graph that the options name; without any the one around the working folder, else ours."""
        return clustergraph.open(
            self.root or _surrounding_root(),
            endpoint=self.service,
            progress=self._told(progress(quiet=self.quiet)),
        )

    def _told(self, drawn: Progress | None) -> Progress:
        """The progress of long work, which begins with what of the folder is not read."""

        def advance(stage: str, done: int, total: int | None) -> None:
            self.note_ignored()
            if drawn is not None:
                drawn(stage, done, total)

        return advance

    def note(self, text: str) -> None:
        """Say something on stderr that is no part of the answer; nothing with --quiet."""
        if not self.quiet:
            print(text, file=sys.stderr)  # noqa: T201  # stderr is where notes go

    def note_ignored(self) -> None:
        """Say once which files look like data and are not read, by their endings."""
        if self._said or self.service is not None:
            return
        self._said = True
        ignored = [path for path in self.graph.folder.ignored() if not _is_about(path)]
        if ignored:
            names = ", ".join(
                path.relative_to(self.graph.folder.root).as_posix() for path in ignored[:_NAMED]
            )
            more = f" and {len(ignored) - _NAMED} more" if len(ignored) > _NAMED else ""
            self.note(f"not read, for the ending tells no RDF syntax: {names}{more}")

    def local_root(self) -> Path | None:
        """The folder; raises UsageError for a command that needs one and got an endpoint."""
        if self.service:
            raise UsageError("this command works on a folder; leave out --endpoint")
        return self.root


def _is_about(path: Path) -> bool:
    """Whether a file is words about data, by its name."""
    return path.suffix.lower() == ".md" or path.name.partition(".")[0].upper() in _ABOUT


def _surrounding_root() -> Path | None:
    """The nearest folder with settings, from the working folder upwards: who edits one means that one."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / FILE_NAME).is_file()), None)


def service_of(
    endpoint: str | None,
    update_endpoint: str | None,
    default_graph: str | None,
    credentials: Path | None,
    seconds: float | None,
) -> Service | None:
    """The service that the options before a command name; raises UsageError for the others without it."""
    if endpoint is None:
        given = {
            "--update-endpoint": update_endpoint,
            "--default-graph": default_graph,
            "--credentials": credentials,
            "--endpoint-timeout": seconds,
        }
        for name, said in given.items():
            if said is not None:
                raise UsageError(f"{name} is about a service; name it by --endpoint")
        return None
    try:
        graph = None if default_graph is None else NamedNode(default_graph)
    except ValueError as error:
        raise UsageError(f"--default-graph {default_graph}: expected an IRI") from error
    return Service(endpoint, update_endpoint, graph, credentials, seconds or SECONDS)


def state(context: typer.Context) -> State:
    """The state of the running command."""
    found = context.find_object(State)
    # Where a shell completes a word, the callback that sets it has not run; an endpoint is not asked then.
    return found or State(root=context.find_root().params.get("root"))
