"""`export` and `release`: the graph for other people's graphs and tools."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from clustergraph.cli.completing import profile_names
from clustergraph.cli.options import NEGATIVE, Entailment
from clustergraph.cli.output import write_bytes
from clustergraph.cli.state import State, state
from clustergraph.errors import UsageError

if TYPE_CHECKING:
    from clustergraph.export import Profile

_STANDARD = "-"


def export(
    context: typer.Context,
    profile: Annotated[
        str | None, typer.Argument(metavar="PROFILE", help="See --list.", autocompletion=profile_names)
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="The file or folder to write; - is standard output."
        ),
    ] = None,
    graph: Annotated[
        str | None, typer.Option("--graph", metavar="G", help="Only this named graph: its name or IRI.")
    ] = None,
    about: Annotated[
        str | None,
        typer.Option("--about", metavar="IRI", help="Only this thing, with its statements and sources."),
    ] = None,
    entailment: Annotated[
        Entailment, typer.Option("--entailment", help="What is asserted, or its closure.")
    ] = Entailment.NONE,
    strict: Annotated[
        bool, typer.Option("--strict", help="Write nothing and exit 1 where something would be lost.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List the profiles.")] = False,
    format: Annotated[str, typer.Option("--format", metavar="table|json", help="Of the list.")] = "table",
) -> None:
    """Write the graph in another syntax, vocabulary, or for a tool.

    What a lossy export cannot carry is in `loss.json` in its folder, or in FILE.loss.json.
    """
    now = state(context)
    if list_:
        _list(now, format)
        return
    if profile is None or output is None:
        raise UsageError("expected a profile and -o PATH; `clustergraph export --list` names the profiles")
    if output == _STANDARD and not _profile(now, profile).ending:
        raise UsageError(f"{profile} is a folder of files; give -o PATH")
    with _place(output) as place:
        done = now.graph.export(
            profile,
            place,
            graph=graph,
            about=about,
            entailment=entailment.value,
            strict=strict,
            force=force,
        )
        for line in done.loss.summary():
            now.note(line)
        if done.path is None:
            print(f"{profile}: not written, because something would be lost", file=sys.stderr)  # noqa: T201
            raise typer.Exit(NEGATIVE)
        if place == output:
            now.note(f"wrote {done.path}")
        else:
            with done.path.open("rb") as made:
                while piece := made.read(1 << 20):
                    write_bytes(piece, None)


@contextmanager
def _place(output: str) -> Iterator[str]:
    """The path to write to; for `-`, standard output, one that is gone afterwards: an export is read back."""
    if output != _STANDARD:
        yield output
        return
    with TemporaryDirectory(prefix="clustergraph-") as folder:
        yield f"{folder}/export"


def release(
    context: typer.Context,
    output: Annotated[str, typer.Option("--output", "-o", metavar="DIR", help="The folder to write.")],
    since: Annotated[
        str | None, typer.Option("--since", metavar="DIR", help="The release before, to say what changed.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
) -> None:
    """Write all exports to a folder, to be published.

    With them go checksums, counts, versions, licence and the list of IRIs.
    """
    now = state(context)
    if output == _STANDARD:
        raise UsageError("a release is a folder of files; give -o DIR")
    done = now.graph.release(output, since=since, force=force)
    for one in done.exports:
        now.note(one.loss.summary()[0])
    for name, reason in done.skipped:
        now.note(f"skipped {name}: {reason}")
    now.note(f"wrote {done.path}")


def _profile(now: State, name: str) -> Profile:
    from clustergraph.export import profile  # noqa: PLC0415  # few commands need it

    return profile(name, now.graph.folder.root, now.graph.settings)


def _list(now: State, format: str) -> None:
    from clustergraph.export import problems, profiles  # noqa: PLC0415  # few commands need it

    if format not in {"table", "json"}:
        raise UsageError(f"--format {format}: expected table or json")
    # The list needs no graph, only the folder that the graph is in.
    known = profiles(now.graph.folder.root, now.graph.settings)
    for broken in problems(now.graph.folder.root, now.graph.settings).values():
        now.note(f"warning: {broken}")
    if format == "json":
        described = {"profiles": [one.describe() for one in known.values()]}
        write_bytes(json.dumps(described, ensure_ascii=False, indent=2).encode() + b"\n", None)
        return
    language = now.graph.settings.languages[0]
    width = max(map(len, known))
    for name, one in known.items():
        print(f"{name:<{width}}  {one.title(language)}")  # noqa: T201  # the answer
