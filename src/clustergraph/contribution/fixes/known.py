"""What a graph knows that may have been meant: properties, classes and things, by name and by label."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from urllib.parse import unquote

from clustergraph.contribution.asking import iris
from clustergraph.contribution.fixes.readings import readings
from clustergraph.contribution.fixes.syntaxes.replacement import local
from clustergraph.folder.edition import Edition
from clustergraph.settings import Settings
from clustergraph.terms import (
    OWL,
    RDF,
    RDFS,
    XSD,
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Resource,
    Term,
)
from clustergraph.validation.shapes import Shapes

# How alike a name and what it may stand for are, by difflib's ratio: of few letters one weighs more.
_ALIKE, _ALIKE_IF_SHORT, _SHORT = 0.75, 0.6, 4
_MOST_ALIKE = 3
# Terms that are compared with a name, and its letters: a longer text names nothing.
_MOST, _LONGEST = 20_000, 500
_PROPERTIES = (RDF.Property, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
_CLASSES = (RDFS.Class, OWL.Class)


class Known:
    """The terms of an edition and of its shapes; each kind is listed when it is first asked for."""

    def __init__(self, edition: Edition, shapes: Shapes, settings: Settings) -> None:
        self._store = edition.store
        self._shapes = shapes
        self._settings = settings
        self._instances: dict[NamedNode, tuple[NamedNode, ...]] = {}

    def objects(self, subject: Resource, predicate: NamedNode | None) -> Iterator[tuple[NamedNode, Term]]:
        """What is said of a subject: predicates and objects as stored."""
        found = self._store.native.quads_for_pattern(subject, predicate, None, DefaultGraph())
        return ((quad.predicate, quad.object) for quad in found)

    @cached_property
    def properties(self) -> frozenset[NamedNode]:
        """The properties that the graph declares or that shapes speak of."""
        paths = (shape.path for shape in self._shapes if isinstance(shape.path, NamedNode))
        return frozenset({RDF.type, *paths, *self._typed_as(_PROPERTIES)})

    @cached_property
    def classes(self) -> frozenset[NamedNode]:
        """The classes that the graph declares or that shapes are about."""
        targets = (cls for shape in self._shapes for cls in shape.targets.classes)
        return frozenset({*targets, *self._typed_as(_CLASSES)})

    def is_declared(self, term: NamedNode) -> bool:
        """Whether the graph says what the term is, or shapes speak of it."""
        return term in self.properties or term in self.classes or not self.is_untyped(term)

    def is_untyped(self, node: NamedNode) -> bool:
        """Whether the graph does not say what a node is."""
        return next(self.objects(node, RDF.type), None) is None

    def is_spoken_of(self, node: NamedNode) -> bool:
        """Whether the graph says anything of a node."""
        return next(self.objects(node, None), None) is not None

    def things(self, cls: NamedNode) -> tuple[NamedNode, ...]:
        """The things of a class, of classes below it too."""
        if cls not in self._instances:
            self._instances[cls] = tuple(iris(self._store, "instances", {"class": [cls]})[:_MOST])
        return self._instances[cls]

    def used(self, path: NamedNode) -> list[Term]:
        """What stands at a property, most often first."""
        counted: Counter[Term] = Counter(
            quad.object for quad in self._store.native.quads_for_pattern(None, path, None, DefaultGraph())
        )
        return sorted(counted, key=lambda term: (-counted[term], str(term)))

    def neighbours(self, iri: NamedNode) -> list[NamedNode]:
        """The other things with a type in the namespace of an IRI."""
        return [other for other in self._by_namespace.get(_namespace(iri), ()) if other != iri]

    def usual_classes(self, iri: NamedNode) -> list[NamedNode]:
        """The classes of the other things in the namespace of an IRI, most often first."""
        counted = Counter(
            cls
            for other in self.neighbours(iri)[:_MOST]
            for _, cls in self.objects(other, RDF.type)
            if isinstance(cls, NamedNode)
        )
        return sorted(counted, key=lambda cls: (-counted[cls], cls.value))[:_MOST_ALIKE]

    def alike(self, value: Literal | NamedNode, pool: Iterable[Term]) -> Iterator[Term]:
        """The terms of a pool that the value may mean: by label, by year of an era, by a name like it."""
        name = _name(value)
        if len(name) > _LONGEST:
            return
        terms = dict.fromkeys(list(pool)[:_MOST])
        yield from (thing for thing in self._by_label.get(_folded(name), ()) if thing in terms)
        by_name: defaultdict[str, list[Term]] = defaultdict(list)
        for term in terms:
            by_name[_folded(_name(term))].append(term)
        for year in readings(name, XSD.gYear):
            yield from by_name.get(year.value, ())
        folded = _folded(name)
        cutoff = _ALIKE_IF_SHORT if len(folded) <= _SHORT else _ALIKE
        for match in difflib.get_close_matches(folded, by_name, n=_MOST_ALIKE, cutoff=cutoff):
            yield from by_name[match]

    @cached_property
    def _by_namespace(self) -> dict[str, list[NamedNode]]:
        found: defaultdict[str, dict[NamedNode, None]] = defaultdict(dict)
        for quad in self._store.native.quads_for_pattern(None, RDF.type, None, DefaultGraph()):
            if isinstance(quad.subject, NamedNode):
                found[_namespace(quad.subject)][quad.subject] = None
        return {space: sorted(things, key=str) for space, things in found.items()}

    @cached_property
    def _by_label(self) -> dict[str, list[NamedNode]]:
        found: defaultdict[str, list[NamedNode]] = defaultdict(list)
        for property in self._settings.vocabulary.label:
            for quad in self._store.native.quads_for_pattern(None, property, None, DefaultGraph()):
                if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                    found[_folded(quad.object.value)].append(quad.subject)
        return found

    def _typed_as(self, classes: Iterable[NamedNode]) -> Iterator[NamedNode]:
        for cls in classes:
            for quad in self._store.native.quads_for_pattern(None, RDF.type, cls, DefaultGraph()):
                if isinstance(quad.subject, NamedNode):
                    yield quad.subject


def are_alike(one: NamedNode, other: NamedNode) -> bool:
    """Whether the names of two terms differ by little."""
    names = _folded(_name(one)), _folded(_name(other))
    return difflib.SequenceMatcher(None, *names).ratio() >= _ALIKE


def _name(term: Term) -> str:
    """What an author types of a term: the last part of an IRI, the text of a literal."""
    if isinstance(term, NamedNode):
        return unquote(local(term.value) or term.value)
    return term.value if isinstance(term, Literal | BlankNode) else str(term)


def _namespace(iri: NamedNode) -> str:
    return iri.value.removesuffix(local(iri.value))


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "-", unicodedata.normalize("NFKC", name).strip().casefold())
