"""Journeys of readers through the pages, in a real browser: nothing is mocked, every link is clicked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from browsing import Visit, browser, executable, faults
from conftest import ROOT
from serving import listening

pytest.importorskip("playwright", reason="the driver is not installed; it is in the extra `test`")
pytestmark = pytest.mark.skipif(executable() is None, reason="there is no Chromium on this machine")

CLASSES = "SELECT ?class (COUNT(*) AS ?things) WHERE { ?thing a ?class } GROUP BY ?class ORDER BY ?class"
# Each kind of page.
PAGES = [
    "/",
    "/queries",
    "/queries/program-areas",
    "/queries/program-areas?program=kci-first-stage",
    "/queries/yearly-funding?program=kci-second-stage",
    "/sparql",
    f"/sparql?query={quote(CLASSES)}",
    f"/sparql?query={quote(CLASSES)}&view=chart",
    "/docs",
    "/search?q=sapporo",
    "/page/area/hamamatsu",
    "/page/program/kci-second-stage",
    "/page/person/nobody",
    "/ont",
    "/ont/ClusterArea.html",
    "/ont/participatesIn.html",
    "/validate",
    "/explain?subject=area:takamatsu&predicate=cg:supportedBy&object=organization:mext",
    "/exports",
    "/queries/program-aera",
    "/queries/program-areas?program=nowhere",
    "/sparql?query=SELECT%20*%20{",
]
# What a search engine may find must be light: without the editor's script, with style and drawings.
HEAVIEST = 150_000
BROKEN = """@prefix cg: <https://w3id.org/clustergraph/ont#> .
@prefix area: <https://w3id.org/clustergraph/id/area/> .
area:nowhere a cg:ClusterArea ;
  cg:participatesIn .
