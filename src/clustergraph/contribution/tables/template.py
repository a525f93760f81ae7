"""A table to fill in for a class: its columns come of the shapes, else of the ontology."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from clustergraph.contribution.tables.description import COMMENT, SEPARATOR, Column, Description
from clustergraph.errors import UsageError, near_misses
from clustergraph.folder.edition import Edition
from clustergraph.settings import Settings
from clustergraph.sparql.bind import bind
from clustergraph.sparql.query import outline
from clustergraph.sparql.results import Solutions
from clustergraph.terms import RDF, SH, XSD, Literal, NamedNode, Term, expand
from clustergraph.validation.parse import parse_shapes
from clustergraph.validation.shapes import CoreConstraint, Shape, ShapeConstraint, Shapes
from clustergraph.validation.shapes_graph import ShapesGraph

_PREFIXES = """PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
"""
_ABOVE = _PREFIXES + "SELECT DISTINCT ?above { ?class rdfs:subClassOf* ?above FILTER isIRI(?above) }"
_CLASSES = _PREFIXES + (
    "SELECT DISTINCT ?class { { ?class a rdfs:Class } UNION { ?class a owl:Class } UNION { ?x a ?class }"
    " FILTER isIRI(?class) }"
)
_INSTANCES = _PREFIXES + (
    "SELECT DISTINCT ?thing { ?thing rdf:type/rdfs:subClassOf* ?class FILTER isIRI(?thing) } ORDER BY ?thing"
)
_PROPERTIES = _PREFIXES + (
    "SELECT DISTINCT ?property ?range { ?property rdfs:domain ?class OPTIONAL { ?property rdfs:range ?range }"
    " FILTER isIRI(?property) } ORDER BY ?property"
)
_OBJECTS = "SELECT ?object { ?thing ?property ?object } ORDER BY ?object"
_TEXTS = "SELECT ?text { ?term ?property ?text FILTER isLITERAL(?text) }"
_LOCAL = re.compile(r"[^/#:]*$")
_EXAMPLES = 2


@dataclass(frozen=True)
class Template:
    """A table to fill in: its description, and a thing of the graph as an example of a row."""

    description: Description
    example: tuple[str, ...] = ()

    def to_csv(self, language: str | None = None) -> str:
        """The table: a header, of titles where a language is given, and the example as a comment."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(c.titles.get(language or "", c.name) for c in self.description.columns)
        if self.example:
            writer.writerow((f"{COMMENT} {self.example[0]}", *self.example[1:]))
        return out.getvalue()


def template(edition: Edition, settings: Settings, name: str) -> Template:
    """The template for a class, named by IRI, prefixed name or local name.

    Raises UsageError, with near misses, where no such class is known.
    """
    return _Maker(edition, settings).template(name)


@dataclass
class _Facets:
    """What the shapes say of one property."""

    property: NamedNode
    names: list[Literal] = field(default_factory=list)
    required: bool = False
    single: bool = False
    datatypes: list[NamedNode] = field(default_factory=list)
    classes: list[NamedNode] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    choices: list[Term] = field(default_factory=list)
    iris: bool = False


