"""The quads that a change adds and removes, literals as written, blank nodes by content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator

from clustergraph.contribution.blank import Contents, quad_by_content
from clustergraph.contribution.change import Change
from clustergraph.folder.edition import Edition
from clustergraph.folder.parse import parse_text
from clustergraph.terms import Quad, has_blank_node

Quads = tuple[Quad, ...]


def changed_quads(change: Change) -> tuple[Quads, Quads]:
    """What is added and what is removed, sorted by graph, subject, predicate and object.

    A triple that moves from one file of a graph to another is no change. One whose blank nodes have
    the same content as another's comes as often as there are such nodes.
    """
    before, after = (
        _counted(quads, known) for quads, known in zip(change.quads, change.blank_nodes, strict=True)
    )
    added, removed = after - before, before - after
    # What is stated elsewhere too was there, or stays.
    for counted, edition in ((added, change.base), (removed, change.proposal)):
        for quad in _around(counted, edition, change.files):
            counted.pop(quad, None)
    return _in_order(added), _in_order(removed)


def _counted(quads: Iterable[Quad], known: Contents) -> Counter[Quad]:
    return Counter(quad_by_content(quad, known) for quad in set(quads))


def _around(quads: Iterable[Quad], edition: Edition, changed: Container[str]) -> Iterator[Quad]:
    """What the files say that may state some of the quads; that of files that changed is kept for others."""
    named = (quad for quad in quads if not has_blank_node(quad.subject))
    files = dict.fromkeys(f for q in named for f in edition.texts.about(q.graph_name, q.subject))
    for file in files:
        known = file.name in changed
        yield from edition.quads_of(file) if known else parse_text(file, edition.contents[file])


def _in_order(counted: Counter[Quad]) -> Quads:
    return tuple(sorted(counted.elements(), key=_key))


def _key(quad: Quad) -> tuple[str, str, str, str]:
    return str(quad.graph_name), str(quad.subject), str(quad.predicate), str(quad.object)
