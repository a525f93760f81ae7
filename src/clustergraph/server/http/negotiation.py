"""Content negotiation: what a request accepts, against what there is (RFC 9110 §12)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_ENTRY = re.compile(
    r"\s*(?P<range>[\w!#$&^.+*-]+(?:/[\w!#$&^.+*-]+)?)"
    r"(?P<rest>(?:\s*;\s*[\w-]+\s*=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s;,\"]+))*)\s*"
)
_WEIGHT = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)", re.IGNORECASE)
# More ranges than this say nothing that matters, and take time.
_MOST = 64

Weighted = tuple[tuple[str, float], ...]


@lru_cache(maxsize=256)
def weights(header: str) -> Weighted:
    """The ranges of an Accept header and their weights; what is malformed is passed over.

    >>> weights("text/csv;q=0.5, */*;q=0.1")
    (('text/csv', 0.5), ('*/*', 0.1))
    """
    found = []
    for part in header.split(",")[:_MOST]:
        if entry := _ENTRY.fullmatch(part):
            weight = _WEIGHT.search(entry["rest"])
            found.append((entry["range"].lower(), float(weight[1]) if weight else 1.0))
    return tuple(found)


@lru_cache(maxsize=1024)
def best(header: str | None, offers: tuple[str, ...]) -> str | None:
    """The media type that the header likes best, the first of equals; None where it likes none.

    No header, and an empty one, like everything.
    """
    if not header or not header.strip():
        return offers[0]
    accepted = weights(header)
    ranked = [
        (quality, -place, offer) for place, offer in enumerate(offers) if (quality := _of(offer, accepted))
    ]
    return max(ranked)[2] if ranked else None


def _of(media: str, accepted: Weighted) -> float:
    """The weight of a media type: that of the most specific range which covers it."""
    covering = dict(reversed(accepted))
    kind = media.partition("/")[0]
    for name in (media, f"{kind}/*", "*/*"):
        if name in covering:
            return covering[name]
    return 0.0


def takes_gzip(header: str | None) -> bool:
    """Whether the Accept-Encoding header likes gzip at least as well as plain bytes."""
    if not header:
        return False
    accepted = dict(weights(header))
    gzip = accepted.get("gzip", accepted.get("x-gzip", accepted.get("*", 0.0)))
    return gzip > 0 and gzip >= accepted.get("identity", 0.0)


def language(header: str | None, offers: Iterable[str]) -> str | None:
    """The language among the offers that the Accept-Language header likes best, or None.

    A range covers what begins with it: `ja` covers `ja-Hira`, and `ja-JP` falls back to `ja`.
    """
    if not header:
        return None
    known = {offer.lower(): offer for offer in offers}
    for name, weight in sorted(weights(header), key=lambda entry: -entry[1]):
        if weight == 0:
            continue
        for tag in (name, name.partition("-")[0]):
            if tag in known:
                return known[tag]
    return None
