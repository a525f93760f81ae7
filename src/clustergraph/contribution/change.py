"""A change: from a base to a proposal, both as editions of the graph's files."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from clustergraph.contribution.blank import Contents, contents
from clustergraph.contribution.tables import is_table, read_table
from clustergraph.errors import FolderError, UsageError
from clustergraph.folder import Folder, LiteralTable, SourceFile, open_folder, source_file
from clustergraph.folder.edition import Edition
from clustergraph.folder.files import Kind
from clustergraph.folder.formats import FORMATS
from clustergraph.folder.parse import content
from clustergraph.terms import Literal, Quad, Triple

_AS_IT_STANDS = "the graph as it stands"


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
    def alters_shapes(self) -> bool:
        """Whether a file of shapes is among those that differ."""
        files = (*self.base.contents, *self.proposal.contents)
        return any(file.kind == "shapes" and file.name in self.files for file in files)

    @cached_property
    def changed(self) -> frozenset[Triple]:
        """The triples that the files of one edition state and those of the other do not, as stored.

        One that is stated elsewhere too, where they do not differ, is among them.
        """
        before, after = map(frozenset, self.quads)
        stored = LiteralTable().stored
        return frozenset(
            Triple(q.subject, q.predicate, stored(q.object) if isinstance(q.object, Literal) else q.object)
            for q in before ^ after
        )

    @cached_property
    def blank_nodes(self) -> tuple[Contents, Contents]:
        """The blank nodes of what differs, by their content: of the base, of the proposal.

        All others have the same labels in both.
        """
        before, after = self.quads
        return contents(before), contents(after)

    @cached_property
    def quads(self) -> tuple[tuple[Quad, ...], tuple[Quad, ...]]:
        """The quads of the statements that differ: of the base, of the proposal.

        Others of the same files may state some of them too.
        """
        parts = self.proposal.differing(self.base)
        return (
            tuple(quad for part in parts for quad in part.before),
            tuple(quad for part in parts for quad in part.after),
        )


def _by_name(edition: Edition) -> dict[str, tuple[object, ...]]:
    return {file.name: (file.graph, file.kind, data) for file, data in edition.contents.items()}


def read_change(folder: Folder, paths: Sequence[Path], base: str | None = None) -> Change:
    """The change that puts the files at `paths` into the base; without any, all files of the root.

    `base` is a folder or a git revision; without it `HEAD` where the root is in a git checkout, else
    the root as it stands, but for the files at `paths`: nothing tells what these were. A path inside
    the root replaces its version in the base, and removes it where there is no such file any more; a
    path outside is added, in a graph of its own. A path of a folder stands for the files in it. Raises
    FolderError for a path that is nowhere, UsageError for a base that is none.
    """
    before, name = _read_base(folder, base)
    if not paths:
        after = Edition(Edition.of(folder.files()).contents, before)
        return Change(before, after, name, "the files as they stand")
    if name == _AS_IT_STANDS:
        inside = (file for path in expanded(paths) if (file := folder.file(path)) and path.exists())
        before = Edition(before.replaced(dict.fromkeys(inside)).contents)
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


def read_difference(folder: Folder, given: Sequence[Path | str], base: str | None = None) -> Change:
    """The change of `read_change`; where two git revisions are given, from the first to the second.

    A path that is there is a path, whatever revision it may name too.
    """
    names = [str(name) for name in given]
    revisions = [name for name in names if not Path(name).exists() and is_revision(folder, name)]
    if base is None and len(names) == 2 and revisions == names:
        return read_revisions(folder, *names)
    for name in names:
        if not Path(name).exists() and folder.file(Path(name)) is None and name not in revisions:
            raise UsageError(f"{name}: neither a file nor a git revision")
    return read_change(folder, tuple(map(Path, names)), base)


def read_revisions(folder: Folder, base: str, proposal: str) -> Change:
    """The change between two git revisions or folders; raises UsageError where one is neither."""
    before, after = _read_base(folder, base), _read_base(folder, proposal)
    return Change(before[0], Edition(after[0].contents, before[0]), before[1], after[1])


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
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in FORMATS and p.is_file())
            if not found:
                raise FolderError(path, "it holds no file of triples")
            yield from found
        else:
            yield path


def _read_base(folder: Folder, base: str | None) -> tuple[Edition, str]:
    """The edition that `base` names, as `read_change` says, and what to call it.

    A revision that does not have the folder is empty; so is HEAD before the first commit.
    """
    if base is None:
        edition = _edition(folder, "HEAD")
        if edition is None or not edition.contents:
            return Edition.of(folder.files()), _AS_IT_STANDS
        return edition, "HEAD"
    if Path(base).is_dir():
        return Edition.of(open_folder(Path(base)).files()), base
    edition = _edition(folder, base)
    if edition is None and base == "HEAD" and _git(folder.root, "rev-parse", "--git-dir") is not None:
        edition = Edition({})
    if edition is None:
        raise UsageError(f"{base}: expected a folder or a git revision to start from")
    return edition, base


def _edition(folder: Folder, revision: str) -> Edition | None:
    """The files of the folder in a revision, None where there is no such revision."""
    if not is_revision(folder, revision):
        return None
    # Not `git archive`, which leaves out what .gitattributes marks and rewrites line ends.
    listed = _git(folder.root, "ls-tree", "-r", "-z", revision, "--", "data", "ontology")
    files: dict[SourceFile, bytes] = {}
    for entry in (listed or b"").split(b"\0"):
        stat, _, name = entry.partition(b"\t")
        file = folder.file(folder.root / os.fsdecode(name)) if stat.startswith(b"100") else None
        if file is not None:
            files[file] = stat.split()[2]
    contents = _blobs(folder.root, list(files.values()))
    return Edition(dict(sorted(zip(files, contents, strict=True), key=lambda item: item[0].name)))


def _blobs(root: Path, names: Sequence[bytes]) -> Iterator[bytes]:
    """The contents of git's objects, in their order."""
    answer = io.BytesIO(_git(root, "cat-file", "--batch", stdin=b"\n".join(names) + b"\n") or b"")
    for _ in names:
        size = int(answer.readline().split()[2])
        yield answer.read(size)
        answer.readline()


def _git(root: Path, *arguments: str, stdin: bytes = b"") -> bytes | None:
    """What git prints, or None where it fails or there is no git."""
    command = ["git", "-C", str(root), *arguments]
    try:
        ran = subprocess.run(command, capture_output=True, check=True, input=stdin)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
    return ran.stdout
