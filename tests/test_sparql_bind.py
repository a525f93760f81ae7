"""`bind`, against a naive evaluation of SPARQL's algebra with the term written in the variable's place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pyoxigraph as ox
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from clustergraph.errors import QueryRefusedError
from clustergraph.sparql.bind import bind, mentions
from clustergraph.sparql.query import outline
from clustergraph.terms import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Term, Triple

EX = "http://example.com/"
A, B, C, K, L, P, Q = (NamedNode(EX + name) for name in "abcklpq")
PREFIX = f"PREFIX : <{EX}> "
FACTS = [(A, P, K), (B, P, K), (B, P, L), (C, P, L), (A, Q, B), (B, Q, C), (K, Q, L), (K, P, K)]


def store(facts: Iterable[tuple[NamedNode, NamedNode, Term]] = FACTS) -> ox.Store:
    made = ox.Store()
    made.extend(Quad(s, p, o, DefaultGraph()) for s, p, o in facts)
    return made


def ask(query: str, *, data: ox.Store | None = None) -> list[dict[str, Term]]:
    answer = (store() if data is None else data).query(PREFIX + query)
    assert isinstance(answer, ox.QuerySolutions)
    names = [variable.value for variable in answer.variables]
    return [{n: row[n] for n in names if row[n] is not None} for row in answer]


def bound(query: str, **terms: Term | list[Term]) -> str:
    given = {name: term if isinstance(term, list) else [term] for name, term in terms.items()}
    return bind(PREFIX + query, given)[len(PREFIX) :]


def bag(rows: Iterable[Mapping[str, Term]]) -> Counter[frozenset[tuple[str, Term]]]:
    return Counter(frozenset(row.items()) for row in rows)


# What the bound text looks like.


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * { ?x :p ?v }", "SELECT * {§ ?x :p ?v }"),
        ("SELECT ?v { ?x :p :k }", "SELECT ?v {§ ?x :p :k }"),
        ("SELECT * { ?x :p :k }", "SELECT * { ?x :p :k }"),
        ("SELECT * { ?x :p '?v' # ?v\n }", "SELECT * { ?x :p '?v' # ?v\n }"),
        ("SELECT * { $v :p :k }", "SELECT * {§ $v :p :k }"),
        ("SELECT * { { ?x :p ?v } UNION { ?v :p ?x } }", "SELECT * { {§ ?x :p ?v } UNION {§ ?v :p ?x } }"),
        ("SELECT * { OPTIONAL { FILTER(?v = 1) } }", "SELECT * {§ OPTIONAL {§ FILTER(?v = 1) } }"),
        ("SELECT * { {OPTIONAL { {?x :p ?v} } } }", "SELECT * { {§OPTIONAL { {§?x :p ?v} } } }"),
        ("SELECT * { FILTER EXISTS { {?x :p ?v} } }", "SELECT * {§ FILTER EXISTS { {?x :p ?v} } }"),
        ("SELECT * { GRAPH ?v { ?x :p ?y } }", "SELECT * {§ GRAPH ?v { ?x :p ?y } }"),
        ("SELECT * { GRAPH ?g { ?x :p ?v } }", "SELECT * { GRAPH ?g {§ ?x :p ?v } }"),
        ("SELECT * { VALUES ?v { :k } }", "SELECT * {§ VALUES ?v { :k } }"),
        ("SELECT * { VALUES (?v ?x) { (:k 1) } }", "SELECT * {§ VALUES (?v ?x) { (:k 1) } }"),
        ("SELECT ?x { ?x :p :k } VALUES ?v { :k }", "SELECT ?x {§ ?x :p :k } VALUES ?v { :k }"),
        ("SELECT * { { SELECT ?x { ?x :p ?v } } }", "SELECT * { { SELECT ?x {§ ?x :p ?v } } }"),
        ("SELECT * { SELECT ?v { ?x :p :k } }", "SELECT * { SELECT ?v {§ ?x :p :k } }"),
        ("SELECT ?v { SELECT ?x { ?x :p :k } }", "SELECT ?v {§ { SELECT ?x { ?x :p :k } }}"),
        ("SELECT * {FILTER EXISTS { SELECT ?v {} }}", "SELECT * {FILTER EXISTS { SELECT ?v {§} }}"),
        ("CONSTRUCT { ?v :p ?x } WHERE { ?x :p :k }", "CONSTRUCT { ?v :p ?x } WHERE {§ ?x :p :k }"),
        ("CONSTRUCT WHERE { ?x :p ?v }", "CONSTRUCT { ?x :p ?v} WHERE {§ ?x :p ?v }"),
        ("CONSTRUCT FROM :g WHERE{?x :p ?v}", "CONSTRUCT {?x :p ?v} FROM :g WHERE{§?x :p ?v}"),
        (
            "CONSTRUCT WHERE {\n?v :p 'a'@en # }\n}",
            "CONSTRUCT { ?v :p 'a'@en} WHERE {§\n?v :p 'a'@en # }\n}",
        ),
        ("DESCRIBE ?v", "DESCRIBE ?v WHERE {§ }"),
        ("DESCRIBE ?v :a FROM :g LIMIT 1", "DESCRIBE ?v :a FROM :g WHERE {§ } LIMIT 1"),
        ("DESCRIBE ?v VALUES ?v { :k }", "DESCRIBE ?v WHERE {§ } VALUES ?v { :k }"),
        ("DESCRIBE ?v { ?v :p ?x }", "DESCRIBE ?v {§ ?v :p ?x }"),
        ("ASK { ?x :p ?y {| :q ?v |} }", "ASK {§ ?x :p ?y {| :q ?v |} }"),
        ("ASK { ?x :p <<( ?v :q :k )>> }", "ASK {§ ?x :p <<( ?v :q :k )>> }"),
        ("SELECT ?x {} ORDER BY ?v", "SELECT ?x {§} ORDER BY ?v"),
    ],
)
def test_values_stand_first_in_each_group_that_mentions_the_variable(query: str, expected: str) -> None:
    values = f" VALUES ?v {{ {K} {L} }}"
    assert bound(query, v=[K, L]) == expected.replace("§", values)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ASK { ?x :p ?y FILTER(?y = ?v) }", "ASK {§ ?x :p ?y FILTER(?y =  † ) }"),
        ("ASK { ?v :p ?y FILTER(!BOUND(?v)) }", "ASK {§ ?v :p ?y FILTER(! true ) }"),
        ("ASK { FILTER(STR(?v) = '') ?v :p (?v) }", "ASK {§ FILTER(STR( † ) = '') ?v :p (?v) }"),
        ("ASK { FILTER STRENDS(?v, '') ?v :p (?v) }", "ASK {§ FILTER STRENDS( † , '') ?v :p (?v) }"),
        ("ASK { FILTER EXISTS {} ?v :p (?v) }", "ASK {§ FILTER EXISTS {} ?v :p (?v) }"),
        ("ASK { FILTER(EXISTS { ?v :p ?v } && ?v) }", "ASK {§ FILTER(EXISTS { ?v :p ?v } &&  † ) }"),
        ("ASK { OPTIONAL { FILTER(?v) } }", "ASK {§ OPTIONAL {§ FILTER( † ) } }"),
        ("ASK { BIND(?v AS ?x) }", "ASK {§ BIND(?v AS ?x) }"),
    ],
)
def test_a_single_term_stands_in_filters(query: str, expected: str) -> None:
    found = bind(PREFIX + query, {"v": [K]}, in_filters=True)[len(PREFIX) :]
    assert found == expected.replace("§", f" VALUES ?v {{ {K} }}").replace("†", str(K))


def test_several_variables_are_bound_in_their_order() -> None:
    query = bound("ASK { ?x :p ?y OPTIONAL { ?y :q ?z } }", x=A, y=[], z=[K, L], other=B)
    assert query == (
        f"ASK {{ VALUES ?x {{ {A} }} VALUES ?y {{  }} VALUES ?z {{ {K} {L} }} ?x :p ?y "
        f"OPTIONAL {{ VALUES ?y {{  }} VALUES ?z {{ {K} {L} }} ?y :q ?z }} }}"
    )


def test_lines_keep_their_numbers() -> None:
    query = "CONSTRUCT\nWHERE {\n ?x :p ?v\n # ?v\n}\nLIMIT 1"
    assert bound(query, v=K).splitlines()[2:] == query.splitlines()[2:]


@pytest.mark.parametrize(
    "term", [BlankNode("b"), Triple(A, P, BlankNode("b")), Triple(A, P, Triple(BlankNode(), P, A))]
)
def test_a_blank_node_is_refused(term: Term) -> None:
    with pytest.raises(QueryRefusedError, match=r"a blank node for \?v"):
        bound("SELECT * { ?x :p ?v }", v=term)


def test_mentions_names_groups_and_variables() -> None:
    query = outline(PREFIX + "SELECT ?a { ?b :p ?c OPTIONAL { ?d :p 1 } { SELECT ?e { ?f :p 1 } } }")
    assert [(group.kind, names) for group, names in mentions(query)] == [
        ("WHERE", {"a", "b", "c", "d"}),
        ("OPTIONAL", {"d"}),
        ("WHERE", {"e", "f"}),
    ]


# What the bound query means, by cases that have one right answer.


@pytest.mark.parametrize(
    ("query", "terms", "expected"),
    [
        ("SELECT ?x { ?x :p ?v }", [K], ["a", "b", "k"]),
        ("SELECT ?x { ?x :p ?v }", [K, L], ["a", "b", "b", "c", "k"]),
        ("SELECT ?x { ?x :p ?v }", [], []),
        ("SELECT ?x { ?x ?y ?z FILTER(?z = ?v) }", [L], ["b", "c", "k"]),
        ("SELECT ?x { ?x :q ?y FILTER EXISTS { ?x :p ?v } }", [K], ["a", "b", "k"]),
        ("SELECT ?x { ?x :q ?y FILTER NOT EXISTS { ?x :p ?v } }", [L], ["a", "k"]),
        ("SELECT ?x { ?x :q ?y FILTER NOT EXISTS { { ?x :p ?v } UNION { ?x :q ?v } } }", [L], ["a"]),
        ("SELECT ?x { ?x :q [] FILTER EXISTS { ?x :p ?w OPTIONAL { ?w :q 1 } FILTER(?w=?v) } }", [L], ["b"]),
        ("SELECT ?x { ?x :q ?y FILTER EXISTS { SELECT ?x { ?x :p ?v } } }", [L], ["b"]),
        ("SELECT ?x { ?x :q ?y MINUS { ?x :p ?v } }", [K], []),
        ("SELECT ?x { ?x :q ?y MINUS { ?x :p ?v } }", [L], ["a", "k"]),
        ("SELECT ?x { ?x :q ?y OPTIONAL { ?x :p ?w FILTER(?w = ?v) } FILTER(BOUND(?w)) }", [L], ["b"]),
        ("SELECT ?x { ?x :q ?y FILTER(!BOUND(?v) || EXISTS { ?x :p ?v }) }", [L], ["b"]),
        ("SELECT ?x { ?x :q ?y BIND(?v AS ?w) ?x :p ?w }", [L], ["b"]),
        ("SELECT ?x { { SELECT ?x { ?x :p ?v } ORDER BY ?x LIMIT 1 } }", [L], ["b"]),
        ("SELECT ?x { { SELECT ?x (COUNT(*) AS ?n) { ?x :p ?v } GROUP BY ?x } }", [L], ["b", "c"]),
        ("SELECT ?x { { SELECT ?x ?v { ?x :p ?y } } ?x :p ?v }", [L], ["b", "b", "c"]),
        ("SELECT ?x { SELECT ?x ?v { ?x :p ?v } }", [L], ["b", "c"]),
        ("SELECT ?x { ?x :p ?v } GROUP BY ?x", [K, L], ["a", "b", "c", "k"]),
        ("SELECT ?x { ?x :p ?v } GROUP BY ?x HAVING(COUNT(*) > 1)", [K, L], ["b"]),
        ("SELECT ?x { ?x :p ?v VALUES ?v { :k } }", [K, L], ["a", "b", "k"]),
        ("SELECT ?x { ?x :p/:q ?v }", [L], ["a", "b", "k"]),
        ("SELECT ?x { ?x :p ?v } ORDER BY ?v DESC(?x) LIMIT 2", [K], ["b", "k"]),
        # behind a GROUP BY that does not name it
        ("SELECT ?x { ?x :p ?y } GROUP BY ?x HAVING(SAMPLE(?y) = ?v || ?x = ?v)", [K], ["a", "k"]),
        ("SELECT ?x { ?x :p ?y } GROUP BY ?x HAVING(BOUND(?v) && ?x = ?v)", [A], ["a"]),
        ("SELECT ?x { ?x :p ?y } GROUP BY ?x HAVING(!BOUND(?v) || ?x = ?v)", [A], ["a"]),
        ("SELECT ?x { ?x :p ?y } GROUP BY ?x HAVING(EXISTS { ?x :q ?v })", [B], ["a"]),
        ("SELECT ?x { ?x :p ?y } GROUP BY ?x HAVING(NOT EXISTS { { ?x :q ?v } })", [B], ["b", "c", "k"]),
        ("SELECT ?x { ?x :p ?y } GROUP BY ?x ORDER BY DESC(?x = ?v) LIMIT 1", [C], ["c"]),
        ("SELECT ?x { ?x :p ?y } GROUP BY ?x ?v HAVING(?x = ?v)", [A, B], ["a", "b"]),
        ("SELECT (IF(SAMPLE(?y) = ?v, SAMPLE(?y), ?v) AS ?x) { ?y :p :l }", [K], ["k"]),
        ("SELECT ?x { { SELECT ?x { ?x :p ?y } GROUP BY ?x HAVING(?x = ?v) } }", [A], ["a"]),
    ],
)  # fmt: skip
def test_the_bound_query_means(query: str, terms: list[Term], expected: list[str]) -> None:
    found = sorted(row["x"].value for row in ask(bound(query, v=terms)) if isinstance(row["x"], NamedNode))
    assert [iri.removeprefix(EX) for iri in found] == expected


def test_a_left_out_argument_leaves_the_guard_open() -> None:
    query = "SELECT ?x { ?x :q ?y FILTER(!BOUND(?v) || ?y = ?v) }"
    assert len(ask(query)) == 3
    assert len(ask(bound(query, v=B))) == 1


def test_several_terms_behind_a_grouping_that_hides_them_are_refused() -> None:
    with pytest.raises(QueryRefusedError, match=r"several terms for \?v is refused: HAVING reads it"):
        bound("SELECT ?x { ?x :p ?y } GROUP BY ?x HAVING(?x = ?v)", v=[K, L])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("CONSTRUCT { ?x :was ?v } WHERE { ?x :q :b }", {Triple(A, NamedNode(EX + "was"), K)}),
        ("CONSTRUCT WHERE { ?x :q ?y ; :p ?v }",
         {Triple(A, Q, B), Triple(A, P, K), Triple(B, Q, C), Triple(B, P, K), Triple(K, Q, L),
          Triple(K, P, K)}),
        ("DESCRIBE ?v", {Triple(K, Q, L), Triple(K, P, K)}),
        ("DESCRIBE ?v :c", {Triple(K, Q, L), Triple(K, P, K), Triple(C, P, L)}),
        ("DESCRIBE ?x { ?x :q ?y . ?y :p ?v }", {Triple(A, Q, B), Triple(A, P, K)}),
    ],
)  # fmt: skip
def test_graphs_are_bound_too(query: str, expected: set[Triple]) -> None:
    assert set(store().query(PREFIX + bound(query, v=K))) == expected


def test_projection_and_star_show_the_term() -> None:
    assert {row["v"] for row in ask(bound("SELECT ?v ?x { ?x :q ?y }", v=K))} == {K}
    assert {row["v"] for row in ask(bound("SELECT * { ?x :q ?y FILTER(?y != ?v) }", v=K))} == {K}


# Any term there is.

CHARACTERS = st.characters(exclude_categories=["Cs"])
HOSTILE = st.sampled_from(
    ['"', "'", '"""', "\\", "\\u0022", "\n", "\r", "\x00", "} UNION { ?s ?p ?o", '"@ja } #', "?v", "{", "#",
     "\u2028", "\ufffe", "\U0010ffff", "機関1\"@ja } #", '\\" } ; DROP ALL #', "<urn:x>", "''' }",
     "--ltr", "^^<urn:x>"]
)  # fmt: skip
TEXTS = st.text(CHARACTERS, max_size=12) | st.lists(HOSTILE, max_size=3).map("".join)


