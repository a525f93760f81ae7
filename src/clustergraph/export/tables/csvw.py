"""CSV on the Web: a table a class, a table for each property with several values, keys between them.

Every thing is a row of `things.csv`; links refer to it by foreign keys. The metadata say which
property each column is, its datatype and its language, so that a reader gets the triples back.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, TextIO

from clustergraph.export.rows import Row
from clustergraph.export.selection import Selection
from clustergraph.export.tables.property_graph import Column, Node, PropertyGraph
from clustergraph.export.text import RDF_TYPE
from clustergraph.terms import RDF, XSD, Literal, NamedNode

_METADATA = "csv-metadata.json"
_THINGS = "things.csv"
# The table of things without a class.
_OTHER = "Resource"
# The datatypes that CSVW names as XML Schema does (Metadata Vocabulary for Tabular Data §5.11.1).
_DATATYPES = frozenset(
    {
        *("anyURI", "base64Binary", "boolean", "date", "dateTime", "dateTimeStamp", "decimal", "integer"),
        *("long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger", "unsignedLong"),
        *("unsignedInt", "unsignedShort", "unsignedByte", "nonPositiveInteger", "negativeInteger", "double"),
        *("duration", "dayTimeDuration", "yearMonthDuration", "float", "gDay", "gMonth", "gMonthDay"),
        *("gYear", "gYearMonth", "hexBinary", "string", "normalizedString", "token", "language", "time"),
    }
)

Json = dict[str, object]


class _CsvWriter(Protocol):
    """What `csv.writer` gives."""

    def writerow(self, row: Iterable[str], /) -> object:
        """Write a row."""

    def writerows(self, rows: Iterable[Iterable[str]], /) -> object:
        """Write rows."""


class _Tables:
    """The columns of each class, and the tables beside them."""

    def __init__(self, graph: PropertyGraph) -> None:
        self.cells: dict[str, set[str]] = defaultdict(set)
        self.links: dict[str, set[str]] = defaultdict(set)
        self.many: set[tuple[str, str]] = set()
        for node in graph.nodes():
            for type in types_of(node):
                self.cells[type] |= node.cells.keys()
                self.links[type] |= node.links.keys()
                several = {**node.cells, **node.links}.items()
                self.many |= {(type, name) for name, values in several if len(values) > 1}
        self.columns = {column.name: column for column in graph.columns.values()}
        self.properties = {name: term[1:-1] for term, name in graph.edge_types.items()}
        self.classes = {name: term[1:-1] for term, name in graph.type_names.items()}

    def types(self) -> list[str]:
        """The names of the tables of classes."""
        return sorted(self.cells)

    def single(self, type: str) -> list[str]:
        """The columns of a class's own table."""
        names = sorted(self.cells[type]) + sorted(self.links[type])
        return [name for name in names if (type, name) not in self.many]

    def several(self, type: str) -> list[str]:
        """The properties of a class that have tables of their own."""
        names = sorted(self.cells[type]) + sorted(self.links[type])
        return [name for name in names if (type, name) in self.many]


def types_of(node: Node) -> tuple[str, ...]:
    """The classes of a thing that has some, else the table of those that have none."""
    return node.types or (_OTHER,)


def write(rows: Iterable[Row], folder: Path, selection: Selection) -> None:
    """Write the things of the rows to a folder of CSV files and their metadata."""
    graph = PropertyGraph(rows, selection.settings)
    tables = _Tables(graph)
    folder.mkdir()
    with ExitStack() as files:

        def table(name: str, *header: str) -> _CsvWriter:
            path = folder / name
            out: TextIO = files.enter_context(path.open("w", encoding="utf-8", newline=""))
            writer = csv.writer(out, lineterminator="\r\n")
            writer.writerow(header)
            return writer

        things = table(_THINGS, "iri", "types")
        own = {type: table(f"{type}.csv", "iri", *tables.single(type)) for type in tables.types()}
        beside = {
            (type, name): table(f"{type}.{name}.csv", "iri", name)
            for type in tables.types()
            for name in tables.several(type)
        }
        for node in graph.nodes():
            things.writerow([node.id, " ".join(node.types)])
            for type in types_of(node):
                values = {**node.cells, **node.links}
                row = ["".join(values.get(name, [])) for name in tables.single(type)]
                own[type].writerow([node.id, *row])
                for name in tables.several(type):
                    beside[type, name].writerows([node.id, value] for value in values.get(name, []))
    metadata = json.dumps(_metadata(tables, selection), ensure_ascii=False, indent=2)
    (folder / _METADATA).write_text(metadata + "\n", encoding="utf-8")


