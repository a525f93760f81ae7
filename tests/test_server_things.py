"""Dereferencing and the pages of things: what answers at their IRIs, for programs and for readers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

import clustergraph
from clustergraph.server import Options, create_app
from clustergraph.server.pages.frame.names import Link, Name
from clustergraph.server.pages.things.facts import number
from clustergraph.server.pages.things.neighbourhood import Neighbour, diagram
from clustergraph.workers.pool import Limits
from conftest import ROOT
from garden import BERRIES, BROWSER, GARDEN, PEAR, page, triples


@pytest.fixture(scope="module")
def ours() -> Iterator[httpx.Client]:
    app = create_app(clustergraph.open(ROOT), Options(limits=Limits(workers=2, seconds=20)))
    with TestClient(app, base_url="https://host.example/", follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize(
    ("accept", "location"),
    [
        (BROWSER, "page/tree/pear"),
        ("text/html", "page/tree/pear"),
        ("*/*", "data/tree/pear"),
        ("", "data/tree/pear"),
        ("text/turtle", "data/tree/pear.ttl"),
        ("application/ld+json", "data/tree/pear.jsonld"),
        ("application/rdf+xml;q=0.9, text/html;q=0.1", "data/tree/pear.rdf"),
        ("application/n-quads", "data/tree/pear.nq"),
    ],
)
def test_a_thing_is_seen_elsewhere_as_accept_says(garden: httpx.Client, accept: str, location: str) -> None:
    answer = garden.get("/id/tree/pear", headers={"Accept": accept})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"https://host.example/{location}"
    assert "Accept" in answer.headers["vary"]
    assert garden.head("/id/tree/pear", headers={"Accept": accept}).status_code == 303
    assert (
        garden.get("/id", params={"iri": PEAR}, headers={"Accept": accept})
        .headers["location"]
        .endswith(location)
    )


@pytest.mark.parametrize("path", ["/id/tree/pear", "/data/tree/pear"])
def test_what_nothing_can_be_written_as_is_406(garden: httpx.Client, path: str) -> None:
    answer = garden.get(path, headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert garden.get("/data/tree/pear", headers={"Accept": "text/html"}).status_code == 406


@pytest.mark.parametrize(
    ("path", "iri"),
    [
        ("tree/梅", f"{GARDEN}id/tree/梅"),
        ("tree/%E6%A2%85", f"{GARDEN}id/tree/梅"),
        ("tree/%E6%9D%BE", f"{GARDEN}id/tree/%E6%9D%BE"),
        ("tree/松", f"{GARDEN}id/tree/%E6%9D%BE"),
        ("tree/a/b.ttl", f"{GARDEN}id/tree/a/b.ttl"),
        ("tree/a%2Fb.ttl", f"{GARDEN}id/tree/a/b.ttl"),
    ],
)
def test_names_in_any_script_and_spelling_are_found(garden: httpx.Client, path: str, iri: str) -> None:
    for accept in ("text/turtle", "text/html"):
        seen = garden.get(f"/id/{path}", headers={"Accept": accept})
        assert seen.status_code == 303
        assert seen.headers["location"].isascii()
        answer = garden.get(seen.headers["location"], headers={"Accept": accept})
        assert answer.status_code == 200
        assert f'<{iri.replace("梅", "%E6%A2%85")}>; rel="cite-as"' in answer.headers["link"]
    assert ox.NamedNode(iri) in {triple.subject for triple in triples(garden.get(f"/data/{path}"))}


def test_things_under_any_iri_are_reached(garden: httpx.Client) -> None:
    seen = garden.get("/id", params={"iri": "urn:isbn:12"}, headers={"Accept": "text/turtle"})
    assert seen.headers["location"] == "https://host.example/data.ttl?iri=urn:isbn:12"
    assert ox.NamedNode("urn:isbn:12") in {t.subject for t in triples(garden.get(seen.headers["location"]))}
    assert "<h1" in page(garden, "/page?iri=urn:isbn:12")
    assert "far away" in page(garden, "/page?iri=urn:isbn:12")
    assert garden.get("/id").status_code == 400
    assert garden.get("/id?iri=no%20iri").status_code == 400


@pytest.mark.parametrize("ending", ["ttl", "nt", "jsonld", "rdf", "trig", "nq", "json"])
def test_every_syntax_says_the_same(garden: httpx.Client, ending: str) -> None:
    plain = triples(garden.get("/data/tree/pear?page=3"))
    written = garden.get(f"/data/tree/pear.{ending}?page=3")
    if "json" in ending:
        assert "@context" in written.json()
        assert len(triples(written)) == len(plain)
    else:
        assert triples(written) == plain


def test_a_description_holds_what_is_said_and_what_points_here(garden: httpx.Client) -> None:
    found = triples(garden.get("/data/tree/pear.nt"))
    pear, node = ox.NamedNode(PEAR), ox.NamedNode
    subjects = {t.predicate.value.rpartition("#")[2]: t for t in found if t.subject == pear}
    assert {"planted", "standsIn", "label", "measured", "type"} <= subjects.keys()
    assert {
        t.predicate.value.rpartition("#")[2] for t in found if t.subject == subjects["measured"].object
    } == {"by", "on"}
    assert (
        len([t for t in found if t.predicate == node("http://www.w3.org/1999/02/22-rdf-syntax-ns#first")])
        == 2
    )
    claims = {t.subject for t in found if t.predicate == node(f"{GARDEN}ont#about")}
    assert len(claims) == 3
    assert any(t.subject == node(f"{GARDEN}id/claim/a") and t.object == ox.Literal("page 7") for t in found)
    assert any(
        t.subject == node(f"{GARDEN}id/bed/north") and t.object == ox.Literal("North bed", language="en")
        for t in found
    )


def test_pages_of_a_description_hold_every_link_once(garden: httpx.Client) -> None:
    pear, address = ox.NamedNode(PEAR), "/data/tree/pear.nt"
    reached: list[tuple[str, str]] = []
    while address:
        answer = garden.get(address)
        following = re.search(r'<([^>]*)>; rel="next"', answer.headers["link"])
        reached += [(t.subject.value, t.predicate.value) for t in triples(answer) if t.object == pear]
        address = following[1] if following else ""
    berries = [pair for pair in reached if "/berry/" in pair[0]]
    assert len(berries) == len(set(berries)) == BERRIES
    assert garden.get("/data/tree/pear.nt?page=99").status_code == 422


def test_pages_for_readers_hold_every_link_once(garden: httpx.Client) -> None:
    reached: list[str] = []
    address = "/page/tree/pear"
    while address:
        text = page(garden, address)
        links = text[
            text.index('<section id="links">') : text.index("</section>", text.index('<section id="links">'))
        ]
        reached += re.findall(r'href="(/page/berry/\d+)"', links)
        following = re.search(r'rel="next" href="([^"#]+)#links"', links)
        address = unescape(following[1]) if following else ""
    assert len(reached) == len(set(reached)) == BERRIES


def test_a_description_is_kept_by_its_tag(garden: httpx.Client) -> None:
    first = garden.get("/data/tree/pear.ttl")
    assert first.headers["etag"] != garden.get("/data/tree/pear.nt").headers["etag"]
    again = garden.get("/data/tree/pear.ttl", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content
    head = garden.head("/data/tree/pear.ttl")
    assert (head.status_code, head.headers["etag"]) == (200, first.headers["etag"])
    for relation in ("canonical", "describedby", "cite-as", "license"):
        assert f'rel="{relation}"' in first.headers["link"]
    shown = garden.get("/page/tree/pear", headers={"Accept-Language": "en"})
    assert garden.get(
        "/page/tree/pear", headers={"Accept-Language": "en", "If-None-Match": shown.headers["etag"]}
    ).status_code == 304  # fmt: skip
    assert (
        shown.headers["etag"]
        != garden.get("/page/tree/pear", headers={"Accept-Language": "ja"}).headers["etag"]
    )


@pytest.mark.parametrize("room", ["id", "page", "data"])
def test_what_nobody_knows_is_404_with_near_names(garden: httpx.Client, room: str) -> None:
    if room != "page":
        answer = garden.get(f"/{room}/tree/paer", headers={"Accept": "text/turtle"})
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert PEAR in answer.json()["near"] or answer.json()["near"] == []
        near = garden.get(f"/{room}/tree/pears", headers={"Accept": "text/turtle"}).json()["near"]
        assert PEAR in near
    if room != "data":
        assert 'href="/page/tree/pear"' in page(garden, f"/{room}/tree/pears", status=404)


@pytest.mark.parametrize("room", ["id", "page", "data"])
def test_what_is_retired_is_410_with_its_successor(garden: httpx.Client, room: str) -> None:
    if room != "page":
        answer = garden.get(f"/{room}/tree/apple", headers={"Accept": "text/turtle"})
        assert answer.status_code == 410
        assert answer.json()["successor"] == [PEAR]
        assert answer.headers["link"] == '<https://host.example/id/tree/pear>; rel="successor-version"'
        assert garden.get(f"/{room}/tree/gone", headers={"Accept": "text/turtle"}).status_code == 410
    if room != "data":
        text = page(garden, f"/{room}/tree/apple", status=410)
        assert 'href="/page/tree/pear"' in text
        assert "Apple" in text
    assert garden.get(f"/{room}/tree/kept", headers={"Accept": "*/*"}).status_code in {200, 303}


def test_what_is_below_the_base_answers_at_its_own_address(served: httpx.Client) -> None:
    plum = "https://park.example/tree/plum"
    seen = served.get("/tree/plum", headers={"Accept": BROWSER})
    assert seen.status_code == 303
    assert ">Plum</h1>" in page(served, seen.headers["location"])
    data = served.get("/tree/plum", headers={"Accept": "text/turtle"})
    assert data.status_code == 303
    assert str(ox.NamedNode(plum)) in {str(t.subject) for t in triples(served.get(data.headers["location"]))}
    near = served.get("/tree/plums", headers={"Accept": "application/json"})
    assert (near.status_code, near.headers["content-type"]) == (404, "application/problem+json")
    assert near.json()["detail"] == "there is nothing at /tree/plums"
    assert plum in near.json()["near"]
    assert ">Plum</a>" in page(served, "/tree/plums", status=404)
    assert served.post("/tree/plum").status_code == 404
    assert served.get("/docs/", follow_redirects=True).url.path == "/docs"


def test_a_page_is_for_readers(garden: httpx.Client) -> None:
    english, japanese = page(garden, "/page/tree/pear"), page(garden, "/page/tree/pear", "ja")
    assert '<h1 lang="en">Pear</h1>' in english
    assert '<p class="also" lang="ja">梨</p>' in english
    assert '<h1 lang="ja">梨</h1>' in japanese
    assert '<a href="/ont/Tree.html">tree</a>' in english
    assert '<a href="/ont/Plant.html">plant</a>' not in english  # a tree says it
    assert re.search(
        r"<h3><a[^>]*>tree</a></h3>\s*<dl class=\"facts\">\s*<div><dt><a[^>]*>planted</a></dt><dd>1901",
        english,
    )
    assert "1,234,567" in english
    assert "eye" in english
    assert '<a href="https://far.example/pear" rel="external">https://far.example/pear</a>' in english
    assert "/queries/leaves?tree=https://garden.example/id/tree/pear" in english
    assert "/queries/prices" not in english[english.index('id="questions"') :]
    assert "これについての質問" in japanese


def test_what_follows_is_marked_and_leads_to_its_proof(garden: httpx.Client) -> None:
    bed = page(garden, "/page/bed/north")
    why = re.findall(r'class="why" href="([^"]+)"', bed)
    assert [unescape(each) for each in why] == [
        "/explain?subject=%3Chttps://garden.example/id/bed/north%3E&predicate=g:holds"
        "&object=%3Chttps://garden.example/id/tree/pear%3E"
    ]
    assert "/explain" not in page(garden, "/page/tree/kept")


def test_figures_stand_with_their_sources_and_side_by_side(garden: httpx.Client) -> None:
    text = page(garden, "/page/tree/pear")
    figures = text[text.index('<section id="figures">') : text.index('<section id="disputes">')]
    assert re.search(r"<b>12</b>\s*<span class=\"unit\">metres</span>", figures)
    assert '<span class="qualifier">g:least</span> <b>2</b>' in figures
    assert '<a href="/page/tree/kept">Kept</a>' in figures
    assert "page 7" in figures
    assert figures.count('href="#dispute-1"') == 2
    disputes = text[text.index('<section id="disputes">') : text.index('<section id="links">')]
    assert "They measured in different years." in disputes
    assert '<a href="/page/dispute/1">How high</a>' in disputes
    assert disputes.index("<b>12</b>") < disputes.index("<b>13.5</b>")
    assert "They measured" in page(garden, "/page/claim/a")


def test_texts_of_data_are_only_texts(garden: httpx.Client) -> None:
    for language in ("en", "ja"):
        text = page(garden, "/page/tree/plum", language)
        assert "<img" not in text
        assert "&lt;img src=x onerror=alert(1)&gt;" in text
        assert "&lt;b&gt;bold" in text
    assert "<img" not in page(garden, '/page/tree/"><img src=x>', status=404)
    assert "<img" not in page(garden, "/ont/Tree.html")


def test_a_page_leads_to_itself_in_the_other_language(garden: httpx.Client) -> None:
    for path in ("/page/tree/%E6%A2%85", "/page/tree/%E6%9D%BE", "/page?iri=urn:isbn:12", "/ont/Tree.html"):
        switch = re.search(r'href="([^"]*)" lang="ja" hreflang="ja"', page(garden, path))
        assert switch
        answer = garden.get(unescape(switch[1]), headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.headers["content-language"]) == (200, "ja")
        assert "lang=ja" in unescape(
            answer.text[answer.text.index("<main") :]
        )  # it is kept from page to page


def test_pages_are_kept_by_all_that_they_show(garden: httpx.Client) -> None:
    assert "strange" in page(garden, "/page/tree/kept?note=strange")
    assert "strange" not in page(garden, "/page/tree/kept")
    assert "other.example" not in page(garden, "/page/tree/kept")
    answer = garden.get("/page/tree/kept", headers={"Host": "other.example"})
    assert "https://other.example/queries" in answer.text


def test_what_a_syntax_cannot_carry_is_refused(garden: httpx.Client) -> None:
    address = f"/data.rdf?iri={GARDEN}id/odd"
    assert garden.get(address).status_code == 406
    assert garden.get(address.replace(".rdf", ".ttl")).status_code == 200


def test_a_neighbourhood_is_drawn(garden: httpx.Client) -> None:
    text = page(garden, "/page/tree/pear")
    start = text.index('<svg class="diagram"')
    drawing = text[start : text.index("</svg>", start)]
    assert '<title id="diagram-title">Neighbours</title>' in drawing
    assert '<desc id="diagram-text">' in drawing
    assert "near (802)" in drawing
    assert '<a href="/page/bed/north">' in drawing


def test_boxes_of_a_diagram_do_not_overlap() -> None:
    many = [Neighbour(Name("a relation of some length"), Link(Name("日本の" * 20), "/x"), 3)] * 9
    drawn = diagram(
        Link(Name("A very long name of a thing that has to be broken into lines " * 3)), many, many
    )
    assert drawn is not None
    assert len(drawn.boxes) == 13
    for index, box in enumerate(drawn.boxes):
        assert drawn.x <= box.x <= box.x + box.width <= drawn.x + drawn.width
        assert 0 <= box.y <= box.y + box.height <= drawn.height
        for other in drawn.boxes[index + 1 :]:
            apart = box.x + box.width <= other.x or other.x + other.width <= box.x
            assert apart or box.y + box.height <= other.y or other.y + other.height <= box.y
    assert diagram(Link(Name("alone")), [], []) is None


def test_graphs_are_described_and_given_whole(garden: httpx.Client) -> None:
    seen = garden.get("/graph/berries", headers={"Accept": "text/html"})
    assert seen.status_code == 303
    shown = page(garden, seen.headers["location"])
    assert "All 1,203 triples" in shown
    assert 'href="/graph/berries.nt"' in shown
    assert len(triples(garden.get("/graph/berries.nt"))) == BERRIES
    assert garden.get("/graph/berries", headers={"Accept": "text/turtle"}).status_code == 303
    assert garden.get("/graph/none").status_code == 404
    assert garden.get("/graph/none.nt").status_code == 404


@pytest.mark.parametrize("base", ["https://public.example/kg/", "/kg/"])
def test_behind_a_proxy_all_links_are_right(garden: httpx.Client, base: str) -> None:
    graph = garden.app.state.service.state.graph  # type: ignore[attr-defined]
    host = "https://public.example" if base.startswith("https") else "http://inside"
    app = create_app(graph, Options(limits=Limits(workers=1), base=base))
    with TestClient(app, base_url="http://inside", follow_redirects=False) as client:
        for prefix in ("", "/kg"):
            seen = client.get(f"{prefix}/id/tree/梅", headers={"Accept": "text/html"})
            assert seen.headers["location"] == f"{host}/kg/page/tree/%E6%A2%85"
            text = page(client, f"{prefix}/page/tree/pear")
            inner = set(re.findall(r'href="(/[^"]*)"', text))
            assert inner
            assert all(address.startswith("/kg/") for address in inner)
            data = client.get(f"{prefix}/data/tree/pear.ttl")
            assert f'<{host}/kg/data/tree/pear>; rel="canonical"' in data.headers["link"]
            assert client.get(f"{prefix}/ont/Tree.ttl").status_code == 200


def test_served_folders_of_others_have_the_same_face(served: httpx.Client) -> None:
    plum = "https://park.example/tree/plum"
    seen = served.get("/id", params={"iri": plum}, headers={"Accept": BROWSER})
    assert seen.status_code == 303
    text = page(served, seen.headers["location"])
    assert ">Plum</h1>" in text
    assert "4.5" in text
    assert triples(served.get("/data.ttl", params={"iri": plum}))


def test_our_programs_have_their_figures(ours: httpx.Client) -> None:
    identity = "https://w3id.org/clustergraph/id/program/kci"
    seen = ours.get("/id/program/kci", headers={"Accept": BROWSER})
    assert seen.headers["location"] == "https://host.example/page/program/kci"
    for language, heading in (("en", "Where sources disagree"), ("ja", "出典が食い違うところ")):
        text = page(ours, "/page/program/kci", language)
        assert heading in text
        assert len(text.encode()) < 150_000
    found = triples(ours.get("/data/program/kci.nt"))
    assert len([t for t in found if t.object == ox.NamedNode(identity)]) == 215


@pytest.mark.parametrize(
    ("text", "read"), [("0", "0"), ("-1234", "-1,234"), ("1.50", "1.50"), ("NaN", "NaN")]
)
def test_numbers_are_read_by_thousands(text: str, read: str) -> None:
    assert number(text) == read


def test_each_of_our_terms_has_a_page(ours: httpx.Client) -> None:
    text = page(ours, "/ont", "ja")
    assert len(text.encode()) < 150_000
    terms = re.findall(r'href="(/ont/[^"]+\.html)"', text)
    assert len(set(terms)) > 200
    for address in sorted(set(terms))[::25]:
        assert len(page(ours, address).encode()) < 150_000
