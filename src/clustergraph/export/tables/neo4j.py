"""CSV for `neo4j-admin database import`: nodes by their labels, relationships in one file.

Things stay nodes, statements among them; a link in two graphs is two relationships, each with its
graph; lists are separated by `;` (import with `--array-delimiter=";"`, the default).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from clustergraph.export.rows import Row
from clustergraph.export.selection import Selection
from clustergraph.export.tables.property_graph import Column, PropertyGraph
from clustergraph.export.text import RDF_TYPE
from clustergraph.terms import Literal, NamedNode

_TYPES = {
    "integer": "long",
    "decimal": "double",
    "double": "double",
    "boolean": "boolean",
    "date": "date",
    "dateTime": "datetime",
}
_DELIMITER = ";"
_OTHER = "Resource"


def write(rows: Iterable[Row], folder: Path, selection: Selection) -> None:
    """Write the nodes and relationships of the rows to CSV files in a folder."""
    graph = PropertyGraph(rows, selection.settings)
    folder.mkdir()
    used = _used(graph)
    groups = sorted(used)
    with ExitStack() as open_files:
        writers = {}
        for types in groups:
            path = folder / f"nodes-{'-'.join(types) or _OTHER}.csv"
            out = open_files.enter_context(path.open("w", encoding="utf-8", newline=""))
            writers[types] = csv.writer(out, lineterminator="\n")
            writers[types].writerow(["iri:ID", *map(_header, used[types]), ":LABEL"])
        for node in graph.nodes():
            cells = [_cell(node.cells.get(column.name, []), column) for column in used[node.types]]
            label = _DELIMITER.join(node.types or (_OTHER,))
            writers[node.types].writerow([node.id, *cells, label])
    with (folder / "relationships.csv").open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow([":START_ID", ":END_ID", ":TYPE", "graph"])
        lines.writerows([edge.start, edge.end, edge.type, edge.graph] for edge in graph.edges())


def read(folder: Path, selection: Selection) -> Iterator[Row]:
    """The rows that a reader of the CSV files sees."""
    del selection
    for path in sorted(folder.glob("nodes-*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines)
            header = [name.split(":") for name in next(reader)]
            for cells in reader:
                yield from _node(header, cells)
    with (folder / "relationships.csv").open(encoding="utf-8", newline="") as lines:
        for start, end, type, graph in list(csv.reader(lines))[1:]:
            yield _resource(start), f"<urn:x:{type}>", _resource(end), f"<{graph}>" if graph else ""


def _node(header: list[list[str]], cells: list[str]) -> Iterator[Row]:
    subject = _resource(cells[0])
    for label in cells[-1].split(_DELIMITER):
        if label != _OTHER:
            yield subject, RDF_TYPE, f"<urn:x:{label}>", ""
    for (name, type), cell in list(zip(header, cells, strict=True))[1:-1]:
        tag = re.search(r"_([a-z]{2,3}(?:_[a-z0-9]+)*)\Z", name)
        for value in cell.split(_DELIMITER) if type.endswith("[]") else [cell]:
            if value:
                literal = Literal(value, language=tag[1].replace("_", "-")) if tag else Literal(value)
                yield subject, f"<urn:x:{name}>", str(literal), ""


def _resource(id: str) -> str:
    return id if id.startswith("_:") else str(NamedNode(id))


def _used(graph: PropertyGraph) -> dict[tuple[str, ...], list[Column]]:
    """The columns that the nodes of each set of types have."""
    found: dict[tuple[str, ...], set[str]] = {}
    for node in graph.nodes():
        found.setdefault(node.types, set()).update(node.cells)
    ordered = sorted(graph.columns.values(), key=lambda column: column.name)
    return {types: [column for column in ordered if column.name in names] for types, names in found.items()}


def _header(column: Column) -> str:
    return f"{column.name}:{_TYPES.get(column.kind, 'string')}{'[]' if column.many else ''}"


def _cell(values: list[str], column: Column) -> str:
    # neo4j-admin knows no escape for the delimiter of lists.
    return _DELIMITER.join(v.replace(_DELIMITER, ",") for v in values) if column.many else "".join(values)
