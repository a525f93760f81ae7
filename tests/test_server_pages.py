"""Pages for readers: questions, their forms and their answers, without a line of JavaScript."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

import httpx
import pytest

from clustergraph.server.pages.frame.words import words
from clustergraph.server.pages.questions.tables import Cell, read_table

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def page(served: httpx.Client, address: str, language: str = "en", status: int = 200) -> str:
    answer = served.get(address, headers={"Accept": BROWSER, "Accept-Language": language})
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == language
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text.replace('<script type="application/ld+json">', "")  # data
    assert " style=" not in answer.text
    return answer.text


@pytest.mark.parametrize("path", ["/queries", "/queries/trees"])
@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("text/html;q=0.5, application/json;q=0.1", True),
        ("*/*", False),
        ("", False),
        ("application/json, text/html", False),
    ],
)
def test_browsers_get_pages_and_programs_get_json(
    served: httpx.Client, path: str, accept: str, is_page: bool
) -> None:
    answer = served.get(path, headers={"Accept": accept})
    assert answer.status_code == 200
    assert ("text/html" in answer.headers["content-type"]) is is_page
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("address", ["/queries/trees.html", "/queries/trees?format=html"])
def test_a_page_can_be_asked_for_by_its_address(served: httpx.Client, address: str) -> None:
    assert served.get(address).headers["content-type"].startswith("text/html")


def test_the_questions_stand_by_topic_in_the_readers_language(served: httpx.Client) -> None:
    english, japanese = page(served, "/queries"), page(served, "/queries", "ja")
    assert '<html lang="en">' in english
    assert ">trees</h2>" in english
    assert "Trees of a kind, planted in some years</a>" in english
    assert "/queries/planted-before?season=spring" in english
    assert '<html lang="ja">' in japanese
    assert "<h1>質問</h1>" in japanese
    assert "種類と植樹年による樹木</a>" in japanese
    assert "/queries?lang=ja" in english
    assert "<h1>質問</h1>" in served.get("/queries?lang=ja", headers={"Accept": "text/html"}).text


def test_forms_are_made_from_the_parameters(served: httpx.Client) -> None:
    trees = page(served, "/queries/trees?planted=1868&planted=1996&height=")
    assert re.search(r'<input type="number" name="planted" value="1868"[^>]* min="1800" max="2015"', trees)
    assert 'name="planted" value="1996"' in trees
    assert 'name="planted" value=""' in trees
    assert re.search(r'<input type="number" name="height" value=""[^>]* min="0" step="any"', trees)
    assert 'pattern="[A-Za-z ]+"' in trees
    tree = page(served, "/queries/tree?tree=plum", "ja")
    assert '<option value="old-pine">古松</option>' in tree
    assert '<option value="plum" selected>梅</option>' in tree
    assert "必須" in tree
    season = page(served, "/queries/planted-before?season=autumn")
    assert '<option value="autumn" selected>autumn</option>' in season
    assert '<p class="truth">No</p>' in season


def test_answers_are_tables_of_links_with_labels(served: httpx.Client) -> None:
    trees = page(served, "/queries/trees?planted=1868")
    found = re.search(
        r'<td data-label="[^"]+" lang="en"><a href="[^"]*/page\?iri=([^"]*)">Old Pine</a></td>', trees
    )
    assert found
    assert unquote(found[1]) == "https://park.example/tree/old-pine"
    heads = re.findall(r'<th scope="col"><a [^>]*lang="en"[^>]*>(.*?)</a></th>', trees)
    assert heads[:2] == ["tree", "planted"]
    assert re.search(r'<td class=number data-label="[^"]+">1868</td>', trees)
    links = {unescape(link) for link in re.findall(r'href="([^"]+)"', trees)}
    for ending in ("csv", "json", "tsv", "xml"):
        (link,) = (link for link in links if f"/queries/trees.{ending}" in link)
        assert "planted=1868" in link
        assert served.get(link).status_code == 200
    (permalink,) = (
        link for link in links if "trees?" in link and "version=" in link and "format=" not in link
    )
    assert served.get(permalink).status_code == 200
    assert "SELECT ?tree ?treeLabel" in trees


def test_answers_that_are_graphs_are_shown_in_turtle(served: httpx.Client) -> None:
    tree = page(served, "/queries/tree?tree=plum")
    assert "park:planted &#34;1996&#34;" in tree
    assert "/queries/tree.jsonld?tree=plum" in tree


def test_a_page_says_how_many_rows_it_leaves_to_the_next(served: httpx.Client) -> None:
    first = page(served, "/queries/trees?page-size=1&height=")
    found = re.search(r"Rows 1 to 1 of (\d+); (\d+) more follow", first)
    assert found
    assert int(found[1]) == int(found[2]) + 1
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
    assert "Rows 2 to 2" in page(served, unescape(following))
    assert re.search(r"\d+ rows", page(served, "/queries/trees"))


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "soon", "<img src=x onerror=y>"])
def test_a_wrong_argument_stays_in_the_form_with_its_message(served: httpx.Client, text: str) -> None:
    for path, name in (("trees", "planted"), ("trees", "name"), ("tree", "tree"), ("trees", "kind")):
        if (name, text) == ("name", "soon"):
            continue
        address = str(httpx.URL(f"/queries/{path}", params={name: text}))
        body = page(served, address, status=422)
        assert "<img" not in body
        assert text in unescape(body)
        assert f'id="error-{name}"' in body
    assert "入力できる値" in page(served, "/queries/tree?tree=plumm", "ja", status=422)
    assert "plum" in page(served, "/queries/tree?tree=plumm", status=422)


def test_errors_without_a_field_are_told_on_the_page(served: httpx.Client) -> None:
    assert "parameter &#39;lang&#39;" in page(served, "/queries/trees?lang=x%22y", status=422)
    assert "parameter &#39;tre&#39;" in page(served, "/queries/tree?tre=plum", status=422)
    assert "問い合わせて" in page(served, "/queries/tree", "ja")


def test_a_question_that_is_not_there_names_similar_ones(served: httpx.Client) -> None:
    body = page(served, "/queries/tres", status=404)
    assert "/queries/trees" in body
    assert "ありません" in page(served, "/queries/tres", "ja", status=404)


def test_home_and_api_speak_japanese(served: httpx.Client) -> None:
    for path, spoken in (("/", "トリプル"), ("/docs", "機械可読")):
        assert spoken in page(served, path, "ja")
        assert spoken not in page(served, path)


def test_all_words_are_there_in_each_language() -> None:
    english, japanese = words()["en"], words()["ja"]
    assert english.keys() == japanese.keys()
    for name, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", japanese[name]))


def test_only_web_addresses_become_links() -> None:
    content = b"""{"head": {"vars": ["x", "xLabel", "y"]}, "results": {"bindings": [
      {"x": {"type": "uri", "value": "javascript:alert(1)"}, "xLabel": {"type": "literal", "value": "A"}},
      {"x": {"type": "uri", "value": "http://a.example/b"}, "y": {"type": "bnode", "value": "b0"}},
      {"xLabel": {"type": "literal", "value": "B", "xml:lang": "en"}}]}}"""
    table = read_table(content, {"a": "http://a.example/"})
    assert not isinstance(table, bool)
    assert table.columns == ("x", "y")
    assert table.rows[0] == (Cell("A"), Cell())
    assert table.rows[1] == (Cell("a:b", "http://a.example/b"), Cell("b0"))
    assert table.rows[2] == (Cell("B", "", "en"), Cell())
