"""The SPARQL editor: a page that works without a script, and what the script asks for."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from clustergraph.server.pages.frame.places import Places
from clustergraph.server.pages.frame.words import Reader
from clustergraph.server.pages.questions import editor
from clustergraph.server.pages.questions.answers import MOST_ROWS, shown
from clustergraph.settings import load_settings
from clustergraph.workers.question import Answer

ROOT = Path(__file__).parent.parent
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
TREES = "SELECT ?tree WHERE { ?tree a <https://park.example/terms/Tree> } ORDER BY ?tree"


def page(served: httpx.Client, status: int = 200, **given: str) -> str:
    answer = served.get("/sparql", params=given, headers={"Accept": BROWSER})
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert " style=" not in answer.text
    return answer.text


def shown_query(html: str) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", html, re.DOTALL)
    assert found
    return unescape(found[1])


def links(html: str) -> dict[str, str]:
    return {
        unescape(text): unescape(href)
        for href, text in re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', html)
    }


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("*/*", False),
        ("", False),
        ("text/turtle, */*, text/html", False),
    ],
)
@pytest.mark.parametrize("query", [{}, {"query": TREES}])
def test_browsers_get_the_editor_and_programs_what_the_protocol_says(
    served: httpx.Client, query: dict[str, str], accept: str, is_page: bool
) -> None:
    answer = served.get("/sparql", params=query, headers={"Accept": accept})
    assert ("text/html" in answer.headers["content-type"]) is is_page
    assert "Accept" in answer.headers["vary"]


def test_the_service_description_is_one_link_away(served: httpx.Client) -> None:
    address = links(page(served))["Service description of this endpoint"]
    answer = served.get(address, headers={"Accept": BROWSER})
    assert answer.status_code == 200
    assert "service-description#" in answer.text


def test_a_query_stands_above_its_answer(served: httpx.Client) -> None:
    html = page(served, query=TREES)
    assert shown_query(html) == TREES
    assert links(html)["tree:plum"].startswith(str(served.base_url))
    assert '<option value="none">' in html


def test_an_answer_can_be_had_in_every_syntax_and_by_link(served: httpx.Client) -> None:
    found = links(page(served, query=TREES, entailment="none", timeout="5"))
    for name, begins in {"CSV": "tree", "TSV": "?tree", "JSON": "{", "XML": "<?xml"}.items():
        assert served.get(found[name], headers={"Accept": BROWSER}).text.startswith(begins)
    again = parse_qs(urlsplit(found["Table"]).query)
    assert again == {"query": [TREES], "entailment": ["none"], "timeout": ["5"], "view": ["table"]}


def test_a_graph_is_shown_in_turtle_and_a_truth_in_words(served: httpx.Client) -> None:
    html = page(served, query="CONSTRUCT { ?s <x:is> ?t } WHERE { ?s a ?t }")
    assert "&lt;x:is&gt;" in html
    assert "N-Triples" in links(html)
    assert '<p class="truth">Yes</p>' in page(served, query="ASK { ?s ?p ?o }")
    assert '<p class="truth">いいえ</p>' in page(served, query="ASK { <x:a> ?p ?o }", lang="ja")


def test_raw_is_as_programs_get_it(served: httpx.Client) -> None:
    assert "&#34;bindings&#34;: [" in page(served, query=TREES, view="raw")


def test_figures_can_be_seen_as_a_chart(served: httpx.Client) -> None:
    query = 'SELECT ?name ?n { VALUES (?name ?n) { ("<b>oak" 3) ("plum" 5) } }'
    html = page(served, query=query, view="chart")
    assert "<svg" in html
    assert "&lt;b&gt;oak" in html
    over_years = 'SELECT ?y ?n { VALUES (?y ?n) { ("1999"^^xsd:gYear 3) ("2000"^^xsd:gYear 5) } }'
    prefix = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
    assert "<svg" in page(served, query=prefix + over_years, view="chart")
    assert "A chart takes a column" in page(served, query=TREES, view="chart")


def test_an_error_is_marked_at_its_place(served: httpx.Client) -> None:
    html = page(served, 400, query="SELECT ?s\nWHERE { ?s foo:bar <b>?x</b> }")
    assert "(line 2, column 12)" in html
    assert "SELECT ?s\nWHERE { ?s <mark>foo:bar</mark> &lt;b&gt;?x&lt;/b&gt; }" in html
    assert 'data-line="2" data-column="12"' in html
    assert 'aria-invalid="true"' in html


@pytest.mark.parametrize("query", ["SELECT", "SELECT * WHERE {", "{", "SELECT * {\n?s ?p }", "\n\n}"])
def test_an_unfinished_query_stays_with_its_message(served: httpx.Client, query: str) -> None:
    html = page(served, 400, query=query)
    assert shown_query(html) == query
    assert 'id="editor-error" role="alert"' in html


def test_what_is_refused_says_why(served: httpx.Client) -> None:
    assert "is refused" in page(served, 400, query="DELETE WHERE { ?s ?p ?o }")


def test_what_a_query_says_is_text(served: httpx.Client) -> None:
    hostile = "</textarea><script>alert(1)</script>\"'"
    for html in (
        page(served, 400, query=hostile),
        page(served, query=f'SELECT ("""{hostile}\\"""" AS ?x) {{}}'),
        page(served, query=TREES, timeout="9", view=hostile),
        page(served, example=hostile),
        page(served, 400, query=TREES, lang=hostile, **{"default-graph-uri": hostile}),
    ):
        assert "<script>" not in html


def test_a_saved_query_is_where_one_starts(served: httpx.Client) -> None:
    html = page(served, lang="ja")
    address = links(html)["種類と植樹年による樹木"]
    text = shown_query(served.get(address, headers={"Accept": BROWSER}).text)
    assert text.startswith("PREFIX park:")
    assert 'VALUES ?lang { "ja" }' in text
    assert "種類" in page(served, query=text, lang="ja")


def test_a_long_query_comes_as_a_form(served: httpx.Client) -> None:
    query = f"{TREES} # {'x' * 5000}"
    answer = served.post("/sparql", data={"query": query, "lang": "ja"}, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert '<html lang="ja">' in answer.text
    assert shown_query(answer.text) == query


def test_the_page_may_run_our_script_and_no_other(served: httpx.Client) -> None:
    policy = served.get("/sparql", headers={"Accept": BROWSER}).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in served.get("/queries").headers["content-security-policy"]


def test_the_page_is_kept_by_its_tag(served: httpx.Client) -> None:
    headers = {"Accept": BROWSER}
    tag = served.get("/sparql", params={"query": TREES}, headers=headers).headers["etag"]
    again = served.get("/sparql", params={"query": TREES}, headers=headers | {"If-None-Match": tag})
    assert again.status_code == 304


def test_an_answer_that_differs_each_time_is_asked_for_each_time(served: httpx.Client) -> None:
    query = "SELECT (STRUUID() AS ?name) {}"
    assert page(served, query=query) != page(served, query=query)


class Labels(HTMLParser):
    """The fields of a page, and what is a label of one."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: set[str] = set()
        self.labels: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if (
            tag in {"textarea", "select", "input"}
            and given.get("type") != "hidden"
            and "aria-label" not in given
        ):
            self.fields.add(str(given["id"]))
        if tag == "label":
            self.labels.add(str(given["for"]))


