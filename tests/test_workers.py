"""The pool of worker processes: whole answers or errors, and nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from clustergraph.errors import (
    ArgumentError,
    FormatError,
    LimitError,
    QueryRefusedError,
    QuerySyntaxError,
    StoreError,
    UnknownQueryError,
)
from clustergraph.sparql.results import Solutions
from clustergraph.store import Service
from clustergraph.workers import wire, writing
from clustergraph.workers.holdings import Holdings
from clustergraph.workers.nursery import Nursery
from clustergraph.workers.pool import Limits, Pool, answer
from clustergraph.workers.question import Question, Source
from clustergraph.workers.spool import Spool
from clustergraph.workers.turns import Turns

ENDLESS = Question(text="SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
GRAPH = ox.NamedNode("urn:g")
LOOK_UP = Question(text="SELECT ?o { <urn:s1> ?p ?o }")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc, or limits memory")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    paths = [tmp_path_factory.mktemp(name) for name in ("asserted", "entailed")]
    for path in paths:
        store = ox.Store(str(path))
        store.bulk_extend(
            ox.Quad(
                ox.NamedNode(f"urn:s{i}"),
                ox.NamedNode("urn:p"),
                ox.Literal(f"{path.stem} {i}"),
                ox.DefaultGraph(),
            )
            for i in range(30_000 if path is paths[1] else 10)
        )
        store.add(ox.Quad(ox.NamedNode("urn:s0"), ox.NamedNode("urn:p"), ox.Literal("there"), GRAPH))
        del store
    return Source(paths[0], paths[1], version="1", base="https://example.org/")


def run(source: Source, use: Callable[[Pool], Awaitable[object]], **limits: float) -> None:
    """Run a coroutine on a pool, and see that it leaves no process behind."""

    async def within() -> None:
        pool = Pool(source, Limits(**({"workers": 2, "memory": 0} | limits)))  # type: ignore[arg-type]  # numbers
        await pool.start()
        try:
            await use(pool)
        finally:
            processes = pool.processes
            await pool.close()
        assert not [pid for pid in processes if is_running(pid)]

    asyncio.run(within())


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


def test_answers_from_the_store_that_the_entailment_names(source: Source) -> None:
    async def use(pool: Pool) -> None:
        count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        for entailment, n in (("owl2rl", b"30000"), ("none", b"10")):
            found = await pool.answer(Question(text=count, entailment=entailment, table="csv"))  # type: ignore[arg-type]
            assert found.body.split() == [b"n", n]
            assert (found.form, found.format, found.volatile) == ("SELECT", "csv", False)

    run(source, use)


@pytest.mark.parametrize("hold", [True, False])
def test_stores_in_memory_and_on_disk_answer_alike(source: Source, hold: bool) -> None:
    texts = {
        "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?o LIMIT 2": [b"urn:s0,entailed0 0", b"urn:s1,entailed0 1"],
        "SELECT ?g ?o { GRAPH ?g { ?s ?p ?o } . ?s ?p ?other }": [b"urn:g,there"],
        "SELECT ?s ?o FROM <urn:g> { ?s ?p ?o }": [b"urn:s0,there"],
    }

    async def use(pool: Pool) -> None:
        for text, rows in texts.items():
            found = await pool.answer(Question(text=text, table="csv"))
            assert found.body.splitlines()[1:] == rows

    run(replace(source, hold=hold), use)


def test_large_answers_come_whole_by_file(source: Source) -> None:
    async def use(pool: Pool) -> None:
        plain = await pool.answer(Question(text="SELECT * { ?s ?p ?o }", table="tsv"))
        assert plain.file is not None
        text = b"".join(plain.chunks())
        assert len(text) == plain.size > 1 << 20
        assert text.count(b"\n") == 30_001
        assert plain.file.closed

    run(source, use)


def test_compressed_answers_are_the_same_bytes_each_time(source: Source) -> None:
    question = Question(text="SELECT * { ?s ?p ?o } ORDER BY ?o LIMIT 1000", encoding="gzip")

    async def use(pool: Pool) -> None:
        first, second = await pool.answer(question), await pool.answer(question)
        assert first.body == second.body
        assert first.body[:2] == b"\x1f\x8b"

    run(source, use)


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (Question(text="SELECT * {"), QuerySyntaxError),
        (
            Question(text="SELECT * FROM <relative> { ?s ?p ?o }", graphs=(("relative",), ())),
            QuerySyntaxError,
        ),
        (Question(text="DELETE WHERE { ?s ?p ?o }"), QueryRefusedError),
        (Question(text="ASK { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"), QueryRefusedError),
        (Question(text="ASK { SERVICE ?anywhere { ?s ?p ?o } }"), QueryRefusedError),
        (Question(text="ASK {" + "{" * 100_000 + "}" * 100_000 + "}"), QueryRefusedError),
        (Question(text="ASK { FILTER(" + "(" * 100_000 + "true" + ")" * 100_000 + ") }"), QueryRefusedError),
        (Question(text="SELECT * { ?s ?p ?o }", table=None, graph="turtle"), FormatError),
        (Question(text="CONSTRUCT WHERE { ?s ?p ?o }", table="csv", graph=None), FormatError),
        (Question(name="areas"), QueryRefusedError),
    ],
)
def test_what_cannot_be_asked_is_an_error_of_the_tree(
    source: Source, question: Question, error: type[Exception]
) -> None:
    async def use(pool: Pool) -> None:
        with pytest.raises(error):
            await pool.answer(question)
        assert (await pool.answer(LOOK_UP)).body

    run(source, use, workers=1)


def test_relative_iris_are_resolved_against_the_base(source: Source) -> None:
    found = answer(source, Question(text="CONSTRUCT { <s> <p> 1 } {}", graph="ntriples"), seconds=5)
    assert found.body.startswith(b"<https://example.org/s> <https://example.org/p> ")


def test_several_default_graphs_are_merged(tmp_path: Path) -> None:
    store = ox.Store(str(tmp_path / "store"))
    node = ox.NamedNode("urn:s")
    for graph in ("urn:g1", "urn:g2"):
        store.add(ox.Quad(node, node, node, ox.NamedNode(graph)))
    store.flush()
    del store
    source = Source(tmp_path / "store", tmp_path / "store")
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    for question in (
        Question(text=count, table="csv", graphs=(("urn:g1", "urn:g2"), ())),
        Question(text=count.replace("{", "FROM <urn:g1> FROM <urn:g2> {"), table="csv"),
    ):
        assert answer(source, question, seconds=5).body.split() == [b"n", b"1"]


@needs_linux
def test_the_deadline_frees_the_processor_and_the_worker_is_replaced(source: Source) -> None:
    async def use(pool: Pool) -> None:
        before = pool.processes
        started = time.monotonic()
        with pytest.raises(LimitError) as caught:
            await pool.answer(ENDLESS, seconds=0.3)
        assert caught.value.limit == "time"
        assert time.monotonic() - started < 1
        await until(lambda: sum(map(is_running, before)) == 1, 1)
        await until(lambda: len(pool.processes) == 2)
        assert (await pool.answer(LOOK_UP)).size

    run(source, use)


@needs_linux
def test_a_cancelled_call_ends_its_worker(source: Source) -> None:
    async def use(pool: Pool) -> None:
        (before,) = pool.processes
        task = asyncio.create_task(pool.answer(ENDLESS))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: not is_running(before), 1)
        assert (await pool.answer(LOOK_UP)).size

    run(source, use, workers=1)


@needs_linux
def test_memory_is_limited(source: Source) -> None:
    async def use(pool: Pool) -> None:
        with pytest.raises(LimitError) as caught:
            await pool.answer(Question(text="SELECT * { ?s ?p ?o . ?a ?b ?c } ORDER BY ?o ?c"))
        assert caught.value.limit == "memory"
        assert (await pool.answer(LOOK_UP)).size

    run(source, use, workers=1, memory=200 << 20)


@needs_linux
def test_what_all_workers_hold_leaves_a_question_its_memory() -> None:
    code = """
        from clustergraph.workers.worker import limit_memory
        held = bytearray(128 << 20)
        limit_memory(32 << 20)
        taken = bytearray(16 << 20)
        try:
            bytearray(32 << 20)
        except MemoryError:
            print("limited")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, check=True)
    assert done.stdout == b"limited\n"


