"""Binding: arguments become `VALUES` blocks of a query; no text of a user meets the query's text.

`VALUES ?p { t1 … tn }` is put first in every group graph pattern that mentions ?p. That keeps
projection, GROUP BY, ORDER BY, BOUND and `SELECT *` working, one term or many are the same
operation, and with focus nodes as terms it is SHACL's pre-binding. Only behind a GROUP BY that
does not name ?p is its `VALUES` out of sight; there a single term is written in its place. In FILTER
that can be asked for: it means the same, and how fast it is depends on the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise, takewhile

from clustergraph.errors import QueryRefusedError
from clustergraph.sparql.query import AGGREGATES, Group, Outline, outline
from clustergraph.sparql.terminals import Token
from clustergraph.terms import Term, has_blank_node, notation

_AGGREGATING = AGGREGATES | {"GROUP", "HAVING"}
_CLAUSES = {"SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"}


@dataclass(frozen=True, slots=True)
class _Edit:
    """`text` in place of what stands from offset `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Level:
    """A query or subselect outside of its groups: the indices of its tokens, each with its clause."""

    clauses: tuple[tuple[int, str], ...]
    is_aggregated: bool
    grouped: frozenset[str]

    def hides(self, variable: str) -> bool:
        """Whether what the WHERE binds to the variable is gone in HAVING and ORDER BY."""
        return self.is_aggregated and variable not in self.grouped


def bind(query: str | Outline, terms: Mapping[str, Iterable[Term]], *, in_filters: bool = False) -> str:
    """The query with each named variable bound to its terms.

    A mention in EXISTS counts for the group around it, one in OPTIONAL for the group around it
    too: each term keeps the rows that the OPTIONAL leaves as they are for this term. One in the
    head or the modifiers of a SELECT, or in a CONSTRUCT template, counts for its WHERE. The braces
    of a subselect are not a group; a variable that a subselect mentions is bound inside it,
    whether it is projected or not. A variable that the query does not mention is left alone;
    without any term the groups that mention the variable are empty. Line numbers stay. With
    `in_filters` a single term also stands in the place of its variable in each FILTER.

    Raises QueryRefusedError for a blank node, which SPARQL cannot name, and for several terms
    where HAVING or ORDER BY reads a variable that is not grouped by.

    >>> from clustergraph.terms import NamedNode
    >>> bind("SELECT ?s { ?s ?p ?o }", {"p": [NamedNode("urn:x")]})
    'SELECT ?s { VALUES ?p { <urn:x> } ?s ?p ?o }'
    """
    parsed = outline(query) if isinstance(query, str) else query
    written = {
        name: [_written(name, term) for term in given]
        for name, given in terms.items()
        if name in parsed.variables
    }
    blocks = {name: f" VALUES ?{name} {{ {' '.join(given)} }}" for name, given in written.items()}
    edits: list[_Edit] = []
    for group, mentioned in mentions(parsed):
        if text := "".join(block for name, block in blocks.items() if name in mentioned):
            edits += _first_in(parsed, group, text)
    edits += _missing_parts(parsed, blocks)
    edits += _in_filters(parsed, written) if in_filters else ()
    for level in _levels(parsed).values():
        edits += _behind_grouping(parsed, level, written)
    return _spliced(parsed.text, edits)


def mentions(query: Outline) -> list[tuple[Group, set[str]]]:
    """Each group that can take a binding, outermost first, with the variables it mentions.

    A group that is nothing but a subselect is among them where the query around it mentions a
    variable in its head or modifiers.
    """
    levels = _levels(query)
    groups = [group for top in query.groups for group in top.walk()]
    found: dict[int, set[str]] = {}
    for index, group in innermost(query):
        if variable := query.tokens[index].variable:
            for owner in _owners(query, levels, group, variable):
                found.setdefault(owner.opening, set()).add(variable)
    return [(group, found[group.opening]) for group in groups if group.opening in found]


def innermost(query: Outline) -> Iterator[tuple[int, Group | None]]:
    """The index of each token but braces, with the innermost group that holds it."""
    opening = {group.opening: group for top in query.groups for group in top.walk()}
    stack: list[Group] = []
    for index in range(len(query.tokens)):
        if group := opening.get(index):
            stack.append(group)
        elif stack and stack[-1].closing == index:
            stack.pop()
        else:
            yield index, stack[-1] if stack else None


def _owners(query: Outline, levels: Mapping[int, _Level], group: Group | None, variable: str) -> list[Group]:
    """The groups in which a variable that stands directly in `group` is to be bound."""
    if group is None or group.kind == "TEMPLATE" or group.subselect:
        nested = group.children if group is not None and group.subselect else query.groups
        return [child for child in nested if child.kind == "WHERE"][:1]
    if group.kind == "VALUES":
        return _owners(query, levels, group.parent, variable)
    exists = _exists_around(group)
    if exists is None:
        optional = _optional_around(group)
        return [group] + ([] if optional is None else _owners(query, levels, optional.parent, variable))
    around = exists.parent
    level = levels.get(-1 if around is None else around.opening)
    if level is not None and level.hides(variable):
        # The EXISTS stands in HAVING or ORDER BY, where only grouped variables are substituted.
        return [group]
    return _owners(query, levels, around, variable)


def _exists_around(group: Group | None) -> Group | None:
    """The EXISTS whose pattern the group is part of: SPARQL 1.1 §18.6 substitutes into all of it."""
    while group is not None and not group.subselect:
        if group.kind == "EXISTS":
            return group
        group = group.parent
    return None


def _optional_around(group: Group | None) -> Group | None:
    while group is not None and group.kind != "OPTIONAL":
        group = group.parent
    return group


def _levels(query: Outline) -> dict[int, _Level]:
    """The query (as -1) and its subselects (by the index of their brace)."""
    clauses: dict[int, list[tuple[int, str]]] = {-1: []}
    for index, group in innermost(query):
        if group is None or group.subselect:
            found = clauses.setdefault(-1 if group is None else group.opening, [])
            word = query.tokens[index].keyword
            found.append((index, word if word in _CLAUSES else found[-1][1] if found else ""))
    return {
        start: _Level(
            tuple(found),
            any(query.tokens[index].keyword in _AGGREGATING for index, _ in found),
            _grouped(query.tokens, [index for index, clause in found if clause == "GROUP"]),
        )
        for start, found in clauses.items()
    }


def _grouped(tokens: tuple[Token, ...], indices: Iterable[int]) -> frozenset[str]:
    """The variables in scope behind the GROUP BY that stands at these indices."""
    depth = 0
    names = set()
    for index in indices:
        depth += (tokens[index].text == "(") - (tokens[index].text == ")")
        if depth == 0 or tokens[index - 1].keyword == "AS":
            names.add(tokens[index].variable)
    return frozenset(names - {""})


def _written(name: str, term: Term) -> str:
    if has_blank_node(term):
        raise QueryRefusedError(f"a blank node for ?{name}", "SPARQL has no name for it")
    return notation(term)


def _first_in(query: Outline, group: Group, text: str) -> list[_Edit]:
    start, end = query.tokens[group.opening].end, query.tokens[group.closing].start
    if group.subselect:  # nothing may stand beside a subselect but in braces of its own
        return [_Edit(start, start, text + " {"), _Edit(end, end, "}")]
    return [_Edit(start, start, text)]


def _missing_parts(query: Outline, blocks: Mapping[str, str]) -> list[_Edit]:
    """What must be written out so that a WHERE can take a binding.

    `CONSTRUCT WHERE { … }` allows no VALUES until it has a template (SPARQL 1.1 §16.2.4);
    `DESCRIBE ?x` has no WHERE at all.
    """
    first = next(i for i, token in enumerate(query.tokens) if token.keyword == query.form)
    kinds = [group.kind for group in query.groups]
    if not blocks:
        return []
    if query.form == "CONSTRUCT" and "TEMPLATE" not in kinds:
        where = query.groups[0]
        behind = query.tokens[first].end
        return [_Edit(behind, behind, f" {{{_one_line(query, where)}}}")]
    if query.form == "DESCRIBE" and "WHERE" not in kinds:
        modifiers = _CLAUSES - {"FROM"}
        head = takewhile(lambda token: token.keyword not in modifiers, query.tokens[first:])
        behind = list(head)[-1].end
        return [_Edit(behind, behind, f" WHERE {{{''.join(blocks.values())} }}")]
    return []


def _one_line(query: Outline, group: Group) -> str:
    """What a group's braces hold, on one line, so that the lines below keep their number."""
    inside = query.tokens[group.opening : group.closing]
    return "".join(" " * (before.end < token.start) + token.text for before, token in pairwise(inside))


def _behind_grouping(query: Outline, level: _Level, written: Mapping[str, list[str]]) -> Iterator[_Edit]:
    """The term in place of each variable that grouping hides."""
    depth = 0
    for index, clause in level.clauses:
        token = query.tokens[index]
        depth += (token.text == "(") - (token.text == ")")
        before = query.tokens[index - 1]
        hidden = token.variable in written and level.hides(token.variable)
        if not hidden or depth == 0 or clause not in {"SELECT", "HAVING", "ORDER"} or before.keyword == "AS":
            continue
        if len(written[token.variable]) > 1:
            raise QueryRefusedError(
                f"several terms for ?{token.variable}", f"{clause} reads it and GROUP BY does not name it"
            )
        if written[token.variable]:
            yield _in_place(query, index, written[token.variable][0])


def _in_filters(query: Outline, written: Mapping[str, list[str]]) -> Iterator[_Edit]:
    """The term in place of each variable that has but one, in the FILTERs of the groups."""
    depths: dict[int, int] = {}  # of the groups where a FILTER is open, the brackets that are
    for index, group in innermost(query):
        token = query.tokens[index]
        if group is None or group.subselect:
            continue
        if token.keyword == "FILTER":
            depths[group.opening] = 0
        elif (depth := depths.get(group.opening)) is not None:
            depths[group.opening] = depth + (token.text == "(") - (token.text == ")")
            if (token.text, depth) == (")", 1) or (token.keyword, depth) == ("EXISTS", 0):
                del depths[group.opening]
            elif depth and len(given := written.get(token.variable, [])) == 1:
                yield _in_place(query, index, given[0])


def _in_place(query: Outline, index: int, term: str) -> _Edit:
    """The term in place of the variable at an index, `true` in place of BOUND of it."""
    token, outer = query.tokens[index], query.tokens[index - 2]
    if outer.keyword == "BOUND":
        return _Edit(outer.start, query.tokens[index + 1].end, " true ")
    return _Edit(token.start, token.end, f" {term} ")


def _spliced(text: str, edits: Iterable[_Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text
