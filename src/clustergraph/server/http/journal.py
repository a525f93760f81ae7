"""The log: a line for each request, written by a thread of its own, so that no request waits for it."""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, TextIO

from clustergraph.server.http.record import Record

Format = Literal["text", "json", "none"]

# Lines are handed to the thread together: waking it for each one would cost more than writing it.
_EVERY = 0.1
# Where nobody reads the other end of a pipe, more lines than these are dropped, and counted.
_MOST = 20_000
_LAST = 2.0


class Journal:
    """Writes records as lines; `none` writes none, and only what the server itself says.

    Belongs to one event loop; `close` writes what is left.
    """

    def __init__(self, format: Format, stream: TextIO | None = None) -> None:
        self.format = format
        self._stream = stream or sys.stderr
        self._pending: list[Record] = []
        self._dropped = 0
        self._queue: queue.SimpleQueue[list[Record] | None] = queue.SimpleQueue()
        # The first is written by the loop alone, the second by the thread alone.
        self._given = self._written = 0
        self._thread: threading.Thread | None = None

    def note(self, record: Record) -> None:
        """Write the line of a request, soon."""
        if self.format == "none":
            return
        if not self._pending:
            asyncio.get_running_loop().call_later(_EVERY, self._hand_over)
        self._pending.append(record)

    def say(self, text: str, level: str = "info") -> None:
        """Write a line of the server's own."""
        print(self.said(text, level), file=self._stream, flush=True)  # the stream is given

    def said(self, text: str, level: str) -> str:
        """The line for what the server says."""
        if self.format != "json":
            return text
        return json.dumps({"time": _time(datetime.now(UTC)), "level": level, "message": text})

    def close(self) -> None:
        """Write what is left, as far as somebody reads it."""
        self._hand_over()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(_LAST)

    def _hand_over(self) -> None:
        if not self._pending:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
            self._thread.start()
        if self._given - self._written + len(self._pending) > _MOST:
            self._dropped += len(self._pending)
        else:
            self._given += len(self._pending)
            self._queue.put(self._pending)
        self._pending = []

    def _write(self) -> None:
        line = in_json if self.format == "json" else in_text
        while (records := self._queue.get()) is not None:
            try:
                self._stream.write("".join(f"{line(record)}\n" for record in records))
                if self._dropped:
                    dropped, self._dropped = self._dropped, 0
                    self.say(f"{dropped} lines of the log were dropped", "warning")
                self._stream.flush()
            except (OSError, ValueError):
                return  # the stream is gone: the service goes on without a log
            self._written += len(records)


def in_json(record: Record) -> str:
    """The line of a request as a JSON object; what is empty is left out."""
    line: dict[str, object] = {
        "time": _time(datetime.fromtimestamp(record.began, UTC)),
        "method": record.method,
        "path": record.path,
        "status": record.status,
        "bytes": record.size,
        "seconds": round(record.seconds, 6),
        "client": record.client,
    }
    if record.asked:
        line["query"] = record.asked
    if record.origins:
        line |= {"cache": _cache(record), "worker": round(record.engine, 6)}
    if record.refusal:
        line["refusal"] = record.refusal
    return json.dumps(line)


def in_text(record: Record) -> str:
    """The line of a request to be read; control characters of what clients sent are escaped."""
    began = _time(datetime.fromtimestamp(record.began, UTC))
    parts = [
        f"{began} {record.client} {record.method} {_visible(record.path)} {record.status}",
        f"{record.size} bytes in {record.seconds * 1000:.1f} ms",
    ]
    if record.asked:
        parts.append(_visible(record.asked))
    if record.origins:
        parts.append(_cache(record))
    if record.refusal:
        parts.append(_visible(record.refusal))
    return ", ".join(parts)


class Lines(logging.Formatter):
    """Formats what loggers of the packages say like the lines of a journal, a traceback in one of them."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        level = record.levelname.lower()
        return self._journal.said(f"{level}: {super().format(record)}", level)


def configure(journal: Journal, loggers: Iterable[str], level: int) -> None:
    """Let loggers write what is of this level or above as the journal does."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines(journal))
    for name in loggers:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)


def _cache(record: Record) -> str:
    """Where the answers came from; the one that cost most says it for all of a page's."""
    return next((name for name in ("worker", "shared") if name in record.origins), "cache")


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _visible(text: str) -> str:
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
