"""Where an export goes: made aside and renamed, so that an old one stays whole till the new one is."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clustergraph.errors import UsageError

LOSS = "loss.json"


@contextmanager
def aside(target: Path, *, force: bool) -> Iterator[Path]:
    """A path beside the target, of the same name, to write to; it is gone when the block is left.

    Raises UsageError where the target is there and not to be replaced, or where nothing can be
    written, also on a disk that is full.
    """
    if target.exists() and not force:
        raise UsageError(f"{target}: is there already; --force replaces it")
    try:
        folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    except OSError as error:
        raise UsageError(f"{target}: cannot be written: {error.strerror or error}") from error
    try:
        yield folder / target.name
    except OSError as error:
        raise UsageError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def place(made: Path, target: Path) -> None:
    """Put what was made into the place of the target.

    Raises UsageError where the target holds files of other kinds than an export writes.
    """
    _ordinary(made)
    if made.is_file():
        if target.is_dir():
            raise UsageError(f"{target}: is a folder; the export is one file")
        made.replace(target)
        return
    if target.exists():
        _check_replaceable(made, target)
        old = made.with_name(f"{made.name}.old")
        target.rename(old)
        try:
            made.rename(target)
        except OSError:
            old.rename(target)
            raise
    else:
        made.rename(target)


def _check_replaceable(made: Path, target: Path) -> None:
    if not target.is_dir():
        raise UsageError(f"{target}: is a file; the export is a folder")
    endings = {path.suffix for path in files(made)} | {".json"}
    other = [path for path in files(target) if path.suffix not in endings]
    if other:
        raise UsageError(
            f"{target}: holds {other[0].relative_to(target)}, which is no export's; not replaced"
        )


def files(path: Path) -> list[Path]:
    """The files of a folder, sorted, or the one file that the path is."""
    return [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())


def _ordinary(made: Path) -> None:
    """Give a folder that was made private the permissions of an ordinary one."""
    if made.is_dir():
        umask = os.umask(0)
        os.umask(umask)
        made.chmod(0o777 & ~umask)
