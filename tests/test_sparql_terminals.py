"""The terminals of SPARQL and Turtle, against the grammar and against the engine's own parser."""

from __future__ import annotations

import contextlib
import itertools
import re
import time

import pyoxigraph as ox
import pytest
from hypothesis import assume, example, given, reject, settings
from hypothesis import strategies as st

from clustergraph.errors import QuerySyntaxError
from clustergraph.sparql.terminals import Kind, Token, place, tokens


def texts(text: str, *, turtle: bool = False) -> list[str]:
    return [token.text for token in tokens(text, turtle=turtle)]


def kinds(text: str) -> list[Kind]:
    return [token.kind for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # numbers: the dot behind an integer ends the triple
        ("1.", ["1", "."]),
        ("1.5.", ["1.5", "."]),
        ("1.e5", ["1.e5"]),
        ("1.e", ["1", ".", "e"]),
        (".5e-3 .5 5E+1", [".5e-3", ".5", "5E+1"]),
        ("-1 +2.0", ["-", "1", "+", "2.0"]),
        # prefixed names
        (":a.b.c.", [":a.b.c", "."]),
        (":a..b :a-.", [":a..b", ":a-", "."]),
        ("a.b:c : a:", ["a.b:c", ":", "a:"]),
        (r":%41\%\.\-x\~", [r":%41\%\.\-x\~"]),
        (":a:b::c", [":a:b::c"]),
        (":0 :_x :日本.", [":0", ":_x", ":日本", "."]),
        (":.a", [":", ".", "a"]),
        ("é:ü·", ["é:ü·"]),
        # variables, beside path modifiers
        ("a?b:c", ["a", "?b", ":c"]),
        (":a?:b", [":a", "?", ":b"]),
        (":p?/^:q*|!(^:a|:b)+ $o", [":p", *"?/^", ":q", *"*|!(^", ":a", "|", ":b", *")+", "$o"]),
        ("^?x", ["^", "?x"]),
        ("?x-1", ["?x", "-", "1"]),
        ("?1é‿", ["?1é‿"]),
        # blank nodes
        ("_:a.b. _:0", ["_:a.b", ".", "_:0"]),
        # strings
        ("""'' "" 'a' "b" """, ["''", '""', "'a'", '"b"']),
        ("''''''", ["''''''"]),
        ('"""a"b""c\\""""', ['"""a"b""c\\""""']),
        ("'''a\n'b''c'''", ["'''a\n'b''c'''"]),
        (r'"\"" "\\" "\u00e9\U0001F600"', [r'"\""', r'"\\"', r'"\u00e9\U0001F600"']),
        ('"# { no comment }"', ['"# { no comment }"']),
        ("'\"'\"'\"", ["'\"'", "\"'\""]),
        # language tags, also with a base direction (SPARQL 1.2)
        ('"a"@en-GB-oed "b"@ar--rtl', ['"a"', "@en-GB-oed", '"b"', "@ar--rtl"]),
        ('"a"^^<urn:t> "b"^^x:y', ['"a"', "^^", "<urn:t>", '"b"', "^^", "x:y"]),
        # comments
        ("?a # <b> { ' \" \n ?c", ["?a", "?c"]),
        ("<a#b> #c", ["<a#b>"]),
        ("#only", []),
        ("?a#x\r?b", ["?a", "?b"]),
        # triple terms, reifiers, annotations (SPARQL 1.2)
        ("<<( <a> <b> <c> )>>", ["<<(", "<a>", "<b>", "<c>", ")>>"]),
        ("<<<a> <b> <c>>>", ["<<", "<a>", "<b>", "<c>", ">>"]),
        ("?s ?p ?o ~ :r {| :a :b |}", ["?s", "?p", "?o", "~", ":r", "{|", ":a", ":b", "|}"]),
        (r"<a\u00e9>", [r"<a\u00e9>"]),
    ],
)  # fmt: skip
def test_terminals(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FILTER(?a<?b)", ["?a", "<", "?b", ")"]),
        ("FILTER(?a<<urn:b>)", ["?a", "<", "<urn:b>", ")"]),
        ("FILTER(?a<=?b)", ["?a", "<=", "?b", ")"]),
        ("FILTER(1<2 && ?b>3)", ["1", "<", "2", "&&", "?b", ">", "3", ")"]),
        ("FILTER(STR(?a)<'x')", ["STR", "(", "?a", ")", "<", "'x'", ")"]),
        ("FILTER(true<?b)", ["true", "<", "?b", ")"]),
        ("FILTER(?a IN (<urn:a>,<urn:b>))", ["?a", "IN", "(", "<urn:a>", ",", "<urn:b>", ")", ")"]),
        ("FILTER(<urn:f>(?a)<?b)", ["<urn:f>", "(", "?a", ")", "<", "?b", ")"]),
        ("FILTER <urn:f>(?a<?b)", ["<urn:f>", "(", "?a", "<", "?b", ")"]),
        ("FILTER :f(?a<?b)", [":f", "(", "?a", "<", "?b", ")"]),
        ("FILTER(EXISTS{?a <p> <o>}<?b)", ["(", "EXISTS", "{", "?a", "<p>", "<o>", "}", "<", "?b", ")"]),
        ("FILTER(<<( ?a <p> ?b )>><?c)", ["<<(", "?a", "<p>", "?b", ")>>", "<", "?c", ")"]),
        # a list right behind a filter
        ("FILTER(1) (<a> <b#c>) <p> 1", ["(", "1", ")", "(", "<a>", "<b#c>", ")", "<p>", "1"]),
        ("?s ?p (?a <b>)", ["(", "?a", "<b>", ")"]),
        ("?s a (?a <b>)", ["a", "(", "?a", "<b>", ")"]),
        ("VALUES (?a ?b) {(1 <b>)}", ["?b", ")", "{", "(", "1", "<b>", ")", "}"]),
    ],
)
def test_less_than_in_a_group(text: str, expected: list[str]) -> None:
    assert texts("SELECT*{" + text + "}")[-len(expected) - 1 : -1] == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x (?a<?b AS ?c) {}",
        "SELECT (1 AS ?x) (?a<?b AS ?c) {}",
        "SELECT * {} GROUP BY ?x (?a<?b)",
        "SELECT * {} HAVING (1) (?a<?b)",
        "SELECT * {} ORDER BY DESC(?a<?b)",
        "SELECT * {} ORDER BY ?x (?a<?b)",
    ],
)
@pytest.mark.parametrize("around", ["{}", "SELECT * {{ {{ {} }} }}"])
def test_less_than_in_head_and_modifiers(text: str, around: str) -> None:
    found = texts(around.format(text))
    assert "<" in found
    assert "?b" in found


