"""The prefixes that a graph uses, so that what is written declares these and no others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from clustergraph.terms import RDF, XSD, Literal, NamedNode, Triple

# Literals that Turtle writes without the name of their datatype.
_BARE = {
    RDF.langString: re.compile(""),
    XSD.string: re.compile(""),
    XSD.boolean: re.compile(r"(?:true|false)\Z"),
    XSD.integer: re.compile(r"[+-]?[0-9]+\Z"),
    XSD.decimal: re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"),
    XSD.double: re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+\Z"),
}


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
        elif isinstance(term, Literal):
            bare = _BARE.get(term.datatype)
            if bare is None or not bare.match(term.value):
                yield term.datatype
