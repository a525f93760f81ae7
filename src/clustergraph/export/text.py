"""The parts of a term in N-Triples notation, and the names of IRIs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from clustergraph.errors import QuerySyntaxError
from clustergraph.sparql.terminals import Kind, tokens
from clustergraph.terms import RDF, XSD

RDF_TYPE = f"<{RDF.type.value}>"
FIRST, REST, NIL = (f"<{RDF[name].value}>" for name in ("first", "rest", "nil"))
STRING = str(XSD) + "string"

_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_LETTERS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_-])?")


class LiteralParts(NamedTuple):
    """The value of a literal, its language tag or an empty text, and the IRI of its datatype."""

    value: str
    language: str
    datatype: str


def is_iri(term: str) -> bool:
    """Whether the term is an IRI."""
    return term.startswith("<") and not term.startswith("<<")


def is_blank(term: str) -> bool:
    """Whether the term is a blank node."""
    return term.startswith("_:")


def is_literal(term: str) -> bool:
    """Whether the term is a literal."""
    return term.startswith('"')


def literal_parts(term: str) -> LiteralParts:
    """The parts of a literal.

    >>> literal_parts('"café"@fr')
    LiteralParts(value='café', language='fr', datatype='')
    """
    found = _LITERAL.fullmatch(term)
    assert found is not None  # a term of the engine
    value = _ESCAPE.sub(_character, found[1]) if "\\" in found[1] else found[1]
    return LiteralParts(value, found[2] or "", found[3] or ("" if found[2] else STRING))


def plain(term: str) -> str:
    """What the term says without its notation: an IRI, a blank node's label, a literal's value."""
    if is_iri(term):
        return term[1:-1]
    return literal_parts(term).value if is_literal(term) else term


def local_name(iri: str) -> str:
    """The part of an IRI behind its last `#`, `/` or `:`, or the whole where that is empty."""
    return re.split(r"[#/:]", iri.rstrip("#/:"))[-1] or iri


def _character(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _LETTERS.get(found[3], found[3])


class Names:
    """Compact IRIs by the longest prefix that fits; remembers which prefixes it used."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = sorted(prefixes.items(), key=lambda one: (-len(one[1]), one[0]))
        self._known: dict[str, str] = {}
        self.used: dict[str, str] = {}

    def name(self, term: str) -> str:
        """An IRI in brackets as a compact IRI where a prefix fits, else as it is."""
        if term not in self._known:
            self._known[term] = self._name(term)
        return self._known[term]

    def _name(self, term: str) -> str:
        iri = term[1:-1]
        for prefix, namespace in self._prefixes:
            if namespace and iri.startswith(namespace) and _fits(prefix, iri[len(namespace) :]):
                self.used[prefix] = namespace
                return f"{prefix}:{iri[len(namespace) :]}"
        return term


def _fits(prefix: str, local: str) -> bool:
    if _PLAIN_LOCAL.fullmatch(local):
        return True
    name = f"{prefix}:{local}"
    try:
        found = list(tokens(name, turtle=True))
    except QuerySyntaxError:
        return False
    return len(found) == 1 and found[0].kind is Kind.PREFIXED_NAME and found[0].text == name
