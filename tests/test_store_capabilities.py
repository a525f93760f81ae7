"""Capabilities and differences are data, with reasons."""

from __future__ import annotations

import pytest

from clustergraph.errors import UsageError
from clustergraph.store.capabilities import CAPABILITIES, DIFFERENCES, Feature, Mode, lacks, require


def test_each_task_stands_once_and_a_limit_has_its_reason() -> None:
    tasks = [capability.task for capability in CAPABILITIES]
    assert len(tasks) == len(set(tasks))
    assert all(Mode.FOLDER in capability.modes for capability in CAPABILITIES)
    assert all(capability.reason for capability in CAPABILITIES if capability.modes != frozenset(Mode))


def test_each_difference_says_how_it_is_known_and_what_is_done() -> None:
    assert all(d.behaviour and d.known and d.remedy for d in DIFFERENCES)
    assert len({(d.engine, d.feature) for d in DIFFERENCES}) == len(DIFFERENCES)


def test_what_a_mode_cannot_do_says_what_is_needed() -> None:
    require("query", Mode.ENDPOINT)
    require("infer", Mode.UPDATE_ENDPOINT)
    with pytest.raises(UsageError) as caught:
        require("infer", Mode.ENDPOINT)
    assert str(caught.value) == (
        "infer needs a folder (--root) or a SPARQL endpoint with updates (--endpoint and --update-endpoint): "
        "the rules put what they conclude into scratch graphs"
    )


@pytest.mark.parametrize(
    ("server", "expected"),
    [("Oxigraph/0.5.13", True), ("oxigraph", True), ("Virtuoso/7", False), ("", False), ("nginx", False)],
)
def test_an_engine_is_known_by_its_server_header(server: str, *, expected: bool) -> None:
    assert lacks(server, Feature.MERGED_DEFAULT_GRAPHS) is expected