def _iri(text: str) -> NamedNode | None:
    try:
        return NamedNode("urn:" + text)
    except ValueError:
        return None


NAMED_NODES = TEXTS.map(_iri).filter(lambda iri: iri is not None)
LITERALS = st.one_of(
    st.builds(Literal, TEXTS),
    st.builds(
        lambda text, tag: Literal(text, language=tag), TEXTS, st.sampled_from(["en", "ja", "en-gb", "x-a-1"])
    ),
    st.builds(
        lambda text, way: Literal(text, language="ar", direction=way),
        TEXTS,
        st.sampled_from([ox.BaseDirection.LTR, ox.BaseDirection.RTL]),
    ),
    st.builds(lambda text, iri: Literal(text, datatype=iri), TEXTS, NAMED_NODES),
    st.integers().map(Literal),
    st.booleans().map(Literal),
    st.floats(allow_nan=False).map(Literal),
)
TERMS = st.recursive(
    NAMED_NODES | LITERALS,
    lambda inner: st.builds(Triple, NAMED_NODES, NAMED_NODES, inner),
    max_leaves=3,
)


@settings(max_examples=150, deadline=None)
@given(TERMS, TERMS)
@example(Literal('"@ja } #'), NamedNode("urn:x"))
def test_any_term_arrives_as_itself_and_nothing_else(term: Term, other: Term) -> None:
    data = store([(A, P, term), (B, P, other)])
    (stored,) = (quad.object for quad in data.quads_for_pattern(A, None, None))
    same = sum(quad.object == stored for quad in data)
    query = bound("SELECT ?x ?v { ?x :p ?v FILTER EXISTS { ?y :p ?v } }", v=term)
    assert bag(ask(query, data=data)) == bag(
        {"x": q.subject, "v": stored} for q in data if q.object == stored
    )
    assert ask(bound("SELECT (COUNT(*) AS ?n) { ?x :p ?v }", v=term), data=data) == [{"n": Literal(same)}]
    parsed = outline(PREFIX + query)
    assert parsed.form == "SELECT"
    assert [group.kind for group in parsed.groups] == ["WHERE"]


