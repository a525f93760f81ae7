"""What makes answers citable: addresses of versions, sources, and where other versions are."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pyoxigraph as ox

import clustergraph
from clustergraph.server import Options, create_app
from clustergraph.workers.pool import Limits

SERVED = Path(__file__).parent / "served"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
GRAPH = "https://park.example/graph/"
PROV = "http://www.w3.org/ns/prov#wasDerivedFrom"
SOURCE = "http://purl.org/dc/terms/source"


def link(answer: httpx.Response, relation: str) -> str:
    found = re.search(rf'<([^>]*)>; rel="{relation}"', answer.headers["link"])
    assert found, answer.headers["link"]
    return found[1]


def objects(answer: httpx.Response, predicate: str) -> set[str]:
    assert answer.status_code == 200, answer.text
    quads = ox.parse(answer.content, format=ox.RdfFormat.N_TRIPLES)
    return {quad.object.value for quad in quads if quad.predicate.value == predicate}  # type: ignore[union-attr]


def test_an_answer_names_what_it_is_derived_from(served: httpx.Client) -> None:
    answer = served.get("/queries/trees.csv?planted=1996")
    address = link(answer, "describedby")
    assert urlsplit(address).path == "/queries/trees.sources"
    described = served.get(address, headers={"Accept": "application/n-triples"})
    assert objects(described, PROV) == {GRAPH + "survey", GRAPH + "register"}
    subjects = {
        quad.subject.value  # type: ignore[union-attr]
        for quad in ox.parse(described.content, format=ox.RdfFormat.N_TRIPLES)
        if quad.predicate.value == PROV
    }
    assert subjects == {link(answer, "cite-as")}
    old = served.get("/queries/tree.sources?tree=old-pine", headers={"Accept": "application/n-triples"})
    assert GRAPH + "register" not in objects(old, PROV) >= {GRAPH + "survey"}
    assert served.get(address).headers["content-type"] == "text/turtle; charset=utf-8"
    assert served.get(address, headers={"If-None-Match": described.headers["etag"]}).status_code == 200
    again = served.get(
        address,
        headers={"Accept": "application/n-triples", "If-None-Match": described.headers["etag"]},
    )
    assert again.status_code == 304
    assert served.get("/queries/tree.sources").status_code == 422
    assert served.get("/queries/planted-before.sources?season=spring").status_code == 200


def test_documents_of_graphs_are_named_as_the_settings_say(tmp_path: Path) -> None:
    root = shutil.copytree(SERVED, tmp_path / "folder")
    (root / "data" / "survey" / "about.ttl").write_text(
        f"<{GRAPH}survey> <urn:tells> <urn:report> . <urn:report> <http://purl.org/dc/terms/title> 'Report' ."
    )
    with (root / "clustergraph.toml").open("r+") as file:
        text = file.read()
        file.seek(0)
        file.write('releases = "https://archive.example/{version}"\n' + text)
        file.write('[vocabulary]\ngraph_source = ["urn:tells"]\n')
    app = create_app(clustergraph.open(root), Options(limits=Limits(workers=1)))

    async def ask() -> None:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://a.example") as client,
        ):
            headers = {"Accept": "application/n-triples"}
            described = await client.get("/queries/tree.sources?tree=plum", headers=headers)
            assert objects(described, SOURCE) == {"urn:report"}
            assert "Report" in described.text
            version = "0123456789abcdef-0123456789abcdef"
            gone = await client.get(f"/queries/trees?planted=1996&version={version}")
            assert gone.status_code == 410
            assert gone.json()["release"] == "https://archive.example/0123456789abcdef"
            assert link(gone, "archives") == gone.json()["release"]
            strange = await client.get("/queries/trees?version=../../x")
            assert strange.status_code == 410
            assert "release" not in strange.json()

    asyncio.run(ask())


def test_a_permalink_to_another_version_says_where_versions_are(served: httpx.Client) -> None:
    cited = link(served.get("/queries/trees?planted=1996"), "cite-as")
    present = parse_qs(urlsplit(cited).query)["version"][0]
    gone = served.get(cited.replace(present, "0" * 16 + "-" + "0" * 16))
    assert gone.status_code == 410
    assert gone.headers["content-type"] == "application/problem+json"
    assert gone.json()["present"] == present
    assert "no release of that version is known here" in gone.json()["detail"]
    assert gone.json()["latest"].endswith("/queries/trees?planted=1996")
    assert link(gone, "latest-version").endswith("/queries/trees")
    page = served.get("/queries/trees?version=0", headers={"Accept": BROWSER, "Accept-Language": "ja"})
    assert page.status_code == 410
    assert page.headers["content-type"].startswith("text/html")
    assert "この版はもうここにはありません" in page.text
    assert "この版のリリースはここでは知られていません" in page.text


def test_browsers_get_pages_for_what_is_refused(served: httpx.Client) -> None:
    for address, status in (
        ("/queries/trees?page=0", 422),
        ("/queries/trees?entailment=rdfs", 400),
        ("/queries/trees?timeout=soon", 400),
        ("/nowhere", 404),
        ("/queries/trees.ttl", 406),
        ("/queries/trees?page=1&page=2", 422),
    ):
        wants = {"Accept": BROWSER, "Accept-Language": "ja"}
        page = served.get(address, headers=wants)
        if not address.endswith(".ttl"):
            assert page.headers["content-type"].startswith("text/html"), address
            assert '<html lang="ja">' in page.text
        assert page.status_code == status, address
        plain = served.get(address)
        assert plain.status_code == status
        assert plain.headers["content-type"] == "application/problem+json"
    # RFC 9112 §3.2: whatever is asked for; a page could have no links.
    nameless = served.get("/nowhere", headers={"Accept": BROWSER, "Host": "a<b>"})
    assert (nameless.status_code, nameless.headers["content-type"]) == (400, "application/problem+json")


def test_what_is_expected_is_said_in_the_readers_language(served: httpx.Client) -> None:
    wants = {"Accept": BROWSER, "Accept-Language": "ja"}
    year = served.get("/queries/trees?planted=soon", headers=wants)
    assert year.status_code == 422
    assert '<span lang="ja">年（例：2007）、1800以上、2015以下</span>' in year.text
    english = served.get("/queries/trees?planted=soon", headers={"Accept": BROWSER})
    assert '<span lang="en">a year such as 2007 from 1800 up to 2015</span>' in english.text
    season = served.get("/queries/planted-before?season=winter", headers=wants)
    assert "spring、autumn のいずれか" in season.text


def test_a_long_name_is_said_back_shortened(served: httpx.Client) -> None:
    answer = served.get("/queries/" + "a" * 10_000)
    assert answer.status_code == 404
    assert len(answer.content) < 1500


def test_columns_of_a_star_come_in_the_order_of_the_text(served: httpx.Client) -> None:
    for text in ("SELECT * { ?tree a ?kind . ?tree ?says ?what }", "SELECT DISTINCT * { ?tree a ?kind }"):
        answer = served.get("/sparql", params={"query": text, "format": "csv"})
        names = dict.fromkeys(re.findall(r"\?(\w+)", text))
        assert answer.text.splitlines()[0] == ",".join(names)
