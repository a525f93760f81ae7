"""The settings of a graph: what the code must know of a folder and its vocabulary.

They stand in `clustergraph.toml` beside the data. Every key has a standard default (RDFS, SKOS, Dublin
Core), so that a folder without the file works too. No vocabulary of one graph is named in the code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qsl

from clustergraph.errors import SettingsError, near_misses
from clustergraph.terms import DCTERMS, OWL, PROV, RDFS, SKOS, STANDARD_PREFIXES, NamedNode, expand

FILE_NAME = "clustergraph.toml"
DEFAULT_BASE = "urn:clustergraph:"

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")
_BASE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*[/:]")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_PREFIX = re.compile(r"(?:[^\W\d_](?:[\w.-]*[\w-])?)?")
# Columns and rows of a tile map; more are no map that a reader sees.
_TILES = 100
_RELEASES = re.compile(r"https?://[^\x00-\x20<>\"{}|^`\\]*\{version\}[^\x00-\x20<>\"{}|^`\\]*")
_SERVICE = re.compile(r"https?://[^/\s]+")


@dataclass(frozen=True)
class Vocabulary:
    """The properties by which a graph says what the code asks for, in order of preference."""

    label: tuple[NamedNode, ...] = (
        RDFS.label,
        SKOS.prefLabel,
        DCTERMS.title,
        NamedNode(STANDARD_PREFIXES["schema"] + "name"),
        NamedNode(STANDARD_PREFIXES["foaf"] + "name"),
    )
    alternative_label: tuple[NamedNode, ...] = (SKOS.altLabel,)
    hidden_label: tuple[NamedNode, ...] = (SKOS.hiddenLabel,)
    definition: tuple[NamedNode, ...] = (SKOS.definition, RDFS.comment, DCTERMS.description)
    example: tuple[NamedNode, ...] = (SKOS.example,)
    note: tuple[NamedNode, ...] = (SKOS.scopeNote, SKOS.note)
    source: tuple[NamedNode, ...] = (DCTERMS.source, PROV.hadPrimarySource, PROV.wasDerivedFrom)
    # From a named graph to the document that it says the content of.
    graph_source: tuple[NamedNode, ...] = (DCTERMS.source, PROV.hadPrimarySource)
    locator: tuple[NamedNode, ...] = ()
    first_line: tuple[NamedNode, ...] = ()
    last_line: tuple[NamedNode, ...] = ()
    source_form: tuple[NamedNode, ...] = ()
    about: tuple[NamedNode, ...] = ()
    rank: tuple[NamedNode, ...] = ()
    # A claim says a `figure` of what it is `about`. Two claims that agree in indicator, period, unit and
    # scope but not in the figure disagree; one that is derived from others contradicts none of its graph.
    figure: tuple[NamedNode, ...] = ()
    indicator: tuple[NamedNode, ...] = ()
    period: tuple[NamedNode, ...] = ()
    unit: tuple[NamedNode, ...] = ()
    scope: tuple[NamedNode, ...] = ()
    qualifier: tuple[NamedNode, ...] = ()
    derivation: tuple[NamedNode, ...] = (PROV.wasDerivedFrom,)
    contradiction: tuple[NamedNode, ...] = ()
    # What compares claims that disagree leads to each of them by a `comparison`, and says the `reason`.
    comparison: tuple[NamedNode, ...] = ()
    reason: tuple[NamedNode, ...] = ()
    deprecated: tuple[NamedNode, ...] = (OWL.deprecated,)
    replaced_by: tuple[NamedNode, ...] = (DCTERMS.isReplacedBy,)


@dataclass(frozen=True)
class SearchOrder:
    """Classes whose things a search names before others, in this order, and those it names after all."""

    first: tuple[NamedNode, ...] = ()
    last: tuple[NamedNode, ...] = ()


@dataclass(frozen=True)
class Asking:
    """A saved query with arguments, as `name?parameter=argument` says it, and what it is called."""

    query: str
    arguments: tuple[tuple[str, str], ...] = ()
    text: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Home:
    """What the home page shows of a graph: numbers of things by class, questions, and charts."""

    counts: tuple[NamedNode, ...] = ()
    questions: tuple[Asking, ...] = ()
    charts: tuple[Asking, ...] = ()


@dataclass(frozen=True)
class Settings:
    """The settings of one graph; texts are by language tag, prefixes include the standard ones."""

    base: str = DEFAULT_BASE
    title: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the folders below `queries/` are called."""
    languages: tuple[str, ...] = ("en",)
    license: str | None = None
    releases: str | None = None
    """Where the release of a version is archived: an address with `{version}` in it."""
    services: tuple[str, ...] = ()
    """Origins (`https://host`) that SERVICE may call."""
    prefixes: Mapping[str, str] = field(default_factory=lambda: dict(STANDARD_PREFIXES))
    own_prefixes: Mapping[str, str] = field(default_factory=dict)
    """The prefixes that the file itself declares."""
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    search: SearchOrder = field(default_factory=SearchOrder)
    home: Home = field(default_factory=Home)
    tiles: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Column and row of each place on tile maps, by its code."""
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What readers call the columns of answers; others are called by their name."""

    def graph(self, name: str) -> NamedNode:
        """The IRI of the named graph `name`.

        >>> Settings(base="http://example.com/").graph("background").value
        'http://example.com/graph/background'
        """
        return NamedNode(f"{self.base}graph/{name}")

    def text(self, texts: Mapping[str, str], language: str) -> str:
        """One of the texts: in `language`, else in the first of the graph's own that there is."""
        for tag in (language, *self.languages, *texts):
            if tag in texts:
                return texts[tag]
        return ""


