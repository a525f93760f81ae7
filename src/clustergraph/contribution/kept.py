"""Bases that were judged, kept beside the snapshots: the same base is judged once for many changes.

A folder `<key>` holds the report and, where the graph is large, its store: to open one takes some
hundredths of a second, to load a million triples ten.
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox

from clustergraph.contribution.judgement import Judgement
from clustergraph.contribution.placing import renamed, shown
from clustergraph.errors import StoreError
from clustergraph.folder import LiteralTable
from clustergraph.folder.edition import Edition
from clustergraph.snapshot.cache import cache_path
from clustergraph.store import EmbeddedStore
from clustergraph.validation import Report, Result, State

# The rooms whose code decides what stands in a report.
_ROOMS = ("contribution", "folder", "inference", "sparql", "store", "validation")
# More bases than this are not judged in turns.
_MOST = 6
# Bytes of files from which on the store is kept as well: some 100,000 triples, which load in a second.
_LARGE = 4 << 20
_REPORT, _STORE, _LITERALS = "report.pickle", "store", "literals.tsv"


def base_report(judgement: Judgement, base: Edition) -> Report:
    """The report on a base, its results present, from the cache where its content was judged before.

    The edition then takes its store from there too, where one is kept. The cache is trusted as
    compiled Python is: it lies in the user's own folder, and the key is made of the content of all
    files, shapes and settings, and of the code. Where it cannot be read or written the report is made
    anew.
    """
    path = _home() / _key(judgement, base)
    # Where the files lie is seen from where the reader stands.
    names = {file.name: shown(file.path) for file in base.contents}
    if found := _read(path, base):
        moved = {was: names[name] for name, was in found.names.items() if names[name] != was}
        return renamed(found.report, moved) if moved else found.report
    report = judgement.report(base)
    kept = _Kept(replace(report, results=tuple(map(_present, report.results))), names)
    data = pickle.dumps(kept)
    # Capitals of language tags are lost on the way; such a report is not kept.
    if pickle.loads(data) == kept:  # noqa: S301  # dumped one line above
        with suppress(OSError, StoreError):
            _keep(path, data, base)
    return kept.report


def clear_bases() -> int:
    """Remove what is kept of bases; returns how many there were."""
    kept = _kept()
    shutil.rmtree(_home(), ignore_errors=True)
    return len(kept)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A report, and what the files of these names are called in it."""

    report: Report
    names: Mapping[str, str]


def _present(result: Result) -> Result:
    return replace(result, state=State.PRESENT)


def _home() -> Path:
    return cache_path().parent / "reports"


def _read(path: Path, base: Edition) -> _Kept | None:
    """The report that is kept at `path`, None where there is none; opens the store for the edition."""
    errors = (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError, StoreError)
    with suppress(*errors), _uncollected():
        found = pickle.loads((path / _REPORT).read_bytes())  # noqa: S301  # written below
        if isinstance(found, _Kept):
            if (path / _STORE).exists():
                base.hold(EmbeddedStore.open(path / _STORE), LiteralTable.read(path / _LITERALS))
            os.utime(path)
            return found
    return None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without collecting garbage: thousands of results are read, and none of them is."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _keep(path: Path, report: bytes, base: Edition) -> None:
    """Write it aside, rename it, and remove what has not been used for longest."""
    _home().mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".aside-", dir=_home()))
    try:
        (aside / _REPORT).write_bytes(report)
        if sum(map(len, base.contents.values())) > _LARGE:
            store = EmbeddedStore(ox.Store(str(aside / _STORE)))
            store.load(base.store.dump())
            store.native.flush()
            store.close()
            base.literals.write(aside / _LITERALS)
        shutil.rmtree(path, ignore_errors=True)
        aside.rename(path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    for old in _kept()[_MOST:]:
        shutil.rmtree(old, ignore_errors=True)


def _kept() -> list[Path]:
    """The folders of bases, the last used first."""
    found = [path for path in _home().glob("*") if path.is_dir()] if _home().is_dir() else []
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _key(judgement: Judgement, base: Edition) -> str:
    whole = hashlib.sha256()
    for part in _parts(judgement, base):
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()[:32]


def _parts(judgement: Judgement, base: Edition) -> Iterator[bytes]:
    package = Path(__file__).parent.parent
    for room in _ROOMS:
        for path in sorted((package / room).rglob("*.*")):
            if path.suffix in {".py", ".toml", ".rules"}:
                yield path.read_bytes()
    yield ox.__version__.encode()
    for told in (judgement.folder.settings, judgement.entailment, judgement.engine):
        yield repr(told).encode()
    for triple in judgement.shapes_for(base):
        yield str(triple).encode()
    for file, data in base.contents.items():
        yield f"{file.name}\n{file.graph}\n{file.format}\n{file.kind}".encode()
        yield data
