"""What the graph says of a thing, as RDF: its triples, the claims about it, what points to it, names."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from clustergraph.errors import LimitError
from clustergraph.server.http.apart import apart
from clustergraph.server.http.protocol import Asked
from clustergraph.server.pages.frame.inquiry import Inquiry, text_of
from clustergraph.server.pages.things.incoming import counts
from clustergraph.store import EmbeddedStore
from clustergraph.terms import Entailment, NamedNode, Triple
from clustergraph.workers.question import Question, Task

# Links to a thing in one page of its description: the LIMIT in the query files.
SIZE = 500
# Bytes of N-Triples of one description; what is longer is to be asked for in SPARQL.
_LARGEST = 32 << 20


async def pages(inquiry: Inquiry, thing: NamedNode) -> int:
    """How many pages the description of a thing has: what points to it may be much."""
    found = counts(await inquiry.rows("pointing", {"thing": [thing]}))
    return max(1, -(-sum(each.number for each in found.values()) // SIZE))


async def description(inquiry: Inquiry, thing: NamedNode, page: int) -> list[Triple]:
    """One page of the description: on the first all but the further links, then only links."""
    vocabulary = inquiry.state.graph.settings.vocabulary
    if page == 1:
        asked = text_of("description", {"thing": [thing], "about": vocabulary.about})
    else:
        asked = text_of("description-more", {"thing": [thing]}, offset=(page - 1) * SIZE)
    triples = await _triples(inquiry, asked)
    named = {term for triple in triples for term in triple if isinstance(term, NamedNode)}
    return list(dict.fromkeys([*triples, *await _names(inquiry, named)]))


async def ontology(inquiry: Inquiry) -> list[Triple]:
    """All triples of the ontology's graph."""
    graph = inquiry.state.graph.settings.graph("ontology")
    return await _triples(inquiry, text_of("graph-content", {"graph": [graph]}))


async def axioms(inquiry: Inquiry) -> EmbeddedStore:
    """The axioms of the graph and what their terms are called, in a small store of their own.

    It is filled in a thread: 60,000 axioms take 0.4 s, and more than `_LARGEST` bytes of them are refused.
    """
    question = text_of("axioms", {})
    triples = await _triples(inquiry, question, entailment="none")
    named = {term for triple in triples for term in triple if isinstance(term, NamedNode)}
    return await apart(_stored, [*triples, *await _names(inquiry, named)])


def _stored(triples: list[Triple]) -> EmbeddedStore:
    native = ox.Store()
    native.bulk_extend(ox.Quad(*triple) for triple in triples)
    return EmbeddedStore(native)


async def serialised(inquiry: Inquiry, triples: Iterable[Triple], syntax: str) -> bytes:
    """The triples in a syntax, in the one order of exports; JSON-LD has its context in it.

    A worker writes them: it takes long. Raises FormatError for what the syntax cannot carry.
    """
    body = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert body is not None  # only a call with an output returns None
    task = Task("serialise", (("syntax", syntax),), body)
    answer = await inquiry.service.performed(inquiry.state, inquiry.request, task, keep=False)
    return b"".join(answer.chunks())


async def _names(inquiry: Inquiry, terms: Iterable[NamedNode]) -> list[Triple]:
    """What the terms are called."""
    naming = inquiry.state.graph.settings.vocabulary.label
    return [Triple(*found) for found in await inquiry.literals(terms, naming)]


async def _triples(inquiry: Inquiry, asked: str, *, entailment: Entailment = "owl2rl") -> list[Triple]:
    question = Question(text=asked, table=None, graph="ntriples", entailment=entailment)
    answer = await inquiry.service.answer(inquiry.state, inquiry.request, Asked(question, None, None))
    if answer.size > _LARGEST:
        answer.close()
        raise LimitError("size", f"the description has more than {_LARGEST:,} bytes; ask for it in SPARQL")
    return await apart(_read, b"".join(answer.chunks()))


def _read(content: bytes) -> list[Triple]:
    return [quad.triple for quad in ox.parse(content, format=ox.RdfFormat.N_TRIPLES)]
