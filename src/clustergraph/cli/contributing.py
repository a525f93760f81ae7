"""`diff`, `template` and `convert`: what a change changes, and tables to make one with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from clustergraph.cli.completing import class_names
from clustergraph.cli.options import Output, unless_standard
from clustergraph.cli.output import write_bytes
from clustergraph.cli.state import state
from clustergraph.errors import FormatError


def diff(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH…] | REV1 REV2", help="Changed or new files; none: all of the graph."),
    ] = None,
    base: Annotated[
        str | None, typer.Option("--base", metavar="DIR|REV", help="What the change starts from.")
    ] = None,
    format: Annotated[
        str | None,
        typer.Option("--format", metavar="text|json|markdown", help="Default: text, or JSON in a pipe."),
    ] = None,
    lang: Annotated[
        str | None, typer.Option("--lang", metavar="en|ja", help="Language of the words.")
    ] = None,
    output: Output = None,
) -> None:
    """Say what a change adds and removes.

    That is triples, what follows from them, and answers of saved queries. Two git revisions in place of
    paths are compared with each other. Exit 0, whether they differ or not; 2 where it could not be told.
    """
    now = state(context)
    # The engines take longer to import than the other commands take to run.
    from clustergraph.contribution.difference import FORMATS, write_difference  # noqa: PLC0415

    chosen = format or ("text" if output is None and sys.stdout.isatty() else "json")
    if chosen not in FORMATS:
        raise FormatError(chosen, FORMATS, "a difference cannot be written as")
    difference = now.graph.diff(*(paths or ()), base=base)
    settings = now.graph.settings
    text = write_difference(difference, chosen, lang or settings.languages[0], settings.prefixes)
    write_bytes(text.encode(), output)


def template(
    context: typer.Context,
    cls: Annotated[
        str,
        typer.Argument(
            metavar="CLASS", help="An IRI, a prefixed or a local name.", autocompletion=class_names
        ),
    ],
    lang: Annotated[
        str | None, typer.Option("--lang", metavar="en|ja", help="Header in this language; default: names.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write the table here, and its description beside it.",
            callback=unless_standard,
        ),
    ] = None,
) -> None:
    """Make a CSV to fill in with things of a class.

    With -o its description is written too, which `convert` needs.
    """
    now = state(context)
    now.local_root()
    made = now.graph.template(cls)
    if output is None:
        write_bytes(made.to_csv(lang).encode(), None)
        now.note("give -o FILE.csv to write it with its description, which `convert` and `validate` need")
        return
    # The engine takes longer to import than the other commands take to run.
    from clustergraph.contribution.tables import description_path, write_description  # noqa: PLC0415

    described = write_description(made.description, output.name, now.graph.settings.prefixes)
    # A byte-order mark, by which spreadsheets know UTF-8.
    write_bytes(made.to_csv(lang).encode("utf-8-sig"), output)
    write_bytes(described.encode(), description_path(output))
    now.note(f"wrote {output} and {description_path(output)}")


def convert(
    context: typer.Context,
    table: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A filled table.")],
    output: Output = None,
) -> None:
    """Print the Turtle that a filled table means, in the one layout."""
    now = state(context)
    now.local_root()
    turtle = now.graph.convert(table).encode()
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)  # the first file of a source makes its graph
    if not turtle.strip():
        now.note(f"{table} has no row that is filled in")
    write_bytes(turtle, output)
