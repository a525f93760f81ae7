"""Export profiles: the syntaxes, the tables of other tools, and folders of CONSTRUCT queries.

A folder `exports/<profile>/` holds `*.rq`, CONSTRUCT queries whose triples are put together;
`mapping.sssom.tsv`, which term becomes which, and the queries read it too; `terms.txt`, the terms of
the target vocabulary, with its version; `profile.toml`, with `title` and `writer`: a syntax, or a kind
of tables (default: turtle). `exports/aspects.toml` says which properties the loss report counts together.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from clustergraph.errors import ProfileError, UnknownProfileError
from clustergraph.export.syntaxes import SYNTAXES
from clustergraph.export.tables import WRITERS
from clustergraph.settings import Settings
from clustergraph.terms import expand

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_COLUMNS = ("subject_id", "predicate_id", "object_id", "mapping_justification")


@dataclass(frozen=True)
class TermMapping:
    """One line of a mapping table: a term of the graph, how near, a term of the target."""

    subject: str
    predicate: str
    object: str


@dataclass(frozen=True)
class Terms:
    """The terms of a target vocabulary, and its name with version."""

    vocabulary: str
    iris: frozenset[str]


@dataclass(frozen=True)
class Profile:
    """How a graph is exported: by which queries, if any, and by which writer."""

    name: str
    titles: Mapping[str, str]
    writer: str
    queries: tuple[Path, ...] = ()
    mappings: tuple[TermMapping, ...] = field(default=(), repr=False)
    terms: Terms | None = field(default=None, repr=False)

    @property
    def ending(self) -> str:
        """The ending of the one file that it writes, or nothing where it writes a folder."""
        return SYNTAXES[self.writer].ending if self.writer in SYNTAXES else WRITERS[self.writer].ending

    @property
    def is_syntax(self) -> bool:
        """Whether it writes the graph as it is."""
        return self.writer in SYNTAXES and not self.queries

    def title(self, language: str) -> str:
        """The title in a language, or in the first that there is."""
        return self.titles.get(language) or next(iter(self.titles.values()), self.name)

    def describe(self) -> dict[str, object]:
        """The profile as `export --list --format json` shows it."""
        return {
            "name": self.name,
            "title": dict(self.titles),
            "writes": "file" if self.ending else "folder",
            "writer": self.writer,
            "vocabulary": self.terms.vocabulary if self.terms else None,
            "queries": len(self.queries),
            "mappings": len(self.mappings),
        }


def profiles(root: Path, settings: Settings) -> dict[str, Profile]:
    """The profiles by name: syntaxes, tables, then the folders below exports/, each sorted.

    Those of folders that break the contract are left out, `problems` says why.
    """
    return _known(root, settings)[0]


def problems(root: Path, settings: Settings) -> dict[str, ProfileError]:
    """What is wrong with the folders below exports/ that are no profiles, by name."""
    return _known(root, settings)[1]


def _known(root: Path, settings: Settings) -> tuple[dict[str, Profile], dict[str, ProfileError]]:
    broken: dict[str, ProfileError] = {}
    found = {name: Profile(name, {"en": syntax.title}, name) for name, syntax in SYNTAXES.items()}
    found |= {
        name: Profile(name, {"en": writer.title}, name) for name, writer in WRITERS.items() if writer.alone
    }
    folders = sorted(path for path in (root / "exports").glob("*/") if _NAME.fullmatch(path.name))
    for folder in folders:
        try:
            profile = _read(folder, settings, found.get(folder.name))
        except ProfileError as error:
            broken[folder.name] = error
            found.pop(folder.name, None)  # it was meant to be another one
            continue
        if profile is not None:
            found[folder.name] = profile
    return found, broken


def profile(name: str, root: Path, settings: Settings) -> Profile:
    """One profile; raises UnknownProfileError, with names that look alike, or its ProfileError."""
    known, broken = _known(root, settings)
    if name in broken:
        raise broken[name]
    if name not in known:
        raise UnknownProfileError(name, known)
    return known[name]


def aspects(root: Path, settings: Settings) -> dict[str, frozenset[str]]:
    """The properties that the loss report counts together: ranks, sources, and what the folder says."""
    vocabulary = settings.vocabulary
    places = (*vocabulary.locator, *vocabulary.first_line, *vocabulary.last_line)
    found = {
        "ranks": frozenset(map(str, vocabulary.rank)),
        "sources": frozenset(map(str, (*vocabulary.source, *places))),
    }
    path = root / "exports" / "aspects.toml"
    for name, terms in _table(path).items():
        iris = [expand(term, settings.prefixes) for term in terms] if isinstance(terms, list) else [None]
        if None in iris:
            raise ProfileError(path, 0, f"{name}: expected a list of compact IRIs with declared prefixes")
        found[name] = frozenset(f"<{iri}>" for iri in iris)
    return {name: properties for name, properties in found.items() if properties}


def _table(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ProfileError(path, 0, f"expected TOML in UTF-8: {error}") from error


def _read(folder: Path, settings: Settings, known: Profile | None) -> Profile | None:
    queries = tuple(sorted(folder.glob("*.rq")))
    path = folder / "profile.toml"
    if not queries and not path.exists():
        return None
    table = _table(path)
    writer = table.get("writer", known.writer if known else "turtle")
    if not isinstance(writer, str) or writer not in SYNTAXES | WRITERS:
        raise ProfileError(path, 0, f"writer: expected one of {', '.join([*SYNTAXES, *WRITERS])}")
    title = table.get("title", dict(known.titles) if known else folder.name)
    titles = {"en": title} if isinstance(title, str) else title
    if not isinstance(titles, dict) or not all(isinstance(text, str) for text in titles.values()):
        raise ProfileError(path, 0, "title: expected a text, or a table from language tag to text")
    mapping = folder / "mapping.sssom.tsv"
    mappings = tuple(_mappings(mapping, settings)) if mapping.exists() else ()
    terms = folder / "terms.txt"
    return Profile(folder.name, titles, writer, queries, mappings, _terms(terms) if terms.exists() else None)


def _mappings(path: Path, settings: Settings) -> Iterator[TermMapping]:
    """The lines of an SSSOM table, whose prefixes are those of its own header and of the settings."""
    prefixes = dict(settings.prefixes)
    lines = _lines(path)
    for line in lines:
        if found := re.fullmatch(r"#\s+([A-Za-z][\w.-]*):\s*\"?(\S+[/#:])\"?", line):
            prefixes[found[1]] = found[2]
    start = sum(1 for line in lines if line.startswith("#"))
    reader = csv.DictReader(lines[start:], delimiter="\t")
    if missing := [name for name in _COLUMNS if name not in (reader.fieldnames or ())]:
        raise ProfileError(path, start + 1, f"expected the columns {', '.join(missing)}")
    for number, row in enumerate(reader, start + 2):
        iris = [expand(row[name] or "", prefixes) for name in _COLUMNS[:3]]
        subject, predicate, object = iris
        if subject is None or predicate is None or object is None:
            unknown = next(row[name] for name, iri in zip(_COLUMNS, iris, strict=False) if iri is None)
            raise ProfileError(path, number, f"{unknown!r} is no compact IRI with a declared prefix")
        yield TermMapping(subject, predicate, object)


def _terms(path: Path) -> Terms:
    """A list of IRIs, one a line, behind comments of which the first names the vocabulary."""
    lines = _lines(path)
    comments = [line.lstrip("# ") for line in lines if line.startswith("#")]
    if not comments:
        raise ProfileError(path, 1, "expected a comment that names the vocabulary and its version")
    for number, line in enumerate(lines, 1):
        if line and not line.startswith("#") and not re.fullmatch(r"[a-z]+:[^\s<>]+", line):
            raise ProfileError(path, number, "expected an IRI")
    return Terms(comments[0], frozenset(line for line in lines if line and not line.startswith("#")))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (UnicodeDecodeError, OSError) as error:
        raise ProfileError(path, 0, f"expected text in UTF-8: {error}") from error
