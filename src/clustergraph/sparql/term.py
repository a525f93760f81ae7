"""A term as a user writes it on a command line or in a URL: Turtle's syntax, or a bare IRI."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pyoxigraph as ox

from clustergraph.errors import QuerySyntaxError
from clustergraph.sparql.query import unescape_iri
from clustergraph.sparql.terminals import Kind, Token, tokens
from clustergraph.terms import RDF, XSD, Literal, NamedNode, Term, expand

# Any other scheme would hide a prefix that is not known.
_ABSOLUTE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|urn:)[^\s<>\"{}|^`\\]+")


def read_term(text: str, prefixes: Mapping[str, str]) -> Term:
    """The term that `text` writes: `<iri>`, `iri`, `pre:name`, `a`, a literal, a number, a truth value.

    Raises QuerySyntaxError for anything else, also for a prefix that is not known.
    """
    expanded = expand(text, prefixes)
    if expanded is None and _ABSOLUTE.fullmatch(text):
        return NamedNode(text)
    term = _term(list(tokens(text, turtle=True)), prefixes)
    if term is None:
        raise QuerySyntaxError(f"expected an IRI, a prefixed name or a literal in Turtle, got {text!r}")
    return term


def _term(found: Sequence[Token], prefixes: Mapping[str, str]) -> Term | None:
    if found and found[0].kind is Kind.STRING:
        return _literal(found[0], found[1:], prefixes)
    if found and found[-1].kind is Kind.NUMBER:
        sign = "".join(token.text for token in found[:-1])
        return _number(sign + found[-1].text) if sign in {"", "+", "-"} else None
    if len(found) != 1:
        return None
    if found[0].text in {"true", "false"}:
        return Literal(found[0].text, datatype=XSD.boolean)
    return RDF.type if found[0].text == "a" else _iri(found[0], prefixes)


def _literal(string: Token, rest: Sequence[Token], prefixes: Mapping[str, str]) -> Literal | None:
    # The token is a whole string and nothing else, so that it can be read in a document of one triple.
    triple = next(ox.parse(f"<x:s> <x:p> {string.text} .", ox.RdfFormat.TURTLE)).triple
    assert isinstance(triple.object, Literal)
    value = triple.object.value
    if not rest:
        return Literal(value)
    if len(rest) == 1 and rest[0].kind is Kind.LANGUAGE:
        return Literal(value, language=rest[0].text[1:].lower())
    datatype = _iri(rest[1], prefixes) if len(rest) == 2 and rest[0].text == "^^" else None
    return None if datatype is None else Literal(value, datatype=datatype)


def _iri(token: Token, prefixes: Mapping[str, str]) -> NamedNode | None:
    if token.kind is Kind.IRI:
        return NamedNode(unescape_iri(token.text[1:-1]))
    if token.kind is not Kind.PREFIXED_NAME:
        return None
    expanded = expand(token.text.replace("\\", ""), prefixes)
    if expanded is None:
        raise QuerySyntaxError(f"the prefix of {token.text!r} is not known")
    return NamedNode(expanded)


def _number(text: str) -> Literal:
    if "e" in text.lower():
        return Literal(text, datatype=XSD.double)
    return Literal(text, datatype=XSD.decimal if "." in text else XSD.integer)