def test_a_trailing_values_holds_terms() -> None:
    assert texts("SELECT * {} VALUES (?a ?b) { (1 <b>) }")[-5:] == ["(", "1", "<b>", ")", "}"]


@pytest.mark.parametrize(
    "text",
    ["ASK{FILTER(?x<?a&&?b>?y)}", "ASK{FILTER((?a<?b)&&(?c>?d))}", "ASK{FILTER(IF(?a<?b,?c>?d,1))}"],
)
def test_a_comparison_that_reads_as_an_iri_is_refused(text: str) -> None:
    """W3C's syn-bad-26: the longest token wins."""
    with pytest.raises(QuerySyntaxError, match="reads as an IRI; put a space behind its '<'"):
        texts(text)
    assert texts(text.replace("<", "< "))


@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("ASK {\n  ?s ?p 'a }", 2, 9, "a string that does not end"),
        ('ASK { "\\x" }', 1, 7, "an escape that SPARQL does not know"),
        ('ASK { "a\nb" }', 1, 7, "a string that does not end"),
        (r"ASK { ?s \u003Fp 1 }", 1, 10, "an escape outside of strings"),
        (r"ASK { ?s :\u0070 1 }", 1, 11, "an escape outside of strings"),
        (r"\u0041SK {}", 1, 1, "an escape outside of strings"),
        ("ASK { % }", 1, 7, "unexpected character '%'"),
        ("\ufeffASK {}", 1, 1, "unexpected character"),
        ("ASK\u00a0{}", 1, 4, "unexpected character"),
        ("ASK {} & ", 1, 8, "unexpected character '&'"),
    ],
)
def test_what_begins_no_terminal_is_an_error_with_its_place(
    text: str, line: int, column: int, problem: str
) -> None:
    with pytest.raises(QuerySyntaxError, match=problem) as caught:
        texts(text)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_turtle_needs_no_context() -> None:
    text = '@prefix a: <#> . a:b a (1 <c>) , """x"""@en ; <p> true . <g> { <<( <a> <b> <c> )>> a <d> }'
    assert texts(text, turtle=True)[:4] == ["@prefix", "a:", "<#>", "."]
    assert "<c>" in texts(text, turtle=True)


