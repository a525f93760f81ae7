"""Running a question that can be stopped: the engine itself cannot be interrupted."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Callable

import typer

from clustergraph.errors import LimitError, UsageError
from clustergraph.workers.worker import end_with_parent

_ENDING = (signal.SIGINT, signal.SIGTERM)


def run_within(seconds: float | None, action: Callable[[], None], *, endpoint: str | None = None) -> None:
    """Run the action; with `seconds`, in a child process that is killed when they are over.

    An interrupt from the keyboard, or SIGTERM, ends the action at once in either case. Raises LimitError
    when the time is over, naming the endpoint that was asked; leaves with the child's exit code when it
    failed.
    """
    ending = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    if seconds is None:
        # Python's own handlers would wait until the engine comes back.
        before = {number: signal.signal(number, signal.SIG_DFL) for number in ending}
        try:
            action()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return
    if not math.isfinite(seconds):
        raise UsageError("--timeout: expected a number of seconds")
    if not hasattr(os, "fork"):
        raise UsageError("--timeout needs a system that can fork; on Windows leave it out")
    child = os.fork()
    if child == 0:
        end_with_parent()
        for number in ending:
            signal.signal(number, signal.SIG_DFL)
        action()
        return
    code = _wait(child, seconds)
    if code is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        there = f"; expected one of {endpoint} by then" if endpoint else ""
        raise LimitError("time", f"no answer within {seconds:g} s; the query was stopped{there}")
    raise typer.Exit(code)


def _wait(child: int, seconds: float) -> int | None:
    """The exit code of the child, or None when the time was over before it ended."""
    end = time.monotonic() + seconds
    pause = 0.001
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        left = end - time.monotonic()
        if left <= 0:
            return None
        time.sleep(min(pause, left))
        pause = min(pause * 2, 0.05)
