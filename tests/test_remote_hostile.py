"""A service that fails while it is asked: what is said of it, and what is left there."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import engines
from clustergraph.cli.app import run
from clustergraph.folder import Edition, open_folder
from clustergraph.store import RemoteStore
from clustergraph.store.remote import SCRATCH
from conftest import CONTRIBUTED
from hostile import FAULTS, Fault, Hostile, hostile, until
from serving import listening

PREFIXES = "@prefix water: <https://lake.example/terms/> . @prefix lake: <https://lake.example/id/lake/> . "
ASHI = ("lake:ashi", "water:liesIn", "place:kanto")
TRIPLE = dict(zip(("subject", "predicate", "object"), ASHI, strict=True))
TURTLE = {"Content-Type": "text/turtle"}
INFERRED = "<https://lake.example/graph/inferred>"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(CONTRIBUTED, tmp_path_factory.mktemp("graph") / "lakes"))


@pytest.fixture(scope="module")
def running(own_cache: None, root: Path) -> Iterator[Hostile]:
    """A proxy before an Oxigraph server that holds the folder's graph."""
    with engines.oxigraph() as real:
        real.load(Edition.of(open_folder(root).files()).store.dump())
        with hostile(real.service) as made:
            yield made


@pytest.fixture
def service(running: Hostile) -> Hostile:
    """The same, answering well, without what a test before has left."""
    running.behave()
    store = RemoteStore.at(running.real)
    for graph in scratch_graphs(running):
        store.update(f"CLEAR GRAPH <{graph}>")
    store.close()
    return running


@pytest.fixture
def addition(tmp_path: Path) -> Path:
    path = tmp_path / "new.ttl"
    path.write_text(PREFIXES + "lake:biwa a water:Lake .", encoding="utf-8")
    return path


def options(service: Hostile, root: Path) -> list[str]:
    there = service.service
    addresses = ["--endpoint", there.endpoint, "--update-endpoint", str(there.update_endpoint)]
    return ["--root", str(root), *addresses]


def scratch_graphs(service: Hostile) -> list[str]:
    query = f"SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), '{SCRATCH}')) }}"
    given, accept = {"query": query}, {"Accept": "text/csv"}
    answer = service.client.post(service.real.endpoint, data=given, headers=accept)
    return answer.text.split()[1:]


