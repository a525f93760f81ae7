"""An export: selected, written, read back, compared with what went in, and put in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clustergraph.errors import UsageError
from clustergraph.export.construct import construct, mapped
from clustergraph.export.loss import Connected, Exact, Links, Loss, loss
from clustergraph.export.placing import LOSS, aside, files, place
from clustergraph.export.profile import Profile, aspects
from clustergraph.export.rows import Row
from clustergraph.export.selection import Selection
from clustergraph.export.syntaxes import SYNTAXES
from clustergraph.export.tables import WRITERS
from clustergraph.snapshot import Progress

_REPORT_EACH = 20_000


@dataclass(frozen=True)
class Export:
    """What was written, and what of it was lost; `path` is None where loss was not accepted."""

    profile: str
    path: Path | None
    files: tuple[Path, ...]
    triples: int
    """The triples that are read back."""
    loss: Loss


def target_of(profile: Profile, path: Path | str) -> Path:
    """Where an export goes: a file of its own name in a folder that ends in `/` or is there already."""
    target = Path(path)
    if profile.ending and (target.is_dir() or str(path).endswith("/")):
        return target / (profile.name + profile.ending)
    return target


def write_export(  # noqa: PLR0913  # the options of the command, by name
    profile: Profile,
    selection: Selection,
    path: Path | str,
    *,
    root: Path,
    strict: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> Export:
    """Write a profile to a path: one file, or a folder. Nothing stands there before all is done.

    With `strict` nothing is written where something is lost. Raises UsageError for a path that
    cannot be written or is taken, ProfileError for a profile that breaks its contract.
    """
    if selection.is_empty:
        raise UsageError("there is nothing to export")
    target = target_of(profile, path)
    if target.parent != Path(path).parent and not target.parent.exists():
        target.parent.mkdir(parents=True)
    told = progress or _quiet
    with aside(target, force=force) as made:
        told("writing", 0, None)
        _write(profile, selection, made)
        found, triples = _compared(profile, selection, made, root, told)
        if strict and not found.none:
            return Export(profile.name, None, (), triples, found)
        beside = target.with_name(f"{target.name}.{LOSS}")
        if made.is_dir() and not found.none:
            (made / LOSS).write_bytes(found.json())
        elif made.is_file() and not found.none:
            report = made.with_name("loss")
            report.write_bytes(found.json())
            place(report, beside)
        place(made, target)
        if target.is_file() and found.none:
            beside.unlink(missing_ok=True)  # of an older export
    told("reading back", triples, triples)
    written = files(target) + ([beside] if target.is_file() and beside.exists() else [])
    return Export(profile.name, target, tuple(written), triples, found)


def _quiet(stage: str, done: int, total: int | None) -> None:
    """Nobody looks."""


def _write(profile: Profile, selection: Selection, made: Path) -> None:
    rows = construct(profile, selection) if profile.queries else selection.rows
    if profile.writer in SYNTAXES:
        with made.open("wb") as out:
            SYNTAXES[profile.writer].write(rows, out, selection.settings)
    else:
        WRITERS[profile.writer].write(rows, made, selection)


def _compared(
    profile: Profile, selection: Selection, made: Path, root: Path, told: Progress
) -> tuple[Loss, int]:
    """What was lost, and the number of triples that are read back."""
    links = Links(selection.things)
    count = 0

    def back() -> Iterator[Row]:
        nonlocal count
        reading = SYNTAXES[profile.writer].read(made) if profile.writer in SYNTAXES else None
        for row in links.passing(reading or WRITERS[profile.writer].read(made, selection)):
            if count % _REPORT_EACH == 0:
                told("reading back", count, None)
            count += 1
            yield row

    found = (
        Exact(back(), graphs=SYNTAXES[profile.writer].graphs)
        if profile.is_syntax
        else Connected(back(), selection.rows)
    )
    settings = selection.settings
    report = loss(
        profile.name,
        selection.rows,
        found,
        aspects(root, settings),
        settings=settings,
        mapping=mapped(profile),
    )
    return report.with_dangling(links.dangling), count
