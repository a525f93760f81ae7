"""Tables for other tools: property graphs, tables on the web, columns, statements for review."""

from __future__ import annotations

from clustergraph.export.tables import csvw, graphml, neo4j, parquet, quickstatements
from clustergraph.export.tables.writer import Writer

WRITERS = {
    writer.name: writer
    for writer in (
        Writer("neo4j-csv", "CSV for neo4j-admin import", "", neo4j.write, neo4j.read),
        Writer(
            "graphml",
            "GraphML with typed keys, for Gephi and networkx",
            ".graphml",
            graphml.write,
            graphml.read,
        ),
        Writer("csvw", "A table a class, with CSV on the Web metadata", "", csvw.write, csvw.read),
        Writer("parquet", "Nodes, edges and statements as Parquet", "", parquet.write, parquet.read),
        Writer(
            "quickstatements",
            "Wikidata QuickStatements, for review by people",
            ".tsv",
            quickstatements.write,
            quickstatements.read,
            alone=False,
        ),
    )
}
