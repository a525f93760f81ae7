"""The page and the charts of measured figures: worst ratios first, and nothing that was not measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from frame import OURS, Table
from jinja2 import Environment

Figures = Mapping[str, Any]
"""What the command writes as JSON: `machine`, `versions`, `tables`, `scale`."""

_HEAD = """\
# Performance

Made by `python benchmarks --render docs/performance.json` from the figures in \
[performance.json](performance.json). To measure them again, with nothing else running:

```console
$ python benchmarks --size 10k 100k --peer all --json docs/performance.json --markdown docs/performance.md
$ python benchmarks --scale 10k 100k 1M --json docs/performance.json --markdown docs/performance.md
$ python benchmarks --scale 10M --steps open queries --json docs/performance.json \\
    --markdown docs/performance.md
```

The work is the same for all, and answers are compared first: an engine that answers differently gets no \
time. Times are medians, the range is the lowest and the highest; memory is the peak of a process of its own.
Servers are asked over HTTP on this machine; Jena works in one Java process that is warm, and its times hold
the way through a pipe.
"""


CHART = Path(__file__).with_name("chart.svg")
_LEFT, _WIDTH = 250, 430


def as_text(table: Table) -> str:
    """A table for a terminal."""
    lines = [f"\n{table.title}: {table.size:,} triples"]
    mine = {row.work: row.median for row in table.rows if row.engine == OURS}
    for row in table.rows:
        if row.median is None:
            lines.append(f"  {row.work:28} {row.engine:16} {row.note}")
            continue
        ours = mine.get(row.work)
        ratio = "" if row.engine == OURS or not ours else f"{row.median / ours:9.2f} times ours"
        spread = f"{_seconds(row.low)}–{_seconds(row.high)}"
        figures = f"{_seconds(row.median):>10}  {spread:>24}  {row.peak:7,.0f} MB {ratio}"
        lines.append(f"  {row.work:28} {row.engine:16} {figures}")
    return "\n".join(lines)


def scale_as_text(figures: Figures) -> str:
    """The table by size for a terminal."""
    return "\n".join(_scale(figures["scale"]))


def merged(old: Figures, new: Figures) -> dict[str, Any]:
    """New figures with those old tables and steps that were not measured again."""
    tables = {(t["task"], t["size"]): t for figures in (old, new) for t in figures["tables"]}
    sizes = {step["size"] for step in new["scale"]}
    scale = [step for step in old["scale"] if step["size"] not in sizes] + list(new["scale"])
    return {
        "machine": new["machine"],
        "versions": {**old["versions"], **new["versions"]},
        "tables": [tables[key] for key in sorted(tables, key=lambda key: (_order(key[0]), key[1]))],
        "scale": sorted(scale, key=lambda step: step["size"]),
    }


def _order(task: str) -> int:
    known = ["load", "queries", "closure", "validation", "impact", "traffic", "startup"]
    return known.index(task) if task in known else len(known)


def write(figures: Figures, path: Path) -> None:
    """Write the page, and its charts beside it."""
    for name, chart in charts(figures).items():
        path.with_name(name).write_text(chart, encoding="utf-8")
    path.write_text(page(figures), encoding="utf-8")


def page(figures: Figures) -> str:
    """The page in Markdown."""
    parts = [_HEAD, *_measured_on(figures), *_worst(figures), *_tables(figures)]
    if figures["scale"]:
        parts += ["## By size\n", *_scale(figures["scale"]), ""]
    return "\n".join(parts)


def charts(figures: Figures) -> dict[str, str]:
    """A chart of each table as SVG, by file name."""
    return {_chart_name(table): _chart(table) for table in figures["tables"] if _ratios(table)}


def _measured_on(figures: Figures) -> Iterator[str]:
    machine = figures["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in figures["versions"].items() if version)
    place = f"{machine['system']}, {machine['processors']} processors, {machine['memory']}"
    yield f"On {place}, at a load of {machine['load']}: {versions}.\n"


def _worst(figures: Figures) -> Iterator[str]:
    """All ratios, those first in which others are ahead or close behind."""
    found = sorted(ratio for table in figures["tables"] for ratio in _ratios(table))
    if not found:
        return
    yield "## Where clustergraph gains least\n"
    yield "How many times longer the other takes; below 1 it is ahead.\n"
    yield "| Times | Work | Triples | Other | Its time | Ours |\n| ---: | --- | ---: | --- | ---: | ---: |"
    for times, work, size, engine, theirs, ours in found:
        yield f"| {_times(times)} | {work} | {size:,} | {engine} | {_seconds(theirs)} | {_seconds(ours)} |"
    yield ""


def _ratios(table: Mapping[str, Any]) -> list[tuple[float, str, int, str, float, float]]:
    mine = {row["work"]: row["median"] for row in table["rows"] if row["engine"] == OURS}
    return [
        (row["median"] / ours, row["work"], table["size"], row["engine"], row["median"], ours)
        for row in table["rows"]
        if not row["engine"].startswith(OURS) and row["median"] and (ours := mine.get(row["work"]))
    ]


def _tables(figures: Figures) -> Iterator[str]:
    for table in figures["tables"]:
        yield f"## {table['title']}: {table['size']:,} triples\n"
        if _ratios(table):
            yield f"![times of each engine, on a logarithmic scale]({_chart_name(table)})\n"
        yield _line("Work", "Engine", "Median", "Range", "Runs", "Memory", "")
        yield _line("---", "---", *["---:"] * 4, "---")
        for row in table["rows"]:
            times = [""] * 3
            if row["median"] is not None:
                spread = f"{_seconds(row['low'])}–{_seconds(row['high'])}"
                times = [_seconds(row["median"]), spread, str(row["runs"])]
            memory = f"{row['peak']:,.0f} MB" if row["peak"] else ""
            yield _line(row["work"], row["engine"], *times, memory, row["note"])
        yield ""


def _scale(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line a step, its time and memory at each size, and the exponent by which the time grows."""
    sizes = sorted({step["size"] for step in steps})
    found = {(step["work"], step["size"]): step for step in steps}
    heads = [f"{size:,}" for size in sizes]
    yield "Time and peak memory by the number of triples; the exponent is that of the time between the last"
    yield "two sizes, 1 is linear.\n"
    yield _line("Step", *heads, "Exponent", "At the largest")
    yield _line("---", *["---:"] * (len(sizes) + 1), "---")
    for work in dict.fromkeys(step["work"] for step in steps):
        cells, notes = [], []
        for size in sizes:
            step = found.get((work, size))
            cells.append("" if step is None else _cell(step))
            notes.append("" if step is None else step["note"])
        yield _line(work, *cells, _exponent([found.get((work, size)) for size in sizes]), notes[-1])


