"""`/validate` and `/diff`: what is sent is judged as a change; hostile bodies are refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

import clustergraph
from clustergraph.folder.guess import guessed
from clustergraph.server.pages.judging import sources

SERVED = Path(__file__).parent / "served"
TURTLE = {"Content-Type": "text/turtle"}
ELM = """@prefix park: <https://park.example/terms/> .
<https://park.example/tree/elm> a park:Conifer ;
    park:height "3.5" .
"""
ASH = """@prefix park: <https://park.example/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://park.example/tree/ash> a park:Conifer ; rdfs:label "Ash"@en , "トネリコ"@ja ; park:height 3.5 .
"""


def send(served: httpx.Client, path: str, body: str | bytes, media: str = "text/turtle") -> httpx.Response:
    return served.post(path, content=body, headers={"Content-Type": media})


def test_report_is_that_of_the_library(served: httpx.Client, tmp_path: Path) -> None:
    answer = send(served, "/validate", ELM)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert (found["conforms"], len(found["new"]), found["fixed"], found["present"]) == (False, 2, [], [])
    (height,) = (one for one in found["new"] if one["path"].endswith("height"))
    assert (height["file"], height["line"], height["column"]) == ("upload", 3, 17)
    assert height["fixes"][0]["edits"][0]["text"]
    (tmp_path / "elm.ttl").write_text(ELM)
    report = clustergraph.open(SERVED).validate(tmp_path / "elm.ttl")
    assert {one.constraint.value for one in report.results} == {one["constraint"] for one in found["new"]}


@pytest.mark.parametrize("syntax", [ox.RdfFormat.N_QUADS, ox.RdfFormat.RDF_XML, ox.RdfFormat.JSON_LD])
def test_fixes_have_edits_in_each_syntax(served: httpx.Client, syntax: ox.RdfFormat) -> None:
    body = ox.serialize(ox.parse(ASH.replace("3.5", '"3,500"'), format=ox.RdfFormat.TURTLE), format=syntax)
    assert body is not None
    (result,) = send(served, "/validate", body, syntax.media_type).json()["new"]
    (edit,) = result["fixes"][0]["edits"]
    assert "3500" in edit["text"]
    line = body.decode().split("\n")[edit["line"] - 1]
    assert "3,500" in line[edit["column"] - 1 : edit["endColumn"] - 1]


def test_what_conforms_says_so(served: httpx.Client) -> None:
    assert send(served, "/validate", ASH).json()["conforms"] is True


def test_languages(served: httpx.Client) -> None:
    for lang, words in (("ja", "樹木には名前が必要です。"), ("en", "A tree has a name.")):
        answer = send(served, f"/validate?format=text&lang={lang}", ELM)
        assert words in answer.text
        assert answer.headers["content-language"] == lang
    answer = served.post("/validate?format=text", content=ELM, headers=TURTLE | {"Accept-Language": "ja"})
    assert "樹木には名前が必要です。" in answer.text


@pytest.mark.parametrize(
    ("format", "media"),
    [
        ("sarif", "application/sarif+json"),
        ("junit", "application/xml"),
        ("github", "text/plain; charset=utf-8"),
        ("text", "text/plain; charset=utf-8"),
    ],
)
def test_formats_of_a_report(format: str, media: str, served: httpx.Client) -> None:
    answer = send(served, f"/validate?format={format}", ELM)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert "upload" in answer.text


@pytest.mark.parametrize(
    "media", ["text/turtle", "application/ld+json", "application/rdf+xml", "application/trig"]
)
def test_a_report_is_rdf_in_the_syntax_that_is_accepted(media: str, served: httpx.Client) -> None:
    answer = served.post("/validate", content=ELM, headers=TURTLE | {"Accept": media})
    format = ox.RdfFormat.from_media_type(media)
    assert answer.headers["content-type"].partition(";")[0] == media
    triples = list(ox.parse(answer.content, format=format, base_iri="urn:x"))
    assert any(str(quad.object).endswith("#ValidationReport>") for quad in triples)


@pytest.mark.parametrize(
    ("body", "media"),
    [
        ('<https://park.example/tree/elm> a <https://park.example/terms/Tree> .', "application/x-turtle"),
        (
            "<https://park.example/tree/elm> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
            "<https://park.example/terms/Tree> .",
            "application/n-triples",
        ),
        (
            '{"@id": "https://park.example/tree/elm", "@type": "https://park.example/terms/Tree"}',
            "application/ld+json",
        ),
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:p="https://park.example/terms/">'
            '<p:Tree rdf:about="https://park.example/tree/elm"/></rdf:RDF>',
            "application/rdf+xml",
        ),
        (
            "<urn:g> { <https://park.example/tree/elm> a <https://park.example/terms/Tree> }",
            "application/trig; charset=UTF-8",
        ),
    ],
)  # fmt: skip
def test_every_syntax_is_read(body: str, media: str, served: httpx.Client) -> None:
    found = send(served, "/validate", body, media).json()
    assert len(found["new"]) == 1


def test_difference(served: httpx.Client) -> None:
    found = send(served, "/diff", ASH).json()
    assert len(found["triples"]["added"]) == 4
    assert [one["triple"][2] for one in found["inferred"]["added"]] == ["<https://park.example/terms/Tree>"]
    assert {one["name"] for one in found["queries"]}
    assert "トネリコ" in send(served, "/diff?format=markdown&lang=ja", ASH).text
    assert served.post("/diff", content=ASH, headers=TURTLE | {"Accept": "text/plain"}).text.startswith(
        "Changes"
    )


def test_nothing_is_kept(served: httpx.Client) -> None:
    before = served.get("/health").json()["version"]
    send(served, "/validate", ASH)
    send(served, "/diff", ASH)
    assert served.get("/health").json()["version"] == before
    asked = served.get("/sparql", params={"query": "ASK { <https://park.example/tree/ash> ?p ?o }"})
    assert asked.json()["boolean"] is False


def test_shapes_of_strangers_are_not_run(served: httpx.Client) -> None:
    shape = """@prefix sh: <http://www.w3.org/ns/shacl#> .
        <urn:s> a sh:NodeShape ; sh:targetNode <urn:n> ; sh:minLength 99 ."""
    assert send(served, "/validate", shape).json()["conforms"] is True


NESTED = "<urn:a> <urn:b> " + "[ <urn:c> " * 30_000 + "1" + "]" * 30_000 + " ."
LISTS = "<urn:a> <urn:b> " + "(" * 30_000 + ")" * 30_000 + " ."
JSON = '{"@id":"urn:a","urn:b":' * 20_000 + "1" + "}" * 20_000
BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaa'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(9)
) + "]><x>&j;</x>"  # fmt: skip


@pytest.mark.parametrize(
    ("body", "media", "status", "says"),
    [
        ("", "text/turtle", 400, "empty"),
        (" \n", "text/turtle", 400, "empty"),
        ("<urn:a>\n  <urn:b> .", "text/turtle", 400, "line 2, column 11: expected"),
        (b"\x83e\x83X", "text/turtle", 400, "expected UTF-8"),
        (b"\xff\xfe<\x00", "text/turtle", 400, "expected UTF-8"),
        (b"<urn:a> <urn:b> \"\x00\" .", "application/n-triples", 200, ""),
        ('{"@context": "https://example.com/context"}', "application/ld+json", 400, "nothing is fetched"),
        ('{"@context": {"@import": "http://a.org/c"}}', "application/ld+json", 400, "nothing is fetched"),
        (BOMB, "application/rdf+xml", 400, "DOCTYPE"),
        ("<x/>", "application/rdf+xml", 400, ""),
        ("<rdf:RDF", "text/xml", 400, "line 1"),
        ("{", "application/json", 400, ""),
        ("[" * 50_000, "application/ld+json", 400, ""),
        ("<urn:a> <urn:b> <urn:c> <urn:d> <urn:e> .", "application/n-quads", 400, ""),
        ("<https://park.example/graph/inferred> { <urn:a> <urn:b> 1 }", "application/trig", 400, "inferred"),
        ("<urn:g> { <urn:a> <urn:b> 1 }", "text/turtle", 400, "line 1"),
        ("a,b\n1,2\n", "text/csv", 415, "convert"),
        ("x", "application/pdf", 415, "text/turtle"),
        ("x", "", 415, "text/turtle"),
        ("x", "text/turtle; charset=shift_jis", 415, "UTF-8"),
        ("<urn:a> <urn:b> <http://a b> .", "text/turtle", 400, "line 1"),
        ("@prefix : <urn:> . :a :b :c ; .; .", "text/turtle", 400, "line 1"),
    ],
    ids=lambda given: None if isinstance(given, int) else str(given)[:20],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/validate", "/diff"])
def test_broken_bodies_are_refused_in_words(
    path: str, body: str | bytes, media: str, status: int, says: str, served: httpx.Client
) -> None:
    answer = send(served, path, body, media)
    assert answer.status_code == status, answer.text
    if status != 200:
        problem = answer.json()
        assert problem["status"] == status
        assert says in problem["detail"]
        assert "Traceback" not in answer.text
        assert "/tmp" not in answer.text


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (NESTED, "text/turtle"),
        (LISTS, "text/turtle"),
        (JSON, "application/ld+json"),
        ("<<( " * 50_000, "text/turtle"),
        ('<urn:a> <urn:b> "' + "x" * 3_000_000 + '" .', "text/turtle"),
        ("<urn:" + "x" * 1_000_000 + "> a <urn:c> .", "text/turtle"),
    ],
    ids=["brackets", "lists", "json", "triple terms", "literal", "iri"],
)
def test_hostile_bodies_are_answered_or_refused(body: str, media: str, served: httpx.Client) -> None:
    answer = send(served, "/validate?timeout=2", body, media)
    assert answer.status_code in {200, 400, 503}, answer.text[:300]
    assert served.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True


@pytest.mark.parametrize(
    ("body", "media"),
    [
        ("<urn:a> <urn:b> " + "[ <urn:b> " * 1001 + "<urn:c>" + " ]" * 1001 + " .", "text/turtle"),
        ("[" * 1001 + "]" * 1001, "application/ld+json"),
        ("<a>" * 1001 + "</a>" * 1001, "application/rdf+xml"),
    ],
)
def test_brackets_without_end_are_refused(body: str, media: str, served: httpx.Client) -> None:
    answer = send(served, "/validate", body, media)
    assert answer.status_code == 400
    assert "at most 1,000 brackets" in answer.json()["detail"]


def test_brackets_in_texts_are_letters(served: httpx.Client) -> None:
    body = ASH + f'<urn:a> <urn:b> "{"(" * 2000}", """[[" {"[" * 2000}""" . # {"{" * 2000}'
    assert send(served, "/validate", body).status_code == 200


def test_large_bodies_are_refused(served: httpx.Client) -> None:
    answer = send(served, "/validate", b"#" * (17 << 20))
    assert answer.status_code == 413
    assert "16,777,216" in answer.json()["detail"]


def test_uploads_may_be_larger_than_queries(served: httpx.Client) -> None:
    assert send(served, "/validate", ASH + "#" * 50_000).status_code == 200


def test_a_body_with_a_content_coding_is_refused(served: httpx.Client) -> None:
    answer = served.post("/validate", content=b"\x1f\x8b", headers=TURTLE | {"Content-Encoding": "gzip"})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("query", "status", "parameter"),
    [
        ("format=pdf", 406, None),
        ("lang=fr", 400, "lang"),
        ("shapes=urn:x", 400, "shapes"),
        ("format=json&format=json", 400, "format"),
        ("timeout=never", 400, None),
    ],
)
def test_parameters_are_named(query: str, status: int, parameter: str | None, served: httpx.Client) -> None:
    answer = send(served, f"/validate?{query}", ASH)
    assert answer.status_code == status
    assert answer.json().get("parameter") == parameter


def test_the_time_is_limited(served: httpx.Client) -> None:
    many = "".join(f"<urn:s{i}> a <https://park.example/terms/Tree> .\n" for i in range(60_000))
    answer = send(served, "/diff?timeout=0.2", many)
    assert (answer.status_code, answer.json()["limit"]) == (503, "time")


# The page.


def page(served: httpx.Client, lang: str = "en", **given: object) -> httpx.Response:
    headers = {"Accept": "text/html", "Accept-Language": lang}
    return served.post("/validate", headers=headers, **given)  # type: ignore[arg-type]  # what httpx takes


def test_the_form_is_in_both_languages(served: httpx.Client) -> None:
    for lang, words in (("en", "Check your data"), ("ja", "データを確認する")):
        answer = served.get("/validate", headers={"Accept": "text/html", "Accept-Language": lang})
        assert answer.status_code == 200
        assert words in answer.text
        assert 'enctype="multipart/form-data"' in answer.text


@pytest.mark.parametrize("as_file", [True, False])
def test_the_page_marks_lines_and_shows_fixes(as_file: bool, served: httpx.Client) -> None:
    given = {"files": {"file": ("elm.ttl", ELM)}} if as_file else {"files": {"text": (None, ELM)}}
    answer = page(served, **given)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert '<div class="marked" id="line-3">' in answer.text
    assert 'href="#line-3"' in answer.text
    assert '<span class="went">-     park:height &#34;3.5&#34; .</span>' in answer.text
    assert '<span class="came">+     park:height &#34;3.5&#34;^^&lt;http' in answer.text
    assert "A tree has a name." in answer.text
    assert ("elm.ttl" in answer.text) is as_file


def test_the_page_says_what_would_change(served: httpx.Client) -> None:
    answer = page(served, "ja", files={"text": (None, ASH)})
    assert "新しい問題はありません" in answer.text
    assert "新しいトリプル4件" in answer.text
    assert "トネリコ" in answer.text


def test_the_page_of_what_does_not_parse_marks_the_place(served: httpx.Client) -> None:
    answer = page(served, data={"text": "<urn:a>\r\n  <urn:b> .", "syntax": "turtle"})
    assert answer.status_code == 400
    assert '<div class="marked" id="line-2">' in answer.text


def test_what_was_sent_is_text_on_the_page(served: httpx.Client) -> None:
    hostile = '</textarea><img src=x onerror=alert(1)>"><script>alert(1)</script>'
    body = f"""{ELM}<https://park.example/tree/x> a park:Tree ; park:height "1,5" ;
        <http://www.w3.org/2000/01/rdf-schema#label> {json.dumps(hostile)} ."""
    for given in ({"text": (None, body)}, {"file": (hostile + ".ttl", body)}, {"text": (None, hostile)}):
        answer = page(served, files=given)
        assert "<img" not in answer.text
        assert "<script" not in answer.text


PART = b'--a\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n'
PARTS = b"".join(PART % i for i in range(100)) + b"--a--"


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=a"),
        (b"--a\r\nContent-Disposition: form-data\r\n\r\nx\r\n--a--", "multipart/form-data; boundary=a"),
        (b"text=%ff%fe", "application/x-www-form-urlencoded"),
        (b"&".join([b"a=1"] * 5000), "application/x-www-form-urlencoded"),
        (PARTS, "multipart/form-data; boundary=a"),
    ],
    ids=["no boundary", "no part", "no name", "no UTF-8", "fields", "parts"],
)  # fmt: skip
def test_malformed_forms_are_refused(content: bytes, media: str, served: httpx.Client) -> None:
    answer = served.post("/validate", content=content, headers={"Content-Type": media, "Accept": "text/html"})
    assert answer.status_code == 400
    assert "Traceback" not in answer.text


