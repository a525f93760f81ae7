"""The command line: words in, answers and exit codes out."""

from __future__ import annotations

import sys

# Ended by a signal, in the words of shells: 128 and its number.
INTERRUPTED = 130
CLOSED_PIPE = 141


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        # The imports take some tenths of a second, in which an interrupt is as likely as later.
        from clustergraph.cli.app import main as run_app  # noqa: PLC0415

        run_app()
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)  # noqa: T201  # where errors go
        sys.exit(INTERRUPTED)


__all__ = ["main"]
