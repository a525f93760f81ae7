"""The graph as Arrow tables: nodes and edges with typed columns, and all statements as written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from types import ModuleType
from typing import Any

from clustergraph.errors import MissingLibraryError
from clustergraph.export.rows import Row
from clustergraph.export.tables.property_graph import Column, PropertyGraph
from clustergraph.export.text import is_iri, is_literal, literal_parts, plain
from clustergraph.settings import Settings
from clustergraph.sparql.kinds import READ

Record = dict[str, object]
# The tables and batches of an untyped library.
Table = Any
Schema = Any

BATCH = 10_000
"""Records that are held at a time."""
# Enough for the amounts of a state in its smallest coin, with room behind the point.
_PRECISION, _SCALE = 38, 10


def pyarrow() -> ModuleType:
    """The library; raises MissingLibraryError, which says how to install it."""
    try:
        import pyarrow as pa  # noqa: PLC0415  # an optional dependency
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError as error:
        raise MissingLibraryError("pyarrow", "parquet") from error
    return pa  # type: ignore[no-any-return, unused-ignore]  # typed only where it is installed


class ArrowGraph:
    """The tables `nodes`, `edges` and `statements` of rows, batch by batch."""

    def __init__(self, rows: Iterable[Row], settings: Settings) -> None:
        self._pa = pyarrow()
        self._rows = rows
        self._graph = PropertyGraph(rows, settings)
        self._columns = sorted(self._graph.columns.values(), key=lambda column: column.name)

    def schemas(self) -> dict[str, Schema]:
        """The schema of each table, by its name."""
        pa = self._pa
        text = pa.string()
        nodes = [("id", text), ("types", pa.list_(text)), *((c.name, self._type(c)) for c in self._columns)]
        statements = ("subject", "predicate", "object", "kind", "datatype", "language", "graph")
        return {
            "nodes": pa.schema(nodes),
            "edges": pa.schema([(name, text) for name in ("start", "type", "end", "graph")]),
            "statements": pa.schema([(name, text) for name in statements]),
        }

    def batches(self, table: str) -> Iterator[Table]:
        """The record batches of a table."""
        records = {"nodes": self._nodes, "edges": self._edges, "statements": self._statements}[table]()
        schema = self.schemas()[table]
        while batch := list(islice(records, BATCH)):
            yield self._pa.RecordBatch.from_pylist(batch, schema=schema)

    def tables(self) -> dict[str, Table]:
        """The tables by their names."""
        return {
            name: self._pa.Table.from_batches(self.batches(name), schema=schema)
            for name, schema in self.schemas().items()
        }

    def _type(self, column: Column) -> Schema:
        pa = self._pa
        kinds = {
            "integer": pa.int64(),
            "decimal": pa.decimal128(_PRECISION, _SCALE),
            "double": pa.float64(),
            "boolean": pa.bool_(),
            "date": pa.date32(),
            "dateTime": pa.timestamp("us"),
        }
        kind = kinds.get(column.kind, pa.string())
        return pa.list_(kind) if column.many else kind

    def _nodes(self) -> Iterator[Record]:
        for node in self._graph.nodes():
            record: Record = {"id": node.id, "types": list(node.types)}
            for column in self._columns:
                if column.name in node.cells:
                    read = READ.get(column.kind, str)
                    values = [read(value) for value in node.cells[column.name]]
                    record[column.name] = values if column.many else values[0]
            yield record

    def _edges(self) -> Iterator[Record]:
        for edge in self._graph.edges():
            yield {"start": edge.start, "type": edge.type, "end": edge.end, "graph": edge.graph or None}

    def _statements(self) -> Iterator[Record]:
        for subject, predicate, object, graph in self._rows:
            record: Record = {
                "subject": plain(subject),
                "predicate": plain(predicate),
                "object": plain(object),
            }
            record["kind"] = "literal" if is_literal(object) else "iri" if is_iri(object) else "blank"
            if is_literal(object):
                _, language, datatype = literal_parts(object)
                record |= {"language": language or None, "datatype": datatype or None}
            yield record | {"graph": plain(graph) or None}