def is_base(text: str) -> bool:
    """Whether a text can be the base of a graph: an absolute IRI that ends in `/` or `:`."""
    return _BASE.fullmatch(text) is not None


def is_language(text: str) -> bool:
    """Whether a text is a language tag (BCP 47) by its form."""
    return _LANGUAGE.fullmatch(text) is not None


def load_settings(root: Path) -> Settings:
    """The settings in `root`'s clustergraph.toml, or the standard ones where there is none.

    Raises SettingsError for a file that is not TOML, a key that is not known, and a value that is
    not what its key takes.
    """
    path = root / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings(title={"en": root.resolve().name})
    except UnicodeDecodeError as error:
        raise SettingsError(path, "the file", "UTF-8") from error
    except OSError as error:
        raise SettingsError(path, "the file", f"a file that can be read ({error.strerror})") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(path, "the file", f"TOML: {error}") from error
    return _Reader(path, table).settings(root.resolve().name)


class _Reader:
    """Takes a settings table apart, key by key."""

    def __init__(self, path: Path, table: Mapping[str, object]) -> None:
        self.path = path
        self.table = table

    def settings(self, name: str) -> Settings:
        known = {f.name for f in fields(Settings)} - {"own_prefixes"}
        self.only_known("", self.table, known)
        own = self.prefixes()
        prefixes = MappingProxyType({**STANDARD_PREFIXES, **own})
        return Settings(
            base=self.string("base", _BASE, "an absolute IRI that ends in '/' or ':'") or DEFAULT_BASE,
            title=self.texts("title") or MappingProxyType({"en": name}),
            description=self.texts("description"),
            topics=self.many_texts("topics"),
            languages=tuple(
                tag.lower() for tag in self.strings("languages", _LANGUAGE, "a list of language tags")
            )
            or ("en",),
            license=self.string("license", _IRI, "an absolute IRI"),
            releases=self.string("releases", _RELEASES, "an address with {version} in it"),
            services=self.strings("services", _SERVICE, "a list of origins such as 'https://example.com'"),
            prefixes=prefixes,
            own_prefixes=own,
            vocabulary=self.vocabulary(prefixes),
            search=self.search(prefixes),
            home=self.home(prefixes),
            tiles=self.tiles(),
            columns=self.many_texts("columns"),
        )

    def only_known(self, where: str, table: Mapping[str, object], known: set[str]) -> None:
        for key in table:
            if key not in known:
                near = near_misses(key, known) or sorted(known)
                raise SettingsError(self.path, where + key, f"a known key, such as {', '.join(near)}")

    def string(self, key: str, pattern: re.Pattern[str], expected: str) -> str | None:
        found = self.table.get(key)
        if found is None:
            return None
        if not isinstance(found, str) or not pattern.fullmatch(found):
            raise SettingsError(self.path, key, expected)
        return found

    def strings(self, key: str, pattern: re.Pattern[str], expected: str) -> tuple[str, ...]:
        found = self.table.get(key, [])
        if not isinstance(found, list) or not all(
            isinstance(item, str) and pattern.fullmatch(item) for item in found
        ):
            raise SettingsError(self.path, key, expected)
        return tuple(found)

    def texts(self, key: str, given: object = None) -> Mapping[str, str]:
        """A table of language tag to text; a plain string is in English."""
        found = self.table.get(key, {}) if given is None else given
        if isinstance(found, str):
            found = {"en": found}
        if not isinstance(found, dict) or not all(
            isinstance(text, str) and _LANGUAGE.fullmatch(tag) for tag, text in found.items()
        ):
            raise SettingsError(self.path, key, "a text, or a table from language tag to text")
        return MappingProxyType({tag.lower(): text for tag, text in found.items()})

    def many_texts(self, key: str) -> Mapping[str, Mapping[str, str]]:
        """A table from name to texts."""
        found = self.table.get(key, {})
        if not isinstance(found, dict):
            raise SettingsError(self.path, key, "a table from name to texts")
        return MappingProxyType({name: self.texts(f"{key}.{name}", texts) for name, texts in found.items()})

    def home(self, prefixes: Mapping[str, str]) -> Home:
        found = self.table.get("home", {})
        if not isinstance(found, dict):
            raise SettingsError(self.path, "home", "a table of counts, questions and charts")
        self.only_known("home.", found, {f.name for f in fields(Home)})
        return Home(
            self.iris("home.counts", found.get("counts", []), prefixes),
            self.askings("home.questions", found.get("questions", [])),
            self.askings("home.charts", found.get("charts", [])),
        )

    def askings(self, key: str, found: object) -> tuple[Asking, ...]:
        """Questions: each `name?parameter=argument`, or a table of that and its texts."""
        expected = "a list of `name?parameter=argument`, or of tables of `ask` and `text`"
        if not isinstance(found, list):
            raise SettingsError(self.path, key, expected)
        askings = []
        for entry in found:
            said = {"ask": entry} if isinstance(entry, str) else entry
            if not isinstance(said, dict) or not isinstance(said.get("ask"), str):
                raise SettingsError(self.path, key, expected)
            self.only_known(f"{key}.", said, {"ask", "text"})
            name, _, arguments = said["ask"].partition("?")
            texts = self.texts(f"{key}.text", said["text"]) if "text" in said else MappingProxyType({})
            askings.append(Asking(name, tuple(parse_qsl(arguments)), texts))
        return tuple(askings)

    def tiles(self) -> Mapping[str, tuple[int, int]]:
        found = self.table.get("tiles", {})
        if not isinstance(found, dict):
            raise SettingsError(self.path, "tiles", "a table from code to column and row")
        for code, place in found.items():
            if not (
                isinstance(place, list)
                and len(place) == 2
                and all(type(at) is int and 0 <= at < _TILES for at in place)
            ):
                raise SettingsError(self.path, f"tiles.{code}", f"[column, row], each from 0 to {_TILES - 1}")
        return MappingProxyType({code: (place[0], place[1]) for code, place in found.items()})

    def prefixes(self) -> Mapping[str, str]:
        found = self.table.get("prefixes", {})
        if not isinstance(found, dict):
            raise SettingsError(self.path, "prefixes", "a table from prefix to IRI")
        for prefix, iri in found.items():
            if not _PREFIX.fullmatch(prefix):
                raise SettingsError(self.path, f"prefixes.{prefix}", "a prefix without its colon")
            if not isinstance(iri, str) or not _IRI.fullmatch(iri):
                raise SettingsError(self.path, f"prefixes.{prefix}", "an absolute IRI")
        return MappingProxyType(dict(found))

    def vocabulary(self, prefixes: Mapping[str, str]) -> Vocabulary:
        found = self.table.get("vocabulary", {})
        if not isinstance(found, dict):
            raise SettingsError(self.path, "vocabulary", "a table from meaning to properties")
        self.only_known("vocabulary.", found, {f.name for f in fields(Vocabulary)})
        return Vocabulary(
            **{
                meaning: self.iris(f"vocabulary.{meaning}", names, prefixes)
                for meaning, names in found.items()
            }
        )

    def search(self, prefixes: Mapping[str, str]) -> SearchOrder:
        found = self.table.get("search", {})
        if not isinstance(found, dict):
            raise SettingsError(self.path, "search", "a table of lists of classes")
        self.only_known("search.", found, {f.name for f in fields(SearchOrder)})
        return SearchOrder(
            **{place: self.iris(f"search.{place}", names, prefixes) for place, names in found.items()}
        )

    def iris(self, key: str, names: object, prefixes: Mapping[str, str]) -> tuple[NamedNode, ...]:
        """The IRIs given by one compact or absolute IRI, or by a list of them."""
        iris: list[NamedNode] = []
        for name in names if isinstance(names, list) else [names]:
            iri = expand(name, prefixes) or name if isinstance(name, str) else ""
            if not _IRI.fullmatch(iri) or (iri == name and "/" not in iri and not iri.startswith("urn:")):
                expected = "IRIs, compact with a declared prefix or absolute"
                raise SettingsError(self.path, key, expected)
            iris.append(NamedNode(iri))
        return tuple(iris)
