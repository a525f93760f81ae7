"""What is sent to a graph, judged as a change to it."""

import shutil

import pytest

from clustergraph.contribution import Uploads
from clustergraph.errors import FolderError, FormatError, GraphSyntaxError
from clustergraph.folder import Folder
from clustergraph.validation import State

BIWA = b"""@prefix water: <https://lake.example/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://lake.example/id/lake/biwa> a water:Lake ;
    rdfs:label "Lake Biwa"@en ;
    water:liesIn <https://lake.example/id/place/kantoo> .
"""


def test_report_of_an_upload(lakes: Folder) -> None:
    report = Uploads(lakes).judge(BIWA, "text/turtle; charset=utf-8")
    (result,) = report.of(State.NEW)
    assert (result.file, result.line) == ("upload", 5)
    assert result.excerpt == "    water:liesIn <https://lake.example/id/place/kantoo> ."
    (fix,) = result.fixes
    assert [edit.line for edit in fix.edits] == [5]


def test_difference_of_an_upload(lakes: Folder) -> None:
    difference = Uploads(lakes).compare(BIWA, "text/turtle")
    assert len(difference.added) == 3
    assert {change.query for change in difference.answers} == {"lakes"}


def test_the_graph_is_judged_once_for_many(lakes: Folder) -> None:
    uploads = Uploads(lakes)
    first = uploads.judge(BIWA, "text/turtle")
    shutil.rmtree(lakes.root / "data")
    assert uploads.judge(BIWA, "text/turtle") == first


def test_shapes_of_strangers_are_data(lakes: Folder) -> None:
    shape = b"""@prefix sh: <http://www.w3.org/ns/shacl#> .
        <urn:s> a sh:NodeShape ; sh:targetNode <urn:n> ; sh:minLength 99 ."""
    assert Uploads(lakes).judge(shape, "text/turtle").conforms


@pytest.mark.parametrize(
    ("data", "media_type", "error"),
    [
        (b"", "text/turtle", FolderError),
        (b" \n", "text/turtle", FolderError),
        (b"<urn:a>", "text/turtle", GraphSyntaxError),
        (b"\xff\xfe<", "text/turtle", GraphSyntaxError),
        (b"{}", "application/pdf", FormatError),
        (b'{"@context": "https://example.com/c"}', "application/ld+json", GraphSyntaxError),
        (b'<!DOCTYPE x [<!ENTITY a "aa">]><x/>', "application/rdf+xml", GraphSyntaxError),
    ],
)
def test_broken_uploads(lakes: Folder, data: bytes, media_type: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Uploads(lakes).judge(data, media_type)
