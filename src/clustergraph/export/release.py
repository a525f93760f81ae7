"""A release: all exports in one folder, with checksums, counts, versions, licence, and what changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from clustergraph.errors import MissingLibraryError, UsageError
from clustergraph.export.export import Export, write_export
from clustergraph.export.placing import aside, files, place
from clustergraph.export.profile import Profile
from clustergraph.export.selection import Selection
from clustergraph.export.syntaxes import SYNTAXES
from clustergraph.settings import Settings
from clustergraph.snapshot import Progress

MANIFEST = "manifest.json"
IRIS = "iris.txt"
CHANGES = "changes.txt"
_QUADS = "nquads.nq"


@dataclass(frozen=True)
class Release:
    """A folder with all exports; `skipped` says why a profile is not in it."""

    path: Path
    exports: tuple[Export, ...]
    skipped: tuple[tuple[str, str], ...] = ()


def write_release(  # noqa: PLR0913  # the options of the command, by name
    known: Iterable[Profile],
    selection: Selection,
    path: Path | str,
    *,
    root: Path,
    since: Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Release:
    """Write every profile to a folder, with a manifest; nothing stands there before all is done.

    `since` is the folder of the release before, whose quads and IRIs are compared with. A profile
    whose library is not installed is skipped, and the manifest says so.
    """
    wanted = list(known)
    target = Path(path)
    before = _before(since) if since else None
    done: list[Export] = []
    skipped: list[tuple[str, str]] = []
    with aside(target, force=force) as made:
        made.mkdir()
        for number, profile in enumerate(wanted):
            if progress:
                progress("exports", number, len(wanted))
            try:
                done.append(
                    write_export(profile, selection, made / (profile.name + profile.ending), root=root)
                )
            except MissingLibraryError as error:
                skipped.append((profile.name, str(error)))
        _describe(made, selection, before)
        manifest = _manifest(made, selection, done, skipped)
        (made / MANIFEST).write_text(
            json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
        place(made, target)
    if progress:
        progress("exports", len(wanted), len(wanted))
    return Release(target, tuple(done), tuple(skipped))


def _describe(made: Path, selection: Selection, before: Path | None) -> None:
    """The list of IRIs, the citation, and the changes since the release before."""
    iris = released(selection)
    (made / IRIS).write_text("".join(f"{iri}\n" for iri in iris), encoding="utf-8")
    (made / "CITATION.cff").write_text(citation(selection.settings, selection.version), encoding="utf-8")
    if before is not None:
        changes = "".join(f"{line}\n" for line in _changes(before, made, iris))
        (made / CHANGES).write_text(changes, encoding="utf-8")


def released(selection: Selection) -> list[str]:
    """The IRIs of this graph that it describes, sorted: once released, none is used again."""
    base = f"<{selection.settings.base}"
    return sorted(thing[1:-1] for thing in selection.things if thing.startswith(base))


def citation(settings: Settings, data_version: str) -> str:
    """How to cite the graph, in Citation File Format 1.2."""
    language = settings.languages[0]
    title = settings.text(settings.title, language) or "A knowledge graph"
    fields = {
        "cff-version": "1.2.0",
        "message": "If you use this data set, please cite it as below.",
        "type": "dataset",
        "title": title,
        "abstract": settings.text(settings.description, language),
        "version": data_version[:12],
        "license-url": settings.license or "",
    }
    lines = [f"{name}: {json.dumps(text, ensure_ascii=False)}" for name, text in fields.items() if text]
    author = json.dumps(f"Contributors to {title}", ensure_ascii=False)
    return "\n".join([*lines, "authors:", f"  - name: {author}"]) + "\n"


def _manifest(
    made: Path, selection: Selection, done: list[Export], skipped: list[tuple[str, str]]
) -> dict[str, object]:
    settings = selection.settings
    exports = {
        one.profile: {
            "triples": one.triples,
            "carried": one.loss.carried,
            "given": one.loss.given,
            "lost": {kind.name: kind.lost for kind in one.loss.kinds if kind.lost},
        }
        for one in done
    }
    return {
        "title": dict(settings.title),
        "license": settings.license,
        "base": settings.base,
        "version": selection.version,
        "software": f"clustergraph {version('clustergraph')}",
        "exports": exports,
        "skipped": dict(skipped),
        "files": {
            one.relative_to(made).as_posix(): {"sha256": _sha256(one), "bytes": one.stat().st_size}
            for one in files(made)
        },
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _before(since: Path) -> Path:
    if not (since / _QUADS).is_file() or not (since / IRIS).is_file():
        raise UsageError(f"{since}: no release; expected {_QUADS} and {IRIS} in it")
    return since


def _changes(before: Path, made: Path, iris: list[str]) -> Iterator[str]:
    """IRIs that are gone, then the quads that are gone and those that are new, each with its sign."""
    read = SYNTAXES["nquads"].read
    old, new = set(read(before / _QUADS)), set(read(made / _QUADS))
    gone = sorted(set((before / IRIS).read_text(encoding="utf-8").split()) - set(iris))
    yield f"# {len(gone)} IRIs gone, {len(old - new)} quads removed, {len(new - old)} quads added"
    yield from (f"retired {iri}" for iri in gone)
    for sign, rows in (("-", old - new), ("+", new - old)):
        yield from (f"{sign} {' '.join(part for part in row if part)} ." for row in sorted(rows))
