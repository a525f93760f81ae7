"""The outline of a query: form, prefixes, dataset, services, groups, and the bounds on its size."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustergraph.errors import QueryRefusedError, QuerySyntaxError
from clustergraph.sparql.bounds import MAX_DEPTH, MAX_PARTS, bounded, is_small
from clustergraph.sparql.query import Group, check_services, outline

PREFIX = "PREFIX : <urn:> "


def shape(groups: list[Group] | tuple[Group, ...]) -> list[object]:
    """Kinds of groups as nested lists: `KIND` or `KIND*` for a subselect, then the children's."""
    return [
        [group.kind + "*" * group.subselect, *shape(group.children)]
        if group.children
        else group.kind + "*" * group.subselect
        for group in groups
    ]


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("select * {}", "SELECT"),
        ("PREFIX select: <urn:> aSk {}", "ASK"),
        ("BASE <urn:> PREFIX a: <b> VERSION '1.2' CONSTRUCT WHERE {}", "CONSTRUCT"),
        ("# SELECT\nDESCRIBE <SELECT>", "DESCRIBE"),
    ],
)
def test_form(query: str, form: str) -> None:
    assert outline(query).form == form


@pytest.mark.parametrize(
    "update",
    ["INSERT DATA {}", "DELETE WHERE {}", "WITH <urn:g> DELETE {} WHERE {}", "LOAD <urn:x>", "CLEAR ALL",
     "DROP ALL", "CREATE GRAPH <urn:g>", "ADD <urn:a> TO <urn:b>", "MOVE <urn:a> TO <urn:b>",
     "COPY DEFAULT TO <urn:b>",
     "PREFIX SELECT: <urn:> # SELECT\n insert data {}"],
)  # fmt: skip
def test_an_update_is_refused(update: str) -> None:
    with pytest.raises(QueryRefusedError, match="an update is refused"):
        outline(update)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("", "expected one of SELECT, ASK, CONSTRUCT, DESCRIBE, found the end"),
        ("PREFIX : <urn:>", "found the end"),
        ("FIND * {}", "line 1, column 1: expected one of SELECT.*found 'FIND'"),
        ("\n  ?x", "line 2, column 3"),
        ("SELECT * {", "line 1, column 10: '{' without its '}'"),
        ("SELECT * {\n}}", "line 2, column 2: '}' without its '{'"),
        ("PREFIX <urn:> SELECT * {}", "PREFIX that is not followed by an IRI"),
        ("PREFIX a:b <urn:> SELECT * {}", "expected a prefix and a colon, found 'a:b'"),
        ("PREFIX a:: <urn:> SELECT * {}", "expected a prefix and a colon, found 'a::'"),
        ("PREFIX a <urn:> SELECT * {}", "expected a prefix and a colon, found 'a'"),
        ("BASE : SELECT * {}", "BASE that is not followed by an IRI"),
        ("PREFIX a:", "PREFIX that is not followed"),
        ("VERSION 1.2 ASK {}", "VERSION that is not followed by an? string"),
    ],
)
def test_what_has_no_outline_is_a_syntax_error(query: str, problem: str) -> None:
    with pytest.raises(QuerySyntaxError, match=problem):
        outline(query)


def test_prefixes_and_base_are_resolved_in_turn() -> None:
    query = outline(
        "BASE <http://example.com/a/b> PREFIX x: <c#> PREFIX : <urn:> BASE <../d> PREFIX x: <e> "
        r"PREFIX y: <http://example.com/\u00e9> ASK {}"
    )
    assert query.base == "http://example.com/d"
    assert query.prefixes == {"x": "http://example.com/e", "": "urn:", "y": "http://example.com/é"}


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("", None),
        ("FROM <urn:a>", (("urn:a",), ())),
        ("FROM <urn:a> FROM :b FROM NAMED x:c", (("urn:a", "urn:b"), ("http://example.com/c",))),
        ("from named <urn:a>", ((), ("urn:a",))),
        ("FROM <#g> FROM <../g>", (("http://example.com/x/#g", "http://example.com/g"), ())),
        (r"FROM x:a\,b FROM x:%41", (("http://example.com/a,b", "http://example.com/%41"), ())),
    ],
)
def test_the_dataset_clause(clause: str, expected: object) -> None:
    prologue = "BASE <http://example.com/x/> PREFIX x: <http://example.com/> " + PREFIX
    query = outline(f"{prologue} SELECT * {clause} {{ ?s :FROM 'FROM <urn:x>' # FROM :y\n }}")
    assert query.from_graphs == expected


