"""Files written aside and renamed: the old one stays whole till the new one is."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Put the data in the place of a file; raises OSError, with the file as it was.

    A link stays one, and permissions stay as they are. What is no file (a device, a pipe) is
    written as it is.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    new = written_aside(path, data)
    try:
        new.replace(path.resolve())
    except OSError:
        new.unlink(missing_ok=True)
        raise


def written_aside(path: Path, data: bytes) -> Path:
    """The data as a hidden file beside `path` (beside what a link leads to), with its permissions.

    Raises OSError, with nothing left over.
    """
    target = path.resolve()
    aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        # A new file, so that its permissions follow the umask where there is none before it.
        with aside.open("xb") as file:
            file.write(data)
        with suppress(FileNotFoundError):
            aside.chmod(target.stat().st_mode)
    except BaseException:  # an interrupt too leaves nothing
        aside.unlink(missing_ok=True)
        raise
    return aside
