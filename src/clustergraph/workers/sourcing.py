"""The task that says what stands behind an answer: the graphs that speak of its things, their documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, cast

import pyoxigraph as ox

from clustergraph.errors import QueryRefusedError
from clustergraph.sparql.bind import bind
from clustergraph.sparql.results import GRAPH_FORMATS, Results, Solutions, Triples
from clustergraph.store.embedded import EmbeddedStore
from clustergraph.terms import DCTERMS, PROV, RDFS, NamedNode, Term, Triple
from clustergraph.workers.holdings import Holdings
from clustergraph.workers.question import Done, Question, Task
from clustergraph.workers.writing import Output

# Things that are looked up at once.
_MANY = 1000
_GRAPHS = "SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?thing ?property ?said } }"
_SAID = "SELECT DISTINCT ?thing ?property ?said WHERE { ?thing ?property ?said }"
_OF_GRAPHS = (RDFS.label, DCTERMS.license)
_OF_DOCUMENTS = (RDFS.label, DCTERMS.title, DCTERMS.identifier, DCTERMS.bibliographicCitation)


def sources(holdings: Holdings, task: Task, output: Output) -> Done:
    """Write what the answer with the address `answer` rests on, in the syntax `format`.

    The task's body is the question about a saved query. The answer is derived from each named graph
    that says something of a thing in it or in its arguments; the property `graph_source` of the settings
    leads from a graph to its document.
    """
    question = Question.from_json(task.body)
    if holdings.catalogue is None:
        raise QueryRefusedError("a saved query", "this data comes without a catalogue")
    saved, store = holdings.catalogue[question.name], holdings.store(question.entailment)
    arguments = dict(question.arguments)
    results = store.query(saved.bind(arguments, store), parsed=saved.outline)
    given = (term for terms in saved.terms(arguments, store).values() for term in terms)
    stated = holdings.store("none")
    graphs = _graphs(stated, _things(results, given))
    triples = [
        *(Triple(NamedNode(task.option("answer")), PROV.wasDerivedFrom, graph) for graph in graphs),
        *_described(stated, graphs, holdings.settings.vocabulary.graph_source),
    ]
    prefixes = {"dcterms": str(DCTERMS), "prov": str(PROV), "rdfs": str(RDFS)}
    native = cast("IO[bytes]", output)  # pyoxigraph asks for no more than `write` and `flush`
    ox.serialize(triples, native, format=GRAPH_FORMATS[task.option("format")], prefixes=prefixes)
    return Done(task.option("media"))


def _things(results: Results, given: Iterable[Term]) -> Iterator[NamedNode]:
    """The things that an answer and its arguments name, each once."""
    rows: Iterable[Sequence[Term | None]] = ()
    if isinstance(results, Solutions):
        rows = results
    elif isinstance(results, Triples):
        rows = ((triple.subject, triple.object) for triple in results)
    seen: set[NamedNode] = set()
    for row in chain([tuple(given)], rows):
        for term in row:
            if isinstance(term, NamedNode) and term not in seen:
                seen.add(term)
                yield term


def _graphs(store: EmbeddedStore, things: Iterator[NamedNode]) -> list[NamedNode]:
    """The named graphs that say something of one of the things, in order."""
    found: set[NamedNode] = set()
    while many := list(islice(things, _MANY)):
        rows = store.run(bind(_GRAPHS, {"thing": many}))
        assert isinstance(rows, Solutions)  # it is a SELECT
        found |= {row[0] for row in rows if isinstance(row[0], NamedNode)}
    return sorted(found, key=lambda graph: graph.value)


def _described(
    store: EmbeddedStore, graphs: Sequence[NamedNode], leading: Sequence[NamedNode]
) -> Iterator[Triple]:
    """The graphs and their documents: what they are called, how they are cited, on what terms."""
    yield from _said(store, graphs, _OF_GRAPHS)
    documents: dict[NamedNode, None] = {}
    for triple in _said(store, graphs, leading):
        yield Triple(triple.subject, DCTERMS.source, triple.object)
        if isinstance(triple.object, NamedNode):
            documents[triple.object] = None
    yield from _said(store, list(documents), _OF_DOCUMENTS)


def _said(
    store: EmbeddedStore, things: Sequence[NamedNode], properties: Sequence[NamedNode]
) -> Iterator[Triple]:
    """What is said of the things by these properties, in order."""
    if not things or not properties:
        return
    rows = store.run(bind(_SAID, {"thing": things, "property": properties}))
    assert isinstance(rows, Solutions)  # it is a SELECT
    for thing, stating, said in sorted(rows, key=str):
        assert isinstance(thing, NamedNode)
        assert isinstance(stating, NamedNode)
        assert said is not None  # all three are bound
        yield Triple(thing, stating, said)
