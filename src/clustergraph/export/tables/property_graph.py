"""A graph as nodes with columns and typed links: what graph databases and tables have in common.

A column is a property, for texts in a language a property and a language (`label_en`). The schema of
the ontology is left out: classes, properties, axioms and their blank nodes are no nodes of the data.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from clustergraph.export.rows import Row, Rows, by_subject
from clustergraph.export.text import RDF_TYPE, is_iri, is_literal, literal_parts, local_name, plain
from clustergraph.settings import Settings
from clustergraph.sparql.kinds import KINDS, Kind
from clustergraph.terms import OWL, RDF, RDFS, SH, compact

_SCHEMA = tuple(f"<{namespace}" for namespace in (OWL, RDFS, SH))
_SCHEMA_TERMS = (f"<{OWL}", f"<{SH}", f"<{RDF.first.value}", f"<{RDF.rest.value}")

_SHAPES = {
    "integer": re.compile(r"-?[0-9]{1,18}"),
    "decimal": re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,10})?"),
    "double": re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"),
    "boolean": re.compile(r"true|false"),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "dateTime": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z?"),
}


@dataclass
class Column:
    """A property, and a language where its texts have one."""

    name: str
    property: str
    language: str = ""
    datatype: str = ""
    """The datatype of all of its literals, empty where they differ."""
    kind: Kind = ""
    many: bool = False


@dataclass(frozen=True)
class Node:
    """A thing: its types, and its texts and numbers by the names of columns, in order."""

    id: str
    types: tuple[str, ...]
    cells: Mapping[str, list[str]] = field(default_factory=dict)
    links: Mapping[str, list[str]] = field(default_factory=dict)
    """The things that it links to, by the names of edge types; each once."""


@dataclass(frozen=True)
class Edge:
    """A link in a graph."""

    start: str
    type: str
    end: str
    graph: str


class PropertyGraph:
    """The rows of a selection as nodes and edges; read from the rows each time, never held."""

    def __init__(self, rows: Iterable[Row], settings: Settings) -> None:
        self._settings = settings
        self._rows = Rows(_data(rows), by_subject)
        names = _Names(settings)
        self.columns: dict[tuple[str, str], Column] = {}
        self.edge_types: dict[str, str] = {}
        self.type_names: dict[str, str] = {}
        described: set[str] = set()
        linked: set[str] = set()
        for subject, said in groupby(self._rows, key=lambda row: row[0]):
            described.add(subject)
            counts: Counter[tuple[str, str]] = Counter()
            for predicate, object in sorted({(p, o) for _, p, o, _ in said}):
                if predicate == RDF_TYPE and not is_literal(object):
                    self.type_names.setdefault(object, names.name(object))
                elif is_literal(object):
                    counts[self._note(predicate, object, names)] += 1
                elif not object.startswith("<<"):
                    self.edge_types.setdefault(predicate, names.name(predicate))
                    linked.add(object)
            for key, count in counts.items():
                self.columns[key].many |= count > 1
        self.others = sorted(linked - described)
        """What is linked to and not described: IRIs of the world outside."""

    def nodes(self) -> Iterator[Node]:
        """The nodes, those that are described first."""
        for subject, said in groupby(self._rows, key=lambda row: row[0]):
            types: list[str] = []
            cells: dict[str, list[str]] = defaultdict(list)
            links: dict[str, list[str]] = defaultdict(list)
            for predicate, object in sorted({(p, o) for _, p, o, _ in said}):
                if predicate == RDF_TYPE and not is_literal(object):
                    types.append(self.type_names[object])
                elif is_literal(object):
                    parts = literal_parts(object)
                    cells[self.columns[predicate, parts.language].name].append(parts.value)
                elif predicate in self.edge_types:
                    links[self.edge_types[predicate]].append(plain(object))
            yield Node(plain(subject), tuple(types), cells, links)
        for other in self.others:
            yield Node(plain(other), ())

    def edges(self) -> Iterator[Edge]:
        """The links, one in each graph that states it."""
        for subject, predicate, object, graph in self._rows:
            if not is_literal(object) and predicate in self.edge_types and predicate != RDF_TYPE:
                yield Edge(plain(subject), self.edge_types[predicate], plain(object), plain(graph))

    def statements(self) -> Iterator[Row]:
        """All rows, in the order of their subjects."""
        return iter(self._rows)

    def _note(self, predicate: str, object: str, names: _Names) -> tuple[str, str]:
        value, language, datatype = literal_parts(object)
        key = (predicate, language)
        kind = KINDS.get(datatype, "string")
        if not (shape := _SHAPES.get(kind)) or not shape.fullmatch(value):
            kind = "string"
        column = self.columns.get(key)
        if column is None:
            name = names.name(predicate)
            if language:
                name = names.unique(f"{name}_{language.replace('-', '_').lower()}")
            self.columns[key] = Column(name, predicate[1:-1], language, datatype, kind)
            return key
        if column.kind != kind:
            column.kind = "string"
        if column.datatype != datatype:
            column.datatype = ""
        return key


def _data(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows without those that state a schema."""
    schema: set[str] = set()
    held = rows if isinstance(rows, Rows) else list(rows)
    for subject, predicate, object, _ in held:
        if predicate == RDF_TYPE and object.startswith(_SCHEMA):
            schema.add(subject)
    for row in held:
        subject, predicate, _, _ = row
        if subject not in schema and not predicate.startswith(_SCHEMA_TERMS):
            yield row


class _Names:
    """Short names of terms: the local part, with its prefix where two would be the same."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._by_term: dict[str, str] = {}
        self._taken: set[str] = {"id", "iri", "type", "types", "graph"}

    def name(self, term: str) -> str:
        """The name of a property or class."""
        if term not in self._by_term:
            self._by_term[term] = self.unique(self._name(term))
        return self._by_term[term]

    def unique(self, name: str) -> str:
        """The name, with a number where it is taken."""
        found, number = name, 2
        while found.lower() in self._taken:
            found, number = f"{name}_{number}", number + 1
        self._taken.add(found.lower())
        return found

    def _name(self, term: str) -> str:
        iri = plain(term)
        local = re.sub(r"\W+", "_", local_name(iri)).strip("_") or "term"
        if is_iri(term) and local.lower() in self._taken:
            short = compact(iri, self._settings.prefixes)
            local = short.replace(":", "_") if short else local
        return local
