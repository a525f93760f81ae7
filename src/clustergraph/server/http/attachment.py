"""The names under which browsers keep what they download."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal
from urllib.parse import quote, urlsplit

# Characters of a part of a name, and of all of them.
_PART, _WHOLE = 40, 160


def file_name(parts: Iterable[str], ending: str) -> str:
    """A name for a file made of what tells it from others, with its ending.

    >>> file_name(["clustergraph", "turtle", "area:hamamatsu", ""], ".ttl")
    'clustergraph-turtle-area-hamamatsu.ttl'
    """
    plain = (re.sub(r"[^\w.]+", "-", part).strip("-.")[:_PART] for part in parts)
    return "-".join(filter(None, plain))[:_WHOLE] + ending


def last_part(iri: str) -> str:
    """What a thing or a dataset is called in short: the end of its IRI.

    >>> last_part("https://example.org/graph/"), last_part("urn:clustergraph:"), last_part("tree:plum")
    ('graph', 'clustergraph', 'tree:plum')
    """
    if "://" in iri:
        parts = urlsplit(iri.strip("<>"))
        return (parts.fragment or parts.path.rstrip("/")).rpartition("/")[2] or parts.netloc
    return iri.rstrip(":").rpartition(":")[2] if iri.startswith("urn:") else iri


def disposition(name: str, kind: Literal["attachment", "inline"] = "attachment") -> str:
    """The Content-Disposition for a file of this name (RFC 6266)."""
    plain = name.encode("ascii", "replace").decode().replace("?", "-").replace('"', "-")
    encoded = "" if name.isascii() else f"; filename*=UTF-8''{quote(name)}"
    return f'{kind}; filename="{plain}"{encoded}'
