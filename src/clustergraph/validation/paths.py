"""Property paths: a predicate, or a combination of paths, and how each is written.

A predicate is its NamedNode; the combinations are frozen and compare by content, so that the path
of a result is the same value in every report (SHACL §2.3.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from clustergraph.terms import NamedNode


@dataclass(frozen=True, slots=True)
class Inverse:
    """`^path`."""

    path: Path


@dataclass(frozen=True, slots=True)
class Sequence:
    """`first/second/…`, of two steps or more."""

    steps: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """`first|second|…`."""

    branches: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """`path*`, `path+` or `path?`; `modifier` is that sign."""

    path: Path
    modifier: str


Path = NamedNode | Inverse | Sequence | Alternative | Repeated


def write_path(path: Path, iri: Callable[[NamedNode], str] = str) -> str:
    """The path in SPARQL's syntax; `iri` writes its predicates, in full by default.

    >>> write_path(Sequence((NamedNode("urn:p"), Inverse(NamedNode("urn:q")))))
    '<urn:p>/^<urn:q>'
    """
    match path:
        case NamedNode():
            return iri(path)
        case Inverse(inner):
            return "^" + _primary(inner, iri)
        case Repeated(inner, modifier):
            return _primary(inner, iri) + modifier
        case Sequence(steps):
            return "/".join(_step(step, iri) for step in steps)
        case Alternative(branches):
            return "|".join(_step(branch, iri) for branch in branches)


def _primary(path: Path, iri: Callable[[NamedNode], str]) -> str:
    """The path as a modifier can take it."""
    return iri(path) if isinstance(path, NamedNode) else f"({write_path(path, iri)})"


def _step(path: Path, iri: Callable[[NamedNode], str]) -> str:
    """The path as a step of a sequence or a branch of an alternative."""
    is_inverse = isinstance(path, Inverse) and isinstance(path.path, NamedNode)
    return write_path(path, iri) if is_inverse else _primary(path, iri)


def reversed_path(path: Path) -> Path:
    """The path taken backwards, its inversions at single predicates.

    >>> write_path(reversed_path(Sequence((NamedNode("urn:p"), Inverse(NamedNode("urn:q"))))))
    '<urn:q>/^<urn:p>'
    """
    match path:
        case NamedNode():
            return Inverse(path)
        case Inverse(inner):
            return inner if isinstance(inner, NamedNode) else reversed_path(reversed_path(inner))
        case Sequence(steps):
            return Sequence(tuple(reversed_path(step) for step in reversed(steps)))
        case Alternative(branches):
            return Alternative(tuple(map(reversed_path, branches)))
        case Repeated(inner, modifier):
            return Repeated(reversed_path(inner), modifier)


def joined(before: Path | None, path: Path) -> Path:
    """The path that takes both, one after the other."""
    if before is None:
        return path
    first = before.steps if isinstance(before, Sequence) else (before,)
    second = path.steps if isinstance(path, Sequence) else (path,)
    return Sequence((*first, *second))


def predicates(path: Path) -> Iterator[NamedNode]:
    """Each predicate of the path, in the order written."""
    match path:
        case NamedNode():
            yield path
        case Inverse(inner) | Repeated(inner, _):
            yield from predicates(inner)
        case Sequence(parts) | Alternative(parts):
            for part in parts:
                yield from predicates(part)


def endings(path: Path) -> Iterator[tuple[Path | None, NamedNode]]:
    """The last forward steps of the path: what leads to their subject, and their predicate.

    A literal is reached by such a step only, since it is the subject of no triple.
    """
    match path:
        case NamedNode():
            yield None, path
        case Inverse(inner):
            if isinstance(inner, Inverse):
                yield from endings(inner.path)
        case Alternative(branches):
            for branch in branches:
                yield from endings(branch)
        case Repeated(inner, modifier):
            for before, predicate in endings(inner):
                if modifier == "?":
                    yield before, predicate
                else:
                    repeated = Repeated(inner, "*")
                    yield repeated if before is None else Sequence((repeated, before)), predicate
        case Sequence(steps):
            yield from _sequence_endings(steps)


def _sequence_endings(steps: tuple[Path, ...]) -> Iterator[tuple[Path | None, NamedNode]]:
    before: Path = steps[0] if len(steps) == 2 else Sequence(steps[:-1])
    for inner, predicate in endings(steps[-1]):
        yield before if inner is None else Sequence((before, inner)), predicate
    if is_optional(steps[-1]):
        yield from endings(before)


def is_optional(path: Path) -> bool:
    """Whether the path leads from every node to itself."""
    match path:
        case Repeated(inner, modifier):
            return modifier != "+" or is_optional(inner)
        case Inverse(inner):
            return is_optional(inner)
        case Sequence(steps):
            return all(is_optional(step) for step in steps)
        case Alternative(branches):
            return any(is_optional(branch) for branch in branches)
        case _:
            return False
