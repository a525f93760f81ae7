"""Edits of JSON-LD: names and values that may say a triple, in objects that look like its subject's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from clustergraph.contribution.fixes.syntaxes.replacement import (
    Replacement,
    Way,
    local,
    may_name,
    names_like,
    names_of,
)
from clustergraph.terms import RDF, Literal, NamedNode, Term, Triple

_SIGN = re.compile(
    r'[ \t\r\n]*+(?:(?P<bracket>[\[\]{},:])|(?P<scalar>"(?:[^"\\]++|\\.)*+"|[^\s\[\]{},:"]++))', re.DOTALL
)
# Of the places that may say a triple, the likeliest are tried.
_PLACES = 6


@dataclass(eq=False)
class _Object:
    """A JSON object, the key it stands at, and the object around it."""

    start: int
    key: _Scalar | None
    around: _Object | None
    end: int = 0
    members: list[tuple[_Scalar, _Scalar]] = field(default_factory=list)

    def at(self, key: str) -> _Scalar | None:
        """The string or number at a key."""
        return next((value for name, value in self.members if name.value == key), None)


@dataclass(frozen=True, eq=False)
class _Scalar:
    """A key, or a value that is no object and no array, with the key and the object it stands at."""

    start: int
    end: int
    value: object
    key: _Scalar | None
    holder: _Object | None
    is_key: bool


class JsonText:
    """A document of JSON-LD."""

    def __init__(self, text: str) -> None:
        self._text = text

    def ways(self, old: Triple, new: Triple) -> Iterator[Way]:
        """One place that may say the triple after the other, each in the ways to write the new one."""
        if old.object == new.object:
            for place in self._likeliest(old, old.predicate):
                for name in self._names(place, old.predicate, new.predicate):
                    yield (_put(place, name),)
            return
        for place in self._likeliest(old, old.object):
            if place.is_key:
                continue
            for start, end, value in self._values(place, old.object, new.object):
                yield (Replacement(start, end, json.dumps(value, ensure_ascii=False)),)

    def typings(self, triple: Triple) -> Iterator[Way]:
        """A type as the first that an object with the subject's name says."""
        assert isinstance(triple.object, NamedNode)  # a class
        for place in self._likeliest(triple, triple.subject):
            holder = place.holder
            if holder is not None and holder.at("@type") is None and place.key is not None:
                for name in names_of(triple.object, self._prefixes):
                    said = f'"@type": {json.dumps(name, ensure_ascii=False)}, '
                    yield (Replacement(holder.start + 1, holder.start + 1, said),)

    @cached_property
    def _scalars(self) -> list[_Scalar]:
        return list(_Reader().read(self._text))

    @cached_property
    def _prefixes(self) -> Mapping[str, str]:
        """What contexts seem to declare as namespaces."""
        return {
            str(one.key.value): one.value
            for one in self._scalars
            if one.key is not None and isinstance(one.value, str) and one.value[-1:] in {"/", "#", ":"}
        }

    def _likeliest(self, triple: Triple, term: Term) -> list[_Scalar]:
        """The places that may write a term of a triple, those first that stand where one expects them."""

        def rank(place: _Scalar) -> tuple[int, int]:
            owner, key, depth = place.holder, place.key, 0
            while owner is not None and not _names(owner, triple.subject):
                key, owner, depth = owner.key or key, owner.around, depth + 1
            says = place if place.is_key else key
            wanted = (triple.predicate.value, "@type" if triple.predicate == RDF.type else "")
            is_said = says is not None and isinstance(says.value, str) and _is_any(says.value, wanted)
            return (not is_said) + 2 * (owner is None), depth

        aliases = set(self._aliases(term)) if isinstance(term, NamedNode) else set()
        found = (one for one in self._scalars if _may_write(one, term) or one.value in aliases)
        return sorted(found, key=rank)[:_PLACES]

    def _aliases(self, iri: NamedNode) -> Iterator[str]:
        """The terms that contexts seem to define as an IRI."""
        for one in self._scalars:
            if one.key is None or not isinstance(one.value, str) or not may_name(one.value, iri.value):
                continue
            if one.key.value != "@id":
                yield str(one.key.value)
            elif one.holder is not None and one.holder.key is not None:
                yield str(one.holder.key.value)

    def _names(self, place: _Scalar, old: NamedNode, new: NamedNode) -> Iterator[str]:
        """How the new IRI may be called where the place calls the old one."""
        assert isinstance(place.value, str)  # it may write an IRI
        yield from dict.fromkeys((*names_like(place.value, old, new, self._prefixes), *self._aliases(new)))

    def _values(self, place: _Scalar, old: Term, new: Term) -> Iterator[tuple[int, int, object]]:
        """Regions and what may stand there for the new object, small ones first."""
        whole = (place.start, place.end)
        if isinstance(old, NamedNode) and isinstance(new, NamedNode):
            yield from ((*whole, name) for name in self._names(place, old, new))
        elif isinstance(new, NamedNode):
            yield from ((*whole, name) for name in names_of(new, self._prefixes))
        holder = place.holder
        is_value = place.key is not None and place.key.value == "@value"
        if isinstance(old, Literal) and isinstance(new, Literal):
            if is_value and holder is not None and old.value == new.value:
                yield from self._tags(holder, new)
            if new.language and place.key is not None and place.key.value == old.language:
                yield place.key.start, place.key.end, new.language
            if old.value != new.value:
                yield (*whole, new.value)
                yield from ((*whole, native) for native in _native(new))
        region = (holder.start, holder.end) if is_value and holder is not None else whole
        if isinstance(new, Literal):
            yield from ((*region, native) for native in _native(new))
            yield from ((*region, said) for said in self._objects(new))
        elif isinstance(new, NamedNode):
            yield from ((*region, {"@id": name}) for name in names_of(new, self._prefixes))

    def _tags(self, holder: _Object, new: Literal) -> Iterator[tuple[int, int, object]]:
        """What says the language or the datatype of a value now, and what is to say it."""
        language, datatype = holder.at("@language"), holder.at("@type")
        if language is not None and new.language:
            yield language.start, language.end, new.language
        if datatype is not None:
            for name in names_of(new.datatype, self._prefixes):
                yield datatype.start, datatype.end, name

    def _objects(self, new: Literal) -> Iterator[Mapping[str, str]]:
        if new.language:
            yield {"@value": new.value, "@language": new.language}
            return
        yield from ({"@value": new.value, "@type": n} for n in names_of(new.datatype, self._prefixes))