# The command line


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_line_that_names_the_endpoint_and_what_was_expected(
    service: Hostile, root: Path, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    service.fail(FAULTS[fault])
    assert run([*options(service, root), "query", "lakes"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {service.service.endpoint}: ")
    assert "; expected " in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [["search", "ashi"], ["explain", *ASHI], ["validate"], ["validate", "NEW"], ["diff", "NEW"], ["infer"],
     ["entails", "--conclusion", "NEW"], ["export", "nquads", "-o", "OUT"], ["serve", "--port", "0"]],
    ids=lambda words: " ".join(words[:2]),
)  # fmt: skip
def test_each_command_says_so(
    service: Hostile, root: Path, addition: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    command: list[str],
) -> None:  # fmt: skip
    service.fail(FAULTS["another"], requests=0 if command[0] == "serve" else 1)
    names = {"NEW": str(addition), "OUT": str(tmp_path / "out.nq")}
    assert run([*options(service, root), *(names.get(word, word) for word in command)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {service.service.endpoint.rpartition('/')[0]}")
    assert "; expected " in said
    assert said.count("\n") == 1


def test_a_slow_service_is_named_with_the_time_that_it_had(
    service: Hostile, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    service.fail(Fault(wait=2))
    assert run([*options(service, root), "--endpoint-timeout", "0.2", "query", "lakes"]) == 2
    endpoint = service.service.endpoint
    assert f"{endpoint}: no whole answer within 0.2 s; expected one in time" in capsys.readouterr().err
    assert run([*options(service, root), "query", "lakes", "--timeout", "0.2"]) == 2
    said = f"no answer within 0.2 s; the query was stopped; expected one of {endpoint} by then"
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("carried_out", [True, False])
def test_an_update_whose_answer_was_lost_may_have_been_made(
    service: Hostile, root: Path, capsys: pytest.CaptureFixture[str], *, carried_out: bool
) -> None:
    """The last update of `infer --keep`, which puts the closure in its place; then the service is down."""
    assert run([*options(service, root), "infer", "--keep"]) == 0
    number = next(n for n, update in enumerate(service.updates, 1) if f"TO {INFERRED}" in update)
    capsys.readouterr()
    service.fail(Fault(raw=b"", carried_out=carried_out), updates=number)
    assert run([*options(service, root), "infer", "--keep"]) == 2
    said = capsys.readouterr().err
    assert f"error: {service.service.update_endpoint}: the connection was lost" in said
    assert f"while the graph {INFERRED} was replaced" in said
    assert "the update may or may not have been made" in said
    assert f"scratch graphs may be left there: <{SCRATCH}" in said


def test_a_search_of_more_than_is_indexed_is_refused(
    service: Hostile, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clustergraph.search.build._MOST", 5)
    monkeypatch.setattr("clustergraph.behind.MAX_AGE", 0.0)
    monkeypatch.setattr("clustergraph.behind._MOST", 5)
    monkeypatch.setattr("clustergraph.search.index._fresh", lambda *_: None)
    assert run([*options(service, root), "search", "ashi"]) == 2
    said = capsys.readouterr().err
    assert f"error: {service.service.endpoint}: has " in said
    assert "rows to read for this; 5 are the most" in said


# `serve` in front of it


@pytest.fixture(scope="module")
def client(running: Hostile, root: Path) -> Iterator[httpx.Client]:
    running.behave()
    with (
        listening(root, behind=running.service, max_age=0) as address,
        httpx.Client(base_url=address, timeout=30) as opened,
    ):
        assert opened.get("/health").status_code == 200
        yield opened


def is_bad_gateway(answer: httpx.Response, service: Hostile) -> bool:
    found = answer.json()
    assert answer.status_code == 502, found
    assert found["endpoint"].startswith(service.service.endpoint.rpartition("/")[0])
    return found["endpoint"] in found["detail"] and "; expected " in found["detail"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_a_bad_gateway(service: Hostile, client: httpx.Client, fault: str) -> None:
    service.fail(FAULTS[fault])
    assert is_bad_gateway(client.get("/queries/lakes.json"), service)


def test_each_address_says_so(service: Hostile, client: httpx.Client) -> None:
    for path, given in (
        ("/sparql", {"query": "SELECT ?s { ?s ?p ?o }"}),
        ("/search", {"q": "ashi"}),
        ("/explain", TRIPLE),
        ("/exports/nquads", {}),
        ("/exports/nquads/loss", {}),
    ):
        service.fail(FAULTS["fails"], requests=0 if path == "/sparql" else 1)
        assert is_bad_gateway(client.get(path, params=given), service), path


def test_a_judgement_that_fails_says_so_and_leaves_nothing(service: Hostile, client: httpx.Client) -> None:
    for path in ("/validate", "/diff"):
        service.fail(FAULTS["fails"], updates=2)
        answer = client.post(path, content=b"<urn:a> a <urn:b> .", headers=TURTLE)
        assert is_bad_gateway(answer, service), path
    service.behave()
    assert until(lambda: not scratch_graphs(service))


def begin(service: Hostile, address: str) -> socket.socket:
    """A connection that has asked for a judgement, whose third update has no answer."""
    service.fail(Fault(wait=20), updates=3)
    head = "POST /validate HTTP/1.1\r\nHost: lake.example\r\nContent-Type: text/turtle\r\nContent-Length: "
    connection = socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2].strip("/"))))
    connection.sendall(f"{head}19\r\n\r\n<urn:a> a <urn:b> .".encode())
    assert until(lambda: len(service.updates) == 3)
    assert scratch_graphs(service)
    return connection


def test_scratch_graphs_go_when_the_client_leaves(service: Hostile, client: httpx.Client) -> None:
    begin(service, str(client.base_url)).close()
    service.behave()
    assert until(lambda: not scratch_graphs(service))
    assert client.get("/queries/lakes.json").status_code == 200


def test_scratch_graphs_go_when_the_time_is_over(service: Hostile, client: httpx.Client) -> None:
    service.fail(Fault(wait=20), updates=3)
    answer = client.post("/diff", params={"timeout": "2"}, content=b"<urn:a> a <urn:b> .", headers=TURTLE)
    assert answer.status_code == 503
    said = f"the task was stopped after 2 seconds; expected an answer of {service.service.endpoint} by then"
    assert answer.json()["detail"] == said
    service.behave()
    assert until(lambda: not scratch_graphs(service))


def test_scratch_graphs_go_when_the_server_ends(service: Hostile, root: Path) -> None:
    with listening(root, behind=service.service) as address:
        assert httpx.get(f"{address}/health", timeout=20).status_code == 200
        begin(service, address).close()
        service.behave()
    assert not scratch_graphs(service)
