"""The command line: words in, answers and exit codes out."""

from __future__ import annotations

from clustergraph.cli.app import main

__all__ = ["main"]
