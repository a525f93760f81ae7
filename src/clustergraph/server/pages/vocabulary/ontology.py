"""The ontology as a page: classes as a tree, properties by what has them, lists of concepts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from clustergraph.server.http.apart import apart
from clustergraph.server.pages.frame import rendering
from clustergraph.server.pages.frame.inquiry import Inquiry, iri, text
from clustergraph.server.pages.frame.kept import kept, reader_key
from clustergraph.server.pages.frame.names import Link, Name, Names, best
from clustergraph.server.pages.frame.places import Places, places_of
from clustergraph.server.pages.frame.words import Reader, reader
from clustergraph.server.pages.vocabulary import descriptions
from clustergraph.server.pages.vocabulary.usage import Usage, usage
from clustergraph.server.service import Service
from clustergraph.server.state import State
from clustergraph.store import EmbeddedStore
from clustergraph.terms import OWL, Literal, NamedNode

_ENDINGS = ("ttl", "nt", "jsonld", "rdf")


@dataclass(frozen=True)
class Term:
    """A term in the list of all; `narrower` are those below it in the tree."""

    anchor: str
    link: Link
    definitions: tuple[Name, ...]
    number: int = 0
    is_retired: bool = False
    is_declared: bool = True
    narrower: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Properties:
    """The properties of one class, or of several (`owner` is None)."""

    owner: Link | None
    properties: tuple[Term, ...]


class OntologyPages:
    """Pages of the ontology as a whole, from the present state of a service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._read: tuple[State, Usage] | None = None
        self._said: tuple[State, EmbeddedStore] | None = None

    async def usage(self, state: State) -> Usage:
        """Where terms are used; read once for each state."""
        if self._read is None or self._read[0] is not state:
            self._read = (state, await apart(usage, state.graph, state.files))
        return self._read[1]

    async def axioms(self, inquiry: Inquiry) -> EmbeddedStore:
        """The axioms; read once for each state."""
        if self._said is None or self._said[0] is not inquiry.state:
            self._said = (inquiry.state, await descriptions.axioms(inquiry))
        return self._said[1]

    async def page(self, request: Request, state: State) -> Response:
        """The page of all terms."""
        inquiry = Inquiry(self._service, state, request)
        reading = reader(request, state.graph.settings.languages)
        places = places_of(request, state, reading)

        async def make() -> bytes:
            return await self._content(inquiry, reading, places.within())

        document = places.ontology("ttl").partition("?")[0]
        headers = {
            "Content-Language": reading.language,
            "Link": f'<{document}>; rel="alternate"; type="text/turtle"',
        }
        return await kept(request, state, reader_key(request, reading), make, headers=headers)

    async def _content(self, inquiry: Inquiry, reading: Reader, places: Places) -> bytes:
        graph = inquiry.state.graph
        vocabulary = graph.settings.vocabulary
        names = Names(reading, graph.settings.languages, places)
        bound = {"retiring": vocabulary.deprecated or (OWL.deprecated,)}
        rows = await inquiry.rows("terms", bound, entailment="none")
        sizes = {
            term: int(text(row, "things"))
            for row in await inquiry.rows("class-sizes", {})
            if (term := iri(row, "term"))
        }
        sorts: dict[str, dict[NamedNode, list[NamedNode]]] = {}
        for row in rows:
            term, other = iri(row, "term"), iri(row, "other")
            if term is not None:
                found = sorts.setdefault(text(row, "sort"), {}).setdefault(term, [])
                found += [other] if other is not None else []
        declared = sorts.get("class", {})
        classes = declared | {term: [] for term in sizes if term not in declared and term not in _META}
        properties = sorts.get("property", {})
        schemes = sorts.get("scheme", {})
        everything = {*classes, *properties, *schemes}
        await names.learn(inquiry, everything)
        definitions = await _definitions(inquiry, everything, names)
        listing = _Listing(names, definitions, sizes, set(sorts.get("retired", {})), set(declared))
        own = [p for p in properties if names.knows(p) or places.is_own(p.value)]
        return await rendering.rendered(
            "ontology.html",
            inquiry.request,
            graph,
            reading,
            tree=listing.tree(classes),
            groups=listing.by_owner(own, properties, await self.usage(inquiry.state)),
            schemes=[names.link(scheme) for scheme in sorted(schemes, key=lambda s: names.of(s).text)],
            classes=len(classes),
            properties=len(own),
            downloads=[(f".{e}", places.ontology(e).partition("?")[0]) for e in _ENDINGS],
        )


