"""Fills the table of exports in Markdown pages from a release; with `--check` only says which differ.

The table stands between `<!-- exports -->` and `<!-- /exports -->`.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import clustergraph
from clustergraph.export import Export, profiles

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", ROOT / "docs" / "exports.md")
_BLOCK = re.compile(r"(<!-- exports -->\n).*?(<!-- /exports -->)", re.DOTALL)


def table(exports: Iterable[Export], titles: dict[str, str]) -> str:
    """A Markdown table: each export, how much it carries, and what it loses."""
    lines = ["| Export | What it is | Carries | Loses |", "| --- | --- | --- | --- |"]
    for one in exports:
        share = one.loss.carried / one.loss.given
        part = "under 1%" if share < 0.01 else f"{share:.0%}"
        carried = "all triples" if share == 1 else f"{part} of the triples"
        whole = sum(1 for term in one.loss.terms if term.lost == term.given)
        lost = [f"{whole} terms"] if whole else []
        lost += [_lost(kind.name, kind.lost, kind.given) for kind in one.loss.kinds if kind.lost]
        lines.append(
            f"| `{one.profile}` | {titles[one.profile]} | {carried} | {', '.join(lost) or 'nothing'} |"
        )
    return "\n".join(lines)


def _lost(name: str, lost: int, given: int) -> str:
    if lost == given:
        return name
    share = lost / given
    return f"{name} ({'under 1%' if share < 0.01 else f'{share:.0%}'})"


def main() -> None:
    """Fill the pages, or check them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where a page differs")
    check = parser.parse_args().check
    graph = clustergraph.open()
    with tempfile.TemporaryDirectory() as folder:
        release = graph.release(Path(folder) / "release")
    if release.skipped:
        sys.exit(f"not installed: {', '.join(name for name, _ in release.skipped)}")
    known = profiles(graph.folder.root, graph.settings)
    titles = {name: one.title("en") for name, one in known.items()}
    text = table(release.exports, titles)
    differing = []
    for page in PAGES:
        before = page.read_text(encoding="utf-8")
        after = _BLOCK.sub(lambda block: f"{block[1]}\n{text}\n\n{block[2]}", before)
        if after != before:
            differing.append(page.name)
            if not check:
                page.write_text(after, encoding="utf-8")
    if check and differing:
        sys.exit(f"differs: {', '.join(differing)}")


if __name__ == "__main__":
    main()
