"""Replacements in a text, and what finds them in each syntax."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from clustergraph.terms import NamedNode, Triple

_LOCAL = re.compile(r"[^/#:]*$")


@dataclass(frozen=True, slots=True)
class Replacement:
    """Text in the place of a region; offsets count characters, the end is exclusive."""

    start: int
    end: int
    text: str


Way: TypeAlias = tuple[Replacement, ...]
"""Replacements that belong together, none of which meets another."""


class Syntax(Protocol):
    """A text of some syntax; it proposes ways, likeliest first, and the caller sees which one is right."""

    def ways(self, old: Triple, new: Triple) -> Iterator[Way]:
        """Ways to say a triple in the place of one of the same subject."""
        ...

    def typings(self, triple: Triple) -> Iterator[Way]:
        """Ways to say of a subject of the text what it is."""
        ...


def rewritten(text: str, way: Iterable[Replacement]) -> str:
    """The text with the replacements made."""
    for one in sorted(way, key=lambda one: (one.start, one.end), reverse=True):
        text = text[: one.start] + one.text + text[one.end :]
    return text


def line_end(text: str) -> str:
    r"""What ends the lines of a text: `\r\n` where the first one ends so."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def local(name: str) -> str:
    """The last part of an IRI, a prefixed name or a term.

    >>> local("https://example.org/ont#year"), local("ex:year"), local("year")
    ('year', 'year', 'year')
    """
    found = _LOCAL.search(name)
    return found.group() if found else ""


def may_name(name: str, iri: str) -> bool:
    """Whether a name as written may stand for an IRI: in full, by a prefix, or relative."""
    return name == iri or (bool(local(name)) and local(name) == local(iri))


def names_like(name: str, old: NamedNode, new: NamedNode, prefixes: Mapping[str, str]) -> Iterator[str]:
    """How an IRI may be written where `name` stands for the old one: alike, by a prefix, or in full."""
    common = 0
    while common < min(len(name), len(old.value)) and name[-1 - common] == old.value[-1 - common]:
        common += 1
    base = old.value[: len(old.value) - common]
    if common and new.value.startswith(base):
        yield name[: len(name) - common] + new.value[len(base) :]
    yield from names_of(new, prefixes)


def names_of(iri: NamedNode, prefixes: Mapping[str, str]) -> Iterator[str]:
    """An IRI by each prefix that fits, the longest first, then in full."""
    fitting = [(space, prefix) for prefix, space in prefixes.items() if space and iri.value.startswith(space)]
    for space, prefix in sorted(fitting, key=lambda one: (-len(one[0]), one[1])):
        yield f"{prefix}:{iri.value[len(space) :]}"
    yield iri.value
