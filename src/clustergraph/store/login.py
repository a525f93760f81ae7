"""How a request shows its credentials: at once, or as a service that wants a digest asks for it."""

from __future__ import annotations

from collections.abc import Generator

import httpx

from clustergraph.store.credentials import Credentials


class Login(httpx.Auth):
    """Sends a token or a user and password; answers a challenge for a digest (RFC 7616), as Virtuoso's.

    A request that was answered by a challenge was not carried out, so that it may be sent again.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._digest: httpx.DigestAuth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """As httpx says."""
        if self._digest is None:
            request.headers["Authorization"] = self._credentials.authorization
            response = yield request
            challenge = response.headers.get("WWW-Authenticate", "").strip().lower()
            if response.status_code != httpx.codes.UNAUTHORIZED or not challenge.startswith("digest"):
                return
            if not self._credentials.user:
                return
            del request.headers["Authorization"]
            self._digest = httpx.DigestAuth(self._credentials.user, self._credentials.password)
        yield from self._digest.auth_flow(request)