def test_place_counts_from_one() -> None:
    assert [place("a\nbc", offset) for offset in (0, 1, 2, 3)] == [(1, 1), (1, 2), (2, 1), (2, 2)]


@pytest.mark.parametrize(
    "text",
    ['"' + '\\"' * 50_000, '"""' + '"a' * 50_000, ":" + "a." * 50_000, ":a" + "." * 50_000,
     "<" + "a" * 100_000, "a" * 100_000, "@" + "a-" * 50_000, "#\n" * 50_000, "'" * 99_999,
     "(" * 50_000, "<" * 50_000],
)  # fmt: skip
def test_a_hostile_text_takes_one_pass(text: str) -> None:
    started = time.process_time()
    with contextlib.suppress(QuerySyntaxError):
        texts(text)
    assert time.process_time() - started < 2


# A grammar of queries, wide rather than deep, whose sentences the engine judges.
def _one(*options: str) -> st.SearchStrategy[str]:
    return st.sampled_from(options)


GAPS = _one(" ", "\n", "\t", "  ", " # <x> { ' \n", '#"\r', " \r\n")
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters='"\\\n\r')
LOCAL = _one("a", "a.b", "%41", r"a\-b\.", "a:b", "日本", "0", "_", "a-", "", r"\~x", "A·")
STRINGS = st.one_of(
    st.text(CHARACTERS, max_size=8).map(lambda text: f'"{text}"'),
    _one(
        "''",
        '""',
        "'a'",
        "'''a'b\n'''",
        '"""\n"x""y"""',
        r"'\''",
        r'"\u0041\t"',
        "'#'",
        "'{'",
        "'<a>'",
        '"}"',
    ),
)
IRIS = _one("<urn:a>", "<http://example.com/a#b>", r"<urn:\u00e9>", "<urn:日本>", "<urn:a?b&c=(d),e>")
LITERALS = st.one_of(
    st.builds(str.__add__, STRINGS, _one("", "@en", "@en-GB", "^^<urn:t>", "^^x:t", "@ar--rtl")),
    _one("1", "1.5", ".5", "1e5", "1.e5", "-1", "+.5", "true", "FALSE"),
)
VARIABLES = _one("?a", "$b", "?x1", "?日", "?_", "?a·")
NAMES = LOCAL.map(lambda local: "x:" + local) | LOCAL.map(lambda local: ":" + local)
NODES = st.one_of(VARIABLES, IRIS, NAMES)
OBJECTS = st.one_of(
    NODES, LITERALS, _one("_:b.c", "[]", "[ x:p 1 ]", "(1 <urn:a> ?b)", "()", "<<( <urn:a> x:p 'o' )>>")
)
VERBS = st.one_of(
    VARIABLES, IRIS, NAMES,
    _one("a", "x:p?", "x:p*/^<urn:a>+", "!(^x:p|a)", "(x:p|<urn:a>)?", "!<urn:a>", "^a"),
)  # fmt: skip
CALLS = _one("BOUND(?a)", "STR(?a)", "IF(?a,1,2)", "x:f(?a)", "<urn:f>()", "EXISTS { ?a ?b ?x1 }",
             "NOT EXISTS { ?a <urn:a> 'x' }", "?a IN (<urn:a>, x:b)", "STRLEN(?a)", "REGEX(?a, 'b')",
             "<<( ?a x:p <urn:a> )>>")  # fmt: skip
OPERATORS = _one("<", ">", "<=", ">=", "=", "!=", "&&", "||", "+", "-", "*", "/", "< ", " > ")
ATOMS = st.one_of(VARIABLES, IRIS, NAMES, LITERALS, CALLS)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, OPERATORS, inner).map("".join), inner.map("({})".format), inner.map("!{}".format)
    ),
    max_leaves=4,
)