# Any pattern there is: a tree of the algebra, written as SPARQL for the engine, evaluated here by its
# definition (SPARQL 1.1 §18) with the term already in the variable's place.

Row = Mapping[str, Term]
Rows = list[dict[str, Term]]
Slot = str | NamedNode  # a variable's name, or a term


@dataclass(frozen=True)
class Node:
    """An operator with its parts: slots, or other nodes."""

    kind: str
    parts: tuple[object, ...]


def nodes(node: Node) -> list[Node]:
    return [part for part in node.parts if isinstance(part, Node)]


def written(part: object) -> str:
    """The SPARQL of a slot, a pattern's inside or an expression."""
    if isinstance(part, str):
        return "?" + part
    if not isinstance(part, Node):
        return str(part)
    if part.kind == "bound" and not isinstance(part.parts[0], str):
        return "true"
    inner = [written(inner) for inner in part.parts]
    return TEMPLATES[part.kind].format(*inner, all=" ".join(inner))


TEMPLATES = {
    "triple": "{0} {1} {2} .",
    "group": "{{ {all} }}",
    "join": "{0} {1}",
    "union": "{0} UNION {1}",
    "optional": "OPTIONAL {0}",
    "filter": "FILTER({0})",
    "minus": "MINUS {0}",
    "bind": "BIND({0} AS {1})",
    "subselect": "{{ SELECT DISTINCT {0} ?v {1} }}",
    "equal": "({0} = {1})",
    "unequal": "({0} != {1})",
    "bound": "BOUND({0})",
    "not": "(!{0})",
    "and": "({0} && {1})",
    "or": "({0} || {1})",
    "exists": "EXISTS {0}",
}