def test_an_empty_form_is_told(served: httpx.Client) -> None:
    answer = page(served, files={"text": (None, ""), "file": ("", b"")})
    assert answer.status_code == 400
    assert "empty" in answer.text


@pytest.mark.parametrize(
    ("text", "name", "syntax"),
    [
        ("PREFIX a: <urn:> a:b a a:c .", "", "turtle"),
        ("# note\n@prefix a: <urn:> .\na:g { a:b a a:c }", "", "trig"),
        ('<urn:a> <urn:b> "x y"@en <urn:g> .', "", "nquads"),
        ("<urn:a> <urn:b> <urn:c> .", "", "turtle"),
        ('[{"@id": "urn:a"}]', "", "jsonld"),
        ("[ a <urn:c> ] .", "", "turtle"),
        ("<?xml version='1.0'?><x/>", "", "rdfxml"),
        ("<urn:a> <urn:b> <urn:c> .", "a.NQ", "nquads"),
        ("." + " " * 100_000, "", "turtle"),
    ],
)
def test_the_syntax_is_guessed(text: str, name: str, syntax: str) -> None:
    assert guessed(text.encode(), name).name == syntax


def test_a_long_text_is_shown_around_its_marks() -> None:
    lines = [str(number) for number in range(1, 1001)]
    numbers = [line.number for line in sources.shown(lines, [500, 1000, 5000])]
    assert numbers == [0, *range(497, 504), 0, *range(997, 1001)]
    assert sources.shown(lines, [])[0].number == 1
    assert len(sources.shown(lines, range(1, 1001))) <= 402


def test_edits_are_shown_as_lines_that_go_and_come() -> None:
    lines = ["a b", "c d", "e f"]
    edits = [{"from": [2, 3], "to": [2, 4], "text": "x\ny"}, {"from": [1, 1], "to": [1, 2], "text": "A"}]
    assert sources.difference(lines, edits) == [
        ("-", "a b"),
        ("-", "c d"),
        ("+", "A b"),
        ("+", "c x"),
        ("+", "y"),
    ]
    assert sources.difference(lines, [{"from": [9, 1], "to": [9, 1], "text": ""}]) == []
