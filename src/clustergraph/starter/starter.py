"""The graph of lakes with the base, title and languages that were asked for, put in its place whole."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clustergraph.errors import FolderError, UsageError
from clustergraph.folder import format_file
from clustergraph.settings import FILE_NAME, is_base, is_language

_FOLDER = Path(__file__).with_name("folder")
_BASE = "https://lakes.example/"
_TITLE = "Lakes"
_LANGUAGES = ("en", "ja")
"""Those of the texts in the folder; before a graph in none of them is translated, English comes first."""
_DOT = "dot-"


@dataclass(frozen=True)
class Starter:
    """What is asked of a new graph; what is left out is made from the folder's name, or as in the example."""

    base: str | None = None
    title: str | None = None
    languages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.base is not None and not is_base(self.base):
            raise UsageError(f"--base {self.base}: expected an absolute IRI that ends in '/' or ':'")
        if self.title is not None and not self.title.isprintable():
            raise UsageError("--title: expected a text of one line")
        for tag in self.languages:
            if not is_language(tag):
                raise UsageError(
                    f"--language {tag!r}: expected one language tag, such as en or ja{_hint(tag)}"
                )


def _hint(tag: str) -> str:
    """What may have been meant: several tags, or one as locales are written."""
    parts = [part for part in re.split(r"[\s,;]+", tag) if part]
    if len(parts) > 1 and all(map(is_language, parts)):
        return f"; did you mean {' '.join(f'--language {part}' for part in parts)}?"
    plain = tag.partition(".")[0].replace("_", "-")
    return f"; did you mean {plain}?" if is_language(plain) else ""


def write_starter(target: Path, starter: Starter) -> tuple[str, ...]:
    """Write the graph into a folder that is new or empty; the names of its files, sorted.

    All of it is made aside and then put in its place, so that nothing half-written stands there.
    Raises FolderError, which names the folder, where something is there or nothing can be written.
    """
    _check_empty(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _aside(target) as made:
            names = tuple(_write(made, target, starter))
            _place(made, target)
    except OSError as error:
        raise FolderError(target, f"cannot be written: {error.strerror or error}") from error
    return names


def _check_empty(target: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise FolderError(target, "a file; expected a new or an empty folder")
    if found := sorted(path.name for path in target.iterdir()):
        raise FolderError(target, f"not empty: it holds {found[0]}; expected a new or an empty folder")


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """A folder on the same disk to write to; what is left of it is removed."""
    made = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target if target.is_dir() else target.parent))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _place(made: Path, target: Path) -> None:
    """Rename what was made: as a whole, or part by part into a folder that somebody may stand in."""
    if not target.is_dir():
        made.rename(target)
        return
    placed: list[Path] = []
    try:
        # The settings come last: the folder is no graph before all of it is there.
        parts = sorted(made.iterdir(), key=lambda path: path.name == FILE_NAME)
        placed.extend(path.rename(target / path.name) for path in parts)
    except BaseException:
        for path in placed:
            path.rename(made / path.name)
        raise


def _write(made: Path, target: Path, starter: Starter) -> Iterator[str]:
    texts = _Texts(starter, target.resolve().name)
    for path in sorted(path for path in _FOLDER.rglob("*") if path.is_file()):
        parts = path.relative_to(_FOLDER).parts
        if "__pycache__" in parts:
            continue
        name = "/".join("." + part.removeprefix(_DOT) if part.startswith(_DOT) else part for part in parts)
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(texts.adapted(name, path.read_text("utf-8")), "utf-8", newline="\n")
        if name.endswith(".ttl"):
            format_file(made / name)  # its order is by IRI, which another base changes
        yield name


class _Texts:
    """Adapts the text of a file to what was asked."""

    def __init__(self, starter: Starter, name: str) -> None:
        self.base = starter.base or f"https://example.org/{_slug(name)}/"
        self.title = starter.title
        asked = tuple(dict.fromkeys(tag.lower() for tag in starter.languages)) or _LANGUAGES
        spoken = next((tag for tag in asked if tag in _LANGUAGES), None)
        self.asked = asked
        self.languages = asked if spoken else (_LANGUAGES[0], *asked)
        self.spoken = spoken or _LANGUAGES[0]

    def adapted(self, name: str, text: str) -> str:
        text = text.replace(_BASE, self.base)
        if name == FILE_NAME:
            return self.settings(text)
        if name == "README.md" and self.title:
            return text.replace(f"# {_TITLE}\n", f"# {self.title}\n", 1)
        if name.endswith(".rq"):
            return text.replace(f'?lang, "{_LANGUAGES[0]}")', f'?lang, "{self.spoken}")')
        return text

    def settings(self, text: str) -> str:
        text = text.replace(json.dumps([*_LANGUAGES]), json.dumps([*self.languages]), 1)
        if self.title is None:
            return text
        title = f"[title]\n{self.asked[0]} = {json.dumps(self.title, ensure_ascii=False)}\n\n"
        return re.sub(r"\[title\]\n(?:.+\n)+\n", lambda _: title, text, count=1)


def _slug(name: str) -> str:
    """A folder's name as a part of an IRI: its ASCII letters and digits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "graph"
