"""`/exports`: the files of the profiles with their checksums, and what each loses."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

import clustergraph

SERVED = Path(__file__).parent / "served"


def test_the_list_says_what_there_is(served: httpx.Client) -> None:
    found = served.get("/exports").json()
    named = {one["name"]: one for one in found["profiles"]}
    assert {"turtle", "csvw", "graphml"} <= named.keys()
    assert named["csvw"]["writes"] == "folder"
    assert served.get(named["turtle"]["href"]).status_code == 200
    assert found["problems"] == {}


def test_a_file_is_that_of_the_command(served: httpx.Client, tmp_path: Path) -> None:
    answer = served.get("/exports/turtle")
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    version = served.get("/health").json()["version"][:8]
    kept = answer.headers["content-disposition"]
    assert kept == f'attachment; filename="park.example-turtle-{version}.ttl"'
    clustergraph.open(SERVED).export("turtle", tmp_path / "t.ttl")
    assert answer.content == (tmp_path / "t.ttl").read_bytes()


@pytest.mark.parametrize("profile", ["nquads", "csvw"])
def test_length_and_checksum_are_those_of_the_bytes(profile: str, served: httpx.Client) -> None:
    answer = served.get(f"/exports/{profile}", headers={"Accept-Encoding": "gzip"})
    digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "content-encoding" not in answer.headers


def test_a_folder_comes_as_a_zip(served: httpx.Client) -> None:
    answer = served.get("/exports/csvw")
    assert answer.headers["content-type"] == "application/zip"
    assert 'filename="park.example-csvw-' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        tables = [name for name in archive.namelist() if name.endswith(".csv")]
        assert tables
        assert all(name.startswith("csvw/") for name in archive.namelist())
        rows = list(csv.reader(io.StringIO(archive.read(tables[0]).decode())))
        assert len(rows) > 1


def test_head_and_validators(served: httpx.Client) -> None:
    whole = served.get("/exports/trig")
    head = served.head("/exports/trig")
    for name in ("etag", "content-length", "repr-digest", "content-disposition"):
        assert head.headers[name] == whole.headers[name]
    again = served.get("/exports/trig", headers={"If-None-Match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert served.get("/exports/nquads").headers["etag"] != whole.headers["etag"]


def test_one_graph_one_thing_and_what_follows(served: httpx.Client) -> None:
    def triples(**given: str) -> set[str]:
        answer = served.get("/exports/ntriples", params=given)
        assert answer.status_code == 200, answer.text
        return {str(quad.triple) for quad in ox.parse(answer.content, format=ox.RdfFormat.N_TRIPLES)}

    whole = triples()
    assert triples(graph="register") < whole
    assert all("plum" in triple for triple in triples(about="tree:plum"))
    assert triples(entailment="owl2rl") > whole


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/exports/turtel", 404, "did you mean turtle?"),
        ("/exports/turtle/nothing", 404, "nothing"),
        ("/exports/turtle?graph=nope", 400, "there are"),
        ("/exports/turtle?about=tree:plumb", 400, "did you mean"),
        ("/exports/turtle?about=%3Ca%20b%3E", 400, ""),
        ("/exports/turtle?entailment=rdfs", 400, "entailment"),
        ("/exports/turtle?strict=1", 400, "strict"),
        ("/exports/turtle?graph=a&graph=b", 400, "graph"),
        ("/exports?format=pdf", 406, "json"),
        ("/exports/..%2F..%2Fetc", 404, ""),
    ],
)
def test_what_there_is_not(path: str, status: int, says: str, served: httpx.Client) -> None:
    answer = served.get(path)
    assert answer.status_code == status, answer.text
    assert says in answer.json()["detail"]


def test_different_downloads_are_different_files(served: httpx.Client) -> None:
    asked = ("", "?graph=register", "?about=tree:plum", "?entailment=owl2rl")
    names = [served.head(f"/exports/turtle{each}").headers["content-disposition"] for each in asked]
    assert len(set(names)) == len(asked)
    assert "-turtle-tree-plum-" in names[2]


def test_near_names_are_data(served: httpx.Client) -> None:
    assert served.get("/exports/turtel").json()["near"] == ["turtle"]


def test_loss_is_told(served: httpx.Client) -> None:
    link = served.get("/exports/turtle").headers["link"]
    address = link.partition("<")[2].partition(">")[0]
    assert address.endswith("/exports/turtle/loss")
    loss = served.get(address).json()
    assert loss["triples"]["lost"] == 0
    assert loss["kinds"]["graphs"]["lost"] > 0


def test_the_page_lists_them_in_both_languages(served: httpx.Client) -> None:
    for lang, words in (("en", "Triples carried"), ("ja", "伝わるトリプル")):
        answer = served.get("/exports", headers={"Accept": "text/html", "Accept-Language": lang})
        assert answer.status_code == 200
        assert words in answer.text
        assert "/exports/turtle" in answer.text


def test_the_page_counts_what_each_carries(served: httpx.Client) -> None:
    served.get("/exports/turtle/loss")
    answer = served.get("/exports", headers={"Accept": "text/html"})
    assert " of " in answer.text
    assert "full report" in answer.text
