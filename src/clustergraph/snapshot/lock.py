"""Locks on files between processes: shared while in use, exclusive to build or to remove.

The system lets go of them when a process ends, however it ends.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class Lock:
    """A lock on the file or folder at `path`; a file is made where it is missing. `close` lets go of it."""

    def __init__(self, path: Path, *, create: bool = True) -> None:
        flags = os.O_RDWR | (os.O_CREAT if create else 0)
        try:
            self._file = os.open(path, flags, 0o644)
        except OSError as error:
            if error.errno not in {errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR}:
                raise
            # A folder, or a cache that is only to be read, of another user or system; flock asks for
            # no more.
            self._file = os.open(path, os.O_RDONLY)
        self._path = path

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Whether the lock was taken; with `wait` it always is, at last."""
        if sys.platform == "win32":
            return self._take_on_windows(shared=shared, wait=wait)
        mode = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        try:
            fcntl.flock(self._file, mode)
        except BlockingIOError:
            return False
        except OSError:
            # A file system without locks. Whoever only tries goes on as if another held it; a
            # builder, who waits, must know.
            if wait:
                raise
            return False
        return True

    def _take_on_windows(self, *, shared: bool, wait: bool) -> bool:
        if sys.platform == "win32":
            if shared:  # Windows refuses to remove open files, which is what the shared lock is for.
                return True
            try:
                msvcrt.locking(self._file, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except OSError:
                return False
        return True

    @property
    def is_current(self) -> bool:
        """Whether the locked file is still the one at the path, not one that was moved away."""
        try:
            return os.path.samestat(os.fstat(self._file), self._path.stat())
        except OSError:
            return False

    def touch(self) -> None:
        """Note the time of use, where that may be written."""
        try:
            os.utime(self._path)
        except OSError:
            return

    def close(self) -> None:
        """Let go of the lock; a second call does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
