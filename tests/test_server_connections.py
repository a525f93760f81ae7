"""Connections: those that are slow, endless or too many, and those that want to speak something else."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from clustergraph.server import Bounds
from serving import listening

SERVED = Path(__file__).parent / "served"
GET = b"GET /queries/trees HTTP/1.1\r\nHost: a\r\n\r\n"
LARGE = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } LIMIT 100000"
BOUNDS = Bounds(connections=6, head_seconds=0.3, stall=0.4, idle=1)


@pytest.fixture(scope="module")
def address(own_cache: None) -> Iterator[tuple[str, int]]:
    """Where a service with narrow bounds listens."""
    with listening(SERVED, bounds=BOUNDS) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        yield host, int(port)


def said(connection: socket.socket) -> bytes:
    """All that comes until the server leaves."""
    connection.settimeout(5)
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    return answer


def status(answer: bytes) -> int:
    return int(answer[9:12])


def is_well(address: tuple[str, int]) -> bool:
    return httpx.get(f"http://{address[0]}:{address[1]}/queries/trees").status_code == 200


def test_a_head_that_does_not_come_is_not_waited_for(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as slow, socket.create_connection(address) as silent:
        started = time.monotonic()
        slow.sendall(GET[:20])
        assert status(said(slow)) == 408
        assert said(silent) == b""
        assert time.monotonic() - started < 8


def test_a_head_that_drips_is_not_waited_for(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as slow:
        slow.sendall(GET)
        slow.recv(65536)
        try:
            for byte in GET * 3:
                slow.sendall(bytes([byte]))
                time.sleep(0.02)
            pytest.fail("it was waited for")
        except ConnectionError:
            pass
    assert is_well(address)


def test_connections_that_idle_make_room(address: tuple[str, int]) -> None:
    with ExitStack() as stack:
        for _ in range(BOUNDS.connections * 3):
            stack.enter_context(socket.create_connection(address))
            assert is_well(address)


def test_where_all_are_at_work_one_more_is_503(address: tuple[str, int]) -> None:
    with ExitStack() as stack:
        for _ in range(BOUNDS.connections):
            taken = stack.enter_context(socket.create_connection(address))
            taken.sendall(b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
        time.sleep(0.1)
        with socket.create_connection(address) as more:
            head, _, body = said(more).partition(b"\r\n\r\n")
        assert status(head) == 503
        assert b"retry-after" in head
        assert json.loads(body)["status"] == 503
    time.sleep(0.1)
    assert is_well(address)


def test_a_client_that_does_not_read_is_left(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as deaf:
        text = LARGE.replace(" ", "%20")
        deaf.sendall(f"GET /sparql?query={text} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        head = deaf.recv(1000)
        assert status(head) == 200
        time.sleep(1.5)
        whole = int(head.lower().partition(b"content-length: ")[2].split()[0])
        received = 0
        with suppress(ConnectionError):
            while piece := deaf.recv(1 << 20):
                received += len(piece)
        assert received < whole
    assert is_well(address)


def test_a_body_that_nobody_asked_for_does_not_hold_the_connection(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as endless:
        endless.sendall(b"PUT /queries HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert status(endless.recv(65536)) == 405
        started = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - started < 10:
                endless.sendall(b"1\r\na\r\n")
                time.sleep(0.02)
        assert time.monotonic() - started < 8


def test_requests_one_after_the_other_in_one_go_are_all_answered(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as pipelined:
        pipelined.sendall(GET * 3 + b"nonsense\r\n\r\n")
        answer = said(pipelined)
    # What is no HTTP is seen while the first one is answered; nothing is written into its answer.
    assert answer.count(b"HTTP/1.1 ") in {1, 2, 3, 4}
    with socket.create_connection(address) as pipelined:
        pipelined.sendall(GET * 2 + GET.replace(b"Host: a", b"Host: a\r\nConnection: close"))
        assert said(pipelined).count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize("host", [b"", b"Host: a\r\nHost: b\r\n"])
def test_one_host_is_asked(address: tuple[str, int], host: bytes) -> None:
    with socket.create_connection(address) as unclear:
        unclear.sendall(GET.replace(b"Host: a\r\n", host))
        head, _, body = said(unclear).partition(b"\r\n\r\n")
    assert status(head) == 400
    assert "one Host header" in json.loads(body)["detail"]


def test_an_old_client_may_ask_without_a_host(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as old:
        old.sendall(b"GET /queries/trees HTTP/1.0\r\n\r\n")
        assert status(said(old)) == 200


def test_an_address_may_be_as_it_is_read(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as plain:
        ask = (
            "GET /search?q=古松 HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
        )
        plain.sendall(ask.encode())
        answer = said(plain)
    assert status(answer) == 200
    assert "古松".encode() in answer


@pytest.mark.parametrize("other", [b"websocket", b"h2c", b"spdy/3"])
def test_no_other_protocol_is_spoken(address: tuple[str, int], other: bytes) -> None:
    more = b"Connection: Upgrade\r\nUpgrade: %b\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" % other
    with socket.create_connection(address) as client:
        client.sendall(GET[:-2] + more + b"Sec-WebSocket-Version: 13\r\n\r\n\x81\x05hello")
        answer = said(client)
    assert status(answer) == 200
    assert b"connection: close" in answer
    assert b"switching" not in answer.lower()
