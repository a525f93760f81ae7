"""The quads that a change adds and removes, literals as written, blank nodes by content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

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
    # What a file that did not change states too was there and stays.
    common = [added, removed]
    for quad in _unchanged(change) if added or removed else ():
        for counted in common:
            counted.pop(quad, None)
    return _in_order(added), _in_order(removed)


def _counted(quads: Iterable[Quad], known: Contents) -> Counter[Quad]:
    return Counter(quad_by_content(quad, known) for quad in set(quads))


def _unchanged(change: Change) -> Iterator[Quad]:
    """The quads without blank nodes of the files in which the editions do not differ."""
    changed = frozenset(change.files)
    edition: Edition = change.proposal
    for file, data in edition.contents.items():
        if file.name not in changed:
            yield from (quad for quad in parse_text(file, data) if not has_blank_node(quad.subject))


def _in_order(counted: Counter[Quad]) -> Quads:
    return tuple(sorted(counted.elements(), key=_key))


def _key(quad: Quad) -> tuple[str, str, str, str]:
    return str(quad.graph_name), str(quad.subject), str(quad.predicate), str(quad.object)
