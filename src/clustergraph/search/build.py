"""From a graph to its index: what is asked of the stores, and the rows that come of it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from urllib.parse import unquote

from clustergraph.folder.files import INFERRED
from clustergraph.search.folding import fold, short_grams
from clustergraph.settings import Settings
from clustergraph.sparql.bind import bind
from clustergraph.sparql.results import Solution, Solutions
from clustergraph.store import RemoteStore, Store
from clustergraph.terms import OWL, RDF, RDFS, SKOS, Literal, NamedNode, Term

# What a text is to its thing: the order in which equal matches come.
LABEL, ALTERNATIVE, HIDDEN, NAME, DEFINITION = range(5)

# Classes of these say how a thing is written down rather than what it is.
_FORMAL = (str(RDF), str(RDFS), str(OWL), str(SKOS))
# Texts of a service that are read into an index, and as many types and links of things.
_MOST = 1_000_000
# Longer texts are no names or definitions, but documents.
_LONGEST = 2000
_NO_PROPERTY = -1


@dataclass
class _Thing:
    """What is known of one thing while the index is built."""

    texts: set[tuple[int, int, str, str]] = field(default_factory=set)
    """Each with its role, the place of its property, and its language."""
    said: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    links: int = 0
    retired: bool = False
    successor: str | None = None


def build(connection: sqlite3.Connection, asserted: Store, entailed: Store, settings: Settings) -> None:
    """Write the index of a graph into an empty database.

    A thing is what has an IRI and a type or a text. Its kind is the most special of the classes that
    the files give it; any class of the closure finds it.
    """
    things = _read(asserted, entailed, settings)
    kinds = _Kinds(entailed, settings, things)
    connection.executescript(statement("schema.sql"))
    connection.executemany(
        "INSERT INTO property VALUES (?, ?)",
        ((place, iri.value) for place, (iri, _) in enumerate(_properties(settings))),
    )
    numbers = {iri: number for number, iri in enumerate(sorted(things), 1)}
    connection.executemany(
        "INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (_thing_row(numbers, iri, things[iri], kinds) for iri in numbers),
    )
    connection.executemany(
        "INSERT INTO kind VALUES (?, ?)",
        sorted((numbers[kind], numbers[iri]) for iri, one in things.items() for kind in one.kinds),
    )
    connection.executemany(
        "INSERT INTO text VALUES (?, ?, ?, ?, ?, ?, ?)", _text_rows(numbers, things, settings)
    )
    connection.execute("INSERT INTO trigram (rowid, folded) SELECT id, folded FROM text")
    names = connection.execute("SELECT id, folded FROM text WHERE role < ?", (DEFINITION,))
    connection.executemany(
        "INSERT INTO gram (rowid, grams) VALUES (?, ?)",
        ((number, " ".join(sorted(short_grams(folded)))) for number, folded in names),
    )
    connection.execute("CREATE INDEX text_thing ON text (thing, role)")
    connection.execute("CREATE INDEX text_folded ON text (folded) WHERE role < 4")
    for table in ("trigram", "gram"):
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608  # our names
    connection.commit()
    connection.execute("PRAGMA optimize")


def _read(asserted: Store, entailed: Store, settings: Settings) -> dict[str, _Thing]:
    """All things by IRI, with texts, kinds, links and whether they are retired."""
    things: dict[str, _Thing] = {}
    properties = _properties(settings)
    places = {iri: (place, role) for place, (iri, role) in reversed(list(enumerate(properties)))}
    for thing, property, text in _rows(entailed, "texts.rq", {"property": places}):
        assert isinstance(thing, NamedNode)
        assert isinstance(property, NamedNode)
        assert isinstance(text, Literal)
        if text.value.strip() and len(text.value) <= _LONGEST:
            place, role = places[property]
            one = things.setdefault(thing.value, _Thing())
            one.texts.add((role, place, text.language or "", text.value))
    kinds = _rows(entailed, "kinds.rq")
    for rows, is_said in ((kinds, False), (_said_kinds(asserted, kinds, settings), True)):
        for thing, kind in rows:
            assert isinstance(thing, NamedNode)
            assert isinstance(kind, NamedNode)
            one = things.setdefault(thing.value, _Thing())
            (one.said if is_said else one.kinds).add(kind.value)
            things.setdefault(kind.value, _Thing())
    for thing, links in _rows(entailed, "links.rq"):
        if isinstance(thing, NamedNode) and isinstance(links, Literal) and thing.value in things:
            things[thing.value].links = int(links.value)
    words = settings.vocabulary
    retired = {"deprecated": words.deprecated, "replaced": words.replaced_by}
    for gone, successor in _rows(asserted, "retired.rq", retired):
        if isinstance(gone, NamedNode) and gone.value in things:
            things[gone.value].retired = True
            if isinstance(successor, NamedNode):
                things[gone.value].successor = successor.value
    return things


def _said_kinds(asserted: Store, kinds: list[Solution], settings: Settings) -> list[Solution]:
    """The kinds that files give; in a service those of all that its graph of what was inferred has not."""
    if not isinstance(asserted, RemoteStore):
        return _rows(asserted, "kinds.rq")
    inferred = set(_rows(asserted, "inferred.rq", {"inferred": [settings.graph(INFERRED)]}))
    return [row for row in kinds if row not in inferred]


def _properties(settings: Settings) -> list[tuple[NamedNode, int]]:
    """The properties that give texts, each with what its texts are, in order of preference."""
    words = settings.vocabulary
    roles = {
        LABEL: words.label,
        ALTERNATIVE: words.alternative_label,
        HIDDEN: words.hidden_label,
        DEFINITION: words.definition,
    }
    return [(property, role) for role, properties in roles.items() for property in properties]


class _Kinds:
    """The classes of things, and which of them says best what a thing is."""

    def __init__(self, store: Store, settings: Settings, things: Mapping[str, _Thing]) -> None:
        order = settings.search
        self._first = {kind.value: place for place, kind in enumerate(order.first)}
        self._last = {kind.value for kind in order.last}
        self._sizes: dict[str, int] = {}
        for one in things.values():
            for kind in one.kinds:
                self._sizes[kind] = self._sizes.get(kind, 0) + 1
        direct: dict[str, set[str]] = {}
        for narrow, broader in _rows(store, "broader.rq"):
            assert isinstance(narrow, NamedNode)
            assert isinstance(broader, NamedNode)
            direct.setdefault(narrow.value, set()).add(broader.value)
        self._broader = {kind: _reached(kind, direct) for kind in direct}

    def best(self, one: _Thing) -> str | None:
        """The most special class that the files give, or else that follows."""
        given = one.said or one.kinds
        broader = {above for kind in given for above in self._broader.get(kind, ())}
        special = (given - broader) or given
        return min(
            special, key=lambda kind: (kind.startswith(_FORMAL), self._sizes.get(kind, 0), kind), default=None
        )

    def place(self, one: _Thing) -> int:
        """Where among the kinds that people look for."""
        return min((self._first[k] for k in one.kinds if k in self._first), default=len(self._first))

    def is_auxiliary(self, one: _Thing) -> bool:
        """Whether it is of a kind that nobody looks for."""
        return not self._last.isdisjoint(one.kinds)


def _reached(kind: str, direct: Mapping[str, set[str]]) -> set[str]:
    """The classes above a class, without those that are equal to it."""
    found: set[str] = set()
    waiting = list(direct.get(kind, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += direct.get(one, ())
    return {one for one in found if kind not in direct.get(one, ())} - {kind}


def _thing_row(
    numbers: Mapping[str, int], iri: str, one: _Thing, kinds: _Kinds
) -> tuple[int, str, int | None, int, bool, int, bool, str | None]:
    kind = kinds.best(one)
    number = None if kind is None else numbers[kind]
    place, auxiliary = kinds.place(one), kinds.is_auxiliary(one)
    return numbers[iri], iri, number, place, auxiliary, one.links, one.retired, one.successor


def _text_rows(
    numbers: Mapping[str, int], things: Mapping[str, _Thing], settings: Settings
) -> Iterator[tuple[int, int, int, int | None, str, str, str]]:
    languages = {tag: place for place, tag in enumerate(settings.languages)}
    number = 0
    for iri, thing in numbers.items():
        names = {(NAME, _NO_PROPERTY, "", name) for name in _names(iri)}
        ordered = sorted(
            things[iri].texts | names,
            key=lambda text: (*text[:2], languages.get(text[2], len(languages)), *text[2:]),
        )
        for role, place, language, written in ordered:
            if folded := fold(written):
                number += 1
                yield number, thing, role, None if place == _NO_PROPERTY else place, language, written, folded


def _names(iri: str) -> list[str]:
    """The name in an IRI, and the words that its capitals begin.

    >>> _names("http://example.org/ont#fundingProgram")
    ['fundingProgram', 'funding Program']
    """
    name = unquote(re.split(r"[/#:]", iri.rstrip("/#:"))[-1])
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [name] if words == name else [name, words]


def _rows(store: Store, name: str, terms: Mapping[str, Iterable[Term]] | None = None) -> list[Solution]:
    # All of them, here: the engine's iterators may not be dropped in another thread than this one,
    # as one would be that an error leaves unfinished.
    query = (files("clustergraph.search") / "sparql" / name).read_text(encoding="utf-8")
    text = bind(query, terms) if terms else query
    if isinstance(store, RemoteStore):
        return list(store.rows(text, most=_MOST))
    results = store.query(text)
    assert isinstance(results, Solutions)  # each is a SELECT
    return list(results)


@cache
def statement(name: str) -> str:
    """The text of a file of SQL."""
    return (files("clustergraph.search") / "sql" / name).read_text(encoding="utf-8")
