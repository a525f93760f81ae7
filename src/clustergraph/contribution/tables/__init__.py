"""Tables: a CSV with a description beside it, and the Turtle that it means."""

from __future__ import annotations

from clustergraph.contribution.tables.description import (
    Column,
    Description,
    description_path,
    write_description,
)
from clustergraph.contribution.tables.reading import Cell, TableFile, is_table, read_table, table_as_turtle
from clustergraph.contribution.tables.template import Template, template

__all__ = [
    "Cell",
    "Column",
    "Description",
    "TableFile",
    "Template",
    "description_path",
    "is_table",
    "read_table",
    "table_as_turtle",
    "template",
    "write_description",
]
