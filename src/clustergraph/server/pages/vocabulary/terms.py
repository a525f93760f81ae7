"""The page of one class or property: what it means, what the ontology says of it, and what uses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.explanation import Axioms
from clustergraph.server.http.apart import apart
from clustergraph.server.http.paging import page_number
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.inquiry import Inquiry, iri, text
from clustergraph.server.pages.frame.kept import kept, reader_key
from clustergraph.server.pages.frame.names import Link, Name, Names, best
from clustergraph.server.pages.frame.places import Places, links, places_of
from clustergraph.server.pages.frame.words import Reader, reader
from clustergraph.server.pages.things.facts import Arrangement, Description, Schema
from clustergraph.server.pages.things.incoming import SIZE
from clustergraph.server.pages.things.neighbourhood import Diagram, Neighbour, diagram
from clustergraph.server.pages.things.standing import Standing
from clustergraph.server.pages.vocabulary.ontology import OntologyPages
from clustergraph.server.pages.vocabulary.usage import Usage
from clustergraph.server.service import Service
from clustergraph.server.state import State
from clustergraph.store import EmbeddedStore
from clustergraph.terms import OWL, RDF, RDFS, NamedNode

_CLASSES = {OWL.Class, RDFS.Class}
_ENDINGS = ("ttl", "nt", "jsonld", "rdf")


@dataclass(frozen=True)
class Checked:
    """A shape that speaks of a term, by its name and the messages of its constraints."""

    name: Name | None
    messages: tuple[Name, ...]


class TermPages:
    """Pages of classes and properties, from the present state of a service."""

    def __init__(self, service: Service, ontology: OntologyPages) -> None:
        self._service = service
        self._ontology = ontology

    async def page(self, request: Request, state: State, found: Standing) -> Response:
        """The page of a term."""
        number = page_number(request, "page")
        reading = reader(request, state.graph.settings.languages)
        places = places_of(request, state, reading)
        inquiry = Inquiry(self._service, state, request)

        async def make() -> bytes:
            used = await self._ontology.usage(state)
            axioms = await self._ontology.axioms(inquiry)
            return await _Making(inquiry, reading, places.within(), found, used, axioms).content(number)

        key = reader_key(request, reading) | {"term": found.iri.value, "page": str(number)}
        headers = {"Content-Language": reading.language, "Link": links(found.iri, places)}
        return await kept(request, state, key, make, headers=headers)


@dataclass(frozen=True)
class _Making:
    """Makes one page."""

    inquiry: Inquiry
    reading: Reader
    places: Places
    found: Standing
    used: Usage
    axioms: EmbeddedStore

    async def content(self, page: int) -> bytes:
        """The page."""
        graph, term = self.inquiry.state.graph, self.found.iri
        settings = graph.settings
        v, bound = settings.vocabulary, {"thing": [term]}
        names = Names(self.reading, settings.languages, self.places)
        rows = await self.inquiry.rows("facts", bound, entailment="none")
        said = Description(term, rows, rows)
        relatives: dict[str, list[NamedNode]] = {}
        for row in await self.inquiry.rows("relatives", bound, entailment="none"):
            if other := iri(row, "other"):
                relatives.setdefault(text(row, "relation"), []).append(other)
        for relation, known in (("domain", self.used.owners), ("range", self.used.ranges)):
            relatives.setdefault(relation, sorted(known.get(term.value, ()), key=str))
        counted = await self.inquiry.rows("uses", bound)
        instances = await self.inquiry.rows("instances", bound, offset=(page - 1) * SIZE)
        things = [thing for row in instances if (thing := iri(row, "subject"))]
        others = {one for each in relatives.values() for one in each}
        await names.learn(self.inquiry, {term, *said.terms(), *others, *things})
        is_class = bool(_CLASSES & set(said.iris(RDF.type))) or int(text(counted[0], "instances")) > 0
        elsewhere = {RDF.type, *v.label, *v.definition, *v.example, *v.note, *v.deprecated, *_SAID_IN_WORDS}
        total = int(text(counted[0], "instances"))
        turns = {
            relation: self.places.term(term.value, page=str(other)) + "#instances"
            for relation, other in (("prev", page - 1), ("next", page + 1))
            if 1 <= other <= -(-total // SIZE)
        }
        return rendering.render(
            "term.html",
            self.inquiry.request,
            graph,
            self.reading,
            term=term.value,
            short=self.places.short(term.value),
            named=names.all(term) or [names.of(term)],
            is_class=is_class,
            is_retired=self.found.is_retired,
            successors=[names.link(other) for other in self.found.successors],
            definitions=best(said.literals(v.definition), names, settings.languages),
            examples=best(said.literals(v.example), names, settings.languages),
            notes=best(said.literals(v.note), names, settings.languages),
            # A term takes 0.1 ms, a property with 5,000 below it 0.8 s.
            axioms=await apart(Axioms(self.axioms, settings, self.reading.tag).about, term),
            groups=Arrangement(names, Schema(), v, elsewhere).groups(said),
            drawn=_diagram(term, names, relatives, self.reading, is_class=is_class),
            things=[names.link(thing) for thing in things],
            total=total,
            uses=int(text(counted[0], "uses")),
            number=page,
            pages=-(-total // SIZE),
            turns=turns,
            checks=self._checks(names),
            questions=self._questions(),
            downloads=[(f".{e}", self._data(e)) for e in _ENDINGS],
            ontology_href=self.places.ontology(),
        )

    def _data(self, ending: str) -> str:
        """The address of the description in a syntax."""
        if self.places.ontology_name(self.found.iri.value) is None:
            return self.places.data(self.found.iri.value, ending)
        return self.places.term(self.found.iri.value, ending)

    def _checks(self, names: Names) -> list[Checked]:
        languages = names.places.settings.languages
        found: dict[Name | None, dict[Name, None]] = {}
        for check in self.used.checks.get(self.found.iri.value, ()):
            named = best(check.names, names, languages)
            said = (best(message, names, languages) for message in check.messages)
            messages = dict.fromkeys(texts[0] for texts in said if texts)
            found.setdefault(named[0] if named else None, {}).update(messages)
        return [Checked(name, tuple(messages)) for name, messages in found.items()]

    def _questions(self) -> list[Link]:
        found = []
        for query in self.used.queries.get(self.found.iri.value, ()):
            examples = [
                (name, each)
                for name, declared in query.parameters.items()
                if declared.required and not declared.default
                for each in declared.example[: None if declared.many else 1]
            ]
            language = self.reading.language if self.reading.language in query.summaries else ""
            name = Name(query.summary(self.reading.language), language)
            found.append(Link(name, self.places.query(query.name, examples)))
        return sorted(found, key=lambda link: link.name.text)


_SAID_IN_WORDS = frozenset({
    RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, RDFS.isDefinedBy, OWL.inverseOf,
    OWL.equivalentClass, OWL.equivalentProperty, OWL.propertyChainAxiom, OWL.disjointWith,
    OWL.propertyDisjointWith, OWL.complementOf,
})  # fmt: skip


def _diagram(
    term: NamedNode,
    names: Names,
    relatives: dict[str, list[NamedNode]],
    reading: Reader,
    *,
    is_class: bool,
) -> Diagram | None:
    """The term between what is narrower and broader, or between what has it and what it leads to."""
    words = reading.words

    def side(*relations: tuple[str, str]) -> list[Neighbour]:
        return [
            Neighbour(Name(words[word]), names.term(other))
            for relation, word in relations
            for other in sorted(relatives.get(relation, ()), key=lambda o: names.of(o).text)
        ]

    centre = Link(names.of(term))
    if is_class:
        return diagram(centre, side(("narrower", "ontology_narrower")), side(("broader", "ontology_broader")))
    kind = "ontology_subproperty"
    left: Sequence[Neighbour] = side(("domain", "ontology_domain"), ("subproperty", kind))
    return diagram(centre, left, side(("range", "ontology_range"), ("superproperty", kind)))
