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

from clustergraph.errors import SettingsError, near_misses
from clustergraph.terms import DCTERMS, OWL, PROV, RDFS, SKOS, STANDARD_PREFIXES, NamedNode, expand

FILE_NAME = "clustergraph.toml"
DEFAULT_BASE = "urn:clustergraph:"

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")
_BASE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*[/:]")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_PREFIX = re.compile(r"(?:[^\W\d_](?:[\w.-]*[\w-])?)?")
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
    derivation: tuple[NamedNode, ...] = (PROV.wasDerivedFrom,)
    contradiction: tuple[NamedNode, ...] = ()
    deprecated: tuple[NamedNode, ...] = (OWL.deprecated,)
    replaced_by: tuple[NamedNode, ...] = (DCTERMS.isReplacedBy,)


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
    services: tuple[str, ...] = ()
    """Origins (`https://host`) that SERVICE may call."""
    prefixes: Mapping[str, str] = field(default_factory=lambda: dict(STANDARD_PREFIXES))
    own_prefixes: Mapping[str, str] = field(default_factory=dict)
    """The prefixes that the file itself declares."""
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

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
            topics=self.topics(),
            languages=tuple(
                tag.lower() for tag in self.strings("languages", _LANGUAGE, "a list of language tags")
            )
            or ("en",),
            license=self.string("license", _IRI, "an absolute IRI"),
            services=self.strings("services", _SERVICE, "a list of origins such as 'https://example.com'"),
            prefixes=prefixes,
            own_prefixes=own,
            vocabulary=self.vocabulary(prefixes),
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

    def topics(self) -> Mapping[str, Mapping[str, str]]:
        """A table from topic to texts."""
        found = self.table.get("topics", {})
        if not isinstance(found, dict):
            raise SettingsError(self.path, "topics", "a table from topic to texts")
        return MappingProxyType(
            {topic: self.texts("topics." + topic, texts) for topic, texts in found.items()}
        )

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
            **{meaning: self.properties(meaning, names, prefixes) for meaning, names in found.items()}
        )

    def properties(self, meaning: str, names: object, prefixes: Mapping[str, str]) -> tuple[NamedNode, ...]:
        """The properties named by one compact or absolute IRI, or by a list of them."""
        iris: list[NamedNode] = []
        for name in names if isinstance(names, list) else [names]:
            iri = expand(name, prefixes) or name if isinstance(name, str) else ""
            if not _IRI.fullmatch(iri) or (iri == name and "/" not in iri and not iri.startswith("urn:")):
                expected = "IRIs, compact with a declared prefix or absolute"
                raise SettingsError(self.path, f"vocabulary.{meaning}", expected)
            iris.append(NamedNode(iri))
        return tuple(iris)
