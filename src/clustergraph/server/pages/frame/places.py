"""Where on this service the pages and descriptions of things are, whatever their IRIs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request

from clustergraph.server.http.address import as_uri, home, license_links
from clustergraph.server.pages.frame.words import Reader
from clustergraph.server.state import State
from clustergraph.settings import Settings
from clustergraph.terms import NamedNode, Term, Triple, compact, shortened

# What stays as it is in the path of an IRI: RFC 3986's own characters, and what is encoded already.
_SAFE = "/:@!$&'()*+,;=~-._%"
_IN_QUERY = "/:@!$'()*,;~-._"
_LONGEST_NAME = 200


def outward(iri: str) -> str:
    """The address of an IRI where it is: itself, as far as a browser may follow it."""
    return iri if iri.startswith(("http://", "https://")) else ""


@dataclass(frozen=True)
class Places:
    """The addresses of one service on one graph; `language` where the reader has chosen one.

    Things below the base IRI's `id/` have addresses like their IRIs; all others are named by `?iri=`.
    """

    home: str
    settings: Settings
    language: str = ""

    def within(self) -> Places:
        """The same places as a page of this service names them: without its host."""
        return replace(self, home=urlsplit(self.home).path)

    def page(self, iri: str, **more: str) -> str:
        """The address of the page about a thing, a term of the ontology or a graph."""
        if self.ontology_name(iri) is not None:
            return self.term(iri, **more)
        return self._address("page", iri, "", more)

    def reading(self, iri: str) -> str:
        """Where a reader finds an IRI: its page here, or where it is."""
        return self.page(iri) if self.is_own(iri) else outward(iri)

    def data(self, iri: str, ending: str = "", **more: str) -> str:
        """The address of the description of a thing, in the syntax of an ending."""
        return self._address("data", iri, f".{ending}" if ending else "", more, language="")

    def identity(self, iri: str) -> str:
        """The address that stands for the thing itself, and answers 303."""
        return self._address("id", iri, "", {}, language="")

    def term(self, iri: str, ending: str = "html", **more: str) -> str:
        """The address of what the ontology says about a class or property."""
        name = self.ontology_name(iri)
        if name is None:
            return self._with(f"{self.home}ont", {"iri": iri} | more, self.language)
        path = f"{self.home}ont/{quote(name, safe=_SAFE)}.{ending}"
        return self._with(path, more, self.language if ending == "html" else "")

    def ontology(self, ending: str = "") -> str:
        """The address of the ontology as a whole."""
        return self._with(f"{self.home}ont{f'.{ending}' if ending else ''}", {}, self.language)

    def graph(self, iri: str, ending: str) -> str:
        """The address of what a named graph holds."""
        name = iri.removeprefix(f"{self.settings.base}graph/")
        if name == iri:
            return self._with(f"{self.home}graph.{ending}", {"iri": iri}, "")
        return f"{self.home}graph/{quote(name, safe=_SAFE)}.{ending}"

    def why(self, triple: Triple) -> str:
        """The address of the explanation of a triple."""
        names = ("subject", "predicate", "object")
        terms = {name: self.notation(term) for name, term in zip(names, triple, strict=True)}
        return self._with(f"{self.home}explain", terms, self.language)

    def query(self, name: str, given: list[tuple[str, str]]) -> str:
        """The address of a saved query's answer."""
        kept = [("lang", self.language)] if self.language else []
        pairs = urlencode([*given, *kept], safe=_IN_QUERY)
        return f"{self.home}queries/{quote(name)}" + (f"?{pairs}" if pairs else "")

    def is_own(self, iri: str) -> bool:
        """Whether an IRI lies below the base: its page is here, whether anything names it or not."""
        return iri.startswith(self.settings.base)

    def ontology_name(self, iri: str) -> str | None:
        """What follows `/ont/` for a term below the base's `ont`, None for any other."""
        for separator in "#/":
            name = iri.removeprefix(f"{self.settings.base}ont{separator}")
            if name not in {iri, ""}:
                return name
        return None

    def notation(self, term: Term) -> str:
        """A term as an explanation is asked for: a prefixed name where there is one."""
        return shortened(term, self.settings.prefixes)

    def short(self, iri: str) -> str:
        """What an IRI without a label is shown as: a prefixed name, or what follows the base."""
        found = compact(iri, self.settings.prefixes) or iri.removeprefix(self.settings.base)
        return found if len(found) <= _LONGEST_NAME else found[:_LONGEST_NAME] + "…"

    def _address(
        self, room: str, iri: str, ending: str, more: dict[str, str], *, language: str | None = None
    ) -> str:
        kept = self.language if language is None else language
        name = iri.removeprefix(f"{self.settings.base}id/")
        if name in {iri, ""}:
            return self._with(f"{self.home}{room}{ending}", {"iri": iri} | more, kept)
        return self._with(f"{self.home}{room}/{quote(name, safe=_SAFE)}{ending}", more, kept)

    def _with(self, address: str, pairs: dict[str, str], language: str) -> str:
        kept = pairs | ({"lang": language} if language else {})
        return address + (f"?{urlencode(kept, safe=_IN_QUERY)}" if kept else "")


def candidates(prefix: str, path: str, raw: bytes) -> list[NamedNode]:
    """The IRIs that the rest of an address may stand for, as it was sent and as it reads.

    IRIs in data have `高松` or `%E9%AB%98%E6%9D%BE`; a browser sends the latter for both.
    """
    sent = raw.decode("ascii", "ignore")
    readings = (sent, quote(path, safe=_SAFE + "".join(sorted({c for c in path if ord(c) > 159}))), path)
    found: dict[str, NamedNode] = {}
    for reading in (*readings, quote(path, safe=_SAFE)):
        try:
            found.setdefault(prefix + reading, NamedNode(prefix + reading))
        except ValueError:
            continue
    return list(found.values())


def places_of(request: Request, state: State, reading: Reader) -> Places:
    """The addresses of things as this request's links have them."""
    kept_language = reading.language if "lang" in request.query_params else ""
    return Places(home(request), state.graph.settings, kept_language)


def links(thing: NamedNode, places: Places) -> str:
    """The Link header of a page: the IRI to cite, the description in RDF, the licence."""
    described = [
        f'<{as_uri(thing.value)}>; rel="cite-as"',
        f'<{places.data(thing.value)}>; rel="describedby"; type="text/turtle"',
    ]
    return ", ".join([*described, *license_links(places.settings)])
