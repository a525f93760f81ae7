"""Parquet: nodes, edges and statements, batch by batch through pyarrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from clustergraph.export.rows import Row
from clustergraph.export.selection import Selection
from clustergraph.export.tables.arrow import BATCH, ArrowGraph, pyarrow
from clustergraph.terms import Literal, NamedNode


def write(rows: Iterable[Row], folder: Path, selection: Selection) -> None:
    """Write `nodes.parquet`, `edges.parquet` and `statements.parquet`."""
    tables = ArrowGraph(rows, selection.settings)
    folder.mkdir()
    for name, schema in tables.schemas().items():
        with pyarrow().parquet.ParquetWriter(folder / f"{name}.parquet", schema) as out:
            for batch in tables.batches(name):
                out.write_batch(batch)


def read(folder: Path, selection: Selection) -> Iterator[Row]:
    """The rows of the table of statements."""
    del selection
    file = pyarrow().parquet.ParquetFile(folder / "statements.parquet")
    for batch in file.iter_batches(batch_size=BATCH):
        for one in batch.to_pylist():
            graph = str(NamedNode(one["graph"])) if one["graph"] else ""
            yield _resource(one["subject"]), str(NamedNode(one["predicate"])), _object(one), graph


def _object(one: dict[str, str]) -> str:
    if one["kind"] != "literal":
        return _resource(one["object"])
    if one["language"]:
        return str(Literal(one["object"], language=one["language"]))
    return str(Literal(one["object"], datatype=NamedNode(one["datatype"])))


def _resource(id: str) -> str:
    return id if id.startswith(("_:", "<<")) else str(NamedNode(id))
