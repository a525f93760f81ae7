"""The catalogue as a whole: names, contracts, binding, and files written for grlc."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clustergraph.catalogue import Catalogue, SavedQuery
from clustergraph.errors import ArgumentError, SavedQueryError, UnknownQueryError
from clustergraph.settings import Settings
from clustergraph.sparql.query import outline
from clustergraph.sparql.results import Solutions
from clustergraph.sparql.terminals import Kind
from clustergraph.store import EmbeddedStore
from clustergraph.terms import STANDARD_PREFIXES

EX = "http://example.com/"
SETTINGS = Settings(languages=("en", "ja"), prefixes={**STANDARD_PREFIXES, "ex": EX})
DATA = """
PREFIX ex: <http://example.com/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
INSERT DATA {
  ex:Stage rdfs:subClassOf ex:Program .
  ex:kci a ex:Program . ex:kci-1 a ex:Stage . <http://elsewhere.example/kci-x> a ex:Program .
  <http://one.example/twin> a ex:Program . <http://two.example/twin> a ex:Program .
  ex:kci rdfs:label "Knowledge Cluster"@en , "知的クラスター"@ja .
  ex:ended skos:inScheme ex:status . ex:active skos:inScheme ex:status .
  ex:a ex:in ex:kci ; ex:year 2002 ; ex:name "甲"@ja , "A"@en ; ex:status ex:ended .
  ex:b ex:in ex:kci ; ex:year 2003 ; ex:name "乙"@ja , "B"@en ; ex:status ex:active .
  ex:c ex:in ex:kci-1 ; ex:year 2004 ; ex:name "丙"@ja , "C"@en ; ex:status ex:active .
}
"""
AREAS = """#+ summary: Areas of a program
#+ summary-ja: 事業の地域
#+ tags: [areas]
#+ parameters:
#+   program: { class: ex:Program, many: true, example: kci, description: Which program }
#+   status: { enum: ex:status }
#+   from: { datatype: xsd:integer, min: 1996, max: 2015 }
#+   name: { language: ja }
#+   word: { datatype: xsd:string, pattern: "[a-z]+" }
#+   order: { enum: [up, down], default: up }
PREFIX ex: <http://example.com/>
SELECT ?area ?label WHERE {
  ?area ex:in ?program ; ex:name ?label ; ex:year ?year ; ex:status ?status .
  FILTER(LANG(?label) = COALESCE(?lang, "en"))
  FILTER(!BOUND(?from) || ?year >= ?from)
  FILTER(!BOUND(?name) || EXISTS { ?area ex:name ?name })
  FILTER(!BOUND(?word) || CONTAINS(LCASE(?label), ?word))
  FILTER(!BOUND(?order) || ?order != "sideways")
} ORDER BY ?area
"""


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    found = EmbeddedStore()
    found.update(DATA)
    return found


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Catalogue]:
    def written(**files: str) -> Catalogue:
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.rq"
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(text, encoding="utf-8")
        return Catalogue(tmp_path, SETTINGS)

    return written


@pytest.fixture
def areas(write: Callable[..., Catalogue]) -> SavedQuery:
    return write(topic__areas=AREAS)["areas"]


def names(query: SavedQuery, store: EmbeddedStore, **arguments: list[str]) -> list[str]:
    solutions = store.query(query.bind(arguments, store))
    assert isinstance(solutions, Solutions)
    return [getattr(label, "value", "") for _, label in solutions]


def test_left_out_arguments_stay_unbound(areas: SavedQuery, store: EmbeddedStore) -> None:
    assert names(areas, store) == ["A", "B", "C"]


@pytest.mark.parametrize("argument", ["kci", "ex:kci", f"{EX}kci", f"<{EX}kci>"])
def test_instance_is_named_by_slug_prefixed_name_or_iri(
    areas: SavedQuery, store: EmbeddedStore, argument: str
) -> None:
    assert names(areas, store, program=[argument]) == ["A", "B"]


def test_instance_of_a_subclass_is_taken(areas: SavedQuery, store: EmbeddedStore) -> None:
    assert names(areas, store, program=["kci-1"]) == ["C"]


def test_slug_is_found_below_a_namespace_without_prefix(areas: SavedQuery, store: EmbeddedStore) -> None:
    assert names(areas, store, program=["kci-x"]) == []


def test_ambiguous_slug_names_its_candidates(areas: SavedQuery, store: EmbeddedStore) -> None:
    with pytest.raises(ArgumentError) as caught:
        areas.bind({"program": ["twin"]}, store)
    assert caught.value.near == ("http://one.example/twin", "http://two.example/twin")


@pytest.mark.parametrize("argument", ["Knowledge Cluster", "knowledge cluster", "知的クラスター"])
def test_instance_is_named_by_its_label_in_any_language(
    areas: SavedQuery, store: EmbeddedStore, argument: str
) -> None:
    assert names(areas, store, program=[argument]) == ["A", "B"]


def test_misspelt_label_names_the_slug(areas: SavedQuery, store: EmbeddedStore) -> None:
    with pytest.raises(ArgumentError) as caught:
        areas.bind({"program": ["Knowlege Cluster"]}, store)
    assert caught.value.near == ("kci",)


def test_many_arguments_are_one_binding(areas: SavedQuery, store: EmbeddedStore) -> None:
    assert names(areas, store, program=["kci", "kci-1"]) == ["A", "B", "C"]


def test_concept_of_a_scheme_is_taken(areas: SavedQuery, store: EmbeddedStore) -> None:
    assert names(areas, store, status=["active"]) == ["B", "C"]


def test_language_asks_for_labels(areas: SavedQuery, store: EmbeddedStore) -> None:
    assert names(areas, store, lang=["ja"], name=["乙"]) == ["乙"]


def test_numbers_compare(areas: SavedQuery, store: EmbeddedStore) -> None:
    assert names(areas, store, **{"from": ["2003"]}) == ["B", "C"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"program": ["kcii"]}, "an instance of Program (IRI, prefixed name, slug or label), got 'kcii'"),
        ({"program": ["ex:a"]}, "an instance of Program (IRI, prefixed name, slug or label), got 'ex:a'"),
        ({"status": ["ende"]}, "a concept of status (IRI, prefixed name, slug or label), got 'ende'; did"),
        ({"from": ["1995"]}, "a whole number from 1996 up to 2015, got '1995'"),
        ({"from": ["soon"]}, "a whole number from 1996 up to 2015, got 'soon'"),
        ({"word": ["A}"]}, "a text matching [a-z]+, got 'A}'"),
        ({"order": ["upp"]}, "one of up, down, got 'upp'; did you mean up?"),
        ({"lang": ["fr"]}, "one of en, ja, got 'fr'"),
        ({"order": ["up", "down"]}, "one argument at most, got 'down'"),
        ({"progam": ["kci"]}, "one of program, status, from, name, word, order, lang; did you mean program"),
    ],
)
def test_wrong_argument_is_named_with_what_was_expected(
    areas: SavedQuery, store: EmbeddedStore, arguments: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        areas.bind(arguments, store)
    assert f"query 'areas', parameter '{next(iter(arguments))}': expected {message}" in str(caught.value)


def test_required_argument_may_not_be_empty(write: Callable[..., Catalogue], store: EmbeddedStore) -> None:
    query = write(q="#+ parameters:\n#+   s: { class: rdfs:Resource, required: true }\nASK { ?s ?p ?o }")["q"]
    with pytest.raises(ArgumentError, match="expected an IRI; it is required"):
        query.bind({"s": [""]}, store)


HARMLESS = {
    "program": "kci", "status": "ended", "from": "2003", "name": "甲", "word": "a", "order": "up"
}  # fmt: skip
DATA_KINDS = {Kind.IRI, Kind.STRING, Kind.NUMBER, Kind.LANGUAGE}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1), parameter=st.sampled_from(list(HARMLESS)))
@pytest.mark.parametrize("hostile", ['"@ja } #', "kci> } ; DROP ALL #", '\\" } UNION { ?s ?p ?o', None])
def test_no_argument_ever_becomes_query_text(
    areas: SavedQuery, store: EmbeddedStore, hostile: str | None, text: str, parameter: str
) -> None:
    try:
        bound = areas.bind({parameter: [hostile or text]}, store)
    except ArgumentError:
        return
    assert skeleton(bound) == skeleton(areas.bind({parameter: [HARMLESS[parameter]]}, store))
    store.query(bound)


def skeleton(query: str) -> list[str]:
    """The terminals of a query, of terms their kinds alone."""
    return [token.kind.value if token.kind in DATA_KINDS else token.text for token in outline(query).tokens]


def test_names_are_stems_but_for_those_that_repeat(write: Callable[..., Catalogue]) -> None:
    catalogue = write(a__one="ASK {}", a__two="ASK {}", b__two="ASK {}")
    assert list(catalogue) == ["a/two", "b/two", "one"]


def test_unknown_name_names_near_ones(write: Callable[..., Catalogue]) -> None:
    with pytest.raises(UnknownQueryError, match=r"no saved query is named 'araes'; did you mean areas\?"):
        write(areas=AREAS)["araes"]


def test_bad_file_never_hides_the_rest(write: Callable[..., Catalogue]) -> None:
    catalogue = write(good="ASK {}", bad="SELECT * {", worse="#+ a: b: c\nASK {}")
    assert [query.name for query in catalogue.queries] == ["good"]
    assert [problem.path.stem for problem in catalogue.problems] == ["bad", "worse"]


@pytest.mark.parametrize(
    ("declared", "query", "problem"),
    [
        ("{}", "SELECT (1 AS ?p) {}", "3: parameter ?p is assigned here"),
        ("{}", "SELECT * { BIND(1 AS ?p) }", "3: parameter ?p is assigned here"),
        ("{}", "SELECT * {\n VALUES ?p { 1 } }", "4: parameter ?p is assigned here by VALUES"),
        ("{}", "SELECT * { VALUES (?a ?p) { (1 2) } }", "3: parameter ?p is assigned here by VALUES"),
        ("{}", "SELECT * { ?a ?b ?c MINUS { ?a ?b ?p } }", "3: parameter ?p stands in a MINUS"),
        ("{ many: true }", "SELECT ?a {?a ?b ?c} GROUP BY ?a HAVING(COUNT(?b) > ?p)", "add it to GROUP BY"),
        ("{ many: true }", "SELECT ?a {?a ?b ?c} GROUP BY ?a ORDER BY ?p", "add it to GROUP BY"),
        ("{ many: true }", "SELECT * { { SELECT ?a { ?a ?b ?p } } }", "without projecting it"),
        ("{}", "SELECT * { ?a ?b ?c }", "the query does not mention ?p"),
        ("{ datatypo: xsd:date }", "SELECT * { ?a ?b ?p }", "unknown key 'datatypo'"),
        ("{ datatype: xsd:duration }", "SELECT * { ?a ?b ?p }", "expected one of xsd:string"),
        ("{ datatype: xsd:date, class: ex:C }", "SELECT * { ?p ?b ?c }", "expected one of class"),
        ("{ datatype: xsd:date, min: soon }", "SELECT * { ?a ?b ?p }", "is not of its datatype"),
        ("{ pattern: '[' }", "SELECT * { ?a ?b ?p }", "pattern '['"),
        ("{ class: Program }", "SELECT * { ?a ?b ?p }", "expected an IRI or prefixed name"),
        ("soon", "SELECT * { ?a ?b ?p }", "expected a mapping"),
    ],
)
def test_contract_that_cannot_be_kept_is_refused_with_its_line(
    write: Callable[..., Catalogue], declared: str, query: str, problem: str
) -> None:
    with pytest.raises(SavedQueryError) as caught:
        write(q=f"#+ parameters:\n#+   p: {declared}\n{query}")["q"]
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?a {?a ?b ?c} GROUP BY ?a ?p HAVING(COUNT(?b) > ?p) ORDER BY ?p",
        "SELECT ?a {?a ?b ?c} GROUP BY ?a HAVING(SUM(IF(?c > ?p, 1, 0)) > 1)",
        "SELECT ?a {?a ?b ?c} ORDER BY (?c > ?p)",
        "SELECT ?a {?a ?b ?c} GROUP BY ?a HAVING(COUNT(?b) > ?p)",
        "SELECT * { { SELECT ?a ?p { ?a ?b ?p } } }",
    ],
)
def test_contract_that_can_be_kept_is_taken(write: Callable[..., Catalogue], query: str) -> None:
    assert write(q=f"#+ parameters:\n#+   p: {{ datatype: xsd:integer }}\n{query}")["q"].parameters["p"]


def test_chart_names_columns_that_are_there(write: Callable[..., Catalogue]) -> None:
    with pytest.raises(SavedQueryError, match=r":1: chart: y: the query has no column \?n"):
        write(q="#+ chart: { mark: bar, x: a, y: n }\nSELECT ?a { ?a ?b ?c }")["q"]


def test_description_has_the_keys_of_the_header(areas: SavedQuery) -> None:
    described = areas.describe()
    assert described["summary-ja"] == "事業の地域"
    assert described["parameters"]["program"] == {
        "class": "ex:Program",
        "example": "kci",
        "required": False,
        "many": True,
        "description": "Which program",
    }
    assert described["parameters"]["from"]["min"] == "1996"


GRLC = """#+ summary: "Films: a list"
#+ endpoint: "http://example.com/sparql"
#+ pagination: 100
#+ defaults:
#+   - genre: drama
#+ enumerate:
#+   - status:
#+     - ex:ended
#+     - active
#+   - kind
PREFIX ex: <http://example.com/>
SELECT * WHERE {
  ?area ex:year ?_year_integer ; ex:name ?_name_ja ; ex:in ?_kind_iri .
  FILTER(!BOUND(?__since_xsd_date) || ?_status != "") FILTER(?_genre != "" && ?_min_number < 1e9)
}
"""


def test_placeholders_of_grlc_are_parameters(write: Callable[..., Catalogue]) -> None:
    described = write(films=GRLC)["films"].describe()["parameters"]
    assert {name: part.get("datatype") for name, part in described.items()} == {
        "year": "xsd:integer",
        "name": None,
        "kind": None,
        "since": "xsd:date",
        "status": "xsd:string",
        "genre": "xsd:string",
        "min": "xsd:decimal",
    }
    assert [name for name, part in described.items() if part["required"]] == [
        "kind", "min", "name", "status", "year",
    ]  # fmt: skip


def test_defaults_and_enumerations_of_grlc_apply(
    write: Callable[..., Catalogue], store: EmbeddedStore
) -> None:
    query = write(films=GRLC)["films"]
    arguments = {"year": ["2002"], "name": ["甲"], "kind": ["ex:kci"], "status": ["active"], "min": ["5"]}
    bound = query.bind(arguments, store)
    assert 'VALUES ?_genre { "drama" }' in bound
    solutions = store.query(bound)
    assert isinstance(solutions, Solutions)
    assert len(list(solutions)) == 1
    with pytest.raises(ArgumentError, match="expected one of ex:ended, active"):
        query.bind(arguments | {"status": ["other"]}, store)
    with pytest.raises(ArgumentError, match="parameter 'kind'"):
        query.bind(arguments | {"kind": ["ex:nowhere"]}, store)


@pytest.mark.parametrize("text", ["", "#+ summary: Nothing", "SELECT {", "}"])
def test_a_file_that_is_no_query_is_named_and_read_once(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.rq"
    path.write_text(text)
    catalogue = Catalogue(tmp_path, SETTINGS)
    assert [problem.path for problem in catalogue.problems] == [path]
    path.write_text("SELECT ?s { ?s ?p ?o }")
    with pytest.raises(SavedQueryError):
        catalogue["broken"]
