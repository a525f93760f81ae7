"""Options that several commands take, and the exit codes that they share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

# Does not conform, does not follow, breaks its contract: an answer, where 2 is that there is none.
NEGATIVE = 1
# Bad input or usage: there is no answer.
COULD_NOT_TELL = 2


def unless_standard(output: Path | None) -> Path | None:
    """No file for `-`, as everywhere on a command line."""
    return None if output == Path("-") else output


Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", help="Write to this file; - is standard output.", callback=unless_standard
    ),
]


def help_without_command(context: typer.Context) -> None:
    """Show a group's help where no command was given, in lines: as an error it would be one."""
    if context.invoked_subcommand is None:
        print(context.get_help())  # noqa: T201  # help is the answer
        raise typer.Exit(COULD_NOT_TELL)


class Entailment(StrEnum):
    """Which triples a command sees: the asserted ones, or their closure by OWL 2 RL."""

    NONE = "none"
    OWL2RL = "owl2rl"
