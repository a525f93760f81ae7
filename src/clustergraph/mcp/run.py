"""The server of a client: its requests by the official package, over standard input and output."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version

import mcp_types as types
from mcp import MCPError
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from clustergraph.errors import ClusterGraphError
from clustergraph.knowledge_graph import KnowledgeGraph
from clustergraph.mcp.asking import Asker
from clustergraph.mcp.resources import Resources
from clustergraph.mcp.tools import Tools, complaint
from clustergraph.server.state import Options

_Context = ServerRequestContext[None]

_INSTRUCTIONS = (
    "Facts of a knowledge graph, each with who says it. Use `search` to find things and their slugs, then "
    "the tool whose summary fits the question; `sparql` only where none does. Every answer has a citation: "
    "name the sources and locators that it gives when you state a number, and say so where sources disagree. "
    "`truncated` says that rows are left; ask on with `skip_rows`."
)


def run(graph: KnowledgeGraph, options: Options, tags: tuple[str, ...], language: str) -> None:
    """Serve until the client closes its end."""
    for problem in graph.catalogue.problems:
        print(f"warning: {problem}", file=sys.stderr)  # noqa: T201  # clients log it
    asyncio.run(_serve(graph, options, tags, language))


async def _serve(graph: KnowledgeGraph, options: Options, tags: tuple[str, ...], language: str) -> None:
    asker = Asker(graph, options)
    server = make_server(asker, Tools(asker, tags, language), Resources(asker, language), language)
    # A client that has waited long enough for the end says so by this signal. The thread that reads
    # standard input cannot be told, so that nothing else would end before the client closes it.
    with suppress(NotImplementedError):  # Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _leave, asker)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def _leave(asker: Asker) -> None:
    asker.abandon()
    os._exit(128 + signal.SIGTERM)


def make_server(asker: Asker, tools: Tools, resources: Resources, language: str) -> Server[None]:
    """The server that answers with these tools and resources; it opens the asker while it runs."""
    face = _Face(asker, tools, resources)
    settings = asker.settings
    about = settings.text(settings.description, language)

    @asynccontextmanager
    async def lifespan(_: Server[None]) -> AsyncIterator[None]:
        asker.open()
        try:
            yield None
        finally:
            await asker.close()

    return Server(
        "clustergraph",
        version=version("clustergraph"),
        title=settings.text(settings.title, language) or None,
        instructions=f"{about}\n\n{_INSTRUCTIONS}".strip(),
        lifespan=lifespan,
        on_list_tools=face.list_tools,
        on_call_tool=face.call_tool,
        on_list_resources=face.list_resources,
        on_list_resource_templates=face.list_templates,
        on_read_resource=face.read_resource,
    )


class _Face:
    """What the protocol asks, in its words."""

    def __init__(self, asker: Asker, tools: Tools, resources: Resources) -> None:
        self._asker = asker
        self._tools = tools
        self._resources = resources

    async def list_tools(self, _: _Context, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        hints = types.ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        )
        return types.ListToolsResult(
            tools=[
                types.Tool(
                    name=tool.name,
                    title=tool.title,
                    description=tool.description,
                    input_schema=tool.schema,
                    output_schema={"type": "object", "required": ["citation"]},
                    annotations=hints,
                )
                for tool in self._tools.all
            ]
        )

    async def call_tool(self, _: _Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            said = await self._tools.call(params.name, params.arguments or {})
        except ClusterGraphError as error:
            # In the result, where the model sees it and can do better.
            return types.CallToolResult(content=[types.TextContent(text=complaint(error))], is_error=True)
        return types.CallToolResult(content=[types.TextContent(text=said.text)], structured_content=said.data)

    async def list_resources(
        self, _: _Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        found, following = await self._resources.page(params.cursor if params else None)
        listed = [
            types.Resource(
                uri=one.iri,
                name=one.name,
                title=one.title,
                description=one.description or None,
                mime_type=one.media,
            )
            for one in found
        ]
        return types.ListResourcesResult(resources=listed, next_cursor=following)

    async def list_templates(
        self, _: _Context, __: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        templates = [
            types.ResourceTemplate(
                uri_template=one.form, name=one.name, description=one.description, mime_type="text/turtle"
            )
            for one in await self._resources.templates()
        ]
        return types.ListResourceTemplatesResult(resource_templates=templates)

    async def read_resource(
        self, _: _Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        found = await self._resources.read(params.uri)
        if found is None:
            near = await self._resources.near(params.uri)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise MCPError(types.INVALID_PARAMS, f"the graph says nothing of {params.uri}{hint}")
        media, text = found
        contents = types.TextResourceContents(uri=params.uri, mime_type=media, text=text)
        return types.ReadResourceResult(contents=[contents])