def _cell(step: Mapping[str, Any]) -> str:
    if step["seconds"] is None:
        return "failed"
    return f"{_seconds(step['seconds'])}, {step['peak']:,.0f} MB"


def _exponent(steps: Sequence[Mapping[str, Any] | None]) -> str:
    there = [step for step in steps if step and step["seconds"]]
    if len(there) < 2:
        return ""
    small, large = there[-2:]
    return f"{math.log(large['seconds'] / small['seconds']) / math.log(large['size'] / small['size']):.2f}"


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _seconds(seconds: float) -> str:
    """A duration with three figures.

    >>> [_seconds(each) for each in (0.0000123, 0.0123, 1.5, 150.2)]
    ['12.3 µs', '12.3 ms', '1.50 s', '150 s']
    """
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1 or unit == "µs":
            number = seconds * factor
            return f"{number:.{max(0, 2 - int(math.log10(max(number, 1))))}f} {unit}"
    raise AssertionError


def _times(ratio: float) -> str:
    return f"**{ratio:.2f}**" if ratio < 1 else f"{ratio:.3g}" if ratio < 1000 else f"{ratio:,.0f}"


def _chart_name(table: Mapping[str, Any]) -> str:
    return f"performance-{table['task']}-{table['size']}.svg"


def _chart(table: Mapping[str, Any]) -> str:
    """Bars on a logarithmic scale, those of one piece of work together."""
    rows = [row for row in table["rows"] if row["median"]]
    low = math.floor(math.log10(min(row["median"] for row in rows)))
    high = max(low + 1, math.ceil(math.log10(max(row["median"] for row in rows))))

    def width(seconds: float) -> float:
        return round(max(2.0, _WIDTH * (math.log10(seconds) - low) / (high - low)), 1)

    works = list(dict.fromkeys(row["work"] for row in rows))
    bars = [
        {
            "y": 24 + 18 * place + 8 * works.index(row["work"]),
            "name": f"{row['work']}, {row['engine']}",
            "kind": "ours" if row["engine"] == OURS else "other",
            "width": width(row["median"]),
            "text": _seconds(row["median"]),
        }
        for place, row in enumerate(sorted(rows, key=lambda row: works.index(row["work"])))
    ]
    ticks = [
        {"x": round(_LEFT + _WIDTH * (n - low) / (high - low), 1), "text": _seconds(10.0**n)}
        for n in range(low, high + 1)
    ]
    template = Environment(autoescape=True).from_string(CHART.read_text(encoding="utf-8"))
    title = f"{table['title']}: {table['size']:,} triples"
    height = 38 + 18 * len(rows) + 8 * len(works)
    return template.render(bars=bars, ticks=ticks, title=title, height=height, left=_LEFT) + "\n"
