"""The graph keeps its own contracts: it conforms, is consistent, and answers what is expected.

The expected answers lie in tests/expected. One that is not there is written, to be read before a commit:
after a change that is meant, remove the file and run the test twice.
"""

from pathlib import Path

import pytest

import clustergraph

ROOT = Path(__file__).parent.parent
EXPECTED = Path(__file__).parent / "expected"
GRAPH = clustergraph.open(ROOT)


def test_graph_conforms_to_its_shapes() -> None:
    """No result of validation."""
    assert GRAPH.validate().results == ()


def test_graph_is_consistent() -> None:
    """No contradiction follows from the data and the axioms."""
    assert GRAPH.snapshot.inconsistencies == ()


@pytest.mark.parametrize("name", list(GRAPH.catalogue))
def test_answers_are_the_expected_ones(name: str) -> None:
    """Each saved query, asked with the example arguments that it declares."""
    query = GRAPH.catalogue[name]
    arguments = dict(query.example_arguments)
    if "lang" in query.parameters:
        arguments["lang"] = ["en"]
    answer = GRAPH.ask(name, arguments).serialize("tsv")
    path = EXPECTED / f"{name}.tsv"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(answer)
        pytest.fail(f"{path} is written; read it, and run the test again")
    assert answer == path.read_bytes()
