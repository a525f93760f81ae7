"""What a SPARQL constraint reads: the paths from its focus node to each of its triple patterns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clustergraph.sparql.query import Group, Outline
from clustergraph.sparql.terminals import Kind, Token
from clustergraph.terms import RDF, NamedNode, Term
from clustergraph.validation.paths import (
    Alternative,
    Inverse,
    Path,
    Repeated,
    Sequence,
    joined,
    reversed_path,
)

_NAMES = {Kind.IRI, Kind.PREFIXED_NAME}
_LITERALS = {Kind.STRING, Kind.NUMBER}
# What reads other graphs, or puts together what no triple pattern connects.
_BEYOND = {"GRAPH", "SERVICE", "FROM", "LATERAL"}
_MODIFIERS = {"*", "+", "?"}

ANY = NamedNode("urn:clustergraph:any")
"""Stands for every predicate in a path that is read."""
PREDICATE = NamedNode("urn:clustergraph:predicate")
"""Leads from a node to the predicates of what is said of it."""

Anchors = Mapping[str, Path | None]
"""The variables that a path leads to from the focus node; None is the focus node itself."""


class UnreadableError(Exception):
    """A query of which it cannot be told what it reads."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A triple pattern: its variables, empty for a constant or path, and where it stands."""

    subject: str
    predicate: str
    path: Path
    object: str
    place: int


def paths_read(query: Outline, values: Anchors, parameters: Mapping[str, Term]) -> tuple[Path, ...]:
    """The paths from ?this along which a query reads; `values` are other pre-bound variables.

    A pattern must be connected to ?this by patterns of its own group or of those that it is joined
    with, since what only OPTIONAL or UNION may bind can be unbound, and then a pattern reads the whole
    graph. Raises UnreadableError where one is not, and for subselects, other graphs, negated property
    sets, EXISTS in BIND, and blank nodes in patterns.
    """
    if any(token.keyword in _BEYOND for token in query.tokens) or "shapesGraph" in query.variables:
        raise UnreadableError("it reads another graph")
    tops = [group for group in query.groups if group.kind not in {"TEMPLATE", "VALUES"}]
    if len(tops) != 1 or any(group.subselect for group in tops[0].walk()):
        raise UnreadableError("it has a subselect")
    fixed = {"this": None, **values}
    return tuple(_of_group(query, tops[0], parameters, joined_with=fixed, fixed=fixed))


def _of_group(
    query: Outline, group: Group, parameters: Mapping[str, Term], *, joined_with: Anchors, fixed: Anchors
) -> Iterator[Path]:
    """The paths of a group: its patterns may start from the variables of what the group is joined with.

    Its OPTIONAL, MINUS and EXISTS may not (SPARQL evaluates a group before it is joined), but from its
    own variables, and from those that are `fixed` since they are pre-bound or an EXISTS puts them in.
    """
    patterns = list(_Reader(query, group, parameters).patterns())
    paths, known = _anchored(patterns, joined_with)
    if len(paths) < len(patterns):
        raise UnreadableError("a pattern is not connected to the focus node")
    yield from paths
    for child in group.children:
        if not child.is_pattern:
            continue
        if child.kind == "EXISTS":
            # That of an OPTIONAL is a condition on both sides of it.
            seen = known if group.kind == "OPTIONAL" else _own(patterns, known, fixed)
            yield from _of_group(query, child, parameters, joined_with=seen, fixed=seen)
            continue
        # What stands behind an OPTIONAL is joined to what it leaves, bound or not.
        before = [pattern for pattern in patterns if pattern.place <= child.opening]
        seen = _anchored(before, joined_with)[1]
        if child.kind in {"OPTIONAL", "MINUS"}:
            seen = _own(before, seen, fixed)
        yield from _of_group(query, child, parameters, joined_with=seen, fixed=fixed)


def _own(patterns: list[_Pattern], known: Anchors, fixed: Anchors) -> Anchors:
    """The fixed variables, and those of the known ones that the patterns bind."""
    bound = {name for p in patterns for name in (p.subject, p.predicate, p.object)}
    return {name: path for name, path in known.items() if name in bound} | dict(fixed)


def _anchored(patterns: list[_Pattern], anchors: Anchors) -> tuple[list[Path], Anchors]:
    """The paths to the patterns that are connected to the anchors, and the anchors that they add."""
    known, paths, waiting = dict(anchors), list[Path](), patterns
    while waiting:
        left = []
        for pattern in waiting:
            if pattern.subject in known:
                if pattern.predicate:
                    known.setdefault(pattern.predicate, joined(known[pattern.subject], PREDICATE))
                path, end = joined(known[pattern.subject], pattern.path), pattern.object
            elif pattern.object in known:
                path, end = joined(known[pattern.object], reversed_path(pattern.path)), pattern.subject
            else:
                left.append(pattern)
                continue
            paths.append(path)
            if end:
                known.setdefault(end, path)
        if len(left) == len(waiting):
            break
        waiting = left
    return paths, known


