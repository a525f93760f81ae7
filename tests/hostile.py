"""A service that answers well until it is told to fail: what stands between a client and a real one."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import httpx

from clustergraph.store import Service

JSON = "application/sparql-results+json"


@dataclass
class Fault:
    """What is sent in place of an answer; `raw` in place of all of a response, `cut` of a true one."""

    status: int = 200
    media_type: str = JSON
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    cut: bool = False
    wait: float = 0.0
    carried_out: bool = False
    """Whether the request reaches the real service before the connection is lost."""


FAULTS = {
    "closes": Fault(raw=b""),
    "no HTTP": Fault(raw=b"SSH-2.0-OpenSSH_9.2\r\n"),
    "web page": Fault(body=b"<!DOCTYPE html><form>", media_type="text/html"),
    "login": Fault(401, body=b"who?", media_type="text/plain", headers={"WWW-Authenticate": "Basic"}),
    "elsewhere": Fault(307, headers={"Location": "https://example.com/sparql"}),
    "nowhere": Fault(307, headers={"Location": "http://[::1"}),
    "overloaded": Fault(503, body=b"later", media_type="text/plain"),
    "fails": Fault(500, body=b"no plan for VALUES", media_type="text/plain"),
    "lacks": Fault(400, body=b"property paths are not supported", media_type="text/plain"),
    "empty": Fault(),
    "another": Fault(body=b'{"head":{"vars":["q"]},"results":{"bindings":[]}}'),
    "true": Fault(body=b'{"head":{},"boolean":true}'),
    "table": Fault(body=b"a,b\r\n", media_type="text/csv"),
    "cut": Fault(cut=True),
    "coding": Fault(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
}


class Hostile:
    """A proxy on loopback before a service, which passes everything on until it is told to `fail`."""

    def __init__(self, real: Service) -> None:
        self.real = real
        self.client = httpx.Client(timeout=60)
        self.updates: list[str] = []
        """Those that came since then."""
        self._released = threading.Event()
        self.behave()
        hostile = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hostile._answer(self, body)
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client may go
        address = f"http://127.0.0.1:{self.server.server_port}"
        self.service = replace(real, endpoint=f"{address}/query", update_endpoint=f"{address}/update")

    def behave(self) -> None:
        """Pass everything on from now on."""
        self.fail(None)

    def fail(self, fault: Fault | None, *, requests: int = 0, updates: int = 0) -> None:
        """Fail from now on, but spare so many requests and all before so many updates have come."""
        self._released.set()  # those that wait go on
        self._released = threading.Event()
        self._fault, self._spared = fault, (requests, updates)
        self._requests = 0
        self.updates.clear()

    def _fault_now(self) -> Fault | None:
        requests, updates = self._spared
        return None if self._requests <= requests or len(self.updates) < updates else self._fault

    def _answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        is_update = request.path == "/update"
        if is_update:
            self.updates.append(parse_qs(body.decode())["update"][0])
        self._requests += 1
        fault = self._fault_now()
        if fault is None or fault.cut or fault.carried_out:
            headers = {name: request.headers[name] for name in ("Accept", "Content-Type")}
            at = str(self.real.update_endpoint) if is_update else self.real.endpoint
            answer = self.client.post(at, content=body, headers=headers)
        if fault is None or fault.cut:
            sent = answer.content[: len(answer.content) // 2] if fault else answer.content
            known = {"Content-Type": answer.headers.get("Content-Type", "text/plain")}
            self._send(request, answer.status_code, known, sent)
            return
        self._released.wait(fault.wait)
        if fault.raw is not None or fault.carried_out:
            request.wfile.write(fault.raw or b"")
            request.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(request, fault.status, {"Content-Type": fault.media_type} | fault.headers, fault.body)

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
        request.send_response(status)
        for name, text in headers.items():
            request.send_header(name, text)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


@contextmanager
def hostile(real: Service) -> Iterator[Hostile]:
    """A proxy before a service, as long as the block runs."""
    made = Hostile(real)
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        made.client.close()
        thread.join()


def until(condition: Callable[[], bool], seconds: float = 15) -> bool:
    """Whether a condition came to hold in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
