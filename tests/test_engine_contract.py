"""What we rely on in pyoxigraph, each behaviour by itself: a new version that changes one shows here.

A behaviour that is a fault is here too, with what works around it; when such a test fails, the
workaround can go.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

A, B, P, G, H = (ox.NamedNode(f"urn:{name}") for name in "abpgh")
DEFAULT = ox.DefaultGraph()
XSD = "http://www.w3.org/2001/XMLSchema#"
ONE = ox.Literal(1)


@pytest.fixture
def store() -> ox.Store:
    made = ox.Store()
    made.extend(
        [ox.Quad(A, P, ONE, DEFAULT), ox.Quad(A, P, ONE, G), ox.Quad(A, P, ONE, H), ox.Quad(B, P, A, H)]
    )
    return made


def count(answer: object) -> int:
    assert isinstance(answer, ox.QuerySolutions)
    return sum(1 for _ in answer)


def first(answer: object) -> ox.QuerySolution:
    assert isinstance(answer, ox.QuerySolutions)
    return next(answer)


# Datasets: why a default graph is written as triples, and how FROM is answered.


def test_the_union_option_concatenates(store: ox.Store) -> None:
    assert count(store.query("SELECT * { <urn:a> <urn:p> 1 }", use_default_graph_as_union=True)) == 3


def test_several_from_and_a_list_of_default_graphs_concatenate(store: ox.Store) -> None:
    assert count(store.query("SELECT * FROM <urn:g> FROM <urn:h> { <urn:a> <urn:p> 1 }")) == 2
    assert count(store.query("SELECT * { <urn:a> <urn:p> 1 }", default_graph=[G, H])) == 2


def test_updates_see_no_union(store: ox.Store) -> None:
    store.update("INSERT { ?s <urn:seen> ?o } WHERE { ?s <urn:p> ?o }")
    assert count(store.query("SELECT * { ?s <urn:seen> ?o }")) == 1


def test_the_arguments_override_from(store: ox.Store) -> None:
    query = "SELECT * FROM <urn:h> FROM NAMED <urn:g> { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    assert count(store.query(query, default_graph=[DEFAULT], named_graphs=[H])) == 3


def test_an_empty_list_is_an_empty_graph_and_none_is_the_stores_own(store: ox.Store) -> None:
    assert count(store.query("SELECT * { ?s ?p ?o }", default_graph=[], named_graphs=[])) == 0
    assert count(store.query("SELECT * { GRAPH ?g { ?s ?p ?o } }", default_graph=[], named_graphs=[])) == 0
    assert count(store.query("SELECT * { ?s ?p ?o }", named_graphs=[])) == 1
    assert count(store.query("SELECT * { GRAPH ?g { ?s ?p ?o } }", default_graph=[H])) == 3


def test_an_unknown_graph_is_empty(store: ox.Store) -> None:
    assert count(store.query("SELECT * { ?s ?p ?o }", default_graph=[ox.NamedNode("urn:none")])) == 0
    assert count(store.query("SELECT * FROM <urn:none> { ?s ?p ?o }")) == 0


# Literals: why a side table keeps them as written, and which types our own data may use.

REWRITTEN = {
    '"01"^^xsd:integer': '"1"^^xsd:integer',
    '"+1"^^xsd:integer': '"1"^^xsd:integer',
    '"1"^^xsd:int': '"1"^^xsd:integer',
    '"1"^^xsd:long': '"1"^^xsd:integer',
    '"300"^^xsd:byte': '"300"^^xsd:integer',
    '"1"^^xsd:nonNegativeInteger': '"1"^^xsd:integer',
    '"450001.00"^^xsd:decimal': '"450001"^^xsd:decimal',
    '"1e2"^^xsd:double': '"100"^^xsd:double',
    '"1.0"^^xsd:float': '"1"^^xsd:float',
    '"1"^^xsd:boolean': '"true"^^xsd:boolean',
    '"2001-01-01T00:00:00.000Z"^^xsd:dateTime': '"2001-01-01T00:00:00Z"^^xsd:dateTime',
    '"2001-01-01T00:00:00+00:00"^^xsd:dateTimeStamp': '"2001-01-01T00:00:00Z"^^xsd:dateTime',
    '"2001-01-01T24:00:00"^^xsd:dateTime': '"2001-01-02T00:00:00"^^xsd:dateTime',
    '"2001-01-01+00:00"^^xsd:date': '"2001-01-01Z"^^xsd:date',
    '"24:00:00"^^xsd:time': '"00:00:00"^^xsd:time',
    '"PT24H"^^xsd:dayTimeDuration': '"P1D"^^xsd:dayTimeDuration',
    '"P14M"^^xsd:yearMonthDuration': '"P1Y2M"^^xsd:yearMonthDuration',
}  # fmt: skip
KEPT = [
    '"x"', '"x"@en', '"日本"@ja', '"x"^^xsd:anyURI', '"1"^^xsd:integer', '"-12"^^xsd:integer',
    '"1.5"^^xsd:decimal', '"true"^^xsd:boolean', '"2007-04-01"^^xsd:date', '"2007"^^xsd:gYear',
    '"2007-04"^^xsd:gYearMonth',
    '"abc"^^xsd:integer', '" 1 "^^xsd:integer', '"2004-02-30"^^xsd:date', '"1"^^<urn:t>', '"a b"^^xsd:token',
    '"123456789012345678901234567890"^^xsd:integer', '"1.23456789012345678901234567890"^^xsd:decimal',
]  # fmt: skip


def literal(text: str) -> ox.Literal:
    """The literal as the parser reads it."""
    turtle = f"@prefix xsd: <{XSD}> . <urn:a> <urn:p> {text} ."
    term = next(iter(ox.parse(turtle, format=ox.RdfFormat.TURTLE))).object
    assert isinstance(term, ox.Literal)
    return term


def stored(term: ox.Literal) -> ox.Literal:
    """The literal as the store gives it back."""
    made = ox.Store()
    made.add(ox.Quad(A, P, term, DEFAULT))
    (found,) = (quad.object for quad in made)
    assert isinstance(found, ox.Literal)
    return found


@pytest.mark.parametrize(("text", "expected"), REWRITTEN.items())
def test_the_store_rewrites(text: str, expected: str) -> None:
    assert literal(text) == literal(text)
    assert literal(text) != literal(expected), "the parser keeps it"
    assert stored(literal(text)) == literal(expected)


@pytest.mark.parametrize("text", KEPT)
def test_the_store_keeps(text: str) -> None:
    assert stored(literal(text)) == literal(text)


def test_language_tags_are_in_lower_case_from_the_parser_on() -> None:
    assert literal('"x"@en-US').language == "en-us"
    assert ox.Literal("x", language="en-US").language == "en-us"


# Binding: why `bind` writes VALUES.


def test_substitutions_need_a_projected_variable(store: ox.Store) -> None:
    given = {ox.Variable("s"): A}
    assert count(store.query("SELECT ?s ?o { ?s <urn:p> ?o }", substitutions=given)) == 1
    with pytest.raises(RuntimeError, match="does not contains variable"):
        store.query("SELECT ?o { ?s <urn:p> ?o }", substitutions=given)
    with pytest.raises(RuntimeError, match="does not contains variable"):
        store.query("SELECT (COUNT(*) AS ?n) { ?s <urn:p> ?o }", substitutions=given)


@pytest.mark.parametrize(
    "query",
    ["SELECT * { BIND(1 AS <urn:a>) }", "SELECT * { FILTER(BOUND(<urn:a>)) }",
     "SELECT * { } ORDER BY <urn:a>", "SELECT (1 AS ?n) { } GROUP BY <urn:a>",
     "SELECT * { VALUES <urn:a> { 1 } }"],
)  # fmt: skip
def test_a_term_cannot_stand_for_a_variable_everywhere(query: str) -> None:
    with pytest.raises(SyntaxError):
        ox.Store().query(query)


def test_exists_sees_the_row_also_in_nested_groups(store: ox.Store) -> None:
    """What lets a mention in EXISTS be bound around it."""
    for inside in ("{ { ?s <urn:p> ?v } UNION { } FILTER(BOUND(?v)) }", "{ { FILTER(?v = 1) } }"):
        assert (
            count(store.query(f"SELECT ?s {{ ?s <urn:p> ?o VALUES ?v {{ 1 }} FILTER EXISTS {inside} }}")) == 1
        )
    hidden = "SELECT ?s { ?s <urn:p> ?o VALUES ?v { 1 } FILTER EXISTS { SELECT ?s { FILTER(?v = 1) } } }"
    assert count(store.query(hidden)) == 0


def test_exists_in_a_nested_group_wrongly_sees_rows_beside_it() -> None:
    """A fault of the engine, named in `capabilities`: the row of ?x is lost, where §18.6 keeps it."""
    store = ox.Store()
    store.update("INSERT DATA { <urn:c> <urn:p> <urn:l> . <urn:a> <urn:p> <urn:k> }")
    nested = "FILTER EXISTS { ?x <urn:p> <urn:k> }"
    asked = "SELECT ?x {{ VALUES ?v {{ 1 }} OPTIONAL {{ ?x <urn:p> <urn:l> }} {{ VALUES ?v {{ 1 }} {0} }} }}"
    assert count(store.query(asked.format(nested))) == 0
    assert count(store.query(asked.format(f"{{ SELECT ?v {{ VALUES ?v {{ 1 }} {nested} }} }}"))) == 1


def test_having_does_not_see_what_is_not_grouped(store: ox.Store) -> None:
    """Why `bind` writes the term in HAVING; §18.2.4.1 would have SAMPLE there."""
    query = "SELECT ?s { ?s <urn:p> ?o VALUES ?v { 0 } } GROUP BY ?s HAVING(COUNT(*) > ?v)"
    assert count(store.query(query)) == 0
    assert count(store.query(query.replace("> ?v", "> 0"))) == 1


def test_a_triple_term_is_written_without_its_brackets() -> None:
    """Why `notation` writes them."""
    assert str(ox.Triple(A, P, ONE)) == f"<urn:a> <urn:p> {ONE}"
    row = first(ox.Store().query("SELECT ?t { VALUES ?t { <<( <urn:a> <urn:p> 1 )>> } }"))
    assert row["t"] == ox.Triple(A, P, ONE)


# Errors: what is caught at the border, and what the messages hold.


@pytest.mark.parametrize("function", ["<urn:f>(1)", f"<{XSD}gYearZ>('1')", f"<{XSD}foo>(1)"])
def test_an_unknown_function_is_a_runtime_error(function: str) -> None:
    with pytest.raises(RuntimeError, match="custom function"):
        ox.Store().query(f"SELECT ({function} AS ?x) {{ }}")


def test_a_syntax_error_begins_with_its_place() -> None:
    with pytest.raises(SyntaxError, match=r"^error at 2:\d+: expected "):
        ox.Store().query("SELECT *\n{ ?s ?p }")


@pytest.mark.parametrize(
    "query", ["SELECT * { ?s <p> ?o }", "SELECT * FROM <g> { }", "PREFIX a: <b> ASK { ?s a:b 1 }"]
)
def test_a_relative_iri_needs_a_base(query: str) -> None:
    with pytest.raises(SyntaxError):
        ox.Store().query(query)
    ox.Store().query(query, base_iri="http://example.com/")


def test_syn_bad_26_is_accepted() -> None:
    """By the longest-token rule `<?a&&?b>` is an IRI, and the query no query; our terminals refuse it."""
    ox.Store().query("SELECT * { ?x ?p ?y FILTER(?x<?a&&?b>?y) }")


@pytest.mark.parametrize("call", ["COALESCE (1)", "CONCAT ('a')", "BNODE ( )"])
def test_a_space_before_some_arguments_is_refused(call: str) -> None:
    """Sound SPARQL that the engine does not take: write the name and its bracket together."""
    with pytest.raises(SyntaxError):
        ox.Store().query(f"SELECT ({call} AS ?x) {{ }}")


@pytest.mark.parametrize("query", [r"SELECT ?\u0078 { }", r"\u0041SK { }", r"ASK { ?s <urn:>\u002e }"])
def test_an_escape_outside_of_strings_and_iris_is_refused(query: str) -> None:
    with pytest.raises(SyntaxError):
        ox.Store().query(query)


def test_an_escape_in_a_string_does_not_end_it() -> None:
    assert first(ox.Store().query(r'SELECT ("\u0022 } #" AS ?x) { }'))["x"] == ox.Literal('" } #')


def test_a_service_is_called_without_being_asked(store: ox.Store) -> None:
    """Why SERVICE and LOAD are refused before the engine sees them."""
    with pytest.raises((OSError, RuntimeError)):
        count(store.query("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"))
    with pytest.raises(OSError, match="port 1"):
        store.update("LOAD <http://127.0.0.1:1/>")


def test_nesting_ends_the_process() -> None:
    """Why a query is bounded before the engine sees it."""
    code = "import pyoxigraph as ox; ox.Store().query('SELECT * ' + '{' * 100_000 + '}' * 100_000)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode < 0


def test_what_the_bounds_let_through_is_survived() -> None:
    """Within MAX_DEPTH and MAX_PARTS, on the stack of a main thread; each in one process."""
    code = """if True:
        import pyoxigraph as ox
        def nested(opening, inside, closing, depth=60):
            return "SELECT * { ?s ?p ?o " + opening * depth + inside + closing * depth + " }"
        def chained(part, parts=990):
            return "SELECT * { ?s ?p ?o " + "".join(part.format(n) for n in range(parts)) + "}"
        queries = [
            nested("{", "", "}"), nested("FILTER EXISTS { ", "", "}"), nested("{ SELECT * {", "", "}}", 30),
            nested("FILTER(" + "STR(" * 40, "1", ")" * 40 + ")", 1), nested("OPTIONAL {", "", "}"),
            nested("FILTER(" + "!" * 60, "1", ")", 1),
            chained("UNION {{}}").replace("?o UNION", "?o {} UNION"),
            chained("BIND(1 AS ?a{})", 490), chained("FILTER(?o)"), chained("MINUS {{ ?s ?p ?o }}"),
            "SELECT * { FILTER(1" + "+1" * 990 + ") }", "SELECT * { FILTER(1" + "||?x" * 990 + ") }",
        ]
        for query in queries:
            ox.Store().query(query)
        print(len(queries))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "12"), done.stderr