def compatible(one: Row, other: Row) -> bool:
    return all(other.get(name, term) == term for name, term in one.items())


def evaluate(node: Node) -> Rows:
    """The solutions of a group, part after part (SPARQL 1.1 §18.2.2.6); filters come last."""
    found: Rows = [{}]
    filters = []
    for part in nodes(node):
        if part.kind == "filter":
            filters.append(part.parts[0])
        elif part.kind == "optional":
            found = optional(found, nodes(part)[0])
        elif part.kind == "minus":
            removed = evaluate(nodes(part)[0])
            found = [r for r in found if not any(r.keys() & o.keys() and compatible(r, o) for o in removed)]
        elif part.kind == "bind":
            source, name = part.parts
            assert isinstance(name, str)
            found = [r | {name: t} if (t := value(source, r)) is not None else r for r in found]
        else:
            found = [one | other for one in found for other in pattern(part) if compatible(one, other)]
    return [row for row in found if all(true(test, row) for test in filters)]


def pattern(part: Node) -> Rows:
    if part.kind == "triple":
        return [row for fact in FACTS if (row := match(part, fact)) is not None]
    if part.kind == "union":
        return [row for branch in nodes(part) for row in evaluate(branch)]
    if part.kind == "subselect":
        name, inner = part.parts
        assert isinstance(inner, Node)
        rows = [{k: t for k, t in row.items() if k == name} for row in evaluate(inner)]
        return [dict(row) for row in dict.fromkeys(frozenset(row.items()) for row in rows)]
    return evaluate(part)


