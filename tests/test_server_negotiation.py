"""Content negotiation, addresses, and the cache of answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from clustergraph.server.http.address import here
from clustergraph.server.http.cache import Cache
from clustergraph.server.http.negotiation import best, language, takes_gzip
from clustergraph.workers.question import Answer, Question

OFFERS = ("text/turtle", "application/n-triples", "application/ld+json")


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, "text/turtle"),
        ("", "text/turtle"),
        ("*/*", "text/turtle"),
        ("application/*", "application/n-triples"),
        ("text/turtle;q=0.1, application/ld+json;q=0.2", "application/ld+json"),
        ("*/*, text/turtle;q=0", "application/n-triples"),
        ("application/*;q=0.9, application/ld+json;q=0.1", "application/n-triples"),
        ("TEXT/TURTLE", "text/turtle"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        ("text/html", None),
        ("text/turtle;q=0", None),
        (";;;,,,", None),
    ],
)
def test_the_most_specific_range_decides(header: str | None, chosen: str | None) -> None:
    assert best(header, OFFERS) == chosen


@given(st.text(max_size=200))
def test_no_header_is_a_fault(header: str) -> None:
    assert best(header, OFFERS) in {None, *OFFERS}
    assert language(header, ("en", "ja")) in {None, "en", "ja"}
    assert takes_gzip(header) in {True, False}


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("gzip;q=0", False),
        ("br, *", True),
        ("identity, gzip;q=0.5", False),
    ],
)
def test_gzip_is_taken_where_it_is_liked(header: str | None, taken: bool) -> None:
    assert takes_gzip(header) is taken


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        (None, None),
        ("ja", "ja"),
        ("ja-JP, en;q=0.5", "ja"),
        ("fr, en;q=0.1", "en"),
        ("ja;q=0", None),
        ("de", None),
    ],
)
def test_languages_fall_back_to_their_first_part(header: str | None, spoken: str | None) -> None:
    assert language(header, ("en", "ja")) == spoken


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/kg/queries/木 a?", "https://h.example/kg/queries/%E6%9C%A8%20a%3F"),
        ("/kg/", "https://h.example/kg/"),
        ("/kg//evil.example", "https://h.example/kg/evil.example"),
        ("/kg/50%", "https://h.example/kg/50%25"),
    ],
)
def test_the_address_of_a_request_is_what_headers_can_carry(path: str, address: str) -> None:
    scope = {"type": "http", "scheme": "https", "root_path": "/kg", "path": path, "query_string": b"q=1"}
    assert here(Request(scope | {"headers": [(b"host", b"h.example")]})) == address


def _answer(body: bytes, *, volatile: bool = False) -> Answer:
    return Answer("ASK", "json", "", volatile, 0.0, len(body), body=body)


def test_the_cache_is_bounded_in_bytes_and_keeps_what_was_used_last() -> None:
    cache = Cache(20_000)
    questions = [Question(text=f"ASK {{ {n} }}") for n in range(50)]
    for question in questions:
        cache.keep(question, _answer(bytes(1000)))
        assert cache.find(questions[0]) is not None
        assert cache.size <= 20_000
    assert 5 < len(cache) < 20
    assert cache.find(questions[-1]) is not None
    assert cache.find(questions[1]) is None
    cache.keep(questions[1], _answer(b"", volatile=True))
    cache.keep(questions[2], _answer(bytes(10_000)))
    assert cache.find(questions[1]) is cache.find(questions[2]) is None
    size = cache.size
    cache.keep(questions[-1], _answer(bytes(1000)))
    assert cache.size == size
