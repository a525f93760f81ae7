"""Edits of RDF/XML: elements and attributes that may say a triple, below what looks like its subject."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from xml.sax.saxutils import escape, quoteattr

from clustergraph.contribution.fixes.syntaxes.replacement import (
    Replacement,
    Way,
    may_name,
    names_like,
    names_of,
)
from clustergraph.terms import RDF, XSD, Literal, NamedNode, Triple

_TAG = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(/?)([^\s/>=<]++)((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s=/]++)\s*=\s*(\"[^\"]*+\"|'[^']*+')", re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>|<!--.*?-->", re.DOTALL)
_NAME = re.compile(r"(?:[^\W\d]|_)[\w.-]*")
_PLACES = 6


@dataclass(frozen=True)
class _Attribute:
    name: str
    value: str
    start: int
    value_start: int
    end: int


@dataclass(eq=False)
class _Element:
    """An element: its name, its start tag from `start` to `inner`, and its end tag from `close` to `end`."""

    name: str
    start: int
    inner: int
    attributes: list[_Attribute]
    around: _Element | None
    close: int = 0
    end: int = 0
    has_elements: bool = False

    def at(self, suffix: str) -> _Attribute | None:
        return next((one for one in self.attributes if _local(one.name) == suffix), None)

    @property
    def is_empty(self) -> bool:
        """Whether its start tag is its end as well."""
        return self.close == self.start


class XmlText:
    """A document of RDF/XML, in UTF-8."""

    def __init__(self, text: str) -> None:
        self._text = text

    def ways(self, old: Triple, new: Triple) -> Iterator[Way]:
        """One place that may say the triple after the other, each in the ways to write the new one."""
        if old.object == new.object:
            for element in self._likeliest(old):
                yield from self._renamed(element, old.predicate, new.predicate)
            return
        for element in self._likeliest(old):
            yield from self._other_object(element, old, new)
        if old.predicate == RDF.type and isinstance(old.object, NamedNode):
            assert isinstance(new.object, NamedNode)  # another class
            for element in self._of_subject(old):
                yield from self._renamed(element, old.object, new.object)

    def typings(self, triple: Triple) -> Iterator[Way]:
        """The type as one more attribute of an element with the subject's name."""
        assert isinstance(triple.object, NamedNode)  # a class
        for element in self._of_subject(triple):
            named = element.at("about") or element.at("ID")
            if named is not None:
                prefix = named.name.rpartition(":")[0]
                said = f" {prefix}:type={quoteattr(triple.object.value)}"
                yield (Replacement(named.end, named.end, said),)

    @cached_property
    def _elements(self) -> list[_Element]:
        return list(_read(self._text))

    @cached_property
    def _prefixes(self) -> Mapping[str, str]:
        return {
            one.name.removeprefix("xmlns").removeprefix(":"): one.value
            for element in self._elements
            for one in element.attributes
            if one.name == "xmlns" or one.name.startswith("xmlns:")
        }

    def _of_subject(self, triple: Triple) -> list[_Element]:
        """The elements with the name of the subject."""
        return [one for one in self._elements if _is_about(one, triple)][:_PLACES]

    def _likeliest(self, triple: Triple) -> list[_Element]:
        """The elements that may say something by the predicate, those below the subject's first."""

        def rank(element: _Element) -> int:
            owner = element.around
            return 0 if owner is not None and _is_about(owner, triple) else 1

        said = [one for one in self._elements if _may_say(one, triple.predicate)]
        return sorted((one for one in said if self._may_hold(one, triple)), key=rank)[:_PLACES]

    def _may_hold(self, element: _Element, triple: Triple) -> bool:
        """Whether the element, or one of its attributes, may write the object."""
        object = triple.object
        texts = [one.value for one in element.attributes]
        if isinstance(object, Literal):
            return object.value in texts or self._content(element) == object.value
        return not isinstance(object, NamedNode) or any(may_name(text, object.value) for text in texts)

    def _content(self, element: _Element) -> str:
        """The text of an element without elements in it."""
        if element.has_elements or element.is_empty:
            return ""
        inner = self._text[element.inner : element.close]
        parts, end = [], 0
        for found in _CDATA.finditer(inner):
            parts += [unescape(inner[end : found.start()]), found[1] or ""]
            end = found.end()
        return "".join((*parts, unescape(inner[end:])))

    def _renamed(self, element: _Element, old: NamedNode, new: NamedNode) -> Iterator[Way]:
        """Another name for an element, or for the attribute of its start tag that has the old one."""
        for name in self._qualified(new):
            if _may_be(element.name, old):
                tags = [element.start + 1] if element.is_empty else [element.start + 1, element.close + 2]
                yield tuple(Replacement(at, at + len(element.name), name) for at in tags)
            for one in element.attributes:
                if _may_be(one.name, old):
                    yield (Replacement(one.start, one.start + len(one.name), name),)

    def _qualified(self, iri: NamedNode) -> Iterator[str]:
        for name in names_of(iri, self._prefixes):
            prefix, colon, tail = name.partition(":")
            if colon and prefix in self._prefixes and _NAME.fullmatch(tail):
                yield name if prefix else tail

    def _other_object(self, element: _Element, old: Triple, new: Triple) -> Iterator[Way]:
        for one in element.attributes:
            if isinstance(old.object, NamedNode) and isinstance(new.object, NamedNode):
                if may_name(one.value, old.object.value):
                    for name in names_like(one.value, old.object, new.object, {}):
                        yield (Replacement(one.value_start, one.end, quoteattr(name)),)
            elif isinstance(new.object, Literal) and _may_be(one.name, old.predicate):
                yield (Replacement(one.value_start, one.end, quoteattr(new.object.value)),)
        if _may_be(element.name, old.predicate) and not element.has_elements and not element.is_empty:
            if isinstance(new.object, Literal):
                yield from self._other_text(element, new.object)
            elif isinstance(new.object, NamedNode):
                kept = self._attributes(element)
                resource = f" {self._rdf}:resource={quoteattr(new.object.value)}"
                yield (Replacement(element.start, element.end, f"<{element.name}{kept}{resource}/>"),)

    def _other_text(self, element: _Element, new: Literal) -> Iterator[Way]:
        """Another text in the element; then with another datatype or language too."""
        text = escape(new.value)
        same = self._content(element) == new.value
        if not same:
            yield (Replacement(element.inner, element.close, text),)
        elif (tag := element.at("lang")) is not None and new.language:
            yield (Replacement(tag.value_start, tag.end, quoteattr(new.language)),)
        elif (datatype := element.at("datatype")) is not None and not new.language:
            yield (Replacement(datatype.value_start, datatype.end, quoteattr(new.datatype.value)),)
        said = ['xml:lang=""', ""]
        if new.language:
            said = [f"xml:lang={quoteattr(new.language)}"]
        elif new.datatype != XSD.string:
            said = [f"{self._rdf}:datatype={quoteattr(new.datatype.value)}"]
        kept = self._attributes(element)
        end = element.inner if same else element.close
        for one in said:
            tag_text = f"<{element.name}{kept}{one and ' '}{one}>{'' if same else text}"
            yield (Replacement(element.start, end, tag_text),)

    @property
    def _rdf(self) -> str:
        return next((p for p, space in self._prefixes.items() if p and space == str(RDF)), "rdf")

    def _attributes(self, element: _Element) -> str:
        """The attributes of a property element but for those that say what its text is."""
        kept = (one for one in element.attributes if _local(one.name) not in {"datatype", "lang"})
        return "".join(f" {self._text[one.start : one.end]}" for one in kept)


