"""Requests to a remote service: time limits, retries, redirects, and what comes back judged."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from clustergraph.errors import EndpointError, StoreError
from clustergraph.store.credentials import EXPECTED, Credentials

if TYPE_CHECKING:
    import httpx

_REDIRECTS = 3
_LONGEST_PAUSE = 5.0
# Answers that say "not now": the service did not begin, or a proxy lost it. A 500 would fail again.
_PASSING = {429, 502, 503, 504}
_PORTS = {"http": 80, "https": 443}
# How long a service may take for one answer.
SECONDS = 60.0
# Bytes of an answer that are held in memory; beyond them it lies in a file without a name.
HELD = 16 << 20
# What Virtuoso says beside an answer of which it left out rows, or which it gave before its end.
_ROW_LIMIT = "X-SPARQL-MaxRows"
_STATE = "X-SQL-State"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for a whole request, how often a read is tried, the first pause, and bytes of a body."""

    seconds: float = SECONDS
    attempts: int = 3
    pause: float = 0.2
    size: int = 16 << 30


class Body(SpooledTemporaryFile[bytes]):
    """Bytes in memory or, where they are many, on disk; whoever lets go of them last closes them."""

    def __del__(self) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete response; `media_type` is in lower case and without parameters.

    `row_limit` is the number of rows beyond which the service left them out, None where it says
    nothing of a limit.
    """

    status: int
    media_type: str
    engine: str
    body: BinaryIO
    row_limit: int | None = None

    @property
    def excerpt(self) -> str:
        """The first line of a plain text, to be quoted in a message."""
        if self.media_type != "text/plain":
            return ""
        self.body.seek(0)
        lines = self.body.read(1000).decode("utf-8", "replace").strip().splitlines()
        return "".join(filter(str.isprintable, lines[0][:200])) if lines else ""

    def tail(self, size: int = 400) -> bytes:
        """The last bytes of the body."""
        end = self.body.seek(0, 2)
        self.body.seek(max(0, end - size))
        return self.body.read()


class _PassingError(Exception):
    """What may succeed when it is tried again, after `pause` seconds at least.

    `arrived` says whether the service may have got the request.
    """

    def __init__(self, problem: str, pause: float = 0.0, *, arrived: bool = True) -> None:
        self.problem = problem
        self.pause = pause
        self.arrived = arrived
        super().__init__(problem)


class _TimeError(EndpointError):
    """There was no whole answer in time: to try again would take as long."""


class Transport:
    """Sends forms by POST to one service, and nothing to any other."""

    def __init__(self, limits: Limits, credentials: Credentials | None) -> None:
        self._limits = limits
        self._credentials = credentials
        self._is_closed = False

    def read(self, endpoint: str, form: Mapping[str, object], accept: str) -> Answer:
        """The answer to a request that changes nothing, tried again where the fault may pass.

        Raises EndpointError for whatever is no answer of a SPARQL service; status 400 is one.
        """
        pause = self._limits.pause
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return self._send(endpoint, form, accept)
            except _PassingError as fault:
                if attempt == self._limits.attempts:
                    problem = f"{fault.problem} ({attempt} times)"
                    raise EndpointError(endpoint, problem, "a SPARQL endpoint that answers") from fault
                time.sleep(min(max(pause, fault.pause), _LONGEST_PAUSE))
                pause *= 2
        raise AssertionError("at least one attempt is made")

    def write(self, endpoint: str, form: Mapping[str, object]) -> Answer:
        """The answer to a request that changes the graph: sent once, whatever happens.

        An error says what is known of the update: that it was not made, or that it may have been.
        """
        try:
            return self._send(endpoint, form, "*/*")
        except _PassingError as fault:
            known = "may or may not have been made" if fault.arrived else "was not sent"
            expected = f"an update endpoint that answers; the update {known}"
            raise EndpointError(endpoint, fault.problem, expected) from fault
        except _TimeError as fault:
            expected = "an answer in time; the update may or may not have been made"
            raise EndpointError(endpoint, fault.problem, expected) from fault

    def close(self) -> None:
        """Let go of the connections."""
        if "_client" in self.__dict__:
            self._client.close()
        self._is_closed = True

    def __del__(self) -> None:
        # A store is not always closed by who opened it.
        self.close()

    @cached_property
    def _client(self) -> httpx.Client:
        # Imported here: httpx takes 0.1 s, and most commands open no remote service.
        import httpx  # noqa: PLC0415

        seconds = self._limits.seconds
        timeout = httpx.Timeout(seconds, connect=min(seconds, 10.0))
        headers = {"User-Agent": "clustergraph"}
        return httpx.Client(timeout=timeout, headers=headers, auth=self._login(), follow_redirects=False)

    def _login(self) -> httpx.Auth | None:
        if self._credentials is None:
            return None
        # Here for the same reason.
        from clustergraph.store.login import Login  # noqa: PLC0415

        return Login(self._credentials)

    def _send(self, endpoint: str, form: Mapping[str, object], accept: str) -> Answer:
        import httpx  # noqa: PLC0415  # as above

        if self._is_closed:
            raise StoreError(f"the connection to {endpoint} is closed")
        deadline = time.monotonic() + self._limits.seconds
        url = httpx.URL(endpoint)
        try:
            for _ in range(_REDIRECTS + 1):
                with self._client.stream(
                    "POST", url, data=dict(form), headers={"Accept": accept}
                ) as response:
                    if not response.has_redirect_location:
                        return self._judged(endpoint, response, deadline)
                    url = _redirected(endpoint, url, response)
        except httpx.TimeoutException as error:
            if isinstance(error, httpx.ConnectTimeout):
                raise _PassingError("cannot be reached: no connection in time", arrived=False) from error
            raise self._late(endpoint) from error
        except httpx.UnsupportedProtocol as error:
            raise EndpointError(endpoint, "is no web address", "http://… or https://…") from error
        except httpx.TransportError as error:
            if isinstance(error, httpx.ConnectError):
                raise _PassingError(f"cannot be reached: {error}", arrived=False) from error
            raise _PassingError(f"the connection was lost: {error or type(error).__name__}") from error
        except httpx.HTTPError as error:
            raise EndpointError(endpoint, f"answers what cannot be read: {error}", "HTTP/1.1") from error
        raise EndpointError(endpoint, f"redirects more than {_REDIRECTS} times", "an address that answers")

    def _late(self, endpoint: str) -> _TimeError:
        problem = f"no whole answer within {self._limits.seconds:g} s"
        return _TimeError(endpoint, problem, "one in time (--endpoint-timeout)")

    def _judged(self, endpoint: str, response: httpx.Response, deadline: float) -> Answer:
        status = response.status_code
        reason = f"{status} {response.reason_phrase}".strip()
        if status in _PASSING:
            raise _PassingError(f"answers {reason}", _seconds(response.headers.get("Retry-After", "")))
        if status in {401, 403}:
            raise EndpointError(endpoint, f"answers {reason}", EXPECTED)
        if response.headers.get(_STATE, "").upper().startswith("S1TAT"):
            problem = "answers with a part of the rows, which it found before its time was over"
            raise EndpointError(endpoint, problem, "whole answers: a service without anytime queries")
        limit = response.headers.get(_ROW_LIMIT, "").strip()
        answer = Answer(
            status,
            response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
            response.headers.get("Server", ""),
            self._body(endpoint, response, deadline),
            int(limit) if limit.isascii() and limit.isdigit() else None,
        )
        if answer.media_type in {"text/html", "application/xhtml+xml"}:
            problem = f"answers with a web page ({reason})"
            raise EndpointError(
                endpoint, problem, "the address of a SPARQL service, not of its page or login"
            )
        if not (response.is_success or status == 400):
            problem = f"answers {reason}" + (f": {answer.excerpt}" if answer.excerpt else "")
            raise EndpointError(endpoint, problem, "a service of SPARQL 1.1 at this address")
        return answer

    def _body(self, endpoint: str, response: httpx.Response, deadline: float) -> BinaryIO:
        """The whole body; raises EndpointError where it is too long in bytes or in time."""
        body = Body(max_size=HELD)
        try:
            for part in response.iter_bytes():
                body.write(part)
                if body.tell() > self._limits.size:
                    problem = f"the answer has more than {self._limits.size} bytes"
                    raise EndpointError(endpoint, problem, "a shorter one")
                if time.monotonic() > deadline:
                    raise self._late(endpoint)
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return cast("BinaryIO", body)


def _redirected(endpoint: str, url: httpx.URL, response: httpx.Response) -> httpx.URL:
    """Where a redirect leads, if a POST may follow it there with its credentials."""
    target = url.join(response.headers["Location"])
    if _origin(target) != _origin(url):
        problem = f"redirects to another origin, {target.scheme}://{target.netloc.decode('ascii')}"
        raise EndpointError(endpoint, problem, "an address that answers itself")
    if response.status_code not in {307, 308}:
        problem = f"redirects with {response.status_code}, after which a POST is no POST"
        raise EndpointError(endpoint, problem, f"the address {target}")
    return target


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme)


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() else 0.0
