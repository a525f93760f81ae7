"""The face of a graph: home page, charts at their addresses, what crawlers read, and how pages are made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import html5lib
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

import clustergraph
from clustergraph.errors import SettingsError
from clustergraph.folder import Folder
from clustergraph.server import Options, create_app
from clustergraph.server.pages.crawling import Crawling
from clustergraph.server.pages.frame.rendering import stylesheet
from clustergraph.settings import Asking, load_settings
from clustergraph.workers.pool import Limits
from colours import contrast, themes

ROOT = Path(__file__).parent.parent
HTML = {"Accept": "text/html"}
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
# Bytes of a page without the editor, plain.
HEAVIEST = 150_000


@pytest.fixture(scope="module")
def ours(own_cache: None) -> Iterator[TestClient]:
    """A client of a service on our own graph."""
    graph = clustergraph.open(ROOT)
    with TestClient(create_app(graph, Options(limits=Limits(workers=2, seconds=20)))) as client:
        yield client


def page(client: httpx.Client, address: str, language: str = "en") -> str:
    answer = client.get(address, headers=HTML | {"Accept-Language": language})
    assert answer.status_code == 200, (address, answer.text[:300])
    assert answer.headers["content-language"] == language
    return answer.text


def links(text: str) -> dict[str, str]:
    """The address of each link by its text."""
    found = re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', text, re.DOTALL)
    return {unescape(re.sub(r"<[^>]+>", "", said)).strip(): unescape(href) for href, said in found}


# The journey


@pytest.mark.usefixtures("cache")
def test_one_question_is_not_called_all_of_them(foreign: Folder) -> None:
    """And a label, which is in the singular, stands before its number, not as its noun."""
    with TestClient(create_app(clustergraph.open(foreign.root), Options(limits=Limits(workers=1)))) as client:
        english, japanese = page(client, "/"), page(client, "/", "ja")
    assert ">The question<" in english
    assert ">質問（1件）<" in japanese
    assert re.search(r"<span[^>]*>tree</span> <strong>1</strong>", english)


@pytest.mark.parametrize(
    ("language", "asked", "who", "how_much", "agreement"),
    [
        ("en", "How much did the second stage", "slides by Ludovico Ciferri", "500 million–1 billion",
         "another source states the same"),
        ("ja", "年間助成額はいくらか", "ルドヴィコ・チフェッリ", "5億–10億", "他の出典も同じ値"),
    ],
)  # fmt: skip
def test_what_the_second_stage_got_is_one_click_away(
    ours: TestClient, language: str, asked: str, who: str, how_much: str, agreement: str
) -> None:
    (address,) = (href for text, href in links(page(ours, "/", language)).items() if asked in text)
    answer = page(ours, address, language)
    assert who in answer
    assert how_much in answer
    assert agreement in answer
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="chart bar" width="100%"' in answer
    assert answer.index("<svg xmlns") < answer.index("<table>")


# The home page


def test_home_shows_what_the_settings_declare(ours: TestClient) -> None:
    home = page(ours, "/")
    assert re.search(r"<span lang=\"en\">cluster area</span> <strong>75</strong>", home)
    assert home.count('<section class="drawn">') == 2
    assert 'class="chart timeline"' in home
    assert 'class="chart map"' in home
    assert "Shizuoka: 6" in home
    tile = next(href for text, href in links(home).items() if "Shizuoka" in text)
    assert urlsplit(tile).path == "/page/prefecture/shizuoka"
    japanese = page(ours, "/", "ja")
    assert '<span lang="ja">クラスター地域</span>' in japanese
    assert "静岡県: 6" in japanese


def test_a_foreign_graph_has_the_same_face(served: httpx.Client) -> None:
    home = page(served, "/")
    assert re.search(r"<span[^>]*>(?:Tree|tree|park:Tree)</span> <strong>\d+</strong>", home)
    assert '<section class="drawn">' not in home
    assert '<ul class="asked">' not in home
    assert "Trees of a kind, planted in some years" in home
    assert 'role="search"' in home


def test_the_dataset_is_described_for_search_engines(ours: TestClient) -> None:
    for language in ("en", "ja"):
        (data,) = re.findall(
            r'<script type="application/ld\+json">(.*?)</script>', page(ours, "/", language), re.DOTALL
        )
        described = json.loads(data)
        assert described["@type"] == "Dataset"
        assert {"@language": "ja", "@value": load_settings(ROOT).title["ja"]} in described["name"]
        assert described["license"].startswith("https://creativecommons.org/")
        offered = ours.get("/exports", headers={"Accept": "application/json"}).text
        for download in described["distribution"]:
            path = urlsplit(download["contentUrl"]).path
            assert path.startswith("/exports/")
            assert f'"{path.rpartition("/")[2]}"' in offered


def test_pages_of_one_state_are_known_by_their_tag(ours: TestClient) -> None:
    first = ours.get("/", headers=HTML)
    again = ours.get("/", headers=HTML | {"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert ours.get("/", headers=HTML | {"Accept-Language": "ja"}).headers["etag"] != first.headers["etag"]


# Charts at their addresses


def test_a_chart_is_a_document_of_its_own(ours: TestClient) -> None:
    address = "/queries/yearly-funding.svg?program=kci-second-stage"
    answer = ours.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "sha256-" in answer.headers["content-security-policy"]
    ElementTree.fromstring(answer.content)
    assert ours.get(address, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    japanese = ours.get(address + "&lang=ja")
    assert "日本円" in japanese.text
    assert japanese.headers["etag"] != answer.headers["etag"]
    assert ours.get(address, headers={"Accept-Language": "ja"}).content == japanese.content


@pytest.mark.parametrize("accept", ["image/svg+xml", "image/avif,image/svg+xml,image/*,*/*;q=0.8"])
def test_a_chart_is_negotiated(ours: TestClient, accept: str) -> None:
    answer = ours.get("/queries/program-lines", headers={"Accept": accept})
    assert answer.headers["content-type"] == "image/svg+xml"
    assert ours.get("/queries/program-lines?format=svg").content == answer.content
    assert ours.head("/queries/program-lines.svg").status_code == 200


def test_a_chart_that_is_not_there_is_406(ours: TestClient) -> None:
    for address, accept in (
        ("/queries/people.svg", "*/*"),
        ("/queries/people?format=svg", "*/*"),
        ("/queries/people", "image/svg+xml"),
    ):
        answer = ours.get(address, headers={"Accept": accept})
        assert answer.status_code == 406, address
        assert answer.headers["content-type"] == "application/problem+json"
    assert ours.get("/queries/program-lines.svg?ministry=none-such").status_code == 422


# What crawlers read


def test_the_site_map_has_all_pages_that_there_are(ours: TestClient) -> None:
    answer = ours.get("/sitemap.xml")
    assert answer.headers["content-type"] == "application/xml"
    found = [place.text or "" for place in ElementTree.fromstring(answer.content).iter(f"{SITEMAP}loc")]
    assert len(found) == len(set(found))
    paths = [urlsplit(address).path for address in found]
    assert {"/", "/queries", "/queries/yearly-funding", "/page/area/hamamatsu"} <= set(paths)
    for path in ("/", "/queries/people", "/page/area/hamamatsu", "/page/statement/budget-kci-2007"):
        assert ours.get(path, headers=HTML).status_code == 200, path


def test_a_large_site_map_comes_in_parts(ours: TestClient) -> None:
    whole = ours.get("/sitemap.xml").text.count("<loc>")
    crawling = Crawling(ours.app.state.service, most=100)  # type: ignore[attr-defined]
    small = TestClient(Starlette(routes=[Route("/sitemap.xml", crawling.sitemap)]))
    # The cache is of the state, and its key has no size: another host has other addresses.
    index = small.get("/sitemap.xml", headers={"Host": "small.example"})
    parts = [place.text or "" for place in ElementTree.fromstring(index.content).iter(f"{SITEMAP}loc")]
    assert len(parts) == -(-whole // 100)
    count = 0
    for part in parts:
        asked = parse_qs(urlsplit(part).query)["part"][0]
        answer = small.get(f"/sitemap.xml?part={asked}", headers={"Host": "small.example"})
        count += answer.text.count("<loc>")
    assert count == whole
    assert small.get("/sitemap.xml?part=900", headers={"Host": "small.example"}).status_code == 404
    assert small.get("/sitemap.xml?part=0", headers={"Host": "small.example"}).status_code == 404


def test_robots_and_icon(served: httpx.Client) -> None:
    robots = served.get("/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    assert "Disallow: /sparql" in robots.text
    assert f"Sitemap: {served.base_url}" in robots.text
    icon = served.get("/favicon.svg")
    assert icon.headers["content-type"] == "image/svg+xml"
    ElementTree.fromstring(icon.content)
    assert "favicon.svg" in page(served, "/")
    assert served.get("/favicon.ico").content == icon.content


@pytest.mark.parametrize(
    "path", ["/", "/queries", "/docs", "/openapi.json", "/sparql/terms.json", "/style.css", "/search"]
)
def test_what_a_state_says_is_compressed_and_known_by_its_tag(served: httpx.Client, path: str) -> None:
    first = served.get(path, headers={"Accept": "text/html, */*;q=0.1", "Accept-Encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    known = {"If-None-Match": first.headers["etag"], "Accept-Encoding": "gzip"}
    again = served.get(path, headers=known | {"Accept": "text/html, */*;q=0.1"})
    assert (again.status_code, again.content) == (304, b"")
    plain = served.get(path, headers={"Accept": "text/html, */*;q=0.1", "Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == first.content
    assert plain.headers["etag"] != first.headers["etag"]


# How pages are made

PAGES = (
    "/",
    "/queries",
    "/docs",
    "/search?q=kobe",
    "/queries/yearly-funding",
    "/queries/program-lines",
    "/queries/prefecture-participations",
    "/queries/participant-numbers",
    "/queries/source-statements",
)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_valid_light_and_accessible(ours: TestClient, path: str, language: str) -> None:
    text = page(ours, path, language)
    assert len(text.encode()) < HEAVIEST
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    assert document.get("lang") == language
    assert len(list(document.iter("h1"))) == 1
    assert document.find(".//main[@id='content']") is not None
    assert document.find(".//a[@class='skip']") is not None
    identities = [element.get("id") for element in document.iter() if element.get("id")]
    assert len(identities) == len(set(identities))
    labels = {label.get("for") for label in document.iter("label")}
    for field in (*document.iter("input"), *document.iter("select"), *document.iter("textarea")):
        hidden = field.get("type") == "hidden"
        assert hidden or field.get("aria-label") or field.get("id") in labels, field.attrib
    for image in document.iter("img"):
        assert image.get("alt") is not None
    for element in document.iter():
        assert "style" not in element.attrib
        assert not [name for name in element.attrib if name.startswith("on")]


def test_an_answer_of_many_rows_stays_light(ours: TestClient) -> None:
    heavy = page(ours, "/queries/class-counts")
    assert len(heavy.encode()) < HEAVIEST
    assert "The first 60 of" in heavy


def column(text: str, place: int) -> list[str]:
    document = html5lib.HTMLParser(namespaceHTMLElements=False).parse(text)
    return [
        "".join(row.findall("td")[place].itertext())
        for row in document.iter("tr")
        if row.find("td") is not None
    ]


def test_tables_are_sorted_by_links_over_all_pages(ours: TestClient) -> None:
    first = page(ours, "/queries/source-statements?source=mext-kci-2007&page-size=5")
    by_label = links(first)["statement"]
    place = re.findall(r"<th [^>]*><a [^>]*>([^<]*)<", first).index("statement")
    assert parse_qs(urlsplit(by_label).query)["sort"] == ["statement"]
    every: list[str] = []
    turn = by_label
    while turn:
        text = page(ours, turn)
        assert 'aria-sort="ascending"' in text
        every += column(text, place)
        turn = next((href for said, href in links(text).items() if said.startswith("Next page")), "")
    assert len(every) > 20
    assert every == sorted(every, key=str.casefold)
    whole = column(page(ours, "/queries/source-statements?source=mext-kci-2007&page-size=1000"), place)
    assert sorted(whole) == sorted(every)
    downwards = page(ours, by_label.replace("sort=statement", "sort=-statement"))
    assert 'aria-sort="descending"' in downwards
    assert column(downwards, place) == every[::-1][:5]


def test_numbers_are_sorted_by_size_and_gaps_stay_last(ours: TestClient) -> None:
    sizes = column(page(ours, "/queries/class-counts?sort=-things"), 1)
    assert sizes == sorted(sizes, key=lambda text: -int(text.replace(",", "")))
    people = column(page(ours, "/queries/participant-numbers?sort=universityPeople"), 1)
    assert people[-1] == ""
    assert people[:-1] == sorted(people[:-1], key=lambda text: int(text.replace(",", "")))


def test_what_cannot_be_sorted_is_refused(ours: TestClient) -> None:
    answer = ours.get("/queries/class-counts?sort=thing", headers=HTML)
    assert answer.status_code == 422
    assert "sort" in answer.text
    assert ours.get("/queries/class-counts.csv?sort=things").status_code == 422


def test_numbers_are_written_for_readers_and_columns_named_for_them(ours: TestClient) -> None:
    english = page(ours, "/queries/yearly-funding?program=kci-second-stage")
    assert re.search(r'<td class=number data-label="to">1,000,000,000</td>', english)
    assert re.search(r'<th scope="col"><a [^>]*lang="en"[^>]*>sources that agree</a></th>', english)
    japanese = page(ours, "/queries/yearly-funding", "ja")
    assert re.search(r'<th scope="col"><a [^>]*lang="ja"[^>]*>一致する出典</a></th>', japanese)
    assert "1000000000" in ours.get("/queries/yearly-funding.csv?program=kci-second-stage").text


def test_contrast_is_enough_in_both_themes() -> None:
    for theme in themes(stylesheet().decode()):
        for name in ("ink", "soft", "accent", "spark", "wrong"):
            for ground in ("ground", "panel"):
                assert contrast(theme[name], theme[ground]) >= 4.5, (name, ground)
        assert contrast(theme["on-accent"], theme["accent"]) >= 4.5
        assert contrast(theme["edge"], theme["ground"]) >= 3  # borders of inputs


def test_the_style_knows_print_motion_and_colours_of_the_system() -> None:
    style = stylesheet().decode()
    for query in ("print", "prefers-reduced-motion", "forced-colors", "prefers-color-scheme: dark"):
        assert f"@media ({query}" in style or f"@media {query}" in style
    assert ":focus-visible" in style
    assert "url(" not in style
    assert "@import" not in style
    assert style.count("{") == style.count("}")


# Settings


def test_settings_of_the_home_page(tmp_path: Path) -> None:
    path = tmp_path / "clustergraph.toml"
    path.write_text(
        '[prefixes]\np = "https://p.example/"\n[home]\ncounts = ["p:Tree"]\ncharts = ["trees?kind=pine"]\n'
        '[[home.questions]]\nask = "tree?tree=a&tree=b"\ntext = { en = "Which?" }\n'
        '[tiles]\nnorth = [1, 0]\n[columns]\nage = { ja = "樹齢" }\n'
    )
    found = load_settings(tmp_path)
    assert [cls.value for cls in found.home.counts] == ["https://p.example/Tree"]
    assert found.home.charts == (Asking("trees", (("kind", "pine"),)),)
    (question,) = found.home.questions
    assert (question.query, question.arguments) == ("tree", (("tree", "a"), ("tree", "b")))
    assert question.text["en"] == "Which?"
    assert dict(found.tiles) == {"north": (1, 0)}
    assert found.columns["age"]["ja"] == "樹齢"


@pytest.mark.parametrize(
    "text",
    [
        "[home]\ncount = []",
        '[home]\ncharts = "trees"',
        "[home]\nquestions = [1]",
        '[[home.questions]]\ntext = "Which?"',
        "[tiles]\nnorth = [1]",
        "[tiles]\nnorth = [true, 1]",
        "[tiles]\nnorth = [0, 100]",
        "home = 1",
        "tiles = 1",
        "[columns]\nage = 1",
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "clustergraph.toml").write_text(text)
    with pytest.raises(SettingsError):
        load_settings(tmp_path)
