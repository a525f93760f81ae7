"""A folder and its closure as two stores that are only read."""

from __future__ import annotations

import hashlib
import json
import os
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from clustergraph.errors import SnapshotError, StoreError
from clustergraph.folder import LiteralTable
from clustergraph.snapshot.build import Built
from clustergraph.snapshot.findings import read_findings, write_findings
from clustergraph.snapshot.lock import Lock
from clustergraph.snapshot.steps import Steps
from clustergraph.store import EmbeddedStore
from clustergraph.terms import Entailment, Literal, NamedNode, Quad, Term, Triple

if TYPE_CHECKING:
    from clustergraph.inference import Ignored, Inconsistency

MANIFEST = "snapshot.json"
LOCK = "lock"
_LITERALS = "literals.tsv"
_STEPS = "steps.bin"
_FINDINGS = "findings.json"
# Enough of a file to see that it was cut or overwritten; the engine has checksums for each block.
_LOOKED_AT = 1 << 16


Fingerprints = dict[str, list[int | str]]


class Manifest(TypedDict):
    """What `snapshot.json` holds."""

    key: str
    version: str
    root: str
    triples: int
    inferred: int
    files: Fingerprints


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The state of a folder: the stores `asserted` and `entailed`, and what was noted beside them.

    `version` is the SHA-256 of the asserted dataset in canonical N-Quads. `path` is where it lies, or
    None for one in memory; the stores of a path are its folders `asserted` and `entailed`. While it
    is open it is not removed from the cache.
    """

    version: str
    key: str
    path: Path | None = None
    triples: int = 0
    """The triples of the default graph of `asserted`."""
    inferred: int = 0
    """The triples that `entailed` has beyond them."""
    _built: Built | None = field(default=None, repr=False)
    _lock: Lock | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self._lock is not None:
            weakref.finalize(self, self._lock.close)

    @cached_property
    def asserted(self) -> EmbeddedStore:
        """The store of what the files say."""
        return EmbeddedStore(self._built.asserted) if self._built else self._store("asserted")

    @cached_property
    def entailed(self) -> EmbeddedStore:
        """The store of what the files say and what follows from it by OWL 2 RL."""
        return EmbeddedStore(self._built.entailed) if self._built else self._store("entailed")

    @cached_property
    def literals(self) -> LiteralTable:
        """The literals as written, where the stores keep another spelling."""
        return self._built.literals if self._built else LiteralTable.read(self._file(_LITERALS))

    @property
    def inconsistencies(self) -> tuple[Inconsistency, ...]:
        """The contradictions that inference found; an inconsistent graph opens as any other."""
        return self._findings[0]

    @property
    def ignored(self) -> tuple[Ignored, ...]:
        """The axioms outside of OWL 2 RL that inference left out."""
        return self._findings[1]

    def step(self, triple: Triple) -> int | None:
        """The step at which an inferred triple was derived, counted from 1; None for any other."""
        return self._steps.step(triple)

    def written(self, subject: Term, predicate: NamedNode, stored: Term) -> tuple[Literal, ...]:
        """The literals as written for an object that a store holds, as LiteralTable says."""
        return self.literals.written(subject, predicate, stored)

    def quads(self, entailment: Entailment = "none") -> Iterator[Quad]:
        """The quads of all named graphs, literals as written; with `owl2rl` the inferred ones too."""
        store = self.entailed if entailment == "owl2rl" else self.asserted
        return self.literals.as_written(store.dump())

    def close(self) -> None:
        """Let go of the lock, so that the snapshot may be removed."""
        if self._lock is not None:
            self._lock.close()

    @cached_property
    def _findings(self) -> tuple[tuple[Inconsistency, ...], tuple[Ignored, ...]]:
        if self._built:
            return self._built.inconsistencies, self._built.ignored
        return read_findings(self._file(_FINDINGS))

    @cached_property
    def _steps(self) -> Steps:
        if self._built:
            return self._built.steps
        return Steps.read(self._file(_STEPS))

    def _file(self, name: str) -> Path:
        assert self.path is not None  # a snapshot in memory was built here
        return self.path / name

    def _store(self, name: str) -> EmbeddedStore:
        try:
            return EmbeddedStore.open(self._file(name))
        except StoreError as error:
            problem = f"it is damaged; `clustergraph cache --clear` removes it ({error})"
            raise SnapshotError(self._file(name), problem) from error


def write_notes(built: Built, path: Path) -> None:
    """Write what was noted beside the stores, and the file that the lock is on."""
    built.literals.write(path / _LITERALS)
    built.steps.write(path / _STEPS)
    write_findings(path / _FINDINGS, built.inconsistencies, built.ignored)
    (path / LOCK).touch()


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write the manifest, by which a snapshot is whole; its stores are closed by now."""
    manifest["files"] = _fingerprints(path)
    (path / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def read_snapshot(path: Path) -> Snapshot | None:
    """The snapshot at `path`, held against removal; None where there is none, or a damaged one."""
    try:
        lock = Lock(path / LOCK, create=False)
    except OSError:
        return None
    if lock.take(shared=True, wait=False) and lock.is_current:
        manifest = sound_manifest(path)
        if manifest is not None:
            lock.touch()
            return Snapshot(
                manifest["version"],
                manifest["key"],
                path,
                manifest["triples"],
                manifest["inferred"],
                _lock=lock,
            )
    lock.close()
    return None


def sound_manifest(path: Path) -> Manifest | None:
    """The manifest of the snapshot at `path`; None where it or a file that it lists is not as it was."""
    try:
        manifest: Manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        if manifest["files"] == _fingerprints(path):
            return manifest
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None


def _fingerprints(path: Path) -> Fingerprints:
    """Size, and hash of head and tail, of each file that is only read once it is written."""
    found: Fingerprints = {}
    for folder in (path, path / "asserted", path / "entailed"):
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.is_file() and not entry.name.startswith(("LOG", "LOCK", LOCK, MANIFEST)):
                name = f"{folder.name}/{entry.name}" if folder != path else entry.name
                found[name] = _fingerprint(Path(entry.path))
    return found


def _fingerprint(path: Path) -> list[int | str]:
    with path.open("rb") as data:
        size = os.fstat(data.fileno()).st_size
        digest = hashlib.blake2b(data.read(_LOOKED_AT), digest_size=16)
        if size > _LOOKED_AT:
            data.seek(max(size - _LOOKED_AT, _LOOKED_AT))
            digest.update(data.read())
    return [size, digest.hexdigest()]
