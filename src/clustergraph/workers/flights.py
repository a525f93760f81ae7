"""Work under way: what is asked by several at the same time is worked on once."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import partial

from clustergraph.workers.pool import Pool, Turn
from clustergraph.workers.question import Answer, Asking

_Key = tuple[Asking, float | None]


@dataclass(eq=False, slots=True)
class _Flight:
    """One question under way, and those who wait for its answer, each with its client."""

    turn: Turn
    task: asyncio.Task[Answer]
    waiting: dict[asyncio.Future[Answer], Hashable] = field(default_factory=dict)


class Flights:
    """Answers from a pool; belongs to its event loop.

    A question joins work that a worker is at, or that the same client waits for. It does not join
    what waits for the turn of another client, which may have to wait long for its share; but the first
    that lands takes the others with it. Work ends when the last one who waits for it goes away, and
    counts against the share of one who is still there.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._under_way: dict[_Key, list[_Flight]] = {}

    async def answer(
        self, asked: Asking, *, client: Hashable = "", seconds: float | None = None
    ) -> tuple[Answer, bool]:
        """The answer, as of `Pool.answer`, and whether another request had asked for it before."""
        key = asked, seconds
        flight = self._joinable(key, client)
        joined = flight is not None
        if flight is None:
            flight = self._start(key, client)
        landing: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        flight.waiting[landing] = client
        try:
            answer = await landing
        except asyncio.CancelledError:
            await self._leave(flight, landing)
            raise
        if joined and answer.volatile:
            answer.close()
            return await self._pool.answer(asked, client=client, seconds=seconds), False
        return answer, joined

    def _joinable(self, key: _Key, client: Hashable) -> _Flight | None:
        for flight in self._under_way.get(key, ()):
            # One that nobody waits for any more is being ended.
            if flight.waiting and (flight.turn.taken or flight.turn.client == client):
                return flight
        return None

    def _start(self, key: _Key, client: Hashable) -> _Flight:
        turn, (asked, seconds) = Turn(client), key
        work = self._pool.take_turn(asked, turn, seconds=seconds)
        flight = _Flight(turn, asyncio.get_running_loop().create_task(work))
        self._under_way.setdefault(key, []).append(flight)
        flight.task.add_done_callback(partial(self._landed, key, flight))
        return flight

    def _landed(self, key: _Key, flight: _Flight, task: asyncio.Task[Answer]) -> None:
        flights = self._under_way[key]
        flights.remove(flight)
        if not flights:
            del self._under_way[key]
        if task.cancelled():
            for landing in flight.waiting:
                landing.cancel()
        elif error := task.exception():
            for landing in _open(flight):
                landing.set_exception(error)
        else:
            _share(task.result(), [flight, *flights])

    async def _leave(self, flight: _Flight, landing: asyncio.Future[Answer]) -> None:
        client = flight.waiting.pop(landing)
        if landing.done() and not landing.cancelled():
            if landing.exception() is None:
                landing.result().close()
        elif not flight.waiting:
            flight.task.cancel()
            await asyncio.wait({flight.task})
        elif flight.turn.client == client and client not in flight.waiting.values():
            self._pool.pass_on(flight.turn, next(iter(flight.waiting.values())))


def _share(answer: Answer, flights: list[_Flight]) -> None:
    """Give the answer to all who wait for the first flight, and, if it is theirs too, for the others."""
    readers = 0
    for flight in flights[:1] if answer.volatile else flights:
        for landing in _open(flight):
            landing.set_result(answer.again() if readers else answer)
            readers += 1
        flight.task.cancel()  # to no effect on the one that has landed
    if not readers:
        answer.close()


def _open(flight: _Flight) -> list[asyncio.Future[Answer]]:
    return [landing for landing in flight.waiting if not landing.done()]
