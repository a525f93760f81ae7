"""A datatype is a number everywhere or nowhere: in forms, tables, spreadsheets and descriptions."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

import clustergraph
from clustergraph.server import Options, create_app
from clustergraph.sparql.kinds import INTEGERS, NUMBERS
from clustergraph.terms import XSD
from clustergraph.workers.pool import Limits


@pytest.mark.usefixtures("cache")
def test_numbers_of_every_datatype_are_numbers_wherever_they_are_shown(tmp_path: Path) -> None:
    names = sorted(datatype.removeprefix(str(XSD)) for datatype in NUMBERS)
    (tmp_path / "queries").mkdir()
    taken = ["decimal", "double", "float", "int", "integer", "long", "nonNegativeInteger", "positiveInteger"]
    parameters = "".join(f"#+   of_{name}: {{ datatype: xsd:{name} }}\n" for name in taken)
    variables = " ".join(f"?{name}" for name in names)
    rows = " ".join(f'"7"^^<{XSD}{name}>' for name in names)
    guards = " && ".join(f"(!BOUND(?of_{name}) || ?of_{name} = 7)" for name in taken)
    (tmp_path / "queries" / "numbers.rq").write_text(
        f"#+ parameters:\n{parameters}"
        f"SELECT {variables} {{ VALUES ({variables}) {{ ({rows}) }} FILTER({guards}) }}\n"
    )
    graph = clustergraph.open(tmp_path)
    with TestClient(create_app(graph, Options(limits=Limits(workers=1)))) as client:
        page = client.get("/queries/numbers", headers={"Accept": "text/html"}).text
        described = client.get("/openapi.json").json()
    assert page.count("<td class=number") == len(NUMBERS)
    assert page.count('type="number"') == len(taken)
    declared = described["paths"]["/queries/numbers"]["get"]["parameters"]
    for one in declared:
        if one["name"].startswith("of_"):
            is_whole = f"{XSD}{one['name'].removeprefix('of_')}" in INTEGERS
            assert (one["schema"]["type"] == "integer") == is_whole
