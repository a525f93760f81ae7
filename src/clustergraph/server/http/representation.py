"""Answers as HTTP responses: validators, caching, and bodies whose end can be verified."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from clustergraph.server.http.media import with_charset
from clustergraph.server.http.protocol import Asked, encoding
from clustergraph.workers.question import Answer

VARY = "Accept, Accept-Language, Accept-Encoding"
# Words that may make an answer differ from call to call. Found in a string or a comment they only
# cost a second evaluation; the outline in the worker decides what is kept.
_VOLATILE = re.compile(r"\b(?:now|rand|uuid|struuid|bnode|service)\b", re.IGNORECASE)
# Shorter texts fit a packet or two as they are.
_SHORT = 1024


def entity_tag(asked: Asked, *made_from: str) -> str:
    """The entity tag of the answer to a question, known before the answer is.

    It names what the answer is made from: the versions of data and files, settings and release included.
    """
    identity = (*made_from, asked.question, asked.table, asked.graph)
    return tag_of(repr(identity).encode("utf-8", "replace"))


def not_modified(request: Request, asked: Asked, tag: str) -> Response | None:
    """304 where the client has this very representation; None for any other request.

    It costs no evaluation: nobody knows the tag who has not had the answer.
    """
    if not has(request, tag) or _VOLATILE.search(asked.question.text):
        return None
    return Response(status_code=304, headers=_validated(tag))


def text_response(request: Request, content: bytes, media: str) -> Response:
    """A small text that the server itself makes, with its validator; 304 where the client has it."""
    coding = encoding(request) if len(content) > _SHORT else ""
    if coding:
        content = gzip.compress(content, compresslevel=6, mtime=0)
    headers = _validated(tag_of(content))
    if has(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if coding:
        headers["Content-Encoding"] = coding
    return Response(content, headers=headers | {"Content-Type": with_charset(media)})


def represent(
    request: Request, answer: Answer, asked: Asked, tag: str, headers: dict[str, str] | None = None
) -> Response:
    """The response that carries an answer, with its length."""
    media = asked.table if answer.form in {"SELECT", "ASK"} else asked.graph
    assert media is not None  # the worker refuses what cannot be written
    # A graph may come with other labels of blank nodes, or in another order: it is the same graph.
    weak = "W/" if answer.form in {"CONSTRUCT", "DESCRIBE"} else ""
    head = {"Content-Type": with_charset(media), "Server-Timing": _took("engine", answer)} | (headers or {})
    return _carry(request, answer, None if answer.volatile else weak + tag, head)


def represent_done(
    request: Request, answer: Answer, tag: str | None, headers: dict[str, str] | None = None
) -> Response:
    """The response that carries what a task wrote; without a tag it is not to be kept."""
    media = with_charset(answer.format)
    head = {"Content-Type": media, "Server-Timing": _took("task", answer)} | (headers or {})
    return _carry(request, answer, tag, head)


def _carry(request: Request, answer: Answer, tag: str | None, head: dict[str, str]) -> Response:
    """The response with the bytes of an answer, or with none where only its head is asked for."""
    head |= {"Content-Length": str(answer.size), "Vary": VARY}
    head |= {"Cache-Control": "no-store"} if tag is None else {"Cache-Control": "no-cache", "ETag": tag}
    if answer.encoding:
        head["Content-Encoding"] = answer.encoding
    if request.method == "HEAD":
        answer.close()
        return Response(headers=head)
    if answer.file is not None:
        return StreamingResponse(_pieces(answer), headers=head)
    return Response(answer.body, headers=head)


def kept_response(tag: str, headers: dict[str, str], content: bytes | None) -> Response:
    """What is known by a tag that was made before it, such as a page; 304 where there is no content."""
    if content is None:
        return Response(status_code=304, headers=_validated(tag) | headers)
    return Response(content, headers=_validated(tag) | headers)


def tag_of(content: bytes) -> str:
    """The entity tag made of these bytes."""
    return '"' + hashlib.blake2b(content, digest_size=16).hexdigest() + '"'


def has(request: Request, tag: str) -> bool:
    """Whether the client says that it has the representation with this tag (RFC 9110 §13.1.2)."""
    known = request.headers.get("if-none-match", "")
    tags = {part.strip().removeprefix("W/") for part in known.split(",")}
    return request.method in {"GET", "HEAD"} and tag in tags


def _validated(tag: str) -> dict[str, str]:
    """The headers of what may be kept, and is asked for again by its tag."""
    return {"ETag": tag, "Vary": VARY, "Cache-Control": "no-cache"}


def _took(what: str, answer: Answer) -> str:
    """The time that an answer took, for Server-Timing, which has milliseconds."""
    return f"{what};dur={answer.seconds * 1000:.2f}"


async def _pieces(answer: Answer) -> AsyncIterator[bytes]:
    # The file is in the page cache; a thread for each piece would cost more than the read.
    try:
        for piece in answer.chunks():
            yield piece
    finally:
        answer.close()
