"""Fixes written into files: all of them, or none."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clustergraph.contribution.fixes.documents import Document, is_patched
from clustergraph.contribution.fixes.syntaxes.replacement import Replacement
from clustergraph.contribution.tables import TableFile
from clustergraph.errors import FolderError
from clustergraph.folder import SourceFile, format_turtle
from clustergraph.folder.edition import Edition
from clustergraph.folder.formats import TURTLE
from clustergraph.terms import Triple
from clustergraph.validation import Edit, Fix, Report
from clustergraph.writing import written_aside


@dataclass(frozen=True)
class Applied:
    """The files that fixes change, as they were and as they are to be.

    `read` are the latter as an edition has them: a table as the Turtle that it means.
    """

    before: Mapping[SourceFile, bytes] = field(default_factory=dict)
    after: Mapping[SourceFile, bytes] = field(default_factory=dict)
    read: Mapping[SourceFile, bytes] = field(default_factory=dict)

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

    Each file parses to what it said before with the patches of its fixes made; a fix with which it
    would not is left out. A file in the one layout stays in it. A file whose content is not what lies on
    disk (that of a git revision) is left as it is.
    """
    first = (next((fix for fix in result.fixes if fix.edits), None) for result in report.results)
    fixes = dict.fromkeys(fix for fix in first if fix is not None)
    paths = {Path(edit.file).resolve() for fix in fixes for edit in fix.edits}
    documents = [Document(file, edition) for file in edition.contents if file.path.resolve() in paths]
    on_disk = {document.file.path.resolve(): document for document in documents if _is_on_disk(document)}
    chosen: list[Fix] = []
    taken: dict[Edit, None] = {}
    for fix in fixes:
        if not all(Path(edit.file).resolve() in on_disk for edit in fix.edits):
            continue
        if all(edit in taken or _is_free(edit, taken) for edit in fix.edits):
            chosen.append(fix)
            taken |= dict.fromkeys(fix.edits)
    fixed = _fixed(chosen, on_disk)
    before = {document.file: document.data for document in fixed}
    after = {document.file: _laid_out(document, data) for document, data in fixed.items()}
    read = dict(document.reread(after[document.file]) for document in fixed)
    return Applied(before, after, read)


def _is_on_disk(document: Document) -> bool:
    try:
        return document.file.path.read_bytes() == document.data
    except OSError:
        return False


def _is_free(edit: Edit, others: Iterable[Edit]) -> bool:
    start, end = (edit.line, edit.column), (edit.end_line, edit.end_column)
    return not any(
        edit.file == other.file
        and (
            start == (other.line, other.column)
            or (start < (other.end_line, other.end_column) and (other.line, other.column) < end)
        )
        for other in others
    )


def _fixed(fixes: Sequence[Fix], documents: Mapping[Path, Document]) -> dict[Document, bytes]:
    """The contents with all fixes made, else with those that can be made one after the other."""
    found = _made(fixes, documents)
    if found is not None:
        return found
    kept: list[Fix] = []
    for fix in fixes:
        if _made([*kept, fix], documents) is not None:
            kept.append(fix)
    return _made(kept, documents) or {}


def _made(fixes: Sequence[Fix], documents: Mapping[Path, Document]) -> dict[Document, bytes] | None:
    """The contents with the fixes made; None where one says anything else than it should."""
    edits: dict[Document, list[Edit]] = {}
    for edit in dict.fromkeys(edit for fix in fixes for edit in fix.edits):
        edits.setdefault(documents[Path(edit.file).resolve()], []).append(edit)
    found = {document: document.edited(_replacements(document, edits[document])) for document in edits}
    for document, data in found.items():
        here = set(edits[document])
        if not _says(document, data, [fix for fix in fixes if not here.isdisjoint(fix.edits)]):
            return None
    return found


def _says(document: Document, data: bytes, fixes: Iterable[Fix]) -> bool:
    """Whether a content says what the document says with the patches of fixes made."""
    removed, added = set[Triple](), set[Triple]()
    for fix in fixes:
        if not fix.removed:
            added.update(fix.added)
        for old, new in zip(fix.removed, fix.added, strict=bool(fix.removed)):
            stated = document.as_written(old)
            if stated is not None:
                removed.add(stated)
                added.add(new)
    return is_patched(set(document.quads), document.parsed(data), removed, added)


def _replacements(document: Document, edits: Iterable[Edit]) -> Iterator[Replacement]:
    for edit in edits:
        start = document.offset(edit.line, edit.column)
        yield Replacement(start, document.offset(edit.end_line, edit.end_column), edit.text)


def _laid_out(document: Document, data: bytes) -> bytes:
    """The content in the one layout where the document is in it."""
    file = document.file
    if file.format is not TURTLE or isinstance(file, TableFile):
        return data
    try:
        is_laid_out = format_turtle(file, document.data).encode() == document.data
        return format_turtle(file, data).encode() if is_laid_out else data
    except FolderError:  # what it says has no layout
        return data
