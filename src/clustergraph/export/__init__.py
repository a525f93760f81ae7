"""Exports: into other syntaxes, vocabularies and tools, each read back and with a report of its loss."""

from __future__ import annotations

from clustergraph.export.export import Export, write_export
from clustergraph.export.frames import arrow_tables, data_frames, networkx_graph
from clustergraph.export.loss import Loss, Lost
from clustergraph.export.profile import Profile, problems, profile, profiles
from clustergraph.export.release import Release, citation, released, write_release
from clustergraph.export.selection import Selection, select

__all__ = [
    "Export",
    "Loss",
    "Lost",
    "Profile",
    "Release",
    "Selection",
    "arrow_tables",
    "citation",
    "data_frames",
    "networkx_graph",
    "problems",
    "profile",
    "profiles",
    "released",
    "select",
    "write_export",
    "write_release",
]
