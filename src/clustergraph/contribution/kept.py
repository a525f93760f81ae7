"""Reports on bases, kept beside the snapshots: the same base is judged once for many changes."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyoxigraph

from clustergraph.contribution.judgement import Judgement
from clustergraph.folder.edition import Edition
from clustergraph.snapshot.cache import cache_path
from clustergraph.validation import Report
from clustergraph.writing import write_whole

# The rooms whose code decides what stands in a report.
_ROOMS = ("contribution", "folder", "inference", "sparql", "store", "validation")
# More bases than this are not judged in turns.
_MOST = 16


def base_report(judgement: Judgement, base: Edition) -> Report:
    """The report on a base, without places; from the cache where its content was judged before.

    The cache is trusted as compiled Python is: it lies in the user's own folder, and the key is made
    of the content of all files, shapes and settings, and of the code. Where it cannot be read or
    written the report is made anew.
    """
    path = cache_path().parent / "reports" / f"{_key(judgement, base)}.pickle"
    with suppress(OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError):
        found = pickle.loads(path.read_bytes())  # noqa: S301  # written below
        if isinstance(found, Report):
            return found
    report = judgement.results(base)
    data = pickle.dumps(report)
    # Capitals of language tags are lost on the way; such a report is not kept.
    if pickle.loads(data) == report:  # noqa: S301  # dumped one line above
        with suppress(OSError):
            _keep(path, data)
    return report


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)
    kept = sorted(path.parent.glob("*.pickle"), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in kept[_MOST:]:
        old.unlink(missing_ok=True)


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
    yield pyoxigraph.__version__.encode()
    for told in (judgement.folder.settings, judgement.entailment, judgement.engine):
        yield repr(told).encode()
    for triple in judgement.shapes_for(base):
        yield str(triple).encode()
    for file, data in base.contents.items():
        yield f"{file.name}\n{file.graph}\n{file.format}\n{file.kind}".encode()
        yield data
