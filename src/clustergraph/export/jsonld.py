"""JSON-LD 1.1 with a context of its own: one object a thing, texts by language, numbers as numbers.

Types stand before all else, as the streaming document form (JSON-LD 1.1 Streaming §3.1) wants it.
IRIs of things are written in full, so that programs can compare and look them up; terms of the
vocabularies are short. What is said `about` a thing stands within it, by `@reverse`.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import BinaryIO

from clustergraph.export.rows import Row, Rows, by_subject, merge
from clustergraph.export.text import (
    FIRST,
    NIL,
    RDF_TYPE,
    REST,
    STRING,
    Names,
    is_blank,
    is_literal,
    literal_parts,
    local_name,
)
from clustergraph.terms import RDF, XSD, NamedNode

Json = dict[str, "Json"] | list["Json"] | str | int | bool
_NATIVE = {str(XSD) + "integer": re.compile(r"0|-?[1-9][0-9]{0,14}")}
_TERM = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
# JSON-LD 1.1 §4.4: only such prefixes can be declared by their IRI alone.
_PREFIX_END = (":", "/", "?", "#", "[", "]", "@")
_RESERVED = {"id", "type"}


def write_jsonld(
    rows: Rows, out: BinaryIO, prefixes: Mapping[str, str], about: Iterable[NamedNode] = ()
) -> None:
    """Write the RDF merge of the graphs of the rows as JSON-LD, framed by thing.

    `about` are the properties by which a statement names the thing that it is about. A literal with
    a base direction and a triple term are left out.
    """
    frames = _frames(rows, {str(one) for one in about})
    merged = Rows(
        (row for row in merge(rows) if _can_be_written(row[2])),
        lambda row: (*by_subject((frames.get(row[0], row[0]), "", "", ""))[:2], *by_subject(row)),
    )
    context = _Context(merged, prefixes)
    writer = _Writer(context, merged, frames)
    out.write(b'{\n"@context": ' + json.dumps(context.json(), ensure_ascii=False, indent=1).encode())
    out.write(b',\n"@graph": [')
    separator = b"\n"
    for thing in writer.things(merged):
        out.write(separator + json.dumps(thing, ensure_ascii=False, indent=1).encode())
        separator = b",\n"
    out.write(b"\n]\n}\n")


def _can_be_written(term: str) -> bool:
    return not term.startswith("<<") and not (is_literal(term) and "--" in term.rpartition('"')[2])


def _frames(rows: Iterable[Row], about: set[str]) -> dict[str, str]:
    """The thing that each statement is about, where it is about exactly one that is a thing itself."""
    if not about:
        return {}
    things: dict[str, set[str]] = defaultdict(set)
    for subject, predicate, object, _ in rows:
        if predicate in about and not is_literal(object) and object != subject:
            things[subject].add(object)
    single = {statement: min(named) for statement, named in things.items() if len(named) == 1}
    return {statement: thing for statement, thing in single.items() if thing not in single}


@dataclass
class _Use:
    """How a property is used: its objects by kind, `@id`, `@language` or a datatype."""

    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def kind(self) -> str:
        """The one kind of all objects, or nothing."""
        return next(iter(self.kinds)) if len(self.kinds) == 1 else ""


def _kind(object: str) -> str:
    if not is_literal(object):
        return "@id"
    _, language, datatype = literal_parts(object)
    return "@language" if language else datatype


class _Context:
    """The terms of the properties in use, with the types that their values have throughout."""

    def __init__(self, rows: Iterable[Row], prefixes: Mapping[str, str]) -> None:
        usable = {p: ns for p, ns in prefixes.items() if ns.endswith(_PREFIX_END)}
        self.names = Names(usable)
        self.uses: dict[str, _Use] = defaultdict(_Use)
        for _, predicate, object, _ in rows:
            kind = _kind(object)
            # The prefixes in use are to be known before the first thing is written.
            if predicate == RDF_TYPE and not is_blank(object):
                self.short(object)
            elif not kind.startswith("@"):
                self.short(f"<{kind}>")
            if predicate != RDF_TYPE:
                self.uses[predicate].kinds[kind] += 1
        locals = Counter(local_name(predicate[1:-1]) for predicate in self.uses)
        taken = _RESERVED | set(usable)
        self.terms = {
            predicate: name
            if locals[name := local_name(predicate[1:-1])] == 1
            and _TERM.fullmatch(name)
            and name not in taken
            else self.short(predicate)
            for predicate in self.uses
        }

    def short(self, term: str) -> str:
        """A compact IRI, or the IRI in full."""
        name = self.names.name(term)
        return name[1:-1] if name.startswith("<") else name

    def json(self) -> Json:
        """The context."""
        terms: dict[str, Json] = {}
        for predicate, term in sorted(self.terms.items(), key=lambda one: one[1]):
            kind = self.uses[predicate].kind
            short = self.short(predicate)
            if kind in {"", STRING}:
                if term != short:
                    terms[term] = short
                continue
            how = {"@container": "@language"} if kind == "@language" else {"@type": self._type(kind)}
            terms[term] = {"@id": short, **how}
        prefixes = {prefix: self.names.used[prefix] for prefix in sorted(self.names.used)}
        return {"@version": 1.1, "id": "@id", "type": "@type", **prefixes, **terms}  # type: ignore[dict-item]

    def _type(self, kind: str) -> str:
        return "@id" if kind == "@id" else self.short(f"<{kind}>")


class _Writer:
    """Rows to objects."""

    def __init__(self, context: _Context, rows: Iterable[Row], frames: Mapping[str, str]) -> None:
        self.context = context
        self.frames = frames
        self.about: dict[str, str] = {}
        self.blank: dict[str, list[Row]] = {}
        uses: Counter[str] = Counter()
        above: dict[str, str] = {}
        for row in rows:
            subject, predicate, object, _ = row
            if subject in frames and object == frames[subject]:
                self.about.setdefault(subject, predicate)
            if is_blank(subject):
                self.blank.setdefault(subject, []).append(row)
            if is_blank(object):
                uses[object] += 1
                above[object] = subject
        once = {label for label, count in uses.items() if count == 1 and label not in frames}
        self.inlined: set[str] = set()
        for label in once:
            node, passed = label, set[str]()
            while node in once and node not in passed:
                passed.add(node)
                node = above[node]
            if node not in once:
                self.inlined.add(label)

    def things(self, rows: Iterable[Row]) -> Iterator[Json]:
        """One object a thing, with what is said about it."""
        for thing, group in groupby(rows, key=lambda row: self.frames.get(row[0], row[0])):
            if thing in self.inlined:
                continue
            own: list[Row] = []
            within: dict[str, list[Json]] = {}
            for subject, said in groupby(group, key=lambda row: row[0]):
                if subject == thing:
                    own = list(said)
                else:
                    link = self.context.terms[self.about[subject]]
                    within.setdefault(link, []).append(self.node(subject, list(said)))
            written = self.node(thing, own)
            if within:
                written["@reverse"] = dict(sorted(within.items()))
            yield written

    def node(self, subject: str, rows: list[Row]) -> dict[str, Json]:
        """The object of a subject."""
        written: dict[str, Json] = {}
        values: dict[str, list[str]] = {}
        for _, predicate, object, _ in rows:
            if predicate != self.about.get(subject) or object != self.frames[subject]:
                values.setdefault(predicate, []).append(object)
        if RDF_TYPE in values:
            types = sorted(one if is_blank(one) else self.context.short(one) for one in values.pop(RDF_TYPE))
            written["type"] = types[0] if len(types) == 1 else list[Json](types)
        if subject not in self.inlined:
            written["id"] = subject if is_blank(subject) else subject[1:-1]
        for predicate in sorted(values, key=lambda one: self.context.terms[one]):
            written[self.context.terms[predicate]] = self.values(predicate, values[predicate])
        return written

    def values(self, predicate: str, objects: list[str]) -> Json:
        """The objects of a property, in the short form that its kind allows."""
        kind = self.context.uses[predicate].kind
        if kind == "@language":
            by_language: dict[str, list[str]] = {}
            for value, language, _ in map(literal_parts, sorted(objects)):
                by_language.setdefault(language, []).append(value)
            return {
                tag: texts[0] if len(texts) == 1 else list[Json](texts)
                for tag, texts in sorted(by_language.items())
            }
        written = [self.value(object, kind) for object in sorted(objects)]
        return written[0] if len(written) == 1 else written

    def value(self, object: str, kind: str) -> Json:
        """An object, in the short form that the kind of its property allows."""
        if is_literal(object):
            return _literal(object, kind, self.context)
        if object in self.inlined:
            items = self.items(object, kind)
            if items is not None:
                return {"@list": items}
            return self.node(object, self.blank.get(object, []))
        iri = object if is_blank(object) else object[1:-1]
        return iri if kind == "@id" else {"id": iri}

    def items(self, node: str, kind: str) -> list[Json] | None:
        """The items of a list, in the short form that the kind of its property allows; None for no list."""
        items: list[Json] = []
        while node != NIL:
            cell = {row[1]: row[2] for row in self.blank.get(node, [])}
            whole = len(self.blank.get(node, [])) == 2 and cell.keys() == {FIRST, REST}
            if node not in self.inlined or not whole:
                return None
            items.append(self.value(cell[FIRST], kind))
            node = cell[REST]
        return items


def _literal(object: str, kind: str, context: _Context) -> Json:
    value, language, datatype = literal_parts(object)
    if language:
        return {"@value": value, "@language": language}
    native = _NATIVE.get(datatype)
    if native and native.fullmatch(value):
        return int(value)
    if datatype == str(XSD) + "boolean" and value in {"true", "false"}:
        return value == "true"
    if datatype in {kind, STRING}:
        return value if kind in {datatype, ""} else {"@value": value}
    if datatype == str(RDF) + "JSON":
        return {"@type": "@json", "@value": json.loads(value)}
    return {"@type": context.short(f"<{datatype}>"), "@value": value}
