"""Search over HTTP: JSON, pages, validators, and what is refused."""

import xml.etree.ElementTree as ET
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustergraph.catalogue import Catalogue
from clustergraph.server.pages.questions import forms
from clustergraph.settings import load_settings
from conftest import SERVED

HTML = {"Accept": "text/html"}
LARGE = """#+ summary: Of one of very many
#+ parameters:
#+   tree: { class: park:Tree }
PREFIX park: <https://park.example/terms/>
SELECT ?tree WHERE { ?tree a park:Tree } ORDER BY ?tree
"""


def found(served: httpx.Client, text: str, **more: str) -> dict[str, object]:
    answer = served.get("/search", params={"q": text, **more})
    assert answer.status_code == 200
    document = answer.json()
    assert isinstance(document, dict)
    return document


def test_hits_say_what_was_found_where(served: httpx.Client) -> None:
    document = found(served, "old pine")
    assert document["total"] == 1
    (hit,) = document["hits"]  # type: ignore[misc]
    assert hit["iri"] == "https://park.example/tree/old-pine"
    assert (hit["label"], hit["language"], hit["score"]) == ("Old Pine", "en", 1.0)
    assert hit["kindLabel"] == "park:Conifer"
    assert hit["match"]["snippet"] == ["", "Old Pine", ""]


def test_language_is_the_clients(served: httpx.Client) -> None:
    answer = served.get("/search?q=old+pine", headers={"Accept-Language": "ja"})
    assert answer.headers["content-language"] == "ja"
    assert answer.json()["hits"][0]["label"] == "古松"
    assert found(served, "古松", lang="en")["hits"][0]["label"] == "Old Pine"  # type: ignore[index]


def test_a_repeated_request_costs_nothing(served: httpx.Client) -> None:
    answer = served.get("/search?q=pine")
    again = served.get("/search?q=pine", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert served.head("/search?q=pine").headers["content-length"] == answer.headers["content-length"]
    other = served.get("/search?q=plum", headers={"If-None-Match": answer.headers["etag"]})
    assert other.status_code == 200


def test_pages_are_linked(served: httpx.Client) -> None:
    whole = found(served, "p", **{"page-size": "1000"})
    total = whole["total"]
    assert isinstance(total, int)
    assert total > 1
    answer = served.get("/search", params={"q": "p", "page-size": "1"})
    assert answer.links["last"]["url"].endswith(f"search?q=p&page={total}&page-size=1")
    rows = []
    while True:
        rows += answer.json()["hits"]
        if "next" not in answer.links:
            break
        answer = served.get(answer.links["next"]["url"])
    assert rows == whole["hits"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "q"),
        ("q=", "q"),
        ("q=+", "q"),
        ("q=" + "a" * 201, "q"),
        ("q=a&q=b", "q"),
        ("q=a&page=0", "page"),
        ("q=a&page=x", "page"),
        ("q=a&page-size=1001", "page-size"),
        ("q=a&kind=Nothing", "kind"),
        ("q=a&knid=Tree", "knid"),
    ],
)
def test_what_is_wrong_is_named(served: httpx.Client, query: str, parameter: str) -> None:
    answer = served.get(f"/search?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["error"], problem["parameter"]) == ("Argument", parameter)
    assert problem["expected"]
    assert len(answer.content) < 2000


def test_what_has_no_syntax_is_refused(served: httpx.Client) -> None:
    assert served.get("/search?q=a&format=turtle").status_code == 406
    assert served.get("/search?q=a", headers={"Accept": "image/png"}).status_code == 406
    assert served.get("/search?q=%ff").status_code == 400
    assert served.post("/search?q=a").status_code == 405


def test_the_page_marks_what_matched_and_links_things(served: httpx.Client) -> None:
    page = served.get("/search?q=%E5%8F%A4%E6%9D%BE", headers=HTML | {"Accept-Language": "en"}).text
    assert "<mark>古松</mark>" in page
    assert ">Old Pine</a>" in page
    assert 'href="http' in page
    assert '<html lang="en">' in page
    japanese = served.get("/search?q=pine&lang=ja", headers=HTML).text
    assert '<html lang="ja">' in japanese
    assert ">古松</a>" in japanese


def test_the_page_escapes_what_is_asked(served: httpx.Client) -> None:
    answer = served.get("/search", params={"q": '"><img src=x onerror=alert(1)>'}, headers=HTML)
    assert answer.status_code == 200
    assert "<img src=x" not in answer.text
    assert "&lt;img" in answer.text


def test_the_page_says_what_is_wrong(served: httpx.Client) -> None:
    answer = served.get("/search", params={"q": "pine", "kind": "Conifr"}, headers=HTML)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "onifer" in answer.text
    assert served.get("/search", headers=HTML).status_code == 200


def test_the_page_names_what_is_like_it(served: httpx.Client) -> None:
    page = served.get("/search?q=Old+Pnie&lang=en", headers=HTML).text
    assert "Old Pine" in page


def test_every_page_has_the_box_and_browsers_learn_of_it(served: httpx.Client) -> None:
    page = served.get("/queries", headers=HTML).text
    assert 'role="search"' in page
    assert 'rel="search"' in page
    answer = served.get("/opensearch.xml")
    assert answer.headers["content-type"] == "application/opensearchdescription+xml"
    description = ET.fromstring(answer.text)
    name = {"os": "http://a9.com/-/spec/opensearch/1.1/"}
    assert len(description.findtext("os:ShortName", "", name)) <= 16
    templates = {url.get("type"): url.get("template") or "" for url in description.findall("os:Url", name)}
    asked = templates["application/json"].replace("{searchTerms}", "pine").replace("{startPage?}", "")
    assert served.get(asked).json()["total"]


def test_a_field_whose_list_would_be_too_long_leads_to_the_search(tmp_path: Path) -> None:
    (tmp_path / "large.rq").write_text(LARGE)
    query = Catalogue(tmp_path, load_settings(SERVED))["large"]
    (field,) = forms.fields(query, {}, {}, "en", None)
    assert field.sought == "https://park.example/terms/Tree"
    (field,) = forms.fields(query, {"tree": ["old PINE"]}, {"tree": {"old-pine": "Old Pine"}}, "en", None)
    assert field.sought == ""
    assert [option.chosen for option in field.options] == [True]


def test_it_stands_in_the_description(served: httpx.Client) -> None:
    operation = served.get("/openapi.json").json()["paths"]["/search"]["get"]
    assert [each["name"] for each in operation["parameters"]][:2] == ["q", "kind"]


@settings(max_examples=40)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=220), st.booleans())
def test_any_text_has_an_answer(served: httpx.Client, text: str, is_page: bool) -> None:
    answer = served.get("/search", params={"q": text}, headers=HTML if is_page else {})
    assert answer.status_code in {200, 422}