# Files: snapshots that many processes read.


@pytest.fixture
def path(tmp_path: Path) -> str:
    made = ox.Store(str(tmp_path / "store"))
    made.bulk_extend(ox.Quad(A, P, ox.Literal(n), DEFAULT) for n in range(100))
    made.flush()
    return str(tmp_path / "store")


def test_several_processes_read_one_store(path: str) -> None:
    code = f"import pyoxigraph as ox, sys; print(len(ox.Store.read_only({path!r}))); sys.stdin.read()"
    here = ox.Store.read_only(path)
    others = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for other in others:
        out, _ = other.communicate("", timeout=30)
        assert out.strip() == "100"
    assert len(here) == 100


def test_a_store_for_reading_refuses_writes(path: str) -> None:
    store = ox.Store.read_only(path)
    for write in (
        lambda: store.update("INSERT DATA { <urn:a> <urn:b> <urn:c> }"),
        lambda: store.add(ox.Quad(A, P, A, DEFAULT)),
        lambda: store.bulk_extend([ox.Quad(A, P, A, DEFAULT)]),
    ):
        with pytest.raises(RuntimeError, match="read-write"):
            write()


def test_a_missing_store_is_an_os_error_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ox.Store.read_only(str(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_a_damaged_store_is_a_runtime_error(path: str) -> None:
    for file in Path(path).glob("MANIFEST*"):
        file.write_bytes(b"x" * 100)
    with pytest.raises(RuntimeError, match="Corruption"):
        list(ox.Store.read_only(path))


def test_a_backup_is_a_store_of_its_own(path: str, tmp_path: Path) -> None:
    original = ox.Store(path)
    original.backup(str(tmp_path / "copy"))
    original.add(ox.Quad(A, P, A, DEFAULT))
    assert len(ox.Store(str(tmp_path / "copy"))) == 100


# Writing: transactions, deltas, bulk.


def test_an_update_is_all_or_nothing(store: ox.Store) -> None:
    before = set(store)
    with pytest.raises(OSError, match="port 1"):
        store.update("INSERT DATA { <urn:x> <urn:p> 1 } ; LOAD <http://127.0.0.1:1/>")
    assert set(store) == before


def test_a_text_that_is_loaded_has_new_blank_nodes(tmp_path: Path) -> None:
    text = b"_:a <urn:p> <urn:g> .\n_:a <urn:p> <urn:g> <urn:g> .\n"
    made = ox.Store(str(tmp_path / "store"))
    made.bulk_load(input=text, format=ox.RdfFormat.N_QUADS, lenient=True)
    (node,) = {quad.subject for quad in made}
    assert node != ox.BlankNode("a")
    (kept,) = {quad.subject for quad in ox.parse(text, format=ox.RdfFormat.N_QUADS, lenient=True)}
    assert kept == ox.BlankNode("a")


def test_quads_are_serialized_as_they_print() -> None:
    text = '<urn:a> <urn:p> "\\u0001\\t\\n\\"é\\u007F\\\\"@en, <<( <urn:a> <urn:p> _:x )>>, "1"^^<urn:t> .'
    quads = [ox.Quad(*quad.triple, G) for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
    assert ox.serialize(quads, format=ox.RdfFormat.N_QUADS) == "".join(f"{q} .\n" for q in quads).encode()


def test_bulk_extend_is_all_or_nothing() -> None:
    def failing() -> Iterator[ox.Quad]:
        yield ox.Quad(A, P, ONE, DEFAULT)
        raise ValueError("no more")

    store = ox.Store()
    with pytest.raises(ValueError, match="no more"):
        store.bulk_extend(failing())
    assert len(store) == 0


def test_a_store_is_a_set(store: ox.Store) -> None:
    size = len(store)
    store.bulk_extend([ox.Quad(A, P, ONE, DEFAULT)] * 2)
    store.update("INSERT DATA { <urn:a> <urn:p> 1 }")
    assert len(store) == size


def test_a_delta_graph_holds_what_is_new(store: ox.Store) -> None:
    """How the reasoner goes on from what a step added: FILTER NOT EXISTS within one update."""
    step = (
        "INSERT { GRAPH <urn:delta> { ?s <urn:p> ?s } } "
        "WHERE { ?s <urn:p> ?o FILTER NOT EXISTS { ?s <urn:p> ?s } }"
    )
    store.update(step)
    store.update("ADD <urn:delta> TO DEFAULT")
    assert set(store.quads_for_pattern(None, None, None, ox.NamedNode("urn:delta"))) == {
        ox.Quad(A, P, A, ox.NamedNode("urn:delta"))
    }
    store.update("CLEAR SILENT GRAPH <urn:delta>")
    store.update(step)
    assert not list(store.quads_for_pattern(None, None, None, ox.NamedNode("urn:delta")))


def test_rows_are_those_of_the_time_of_the_query(store: ox.Store) -> None:
    answer = store.query("SELECT * { ?s ?p ?o }")
    store.update("CLEAR ALL")
    assert count(answer) == 1


# Parsers and serializers.


def test_blank_nodes_keep_their_label_in_the_store() -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.BlankNode("x.1"), P, ONE, DEFAULT))
    assert [quad.subject for quad in store] == [ox.BlankNode("x.1")]


def test_parsed_blank_nodes_keep_their_label() -> None:
    text = "_:x <urn:p> 1 ."
    assert next(iter(ox.parse(text, format=ox.RdfFormat.TURTLE))).subject == ox.BlankNode("x")


XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">{}'
TABLE = (
    '<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head><results>'
    '<result><binding name="x"><uri>urn:a</uri></binding></result>'
)


def test_xml_that_stops_between_elements_is_taken_for_whole() -> None:
    """Why a remote answer's end is looked for, and why RDF/XML files need a look of their own."""
    cut = XML.format('<rdf:Description rdf:about="urn:a"><u:p>x</u:p></rdf:Description>')
    assert len(list(ox.parse(cut, format=ox.RdfFormat.RDF_XML))) == 1
    answer = ox.parse_query_results(TABLE, format=ox.QueryResultsFormat.XML)
    assert count(answer) == 1


@pytest.mark.parametrize(
    "cut",
    [
        '{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"urn:a"}}',
        '{"results":{"bindings":[]',
        "{",
    ],
)
def test_json_that_stops_early_is_a_syntax_error(cut: str) -> None:
    with pytest.raises(SyntaxError):
        count(ox.parse_query_results(cut, format=ox.QueryResultsFormat.JSON))


def test_rdf_xml_is_read_in_utf_8_only() -> None:
    text = XML.format('<rdf:Description rdf:about="urn:a"><u:p>é</u:p></rdf:Description></rdf:RDF>')
    declared = f'<?xml version="1.0" encoding="ISO-8859-1"?>{text}'.encode("latin-1")
    with pytest.raises((SyntaxError, ValueError)):
        list(ox.parse(declared, format=ox.RdfFormat.RDF_XML))


def test_rdf_xml_is_written_for_a_predicate_that_has_no_xml_name() -> None:
    """And cannot be read back: the name of the element is empty."""
    triple = ox.Triple(A, ox.NamedNode("http://example.com/1"), A)
    text = ox.serialize([triple], format=ox.RdfFormat.RDF_XML)
    assert text is not None
    assert b"<oxprefix: " in text
