"""`/explain`: why a triple holds, for programs and for readers; 404 says what is lacking."""

from __future__ import annotations

import httpx
import pyoxigraph as ox
import pytest

PINE = {"subject": "tree:old-pine", "predicate": "a", "object": "park:Tree"}
PLUM = PINE | {"subject": "tree:plum", "object": "park:Conifer"}
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_proof_is_that_of_the_command(served: httpx.Client) -> None:
    answer = served.get("/explain", params=PINE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    proof = answer.json()
    assert proof["rule"] == "cax-sco"
    assert proof["axioms"] == ["every park:Conifer is a park:Tree"]
    (premise,) = proof["premises"]
    assert (premise["rule"], premise["file"], premise["line"]) == ("asserted", "data/survey/trees.ttl", 7)
    assert premise["graph"] == "https://park.example/graph/survey"


def test_the_language_is_that_of_the_request(served: httpx.Client) -> None:
    for answer in (
        served.get("/explain", params=PINE | {"lang": "ja"}),
        served.get("/explain", params=PINE, headers={"Accept-Language": "ja"}),
    ):
        assert answer.headers["content-language"] == "ja"
        assert answer.json()["axioms"] == ["park:Coniferはすべてpark:Treeである"]


def test_a_proof_as_turtle_and_as_text(served: httpx.Client) -> None:
    turtle = served.get("/explain", params=PINE, headers={"Accept": "text/turtle"})
    assert list(ox.parse(turtle.content, format=ox.RdfFormat.TURTLE))
    text = served.get("/explain", params=PINE | {"format": "text"})
    assert text.text.startswith("tree:old-pine rdf:type park:Tree  [cax-sco]\n")


def test_a_proof_is_kept_and_validated(served: httpx.Client) -> None:
    first = served.get("/explain", params=PINE)
    again = served.get("/explain", params=PINE, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    head = served.head("/explain", params=PINE)
    assert head.headers["content-length"] == first.headers["content-length"]
    assert head.content == b""


def test_what_does_not_follow_is_404_with_what_is_lacking(served: httpx.Client) -> None:
    answer = served.get("/explain", params=PINE | {"subject": "tree:plumb"})
    assert answer.status_code == 404
    problem = answer.json()
    assert problem["lack"]["rule"] == "cax-sco"
    assert problem["lack"]["missing"] == "tree:plumb rdf:type park:Conifer"
    assert problem["unmentioned"] == {"<https://park.example/tree/plumb>": ["tree:plum"]}
    assert served.get("/explain", params=PLUM).json()["lack"] is None


@pytest.mark.parametrize(
    ("changed", "parameter"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": '"a literal"'}, "subject"),
        ({"predicate": '"a literal"'}, "predicate"),
        ({"predicate": "x y"}, "predicate"),
        ({"object": "nope:x"}, "object"),
        ({"object": "<http://a b>"}, "object"),
        ({"object": "http://[bad"}, "object"),
        ({"object": '"unended'}, "object"),
        ({"object": "<<" * 5000}, "object"),
        ({"object": "\\u0041"}, "object"),
        ({"lang": "fr"}, "lang"),
        ({"entailment": "none"}, "entailment"),
    ],
)
def test_bad_terms_are_named(changed: dict[str, str], parameter: str, served: httpx.Client) -> None:
    answer = served.get("/explain", params=PINE | changed)
    assert answer.status_code == 400
    assert answer.json()["parameter"] == parameter


def test_formats_that_there_are_not(served: httpx.Client) -> None:
    assert served.get("/explain", params=PINE | {"format": "pdf"}).status_code == 406
    assert served.get("/explain", params=PINE, headers={"Accept": "image/png"}).status_code == 406


def test_literals_in_turtle(served: httpx.Client) -> None:
    for object in ('"Old Pine"@en', "18.5"):
        predicate = "rdfs:label" if "@" in object else "park:height"
        answer = served.get("/explain", params=PINE | {"predicate": predicate, "object": object})
        assert answer.json()["rule"] == "asserted", object


def test_the_page_shows_the_tree_in_words(served: httpx.Client) -> None:
    answer = served.get("/explain", params=PINE, headers=HTML)
    assert answer.status_code == 200
    assert "what is of a narrower class is of the broader one too" in answer.text
    assert "data/survey/trees.ttl:7" in answer.text
    assert "Old Pine" in answer.text
    japanese = served.get("/explain", params=PINE | {"lang": "ja"}, headers=HTML)
    assert "下位クラスのものは上位クラスにも属する" in japanese.text
    assert "古松" in japanese.text


def test_the_page_says_what_is_lacking_and_keeps_wrong_terms(served: httpx.Client) -> None:
    lacking = served.get("/explain", params=PINE | {"subject": "tree:plumb"}, headers=HTML)
    assert lacking.status_code == 404
    assert "tree:plumb rdf:type park:Conifer" in lacking.text
    wrong = served.get("/explain", params=PINE | {"object": '"><img src=x>'}, headers=HTML)
    assert wrong.status_code == 400
    assert 'aria-invalid="true"' in wrong.text
    assert "<img" not in wrong.text
    assert served.get("/explain", headers=HTML).status_code == 200
