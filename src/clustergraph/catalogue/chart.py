"""Charts as a header declares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clustergraph.catalogue.header import Header
from clustergraph.sparql.query import Outline

# The channels of each mark, and those of them that it needs.
MARKS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "bar": (
        frozenset(
            {
                "x",
                "y",
                "low",
                "high",
                "colour",
                "unit",
                "qualifier",
                "per",
                "during",
                "agreeing",
                "differing",
            }
        ),
        frozenset({"x"}),
    ),
    "line": (frozenset({"x", "y", "colour"}), frozenset({"x", "y"})),
    "timeline": (
        frozenset({"x", "y", "end", "colour", "after", "band", "bandStart", "bandEnd"}),
        frozenset({"x", "y"}),
    ),
    "map": (frozenset({"x", "y", "name"}), frozenset({"x", "y"})),
}


@dataclass(frozen=True)
class Chart:
    """How a table is best looked at: a mark (`bar`, `line`, `timeline`, `map`) over its columns.

    A channel has one column; `y` of a line may have several. Bars may be `stacked`; what a timeline
    shows may be `open`: it goes on where no end is known.
    """

    mark: str
    channels: Mapping[str, tuple[str, ...]]
    stacked: bool = False
    open: bool = False

    def describe(self) -> dict[str, Any]:
        """The declaration as plain data, with the keys of a query's header."""
        found: dict[str, Any] = {"mark": self.mark}
        for channel, columns in self.channels.items():
            found[channel] = columns[0] if len(columns) == 1 else list(columns)
        return found | {name: True for name in ("stacked", "open") if getattr(self, name)}


def read_chart(header: Header, query: Outline) -> Chart | None:
    """The chart of a header, None where there is none.

    Raises SavedQueryError, with the line, for a mark, channel or column that is not known.
    """
    entry = header.mapping("chart")
    if not entry:
        return None
    mark = str(entry.pop("mark", "bar"))
    stacked, is_open = bool(entry.pop("stacked", False)), bool(entry.pop("open", False))
    if mark not in MARKS:
        raise header.error("chart", f"mark {mark!r}; expected one of {', '.join(MARKS)}")
    known, needed = MARKS[mark]
    channels = {
        channel: tuple(map(str, said)) if isinstance(said, list) else (str(said),)
        for channel, said in entry.items()
    }
    for channel, columns in channels.items():
        if channel not in known:
            raise header.error("chart", f"a {mark} has no {channel}; it has {', '.join(sorted(known))}")
        if len(columns) != 1 and (mark, channel) != ("line", "y"):
            raise header.error("chart", f"{channel}: expected one column")
        for column in columns:
            if query.projection and column not in query.projection:
                raise header.error("chart", f"{channel}: the query has no column ?{column}")
    if missing := sorted(needed - channels.keys()):
        raise header.error("chart", f"a {mark} needs {', '.join(missing)}")
    return Chart(mark, channels, stacked, is_open)