def test_one_client_leaves_a_worker_to_others(source: Source) -> None:
    async def use(pool: Pool) -> None:
        hogs = [asyncio.create_task(pool.answer(ENDLESS, client="hog")) for _ in range(3)]
        await until(lambda: pool.waiting == 2)
        assert (await pool.answer(LOOK_UP, client="guest", seconds=2)).size
        with pytest.raises(LimitError) as caught:
            await pool.answer(LOOK_UP, client="hog")
        assert caught.value.limit == "share"
        for hog in hogs:
            hog.cancel()
        await asyncio.gather(*hogs, return_exceptions=True)
        assert pool.waiting == 0
        assert (await pool.answer(LOOK_UP, client="hog")).size

    run(source, use, patience=2)


def test_the_queue_is_bounded_and_waiting_counts_as_time(source: Source) -> None:
    async def use(pool: Pool) -> None:
        busy = asyncio.create_task(pool.answer(ENDLESS, client="a"))
        await asyncio.sleep(0.05)
        waits = asyncio.create_task(pool.answer(LOOK_UP, client="b", seconds=0.2))
        await until(lambda: pool.waiting == 1)
        with pytest.raises(LimitError) as caught:
            await pool.answer(LOOK_UP, client="c")
        assert caught.value.limit == "queue"
        with pytest.raises(LimitError) as caught:
            await waits
        assert caught.value.limit == "queue"
        busy.cancel()
        await asyncio.gather(busy, return_exceptions=True)

    run(source, use, workers=1, queue=1)


