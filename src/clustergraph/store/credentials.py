"""Credentials for a remote service, from the environment or a file; they are never printed."""

from __future__ import annotations

import base64
import netrc
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from clustergraph.errors import EndpointError

TOKEN = "CLUSTERGRAPH_TOKEN"  # noqa: S105  # the name of a variable
USER = "CLUSTERGRAPH_USER"
PASSWORD = "CLUSTERGRAPH_PASSWORD"  # noqa: S105  # the name of a variable
FILE = "CLUSTERGRAPH_CREDENTIALS"
EXPECTED = (
    f"credentials in {TOKEN}, in {USER} and {PASSWORD}, "
    f"or in the netrc file that --credentials or {FILE} names"
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is sent as the Authorization header, and what it was made of; `repr` and `str` show nothing."""

    authorization: str = field(repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def credentials(
    endpoint: str, environment: Mapping[str, str], file: Path | None = None
) -> Credentials | None:
    """The credentials for an endpoint, or None: those in `file`, else from the environment.

    There a bearer token, else a user, else the entry of the file that it names. A file is in netrc's
    syntax (`machine HOST login USER password PASSWORD`) and is asked for the endpoint's host only.
    Raises EndpointError where it cannot be read.
    """
    if file is not None:
        return _entry(endpoint, file, "the file of --credentials")
    if token := environment.get(TOKEN):
        return Credentials(f"Bearer {token}")
    if user := environment.get(USER):
        return _basic(user, environment.get(PASSWORD, ""))
    path = environment.get(FILE)
    return _entry(endpoint, Path(path), f"the file that {FILE} names") if path else None


def _entry(endpoint: str, path: Path, named: str) -> Credentials | None:
    try:
        # Not `authenticators`, which falls back to the entry named `default` for any host.
        entry = netrc.netrc(path).hosts.get(urlsplit(endpoint).hostname or "")
    except (OSError, UnicodeDecodeError, netrc.NetrcParseError) as error:
        # The parser's message holds no more than the file's name, a line and a token's kind.
        raise EndpointError(endpoint, f"{named} cannot be read", "netrc") from error
    return _basic(entry[0], entry[2]) if entry else None


def _basic(user: str, password: str) -> Credentials:
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return Credentials(f"Basic {encoded}", user, password)
