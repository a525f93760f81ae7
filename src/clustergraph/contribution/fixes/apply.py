"""Fixes written into files: all of them, or none."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from clustergraph.errors import FolderError
from clustergraph.folder import SourceFile, format_turtle
from clustergraph.folder.edition import Edition
from clustergraph.folder.formats import TURTLE
from clustergraph.folder.parse import BOM
from clustergraph.validation import Edit, Report
from clustergraph.writing import written_aside


@dataclass(frozen=True)
class Applied:
    """The files that fixes change, as they were and as they are to be."""

    before: Mapping[SourceFile, bytes]
    after: Mapping[SourceFile, bytes]

    def difference(self) -> str:
        """What changes, as a unified diff."""
        parts = []
        for file, data in self.after.items():
            old, new = (d.decode("utf-8", errors="replace") for d in (self.before[file], data))
            name = file.path.as_posix()
            lines = difflib.unified_diff(old.splitlines(), new.splitlines(), name, name, lineterm="")
            parts += [f"{line}\n" for line in lines]
        return "".join(parts)

    def write(self) -> None:
        """Put the new contents in the place of the files, once all of them are written aside.

        Raises FolderError, with every file as it was, where one cannot be written or has changed.
        """
        aside: dict[SourceFile, Path] = {}
        placed: list[SourceFile] = []
        try:
            for file, data in self.after.items():
                if file.path.read_bytes() != self.before[file]:
                    raise FolderError(file.path, "has changed meanwhile; nothing was written")
                aside[file] = written_aside(file.path, data)
            for file, new in aside.items():
                new.replace(file.path.resolve())
                placed.append(file)
        except OSError as error:
            for file in placed:
                file.path.write_bytes(self.before[file])
            raise FolderError(str(error.filename), f"cannot be written: {error.strerror}") from error
        finally:
            for new in aside.values():
                new.unlink(missing_ok=True)


def apply_fixes(report: Report, edition: Edition) -> Applied:
    """The files as the first fix of each result makes them; a fix that meets another one is left out.

    A file in the one layout stays in it. A file whose content is not what lies on disk (that of a
    git revision) is left as it is.
    """
    files = {Path(name).resolve(): file for file in edition.contents for name in [file.path]}
    chosen: defaultdict[SourceFile, list[Edit]] = defaultdict(list)
    for result in report.results:
        fix = next((fix for fix in result.fixes if fix.edits), None)
        if fix is None:
            continue
        placed = [(files[Path(edit.file).resolve()], edit) for edit in fix.edits]
        if all(edit in chosen[file] or _is_free(edit, chosen[file]) for file, edit in placed):
            for file, edit in placed:
                if edit not in chosen[file]:
                    chosen[file].append(edit)
    before = {
        file: edition.contents[file] for file, edits in chosen.items() if edits and _is_on_disk(file, edition)
    }
    return Applied(before, {file: _edited(file, data, chosen[file]) for file, data in before.items()})


def _is_on_disk(file: SourceFile, edition: Edition) -> bool:
    try:
        return file.path.read_bytes() == edition.contents[file]
    except OSError:
        return False


def _is_free(edit: Edit, others: Iterable[Edit]) -> bool:
    start, end = (edit.line, edit.column), (edit.end_line, edit.end_column)
    return not any(
        start == (other.line, other.column)
        or (start < (other.end_line, other.end_column) and (other.line, other.column) < end)
        for other in others
    )


def _edited(file: SourceFile, data: bytes, edits: list[Edit]) -> bytes:
    text = data.removeprefix(BOM).decode()
    for edit in sorted(edits, key=lambda e: (e.line, e.column), reverse=True):
        start, end = _offset(text, edit.line, edit.column), _offset(text, edit.end_line, edit.end_column)
        text = text[:start] + edit.text + text[end:]
    new = (BOM if data.startswith(BOM) else b"") + text.encode()
    is_laid_out = file.format is TURTLE and format_turtle(file, data).encode() == data
    return format_turtle(file, new).encode() if is_laid_out else new


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1