class _Reader:
    """Reads the triple patterns that stand directly in a group."""

    def __init__(self, query: Outline, group: Group, parameters: Mapping[str, Term]) -> None:
        self._query = query
        self._parameters = parameters
        self._index = group.opening + 1
        self._end = group.closing
        self._children = {child.opening: child.closing for child in group.children}

    def patterns(self) -> Iterator[_Pattern]:
        while self._index < self._end:
            token = self._token()
            if token.text == "{":
                self._index = self._children[self._index] + 1
            elif token.keyword in {"FILTER", "BIND"}:
                self._index += 1
                start = self._index
                self._skip_expression()
                skipped = self._query.tokens[start : self._index]
                if token.keyword == "BIND" and any(one.keyword == "EXISTS" for one in skipped):
                    raise UnreadableError("EXISTS in BIND")
            elif token.keyword == "VALUES":
                self._skip_to("{")
            elif token.keyword in {"OPTIONAL", "UNION", "MINUS"} or token.text == ".":
                self._index += 1
            else:
                yield from self._triples()

    def _token(self) -> Token:
        return self._query.tokens[self._index]  # the last one is the brace that closes the group

    def _take(self) -> Token:
        token = self._token()
        self._index += 1
        return token

    def _skip_expression(self) -> None:
        """Go behind the expression of a FILTER or BIND; groups of EXISTS in it are children."""
        while self._token().text not in {"(", "{"}:
            self._index += 1
        if self._token().text == "{":
            return
        depth = 0
        while True:
            token = self._take()
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if token.text == "{":
                self._index = self._children[self._index - 1] + 1
            if depth == 0:
                return

    def _skip_to(self, symbol: str) -> None:
        while self._token().text != symbol:
            self._index += 1

    def _triples(self) -> Iterator[_Pattern]:
        subject = self._end_of_pattern()
        while True:
            predicate = self._variable()
            path = ANY if predicate else self._path()
            while True:
                yield _Pattern(subject, predicate, path, self._end_of_pattern(), self._index)
                if not self._next_is(","):
                    break
            if not self._next_is(";"):
                return
            while self._next_is(";"):
                pass
            if not self._starts_path():
                return

    def _next_is(self, symbol: str) -> bool:
        is_next = self._query.tokens[self._index].text == symbol
        self._index += is_next
        return is_next

    def _starts_path(self) -> bool:
        token = self._token()
        return token.kind in {*_NAMES, Kind.VARIABLE} or token.text in {"^", "(", "a"}

    def _variable(self) -> str:
        """The variable in place of a predicate, unless a parameter gives it; or nothing."""
        name = self._token().variable
        if not name or name in self._parameters:
            return ""
        self._index += 1
        return name

    def _end_of_pattern(self) -> str:
        """The variable at an end of a pattern, or nothing for a constant."""
        token = self._take()
        if token.text in {"-", "+"}:
            token = self._take()
        if token.variable:
            return token.variable
        if token.kind is Kind.STRING:
            if self._next_is("^^") or self._token().kind is Kind.LANGUAGE:
                self._index += 1
        elif token.kind not in _NAMES | _LITERALS and token.keyword not in {"TRUE", "FALSE"}:
            raise UnreadableError(f"{token.text} in a pattern")
        return ""

    def _path(self) -> Path:
        branches = [self._sequence()]
        while self._next_is("|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Alternative(tuple(branches))

    def _sequence(self) -> Path:
        steps = [self._step()]
        while self._next_is("/"):
            steps.append(self._step())
        return steps[0] if len(steps) == 1 else Sequence(tuple(steps))

    def _step(self) -> Path:
        if self._next_is("^"):
            return Inverse(self._repeated())
        return self._repeated()

    def _repeated(self) -> Path:
        path = self._primary()
        token = self._token()
        if token.text in _MODIFIERS:
            self._index += 1
            return Repeated(path, token.text)
        return path

    def _primary(self) -> Path:
        token = self._take()
        if token.text == "a":
            return RDF.type
        if token.text == "(":
            path = self._path()
            if not self._next_is(")"):
                raise UnreadableError("a path breaks off")
            return path
        if token.kind in _NAMES:
            return NamedNode(self._query.iri(token))
        known = self._parameters.get(token.variable)
        if isinstance(known, NamedNode):
            return known
        raise UnreadableError(f"{token.text} as a predicate")