class _Maker:
    """Makes templates of one edition."""

    def __init__(self, edition: Edition, settings: Settings) -> None:
        self._store = edition.store
        self._settings = settings
        self._shapes = parse_shapes(ShapesGraph(edition.shapes)) if edition.shapes else Shapes({})

    def template(self, name: str) -> Template:
        cls = self._class(name)
        above = [t for (t,) in self._rows(_ABOVE, {"class": [cls]}) if isinstance(t, NamedNode)]
        facets = self._facets(above) or self._domains(above)
        if not facets:
            raise UsageError(f"neither a shape nor an ontology says what a {name} has")
        things = [t for (t,) in self._rows(_INSTANCES, {"class": [cls]}) if isinstance(t, NamedNode)]
        columns = [self._identifier(things)]
        for one in sorted(facets.values(), key=lambda facet: not facet.required):
            columns += self._columns(one, {c.name for c in columns}, things)
        namespace = _namespace(things) or f"{self._settings.base}id/{_kebab(_local(cls))}/"
        description = Description(f"{namespace}{{id}}", tuple(columns), (cls,), self._titles(cls))
        return Template(description, self._example(description, things))

    def _class(self, name: str) -> NamedNode:
        classes = [t for (t,) in self._rows(_CLASSES, {}) if isinstance(t, NamedNode)]
        targets = [cls for shape in self._shapes for cls in shape.targets.classes]
        known = dict.fromkeys([*classes, *targets])
        iri = expand(name, self._settings.prefixes) or name.strip("<>")
        matches = [cls for cls in known if cls.value == iri] or [cls for cls in known if _local(cls) == name]
        if len(matches) == 1:
            return matches[0]
        near = [str(cls) for cls in matches] or near_misses(name, (_local(cls) for cls in known))
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UsageError(f"no class is known by the name {name!r}{hint}")

    def _rows(self, query: str, terms: Mapping[str, list[Term]]) -> Iterator[tuple[Term | None, ...]]:
        answer = self._store.query(bind(outline(query), terms) if terms else query)
        assert isinstance(answer, Solutions)  # each of them is a SELECT
        return iter(answer)

    def _facets(self, classes: Iterable[NamedNode]) -> dict[NamedNode, _Facets]:
        """What the shapes of the classes say of each property."""
        wanted, found = set(classes), dict[NamedNode, _Facets]()
        for shape in self._shapes:
            if wanted & set(shape.targets.classes) and not shape.deactivated:
                for constraint in shape.constraints:
                    if (
                        isinstance(constraint, ShapeConstraint)
                        and constraint.component == SH.PropertyConstraintComponent
                    ):
                        self._read(self._shapes[constraint.shapes[0]], found)
        return found

    def _read(self, shape: Shape, found: dict[NamedNode, _Facets]) -> None:
        if isinstance(shape.path, NamedNode) and shape.path != RDF.type and not shape.deactivated:
            facets = found.setdefault(shape.path, _Facets(shape.path))
            facets.names += shape.names
            self._constraints(shape, facets)

    def _constraints(self, shape: Shape, facets: _Facets) -> None:
        for constraint in shape.constraints:
            if isinstance(constraint, CoreConstraint):
                _note(constraint, facets)
            elif (
                isinstance(constraint, ShapeConstraint) and constraint.component != SH.NotConstraintComponent
            ):
                for inner in constraint.shapes:
                    # Whatever one of several shapes asks for is no demand, but says what may stand here.
                    alone = constraint.component in {SH.AndConstraintComponent, SH.NodeConstraintComponent}
                    if self._shapes[inner].path is None:
                        before = facets.required, facets.single
                        self._constraints(self._shapes[inner], facets)
                        if not alone:
                            facets.required, facets.single = before

    def _domains(self, classes: Iterable[NamedNode]) -> dict[NamedNode, _Facets]:
        """What the ontology says of the properties whose domain is one of the classes."""
        found: dict[NamedNode, _Facets] = {}
        for prop, range in self._rows(_PROPERTIES, {"class": list(classes)}):
            if isinstance(prop, NamedNode):
                facets = found.setdefault(prop, _Facets(prop))
                if isinstance(range, NamedNode):
                    literal = range.value.startswith(str(XSD)) or range == RDF.langString
                    (facets.datatypes if literal else facets.classes).append(range)
        return found

    def _identifier(self, things: list[NamedNode]) -> Column:
        titles = {"en": "identifier", "ja": "識別子"}
        words = {
            "en": "a short name in lower-case ASCII letters, or an IRI",
            "ja": "半角英小文字の短い名前、またはIRI",
        }
        examples = tuple(_local(thing) for thing in things[:_EXAMPLES])
        return Column("id", titles, required=True, descriptions=words, examples=examples)

    def _columns(self, facets: _Facets, taken: set[str], things: list[NamedNode]) -> Iterator[Column]:
        name = _local(facets.property)
        while name in taken or name == "id":
            name += "_"
        titles = {t.language or "": t.value for t in facets.names} or self._titles(facets.property)
        objects = [
            term
            for (term,) in self._rows(_OBJECTS, {"property": [facets.property], "thing": [*things[:50]]})
            if term is not None
        ]
        several = None if facets.single else SEPARATOR
        if facets.languages or RDF.langString in facets.datatypes or _in_languages(objects):
            for tag in facets.languages or list(self._settings.languages):
                texts = [o.value for o in objects if isinstance(o, Literal) and o.language == tag]
                titled = {key: f"{text} ({tag})" for key, text in titles.items()}
                yield self._column(facets, f"{name}_{tag}", titled, texts, language=tag)
        elif facets.classes or facets.iris or any(isinstance(c, NamedNode) for c in facets.choices):
            iris = [t for t in facets.choices or objects if isinstance(t, NamedNode)]
            texts = [_local(iri) for iri in iris]
            url = f"{self._values(facets, iris)}{{{name}}}"
            yield self._column(facets, name, titles, texts, value_url=url, separator=several)
        else:
            literals = [t for t in facets.choices or objects if isinstance(t, Literal)]
            texts = [literal.value for literal in literals]
            yield self._column(facets, name, titles, texts, separator=several)

    def _column(
        self,
        facets: _Facets,
        name: str,
        titles: Mapping[str, str],
        texts: list[str],
        **more: str | None,
    ) -> Column:
        return Column(
            name,
            titles,
            facets.property,
            more.get("value_url"),
            () if more.get("value_url") or more.get("language") else tuple(dict.fromkeys(facets.datatypes)),
            more.get("language"),
            more.get("separator"),
            required=facets.required,
            descriptions=self._texts(facets.property, self._settings.vocabulary.definition),
            examples=tuple(dict.fromkeys(texts if facets.choices else texts[:_EXAMPLES])),
        )

    def _values(self, facets: _Facets, iris: list[NamedNode]) -> str:
        """The namespace of a column's values."""
        classes: list[Term] = list(facets.classes)
        if classes and not facets.choices:
            iris = iris or [
                t for (t,) in self._rows(_INSTANCES, {"class": classes}) if isinstance(t, NamedNode)
            ]
        name = _kebab(_local(facets.classes[0] if facets.classes else facets.property))
        return _namespace(iris) or f"{self._settings.base}id/{name}/"

    def _titles(self, term: NamedNode) -> Mapping[str, str]:
        return self._texts(term, self._settings.vocabulary.label) or {"": _local(term)}

    def _texts(self, term: NamedNode, properties: tuple[NamedNode, ...]) -> Mapping[str, str]:
        """The texts of a term in each language, by the first property that has any."""
        for one in properties:
            rows = self._rows(_TEXTS, {"term": [term], "property": [one]})
            if found := {t.language or "": t.value for (t,) in rows if isinstance(t, Literal)}:
                return dict(sorted(found.items()))
        return {}

    def _example(self, description: Description, things: list[NamedNode]) -> tuple[str, ...]:
        """A row that says what the graph says of one of its things."""
        if not things:
            return ()
        cells = [_local(things[0])]
        for column in description.columns[1:]:
            assert column.property is not None  # only the first has none
            rows = self._rows(_OBJECTS, {"thing": [things[0]], "property": [column.property]})
            texts = [_cell(column, term) for (term,) in rows if term is not None]
            cells.append((column.separator or SEPARATOR).join(text for text in texts if text))
        return tuple(cells)