def match(part: Node, fact: tuple[Term, ...]) -> dict[str, Term] | None:
    row: dict[str, Term] = {}
    for slot, term in zip(part.parts, fact, strict=True):
        if isinstance(slot, str):
            if row.setdefault(slot, term) != term:
                return None
        elif slot != term:
            return None
    return row


def optional(found: Rows, inner: Node) -> Rows:
    """LeftJoin, whose condition is the filter of the inner group (§18.2.2.6)."""
    tests = [part.parts[0] for part in nodes(inner) if part.kind == "filter"]
    bare = Node("group", tuple(part for part in nodes(inner) if part.kind != "filter"))
    others = evaluate(bare)
    joined: Rows = []
    for row in found:
        matches = [row | o for o in others if compatible(row, o) and all(true(t, row | o) for t in tests)]
        joined += matches or [row]
    return joined


def value(expression: object, row: Row) -> Term | None:
    return row.get(expression) if isinstance(expression, str) else expression  # type: ignore[return-value]


def true(test: object, row: Row) -> bool:
    return truth(test, row) is True


def truth(test: object, row: Row) -> bool | None:
    """The effective boolean value, or None for an error (§17.2)."""
    assert isinstance(test, Node)
    if test.kind in {"equal", "unequal"}:
        one, other = (value(part, row) for part in test.parts)
        return None if one is None or other is None else (one == other) == (test.kind == "equal")
    if test.kind == "bound":
        return value(test.parts[0], row) is not None
    if test.kind == "exists":
        return bool(evaluate(substituted(nodes(test)[0], row)))
    inner = [truth(part, row) for part in nodes(test)]
    if test.kind == "not":
        return None if inner[0] is None else not inner[0]
    decisive = test.kind == "or"
    if decisive in inner:
        return decisive
    return None if None in inner else not decisive


