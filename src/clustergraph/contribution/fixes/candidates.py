"""What may have been meant where a result complains: changes of a triple or two, likeliest first."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from clustergraph.contribution.facets import Facets
from clustergraph.contribution.fixes.known import Known, are_alike
from clustergraph.contribution.fixes.readings import readings
from clustergraph.folder.edition import Edition
from clustergraph.settings import Settings
from clustergraph.terms import RDF, SH, XSD, Literal, NamedNode, Resource, Term, Triple, expand
from clustergraph.validation import Result
from clustergraph.validation.literals import matches_datatype
from clustergraph.validation.parse import read_shapes
from clustergraph.validation.shapes import Shapes

_ORDERS = {SH.LessThanConstraintComponent, SH.LessThanOrEqualsConstraintComponent}
_TRIED = 3
_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿ｦ-ﾟ]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Triples to take away and to add, literals as written; `what` is shown as replaced by `by`.

    Those removed and those added are pairs of the same subject, but where a type is added alone.
    """

    removed: tuple[Triple, ...]
    added: tuple[Triple, ...]
    what: tuple[Term, ...]
    by: tuple[Term, ...]


class Candidates:
    """Finds what may have been meant, from shapes and data of one edition."""

    def __init__(self, edition: Edition, shapes: Iterable[Triple], settings: Settings) -> None:
        self.edition = edition
        self.settings = settings
        self._given = shapes

    @cached_property
    def _shapes(self) -> Shapes:
        return read_shapes(self._given).shapes

    @cached_property
    def _known(self) -> Known:
        return Known(self.edition, self._shapes, self.settings)

    def of(self, result: Result) -> tuple[Candidate, ...]:
        """The candidates for a result, likeliest first."""
        focus, path = result.focus, result.path
        if not isinstance(focus, Resource) or not isinstance(path, NamedNode | None):
            return ()
        return tuple(dict.fromkeys(self._meant_by(result, focus, path)))[:_TRIED]

    def _meant_by(self, result: Result, focus: Resource, path: NamedNode | None) -> Iterator[Candidate]:
        component, value = result.constraint, result.value
        if path is None or path == RDF.type:
            yield from self._of_a_class(focus, value)
        elif component in _ORDERS:
            yield from self._swapped(focus, path, result)
        elif component == SH.ClosedConstraintComponent:
            yield from self._renamed(focus, path, result.expected)
        elif component == SH.MinCountConstraintComponent:
            yield from self._misspelt(focus, path)
        else:
            if not self._known.is_declared(path):
                yield from self._renamed(focus, path, self._known.properties)
            if value is not None:
                yield from self._replaced(focus, path, value, result)

    def _facets(self, path: NamedNode, result: Result) -> Facets:
        """What the shape of a result says of the property; where it says nothing, what any shape does."""
        facets = Facets(path)
        shape = self._shapes.by_node.get(result.shape)
        if shape is not None and shape.path == path:
            facets.read(shape, self._shapes)
        if not (facets.classes or facets.datatypes or facets.choices or facets.languages or facets.iris):
            for other in self._shapes:
                if other.path == path and not other.deactivated:
                    facets.read(other, self._shapes)
        return facets

    def _of_a_class(self, focus: Resource, value: Term | None) -> Iterator[Candidate]:
        """Another class in the place of one that nothing declares; a class where none is stated."""
        if isinstance(value, NamedNode) and value != focus and not self._known.is_declared(value):
            old = Triple(focus, RDF.type, value)
            for cls in self._known.alike(value, sorted(self._known.classes, key=str)):
                yield Candidate((old,), (Triple(focus, RDF.type, cls),), (value,), (cls,))
        elif isinstance(focus, NamedNode) and value in {None, focus} and self._known.is_untyped(focus):
            for cls in self._known.usual_classes(focus) if self._known.is_spoken_of(focus) else ():
                yield _typing(focus, cls)

    def _replaced(self, focus: Resource, path: NamedNode, value: Term, result: Result) -> Iterator[Candidate]:
        """Another object in the place of the one that breaks the shape.

        Where that is a thing whose own class is missing or wrong, it is meant, and its class is not.
        """
        facets = self._facets(path, result)
        if isinstance(value, NamedNode) and (of_value := tuple(self._of_things_class(value, facets))):
            yield from of_value
            return
        removed = Triple(focus, path, value)
        for other in self._meant(value, path, facets):
            if other != value:
                yield Candidate((removed,), (Triple(focus, path, other),), (value,), (other,))

    def _of_things_class(self, thing: NamedNode, facets: Facets) -> Iterator[Candidate]:
        """The class that a thing lacks, or one in the place of a class that nothing declares."""
        if not self._known.is_spoken_of(thing):
            return
        if self._known.is_untyped(thing):
            for cls in facets.classes or self._known.usual_classes(thing):
                yield _typing(thing, cls)
        for _, stated in self._known.objects(thing, RDF.type):
            yield from self._of_a_class(thing, stated)

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
            elif datatype == XSD.string:
                yield Literal(value.value)
            elif not matches_datatype(value, datatype):
                yield from readings(value.value, datatype)
        if facets.languages and (value.language or "") not in facets.languages:
            yield from self._tagged(value, facets.languages)
        if not facets.languages and not facets.choices and set(facets.datatypes) <= {XSD.string}:
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
        pool = facets.choices or [thing for cls in facets.classes for thing in self._known.things(cls)]
        if not pool and not facets.datatypes and not facets.languages:
            pool = [term for term in self._known.used(path) if facets.iris or isinstance(term, type(value))]
            if isinstance(value, NamedNode):
                pool += self._known.neighbours(value)
        yield from self._known.alike(value, (term for term in pool if term != value))

    def _misspelt(self, focus: Resource, path: NamedNode) -> Iterator[Candidate]:
        """What the node says by a property that looks like the one that is missing."""
        said = dict.fromkeys(predicate for predicate, _ in self._known.objects(focus, None))
        for predicate in said:
            if not self._known.is_declared(predicate) and are_alike(predicate, path):
                yield from self._renaming(focus, predicate, path)

    def _renamed(self, focus: Resource, path: NamedNode, known: Iterable[Term]) -> Iterator[Candidate]:
        """Another property that looks like the one that stands there."""
        for other in self._known.alike(path, sorted(known, key=str)):
            if isinstance(other, NamedNode) and other != path:
                yield from self._renaming(focus, path, other)

    def _renaming(self, focus: Resource, path: NamedNode, other: NamedNode) -> Iterator[Candidate]:
        """All that a node says by one property, said by another; nothing where that is only inferred."""
        objects = [
            object
            for _, stored in self._known.objects(focus, path)
            for object in self.edition.written(focus, path, stored) or (stored,)
        ]
        removed = tuple(Triple(focus, path, object) for object in sorted(objects, key=str))
        added = tuple(Triple(focus, other, triple.object) for triple in removed)
        if removed:
            yield Candidate(removed, added, (path,), (other,))

    def _swapped(self, focus: Resource, path: NamedNode, result: Result) -> Iterator[Candidate]:
        """The two values of an order that is the wrong way round."""
        other, value = next(iter(result.expected), None), result.value
        if value is None or not isinstance(other, NamedNode):
            return
        for _, object in self._known.objects(focus, other):
            yield Candidate(
                (Triple(focus, path, value), Triple(focus, other, object)),
                (Triple(focus, path, object), Triple(focus, other, value)),
                (value, object),
                (object, value),
            )


def _typing(node: NamedNode, cls: NamedNode) -> Candidate:
    return Candidate((), (Triple(node, RDF.type, cls),), (node,), (RDF.type, cls))


def _with_text(value: Literal, text: str) -> Literal:
    if value.language:
        return Literal(text, language=value.language.lower())
    return Literal(text, datatype=value.datatype or XSD.string)


def _iri(text: str) -> Iterator[NamedNode]:
    try:
        yield NamedNode(text.strip())
    except ValueError:
        return
