"""Errors as RFC 9457 problem details: one table from the tree of errors to HTTP statuses."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from clustergraph import errors
from clustergraph.errors import ClusterGraphError, LimitError
from clustergraph.server.http.media import PROBLEM
from clustergraph.server.http.record import record_of

# The nearest class in an error's ancestry decides.
STATUSES: dict[type[ClusterGraphError], int] = {
    ClusterGraphError: 500,
    errors.FolderError: 500,
    errors.QueryError: 400,
    errors.UnknownQueryError: 404,
    errors.SavedQueryError: 500,
    errors.ArgumentError: 422,
    errors.StoreError: 500,
    errors.EndpointError: 502,
    errors.LimitError: 503,
    errors.OntologyError: 500,
    errors.ShapesError: 422,
    errors.ExportError: 500,
    errors.UnknownProfileError: 404,
    errors.MissingLibraryError: 501,
    errors.UploadError: 400,
    errors.FormatError: 406,
    errors.UsageError: 400,
}
_RETRY_AFTER = {"queue": "1", "share": "1", "worker": "1", "time": "30", "memory": "30"}
# Characters of what a request says that an error says back.
_MOST = 200

_log = logging.getLogger("clustergraph.server")


def status_of(error: ClusterGraphError) -> int:
    """The HTTP status of an error."""
    return next(STATUSES[cls] for cls in type(error).__mro__ if cls in STATUSES)


def short(text: str) -> str:
    """The beginning of a long text that a request brought, with its length; others as they are.

    >>> short("a" * 1000)[-23:]
    'aaa… (1,000 characters)'
    """
    return text if len(text) <= _MOST else f"{text[:_MOST]}… ({len(text):,} characters)"


def problem(
    status: int, detail: str, *, headers: dict[str, str] | None = None, **members: object
) -> Response:
    """A problem details response; `members` are what a program may want to know besides."""
    phrase = HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": phrase, "status": status, "detail": detail} | members
    return Response(
        json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"),
        status_code=status,
        media_type=PROBLEM,
        headers={"Cache-Control": "no-store"} | (headers or {}),
    )


async def on_error(request: Request, error: Exception) -> Response:
    """The response to an error of our own tree: its message, and its data by name."""
    assert isinstance(error, ClusterGraphError)
    status = status_of(error)
    if status == 500:
        _log.error("%s %s: %s", request.method, request.url.path, error)
    headers = {}
    if isinstance(error, LimitError) and error.limit in _RETRY_AFTER:
        headers["Retry-After"] = _RETRY_AFTER[error.limit]
    members = {name: member for name, member in error.members().items() if member not in (None, "", [])}
    for name in {"argument", "parameter", "query"} & members.keys():
        members[name] = short(str(members[name]))
    # A path of the server's disk is no business of its clients.
    members.pop("path", None)
    kind = type(error).__name__.removesuffix("Error")
    record_of(request).refusal = short(str(error))
    return problem(status, str(error), headers=headers, **({"error": kind} | members))


async def on_http_exception(request: Request, error: Exception) -> Response:
    """The response to what is wrong with the request as HTTP."""
    assert isinstance(error, HTTPException)
    detail = error.detail
    if error.status_code == 404 and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = f"there is nothing at {short(request.url.path)}"
    record_of(request).refusal = short(detail)
    return problem(error.status_code, detail, headers=dict(error.headers or {}))


async def on_fault(request: Request, error: Exception) -> Response:
    """The response to an error that nobody foresaw; the log has its traceback, the client none."""
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    record_of(request).refusal = type(error).__name__
    return problem(500, "the server failed; its log says why")
