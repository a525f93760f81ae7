"""Large answers to tasks, on disk: the least recently used go when their bytes are too many."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from dataclasses import replace
from itertools import count
from pathlib import Path

from clustergraph.workers.question import Answer, Task


class Shelf:
    """Whole answers in files of a folder, at most `capacity` bytes; one shelf for one state of the data."""

    def __init__(self, folder: Path, capacity: int) -> None:
        self.capacity = capacity
        self.size = 0
        self._folder = folder
        self._numbers = count()
        self._answers: OrderedDict[Task, tuple[Path, Answer]] = OrderedDict()

    def find(self, task: Task) -> Answer | None:
        """The answer, if it is here, with a file of its own to read."""
        found = self._answers.get(task)
        if found is None:
            return None
        self._answers.move_to_end(task)
        path, answer = found
        return replace(answer, file=path.open("rb"))

    def keep(self, task: Task, answer: Answer) -> Answer:
        """Keep an answer that lies in a file, unless it is too large; the answer, to be read from its start.

        Where the disk has no room for another copy it is not kept.
        """
        assert answer.file is not None  # small ones are kept in memory
        if answer.size > self.capacity // 2 or task in self._answers:
            return answer
        path = self._folder / f"{next(self._numbers)}"
        try:
            self._folder.mkdir(exist_ok=True)
            with path.open("wb") as copy:
                shutil.copyfileobj(answer.file, copy)
        except OSError:
            path.unlink(missing_ok=True)
            answer.file.seek(0)
            return answer
        answer.file.seek(0)
        self._answers[task] = path, replace(answer, file=None)
        self.size += answer.size
        while self.size > self.capacity:
            _, (oldest, dropped) = self._answers.popitem(last=False)
            oldest.unlink(missing_ok=True)  # who reads it now still does
            self.size -= dropped.size
        return answer