def _is_about(element: _Element, triple: Triple) -> bool:
    if not isinstance(triple.subject, NamedNode):
        return element.at("about") is None and element.at("ID") is None
    named = element.at("about") or element.at("ID")
    return named is not None and may_name(named.value, triple.subject.value)


def _may_say(element: _Element, predicate: NamedNode) -> bool:
    return _may_be(element.name, predicate) or any(_may_be(one.name, predicate) for one in element.attributes)


def _may_be(name: str, iri: NamedNode) -> bool:
    """Whether a qualified name may be that of an IRI, which ends in its local part."""
    return iri.value.endswith(_local(name))


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _read(text: str) -> Iterator[_Element]:
    """The elements of a well-formed document, in the order of their ends."""
    open_: list[_Element] = []
    for found in _TAG.finditer(text):
        if found[2] is None:
            continue
        if found[1]:
            element = open_.pop()
            element.close, element.end = found.start(), found.end()
            yield element
            continue
        around = open_[-1] if open_ else None
        if around is not None:
            around.has_elements = True
        element = _Element(found[2], found.start(), found.end(), list(_attributes(found)), around)
        if found[3].endswith("/"):
            element.close, element.end = found.start(), found.end()
            yield element
        else:
            open_.append(element)


def _attributes(tag: re.Match[str]) -> Iterator[_Attribute]:
    for found in _ATTRIBUTE.finditer(tag[3]):
        start, at, end = (tag.start(3) + offset for offset in (found.start(), found.start(2), found.end()))
        yield _Attribute(found[1], unescape(found[2][1:-1]), start, at, end)
