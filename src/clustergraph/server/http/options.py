"""What a request asks of a task: parameters by name, and the media type of its answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request

from clustergraph.errors import ParameterError, near_misses
from clustergraph.server.http import protocol
from clustergraph.server.http.negotiation import best
from clustergraph.server.http.problem import short

# What every task takes besides its own parameters.
SHARED = ("format", "lang", "timeout")


def options(request: Request, known: Iterable[str]) -> dict[str, str]:
    """The parameters of a request by name, empty ones left out.

    Raises ParameterError for one that is neither among the `known` nor shared by all tasks, and for one
    that is given twice.
    """
    names = (*known, *SHARED)
    found: dict[str, str] = {}
    for name, text in protocol.parameters(request.scope["query_string"]):
        if name not in names:
            near = near_misses(name, names)
            raise ParameterError(short(name), expected=f"one of {', '.join(names)}", near=near)
        if name in found:
            raise ParameterError(name, expected="one argument at most", argument=text)
        found[name] = text
    return {name: text for name, text in found.items() if text}


def chosen(request: Request, format: str | None, offers: Mapping[str, str]) -> str:
    """The name of the format that a request takes, of `offers` by name with their media types.

    `format` goes before the Accept header: a name, or a media type. The first offer is the default.
    Raises HTTPException 406 where nothing fits.
    """
    by_media = {media: name for name, media in reversed([*offers.items()])}
    if format is None:
        media = best(protocol.accept(request), tuple(dict.fromkeys(offers.values())))
        if media is not None:
            return by_media[media]
        raise HTTPException(406, f"the answer is written as {', '.join(by_media)}")
    if format in offers:
        return format
    if format in by_media:
        return by_media[format]
    known = ", ".join(offers)
    raise HTTPException(406, f"format: expected one of {known}, or a media type, got {short(format)!r}")


def spoken(given: Mapping[str, str], languages: Iterable[str], otherwise: str) -> str:
    """The language that a request asks for; raises ParameterError for one that there is not."""
    asked, known = given.get("lang", otherwise), tuple(languages)
    if asked not in known:
        raise ParameterError("lang", expected=f"one of {', '.join(known)}", argument=asked)
    return asked
