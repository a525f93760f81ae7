"""Every example in a docstring is a test case."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import clustergraph

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(clustergraph.__path__, "clustergraph.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert failed == 0
