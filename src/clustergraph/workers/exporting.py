"""Tasks that export: the file of a profile, or a zip of its folder, and what was lost."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, cast

from clustergraph.errors import LimitError, UsageError
from clustergraph.export import Export, Selection, problems, profile, profiles, select, write_export
from clustergraph.export.placing import files
from clustergraph.terms import Entailment
from clustergraph.workers.holdings import Holdings
from clustergraph.workers.media import BY_ENDING, OTHER, ZIP
from clustergraph.workers.question import Done, Task
from clustergraph.workers.writing import Output

_PIECE = 1 << 18
# What a zip says of the time of its files: the same in each.
_TIME = (1980, 1, 1, 0, 0, 0)


class Digesting:
    """An output that knows the SHA-256 of what went through."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._sha256 = hashlib.sha256()

    def write(self, piece: bytes) -> int:
        """Take in more bytes."""
        self._sha256.update(piece)
        return self._output.write(piece)

    def flush(self) -> None:
        """Pass on what was taken in."""
        self._output.flush()

    def digest(self) -> str:
        """The SHA-256 so far, in base64."""
        return base64.b64encode(self._sha256.digest()).decode()


def export(holdings: Holdings, task: Task, output: Output) -> Done:
    """Write what the profile of the task writes: the file, or a zip of the files of its folder.

    The notes are `filename` and `sha256`, in base64. Raises UnknownProfileError, ProfileError, and
    UsageError for a graph or a thing that is not there.
    """
    digesting = Digesting(output)

    def written(done: Export) -> Done:
        assert done.path is not None  # loss is accepted
        if done.path.is_file():
            with done.path.open("rb") as file:
                while piece := file.read(_PIECE):
                    digesting.write(piece)
            media, name = BY_ENDING.get(done.path.suffix, OTHER), done.path.name
        else:
            _zip(done.path, digesting)
            media, name = ZIP, f"{done.path.name}.zip"
        return Done(media, {"filename": name, "sha256": digesting.digest()})

    return _exported(holdings, task, written)


def listing(holdings: Holdings, _task: Task, output: Output) -> Done:
    """Write the profiles as JSON, and by name what is wrong with those that break their contract."""
    root, settings = holdings.folder.root, holdings.settings
    described = [
        one.describe() | {"media": BY_ENDING.get(one.ending, OTHER) if one.ending else ZIP}
        for one in profiles(root, settings).values()
    ]
    found = {name: str(error) for name, error in problems(root, settings).items()}
    output.write(json.dumps({"profiles": described, "problems": found}, ensure_ascii=False).encode())
    return Done("application/json")


def loss(holdings: Holdings, task: Task, output: Output) -> Done:
    """Write what the export of the task loses, as JSON; raises as `export`."""

    def written(done: Export) -> Done:
        output.write(done.loss.json())
        return Done("application/json")

    return _exported(holdings, task, written)


def _exported(holdings: Holdings, task: Task, written: Callable[[Export], Done]) -> Done:
    root, wanted = holdings.folder.root, task.option("profile")
    known = profile(wanted, root, holdings.settings)
    with TemporaryDirectory(prefix="export-") as folder:
        try:
            selection = _selection(holdings, task)
            return written(write_export(known, selection, Path(folder) / (wanted + known.ending), root=root))
        except UsageError as error:
            if isinstance(error.__cause__, OSError):
                raise LimitError("size", "there is no room for the export") from error
            raise UsageError(str(error).removeprefix("--")) from error


def _selection(holdings: Holdings, task: Task) -> Selection:
    entailment: Entailment = "owl2rl" if task.option("entailment") == "owl2rl" else "none"
    return select(
        holdings.quads(entailment),
        holdings.settings,
        version=holdings.source.version,
        graph=task.option("graph") or None,
        about=task.option("about") or None,
    )


def _zip(folder: Path, output: Output) -> None:
    """Write the files of a folder as a zip, the same bytes each time."""
    native = cast("IO[bytes]", output)  # zipfile asks for no more than the two methods of what has no seek
    with zipfile.ZipFile(native, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files(folder):
            name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # as on Unix, wherever it is made
            with path.open("rb") as file, archive.open(entry, "w", force_zip64=True) as member:
                while piece := file.read(_PIECE):
                    member.write(piece)
