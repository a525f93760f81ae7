"""`serve` as a process: where it listens, how it ends, how it takes in changed data."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import clustergraph
from clustergraph.errors import UsageError
from clustergraph.server import Options, create_app, run, serve, state
from clustergraph.server.http.journal import Journal
from clustergraph.server.service import Service
from clustergraph.workers.pool import Limits

SERVED = Path(__file__).parent / "served"
SCRIPT = """
import sys
import clustergraph
from clustergraph.server import Options, serve
serve(clustergraph.open(sys.argv[1]), port=0, options=Options(base=sys.argv[2]))
"""
PRODUCT = " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(5))
SLOW = f"SELECT (COUNT(*) AS ?n) {{ {{ SELECT ?a0 {{ {PRODUCT} }} LIMIT 2000000 }} }}"


@contextmanager
def running(root: Path, cache: Path, prefix: str = "") -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-c", SCRIPT, str(root), prefix]
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    try:
        said = process.stderr.readline()
        assert said.startswith("clustergraph is at http://127.0.0.1:"), said + process.stderr.read()
        yield process, said.split()[3]
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def children_of(process: subprocess.Popen[str]) -> list[int]:
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def nursery_of(process: subprocess.Popen[str]) -> int:
    (child,) = children_of(process)
    return child


def test_sigterm_answers_what_is_under_way_and_leaves_nothing(tmp_path: Path) -> None:
    with running(SERVED, tmp_path) as (process, address):
        answers: list[httpx.Response] = []

        def ask() -> None:
            answers.append(httpx.get(address + "sparql", params={"query": SLOW, "timeout": "20"}, timeout=30))

        asking = threading.Thread(target=ask)
        asking.start()
        with httpx.Client() as watch:
            until(lambda: watch.get(address + "health").json()["busy"] == 1)
        nursery = nursery_of(process) if sys.platform == "linux" else 0
        process.terminate()
        asking.join()
        assert process.wait(10) == 0
        assert answers[0].status_code == 200
        assert not nursery or not Path(f"/proc/{nursery}").exists()
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_sighup_takes_in_changed_data_without_dropping_a_request(tmp_path: Path) -> None:
    root = shutil.copytree(SERVED, tmp_path / "folder")
    with running(root, tmp_path / "cache") as (process, address):
        before = httpx.get(address + "health").json()["version"]
        count = {"query": "SELECT (COUNT(*) AS ?n) { ?s <urn:new> ?o }"}
        headers = {"Accept": "text/csv"}
        assert httpx.get(address + "sparql", params=count, headers=headers).text.split() == ["n", "0"]
        (root / "data" / "survey" / "more.nt").write_text("<urn:s> <urn:new> <urn:o> .\n")
        process.send_signal(signal.SIGHUP)
        seen = {before}
        end = time.monotonic() + 10
        while seen == {before} and time.monotonic() < end:
            answer = httpx.get(address + "sparql", params=count, headers=headers)
            assert answer.status_code == 200
            seen.add(httpx.get(address + "health").json()["version"])
        assert len(seen) == 2
        assert httpx.get(address + "sparql", params=count, headers=headers).text.split() == ["n", "1"]
        (root / "data" / "survey" / "more.nt").write_text("<urn:s> <urn:new> .\n")
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        assert process.stderr.readline().startswith("reloaded: version")
        assert "not reloaded" in process.stderr.read(20)
        assert httpx.get(address + "health").status_code == 200


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_killed_server_takes_its_workers_with_it(tmp_path: Path) -> None:
    with running(SERVED, tmp_path) as (process, _):
        nursery = nursery_of(process)
        process.kill()
        until(lambda: not Path(f"/proc/{nursery}").exists())


def test_behind_a_path_prefix_all_links_are_right(tmp_path: Path) -> None:
    with running(SERVED, tmp_path, "/graph") as (_, address):
        assert address.endswith("/graph/")
        assert httpx.get(address + "queries").json()["queries"][0]["href"].startswith(address)
        assert f"<{address}sparql>" in httpx.get(address + "sparql").text
        assert f'href="{address}docs"' in httpx.get(address).text
        # A proxy that strips the prefix.
        assert f"<{address}sparql>" in httpx.get(address.replace("/graph/", "/sparql")).text


def test_behind_a_proxy_links_name_its_address(tmp_path: Path) -> None:
    public = "https://data.example/graph/"
    app = create_app(clustergraph.open(SERVED), Options(base=public, limits=Limits(workers=1)))

    async def ask() -> list[str]:
        transport = httpx.ASGITransport(app)
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as client:
            paths = ("graph/queries", "queries", "queries/trees")
            answers = [await client.get("http://127.0.0.1:8000/" + path) for path in paths]
        return [answers[0].text, answers[1].text, answers[2].headers["link"]]

    for said in asyncio.run(ask()):
        assert f"{public}queries/trees" in said


def test_an_export_whose_library_is_missing_is_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with running(SERVED, tmp_path / "cache") as (_, address):

        def page() -> str:
            return httpx.get(address + "exports", headers={"Accept": "text/html"}).text

        assert "being counted" in page()
        until(lambda: "this needs pyarrow" in page(), 30)
        assert '/exports/parquet"' not in page()


@pytest.mark.parametrize(
    "base",
    [
        "notaurl",
        "ftp://a.example/",
        "https://",
        "//a.example/",
        "/graph?x",
        "https://a.example/#b",
        "http://[",
    ],
)
def test_a_base_that_links_cannot_begin_with_is_refused(base: str) -> None:
    with pytest.raises(UsageError, match="--base"):
        serve(clustergraph.open(SERVED), port=0, options=Options(base=base))


def test_a_base_without_its_slash_leads_to_the_home_page() -> None:
    app = create_app(clustergraph.open(SERVED), Options(base="/jp/clusters", limits=Limits(workers=1)))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as client:
            return await client.get("http://127.0.0.1:8000/jp/clusters?lang=ja")

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.headers["location"]) == (308, "/jp/clusters/?lang=ja")


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} is in use"):
            serve(clustergraph.open(SERVED), port=port)
    with pytest.raises(UsageError, match=r"cannot listen on no-such-host\.invalid"):
        serve(clustergraph.open(SERVED), host="no-such-host.invalid")


def said(process: subprocess.Popen[str], beginning: str) -> str:
    """The next line of the server's log that begins so."""
    assert process.stderr is not None
    for line in process.stderr:
        assert "Traceback" not in line
        if line.startswith(beginning):
            return line
    raise AssertionError(f"the log ended without {beginning!r}")