@st.composite
def groups(draw: st.DrawFn, depth: int = 2) -> str:
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.integers(0, 9 if depth else 4))
        gap = draw(GAPS)
        if kind <= 2:
            parts.append(f"{draw(NODES)}{gap}{draw(VERBS)}{gap}{draw(OBJECTS)} .")
        elif kind == 3:
            parts.append(f"FILTER({draw(EXPRESSIONS)})")
        elif kind == 4:
            parts.append(
                draw(
                    _one(
                        "VALUES ?v{1 <urn:a> UNDEF x:b}", "VALUES(?v ?w){(1 <urn:a>)}", "(1 <urn:a>) x:p 1 ."
                    )
                )
            )
        elif kind == 5:
            parts.append("{" + draw(groups(depth - 1)) + "}UNION{" + draw(groups(depth - 1)) + "}")
        elif kind == 6:
            head = draw(
                _one(
                    "OPTIONAL", "MINUS", "GRAPH ?g", "GRAPH<urn:g>", "", "FILTER EXISTS", "FILTER NOT EXISTS"
                )
            )
            parts.append(f"{head}{{{draw(groups(depth - 1))}}}")
        elif kind == 7:
            parts.append(
                f"{{SELECT ?a(({draw(EXPRESSIONS)})AS ?n{depth}){{{draw(groups(depth - 1))}}}LIMIT 1}}"
            )
        elif kind == 8:
            parts.append(f"BIND({draw(EXPRESSIONS)} AS ?c{draw(st.integers(0, 99))})")
        else:
            parts.append(f"{{SELECT*{{{draw(groups(depth - 1))}}}ORDER BY ?a({draw(EXPRESSIONS)})}}")
    return draw(GAPS).join(parts)


QUERIES = st.builds(
    "PREFIX x:<urn:x:>{0}BASE<urn:base>{0}PREFIX :<urn:>{0}{1}{{{2}{0}}}{3}".format,
    GAPS,
    _one("SELECT*", "SELECT ?a(1<2 AS ?z)", "ASK", "CONSTRUCT{ ?a x:p 'o' }WHERE", "DESCRIBE ?a<urn:a>",
         "select distinct ?a"),
    groups(),
    _one("", "LIMIT 3", "ORDER BY DESC(?a<?x1)", " OFFSET 1"),
)  # fmt: skip


def parses(query: str) -> bool:
    try:
        ox.Store().query(query)
    except SyntaxError:
        return False
    except RuntimeError:  # a function that is not known: it was parsed
        return True
    return True


def tokenised(query: str) -> list[Token]:
    """The tokens; a query with W3C's syn-bad-26 in it, which the engine accepts, is passed over."""
    try:
        return list(tokens(query))
    except QuerySyntaxError as error:
        if "reads as an IRI" not in error.problem:
            raise
        reject()


@settings(max_examples=300, deadline=None)
@given(QUERIES)
@example("SELECT*{FILTER(?a<?b)?a<urn:p#q>?c}")
def test_what_the_engine_parses_is_tokenised_whole(query: str) -> None:
    assume(parses(query))
    found = tokenised(query)
    between = [query[a.end : b.start] for a, b in itertools.pairwise(found)]
    skipped = [query[: found[0].start], *between, query[found[-1].end :]]
    assert all(re.fullmatch(r"(?:[ \t\r\n]|#[^\r\n]*)*", gap) for gap in skipped)
    assert all(query[token.start : token.end] == token.text for token in found)
    assert found[-1].end + len(skipped[-1]) == len(query)


@settings(max_examples=150, deadline=None)
@given(QUERIES)
def test_tokens_with_spaces_between_mean_the_same(query: str) -> None:
    """The engine, given each token by itself, must find no other tokens: a cut in the wrong place shows."""
    assume(parses(query))
    found = tokenised(query)
    spaced = found[0].text
    for before, token in itertools.pairwise(found):
        # What the grammar has in one production: tagged and typed strings, signed numbers.
        glued = Kind.STRING in {before.kind, token.kind} or "^^" in {before.text, token.text}
        glued = glued or (before.text in {"+", "-"} and token.kind is Kind.NUMBER)
        spaced += token.text if glued and before.end == token.start else f" {token.text}"
    assert parses(spaced)


@given(st.text(max_size=60))
def test_any_text_is_tokens_or_a_syntax_error(text: str) -> None:
    try:
        found = list(tokens(text))
    except QuerySyntaxError as error:
        found = []
        line = text.split("\n")[error.line - 1]
        assert 1 <= error.column <= len(line)  # noqa: PT017  # one of two outcomes
    assert all(text[token.start : token.end] == token.text for token in found)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_a_literal_as_the_engine_writes_it_is_one_string(text: str) -> None:
    written = str(ox.Literal(text))
    assert texts(written) == [written]
    assert kinds(written) == [Kind.STRING]
