"""Whose turn it is: workers are given out client by client, and no client takes more than its share."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from clustergraph.errors import LimitError

Place = TypeVar("Place")


@dataclass
class _Client(Generic[Place]):
    busy: int = 0
    waiting: deque[asyncio.Future[Place]] = field(default_factory=deque)


class Turns(Generic[Place]):
    """Gives free places to waiting clients in turn.

    A client holds at most `share` places and waits with at most `patience` requests; `queue`
    requests may wait in all.
    """

    def __init__(self, *, share: int, queue: int, patience: int) -> None:
        self.free: list[Place] = []
        self._share = share
        self._queue = queue
        self._patience = patience
        self._waiting = 0
        # In order of who was served longest ago.
        self._clients: OrderedDict[Hashable, _Client[Place]] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return self._waiting

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return sum(client.busy for client in self._clients.values())

    async def take(self, client: Hashable) -> Place:
        """A place, as soon as it is this client's turn; it is to be given back by `leave`.

        Raises LimitError where as many wait already as may.
        """
        known = self._clients.setdefault(client, _Client())
        if self.free and known.busy < self._share:
            known.busy += 1
            return self.free.pop()
        if self._waiting >= self._queue:
            self._forget(client)
            raise LimitError("queue", "as many queries wait already as this server lets wait")
        if len(known.waiting) >= self._patience:
            raise LimitError("share", "as many queries of this client wait already as one may have")
        turn: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        known.waiting.append(turn)
        self._waiting += 1
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.offer(turn.result())
                self.leave(client)
            elif turn in known.waiting:
                known.waiting.remove(turn)
                self._waiting -= 1
                self._forget(client)
            raise

    def leave(self, client: Hashable) -> None:
        """Say that the client has one place less; the place itself comes back by `offer`."""
        self._clients[client].busy -= 1
        self._forget(client)
        self._serve()

    def charge(self, client: Hashable, other: Hashable) -> None:
        """Let a place that one client holds count against the share of another one."""
        self._clients.setdefault(other, _Client()).busy += 1
        self.leave(client)

    def offer(self, place: Place) -> None:
        """Take in a free place."""
        self.free.append(place)
        self._serve()

    def withdraw(self, place: Place) -> None:
        """Let a place that may be free never be given out again."""
        if place in self.free:
            self.free.remove(place)

    def _serve(self) -> None:
        while self.free and self._waiting:
            served = next((n for n, c in self._clients.items() if c.waiting and c.busy < self._share), None)
            if served is None:
                return
            self._clients.move_to_end(served)
            client = self._clients[served]
            turn = client.waiting.popleft()
            self._waiting -= 1
            if not turn.cancelled():
                client.busy += 1
                turn.set_result(self.free.pop())

    def _forget(self, client: Hashable) -> None:
        known = self._clients.get(client)
        if known is not None and not known.busy and not known.waiting:
            del self._clients[client]
