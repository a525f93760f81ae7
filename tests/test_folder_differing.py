"""What two contents of a file state differently, without reading what they have in common."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustergraph.folder import SourceFile
from clustergraph.folder.differing import differing
from clustergraph.folder.formats import N_TRIPLES, TURTLE
from clustergraph.folder.parse import parse_text
from clustergraph.terms import NamedNode, Quad

HEAD = "@prefix x: <urn:x:> .\n"
# Each ends a line or not, as people write it; some hold what looks like an end.
STATEMENTS = [
    "x:a x:p x:b .\n",
    "x:a x:p x:b ; # one.\n  x:q x:c .\n",
    "x:a x:p x:b ; # one.\n  x:q x:d .\n",
    'x:b x:p "a (b) [c] ." .\n',
    'x:b x:p "a.\\n" , "# ." .\n',
    "x:c x:p x:d . x:d x:p x:c .",
    "x:d x:p 1. # two.\n\n",
    "[] x:p x:a .\n",
    "x:e x:p [ x:q 1 ] .\n",
    "x:e x:p _:x, x:a .\n",
    "<< x:a x:p x:b >> x:q x:c .\n",
    "x:a x:p x:b ~ {| x:q x:c |} .\n",
]
FILE = SourceFile(Path("a.ttl"), "a.ttl", NamedNode("urn:x:graph/a"), TURTLE)

Texts = st.lists(st.sampled_from(STATEMENTS), max_size=6).map(lambda parts: HEAD + "".join(parts))


def quads(text: str) -> set[Quad]:
    return set(parse_text(FILE, text.encode()))


@given(before=Texts, after=Texts)
def test_all_else_is_stated_by_both(before: str, after: str) -> None:
    part = differing(FILE, before.encode(), after.encode())
    if part is not None:
        old, new = quads(before), quads(after)
        assert set(part.before) <= old
        assert set(part.after) <= new
        assert old - set(part.before) == old & new - set(part.before)
        assert new - set(part.after) == old & new - set(part.after)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("x:a x:p x:b .\nx:a x:p x:c .\n", "x:a x:p x:b .\nx:a x:p x:d .\n", (1, 1)),
        ("x:a x:p x:b .\nx:a x:p x:c .\n", "x:a x:p x:c .\nx:a x:p x:b .\n", (0, 0)),
        ('[] x:p 1 .\nx:a x:l "a (b)" .\n', '[] x:p 1 .\nx:a x:l "a (c)" .\n', (1, 1)),
    ],
)
def test_only_what_differs_is_parsed(before: str, after: str, expected: tuple[int, int]) -> None:
    part = differing(FILE, (HEAD + before).encode(), (HEAD + after).encode())
    assert part is not None
    assert (len(part.before), len(part.after)) == expected


@pytest.mark.parametrize(
    "after",
    [
        "x:a x:p x:b .\n[] x:p 2 .\n[] x:p 1 .\n",  # the labels of blank nodes shift
        "x:a x:p x:b .\n@prefix x: <urn:y:> .\n[] x:p 1 .\n[] x:p 2 .\n",
        "x:a x:p '''b\n'''  .\n[] x:p 1 .\n[] x:p 2 .\n",
        "x:a x:p\n[] x:p 1 .\n[] x:p 2 .\n",  # whoever parses the whole says where it breaks
    ],
)
def test_contents_that_are_read_as_a_whole(after: str) -> None:
    before = HEAD + "x:a x:p x:b .\n[] x:p 1 .\n[] x:p 2 .\n"
    assert differing(FILE, before.encode(), (HEAD + after).encode()) is None


def test_lines_of_n_triples() -> None:
    file = SourceFile(Path("a.nt"), "a.nt", NamedNode("urn:x:graph/a"), N_TRIPLES)
    lines = ["<urn:a> <urn:p> <urn:b> .\n", '<urn:a> <urn:p> "b" .\n', "<urn:a> <urn:p> <urn:c> .\n"]
    part = differing(file, "".join(lines[:2]).encode(), "".join(lines[1:]).encode())
    assert part is not None
    assert [str(q.object) for q in (*part.before, *part.after)] == ["<urn:b>", "<urn:c>"]
