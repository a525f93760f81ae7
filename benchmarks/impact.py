"""What a change breaks: a hundred new grants, some of them wrong, judged against the graph they come to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
from frame import RUNS, Measured, Task, digest, peak_memory, repeated

from validation import SHAPES, Grants

_NEW = 100


def prepare(folder: Path, size: int) -> int:
    """A folder with data and shapes, and beside it the file of the change."""
    base, change = Grants(max(10, size // 10)), Grants(_NEW, seed=7)
    root = folder / "graph"
    (root / "data" / "grants").mkdir(parents=True)
    (root / "ontology" / "shapes").mkdir(parents=True)
    shutil.copy(SHAPES, root / "ontology" / "shapes")
    ox.serialize(base.triples, str(root / "data" / "grants" / "grants.nt"), format=ox.RdfFormat.N_TRIPLES)
    text = ox.serialize(change.triples, format=ox.RdfFormat.N_TRIPLES)
    assert text is not None  # only a call with an output returns None
    new = text.replace(b"/grant/", b"/new-grant/").replace(b"G-0", b"G-9")
    (folder / "new.nt").write_bytes(
        b"".join(line for line in new.splitlines(keepends=True) if b"new-grant" in line)
    )
    return len(base.triples)


def judge(engine: str, folder: Path) -> Iterator[Measured]:
    """From the file to what is new in the report; pyshacl judges base and proposal, one after the other."""
    import clustergraph

    graph = clustergraph.open(folder / "graph")
    compiled = engine == "clustergraph"
    seconds, report = repeated(
        lambda: graph.validate(folder / "new.nt", engine="sparql" if compiled else "pyshacl"),
        RUNS if compiled else 1,
    )
    new = (result for result in report.results if result.state == "new")
    answer = digest([str(one.focus), str(one.path), str(one.constraint)] for one in new)
    yield Measured("a change of 100 grants", seconds, answer, peak_memory())


IMPACT = Task("impact", "What a change breaks", prepare, judge, ("pyshacl",), {"pyshacl": 50_000})
