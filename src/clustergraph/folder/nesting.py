"""How deep brackets stand within each other in a file, found without parsing it."""

from __future__ import annotations

import re

from clustergraph.errors import GraphSyntaxError
from clustergraph.folder import formats
from clustergraph.folder.files import SourceFile

DEEPEST = 1_000
"""Brackets, or elements of XML, within each other: more are no data that anybody wrote."""

# Strings, IRIs and comments, in which brackets are letters; then the brackets.
_RDF = re.compile(
    rb'"""(?:[^"\\]|\\.|"(?!""))*"""|'
    rb"'''(?:[^'\\]|\\.|'(?!''))*'''|"
    rb'"(?:[^"\\\n]|\\.)*"|'
    rb"'(?:[^'\\\n]|\\.)*'|"
    rb"<[^<>\s]*>|#[^\n]*|[\[({]|[\])}]",
    re.DOTALL,
)
_JSON = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_XML = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|</|<(?=[^?!/])[^>]*?/>|<(?=[^?!/])", re.DOTALL)
_OPEN, _CLOSE = (b"[", b"(", b"{", b"<"), (b"]", b")", b"}", b"</")


def check_nesting(file: SourceFile, data: bytes) -> None:
    """Raise GraphSyntaxError where more than DEEPEST brackets stand within each other."""
    kind = {formats.RDF_XML: _XML, formats.JSON_LD: _JSON}.get(file.format, _RDF)
    if sum(map(data.count, _OPEN)) <= DEEPEST:
        return
    depth = 0
    for found in kind.finditer(data):
        token = found[0]
        if token in _OPEN:
            depth += 1
            if depth > DEEPEST:
                line = data.count(b"\n", 0, found.start()) + 1
                problem = f"expected at most {DEEPEST:,} brackets within each other, found more"
                raise GraphSyntaxError(file.path, line, 1, problem)
        elif token in _CLOSE:
            depth = max(depth - 1, 0)
