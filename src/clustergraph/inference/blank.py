"""Blank nodes as IRIs of our own while rules run: SPARQL cannot name a blank node.

Skolemisation (RDF 1.1 Concepts §3.5), undone on the way out.
"""

from __future__ import annotations

import re
from typing import IO

from clustergraph.terms import BlankNode, NamedNode, Term, Triple

_AT_ONCE = 1 << 20

PREFIX = "urn:x-clustergraph:blank:"

# In N-Triples a blank node is the first word of a line or the last before the dot; a literal never
# ends in a way that looks like one.
_SUBJECT = re.compile(rb"^_:([^ ]+) ", re.MULTILINE)
_OBJECT = re.compile(rb" _:([^ ]+) \.$", re.MULTILINE)


def name(term: Term) -> Term:
    """`term`, or the IRI that stands for it where it is a blank node."""
    return NamedNode(PREFIX + term.value) if isinstance(term, BlankNode) else term


def unname(term: Term) -> Term:
    """`term`, or the blank node that it stands for."""
    if isinstance(term, NamedNode) and term.value.startswith(PREFIX):
        return BlankNode(term.value.removeprefix(PREFIX))
    return term


def name_all(triple: Triple) -> Triple:
    """`triple` with IRIs for its blank nodes."""
    subject, object = name(triple.subject), name(triple.object)
    return Triple(subject, triple.predicate, object)  # type: ignore[arg-type]  # a subject stays one


def unname_all(triple: Triple) -> Triple | None:
    """`triple` with its blank nodes again; None where its predicate would be one, which is no RDF."""
    if triple.predicate.value.startswith(PREFIX):
        return None
    subject, object = unname(triple.subject), unname(triple.object)
    return Triple(subject, triple.predicate, object)  # type: ignore[arg-type]  # a subject stays one


class NamedLines:
    """A file of N-Triples to read from, with IRIs for blank nodes."""

    def __init__(self, lines: IO[bytes]) -> None:
        self._lines = lines
        self._ready = memoryview(b"")

    def read(self, size: int) -> bytes:
        """At most `size` bytes, none at the end."""
        if not self._ready:
            self._ready = memoryview(name_lines(self._lines.read(_AT_ONCE) + self._lines.readline()))
        taken, self._ready = self._ready[:size], self._ready[size:]
        return bytes(taken)


def name_lines(text: bytes) -> bytes:
    """N-Triples with IRIs for blank nodes."""
    if b"_:" not in text:
        return text
    prefix = PREFIX.encode()
    return _OBJECT.sub(rb" <%b\1> ." % prefix, _SUBJECT.sub(rb"<%b\1> " % prefix, text))
