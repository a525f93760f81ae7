"""Quads with language tags as spelled in the file.

Oxigraph's parsers turn every tag to small letters (`@en-US` to `@en-us`). Equal tags are equal in
any case (RDF 1.1 §3.3), but what is exported or reported is to read as it was written. The capitals
are therefore carried through the parser in a private-use subtag, which no text holds already, and
put back behind it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count

import pyoxigraph as ox

from clustergraph.folder.formats import JSON_LD, RDF_XML, Format
from clustergraph.terms import Literal, Quad

# A tag with a capital behind a quote, in Turtle's family; and as an attribute, in RDF/XML.
_TAG = rb"(?=[a-z0-9-]*[A-Z])([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)(?![A-Za-z0-9])"
_TURTLE_TAG = re.compile(rb"([\"']@)" + _TAG)
_XML_TAG = re.compile(rb"(\bxml:lang\s*=\s*[\"'])" + _TAG)


def quads(format: Format, data: bytes, base: str) -> Iterator[Quad]:
    """What the engine's parser gives for `data`; raises SyntaxError as it does."""
    if format is JSON_LD:
        return _lenient_tags(data, base)
    pattern = _XML_TAG if format is RDF_XML else _TURTLE_TAG
    if not pattern.search(data):
        return iter(ox.parse(input=data, format=format.native, base_iri=base))
    return _carried_tags(format, data, base, pattern)


def literal_in_language(value: str, tag: str) -> Literal:
    """A literal whose language tag keeps its capitals, which the engine's constructor does not."""
    if tag.islower():
        return Literal(value, language=tag)
    document = {"@id": "x:s", "x:p": {"@value": value, "@language": tag}}
    # Only the lenient JSON-LD parser leaves a tag alone.
    parsed = ox.parse(input=json.dumps(document), format=ox.RdfFormat.JSON_LD, lenient=True)
    literal = next(iter(parsed)).object
    assert isinstance(literal, Literal)  # the document says so
    return literal


def _lenient_tags(data: bytes, base: str) -> Iterator[Quad]:
    strict = ox.parse(input=data, format=ox.RdfFormat.JSON_LD, base_iri=base)
    if b"@language" not in data:
        yield from strict
        return
    lenient = ox.parse(input=data, format=ox.RdfFormat.JSON_LD, base_iri=base, lenient=True)
    for quad, spelled in zip(strict, lenient, strict=True):
        in_language = isinstance(spelled.object, Literal) and spelled.object.language
        object = spelled.object if in_language else quad.object
        yield Quad(quad.subject, quad.predicate, object, quad.graph_name)


def _carried_tags(format: Format, data: bytes, base: str, pattern: re.Pattern[bytes]) -> Iterator[Quad]:
    carrier = _Carrier(data)
    try:
        for quad in ox.parse(input=pattern.sub(carrier.carry, data), format=format.native, base_iri=base):
            object = quad.object
            if isinstance(object, Literal) and carrier.may_have_changed(object):
                yield Quad(quad.subject, quad.predicate, carrier.restore(object), quad.graph_name)
            else:
                yield quad
    except SyntaxError:
        # The same error, at its place in the text as it was written.
        for _ in ox.parse(input=data, format=format.native, base_iri=base):
            continue
        raise


class _Carrier:
    """Takes the capitals of tags through the parser, behind a mark that the document does not hold."""

    def __init__(self, data: bytes) -> None:
        self._mark = next(mark for mark in (b"z%d" % n for n in count()) if b"-x-" + mark not in data)
        self._subtag = f"-x-{self._mark.decode()}"
        self._carried = re.compile(rf"([A-Za-z0-9-]+){self._subtag}([0-9a-f]+)")

    def carry(self, found: re.Match[bytes]) -> bytes:
        """What the parser is given for a tag: its capitals are bits of a private subtag."""
        tag = found[2]
        # Private and grandfathered tags take no more subtags; they are rare, and lose their capitals.
        if b"-x-" in tag.lower() or tag[1:2] == b"-":
            return found[0]
        mask = sum(1 << place for place, letter in enumerate(tag.decode()) if letter.isupper())
        subtag = self._mark + b"%x" % mask
        # A subtag has eight places; longer tags than those of any registered language lose capitals.
        return found[1] + tag + (b"-x-" + subtag if len(subtag) <= 8 else b"")

    def may_have_changed(self, literal: Literal) -> bool:
        """Whether the parser may have given the literal with a carried tag."""
        return bool(literal.language) or self._subtag in literal.value

    def restore(self, literal: Literal) -> Literal:
        """The literal as it was written."""
        # A carried tag that stands inside a string was text, whose letters are still its own.
        value = self._carried.sub(lambda found: found[1], literal.value)
        if literal.language is None:
            return Literal(value, datatype=literal.datatype)
        found = self._carried.fullmatch(literal.language)
        tag = _capitals(found[1], int(found[2], 16)) if found else literal.language
        if literal.direction is not None:
            return Literal(value, language=tag, direction=literal.direction)
        return literal_in_language(value, tag)


def _capitals(tag: str, mask: int) -> str:
    return "".join(letter.upper() if mask >> place & 1 else letter for place, letter in enumerate(tag))
