"""Fills the tables of Markdown pages with answers of saved queries; with `--check` only says which differ.

A table stands between two comments, the first of which says what to ask and which columns to show:

    <!-- answer: class-counts parent=cg:Statement
    columns: Kind = classLabel, Number = things
    rows: monetary statement; observation -->
    <!-- /answer -->

`rows`, which may be left out, keeps the rows whose first column is one of these, in this order. A block
`<!-- queries: en -->` … `<!-- /queries -->` lists the saved queries by topic,
`<!-- engines: capabilities -->` what can be done in which mode, `<!-- engines: differences -->` what
engines are known to do otherwise.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import clustergraph
from clustergraph.sparql.results import Solutions
from clustergraph.store.capabilities import CAPABILITIES, DIFFERENCES, Mode

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"(<!-- (answer|queries|engines): (.*?) -->\n)(.*?)(<!-- /\2 -->)", re.DOTALL)
_FENCE = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)


def filled(page: str, graph: clustergraph.KnowledgeGraph) -> str:
    """The page with each block answered anew; what stands in fenced code is left as it is."""

    def answer(block: re.Match[str]) -> str:
        opening, kind, asked, _, closing = block.groups()
        if kind == "engines":
            table = capabilities() if asked == "capabilities" else differences()
        else:
            table = answers(graph, asked) if kind == "answer" else queries(graph, asked)
        return f"{opening}\n{table}\n{closing}"

    parts = _FENCE.split(page)
    return "".join(part if part.startswith("```") else _BLOCK.sub(answer, part) for part in parts)


def answers(graph: clustergraph.KnowledgeGraph, asked: str) -> str:
    """The table of a block: the answer to its query, with the columns and rows that it names."""
    question, *lines = asked.splitlines()
    name, *given = question.split()
    options = dict(line.split(": ", 1) for line in lines)
    arguments = [argument.split("=", 1) for argument in given]
    solutions = graph.ask(name, {parameter: [value] for parameter, value in arguments})
    columns = [column.split(" = ") for column in options["columns"].split(", ")]
    if not isinstance(solutions, Solutions):
        raise SystemExit(f"{name} answers with no table")
    places = [solutions.variables.index(variable) for _, variable in columns]
    found = [[getattr(row[place], "value", "") for place in places] for row in solutions]
    if "rows" in options:
        by_first = {row[0]: row for row in found}
        wanted = options["rows"].split("; ")
        if absent := [first for first in wanted if first not in by_first]:
            raise SystemExit(f"{name} has no row {', '.join(absent)}; there are {', '.join(by_first)}")
        found = [by_first[first] for first in wanted]
    return table([title for title, _ in columns], found)


def queries(graph: clustergraph.KnowledgeGraph, language: str) -> str:
    """The saved queries by topic, each with its summary."""
    listed = sorted(graph.catalogue.queries, key=lambda query: (query.topic, query.name))
    rows = [
        [topic, f"`{query.name}`", query.summary(language)]
        for topic, of_topic in groupby(listed, key=lambda query: query.topic)
        for query in of_topic
    ]
    return table(["Topic", "Query", "Question"], rows)


def capabilities() -> str:
    """What can be done in which mode, and why not in the others."""
    modes = ["folder", "endpoint", "with updates"]
    rows = [
        [one.task, *("yes" if mode in one.modes else "no" for mode in Mode), one.reason]
        for one in CAPABILITIES
    ]
    return table(["Task", *modes, "Why not"], rows)


def differences() -> str:
    """What engines do otherwise than the specifications say, how it is known, what is done about it."""
    rows = [[one.engine, one.feature.value, one.behaviour, one.remedy, one.known] for one in DIFFERENCES]
    return table(["Engine", "Expected", "Instead", "What is done", "Known"], rows)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def main() -> int:
    """Writes the pages, or with `--check` names those that differ and returns 1."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing, only say which pages differ")
    check = parser.parse_args().check
    graph = clustergraph.open(ROOT)
    differing = 0
    for path in PAGES:
        page = path.read_text()
        answered = filled(page, graph)
        if answered != page:
            differing += 1
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
            if not check:
                path.write_text(answered)
    return 1 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
