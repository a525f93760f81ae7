"""A folder and its closure as two read-only stores, kept in a cache by the content of their inputs."""

from __future__ import annotations

from clustergraph.snapshot.build import Progress
from clustergraph.snapshot.cache import (
    CachedSnapshot,
    SnapshotWarning,
    clear_snapshots,
    open_snapshot,
    snapshots,
    write_snapshot,
)
from clustergraph.snapshot.state import Snapshot, read_snapshot

__all__ = [
    "CachedSnapshot",
    "Progress",
    "Snapshot",
    "SnapshotWarning",
    "clear_snapshots",
    "open_snapshot",
    "read_snapshot",
    "snapshots",
    "write_snapshot",
]
