"""Files to graphs and back: which files there are, what they say, where they say it, how they look."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from clustergraph.folder.edition import Edition
from clustergraph.folder.files import Folder, SourceFile, open_folder, source_file
from clustergraph.folder.literals import LiteralTable
from clustergraph.folder.parse import canonical, parse, parse_text
from clustergraph.folder.places import Place, Places

if TYPE_CHECKING:
    from clustergraph.folder.formatting import format_file, format_turtle, turtle_files
    from clustergraph.folder.lines import Lines, Location, locate, locate_in

__all__ = [
    "Edition",
    "Folder",
    "Lines",
    "LiteralTable",
    "Location",
    "Place",
    "Places",
    "SourceFile",
    "canonical",
    "format_file",
    "format_turtle",
    "locate",
    "locate_in",
    "open_folder",
    "parse",
    "parse_text",
    "source_file",
    "turtle_files",
]

# Reading Turtle statement by statement is for the layout and for lines; a question needs neither, and
# its import would take 15 of the 100 ms in which a warm process answers.
_ON_DEMAND = {
    **dict.fromkeys(("format_file", "format_turtle", "turtle_files"), "clustergraph.folder.formatting"),
    **dict.fromkeys(("Lines", "Location", "locate", "locate_in"), "clustergraph.folder.lines"),
}


def __getattr__(name: str) -> object:
    if name not in _ON_DEMAND:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ON_DEMAND[name]), name)
