"""The prefixes that a graph uses, so that what is written declares these and no others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from clustergraph.terms import RDF, XSD, Literal, NamedNode, Triple

BARE = {
    XSD.boolean.value: re.compile(r"true|false"),
    XSD.integer.value: re.compile(r"[+-]?[0-9]+"),
    XSD.decimal.value: re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD.double.value: re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+"),
}
"""How literals are spelt that Turtle writes without quotes and datatype, by the IRI of that."""

_TEXTS = {RDF.langString, XSD.string}


def used_prefixes(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Those of the prefixes that terms of the triples begin with, by name.

    Each term counts for its longest namespace, as it is written; of two names of one namespace the first
    is taken.
    """
    names: dict[str, str] = {}
    for prefix, namespace in prefixes.items():
        names.setdefault(namespace, prefix)
    if not names:
        return {}
    longest = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
    found: set[str] = set()
    seen: set[NamedNode] = set()
    for triple in triples:
        for iri in _iris(triple):
            if iri not in seen:
                seen.add(iri)
                if match := longest.match(iri.value):
                    found.add(match[0])
    return {name: namespace for namespace, name in names.items() if namespace in found}


def _iris(triple: Triple) -> Iterator[NamedNode]:
    """The IRIs of a triple that a prefix may shorten."""
    if triple.predicate != RDF.type:  # written as `a`
        yield triple.predicate
    for term in (triple.subject, triple.object):
        if isinstance(term, NamedNode):
            yield term
        elif isinstance(term, Triple):
            yield from _iris(term)
        elif isinstance(term, Literal) and term.datatype not in _TEXTS:
            bare = BARE.get(term.datatype.value)
            if bare is None or not bare.fullmatch(term.value):
                yield term.datatype
