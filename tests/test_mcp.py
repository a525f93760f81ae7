"""The face for language models, asked by the official package's own client over stdio."""

import asyncio
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

import clustergraph
import engines
from clustergraph import mcp as room
from clustergraph.cli.app import run
from clustergraph.errors import MissingLibraryError, UsageError
from conftest import ROOT, SERVED

pytest.importorskip("mcp", reason="the extra `mcp` is not installed")

from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client

from clustergraph.mcp.asking import Asker
from clustergraph.mcp.tools import Tools
from clustergraph.server import Options

BASE = "https://w3id.org/clustergraph/"
Result = TypeVar("Result")


class Session:
    """A client in a thread of its own, so that tests need not be coroutines."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()))

    def open(self) -> None:
        self._thread.start()
        assert self._ready.wait(60)
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def do(self, action: Callable[[Client], Awaitable[Result]]) -> Result:
        async def acted() -> Result:
            return await action(self._client)

        return asyncio.run_coroutine_threadsafe(acted(), self._loop).result(60)

    def call(self, name: str, **arguments: object) -> Any:
        return self.do(lambda client: client.call_tool(name, arguments))

    async def _main(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        command = ["-m", "clustergraph", *self._arguments, "mcp"]
        server = StdioServerParameters(command=sys.executable, args=command, env=dict(os.environ))
        try:
            async with Client(stdio_client(server)) as self._client:
                self._ready.set()
                await self._over.wait()
        except BaseException as error:
            self._failure = error
            raise
        finally:
            self._ready.set()


@pytest.fixture(scope="module")
def session(own_cache: None) -> Iterator[Session]:
    """A client of `clustergraph mcp` on our own graph."""
    found = Session("--root", str(ROOT))
    found.open()
    yield found
    found.close()


def refusal(session: Session, name: str, **arguments: object) -> str:
    result = session.call(name, **arguments)
    assert result.is_error
    (content,) = result.content
    assert "Traceback" not in content.text
    return str(content.text)


def test_every_saved_query_is_a_tool_with_its_typed_parameters(session: Session) -> None:
    tools = {tool.name: tool for tool in session.do(lambda client: client.list_tools()).tools}
    catalogue = clustergraph.open(ROOT).catalogue
    assert set(catalogue) | {"search", "explain", "sparql"} == set(tools)
    tool = tools["program-areas"]
    assert tool.input_schema["required"] == ["program"]
    program = tool.input_schema["properties"]["program"]
    assert program["type"] == "string"
    assert "an instance of FundingProgram" in program["description"]
    assert program["examples"]
    assert tool.input_schema["properties"]["lang"]["enum"] == ["en", "ja"]
    assert tool.annotations is not None
    assert tool.annotations.read_only_hint
    assert all(one.description and one.title for one in tools.values())


def test_rows_come_as_data_and_text_with_who_claims_them(session: Session) -> None:
    result = session.call("yearly-funding", program="kci-second-stage", max_rows=3)
    assert not result.is_error
    found = result.structured_content
    assert (len(found["rows"]), found["truncated"], found["next"]) == (3, True, 3)
    assert isinstance(found["rows"][0]["low"], int)
    cited = found["citation"]
    assert cited["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert len(cited["dataVersion"]) == 64
    assert cited["identity"].startswith(
        f"{BASE}queries/yearly-funding?program=kci-second-stage&lang=en&version="
    )
    (ciferri,) = [
        one for one in cited["sources"] if one["source"] == f"{BASE}id/source/ciferri-japan-clusters"
    ]
    assert ciferri["title"] == "Knowledge Clusters in Japan: slides by Ludovico Ciferri"
    (claim,) = ciferri["claims"]
    assert claim["locator"].startswith("l. 158")
    assert claim["printed"] == "About 500 million to 1 billion yen"
    (content,) = result.content
    assert ciferri["title"] in content.text
    assert "skip_rows=3" in content.text


def test_pages_follow_each_other(session: Session) -> None:
    whole = session.call("funding-programs").structured_content
    assert not whole["truncated"]
    rows, skip = [], 0
    while skip is not None:
        part = session.call("funding-programs", max_rows=7, skip_rows=skip).structured_content
        assert part["total"] == whole["total"]
        rows += part["rows"]
        skip = part["next"]
    assert rows == whole["rows"]


def test_arguments_may_be_names_numbers_and_lists(session: Session) -> None:
    by_slug = session.call("area-participations", area="hamamatsu").structured_content
    by_label = session.call("area-participations", area="浜松").structured_content
    assert by_slug["rows"] == by_label["rows"] != []


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("program-areas", {"program": "kcii"}, "did you mean kci"),
        ("program-areas", {}, "'program': expected"),
        ("program-areas", {"programm": "kci"}, "did you mean program?"),
        ("program-areas", {"program": {"a": 1}}, "expected a text, a number, or a list"),
        ("program-areas", {"program": "kci", "max_rows": 0}, "a whole number from 1 to 1,000"),
        ("program-aeras", {}, "did you mean program-areas"),
        ("sparql", {"query": "SELEC"}, "line 1, column 1"),
        ("sparql", {"query": "SELECT * { ?s cg:value ] }"}, "line 1, column 24"),
        ("sparql", {"query": "DELETE WHERE { ?s ?p ?o }"}, "DELETE"),
        ("sparql", {"query": "ASK { SERVICE <http://example.com/> { ?s ?p ?o } }"}, "SERVICE"),
        (
            "sparql",
            {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "timeout": 0.3},
            "stopped after 0.3",
        ),
        ("sparql", {"query": "ASK {}", "entailment": "rdfs"}, "owl2rl or none"),
        ("search", {"text": "x" * 201}, "at most 200 letters"),
        ("search", {"text": "x", "kind": "FundingProgramm"}, "did you mean"),
        ("explain", {"subject": "area:", "predicate": "a", "object": "("}, "expected"),
    ],
)
def test_what_is_wrong_is_said_to_the_model(
    session: Session, name: str, arguments: dict[str, Any], expected: str
) -> None:
    assert expected in refusal(session, name, **arguments)


def test_free_questions_have_the_prefixes_of_the_graph(session: Session) -> None:
    query = "SELECT ?s ?v { ?s cg:value ?v } ORDER BY ?s"
    found = session.call("sparql", query=query, max_rows=2).structured_content
    assert found["columns"] == ["s", "v"]
    assert found["total"] > 50
    assert found["truncated"]
    following = session.call("sparql", query=query, max_rows=2, skip_rows=2).structured_content
    assert following["rows"] != found["rows"]
    assert found["citation"]["sources"][0]["claims"][0]["locator"]
    assert session.call("sparql", query="ASK { ?s ?p ?o }").structured_content["answer"] is True
    turtle = session.call("sparql", query="CONSTRUCT WHERE { program:kci ?p ?o }").structured_content[
        "turtle"
    ]
    assert "program:kci" in turtle


def test_search_gives_what_other_tools_take(session: Session) -> None:
    found = session.call("search", text="Hamamtsu", kind="cluster area").structured_content
    assert found["hits"][0]["iri"] == f"{BASE}id/area/hamamatsu"
    assert "did you mean" in session.call("search", text="kyoto university").content[0].text


def test_a_triple_is_explained_or_what_it_lacks(session: Session) -> None:
    triple = {"subject": "area:takamatsu", "predicate": "cg:supportedBy", "object": "organization:mext"}
    result = session.call("explain", **triple)
    assert result.structured_content["entailed"] is True
    assert result.structured_content["explanation"]["rule"] == "prp-spo2"
    assert "participations.ttl:" in result.content[0].text
    other = session.call("explain", **(triple | {"object": "organization:jst"})).structured_content
    assert other["entailed"] is False


def test_things_and_terms_are_resources(session: Session) -> None:
    listed = session.do(lambda client: client.list_resources())
    assert listed.next_cursor is not None
    terms = {one.uri: one for one in listed.resources}
    program = terms[f"{BASE}ont#ClusterArea"]
    assert (program.name, program.title) == ("cg:ClusterArea", "cluster area")
    assert program.description
    templates = session.do(lambda client: client.list_resource_templates()).resource_templates
    forms = [one.uri_template for one in templates]
    assert forms[0] == BASE + "id/{kind}/{slug}"
    assert BASE + "ont#{term}" in forms
    (read,) = session.do(lambda client: client.read_resource(f"{BASE}id/area/hamamatsu")).contents
    assert read.mime_type == "text/turtle"
    assert "浜松" in getattr(read, "text", "")
    (catalogue,) = session.do(lambda client: client.read_resource(f"{BASE}queries")).contents
    assert json.loads(getattr(catalogue, "text", ""))["queries"]


@pytest.mark.parametrize(
    "iri", [f"{BASE}id/area/hamamatsuu", "no iri", "file:///etc/passwd", f"{BASE}id/../x"]
)
def test_what_is_not_there_is_said(session: Session, iri: str) -> None:
    with pytest.raises(MCPError, match="the graph says nothing of"):
        session.do(lambda client: client.read_resource(iri))


def test_tools_come_of_whatever_folder(own_cache: None) -> None:
    graph = clustergraph.open(SERVED)
    tools = Tools(Asker(graph, Options()), (), "en")
    assert {tool.name for tool in tools.all} == {"search", "explain", "sparql", *graph.catalogue}
    with pytest.raises(UsageError, match="no saved query has the tag nothing"):
        Tools(Asker(graph, Options()), ("nothing",), "en")


def test_a_service_has_the_same_tools_and_no_version_to_cite(
    own_cache: None, oxigraph: engines.Server
) -> None:
    oxigraph.load(clustergraph.open(SERVED).snapshot.entailed.dump())
    session = Session("--root", str(SERVED), "--endpoint", oxigraph.service.endpoint)
    session.open()
    try:
        found = session.call("search", text="old pine").structured_content
        assert found["hits"][0]["iri"] == "https://park.example/tree/old-pine"
        triple = {"subject": "tree:old-pine", "predicate": "a", "object": "park:Tree"}
        assert session.call("explain", **triple).structured_content["entailed"] is True
        cited = session.call("trees").structured_content["citation"]
        assert not {"dataVersion", "identity"} & set(cited)
    finally:
        session.close()


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "clustergraph.mcp.run", raising=False)
    monkeypatch.delattr(room, "run", raising=False)
    monkeypatch.setitem(sys.modules, "mcp_types", None)
    with pytest.raises(MissingLibraryError, match=r"clustergraph\[mcp\]"):
        room.serve(clustergraph.open(SERVED))


def test_help_shows_how_a_client_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["mcp", "--help"]) == 0
    assert '\n    "mcpServers": {\n' in capfd.readouterr().out
