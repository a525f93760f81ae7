"""The pool: a bounded number of workers, each of which can be stopped at any moment.

A deadline, a cancelled call, or too much memory ends the worker's process (nothing else stops the
engine) and another one takes its place. So a question has a whole answer or an error.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Coroutine, Hashable
from dataclasses import dataclass, replace

from clustergraph.errors import ClusterGraphError, LimitError
from clustergraph.workers.colleague import Colleague, Fork
from clustergraph.workers.question import Answer, Asking, Question, Source
from clustergraph.workers.turns import Turns

_LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What questions may take: `seconds` each, `memory` in bytes each (0: no limit), places to wait.

    `share` is the number of workers that one client may hold at once (0: all but one), `patience`
    the number of its requests that may wait, `queue` the number that may wait in all.
    """

    workers: int = max(4, os.cpu_count() or 1)
    seconds: float = 30.0
    memory: int = 1 << 30
    queue: int = 128
    patience: int = 64
    share: int = 0

    @property
    def places(self) -> int:
        """The number of workers that one client may hold at once."""
        return self.share or max(1, self.workers - 1)


@dataclass(slots=True)
class Turn:
    """Whose share a question counts against, and whether a worker is at it."""

    client: Hashable
    taken: bool = False


class Pool:
    """Answers questions on a source; `start` it before and `close` it after.

    All of it belongs to the event loop in which it was started.
    """

    def __init__(
        self, source: Source, limits: Limits | None = None, endings: Counter[str] | None = None
    ) -> None:
        self.source = source
        self.limits = limits or Limits()
        self.endings: Counter[str] = Counter() if endings is None else endings
        """Workers that were replaced, by the reason."""
        self._turns: Turns[Colleague] = Turns(
            share=self.limits.places, queue=self.limits.queue, patience=self.limits.patience
        )
        self._fork = Fork(source, self.limits.memory, self._lost, self._prepared)
        self._colleagues: set[Colleague] = set()
        self._arrivals: set[asyncio.Task[None]] = set()
        self._closing = False
        self._failures = 0

    async def start(self) -> None:
        """Start the workers; raises the error of the first one that cannot open the stores."""
        self._fork.start()
        try:
            await asyncio.gather(*(self._hire() for _ in range(self.limits.workers)))
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End all workers, also those that are at work."""
        self._closing = True
        for task in self._arrivals:
            task.cancel()
        for colleague in list(self._colleagues):
            colleague.dismiss(LimitError("queue", "the server is closing"))
        await self._fork.close()

    @property
    def is_ready(self) -> bool:
        """Whether at least one worker has opened the stores and none of this is being closed."""
        return bool(self._colleagues) and not self._closing

    @property
    def waiting(self) -> int:
        """How many questions wait for a worker."""
        return self._turns.waiting

    @property
    def busy(self) -> int:
        """How many workers are at work."""
        return self._turns.taken

    @property
    def processes(self) -> tuple[int, ...]:
        """The process identifiers of the workers."""
        return tuple(sorted(c.pid for c in self._colleagues if c.pid))

    async def answer(
        self, question: Asking, *, client: Hashable = "", seconds: float | None = None
    ) -> Answer:
        """The answer to a question or task, within `seconds` from now, waiting included.

        That is at most the pool's own limit. Raises LimitError for time, memory, queue or share, and
        what the question itself raises. Cancelling the call ends the worker.
        """
        return await self.take_turn(question, Turn(client), seconds=seconds)

    async def take_turn(self, question: Asking, turn: Turn, *, seconds: float | None = None) -> Answer:
        """The same for a turn that can be passed on to another client while it is waited for."""
        loop = asyncio.get_running_loop()
        allowed = min(seconds or self.limits.seconds, self.limits.seconds)
        deadline = loop.time() + allowed
        try:
            async with asyncio.timeout_at(deadline):
                colleague = await self._turns.take(turn.client)
        except TimeoutError as error:
            raise LimitError("queue", f"no worker was free for {allowed:g} seconds") from error
        turn.taken = True
        try:
            return await colleague.ask(question, deadline, allowed)
        finally:
            turn.taken = False
            self._turns.leave(turn.client)
            if colleague.is_fit:
                self._turns.offer(colleague)
            else:
                self.endings[colleague.reason or "renewed"] += 1
                colleague.dismiss()
                self._replace(colleague)

    def pass_on(self, turn: Turn, client: Hashable) -> None:
        """Let a turn count against the share of another client, where the first one went away."""
        if turn.taken:
            self._turns.charge(turn.client, client)
            turn.client = client

    async def _hire(self) -> None:
        colleague = await self._fork.colleague()
        if self._closing:
            colleague.dismiss()
            return
        self._failures = 0
        self._colleagues.add(colleague)
        self._turns.offer(colleague)

    def _lost(self, colleague: Colleague) -> None:
        """A worker went away without being asked to."""
        if colleague in self._turns.free:
            self.endings["lost"] += 1  # that of one at work is counted where its question fails
        self._turns.withdraw(colleague)
        self._replace(colleague)

    def _prepared(self) -> None:
        """Let colleagues who know more take the places of the present ones, one after the other."""
        self._arrive(self._renew())

    async def _renew(self) -> None:
        for colleague in list(self._colleagues):
            colleague.is_fit = False  # one at work is replaced when it has done
            if colleague in self._turns.free:
                self._turns.withdraw(colleague)
                self._colleagues.discard(colleague)
                self.endings["renewed"] += 1
                colleague.dismiss()
                await self._rehire()

    def _replace(self, colleague: Colleague) -> None:
        if colleague not in self._colleagues:
            return
        self._colleagues.remove(colleague)
        self._arrive(self._rehire())

    def _arrive(self, arrival: Coroutine[None, None, None]) -> None:
        """Have colleagues arrive while others work."""
        task = asyncio.get_running_loop().create_task(arrival)
        self._arrivals.add(task)
        task.add_done_callback(self._arrivals.discard)

    async def _rehire(self) -> None:
        """Hire until it succeeds, with growing pauses: the disk may be away for a while."""
        while not self._closing:
            try:
                await self._hire()
            except ClusterGraphError:
                await asyncio.sleep(min(_LONGEST_PAUSE, 0.1 * 2**self._failures))
                self._failures += 1
            else:
                return


def answer(source: Source, question: Question, *, seconds: float, memory: int = 0) -> Answer:
    """The answer of a single worker, started for this question and ended after it."""

    async def once() -> Answer:
        pool = Pool(replace(source, hold=False), Limits(workers=1, seconds=seconds, memory=memory))
        await pool.start()
        try:
            return await pool.answer(question)
        finally:
            await pool.close()

    return asyncio.run(once())
