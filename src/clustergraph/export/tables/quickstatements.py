"""Wikidata QuickStatements, version 1: a file for people to review, never to be sent by a program.

It takes triples with properties of Wikidata's `prop/direct/` and items of its `entity/`. A subject
with a `skos:exactMatch` to an item adds to that item, any other creates one. Every statement carries
the addresses of its sources (S854), and every new item the IRI that it is made from (P973).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from clustergraph.export.rows import Row, Rows, by_subject, merge
from clustergraph.export.selection import Selection
from clustergraph.export.text import is_literal, literal_parts, plain
from clustergraph.terms import PROV, RDFS, SKOS, XSD, Literal, NamedNode

_ENTITY = "http://www.wikidata.org/entity/"
_DIRECT = "http://www.wikidata.org/prop/direct/"
_DESCRIBED_AT = "P973"
_SOURCE = "S854"
_LABELS = {RDFS.label.value: "L", SKOS.altLabel.value: "A", SKOS.definition.value: "D"}
# Wikidata's precisions of time: 9 a year, 10 a month, 11 a day.
_DATES = {
    str(XSD) + "gYear": ("+{}-00-00T00:00:00Z/9", r"[0-9]{4}"),
    str(XSD) + "gYearMonth": ("+{}-00T00:00:00Z/10", r"[0-9]{4}-[0-9]{2}"),
    str(XSD) + "date": ("+{}T00:00:00Z/11", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
}


def write(rows: Iterable[Row], path: Path, selection: Selection) -> None:
    """Write the statements of the rows, thing by thing."""
    del selection
    ordered = Rows(merge(rows), by_subject)
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for subject, group in groupby(ordered, key=lambda row: row[0]):
            for line in _item(plain(subject), list(group)):
                out.write("\t".join(line) + "\n")


def _item(iri: str, rows: list[Row]) -> Iterator[list[str]]:
    said = [(plain(predicate), object) for _, predicate, object, _ in rows]
    matches = sorted(plain(o) for p, o in said if p == SKOS.exactMatch.value and plain(o).startswith(_ENTITY))
    sources = sorted(plain(object) for predicate, object in said if predicate == PROV.hadPrimarySource.value)
    cited = [part for source in sources for part in (_SOURCE, f'"{source}"')]
    subject = matches[0].removeprefix(_ENTITY) if matches else "LAST"
    lines = [[subject, *statement, *cited] for p, o in said if (statement := _statement(p, o))]
    names = [[subject, *name] for p, o in said if (name := _name(p, o))]
    if not lines:
        return
    if not matches:
        yield ["CREATE"]
        yield [subject, _DESCRIBED_AT, f'"{iri}"']
        yield from sorted(names)
    yield from sorted(lines)


def _statement(predicate: str, object: str) -> list[str]:
    """Property and value of a statement, or nothing where QuickStatements cannot say it."""
    if not predicate.startswith(_DIRECT):
        return []
    name = predicate.removeprefix(_DIRECT)
    if not is_literal(object):
        item = plain(object).removeprefix(_ENTITY)
        return [name, item] if re.fullmatch(r"Q[1-9][0-9]*", item) else []
    value, language, datatype = literal_parts(object)
    if datatype in _DATES:
        form, pattern = _DATES[datatype]
        return [name, form.format(value)] if re.fullmatch(pattern, value) else []
    if datatype in {str(XSD) + "integer", str(XSD) + "decimal"}:
        return [name, value]
    return [name, f'{language}:"{_text(value)}"' if language else f'"{_text(value)}"']


def _name(predicate: str, object: str) -> list[str]:
    if predicate not in _LABELS or not is_literal(object):
        return []
    value, language, _ = literal_parts(object)
    return [f"{_LABELS[predicate]}{language}", f'"{_text(value)}"'] if language else []


def _text(value: str) -> str:
    return re.sub(r"\s+", " ", value.replace('"', "”"))


def read(path: Path, selection: Selection) -> Iterator[Row]:
    """The rows that a reader of the statements sees; an item that is to be created by its source's IRI."""
    matches = _matches(selection)
    subject = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        item, *said = line.split("\t")
        if item == "CREATE" or not said:
            continue
        name, value = said[:2]
        if name == _DESCRIBED_AT and item == "LAST":
            subject = str(NamedNode(value.strip('"')))
        if item != "LAST":
            subject = matches.get(item, str(NamedNode(_ENTITY + item)))
        yield subject, f"<urn:x:{name}>", _object(name, value), ""
        for source in said[3::2]:
            yield subject, f"<urn:x:{_SOURCE}>", str(NamedNode(source.strip('"'))), ""


def _matches(selection: Selection) -> dict[str, str]:
    match = str(SKOS.exactMatch)
    entity = f"<{_ENTITY}"
    return {
        plain(object).removeprefix(_ENTITY): subject
        for subject, predicate, object, _ in selection.rows
        if predicate == match and object.startswith(entity)
    }


def _object(name: str, value: str) -> str:
    if re.fullmatch(r"Q[0-9]+", value):
        return str(NamedNode(_ENTITY + value))
    if found := re.fullmatch(r"\+([0-9]{4})(-[0-9]{2})?(-[0-9]{2})?T[0-9:]+Z/([0-9]+)", value):
        parts = [part or "" for part in found.groups()[: int(found[4]) - 8]]
        return str(Literal("".join(parts)))
    found = re.fullmatch(r'(?:([a-z-]+):)?"(.*)"', value)
    if found is None:
        return str(Literal(value))
    language = name[1:] if re.fullmatch(r"[LAD][a-z-]+", name) else found[1]
    return str(Literal(found[2], language=language)) if language else str(Literal(found[2]))