@needs_linux
def test_killed_workers_and_a_killed_nursery_are_replaced(source: Source) -> None:
    async def use(pool: Pool) -> None:
        asked = asyncio.create_task(pool.answer(ENDLESS))
        await asyncio.sleep(0.1)
        nursery = int(Path(f"/proc/{pool.processes[0]}/stat").read_text().rpartition(")")[2].split()[1])
        killed = pool.processes
        os.kill(killed[0], signal.SIGKILL)
        await until(lambda: len(pool.processes) == 1 and pool.processes != killed)
        with pytest.raises(LimitError, match="ended from outside") as caught:
            await asked
        assert caught.value.limit == "worker"
        before = pool.processes
        for pid in (nursery, *before):
            os.kill(pid, signal.SIGTERM)  # as a supervisor does; the server says when to end
        assert (await pool.answer(LOOK_UP)).size
        assert pool.processes == before
        os.kill(nursery, signal.SIGKILL)
        await until(lambda: len(pool.processes) == 1 and pool.processes != before)
        assert not is_running(before[0])
        assert (await pool.answer(LOOK_UP)).size

    run(source, use, workers=1)


def test_a_folder_where_the_server_began_is_left_alone(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("12", "notes"):
        Path("scratch", name).mkdir(parents=True)
    run(source, lambda pool: pool.answer(LOOK_UP))
    assert {path.name for path in Path("scratch").iterdir()} == {"12", "notes"}


def test_what_stays_in_a_service_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("clustergraph.store.scratch._LOOKS", (0.0,))
    left = Path("scratch", "7")
    left.mkdir(parents=True)
    (left / "one.graphs").write_text("urn:x:copy", encoding="utf-8")
    nobody = Service("http://127.0.0.1:1/query", "http://127.0.0.1:1/update")
    control, other = socket.socketpair()
    with control, other:
        nursery = Nursery(control, Holdings(Source(tmp_path, tmp_path, root=tmp_path, service=nobody)))
        nursery._clean(7)
    (cleaner,) = nursery.cleaners
    assert os.waitpid(cleaner, 0) == (cleaner, 0)
    assert not left.exists()
    (said,) = capfd.readouterr().err.splitlines()
    assert said.startswith(nobody.endpoint)
    assert "scratch graphs may be left there: <urn:x:copy>" in said


def test_a_damaged_store_is_an_error_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        run(Source(tmp_path / "none", tmp_path / "none"), lambda pool: pool.answer(LOOK_UP))


@needs_linux
def test_workers_die_with_their_server(source: Source) -> None:
    script = f"""
        import asyncio, sys
        from clustergraph.workers.pool import Limits, Pool
        from clustergraph.workers.question import Question, Source
        async def main():
            pool = Pool(Source.from_json({source.to_json()!r}), Limits(workers=2))
            await pool.start()
            asyncio.create_task(pool.answer(Question(text={ENDLESS.text!r})))
            await asyncio.sleep(0.1)
            print(*pool.processes, flush=True)
            await asyncio.sleep(60)
        asyncio.run(main())
    """
    server = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE)
    with server:
        assert server.stdout is not None
        processes = [int(pid) for pid in server.stdout.readline().split()]
        assert all(map(is_running, processes))
        server.kill()
        asyncio.run(until(lambda: not any(map(is_running, processes)), 2))


def test_errors_cross_the_border_with_their_data() -> None:
    error = ArgumentError("areas", "year", expected="a year", argument="x", near=("1996",))
    copy = wire.error_from(wire.error_header(error))
    assert type(copy) is ArgumentError
    assert (str(copy), vars(copy)) == (str(error), vars(error))
    assert isinstance(wire.error_from(wire.error_header(UnknownQueryError("a", ["b"]))), UnknownQueryError)


def test_turns_go_round_the_clients() -> None:
    async def within() -> list[str]:
        turns: Turns[int] = Turns(share=1, queue=9, patience=9)
        served: list[str] = []

        async def ask(client: str) -> None:
            place = await turns.take(client)
            served.append(client)
            await asyncio.sleep(0)
            turns.leave(client)
            turns.offer(place)

        asking = [asyncio.create_task(ask(client)) for client in "aaabc"]
        await asyncio.sleep(0)
        turns.offer(1)
        await asyncio.gather(*asking)
        return served

    assert asyncio.run(within()) == ["a", "b", "c", "a", "a"]


def test_a_worker_imports_nothing_of_the_server() -> None:
    script = "import sys, clustergraph.workers.nursery as _; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"fastapi", "uvicorn", "rdflib", "asyncio", "httpx"} & set(loaded.stdout.split())


def test_an_answer_has_a_largest_size() -> None:
    spool = Spool(largest=10_000)
    rows = ox.Store().query("SELECT * { VALUES ?x { 1 2 3 } VALUES ?y { " + "1 " * 5000 + "} }")
    assert isinstance(rows, ox.QuerySolutions)
    with pytest.raises(LimitError) as caught:
        writing.write(Solutions(rows), "json", spool, {})
    assert caught.value.limit == "size"
    spool.close()
    # The error's frames hold the rows, which the engine lets nobody drop in another thread than this one.
    del caught, rows
    gc.collect()
