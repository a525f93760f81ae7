"""The commands, and the one table from errors to exit codes."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import warnings
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from typer.core import TyperGroup

from clustergraph.cli import (
    CLOSED_PIPE,
    INTERRUPTED,
    contributing,
    conversing,
    exporting,
    judging,
    keeping,
    questions,
    reasons,
    searching,
    service,
    starting,
)
from clustergraph.cli.options import COULD_NOT_TELL, help_without_command
from clustergraph.cli.state import State, service_of
from clustergraph.errors import ClusterGraphError, UsageError

# Typer names only BadParameter; its base is the error of every misuse of the command line.
_UsageProblem: type[Exception] = typer.BadParameter.__mro__[1]


class Commands(TyperGroup):
    """The commands; groups stand where they belong, not behind all others."""

    def list_commands(self, context: typer.Context) -> list[str]:  # type: ignore[override]  # as in SavedQueries
        """The names, in the order of the help."""
        return sorted(super().list_commands(context), key=lambda name: name not in {"queries", "query"})


app = typer.Typer(
    help="Ask, validate, reason over and export a knowledge graph in a folder.",
    cls=Commands,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(questions.queries)
app.command()(questions.sparql)
app.command()(searching.search)
app.command()(judging.validate)
app.command()(contributing.diff)
app.command()(judging.infer)
app.command()(reasons.explain)
app.command()(reasons.entails)
app.command()(contributing.template)
app.command()(contributing.convert)
app.command()(exporting.export)
app.command()(exporting.release)
app.command(name="format")(keeping.format_files)
app.command(name="init")(starting.init)
app.command()(keeping.cache)
app.command()(service.serve)
app.command()(conversing.mcp)
app.add_typer(questions.query, name="query")


def _print_version(wanted: bool) -> None:  # typer's callback
    if wanted:
        # It takes longer to import than all else that most commands need.
        from importlib.metadata import version  # noqa: PLC0415

        print(f"clustergraph {version('clustergraph')}")  # noqa: T201  # the answer
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    root: Annotated[
        Path | None,
        typer.Option(
            "--root",
            metavar="DIR",
            help="The graph's folder; default: the one around you with a clustergraph.toml, else ours.",
        ),
    ] = None,
    endpoint: Annotated[
        str | None,
        typer.Option("--endpoint", metavar="URL", help="Ask this SPARQL service, not the folder's data."),
    ] = None,
    update_endpoint: Annotated[
        str | None,
        typer.Option("--update-endpoint", metavar="URL", help="Its update service, for infer and changes."),
    ] = None,
    default_graph: Annotated[
        str | None,
        typer.Option(
            "--default-graph", metavar="IRI", help="The graph there to ask in place of its default graph."
        ),
    ] = None,
    credentials: Annotated[
        Path | None,
        typer.Option(
            "--credentials", metavar="FILE", help="A netrc file; default: what the environment says."
        ),
    ] = None,
    endpoint_timeout: Annotated[
        float | None,
        typer.Option(
            "--endpoint-timeout",
            metavar="SECONDS",
            min=0.1,
            help="What the service may take for one answer; default: 60.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No notes and no progress on stderr.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options that stand before the command."""
    help_without_command(context)
    service = service_of(endpoint, update_endpoint, default_graph, credentials, endpoint_timeout)
    context.obj = State(root=root, service=service, quiet=quiet)


def main() -> None:
    """Run the command line and leave with its exit code."""
    # What a command reads stays to its end; to look through it for circles took a fifth of the time.
    gc.set_threshold(100_000)
    warnings.formatwarning = _one_line
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # nobody asked that it be ignored
        signal.signal(signal.SIGTERM, _leave)
    code = run(sys.argv[1:])
    if code == CLOSED_PIPE:
        # What Python still holds for the pipe would be an error once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _leave(number: int, frame: FrameType | None) -> None:
    """Leave by way of all that cleans up, such as folders that something was being written to."""
    raise SystemExit(128 + number)


def _one_line(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """The warning alone: the line of our code that raised it tells a user nothing."""
    return f"warning: {message}\n"


def run(arguments: list[str]) -> int:
    """The exit code of one command; every error becomes one line on stderr."""
    try:
        _check(arguments)
        code = app(arguments, prog_name="clustergraph", standalone_mode=False)
        if code == INTERRUPTED:  # Typer turns the interrupt into this
            raise KeyboardInterrupt
        sys.stdout.flush()
    except BrokenPipeError:
        return CLOSED_PIPE
    except (ClusterGraphError, _UsageProblem, OSError) as error:
        return _fail(_message(error))
    except (typer.Abort, KeyboardInterrupt):
        return _fail("interrupted", INTERRUPTED)
    except SystemExit as left:
        return _left(left.code)
    return code if isinstance(code, int) else 0


def _check(arguments: list[str]) -> None:
    """Raise UsageError where there is nowhere to answer to, or an argument is no text."""
    if sys.stdout is None or sys.stderr is None:
        raise UsageError("standard output is closed")
    for argument in arguments:
        # The system gives bytes that are no UTF-8 as lone surrogates.
        if not argument.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in argument):
            raise UsageError(f"{argument.encode(errors='backslashreplace').decode()}: expected UTF-8")


def _left(code: object) -> int:
    """The exit code where something left on the way."""
    if isinstance(code, int) and code > 128:
        return _fail("terminated", code)
    # Typer's own way out: with 0 once it has completed a word for the shell, otherwise when the reader
    # of a pipe has gone. That one had enough: no error, as `head` ends other tools.
    return 0 if code == 0 else CLOSED_PIPE


def _message(error: Exception) -> str:
    """One line about the error, for each of the kinds that `run` catches."""
    if isinstance(error, ClusterGraphError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'output'}: {error.strerror or error}"
    format_message = getattr(error, "format_message", None)
    return str(format_message() if format_message else error)


def _fail(message: str, code: int = COULD_NOT_TELL) -> int:
    if sys.stderr is None:
        return code
    with contextlib.suppress(BrokenPipeError):
        print(f"error: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201  # where errors go
    return code
