"""What several ask at the same time is worked on once, and costs those who are there."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pyoxigraph as ox
import pytest

from clustergraph.errors import LimitError, QuerySyntaxError
from clustergraph.workers.flights import Flights
from clustergraph.workers.pool import Limits, Pool
from clustergraph.workers.question import Question, Source

PRODUCT = " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(9))
ENDLESS = Question(text=f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} }}")
SLOW = Question(text=f"SELECT (COUNT(*) AS ?n) {{ {{ SELECT ?a0 {{ {PRODUCT} }} LIMIT 1000000 }} }}")
LARGE = Question(text=f"SELECT * {{ {{ SELECT * {{ {PRODUCT} }} LIMIT 20000 }} }}")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    path: Path = tmp_path_factory.mktemp("store")
    store = ox.Store(str(path))
    subjects = (ox.NamedNode(f"urn:s{i}") for i in range(200))
    store.bulk_extend(ox.Quad(s, ox.NamedNode("urn:p"), s, ox.DefaultGraph()) for s in subjects)
    del store
    return Source(path, path, version="1")


def run(source: Source, use: Callable[[Pool, Flights], Awaitable[None]], *, workers: int = 2) -> None:
    async def within() -> None:
        pool = Pool(source, Limits(workers=workers, memory=0, seconds=20))
        await pool.start()
        try:
            await use(pool, Flights(pool))
        finally:
            await pool.close()

    asyncio.run(within())


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


def test_the_same_question_is_worked_on_once(source: Source) -> None:
    async def use(pool: Pool, flights: Flights) -> None:
        first = asyncio.create_task(flights.answer(SLOW, client="a"))
        await until(lambda: pool.busy == 1)
        others = [asyncio.create_task(flights.answer(SLOW, client=name)) for name in "abc"]
        found = await asyncio.gather(first, *others)
        assert [shared for _, shared in found] == [False, True, True, True]
        assert len({answer.body for answer, _ in found}) == 1
        assert pool.busy == 0

    run(source, use)


def test_one_who_leaves_takes_no_answer_from_others_and_no_share_with_him(source: Source) -> None:
    async def use(pool: Pool, flights: Flights) -> None:
        first = asyncio.create_task(flights.answer(SLOW, client="a"))
        await until(lambda: pool.busy == 1)
        second = asyncio.create_task(flights.answer(SLOW, client="b"))
        await asyncio.sleep(0)
        first.cancel()
        with suppress(asyncio.CancelledError):
            await first
        # One worker is at work, now for `b`; the share of `a` (one of two) is free again.
        assert pool.busy == 1
        await asyncio.wait_for(flights.answer(Question(text="ASK {}"), client="a"), 5)
        blocked = asyncio.create_task(flights.answer(Question(text="ASK { }"), client="b"))
        await asyncio.sleep(0.02)
        assert not blocked.done() or second.done()
        answer, shared = await second
        assert shared
        assert answer.body
        await blocked
        assert not pool.endings["left"]

    run(source, use)


def test_the_last_one_who_leaves_ends_the_work(source: Source) -> None:
    async def use(pool: Pool, flights: Flights) -> None:
        tasks = [asyncio.create_task(flights.answer(ENDLESS, client=name)) for name in ("a", "a", "a")]
        await until(lambda: pool.busy == 1)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert pool.busy == 0
        assert pool.endings == {"left": 1}

    run(source, use)


def test_nobody_joins_work_that_is_being_ended(source: Source) -> None:
    async def use(pool: Pool, flights: Flights) -> None:
        first = asyncio.create_task(flights.answer(SLOW, client="a"))
        await until(lambda: pool.busy == 1)
        first.cancel()  # a reader who loads the page again
        await asyncio.sleep(0)
        answer, shared = await flights.answer(SLOW, client="a")
        assert answer.body
        assert not shared
        with suppress(asyncio.CancelledError):
            await first

    run(source, use)


def test_nobody_waits_in_the_queue_of_another_client(source: Source) -> None:
    async def use(pool: Pool, flights: Flights) -> None:
        greedy = [asyncio.create_task(flights.answer(each, client="a")) for each in (ENDLESS, SLOW)]
        await until(lambda: pool.busy == 1 and pool.waiting == 1)
        answer, shared = await flights.answer(SLOW, client="b")
        assert not shared
        # What `b` has asked lands for `a` too, whose own turn has not come.
        other, _ = await greedy[1]
        assert other.body == answer.body
        greedy[0].cancel()
        await asyncio.wait(greedy)

    run(source, use)


def test_errors_are_everybodys_and_chance_is_nobodys(source: Source) -> None:
    async def use(pool: Pool, flights: Flights) -> None:
        wrong = [flights.answer(Question(text="SELECT {"), client="a") for _ in range(3)]
        found = await asyncio.gather(*wrong, return_exceptions=True)
        assert all(isinstance(error, QuerySyntaxError) for error in found)
        late = [flights.answer(ENDLESS, client="a", seconds=0.1) for _ in range(2)]
        found = await asyncio.gather(*late, return_exceptions=True)
        assert all(isinstance(error, LimitError) for error in found)
        chance = Question(text="SELECT (STRUUID() AS ?id) {}")
        answers = await asyncio.gather(*(flights.answer(chance, client="a") for _ in range(4)))
        assert len({answer.body for answer, _ in answers}) == 4
        assert not any(shared for _, shared in answers)

    run(source, use)


def test_each_reader_has_a_large_answer_of_his_own(source: Source) -> None:
    async def use(pool: Pool, flights: Flights) -> None:
        del pool
        tasks = [asyncio.create_task(flights.answer(LARGE, client="a")) for _ in range(3)]
        answers = [answer for answer, _ in await asyncio.gather(*tasks)]
        readers = [answer.chunks() for answer in answers]
        firsts = [next(reader) for reader in readers]
        bodies = [first + b"".join(reader) for first, reader in zip(firsts, readers, strict=True)]
        assert len(bodies[0]) == answers[0].size > 1 << 20
        assert bodies[0] == bodies[1] == bodies[2]
        gc.collect()  # a file left open would warn

    run(source, use)