def test_each_field_has_a_label(served: httpx.Client) -> None:
    found = Labels(page(served, lang="ja"))
    assert found.fields == found.labels != set()


def test_the_terms_of_the_graph_can_be_completed(served: httpx.Client) -> None:
    answer = served.get("/sparql/terms.json")
    assert answer.headers["etag"]
    found = answer.json()
    assert found["prefixes"]["park"] == "https://park.example/terms/"
    by_name = {(term["kind"], term["name"]): term for term in found["terms"]}
    assert by_name["class", "park:Tree"]["uses"] > 0
    assert ("property", "park:planted") in by_name
    kept = served.get("/sparql/terms.json", headers={"If-None-Match": answer.headers["etag"]})
    assert kept.status_code == 304


@pytest.mark.parametrize("path", ["/packed/0/editor.js", "/packed/0/..%2Fstyle.css", "/packed/x/words.py"])
def test_nothing_else_is_packed(served: httpx.Client, path: str) -> None:
    assert served.get(path).status_code == 404


def test_the_packed_editor_never_changes_at_its_address(served: httpx.Client) -> None:
    found = re.search(r'<script src="([^"]*)" defer></script>', page(served))
    if not editor.packed("editor.js"):
        assert found is None
        pytest.skip("the installation had no npm: there is no packed editor, and the page is its form")
    assert found
    answer = served.get(found[1], headers={"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 150_000
    licences = served.get(found[1].replace("editor.js", "editor.LICENSES.txt")).text
    assert "@codemirror/view" in licences
    assert "Permission is hereby granted" in licences


def test_the_form_serves_where_nothing_was_packed(
    served: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editor, "packed", lambda name: None)
    assert "<script" not in page(served, query=TREES)


def test_only_the_first_rows_are_shown_and_the_page_says_so(served: httpx.Client) -> None:
    numbers = " ".join(str(number) for number in range(MOST_ROWS + 1))
    html = page(served, query=f"SELECT ?n {{ VALUES ?n {{ {numbers} }} }}")
    assert f"The first {MOST_ROWS} of {MOST_ROWS + 1} rows; all are in the downloads." in html
    assert html.count("<tr>") == MOST_ROWS + 1


def test_of_a_large_answer_only_the_beginning_is_read() -> None:
    row = b'{"x":{"type":"literal","value":"%s"}}' % (b"x" * 1000)
    body = b'{"head":{"vars":["x"]},"results":{"bindings":[' + b",".join([row] * 9000) + b"]}}"
    answer = Answer("SELECT", "json", "", volatile=False, seconds=0, size=len(body), body=body)
    found = shown(answer, "table", Reader("en", "en"), Places("http://park.example/", load_settings(ROOT)))
    assert found.table
    assert len(found.table.rows) == MOST_ROWS
    assert (found.is_cut, found.rows) == (True, -1)


def test_what_is_packed_is_pinned_and_names_no_registry() -> None:
    lock = (ROOT / "editor/package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 10
    assert not re.search(r'"[~^>*]', (ROOT / "editor/package.json").read_text(encoding="utf-8"))
    assert "://" not in (ROOT / "editor/package.json").read_text(encoding="utf-8")