def substituted(node: Node, row: Row) -> Node:
    """The pattern with each variable of the row replaced by its term, also inside (§18.6)."""

    def changed(part: object) -> object:
        if isinstance(part, Node):
            return substituted(part, row)
        return row.get(part, part) if isinstance(part, str) else part

    return Node(node.kind, tuple(changed(part) for part in node.parts))


VARIABLES = st.sampled_from(["x", "y", "z", "v"])
TRIPLES = st.builds(
    lambda s, p, o: Node("triple", (s, p, o)),
    VARIABLES | st.sampled_from([A, B, K]),
    st.sampled_from([P, Q]),
    VARIABLES | st.sampled_from([K, L, B]),
)
SIMPLE_TESTS = st.one_of(
    st.builds(
        lambda kind, one, other: Node(kind, (one, other)),
        st.sampled_from(["equal", "unequal"]), VARIABLES, VARIABLES | st.sampled_from([K, L]),
    ),
    VARIABLES.map(lambda name: Node("bound", (name,))),
)  # fmt: skip


def conditions(groups: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.recursive(
        SIMPLE_TESTS | groups.map(lambda group: Node("exists", (group,))),
        lambda inner: st.one_of(
            inner.map(lambda test: Node("not", (test,))),
            st.builds(lambda kind, a, b: Node(kind, (a, b)), st.sampled_from(["and", "or"]), inner, inner),
        ),
        max_leaves=3,
    )


def group_of(parts: st.SearchStrategy[Node], size: int) -> st.SearchStrategy[Node]:
    return st.lists(parts, min_size=1, max_size=size).map(lambda found: Node("group", tuple(found)))


def combined(inner: st.SearchStrategy[Node], *, subselects: bool) -> st.SearchStrategy[Node]:
    options = [
        TRIPLES,
        inner,
        st.tuples(inner, inner).map(lambda both: Node("union", both)),
        inner.map(lambda group: Node("optional", (group,))),
    ]
    if subselects:
        options.append(st.builds(lambda n, g: Node("subselect", (n, g)), st.sampled_from(["x", "y"]), inner))
    return st.one_of(options)


# Inside of EXISTS: what §18.6 defines substitution for without doubt.
FLAT = group_of(TRIPLES, 2)
INSIDE = group_of(
    st.one_of(TRIPLES, st.tuples(FLAT, FLAT).map(lambda both: Node("union", both)), FLAT,
              SIMPLE_TESTS.map(lambda test: Node("filter", (test,)))),
    3,
)  # fmt: skip
FILTERS = conditions(INSIDE).map(lambda test: Node("filter", (test,)))
INNER = group_of(st.one_of(combined(group_of(TRIPLES | FILTERS, 2), subselects=True), FILTERS), 3)
GROUPS = group_of(st.one_of(combined(INNER, subselects=True), FILTERS), 3)


def reaches_out(node: Node) -> bool:
    """Whether an EXISTS speaks of a variable that the group around it does not bind.

    The engine lets it see rows beside that group: see test_engine_contract.
    """
    if node.kind == "group":
        own = {name for part in nodes(node) if part.kind != "filter" for name in names_in(part)} | {"v"}
        asked = {name for part in nodes(node) if part.kind == "filter" for name in names_in(part)}
        if asked - own:
            return True
    return any(reaches_out(part) for part in nodes(node))


def names_in(node: Node) -> set[str]:
    slots = {part for part in node.parts if isinstance(part, str)}
    return slots.union(*(names_in(part) for part in nodes(node)))


def without(rows: Iterable[Row]) -> Counter[frozenset[tuple[str, Term]]]:
    return bag({name: term for name, term in row.items() if name != "v"} for row in rows)


@settings(max_examples=100, deadline=None)
@given(GROUPS)
def test_the_evaluation_here_agrees_with_the_engine_on_constants(group: Node) -> None:
    """What the next test rests on: the engine and this file mean the same by a pattern without ?v."""
    constant = substituted(group, {"v": K})
    query = "SELECT ?x ?y ?z " + written(constant).replace("?v", "")
    assert without(ask(query)) == without(evaluate(constant))


@settings(max_examples=150, deadline=None)
@given(
    GROUPS,
    st.sampled_from([A, K, L]),
    st.sampled_from(["SELECT ?x ?y ?z", "SELECT ?x ?y ?z ?v", "SELECT *"]),
    st.booleans(),
)
def test_binding_one_term_means_the_term_in_the_place_of_the_variable(
    group: Node, term: NamedNode, head: str, in_filters: bool
) -> None:
    assume(not reaches_out(group))
    query = f"{PREFIX}{head} {written(group)}"
    rows = ask(bind(query, {"v": [term]}, in_filters=in_filters)[len(PREFIX) :])
    assert without(rows) == without(evaluate(substituted(group, {"v": term})))
    if "?v" in head:
        assert all(row["v"] == term for row in rows)


@settings(max_examples=150, deadline=None)
@given(GROUPS, st.sampled_from(["?x", "?v", "?x ?v", "?z ?y"]))
def test_grouping_and_counting_keep_working(group: Node, by: str) -> None:
    assume(not reaches_out(group))
    query = f"SELECT {by} (COUNT(*) AS ?n) {written(group)} GROUP BY {by} HAVING(COUNT(*) > 0 && ?v = ?v)"
    expected: Counter[frozenset[tuple[str, Term]]] = Counter()
    names = [name[1:] for name in by.split()]
    for row in evaluate(substituted(group, {"v": K})):
        expected[frozenset((n, t) for n, t in {**row, "v": K}.items() if n in names)] += 1
    rows = ask(bound(query, v=K))
    counted = {frozenset((n, t) for n, t in row.items() if n != "n"): row["n"] for row in rows}
    assert counted == {key: Literal(number) for key, number in expected.items()}


def _asked_one_by_one(
    make: Callable[[Term], str], terms: list[NamedNode]
) -> Counter[frozenset[tuple[str, Term]]]:
    return sum((bag(ask(make(term))) for term in terms), Counter())


@settings(max_examples=150, deadline=None)
@given(GROUPS, st.lists(st.sampled_from([A, K, L, C]), unique=True, max_size=3))
def test_binding_many_terms_is_binding_each(group: Node, terms: list[NamedNode]) -> None:
    """Where the outermost group mentions the variable, its answers are those of each term together."""
    assume(not reaches_out(group))
    query = f"SELECT ?x ?y ?z ?v {written(group)}"
    together = bag(ask(bound(query, v=list(terms))))
    assert together == _asked_one_by_one(lambda term: bound(query, v=term), terms)