_META = frozenset(
    OWL[name]
    for name in (
        "Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "Ontology", "Restriction",
        "TransitiveProperty", "SymmetricProperty", "AsymmetricProperty", "IrreflexiveProperty",
        "FunctionalProperty", "InverseFunctionalProperty", "AllDisjointClasses", "AllDisjointProperties",
        "NamedIndividual", "AllDifferent",
    )
)  # fmt: skip


async def _definitions(
    inquiry: Inquiry, terms: Iterable[NamedNode], names: Names
) -> dict[NamedNode, tuple[Name, ...]]:
    """What each term means, in the reader's language."""
    settings = inquiry.state.graph.settings
    said: dict[NamedNode, list[Literal]] = {}
    for term, _, meaning in await inquiry.literals(terms, settings.vocabulary.definition):
        said.setdefault(term, []).append(meaning)
    return {term: tuple(best(found, names, settings.languages)) for term, found in said.items()}


@dataclass(frozen=True)
class _Listing:
    """Makes the entries of the lists."""

    names: Names
    definitions: dict[NamedNode, tuple[Name, ...]]
    sizes: dict[NamedNode, int]
    retired: set[NamedNode]
    declared: set[NamedNode]

    def entry(self, term: NamedNode, narrower: tuple[Term, ...] = (), *, is_class: bool = True) -> Term:
        places = self.names.places
        return Term(
            places.ontology_name(term.value) or places.short(term.value),
            self.names.term(term),
            self.definitions.get(term, ()),
            self.sizes.get(term, 0),
            term in self.retired,
            not is_class or term in self.declared,
            narrower,
        )

    def tree(self, classes: dict[NamedNode, list[NamedNode]]) -> tuple[Term, ...]:
        """The classes below what is broader, each once."""
        below: dict[NamedNode | None, list[NamedNode]] = {}
        for term, broader in classes.items():
            above = next((b for b in sorted(broader, key=str) if b in classes and b != term), None)
            below.setdefault(above, []).append(term)
        placed: set[NamedNode] = set()

        def branch(above: NamedNode | None) -> tuple[Term, ...]:
            found = []
            for term in sorted(below.get(above, ()), key=lambda t: self.names.of(t).text.casefold()):
                if term not in placed:
                    placed.add(term)
                    found.append(self.entry(term, branch(term)))
            return tuple(found)

        roots = branch(None)
        # Classes that are broader than each other stand below no root.
        circular = tuple(self.entry(term, branch(term)) for term in classes if term not in placed)
        return roots + circular

    def by_owner(
        self, properties: Iterable[NamedNode], domains: dict[NamedNode, list[NamedNode]], used: Usage
    ) -> list[Properties]:
        """The properties by the class that they are for, by domain or by shape."""
        groups: dict[NamedNode | None, list[Term]] = {}
        for term in properties:
            owners = set(domains.get(term, ())) or used.owners.get(term.value, set())
            owner = next(iter(owners)) if len(owners) == 1 else None
            groups.setdefault(owner, []).append(self.entry(term, is_class=False))
        return [
            Properties(
                self.names.term(owner) if owner else None,
                tuple(sorted(found, key=lambda term: term.link.name.text.casefold())),
            )
            for owner, found in sorted(
                groups.items(), key=lambda item: self.names.of(item[0]).text if item[0] else "\uffff"
            )
        ]
