"""A table to fill in for a class: its columns come of the shapes, else of the ontology."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from clustergraph.contribution.asking import iris, rows
from clustergraph.contribution.facets import Facets
from clustergraph.contribution.tables.description import COMMENT, SEPARATOR, Column, Description
from clustergraph.errors import UsageError, near_misses
from clustergraph.folder.edition import Edition
from clustergraph.settings import Settings
from clustergraph.terms import RDF, SH, XSD, Literal, NamedNode, Term, expand
from clustergraph.validation.parse import parse_shapes
from clustergraph.validation.shapes import Shape, ShapeConstraint, Shapes
from clustergraph.validation.shapes_graph import ShapesGraph

# What labels, definitions and sources are called where the graph does not label these properties.
_TITLES = (
    {"en": "name", "ja": "名称"},
    {"en": "definition", "ja": "定義"},
    {"en": "source", "ja": "出典"},
)
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
        columns = self.description.columns
        writer.writerow(c.titles.get(language, c.name) if language else c.name for c in columns)
        if self.example:
            writer.writerow((f"{COMMENT} {self.example[0]}", *self.example[1:]))
        return out.getvalue()


def template(edition: Edition, settings: Settings, name: str) -> Template:
    """The template for a class, named by IRI, prefixed name or local name.

    Raises UsageError, with near misses, where no such class is known.
    """
    return _Maker(edition, settings).template(name)


class _Maker:
    """Makes templates of one edition."""

    def __init__(self, edition: Edition, settings: Settings) -> None:
        self._store = edition.store
        self._settings = settings
        self._shapes = parse_shapes(ShapesGraph(edition.shapes)) if edition.shapes else Shapes({})

    def template(self, name: str) -> Template:
        cls = self._class(name)
        above = iris(self._store, "superclasses", {"class": [cls]})
        facets = self._facets(above) or self._domains(above)
        if not facets:
            raise UsageError(f"neither a shape nor an ontology says what a {name} has")
        things = iris(self._store, "instances", {"class": [cls]})
        columns = [self._identifier(things)]
        for one in sorted(facets.values(), key=lambda facet: not facet.required):
            columns += self._columns(one, {c.name for c in columns}, things)
        namespace = _namespace(things) or f"{self._settings.base}id/{_kebab(_local(cls))}/"
        description = Description(f"{namespace}{{id}}", tuple(columns), (cls,), self._titles(cls))
        return Template(description, self._example(description, things))

    def _class(self, name: str) -> NamedNode:
        classes = iris(self._store, "classes")
        targets = [cls for shape in self._shapes for cls in shape.targets.classes]
        known = dict.fromkeys([*classes, *targets])
        iri = expand(name, self._settings.prefixes) or name.strip("<>")
        matches = [cls for cls in known if cls.value == iri] or [cls for cls in known if _local(cls) == name]
        if len(matches) == 1:
            return matches[0]
        near = [str(cls) for cls in matches] or near_misses(name, (_local(cls) for cls in known))
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UsageError(f"no class is known by the name {name!r}{hint}")

    def _facets(self, classes: Iterable[NamedNode]) -> dict[NamedNode, Facets]:
        """What the shapes of the classes say of each property."""
        wanted, found = set(classes), dict[NamedNode, Facets]()
        for shape in self._shapes:
            if wanted & set(shape.targets.classes) and not shape.deactivated:
                for constraint in shape.constraints:
                    if (
                        isinstance(constraint, ShapeConstraint)
                        and constraint.component == SH.PropertyConstraintComponent
                    ):
                        self._read(self._shapes[constraint.shapes[0]], found)
        return found

    def _read(self, shape: Shape, found: dict[NamedNode, Facets]) -> None:
        if isinstance(shape.path, NamedNode) and shape.path != RDF.type and not shape.deactivated:
            facets = found.setdefault(shape.path, Facets(shape.path))
            facets.names += shape.names
            facets.read(shape, self._shapes)

    def _domains(self, classes: Iterable[NamedNode]) -> dict[NamedNode, Facets]:
        """What the ontology says of the properties whose domain is one of the classes."""
        found: dict[NamedNode, Facets] = {}
        for prop, range in rows(self._store, "properties", {"class": list(classes)}):
            if isinstance(prop, NamedNode):
                facets = found.setdefault(prop, Facets(prop))
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

    def _columns(self, facets: Facets, taken: set[str], things: list[NamedNode]) -> Iterator[Column]:
        name = _local(facets.property)
        while name in taken or name == "id":
            name += "_"
        titles = {t.language or "": t.value for t in facets.names} or self._titles(facets.property)
        objects = [
            term
            for (term,) in rows(
                self._store, "objects", {"property": [facets.property], "thing": [*things[:50]]}
            )
            if term is not None
        ]
        several = None if facets.single else SEPARATOR
        if facets.languages or RDF.langString in facets.datatypes or _in_languages(objects):
            for tag in facets.languages or list(self._settings.languages):
                texts = [o.value for o in objects if isinstance(o, Literal) and o.language == tag]
                titled = {key: f"{text} ({tag})" for key, text in titles.items()}
                yield self._column(facets, f"{name}_{tag}", titled, texts, language=tag)
        elif facets.classes or facets.iris or _are_iris(facets.choices or objects):
            named = [t for t in facets.choices or objects if isinstance(t, NamedNode)]
            texts = [_local(iri) for iri in named]
            url = f"{self._values(facets, named)}{{{name}}}"
            yield self._column(facets, name, titles, texts, value_url=url, separator=several)
        else:
            literals = [t for t in facets.choices or objects if isinstance(t, Literal)]
            texts = [literal.value for literal in literals]
            yield self._column(facets, name, titles, texts, separator=several)

    def _column(
        self,
        facets: Facets,
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

    def _values(self, facets: Facets, named: list[NamedNode]) -> str:
        """The namespace of a column's values."""
        classes: list[Term] = list(facets.classes)
        if classes and not facets.choices:
            named = named or iris(self._store, "instances", {"class": classes})
        name = _kebab(_local(facets.classes[0] if facets.classes else facets.property))
        return _namespace(named) or f"{self._settings.base}id/{name}/"

    def _titles(self, term: NamedNode) -> Mapping[str, str]:
        found = self._texts(term, self._settings.vocabulary.label)
        if not found:
            vocabulary = self._settings.vocabulary
            known = zip((vocabulary.label, vocabulary.definition, vocabulary.source), _TITLES, strict=True)
            found = next((titles for properties, titles in known if term in properties), {})
        return found or {"": _local(term)}

    def _texts(self, term: NamedNode, properties: tuple[NamedNode, ...]) -> Mapping[str, str]:
        """The texts of a term in each language, by the first property that has any."""
        for one in properties:
            answer = rows(self._store, "texts", {"term": [term], "property": [one]})
            if found := {t.language or "": t.value for (t,) in answer if isinstance(t, Literal)}:
                return dict(sorted(found.items()))
        return {}

    def _example(self, description: Description, things: list[NamedNode]) -> tuple[str, ...]:
        """A row that says what the graph says of one of its things."""
        if not things:
            return ()
        cells = [_local(things[0])]
        for column in description.columns[1:]:
            assert column.property is not None  # only the first has none
            found = rows(self._store, "objects", {"thing": [things[0]], "property": [column.property]})
            texts = [_cell(column, term) for (term,) in found if term is not None]
            cells.append((column.separator or SEPARATOR).join(text for text in texts if text))
        return tuple(cells)


def _cell(column: Column, term: Term) -> str:
    if column.value_url is not None:
        if not isinstance(term, NamedNode):
            return ""
        namespace = column.value_url.partition("{")[0]
        return term.value.removeprefix(namespace)
    if not isinstance(term, Literal) or (column.language and term.language != column.language):
        return ""
    return term.value


def _are_iris(terms: list[Term]) -> bool:
    return bool(terms) and all(isinstance(term, NamedNode) for term in terms)


def _in_languages(objects: Iterable[Term]) -> bool:
    return any(isinstance(term, Literal) and term.language for term in objects)


def _namespace(named: Iterable[NamedNode]) -> str:
    """The namespace of most of the IRIs."""
    counted = Counter(iri.value.removesuffix(_local(iri)) for iri in named)
    return min(counted, key=lambda one: (-counted[one], one)) if counted else ""


def _local(iri: NamedNode) -> str:
    found = _LOCAL.search(iri.value)
    return (found.group() if found else "") or iri.value


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