def _metadata(tables: _Tables, selection: Selection) -> Json:
    settings = selection.settings
    language = settings.languages[0]
    described: Json = {"@context": ["http://www.w3.org/ns/csvw", {"@language": language}]}
    if title := settings.text(settings.title, language):
        described["dc:title"] = title
    if settings.license:
        described["dc:license"] = {"@id": settings.license}
    iri: Json = {
        "name": "iri",
        "titles": "iri",
        "datatype": "anyURI",
        "required": True,
        "suppressOutput": True,
    }
    types: Json = {"name": "types", "titles": "types", "separator": " ", "suppressOutput": True}
    all_tables: list[Json] = [_table(_THINGS, [iri, types], [], primary=True)]
    for type in tables.types():
        columns = [iri, *(_column(tables, name) for name in tables.single(type))]
        if type in tables.classes:
            kind: Json = {"name": "type", "virtual": True, "propertyUrl": RDF.type.value}
            columns.append(kind | {"valueUrl": tables.classes[type]})
        links = [name for name in tables.single(type) if name in tables.properties]
        all_tables.append(_table(f"{type}.csv", columns, ["iri", *links], primary=True))
        for name in tables.several(type):
            keys = ["iri", name] if name in tables.properties else ["iri"]
            all_tables.append(_table(f"{type}.{name}.csv", [iri, _column(tables, name)], keys, primary=False))
    described["tables"] = all_tables
    return described


def _table(url: str, columns: list[Json], links: list[str], *, primary: bool) -> Json:
    schema: Json = {"aboutUrl": "{+iri}", "columns": columns}
    if primary:
        schema["primaryKey"] = "iri"
    if links:
        schema["foreignKeys"] = [
            {"columnReference": name, "reference": {"resource": _THINGS, "columnReference": "iri"}}
            for name in links
        ]
    return {"url": url, "tableSchema": schema}


def _column(tables: _Tables, name: str) -> Json:
    if name in tables.properties:
        link: Json = {"name": name, "titles": name, "propertyUrl": tables.properties[name]}
        return link | {"valueUrl": f"{{+{name}}}"}
    column = tables.columns[name]
    described: Json = {"name": name, "titles": name, "propertyUrl": column.property}
    if column.language:
        return described | {"lang": column.language}
    return described | {"datatype": _datatype(column)}


def _datatype(column: Column) -> str:
    name = column.datatype.removeprefix(str(XSD))
    return name if name in _DATATYPES else "string"


def read(folder: Path, selection: Selection) -> Iterator[Row]:
    """The rows that a reader of the tables and their metadata sees."""
    del selection
    metadata = json.loads((folder / _METADATA).read_text(encoding="utf-8"))
    for table in metadata["tables"]:
        columns = {column["name"]: column for column in table["tableSchema"]["columns"]}
        with (folder / table["url"]).open(encoding="utf-8", newline="") as lines:
            for cells in csv.DictReader(lines):
                subject = _resource(cells["iri"])
                for name, column in columns.items():
                    if column.get("virtual"):
                        yield subject, RDF_TYPE, f"<{column['valueUrl']}>", ""
                    elif "propertyUrl" in column and cells[name]:
                        yield subject, f"<{column['propertyUrl']}>", _object(column, cells[name]), ""


def _object(column: dict[str, str], text: str) -> str:
    if "valueUrl" in column:
        return _resource(text)
    if "lang" in column:
        return str(Literal(text, language=column["lang"]))
    datatype = column.get("datatype", "string")
    return str(Literal(text, datatype=XSD[datatype]))


def _resource(id: str) -> str:
    return id if id.startswith("_:") else str(NamedNode(id))
