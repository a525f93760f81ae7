"""The queries of a profile: run on what is exported, held to the terms of the target vocabulary."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from clustergraph.errors import ClusterGraphError, ProfileError, QuerySyntaxError, StoreError
from clustergraph.export.profile import Profile
from clustergraph.export.rows import Row, Rows, row_of_triple
from clustergraph.export.selection import Selection, Working, graph_names
from clustergraph.export.text import RDF_TYPE, is_iri
from clustergraph.sparql.bind import bind
from clustergraph.sparql.query import outline
from clustergraph.sparql.results import Triples
from clustergraph.store import EmbeddedStore
from clustergraph.terms import Literal, NamedNode, Quad, Term, Triple, has_blank_node

MAPPING = NamedNode("urn:clustergraph:mapping")


def construct(profile: Profile, selection: Selection) -> Rows:
    """The triples that the queries of a profile construct.

    The mapping table is the graph `?mapping` to them. What the settings say is bound to ?dataset,
    ?title, ?description, ?license, ?version, ?space, and the named graphs to ?graph.

    Raises ProfileError with file and line: a query that is no CONSTRUCT or fails, a term that the
    target vocabulary does not have.
    """
    mapping = (
        Quad(NamedNode(one.subject), NamedNode(one.predicate), NamedNode(one.object), MAPPING)
        for one in profile.mappings
    )
    bindings = _bindings(selection)
    with Working(selection.rows, mapping) as store:
        return Rows(_all(profile, store, bindings))


def _all(profile: Profile, store: EmbeddedStore, bindings: dict[str, list[Term]]) -> Iterator[Row]:
    for path in profile.queries:
        used: set[str] = set()
        for row in map(row_of_triple, _run(path, store, bindings)):
            used.add(row[1])
            if row[1] == RDF_TYPE and is_iri(row[2]):
                used.add(row[2])
            yield row
        _check_terms(path, used, profile)


def _bindings(selection: Selection) -> dict[str, list[Term]]:
    settings = selection.settings
    found: dict[str, list[Term]] = {
        "mapping": [MAPPING],
        "dataset": [NamedNode(f"{settings.base}dataset")],
        "space": [Literal(settings.base)],
        "graph": [*graph_names(selection.rows)],
        "title": [Literal(text, language=tag) for tag, text in settings.title.items()],
        "description": [Literal(text, language=tag) for tag, text in settings.description.items()],
        "language": [Literal(tag) for tag in settings.languages],
        "version": [Literal(selection.version)] if selection.version else [],
        "license": [NamedNode(settings.license)] if settings.license else [],
    }
    return found


def _run(path: Path, store: EmbeddedStore, bindings: dict[str, list[Term]]) -> Iterator[Triple]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(path, 0, f"cannot be read: {error}") from error
    try:
        parsed = outline(text)
        answer = store.query(bind(parsed, {name: terms for name, terms in bindings.items() if terms}))
        if not isinstance(answer, Triples):
            raise ProfileError(path, 1, "expected a CONSTRUCT")
        yield from _labelled(answer.as_they_come(), path)
    except QuerySyntaxError as error:
        raise ProfileError(path, error.line, error.problem) from error
    except (StoreError, ProfileError):
        raise
    except ClusterGraphError as error:
        raise ProfileError(path, 0, str(error)) from error


def _labelled(triples: Iterable[Triple], path: Path) -> Iterator[Triple]:
    """The triples with the labels of their blank nodes made from what is said of them (RDFC-1.0)."""
    blank: list[Triple] = []
    for triple in triples:
        if has_blank_node(triple):
            blank.append(triple)
        else:
            yield triple
    if not blank:
        return
    dataset = ox.Dataset(Quad(t.subject, t.predicate, t.object) for t in blank)
    try:
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    except (ValueError, RuntimeError) as error:
        raise ProfileError(path, 0, f"its blank nodes have no canonical labels: {error}") from error
    # The same label in the triples of two queries would be one node.
    stem = f"{path.stem.replace('-', '')}x"
    for quad in dataset:
        yield _renamed(quad.triple, stem)


def _renamed(triple: Triple, stem: str) -> Triple:
    subject, object = triple.subject, triple.object
    if isinstance(subject, ox.BlankNode):
        subject = ox.BlankNode(stem + subject.value)
    if isinstance(object, ox.BlankNode):
        object = ox.BlankNode(stem + object.value)
    return Triple(subject, triple.predicate, object)


def _check_terms(path: Path, used: set[str], profile: Profile) -> None:
    if profile.terms is None:
        return
    unknown = sorted({term[1:-1] for term in used - {RDF_TYPE}} - profile.terms.iris)
    if unknown:
        line = _line(path, unknown[0])
        raise ProfileError(path, line, f"{unknown[0]} is no term of {profile.terms.vocabulary}")


def _line(path: Path, iri: str) -> int:
    """The line of a query that first has the last part of an IRI, 0 where none has."""
    local = re.split(r"[/#:]", iri)[-1]
    word = re.compile(rf"(?<![\w-]){re.escape(local)}(?![\w-])")
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if word.search(line)), 0)


def mapped(profile: Profile) -> dict[str, str]:
    """How each term is mapped, by its IRI in brackets."""
    return {f"<{one.subject}>": re.split(r"[/#]", one.predicate)[-1] for one in profile.mappings}