@pytest.mark.parametrize("graph", ["<g>", "none:g", "?g", "'g'"])
def test_a_graph_without_absolute_iri_is_a_syntax_error(graph: str) -> None:
    with pytest.raises(QuerySyntaxError):
        _ = outline(f"SELECT * FROM {graph} {{}}").from_graphs


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * WHERE { }", ["WHERE"]),
        ("SELECT * { }", ["WHERE"]),
        ("SELECT * FROM :g { }", ["WHERE"]),
        ("ASK { {} { } }", [["WHERE", "", ""]]),
        ("ASK { OPTIONAL{} MINUS{} {} UNION {} }", [["WHERE", "OPTIONAL", "MINUS", "", "UNION"]]),
        ("ASK { LATERAL { } }", [["WHERE", "LATERAL"]]),
        ("ASK { FILTER EXISTS {} FILTER(NOT EXISTS {{}} && 1) }", [["WHERE", "EXISTS", ["EXISTS", ""]]]),
        (
            "ASK { GRAPH ?g { {} } GRAPH :g {} GRAPH <urn:g> {} }",
            [["WHERE", ["GRAPH", ""], "GRAPH", "GRAPH"]],
        ),
        ("ASK { SERVICE <urn:s> { {} } SERVICE SILENT :s {} }", [["WHERE", ["SERVICE", ""], "SERVICE"]]),
        ("ASK { VALUES ?x { 1 } VALUES (?x ?y) { (1 2) } VALUES () { () } }", [["WHERE"] + ["VALUES"] * 3]),
        ("SELECT * { } VALUES ?x { 1 }", ["WHERE", "VALUES"]),
        ("SELECT * { } VALUES (?x) { (1) }", ["WHERE", "VALUES"]),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", ["TEMPLATE", "WHERE"]),
        ("CONSTRUCT FROM :g WHERE { ?s ?p ?o }", ["WHERE"]),
        ("DESCRIBE ?x", []),
        ("DESCRIBE ?x { ?x ?p ?o }", ["WHERE"]),
        ("DESCRIBE ?x VALUES ?x { 1 }", ["VALUES"]),
        ("SELECT (EXISTS {} AS ?e) { }", ["EXISTS", "WHERE"]),
        ("SELECT * { } HAVING (EXISTS { {} })", ["WHERE", ["EXISTS", ""]]),
        ("SELECT * { SELECT * { } }", [["WHERE*", "WHERE"]]),
        ("SELECT * { {SELECT * WHERE {} VALUES ?x {1}} {} }", [["WHERE", ["*", "WHERE", "VALUES"], ""]]),
        (
            "ASK { OPTIONAL { SELECT * {} } MINUS { SELECT * {} } {SELECT * {}} UNION {SELECT * {}} }",
            [["WHERE", ["OPTIONAL*", "WHERE"], ["MINUS*", "WHERE"], ["*", "WHERE"], ["UNION*", "WHERE"]]],
        ),
        ("ASK { FILTER EXISTS { SELECT * { ?x ?y ?z } } }", [["WHERE", ["EXISTS*", "WHERE"]]]),
        ("ASK { ?s ?p '{' . # {\n ?s ?p <urn:a> {| ?a ?b |} }", ["WHERE"]),
    ],
)
def test_groups(query: str, expected: object) -> None:
    assert shape(outline(PREFIX + query).groups) == expected


def test_groups_know_their_braces_and_parents() -> None:
    query = outline("ASK { { } OPTIONAL { { } } }")
    (top,) = query.groups
    assert [group.kind for group in top.walk()] == ["WHERE", "", "OPTIONAL", ""]
    for group in top.walk():
        assert (query.tokens[group.opening].text, query.tokens[group.closing].text) == ("{", "}")
        assert all(child.parent is group for child in group.children)
    assert [group.is_pattern for group in outline("SELECT * {SELECT * {}} VALUES ?x {1}").groups] == [
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?a $b { ?c ?d ?e }", ("a", "b")),
        ("SELECT DISTINCT ?a (COUNT(*) AS ?n) (?x*?y AS ?z) { }", ("a", "n", "z")),
        ("SELECT * { ?a ?b ?c }", ()),
        ("SELECT (COUNT(DISTINCT *) AS ?n) FROM :g { }", ("n",)),
        ("SELECT (EXISTS { ?x ?y ?z } AS ?e) ?f WHERE { }", ("e", "f")),
        ("ASK { ?a ?b ?c }", ()),
        ("SELECT ?a WHERE { {SELECT ?b {}} }", ("a",)),
    ],
)
def test_projection(query: str, expected: tuple[str, ...]) -> None:
    assert outline(PREFIX + query).projection == expected


