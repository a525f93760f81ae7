"""Which blank nodes stand in brackets in Turtle, instead of having a label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# Brackets within brackets, beyond which blank nodes keep their labels.
_DEPTH = 40


def in_brackets(once: Iterable[str], above: Mapping[str, tuple[str, bool]]) -> set[str]:
    """Those labels, of blank nodes that are an object once, that are not below themselves, nor too deep.

    `above` gives the subject that each is said of, and whether as the rest of a list, which opens no
    bracket.

    >>> sorted(in_brackets(["_:a", "_:b", "_:c"], {"_:a": ("<x:s>", False), "_:b": ("_:c", False),
    ...                                            "_:c": ("_:b", False)}))
    ['_:a', '_:c']
    """
    found = set(once)
    for label in sorted(found):
        node, depth, passed = label, 0, set[str]()
        while node in found and node not in passed and depth < _DEPTH:
            passed.add(node)
            node, by_rest = above[node]
            depth += not by_rest
        if node in found:
            found.discard(label)
    return found
