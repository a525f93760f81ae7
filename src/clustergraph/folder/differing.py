"""What two contents of a file state differently, found without parsing what they have in common."""

from __future__ import annotations

from dataclasses import dataclass

from clustergraph.errors import GraphSyntaxError
from clustergraph.folder import formats
from clustergraph.folder.files import SourceFile
from clustergraph.folder.parse import BOM, parse_text
from clustergraph.folder.plain import PlainTurtle
from clustergraph.terms import Quad


@dataclass(frozen=True, slots=True)
class Differing:
    """The quads of the statements in which two contents of a file differ, literals as written.

    What else the file states, which both contents do, may be some of the same quads.
    """

    file: SourceFile
    before: tuple[Quad, ...]
    after: tuple[Quad, ...]


def differing(file: SourceFile, before: bytes, after: bytes) -> Differing | None:
    """What differs in the statements of a file; None where these have to be read as a whole.

    The first content is known to parse. So does the second one where the statements do that are given
    back: all others are the same.
    """
    if file.format not in {formats.TURTLE, formats.N_TRIPLES}:
        return None
    try:
        texts = [data.removeprefix(BOM).decode() for data in (before, after)]
    except UnicodeDecodeError:
        return None
    old, new = (PlainTurtle(text, file.graph.value) for text in texts)
    parts = old.apart(new)
    if parts is None:
        return None
    try:
        stated = [tuple(parse_text(file, part.encode())) for part in parts]
    except GraphSyntaxError:
        return None
    return Differing(file, *stated)
