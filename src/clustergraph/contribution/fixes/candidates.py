"""What may have been meant where a result complains: changes of a triple or two, likeliest first."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from clustergraph.contribution.asking import iris
from clustergraph.contribution.facets import Facets
from clustergraph.contribution.fixes.readings import readings
from clustergraph.folder.edition import Edition
from clustergraph.settings import Settings
from clustergraph.terms import (
    RDF,
    SH,
    XSD,
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Resource,
    Term,
    Triple,
    expand,
)
from clustergraph.validation import Result
from clustergraph.validation.literals import matches_datatype
from clustergraph.validation.parse import parse_shapes
from clustergraph.validation.shapes import Shapes
from clustergraph.validation.shapes_graph import ShapesGraph

_ORDERS = {SH.LessThanConstraintComponent, SH.LessThanOrEqualsConstraintComponent}
# How alike a name and what it may stand for are, by difflib's ratio; the best of so many are tried.
_ALIKE = 0.75
_TRIED = 3
_MOST = 20_000
_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿ｦ-ﾟ]")
_LOCAL = re.compile(r"[^/#:]*$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Triples to take away and to add, literals as written; `what` is shown as replaced by `by`."""

    removed: tuple[Triple, ...]
    added: tuple[Triple, ...]
    what: tuple[Term, ...]
    by: tuple[Term, ...]


