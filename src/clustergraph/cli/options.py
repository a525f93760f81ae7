"""Options that several commands take, and the exit code that they share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

# Does not conform, does not follow, breaks its contract: an answer, where 2 is that there is none.
NEGATIVE = 1

Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")]


class Entailment(StrEnum):
    """Which triples a command sees: the asserted ones, or their closure by OWL 2 RL."""

    NONE = "none"
    OWL2RL = "owl2rl"
