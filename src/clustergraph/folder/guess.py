"""The syntax of what somebody pasted or chose, by the name of a file or by how it begins."""

from __future__ import annotations

import re
from pathlib import PurePath

from clustergraph.folder.formats import FORMATS, JSON_LD, N_QUADS, RDF_XML, TRIG, TURTLE, Format

# Of what anybody may send only the beginning is looked at, by patterns of bounded length.
_LOOKED_AT = 1 << 14
_LINE = 1 << 11
_COMMENTS = re.compile(rb"\A(?:\s++|#[^\n]*+\n)++")
_NODE = rb"(?:<[^<>\s]{0,500}>|_:\w{1,100})"
_NAME = rb"(?:<[^<>\s]{0,500}>|_:\w{1,100}|[\w-]{0,100}:[\w.-]{0,100})"
_TRIPLE = re.compile(rb"\A%s\s+%s\s+%s\s*\.\s*(?:\n|\Z)" % (_NODE, _NODE, _NODE))
_QUAD = re.compile(rb"\A%s\s+%s\s+\S[^\n]*\s%s\s*\.\s*(?:\n|\Z)" % (_NODE, _NODE, _NODE))
_GRAPH = re.compile(rb"(?:\A|[.}\n])\s*+(?:GRAPH\s++)?+%s?+\s*+\{" % _NAME, re.IGNORECASE)


def guessed(data: bytes, name: str = "") -> Format:
    """The syntax that a file name's ending tells, else the one that the text begins like.

    >>> guessed(b'<urn:a> <urn:b> "c" <urn:g> .').name, guessed(b'[ a <urn:c> ] .').name
    ('nquads', 'turtle')
    """
    known = FORMATS.get(PurePath(name).suffix.lower())
    if known is not None:
        return known
    head = _COMMENTS.sub(b"", data[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf"))
    if re.match(rb"<\?xml|<!DOCTYPE|<!--|<(?:\w+:)?RDF\b", head):
        return RDF_XML
    if re.match(rb"\{\s*[\"}]|\[\s*[\"{\]]", head) and not re.match(rb"\[\s*\]\s*[<:\w]", head):
        return JSON_LD
    line = head[:_LINE]
    if _QUAD.match(line) and not _TRIPLE.match(line):
        return N_QUADS
    return TRIG if _GRAPH.search(head) else TURTLE
