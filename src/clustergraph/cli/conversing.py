"""`mcp`: the graph for language-model clients."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from clustergraph.cli.state import state


def mcp(
    context: typer.Context,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="T", help="Only saved queries with this tag; may be repeated."),
    ] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="Language of descriptions and labels.")] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, help="Seconds that a question may take.")
    ] = 30.0,
    memory: Annotated[
        int,
        typer.Option(
            "--memory", min=0, help="MB that a worker may take beside the graph itself; 0: no limit."
        ),
    ] = 1024,
) -> None:
    """Serve the saved queries to language-model clients (MCP).

    They talk over standard input and output. Each saved query is a tool with its typed parameters, beside
    search, explain and read-only SPARQL; every answer says which sources it rests on. A client starts this
    command itself. In the file where it keeps its servers (often called mcp.json) that is:

    \b
    {
      "mcpServers": {
        "clustergraph": {
          "command": "clustergraph",
          "args": ["mcp"]
        }
      }
    }

    Another graph: "args": ["--root", "/path/to/folder", "mcp"]. It needs the extra `mcp`:
    pip install 'clustergraph[mcp]'.
    """  # noqa: D301  # the mark by which the lines below it stay as they are
    # The server takes longer to import than the other commands take to run.
    from clustergraph import mcp as room  # noqa: PLC0415
    from clustergraph.server import Options  # noqa: PLC0415
    from clustergraph.workers.pool import Limits  # noqa: PLC0415

    limits = replace(Limits(workers=2, seconds=timeout), memory=memory << 20, share=2)
    room.serve(state(context).graph, options=Options(limits=limits), tags=tag or (), language=lang)