def _note(constraint: CoreConstraint, facets: _Facets) -> None:
    """Take a constraint on the values of a property into account."""
    arguments = constraint.arguments
    match constraint.component.value.removeprefix(str(SH)).removesuffix("ConstraintComponent"):
        case "MinCount":
            facets.required = facets.required or str(arguments[0]) != str(Literal(0))
        case "MaxCount":
            facets.single = isinstance(arguments[0], Literal) and arguments[0].value == "1"
        case "Datatype":
            facets.datatypes += [a for a in arguments if isinstance(a, NamedNode)]
        case "Class":
            facets.classes += [a for a in arguments if isinstance(a, NamedNode)]
        case "In":
            facets.choices += arguments
        case "LanguageIn":
            facets.languages += [a.value for a in arguments if isinstance(a, Literal)]
        case "NodeKind":
            facets.iris = facets.iris or SH.IRI in arguments


def _cell(column: Column, term: Term) -> str:
    if column.value_url is not None:
        if not isinstance(term, NamedNode):
            return ""
        namespace = column.value_url.partition("{")[0]
        return term.value.removeprefix(namespace)
    if not isinstance(term, Literal) or (column.language and term.language != column.language):
        return ""
    return term.value


def _in_languages(objects: Iterable[Term]) -> bool:
    return any(isinstance(term, Literal) and term.language for term in objects)


def _namespace(iris: Iterable[NamedNode]) -> str:
    """The namespace of most of the IRIs."""
    counted = Counter(iri.value.removesuffix(_local(iri)) for iri in iris)
    return min(counted, key=lambda one: (-counted[one], one)) if counted else ""


def _local(iri: NamedNode) -> str:
    found = _LOCAL.search(iri.value)
    return (found.group() if found else "") or iri.value


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
