"""Answers by their question or task: the least recently used go when their bytes are too many."""

from __future__ import annotations

from collections import OrderedDict

from clustergraph.workers.question import Answer, Asking, Question

# What an entry takes beside its bytes: the key, the answer, two dictionary slots.
_OVERHEAD = 1024


class Cache:
    """Whole answers in memory, at most `capacity` bytes of them; one cache for one state of the data."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.size = 0
        self.hits = 0
        self.misses = 0
        self._answers: OrderedDict[Asking, Answer] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, question: Asking) -> Answer | None:
        """The answer, if it is here."""
        answer = self._answers.get(question)
        if answer is None:
            self.misses += 1
            return None
        self.hits += 1
        self._answers.move_to_end(question)
        return answer

    def keep(self, question: Asking, answer: Answer) -> None:
        """Keep an answer, unless it may differ next time, lies in a file, or is too large."""
        weight = _weight(question, answer)
        if answer.volatile or answer.file is not None or weight > self.capacity // 4:
            return
        if previous := self._answers.pop(question, None):
            self.size -= _weight(question, previous)
        self._answers[question] = answer
        self.size += weight
        while self.size > self.capacity:
            oldest, dropped = self._answers.popitem(last=False)
            self.size -= _weight(oldest, dropped)


def _weight(question: Asking, answer: Answer) -> int:
    if isinstance(question, Question):
        asked = 4 * (len(question.text) + sum(len(text) for _, texts in question.arguments for text in texts))
    else:
        asked = len(question.body) + 4 * sum(len(text) for _, text in question.options)
    return len(answer.body) + asked + _OVERHEAD