"""
UNLABELLED = """@prefix cg: <https://w3id.org/clustergraph/ont#> .
<https://w3id.org/clustergraph/id/area/nowhere> a cg:ClusterArea .
"""


@pytest.fixture(scope="module")
def site(own_cache: None) -> Iterator[str]:
    """The address of our own graph, served."""
    with listening(ROOT) as address:
        yield address


@pytest.fixture(scope="module")
def chromium(site: str) -> Iterator[Any]:
    """One browser for all journeys; the service starts first, so that it starts from one thread."""
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def windows() -> dict[tuple[str, bool], Visit]:
    """The visits that the journeys share: a new window for each would take longer than they do."""
    return {}


@pytest.fixture
def visit(chromium: Any, site: str, windows: dict[tuple[str, bool], Visit]) -> Iterator[Begin]:
    """Gives a window; the test fails when anything went wrong in one."""

    def begin(language: str = "en", *, scripts: bool = True) -> Visit:
        key = (language, scripts)
        if key not in windows:
            windows[key] = Visit(chromium, site, language=language, scripts=scripts)
        windows[key].expected.clear()
        return windows[key]

    yield begin
    for each in windows.values():
        each.look()


Begin = Callable[..., Visit]


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_looks_right_on_each_screen(visit: Begin, path: str, language: str) -> None:
    reader = visit(language)
    reader.expected = {400, 404, 422}  # refusals are pages too
    page = reader.go(path)
    assert page.get_attribute("html", "lang") == language
    # Each language on both screens and in both themes, though not each with each.
    assert faults(page, night=language == "ja") == []


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_a_stage_got_each_year_and_who_says_so_is_one_click_away(visit: Begin, language: str) -> None:
    page = visit(language, scripts=False).go("/")
    page.locator(".asked a").first.click()
    assert "500000000" in page.inner_text("main table").replace(",", "")
    assert page.locator("main svg").count() >= 1
    assert page.locator("main table tbody tr").count() >= 3


def test_a_wide_answer_scrolls_in_its_frame_below_its_head(visit: Begin) -> None:
    page = visit(scripts=False).go("/queries/discrepancies")
    seen = page.evaluate(
        """() => {
          const frame = document.querySelector(".rows");
          frame.scrollTo(300, 700);
          const at = (one) => one.getBoundingClientRect();
          const head = frame.querySelector("thead th");
          const row = frame.querySelector("tbody tr:nth-child(9) td");
          return {
            scrolled: [frame.scrollLeft, frame.scrollTop],
            head: [at(head).left - at(frame).left, at(head).top - at(frame).top],
            column: at(row).left - at(frame).left,
            fits: at(frame).height <= innerHeight && document.documentElement.scrollWidth <= innerWidth,
          };
        }"""
    )
    assert seen == {"scrolled": [300, 700], "head": [0, 0], "column": 0, "fits": True}


def test_an_area_is_found_by_either_name(visit: Begin) -> None:
    for language, name in (("en", "hamamatsu"), ("ja", "浜松")):
        page = visit(language, scripts=False).go("/")
        page.locator("main input[name=q]").fill(name)
        page.locator("main form[role=search] button").click()
        page.locator(".hits a").first.click()
        assert page.url.partition("?")[0].endswith("/page/area/hamamatsu")
        assert page.inner_text("h1") == {"en": "Hamamatsu", "ja": "浜松"}[language]


def test_the_funding_of_a_stage_is_seen_with_its_sources(visit: Begin) -> None:
    page = visit(scripts=False).go("/search?q=Knowledge+Cluster+Initiative")
    page.get_by_role("link", name="Knowledge Cluster Initiative, second stage", exact=True).first.click()
    figures = page.locator("#figures tbody tr")
    assert figures.count() >= 5
    assert "JPY" in page.inner_text("#figures") or "yen" in page.inner_text("#figures")
    assert page.locator("#figures tbody tr td:nth-child(4) a").count() >= 5
    page.locator("#figures tbody tr td:nth-child(4) a").first.click()
    assert "/page" in page.url


def test_whoever_asks_why_is_shown_the_proof(visit: Begin) -> None:
    page = visit("ja", scripts=False).go("/page/area/hamamatsu")
    page.get_by_role("link", name="なぜ？").first.click()
    assert "/explain?" in page.url
    assert ".ttl:" in page.inner_text(".proof")
    assert faults(page) == []


def test_a_broken_file_is_shown_where_it_is_broken(visit: Begin) -> None:
    reader = visit(scripts=False)
    reader.expected = {400, 422}
    page = reader.go("/validate")
    page.fill("textarea", BROKEN)
    page.locator("main form button").click()
    assert "cg:participatesIn ." in page.inner_text(".marked")
    page.set_input_files(
        "input[type=file]", {"name": "new.ttl", "mimeType": "text/turtle", "buffer": UNLABELLED.encode()}
    )
    page.fill("textarea", "")
    page.locator("main form button").click()
    assert "label" in page.inner_text(".judged")
    assert "area/nowhere" in page.inner_text(".marked")
    assert faults(page) == []


def test_the_language_is_kept_from_page_to_page(visit: Begin) -> None:
    page = visit("en", scripts=False).go("/")
    page.get_by_role("link", name="日本語").click()
    for name in ("質問", "SPARQL"):
        page.locator("header").get_by_role("link", name=name).click()
        assert page.get_attribute("html", "lang") == "ja"


@pytest.mark.parametrize("path", [path for path in PAGES if "sparql" not in path])
def test_a_page_is_light(site: str, path: str) -> None:
    accept = {"Accept": "text/html", "Accept-Encoding": "gzip"}
    with httpx.Client(base_url=site, headers=accept) as client:
        sent = sum(int(client.get(each).headers["content-length"]) for each in (path, "/style.css"))
    assert sent < HEAVIEST


def test_a_question_is_asked_with_another_argument_and_taken_as_csv(visit: Begin) -> None:
    page = visit(scripts=False).go("/")
    page.locator("summary", has_text="Areas").click()
    page.get_by_role("link", name="Areas that take part in a program or stage").click()
    first = page.locator("tbody tr").count()
    assert first > 10
    page.select_option("select[name=program]", label="Industrial Cluster Program")
    page.locator("form.ask button").click()
    assert "program=" in page.url
    rows = page.locator("tbody tr").count()
    assert rows != first
    with page.expect_download() as download:
        page.get_by_role("link", name=".csv", exact=True).click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith("area,areaLabel")
    assert len(text.splitlines()) == rows + 1


def type_query(page: Any, text: str) -> None:
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


@pytest.fixture
def packed() -> None:
    """Skip where the installation could not pack the editor."""
    from clustergraph.server.pages.questions import editor  # noqa: PLC0415  # as `listening` does

    if not editor.packed("editor.js"):
        pytest.skip("the installation had no npm: there is no packed editor")


def test_the_editor_works_without_a_script(visit: Begin) -> None:
    reader = visit(scripts=False)
    page = reader.go("/sparql")
    page.fill("textarea", CLASSES)
    page.get_by_role("button", name="Run").click()
    assert page.locator("#result tbody tr").count() > 50
    page.locator("summary", has_text="Areas").click()
    page.get_by_role("link", name="Areas that take part in a program or stage").click()
    assert "PREFIX" in page.input_value("textarea")
    page.get_by_role("button", name="Run").click()
    assert page.locator("#result tbody tr").count() > 10
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.path().read_text(encoding="utf-8").startswith("area,areaLabel")
    reader.expected = {400}
    page.fill("textarea", "SELECT * WHERE { ?s foo:bar ?o }")
    page.get_by_role("button", name="Run").click()
    assert page.inner_text("mark") == "foo:bar"


@pytest.mark.usefixtures("packed")
def test_the_editor_completes_from_the_graph_and_runs(visit: Begin) -> None:
    page = visit().go("/sparql")
    type_query(page, "SELECT ?area WHERE { ?area a }")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("ClusterAre")
    page.get_by_role("option", name="ClusterArea").first.wait_for()
    page.wait_for_timeout(100)  # a choice is not taken in the first moment, when it may be a slip
    page.keyboard.press("Enter")
    assert "PREFIX" in page.input_value("textarea[name=query]")
    page.keyboard.press("Control+Enter")
    page.locator("#result tbody tr").nth(10).wait_for()
    assert "query=" in page.url
    shared = page.url
    page.locator("#result a[data-view=raw]").click()
    page.locator("#result pre.raw").wait_for()
    page.goto(shared)
    assert page.locator("#result tbody tr").count() > 10
    assert "ClusterArea" in page.inner_text(".cm-content")


@pytest.mark.usefixtures("packed")
def test_the_editor_underlines_what_is_wrong_at_its_place(visit: Begin) -> None:
    reader = visit("ja")
    page = reader.go("/sparql")
    reader.expected = {400}
    type_query(page, "SELECT * WHERE { ?s foo:bar ?o }")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    page.locator("#editor-error").wait_for()
    assert page.inner_text(".cm-lintRange-error") == "foo:bar"
    assert faults(page) == []


@pytest.mark.usefixtures("packed")
def test_a_query_that_takes_long_is_stopped_and_its_worker_with_it(visit: Begin, site: str) -> None:
    page = visit().go("/sparql")
    others = busy(page)  # what the exports lose may be counted meanwhile
    type_query(page, "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    stop = page.get_by_role("button", name="Stop")
    stop.wait_for()
    assert busy(page) >= 1
    stop.click()
    page.get_by_text("Stopped.").wait_for()
    for _ in range(50):  # tenths of a second, fewer than the query may take
        if busy(page) <= others:
            break
        page.wait_for_timeout(100)
    assert busy(page) <= others


def busy(page: Any) -> int:
    return int(page.request.get("/health").json()["busy"])
