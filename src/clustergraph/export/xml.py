"""RDF/XML, subject by subject."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from clustergraph.export.rows import Row, Rows, by_subject, merge
from clustergraph.export.text import RDF_TYPE, STRING, is_blank, is_iri, is_literal, literal_parts
from clustergraph.terms import RDF

_NAME = r"[A-Za-z_À-ÖØ-öø-˿Ͱ-ͽͿ-῿\u3001-\uD7FF][\w.·-]*"
_SPLIT = re.compile(rf"(.*?)({_NAME})", re.DOTALL)
_NCNAME = re.compile(_NAME)
# What XML 1.0 has no way to write, not even as a reference.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_rdfxml(rows: Iterable[Row], out: BinaryIO, prefixes: Mapping[str, str]) -> None:
    """Write the RDF merge of the graphs of the rows as RDF/XML.

    A triple that RDF/XML cannot carry is left out: a predicate that ends in no XML name, a character
    that XML forbids, a triple term.
    """
    merged = Rows(merge(rows), by_subject)
    names = _declared({row[1] for row in merged}, prefixes)
    out.write(b'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF')
    for prefix, namespace in sorted(names.items()):
        out.write(f"\n    xmlns:{prefix}={quoteattr(namespace)}".encode())
    out.write(b">\n")
    short = {namespace: prefix for prefix, namespace in names.items()}
    for subject, group in groupby(merged, key=lambda row: row[0]):
        lines = [line for row in _ordered(group) if (line := _property(row, short))]
        if lines:
            about = _node(subject, "about")
            out.write(f"  <rdf:Description {about}>\n".encode())
            out.writelines(f"    {line}\n".encode() for line in lines)
            out.write(b"  </rdf:Description>\n")
    out.write(b"</rdf:RDF>\n")


def _ordered(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row[1] != RDF_TYPE)


def _declared(predicates: set[str], prefixes: Mapping[str, str]) -> dict[str, str]:
    """The prefixes of the namespaces of the predicates, those without one numbered."""
    known = {namespace: prefix for prefix, namespace in sorted(prefixes.items(), reverse=True) if prefix}
    found = {"rdf": str(RDF)}
    namespaces = sorted({split[0] for predicate in predicates if (split := _split(predicate))})
    for namespace in namespaces:
        if namespace == str(RDF):
            continue
        prefix = known.get(namespace, "")
        if not _NCNAME.fullmatch(prefix) or prefix in found:
            prefix = f"ns{len(found)}"
        found[prefix] = namespace
    return found


def _split(predicate: str) -> tuple[str, str] | None:
    """A namespace and an XML name that make up the IRI of a predicate."""
    iri = predicate[1:-1]
    cut = max(iri.rfind("#"), iri.rfind("/"), iri.rfind(":")) + 1
    if _NCNAME.fullmatch(iri, cut):
        return iri[:cut], iri[cut:]
    found = _SPLIT.fullmatch(iri, cut)
    return (iri[:cut] + found[1], found[2]) if found else None


def _node(term: str, kind: str) -> str:
    if is_iri(term):
        return f"rdf:{kind}={quoteattr(term[1:-1])}"
    label = term[2:]
    return f'rdf:nodeID="{label if _NCNAME.fullmatch(label) else "b" + label.encode().hex()}"'


def _property(row: Row, short: Mapping[str, str]) -> str:
    """The element of a row, or nothing where there is none."""
    _, predicate, object, _ = row
    split = _split(predicate)
    if split is None:
        return ""
    name = f"{short[split[0]]}:{split[1]}"
    if is_iri(object) or is_blank(object):
        return f"<{name} {_node(object, 'resource')}/>"
    if not is_literal(object) or "--" in object.rpartition('"')[2]:
        return ""
    value, language, datatype = literal_parts(object)
    if _UNWRITABLE.search(value):
        return ""
    attribute = f' xml:lang="{language}"' if language else ""
    if datatype not in {"", STRING}:
        attribute = f" rdf:datatype={quoteattr(datatype)}"
    # A parser reads any line end as a line feed, but a reference as it is.
    text = escape(value, {"\r": "&#13;"})
    return f"<{name}{attribute}>{text}</{name}>"
