"""Large answers to tasks, on disk: the least recently used go when their bytes are too many."""

from __future__ import annotations

import asyncio
import shutil
from collections import OrderedDict
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import BinaryIO

from clustergraph.workers.question import Answer, Task


class Shelf:
    """Whole answers in files of a folder, at most `capacity` bytes; one shelf for one state of the data.

    Belongs to an event loop; only the bytes are copied in threads.
    """

    def __init__(self, folder: Path, capacity: int) -> None:
        self.capacity = capacity
        self.size = 0
        self._folder = folder
        self._numbers = count()
        self._answers: OrderedDict[Task, tuple[Path, Answer]] = OrderedDict()

    def clear(self) -> None:
        """Let go of all answers; who reads one now still does."""
        for path, _ in self._answers.values():
            path.unlink(missing_ok=True)
        self._answers.clear()
        self.size = 0

    def find(self, task: Task) -> Answer | None:
        """The answer, if it is here, with a file of its own to read."""
        found = self._answers.get(task)
        if found is None:
            return None
        self._answers.move_to_end(task)
        path, answer = found
        return replace(answer, file=path.open("rb"))

    async def keep(self, task: Task, answer: Answer) -> Answer:
        """Keep an answer that lies in a file, unless it is too large; the answer, to be read from its start.

        Where the disk has no room for another copy it is not kept.
        """
        assert answer.file is not None  # small ones are kept in memory
        if answer.size > self.capacity // 2 or task in self._answers:
            return answer
        path = self._folder / f"{next(self._numbers)}"
        is_copied = await asyncio.to_thread(_copy, answer.file, path)
        if not is_copied or task in self._answers:
            path.unlink(missing_ok=True)
            return answer
        self._answers[task] = path, replace(answer, file=None)
        self.size += answer.size
        while self.size > self.capacity:
            _, (oldest, dropped) = self._answers.popitem(last=False)
            oldest.unlink(missing_ok=True)  # who reads it now still does
            self.size -= dropped.size
        return answer


def _copy(file: BinaryIO, path: Path) -> bool:
    """Whether all of a file could be copied; it is to be read from its start afterwards."""
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as copy:
            shutil.copyfileobj(file, copy)
    except OSError:
        return False
    finally:
        file.seek(0)
    return True
