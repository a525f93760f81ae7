"""Questions of each kind: a look-up, a join, an aggregate, a path, a text, and all classes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pyoxigraph as ox
from frame import Measured, Task, digest, peak_memory, repeated
from generate import generate
from peers import ENGINES, TRIPLES

PREFIXES = """
PREFIX area: <https://w3id.org/clustergraph/id/area/>
PREFIX cg: <https://w3id.org/clustergraph/ont#>
PREFIX program: <https://w3id.org/clustergraph/id/program/>
PREFIX rank: <https://w3id.org/clustergraph/id/rank/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
# The aggregate is one that our saved queries ask: labels beside figures, without deprecated ones. The
# join shows what is gained where each row is cheap: less, for engines then mostly seek.
QUESTIONS = {
    "look-up": """
        SELECT ?participation ?program {
          ?participation cg:participationOf area:a1 ; cg:inProgram ?program
        }""",
    "join": """
        SELECT ?program ?year (SUM(?value) AS ?total) {
          ?statement cg:about ?participation ; cg:forFiscalYear ?year ; cg:value ?value .
          ?participation cg:inProgram ?program
        } GROUP BY ?program ?year""",
    "aggregate": """
        SELECT ?programLabel ?yearLabel (SUM(?value) AS ?total) (COUNT(?statement) AS ?statements) {
          ?statement cg:about ?participation ; cg:forFiscalYear ?year ; cg:value ?value ; cg:rank ?rank .
          FILTER (?rank != rank:deprecated)
          ?participation cg:inProgram ?program .
          ?program rdfs:label ?programLabel . FILTER (LANG(?programLabel) = "en")
          ?year rdfs:label ?yearLabel . FILTER (LANG(?yearLabel) = "en")
        } GROUP BY ?programLabel ?yearLabel""",
    "path": """
        SELECT ?later ?earlier {
          ?later cg:directlySucceeds+ ?earlier . ?part cg:componentOf/cg:stageOf? ?later
        }""",
    "text": """
        SELECT ?thing ?label {
          ?thing rdfs:label ?label .
          FILTER (CONTAINS(LCASE(STR(?label)), "area 7 in") || CONTAINS(?label, "地域7："))
        }""",
    "classes": "SELECT ?class (COUNT(?thing) AS ?things) { ?thing a ?class } GROUP BY ?class",
}


def prepare(folder: Path, size: int) -> int:
    """A generated graph with its snapshot, and the same triples, inferred ones included, as N-Triples."""
    from clustergraph.folder import open_folder
    from clustergraph.snapshot import open_snapshot

    generate(folder / "graph", triples=size)
    snapshot = open_snapshot(open_folder(folder / "graph"))
    ox.serialize(
        (quad.triple for quad in snapshot.entailed.dump(ox.DefaultGraph())),
        str(folder / TRIPLES),
        format=ox.RdfFormat.N_TRIPLES,
    )
    triples = snapshot.triples + snapshot.inferred
    snapshot.close()
    return triples


def ask(engine: str, folder: Path) -> Iterator[Measured]:
    """Each question, after it was asked once."""
    with ENGINES[engine](folder) as asked:
        for name, question in QUESTIONS.items():
            answer = digest(asked(PREFIXES + question))
            seconds, _ = repeated(partial(asked, PREFIXES + question))
            yield Measured(name, seconds, answer, peak_memory())


QUERIES = Task(
    "queries",
    "Questions",
    prepare,
    ask,
    ("rdflib", "oxigraph-server", "virtuoso", "rdflib-endpoint", "jena"),
    {"rdflib": 300_000, "rdflib-endpoint": 300_000, "virtuoso": 300_000},
    ("clustergraph", "clustergraph-memory"),
)
