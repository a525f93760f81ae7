"""A change: from a base to a proposal, both as editions of the graph's files."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from clustergraph.contribution.blank import Contents, contents
from clustergraph.contribution.tables import is_table, read_table
from clustergraph.errors import FolderError, UsageError
from clustergraph.folder import Folder, SourceFile, open_folder, source_file
from clustergraph.folder.edition import Edition
from clustergraph.folder.files import Kind
from clustergraph.folder.formats import FORMATS
from clustergraph.folder.parse import content, parse_text
from clustergraph.terms import Quad


@dataclass(frozen=True)
class Change:
    """What was and what is proposed; `base_name` and `proposal_name` say so for a reader."""

    base: Edition
    proposal: Edition
    base_name: str = "base"
    proposal_name: str = "proposal"

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The names of the files in which they differ, sorted."""
        before, after = (_by_name(edition) for edition in (self.base, self.proposal))
        return tuple(sorted(n for n in {*before, *after} if before.get(n) != after.get(n)))

    @cached_property
    def blank_nodes(self) -> tuple[Contents, Contents]:
        """The blank nodes of the files that differ, by their content: of the base, of the proposal.

        Those of the other files have the same labels in both.
        """
        return contents(self.quads(self.base)), contents(self.quads(self.proposal))

    def quads(self, edition: Edition) -> Iterator[Quad]:
        """The quads of the files that differ, as one of the two editions has them."""
        names = frozenset(self.files)
        for file, data in edition.contents.items():
            if file.name in names:
                yield from parse_text(file, data)


def _by_name(edition: Edition) -> dict[str, tuple[object, ...]]:
    return {file.name: (file.graph, file.kind, data) for file, data in edition.contents.items()}


def read_change(folder: Folder, paths: Sequence[Path], base: str | None = None) -> Change:
    """The change that puts the files at `paths` into the base; without any, all files of the root.

    `base` is a folder or a git revision; without it `HEAD` where the root is in a git checkout, else
    the root as it stands. A path inside the root replaces its version in the base, and removes it
    where there is no such file any more; a path outside is added, in a graph of its own. A path of a
    folder stands for the files in it. Raises FolderError for a path that is nowhere, UsageError for
    a base that is none.
    """
    before, name = _read_base(folder, base)
    if not paths:
        return Change(before, Edition.of(folder.files()), name, "the files as they stand")
    replaced: dict[SourceFile, bytes | None] = {}
    for path in expanded(paths):
        file = folder.file(path)
        if file is None:
            file, data = read_outside(path, folder)
            replaced[file] = data
        elif path.exists():
            replaced[file] = content(file)
        elif before.named(file.name):
            replaced[file] = None
        else:
            raise FolderError(path, "no such file, neither here nor in the base")
    return Change(before, before.replaced(replaced), name, ", ".join(map(str, paths)))


def read_revisions(folder: Folder, base: str, proposal: str) -> Change:
    """The change between two git revisions or folders; raises UsageError where one is neither."""
    before, after = _read_base(folder, base), _read_base(folder, proposal)
    return Change(before[0], after[0], before[1], after[1])


def read_standalone(folder: Folder, paths: Sequence[Path]) -> Edition:
    """The edition of some files alone; raises UsageError where none is named."""
    if not paths:
        raise UsageError("--standalone judges the files given; name at least one")
    return Edition(dict(read_outside(path, folder) for path in expanded(paths)))


def read_outside(path: Path, folder: Folder, *, kind: Kind = "data") -> tuple[SourceFile, bytes]:
    """A file that is none of the folder's and its content; a table as the Turtle that it means.

    Its name is its path, so that files of the same name in two places stay two.
    """
    if is_table(path):
        return read_table(path, folder.settings)
    file = replace(source_file(path, folder.settings, kind=kind), name=path.as_posix())
    return file, content(file)


def is_revision(folder: Folder, name: str) -> bool:
    """Whether `name` is a revision of the repository that the folder lies in."""
    return _git(folder.root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}") is not None


def expanded(paths: Sequence[Path]) -> Iterator[Path]:
    """The paths, those of folders replaced by the files of triples in them."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() in FORMATS and p.is_file())
        else:
            yield path


def _read_base(folder: Folder, base: str | None) -> tuple[Edition, str]:
    """The edition that `base` names, as `read_change` says, and what to call it."""
    if base is None:
        archive = _archive(folder.root, "HEAD") if is_revision(folder, "HEAD") else None
        if archive is None:
            return Edition.of(folder.files()), "the graph as it stands"
        return _edition(folder, archive), "HEAD"
    if Path(base).is_dir():
        return Edition.of(open_folder(Path(base)).files()), base
    if not is_revision(folder, base):
        raise UsageError(f"{base}: expected a folder or a git revision to start from")
    archive = _archive(folder.root, base)
    if archive is None:
        raise UsageError(f"{base}: git has no folder {folder.root} in that revision")
    return _edition(folder, archive), base


def _edition(folder: Folder, archive: bytes) -> Edition:
    contents: dict[SourceFile, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            file = folder.file(folder.root / member.name) if member.isfile() else None
            read = tar.extractfile(member) if file else None
            if file and read:
                contents[file] = read.read()
    return Edition(dict(sorted(contents.items(), key=lambda item: item[0].name)))


def _archive(root: Path, revision: str) -> bytes | None:
    """The files of the folder in a revision as a tar, None where it was not there."""
    return _git(root, "archive", "--format=tar", revision, "--", ".")


def _git(root: Path, *arguments: str) -> bytes | None:
    """What git prints, or None where it fails or there is no git."""
    try:
        ran = subprocess.run(["git", "-C", root, *arguments], capture_output=True, check=True)  # noqa: S603, S607
    except (OSError, subprocess.CalledProcessError):
        return None
    return ran.stdout