def _native(literal: Literal) -> Iterator[object]:
    """The number or truth value that JSON has for a literal."""
    if local(literal.datatype.value) in {"integer", "double", "boolean"}:
        try:
            value = json.loads(literal.value)
        except ValueError:
            return
        if isinstance(value, bool | int | float) and json.dumps(value) == literal.value:
            yield value


def _put(place: _Scalar, name: str) -> Replacement:
    return Replacement(place.start, place.end, json.dumps(name, ensure_ascii=False))


def _is_any(name: str, iris: tuple[str, ...]) -> bool:
    return any(iri and may_name(name, iri) for iri in iris)


def _names(owner: _Object, subject: Term) -> bool:
    """Whether an object seems to be that of a subject; one without a name may be of a blank node."""
    ids = [v.value for _, v in owner.members if isinstance(v.value, str)]
    if isinstance(subject, NamedNode):
        return any(may_name(name, subject.value) for name in ids)
    return owner.at("@id") is None and owner.at("@value") is None


def _may_write(place: _Scalar, term: Term) -> bool:
    value = place.value
    if isinstance(term, NamedNode):
        return isinstance(value, str) and may_name(value, term.value)
    if not isinstance(term, Literal) or place.is_key:
        return False
    if isinstance(value, str):
        return value == term.value
    return value is not None and _is_number(json.dumps(value), term.value)


def _is_number(one: str, other: str) -> bool:
    try:
        return one == other or float(one) == float(other)
    except ValueError:
        return False


class _Reader:
    """Reads a JSON text sign by sign; brackets within each other cost it nothing."""

    def __init__(self) -> None:
        self._open: list[_Object | None] = []  # None is an array
        self._keys: list[_Scalar | None] = [None]
        self._holder: _Object | None = None

    def read(self, text: str) -> Iterator[_Scalar]:
        """The keys and scalars in their order."""
        for found in _SIGN.finditer(text):
            if found.lastgroup == "scalar":
                # An integer of thousands of digits is more than Python reads.
                value = json.loads(found["scalar"], parse_int=float)
                yield self._scalar(*found.span("scalar"), value)
            elif found["bracket"] in {"{", "["}:
                self._enter(found.start("bracket"), is_object=found["bracket"] == "{")
            elif found["bracket"] in {"}", "]"}:
                self._leave(found.end())
            elif found["bracket"] == "," and self._open[-1] is not None:
                self._keys[-1] = None

    def _enter(self, start: int, *, is_object: bool) -> None:
        if is_object:
            self._holder = _Object(start, self._keys[-1], self._holder)
        self._open.append(self._holder if is_object else None)
        self._keys.append(None if is_object else self._keys[-1])

    def _leave(self, end: int) -> None:
        closed = self._open.pop()
        self._keys.pop()
        if closed is not None:
            closed.end, self._holder = end, closed.around

    def _scalar(self, start: int, end: int, value: object) -> _Scalar:
        key = self._keys[-1]
        is_key = bool(self._open) and self._open[-1] is not None and key is None
        one = _Scalar(start, end, value, key, self._holder, is_key)
        if is_key:
            self._keys[-1] = one
        elif self._holder is not None and key is not None:
            self._holder.members.append((key, one))
        return one