class Candidates:
    """Finds what may have been meant, from shapes and data of one edition."""

    def __init__(self, edition: Edition, shapes: Iterable[Triple], settings: Settings) -> None:
        self.edition = edition
        self.settings = settings
        self._native = edition.store.native
        self._given = shapes
        self._instances: dict[NamedNode, tuple[NamedNode, ...]] = {}

    @cached_property
    def _shapes(self) -> Shapes:
        return parse_shapes(ShapesGraph(self._given))

    def of(self, result: Result) -> tuple[Candidate, ...]:
        """The candidates for a result, likeliest first."""
        focus, path = result.focus, result.path
        if not isinstance(focus, Resource) or not isinstance(path, NamedNode | None):
            return ()
        found: Iterable[Candidate] = ()
        component = result.constraint
        if component in _ORDERS:
            found = self._swapped(focus, path, result)
        elif component == SH.ClosedConstraintComponent and path is not None and result.value is not None:
            found = self._renamed(focus, path, result.value, result.expected)
        elif component == SH.MinCountConstraintComponent and path is not None:
            found = self._misspelt(focus, path)
        elif path is not None and result.value is not None:
            found = self._replaced(focus, path, result.value, result)
        return tuple(dict.fromkeys(found))[:_TRIED]

    def _facets(self, path: NamedNode, result: Result) -> Facets:
        facets = Facets(path)
        shape = self._shapes.by_node.get(result.shape)
        if shape is not None:
            facets.read(shape, self._shapes)
        return facets

    def _replaced(self, focus: Resource, path: NamedNode, value: Term, result: Result) -> Iterator[Candidate]:
        """Another object in the place of the one that breaks the shape."""
        facets = self._facets(path, result)
        removed = Triple(focus, path, value)
        for other in self._meant(value, path, facets):
            if other != value:
                yield Candidate((removed,), (Triple(focus, path, other),), (value,), (other,))
        if isinstance(value, NamedNode):
            for cls in facets.classes if self._is_untyped(value) else ():
                yield Candidate((), (Triple(value, RDF.type, cls),), (value,), (RDF.type, cls))

    def _meant(self, value: Term, path: NamedNode, facets: Facets) -> Iterator[Term]:
        if isinstance(value, Literal):
            yield from self._literals(value, facets)
        if isinstance(value, Literal | NamedNode):
            yield from self._alike(value, path, facets)

    def _literals(self, value: Literal, facets: Facets) -> Iterator[Term]:
        """The same text as a literal that the shapes allow."""
        for datatype in facets.datatypes:
            if datatype == RDF.langString:
                yield from self._tagged(value, facets.languages or list(self.settings.languages))
            elif not matches_datatype(value, datatype):
                yield from readings(value.value, datatype)
        if facets.languages and (value.language or "") not in facets.languages:
            yield from self._tagged(value, facets.languages)
        if not facets.languages and not facets.datatypes and not facets.choices:
            plain = unicodedata.normalize("NFKC", value.value).strip()
            for form in (plain, plain.upper(), plain.lower()):
                yield _with_text(value, form)
        if facets.iris or facets.classes:
            iri = expand(value.value, self.settings.prefixes) or value.value
            if "//" in iri or iri.startswith("urn:"):
                yield from _iri(iri)

    def _tagged(self, value: Literal, languages: list[str]) -> Iterator[Literal]:
        japanese = [tag for tag in languages if tag.lower().startswith("ja")]
        others = [tag for tag in languages if tag not in japanese]
        likely = japanese + others if _JAPANESE.search(value.value) else others + japanese
        near = difflib.get_close_matches(value.language or "", languages, cutoff=0.5)
        yield from (Literal(value.value, language=tag.lower()) for tag in dict.fromkeys([*near, *likely]))

    def _alike(self, value: Literal | NamedNode, path: NamedNode, facets: Facets) -> Iterator[Term]:
        """Terms that are allowed and look alike."""
        pool = facets.choices or [thing for cls in facets.classes for thing in self._things(cls)]
        if not pool and not facets.datatypes and not facets.languages:
            pool = [term for term in self._used(path) if isinstance(term, type(value)) and term != value]
        name = _name(value)
        by_name: dict[str, list[Term]] = {}
        for term in pool[:_MOST]:
            by_name.setdefault(_folded(_name(term)), []).append(term)
        for match in difflib.get_close_matches(_folded(name), by_name, n=_TRIED, cutoff=_ALIKE):
            yield from by_name[match]

    def _used(self, path: NamedNode) -> list[Term]:
        """What stands at the property elsewhere, most often first."""
        counted: dict[Term, int] = {}
        for quad in self._native.quads_for_pattern(None, path, None, DefaultGraph()):
            counted[quad.object] = counted.get(quad.object, 0) + 1
        return sorted(counted, key=lambda term: (-counted[term], str(term)))

    def _things(self, cls: NamedNode) -> tuple[NamedNode, ...]:
        if cls not in self._instances:
            self._instances[cls] = tuple(iris(self.edition.store, "instances", {"class": [cls]})[:_MOST])
        return self._instances[cls]

    def _is_untyped(self, node: NamedNode) -> bool:
        """Whether something is said of a node, but not what it is."""
        predicates = {q.predicate for q in self._native.quads_for_pattern(node, None, None, DefaultGraph())}
        return bool(predicates) and RDF.type not in predicates

    def _misspelt(self, focus: Resource, path: NamedNode) -> Iterator[Candidate]:
        """What the node says by a property that looks like the one that is missing."""
        for quad in self._native.quads_for_pattern(focus, None, None, DefaultGraph()):
            if quad.predicate not in self._declared and quad.predicate != path:
                names = _folded(_name(quad.predicate)), _folded(_name(path))
                if difflib.SequenceMatcher(None, *names).ratio() >= _ALIKE:
                    yield _renaming(focus, quad.predicate, path, quad.object)

    @cached_property
    def _declared(self) -> frozenset[Term]:
        """The properties that shapes speak of or that have a type."""
        typed = {q.subject for q in self._native.quads_for_pattern(None, RDF.type, None, DefaultGraph())}
        return frozenset({RDF.type, *(s.path for s in self._shapes if isinstance(s.path, NamedNode)), *typed})

    def _renamed(
        self, focus: Resource, path: NamedNode, value: Term, allowed: Iterable[Term]
    ) -> Iterator[Candidate]:
        known = {_folded(_name(term)): term for term in allowed if isinstance(term, NamedNode)}
        for name in difflib.get_close_matches(_folded(_name(path)), known, n=_TRIED, cutoff=_ALIKE):
            yield _renaming(focus, path, known[name], value)

    def _swapped(self, focus: Resource, path: NamedNode | None, result: Result) -> Iterator[Candidate]:
        """The two values of an order that is the wrong way round."""
        other, value = next(iter(result.expected), None), result.value
        if path is None or value is None or not isinstance(other, NamedNode):
            return
        for quad in self._native.quads_for_pattern(focus, other, None, DefaultGraph()):
            yield Candidate(
                (Triple(focus, path, value), Triple(focus, other, quad.object)),
                (Triple(focus, path, quad.object), Triple(focus, other, value)),
                (value, quad.object),
                (quad.object, value),
            )


def _renaming(focus: Resource, path: NamedNode, other: NamedNode, value: Term) -> Candidate:
    return Candidate((Triple(focus, path, value),), (Triple(focus, other, value),), (path,), (other,))


def _with_text(value: Literal, text: str) -> Literal:
    if value.language:
        return Literal(text, language=value.language.lower())
    return Literal(text, datatype=value.datatype or XSD.string)


def _iri(text: str) -> Iterator[NamedNode]:
    try:
        yield NamedNode(text.strip())
    except ValueError:
        return


def _name(term: Term) -> str:
    """What an author types of a term: the last part of an IRI, the text of a literal."""
    if isinstance(term, NamedNode):
        found = _LOCAL.search(term.value)
        return (found.group() if found else "") or term.value
    return term.value if isinstance(term, Literal | BlankNode) else str(term)


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "-", unicodedata.normalize("NFKC", name).strip().casefold())