def test_a_state_keeps_its_queries_whatever_becomes_of_the_folder(tmp_path: Path) -> None:
    root = shutil.copytree(SERVED, tmp_path / "folder")
    with running(root, tmp_path / "cache") as (process, address):
        (root / "queries" / "broken.rq").write_text("#+ summary: Broken\nSELECT {")
        (root / "data" / "survey" / "more.nt").write_text("<urn:s> <urn:new> <urn:o> .\n")
        process.send_signal(signal.SIGHUP)
        said(process, "reloaded: version")
        assert "broken.rq" in said(process, "warning: ")
        shutil.rmtree(root / "queries")
        if sys.platform == "linux":
            until(lambda: len(children_of(process)) == 1)
            (nursery,) = children_of(process)
            os.kill(nursery, signal.SIGKILL)
            until(lambda: nursery not in children_of(process) and len(children_of(process)) == 1)
            until(lambda: httpx.get(address + "queries/trees").status_code == 200)
        assert httpx.get(address + "queries/trees").status_code == 200
        assert httpx.get(address + "queries/planted-before?season=spring").status_code == 200


def test_a_graph_that_is_gone_does_not_replace_one_that_is_there(tmp_path: Path) -> None:
    root = shutil.copytree(SERVED, tmp_path / "folder")
    with running(root, tmp_path / "cache") as (process, address):
        before = httpx.get(address + "health").json()["version"]
        for name in ("data", "queries", "ontology"):
            shutil.rmtree(root / name)
        process.send_signal(signal.SIGHUP)
        assert "no triples" in said(process, "error: not reloaded: ")
        assert httpx.get(address + "health").json()["version"] == before
        assert httpx.get(address + "queries/trees").status_code == 200


def test_many_sighups_end_in_the_last_state_of_the_folder(tmp_path: Path) -> None:
    root = shutil.copytree(SERVED, tmp_path / "folder")
    with running(root, tmp_path / "cache") as (process, address):
        for number in range(5):
            more = "".join(f"<urn:s> <urn:new> <urn:o{i}> .\n" for i in range(number + 1))
            (root / "data" / "survey" / "more.nt").write_text(more)
            process.send_signal(signal.SIGHUP)
            time.sleep(0.1)
        query = {"query": "SELECT (COUNT(*) AS ?n) { ?s <urn:new> ?o }", "format": "csv"}
        until(lambda: httpx.get(address + "sparql", params=query).text.split() == ["n", "5"])
        process.terminate()
        assert process.stderr is not None
        log = process.stderr.read()
        assert process.wait(10) == 0
        # A folder that is written while it is read is told; the next signal has it read again.
        told = [line for line in log.splitlines() if "faster than they can be read" not in line]
        assert {line.partition(":")[0] for line in told} == {"reloaded"}, log


def test_folder_that_is_written_while_it_is_reloaded_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who wrote on after the signal need not send another."""
    root = shutil.copytree(SERVED, tmp_path / "folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    wrote = []

    def keep(graph: clustergraph.KnowledgeGraph, kept: Path) -> str:
        if wrote and len(wrote) < 3:
            wrote.append((root / "data" / "survey" / "more.nt").write_text("<urn:s> <urn:new> <urn:o> .\n"))
        return kept_whole(graph, kept)

    kept_whole = state.keep
    monkeypatch.setattr(state, "keep", keep)
    journal = Journal("none")

    async def reloaded() -> str:
        service = Service(clustergraph.open(root), Options(limits=Limits(workers=1)))
        await service.start()
        wrote.append(0)
        reloads = run._Reloads(service, root, journal)
        reloads.ask()
        await reloads._task
        version = service.state.version
        await service.close()
        return version

    version = asyncio.run(reloaded())
    journal.close()
    assert version == clustergraph.open(root).version
    assert capsys.readouterr().err == f"reloaded: version {version}\n"


@pytest.mark.parametrize(
    ("status", "request_line"),
    [
        (414, b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
        (431, b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: 1\r\n" * 1000 + b"\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 1_000_000),
        (400, b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n"),
        (400, b"no request at all\r\n\r\n"),
    ],
    ids=["address", "line", "headers", "endless", "control", "malformed"],
)
def test_what_is_no_http_is_refused_with_a_problem(status: int, request_line: bytes, plain: str) -> None:
    host, _, port = plain.removeprefix("http://").rstrip("/").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request_line)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"content-type: application/problem+json" in head
    assert b"content-security-policy" in head
    assert json.loads(body)["status"] == status


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that runs as a process."""
    with running(SERVED, tmp_path_factory.mktemp("cache")) as (_, address):
        yield address
