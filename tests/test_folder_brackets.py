"""Blank nodes in brackets, or with labels."""

from __future__ import annotations

from clustergraph.folder.brackets import in_brackets


def test_ring_is_opened_at_one_label() -> None:
    assert in_brackets(["a", "b"], {"a": ("b", False), "b": ("a", False)}) == {"b"}


def test_brackets_within_brackets_end() -> None:
    labels = [f"n{number:03}" for number in range(100)]
    above = dict(zip(labels, [(label, False) for label in ["<x:s>", *labels]], strict=False))
    found = in_brackets(labels, above)
    assert labels[39] in found
    assert labels[40] not in found


def test_rest_of_a_list_opens_no_bracket() -> None:
    labels = [f"n{number:03}" for number in range(100)]
    above = dict(zip(labels, [(label, True) for label in ["<x:s>", *labels]], strict=False))
    assert in_brackets(labels, above) == set(labels)
