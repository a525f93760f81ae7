"""`init`: a small working graph in a new folder."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from clustergraph.cli.state import state


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or an empty one.")],
    base: Annotated[
        str | None,
        typer.Option(
            "--base", metavar="IRI", help="Where its IRIs begin; default: https://example.org/ and its name."
        ),
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="What it is called.")] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(
            "--language",
            metavar="TAG",
            help="A language of its texts, such as en; once for each, the main one first. Default: en, ja. "
            "The example is written in these two: other languages stand behind en, to be translated into.",
        ),
    ] = None,
) -> None:
    """Make a small working graph in a new folder.

    It has settings, ontology, data, shape, queries, export, tests and checks. It is about the lakes of an
    invented island, in English and Japanese, passes its own checks, and can be served at once. A folder
    that holds anything is refused.
    """
    # No other command needs it.
    from clustergraph.starter import Starter, write_starter  # noqa: PLC0415

    names = write_starter(folder, Starter(base, title, tuple(language or ())))
    now = state(context)
    named = shlex.quote(str(folder))
    now.note(f"wrote {len(names)} files to {folder}; serve it: clustergraph --root {named} serve")
