"""Judging again what a change can affect, against judging everything, on random shapes and changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

from clustergraph.sparql.query import outline
from clustergraph.terms import RDF, RDFS, SH, XSD, BlankNode, Literal, NamedNode, Triple
from clustergraph.validation import affected_by, covered_after, validate
from clustergraph.validation.affected import Affected
from clustergraph.validation.paths import write_path
from clustergraph.validation.sparql_reads import ANY, PREDICATE, UnreadableError, paths_read
from test_validation_differential import (
    CLASSES,
    COMPONENTS,
    NODES,
    PROPERTIES,
    TEXTS,
    THOROUGH,
    Graph,
    cases,
    iri,
    outcome,
    store_of,
    written_in,
)

NAMED = [node for node in NODES if isinstance(node, NamedNode)]
# Shapes of two steps and queries of every form that can be told apart, on plain data.
QUERIES = [
    "SELECT $this ?value { $this <http://example.org/p> ?x . ?x <http://example.org/q> ?value }",
    "SELECT $this { FILTER NOT EXISTS { $this <http://example.org/p>/<http://example.org/q> ?x } }",
    "SELECT $this { ?x <http://example.org/p>+ $this . FILTER NOT EXISTS { ?x a <http://example.org/C> } }",
    "SELECT $this { $this <http://example.org/p> ?x OPTIONAL { ?x <http://example.org/q> ?y } "
    "FILTER(!BOUND(?y)) }",
    "SELECT $this { { $this <http://example.org/p> ?x } UNION { $this <http://example.org/r>/a ?c } }",
    "SELECT $this (COUNT(?x) AS ?n) { $this ^<http://example.org/p> ?x } GROUP BY $this "
    "HAVING(COUNT(?x) > 1)",
    "SELECT $this ?path { $this ?path ?x FILTER NOT EXISTS { ?path a ?kind } FILTER NOT EXISTS { ?x a ?c } }",
    "SELECT $this { ?x ?path $this . ?x a <http://example.org/C> }",
    "SELECT $this { OPTIONAL { $this <http://example.org/p> ?x } OPTIONAL { ?x <http://example.org/q> ?y } "
    "FILTER(BOUND(?y)) }",
    "SELECT $this { $this (<http://example.org/p>|^<http://example.org/q>)* ?x . "
    "?x a <http://example.org/D> }",
]


def named_only(graph: Iterable[Triple]) -> Graph:
    return [t for t in graph if not isinstance(t.subject, BlankNode) and not isinstance(t.object, BlankNode)]


@st.composite
def changes(draw: Callable[..., object], component: str) -> tuple[Graph, Graph, Graph]:
    """Shapes, and the data before and after a change of a few triples."""
    shapes, data = draw(cases(component))
    before = named_only(data) if draw(st.booleans()) else list(data)
    edges = st.builds(
        Triple, st.sampled_from(NAMED), st.sampled_from(PROPERTIES), st.sampled_from([*NAMED, *TEXTS])
    )
    types = st.builds(Triple, st.sampled_from(NAMED), st.just(RDF.type), st.sampled_from(CLASSES))
    removed = draw(st.lists(st.sampled_from(before), max_size=3, unique=True)) if before else []
    added = draw(st.lists(st.one_of(edges, types), min_size=1, max_size=3))
    after = [t for t in before if t not in removed] + [t for t in added if t not in before]
    return list(shapes), before, list(dict.fromkeys(after))


def judged_again(shapes: Graph, before: Graph, after: Graph) -> Affected | None:
    """What is affected, once it was checked that nothing else differs."""
    old, new = store_of(before), store_of(after)
    stored = [{q.triple for q in store.dump()} for store in (old, new)]
    changed = stored[0] ^ stored[1]
    only = affected_by(changed, old, shapes)
    spelled = [written_in(before), written_in(after)]
    reports = [validate(s, shapes, written=w) for s, w in zip((old, new), spelled, strict=True)]
    coverages = [report.coverage for report in reports]
    if only is not None and coverages[0] is not None:
        assert covered_after(coverages[0], changed, (old, new), shapes) == coverages[1]
    whole = [outcome(report) for report in reports]
    again = [
        outcome(validate(s, shapes, written=w, only=only)) for s, w in zip((old, new), spelled, strict=True)
    ]
    assert whole[0] - again[0] + again[1] == whole[1]
    return only


@pytest.mark.parametrize("component", COMPONENTS)
def test_the_rest_stays_as_it_was(component: str) -> None:
    restricted = 0

    @seed(1995)
    @settings(
        max_examples=400 if THOROUGH else 4,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(changes(component))
    def agree(case: tuple[Graph, Graph, Graph]) -> None:
        nonlocal restricted
        only = judged_again(*case)
        restricted += only is not None and any(nodes is not None for nodes in only.by_targets.values())

    agree()
    assert restricted


@st.composite
def plain_changes(draw: Callable[..., object]) -> tuple[Graph, Graph]:
    nodes, predicates = st.sampled_from([*NAMED, *PROPERTIES]), st.sampled_from([*PROPERTIES, RDF.type])
    edges = st.builds(
        lambda s, p, o, c: Triple(s, p, c if p == RDF.type else o),
        nodes,
        predicates,
        nodes,
        st.sampled_from(CLASSES),
    )
    before = draw(st.lists(edges, max_size=14, unique=True))
    change = draw(st.lists(edges, min_size=1, max_size=2, unique=True))
    return before, [t for t in before if t not in change] + [t for t in change if t not in before]


@pytest.mark.parametrize("query", QUERIES)
def test_queries_are_asked_again_of_the_nodes_that_they_lead_back_to(query: str) -> None:
    constraint, shape = BlankNode("c"), iri("Shape")
    shapes = [
        Triple(shape, SH.targetClass, CLASSES[0]),
        Triple(shape, SH.sparql, constraint),
        Triple(constraint, SH.select, Literal(query)),
    ]

    @seed(7)
    @settings(max_examples=1000 if THOROUGH else 25, deadline=None, database=None, phases=[Phase.generate])
    @given(plain_changes())
    def agree(case: tuple[Graph, Graph]) -> None:
        judged_again(shapes, *case)

    agree()


PATHS = [*map(str, PROPERTIES), f"{PROPERTIES[0]}*", f"{PROPERTIES[1]}?", f"{PROPERTIES[0]}/^{PROPERTIES[2]}"]
TERMS = st.sampled_from(["$this", "$this", "?x", "?y", str(NAMED[0])])
PATTERNS = st.builds("{} {} {} .".format, TERMS, st.sampled_from([*PATHS, "?path"]), TERMS)
PARTS = ("OPTIONAL {{ {} }}", "FILTER NOT EXISTS {{ {} }}", "{{ {} }}", "{{ {} }} UNION {{ $this ?p ?x }}")


def groups(below: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """What stands in a group: patterns, and groups of any kind between and behind them."""
    inner = st.builds(lambda part, text: part.format(text), st.sampled_from(PARTS), below)
    return st.lists(st.one_of(PATTERNS, inner), min_size=1, max_size=3).map(" ".join)


@seed(11)
@settings(
    max_examples=5000 if THOROUGH else 60,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(st.recursive(PATTERNS, groups, max_leaves=6), plain_changes())
def test_groups_in_groups(group: str, case: tuple[Graph, Graph]) -> None:
    query, constraint = f"SELECT $this {{ {group} }}", BlankNode("c")
    try:
        paths_read(outline(query), {}, {})
    except UnreadableError:
        assume(False)
    shapes = [Triple(iri("Shape"), SH.targetNode, node) for node in NAMED]
    shapes += [Triple(iri("Shape"), SH.sparql, constraint), Triple(constraint, SH.select, Literal(query))]
    judged_again(shapes, *case)


def test_only_what_reads_a_triple_is_affected() -> None:
    """A chain of two steps leads back to one of a thousand nodes."""
    shape, below = iri("Shape"), BlankNode("below")
    shapes = [
        Triple(shape, SH.targetClass, iri("C")),
        Triple(shape, SH.property, below),
        Triple(below, SH.path, iri("p")),
        Triple(below, SH["class"], iri("D")),
    ]
    data: Graph = [Triple(iri(f"n{i}"), RDF.type, iri("C")) for i in range(1000)]
    data += [Triple(iri(f"n{i}"), iri("p"), iri(f"m{i}")) for i in range(1000)]
    only = affected_by([Triple(iri("m7"), RDF.type, iri("D"))], store_of(data), shapes)
    assert only is not None
    assert set(only.by_targets.values()) == {frozenset({iri("m7"), iri("n7")})}


def test_subclasses_affect_everything() -> None:
    shapes = [Triple(iri("Shape"), SH.targetClass, iri("C")), Triple(iri("Shape"), SH.nodeKind, SH.IRI)]
    assert affected_by([Triple(iri("D"), RDFS.subClassOf, iri("C"))], store_of([]), shapes) is None


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("SELECT $this { $this <x:p> ?a ; <x:q> ?b , ?c . ?b ^<x:r> 'x'@en }",
         ["<x:p>", "<x:q>", "<x:q>", "<x:q>/^<x:r>"]),
        ("SELECT $this { ?a a <x:C> ; <x:p>/<x:q>* $this FILTER(?a > 1 && (2 < 3)) }",
         ["((^<x:q>)*)/^<x:p>", f"((^<x:q>)*)/^<x:p>/{RDF.type}"]),
        ("SELECT $this { $this ?p ?a . ?p a ?b }",
         [str(ANY), f"{PREDICATE}/{RDF.type}"]),
        ("SELECT $this { VALUES ?x { 1 } { $this <x:p> 2 } UNION { $this <x:q> '1'^^<x:t> BIND(1 AS ?b) } }",
         ["<x:p>", "<x:q>"]),
        ("SELECT $this { FILTER(1 = 1 || EXISTS { $this <x:p> ?a . ?a <x:q>? +1 }) }",
         ["<x:p>", "<x:p>/(<x:q>?)"]),
        ("SELECT $this { $this <x:p> ?x { $this <x:q> ?y MINUS { ?x <x:r> ?y } } }",
         ["<x:p>", "<x:q>", "<x:q>/^<x:r>"]),
    ],
)  # fmt: skip
def test_paths_of_a_query(query: str, paths: list[str]) -> None:
    found = paths_read(outline(query), {}, {})
    assert sorted(map(write_path, found)) == sorted(paths)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $this { ?a <x:p> ?b }",
        "SELECT $this { OPTIONAL { $this <x:p> ?a } ?a <x:q> ?b }",
        "SELECT $this { OPTIONAL { ?a <x:q> ?b } $this <x:p> ?a }",
        "SELECT $this { ?a ?p $this . ?p a ?kind }",
        "SELECT $this { $this !<x:p> ?a }",
        "SELECT $this { $this <x:p> [ <x:q> 1 ] }",
        "SELECT $this { GRAPH ?g { $this <x:p> ?a } }",
        "SELECT $this { { SELECT $this { $this <x:p> ?a } LIMIT 1 } }",
        # A group is evaluated before it is joined: these read all of <x:r>.
        "SELECT $this { $this <x:p> ?x { $this <x:q> ?y FILTER NOT EXISTS { ?x <x:r> ?z } } }",
        "SELECT $this { $this <x:p> ?x { FILTER EXISTS { ?x <x:r> ?z } } UNION { $this <x:q> ?x } }",
        "SELECT $this { $this <x:p> ?x { OPTIONAL { ?x <x:r> ?z } } }",
        "SELECT $this { $this <x:p> ?x OPTIONAL { $this <x:q> ?y OPTIONAL { ?x <x:r> ?z } } }",
        "SELECT $this { $this <x:p> ?x { $this <x:q> ?y MINUS { ?x <x:r> ?z } } }",
        "SELECT $this { BIND(EXISTS { ?x <x:r> ?y } AS ?found) $this <x:p> ?x }",
        "SELECT $this { $this <x:p> ?x } GROUP BY $this ?x HAVING(EXISTS { ?x <x:r> ?y })",
        "SELECT $this { $this <x:p> ?x BIND(?x AS ?y) ?y <x:q> ?z }",
    ],
)
def test_queries_that_may_read_everything(query: str) -> None:
    with pytest.raises(UnreadableError):
        paths_read(outline(query), {}, {})


def test_condition_of_optional_sees_both_sides() -> None:
    query = "SELECT $this { $this <x:p> ?x OPTIONAL { $this <x:q> ?y FILTER NOT EXISTS { ?x <x:r> ?y } } }"
    assert sorted(map(write_path, paths_read(outline(query), {}, {}))) == ["<x:p>", "<x:p>/<x:r>", "<x:q>"]


def integer(text: str) -> Literal:
    return Literal(text, datatype=XSD.integer)


C = Triple(iri("Shape"), SH.targetClass, iri("C"))
BELOW, INNER = BlankNode("below"), BlankNode("inner")


@pytest.mark.parametrize(
    ("shapes", "before", "after"),
    [
        pytest.param(  # a literal as target, in a spelling that the store does not keep
            [
                Triple(iri("Shape"), SH.targetNode, integer("01")),
                Triple(iri("Shape"), SH.property, BELOW),
                Triple(BELOW, SH.path, INNER),
                Triple(INNER, SH.inversePath, iri("p")),
                Triple(BELOW, SH.maxCount, integer("0")),
            ],
            [],
            [Triple(iri("a"), iri("p"), integer("1"))],
            id="target",
        ),
        pytest.param(  # two spellings of one literal, each of another focus node
            [
                C,
                Triple(iri("Shape"), SH.property, BELOW),
                Triple(BELOW, SH.path, iri("p")),
                Triple(BELOW, SH.property, INNER),
                Triple(INNER, SH.path, iri("q")),
                Triple(INNER, SH.minCount, integer("1")),
            ],
            [
                *(Triple(iri(name), RDF.type, iri("C")) for name in "ab"),
                Triple(iri("a"), iri("p"), integer("01")),
                Triple(iri("b"), iri("p"), integer("1")),
            ],
            [
                *(Triple(iri(name), RDF.type, iri("C")) for name in "ab"),
                Triple(iri("a"), iri("p"), integer("01")),
            ],
            id="property of a literal",
        ),
        pytest.param(
            [
                C,
                Triple(iri("Shape"), SH.property, BELOW),
                Triple(BELOW, SH.path, iri("p")),
                Triple(BELOW, SH.node, INNER),
                Triple(INNER, SH.pattern, Literal("^0")),
            ],
            [
                *(Triple(iri(name), RDF.type, iri("C")) for name in "ab"),
                Triple(iri("a"), iri("p"), integer("01")),
            ],
            [
                *(Triple(iri(name), RDF.type, iri("C")) for name in "ab"),
                Triple(iri("a"), iri("p"), integer("01")),
                Triple(iri("b"), iri("p"), integer("1")),
            ],
            id="shape of a literal",
        ),
        pytest.param(  # what SPARQL finds is shown as some triple of the focus node spells it
            [
                C,
                Triple(iri("Shape"), SH.sparql, BELOW),
                Triple(BELOW, SH.select, Literal(f"SELECT $this ?value {{ $this {iri('r')} ?value }}")),
            ],
            [Triple(iri("a"), RDF.type, iri("C")), Triple(iri("a"), iri("r"), integer("1"))],
            [
                Triple(iri("a"), RDF.type, iri("C")),
                Triple(iri("a"), iri("r"), integer("1")),
                *(Triple(iri("a"), iri(name), integer("01")) for name in "pqst"),
            ],
            id="spelling",
        ),
        pytest.param(  # a node that stands in no triple reaches itself
            [
                *(Triple(iri("Shape"), SH.targetNode, iri(f"n{i}")) for i in range(5)),
                Triple(iri("Shape"), SH.sparql, BELOW),
                Triple(BELOW, SH.select, Literal("SELECT $this { $this <http://example.org/r>* ?value }")),
            ],
            [],
            [Triple(iri("a"), iri("z"), iri("n1"))],
            id="path of length zero",
        ),
    ],
)  # fmt: skip
def test_what_is_elsewhere_stays(shapes: Graph, before: Graph, after: Graph) -> None:
    judged_again(shapes, before, after)


def test_spellings_are_judged_where_they_stand() -> None:
    """One value node of the store is written in two ways, and one of these is right."""
    shapes = [
        C,
        Triple(iri("Shape"), SH.property, BELOW),
        Triple(BELOW, SH.path, iri("p")),
        Triple(BELOW, SH.node, INNER),
        Triple(INNER, SH.pattern, Literal("^0")),
    ]
    data: Graph = [Triple(iri(name), RDF.type, iri("C")) for name in "ab"]
    data += [Triple(iri("a"), iri("p"), integer("01")), Triple(iri("b"), iri("p"), integer("1"))]
    report = validate(store_of(data), shapes, written=written_in(data))
    assert [(result.focus, result.value) for result in report.results] == [(iri("b"), integer("1"))]


def test_parameter_as_predicate() -> None:
    found = paths_read(outline("ASK { $value $property ?x }"), {"value": iri("p")}, {"property": iri("q")})
    assert [write_path(path) for path in found] == [f"{iri('p')}/{iri('q')}"]


def test_many_affected_nodes_are_all_of_them() -> None:
    shapes = [
        Triple(iri("Shape"), SH.targetClass, iri("C")),
        Triple(iri("Shape"), SH.property, BlankNode("below")),
        Triple(BlankNode("below"), SH.path, iri("p")),
        Triple(BlankNode("below"), SH["class"], iri("D")),
    ]
    data: list[Triple] = [Triple(iri(f"n{i}"), iri("p"), iri("hub")) for i in range(20_001)]
    only = affected_by([Triple(iri("hub"), RDF.type, iri("D"))], store_of(data), shapes)
    assert only is not None
    assert list(only.by_targets.values()) == [None]