def test_variables() -> None:
    query = outline("SELECT ?a { $b ?c '?d' . # ?e\n FILTER(?f<1) } ORDER BY ?g")
    assert query.variables == {"a", "b", "c", "f", "g"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ASK { ?s :SERVICE 'SERVICE <urn:a>' }", []),
        ("ASK { SERVICE <urn:a> {} service silent :b {} }", ["<urn:a>", ":b"]),
        ("ASK { FILTER(1) (<a> <p#>) :p 1 . SERVICE <urn:a> {} }", ["<urn:a>"]),
        ("ASK { FILTER(?a<1) SERVICE ?x {} }", ["?x"]),
        ("ASK { FILTER EXISTS { {SELECT * { OPTIONAL { SERVICE :a {} } }} } }", [":a"]),
    ],
)
def test_services(query: str, expected: list[str]) -> None:
    parsed = outline(PREFIX + query)
    assert [token.text for token in parsed.services] == expected
    assert parsed.is_volatile == bool(expected)


@pytest.mark.parametrize(
    ("service", "allowed"),
    [
        ("<https://example.com/sparql>", True),
        ("<HTTPS://EXAMPLE.COM/sparql>", True),
        ("x:sparql", True),
        ("<https://example.com>", True),
        ("<http://example.com/sparql>", False),
        ("<https://example.com:8443/sparql>", False),
        ("<https://example.com.evil.org/>", False),
        ("<https://example.com@evil.org/>", False),
        ("<https://evil.org/https://example.com/>", False),
        ("<https:example.com>", False),
        ("<file:///etc/passwd>", False),
        ("?service", False),
    ],
)
def test_check_services_compares_origins(service: str, *, allowed: bool) -> None:
    query = outline(f"PREFIX x: <https://example.com/> ASK {{ SERVICE SILENT {service} {{ }} }}")
    origins = frozenset({"https://example.com"})
    if allowed:
        check_services(query, origins)
    else:
        with pytest.raises(QueryRefusedError, match="SERVICE"):
            check_services(query, origins)
    with pytest.raises(QueryRefusedError):
        check_services(query)


@pytest.mark.parametrize(
    ("expression", "volatile"),
    [("NOW()", True), ("rand()", True), ("UUID()", True), ("STRUUID()", True), ("BNODE()", True),
     ("STR(1)", False), ("'NOW()'", False), (":NOW()", False)],
)  # fmt: skip
def test_volatile_queries_are_told_apart(expression: str, *, volatile: bool) -> None:
    assert outline(f"{PREFIX} SELECT ({expression} AS ?x) {{ }}").is_volatile == volatile


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("{", "}"), ("(", ")"), ("[", "]"), ("<<(", ")>>"), ("<<", ">>"), ("{|", "|}"), ("!", "")],
)
def test_nesting_is_bounded(opening: str, closing: str) -> None:
    fits, too_deep = MAX_DEPTH, MAX_DEPTH + 1
    assert bounded(opening * fits + closing * fits)
    with pytest.raises(QueryRefusedError, match=f"nested more than {MAX_DEPTH} deep"):
        bounded(opening * too_deep + closing * too_deep)


@pytest.mark.parametrize(
    "part", ["+ ", "|| ", "/ ", "| ", "OPTIONAL ", "union ", "MINUS ", "BIND ", "FILTER ", "AS "]
)
def test_chains_are_bounded(part: str) -> None:
    assert bounded(part * MAX_PARTS)
    with pytest.raises(QueryRefusedError, match=f"of more than {MAX_PARTS} parts"):
        bounded(part * (MAX_PARTS + 1))


@given(st.text(st.sampled_from("{}([!<+|/ &a?"), max_size=400))
def test_what_is_small_is_within_the_bounds(text: str) -> None:
    if is_small(text):
        with contextlib.suppress(QuerySyntaxError):
            bounded(text)


@pytest.mark.parametrize("part", ["{", "(", "[", "!", "<<", "+1", "/a", "AS ", "{|", "<<("])
def test_what_is_out_of_bounds_is_not_small(part: str) -> None:
    assert not is_small(part * (MAX_PARTS + 1))
    assert is_small("ASK { ?s ?p ?o FILTER(!BOUND(?s)) }")


def test_long_data_is_no_chain() -> None:
    values = " ".join(f"<urn:{n}>" for n in range(20_000))
    assert outline(f"SELECT * {{ VALUES ?x {{ {values} }} }}").form == "SELECT"


@given(st.text(st.sampled_from("{}()[]<>?aA:'\"#\n\\ $.^|&!*"), max_size=40))
def test_any_text_has_an_outline_or_an_error_of_ours(text: str) -> None:
    for query in (text, f"SELECT * {{ {text} }}", f"ASK {text}"):
        try:
            assert outline(query).text == query
        except (QuerySyntaxError, QueryRefusedError) as error:
            assert "\n" not in str(error).replace(repr("\n"), "")  # noqa: PT017  # one of two outcomes


def test_only_known_prefixes_that_are_used_are_declared() -> None:
    query = outline("PREFIX a: <urn:a:> ASK { a:x b:y c:z }")
    assert query.declarations({"a": "urn:other:", "b": "urn:b:", "d": "urn:d:"}) == "PREFIX b: <urn:b:> "
