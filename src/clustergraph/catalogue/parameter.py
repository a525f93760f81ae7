"""A parameter of a saved query: what it takes, and how an argument becomes a term."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from clustergraph.catalogue import literals
from clustergraph.errors import ArgumentError, near_misses
from clustergraph.settings import Settings
from clustergraph.sparql.bind import bind
from clustergraph.sparql.query import Outline, outline
from clustergraph.sparql.results import Solutions
from clustergraph.store import Store
from clustergraph.terms import RDFS, XSD, Literal, NamedNode, Term, compact, expand

KEYS = frozenset({
    "class", "datatype", "pattern", "min", "max", "enum", "language", "default", "required",
    "many", "example", "description",
})  # fmt: skip

# Instances at any depth of subclass, so that the check is the same with and without entailment.
_INSTANCES = """
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?term WHERE { ?term rdf:type/rdfs:subClassOf* ?class . FILTER(isIRI(?term)) }
"""
_CONCEPTS = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?term WHERE {
  { ?term skos:inScheme ?class } UNION { ?class skos:member ?term }
  FILTER(isIRI(?term))
}
"""

_LABELLED = """
SELECT DISTINCT ?term ?label WHERE { %s ?term ?property ?label FILTER(isLiteral(?label)) }
"""


@dataclass(frozen=True)
class Parameter:
    """One parameter; exactly one of `class_`, `scheme`, `datatype` and `language` says its type.

    `variable` is the SPARQL variable that it binds: the name itself, but for grlc's placeholders.
    `class_` is the class whose instances it takes (rdfs:Resource: any IRI, unchecked), `scheme` a
    SKOS concept scheme or collection, `datatype` an XML Schema datatype, `language` the tag of a
    plain text. `enum` lists the texts allowed; `choices_query` is a SELECT of the terms allowed.
    `default` and `example` are lists of texts as a user would give them.
    """

    name: str
    variable: str
    class_: NamedNode | None = None
    scheme: NamedNode | None = None
    datatype: NamedNode | None = None
    language: str | None = None
    pattern: str | None = None
    minimum: Literal | None = None
    maximum: Literal | None = None
    enum: tuple[str, ...] = ()
    choices_query: str | None = None
    default: tuple[str, ...] = ()
    required: bool = False
    many: bool = False
    example: tuple[str, ...] = ()
    descriptions: Mapping[str, str] = field(default_factory=dict)

    @property
    def takes_iris(self) -> bool:
        """Whether arguments become IRIs."""
        return self.class_ is not None or self.scheme is not None

    @property
    def expected(self) -> str:
        """What an argument looks like, in words, for messages and help texts."""
        if self.enum:
            return "one of " + ", ".join(self.enum)
        if self.takes_iris:
            return self._expected_iri()
        words = [literals.expectation(self.datatype or XSD.string)]
        if self.pattern:
            words.append(f"matching {self.pattern}")
        if self.minimum:
            words.append(f"from {self.minimum.value}")
        if self.maximum:
            words.append(f"up to {self.maximum.value}")
        return " ".join(words)

    def _expected_iri(self) -> str:
        if self.class_ == RDFS.Resource:
            return "an IRI"
        kind = "an instance" if self.class_ is not None else "a concept"
        name = _local_name(self.class_ or self.scheme or RDFS.Resource)
        return f"{kind} of {name} (IRI, prefixed name, slug or label)"

    def describe(self, settings: Settings) -> dict[str, Any]:
        """The declaration as plain data, with the keys of a query's header."""
        described: dict[str, Any] = {}
        if self.takes_iris:
            iri = (self.class_ or self.scheme or RDFS.Resource).value
            name = compact(iri, settings.prefixes) or iri
            described["class" if self.class_ is not None else "enum"] = name
        elif self.datatype is not None:
            described["datatype"] = compact(self.datatype.value, settings.prefixes)
        described |= {
            "language": self.language,
            "pattern": self.pattern,
            "min": self.minimum and self.minimum.value,
            "max": self.maximum and self.maximum.value,
            "default": _one_or_many(self.default),
            "example": _one_or_many(self.example),
        }
        described = {key: entry for key, entry in described.items() if entry is not None}
        if self.enum:
            described["enum"] = list(self.enum)
        described |= {"required": self.required, "many": self.many}
        for language, text in self.descriptions.items():
            key = "description" if language == settings.languages[0] else f"description-{language}"
            described[key] = text
        return described

    def choices(self, store: Store) -> tuple[Term, ...]:
        """The terms allowed, in the order of their text, where they can be listed; else none."""
        if self.choices_query:
            query = self.choices_query
        elif self.scheme is not None:
            query = bind(_outline(_CONCEPTS), {"class": [self.scheme]})
        elif self.class_ is not None and self.class_ != RDFS.Resource:
            query = bind(_outline(_INSTANCES), {"class": [self.class_]})
        else:
            return ()
        solutions = store.query(query)
        assert isinstance(solutions, Solutions)
        return tuple(sorted((term for (term,) in solutions if term is not None), key=str))

    def term(self, query: str, argument: str, settings: Settings, store: Store) -> Term:
        """The term that an argument stands for; `query` is the saved query's name, for the message.

        Raises ArgumentError naming query, parameter and argument, what was expected, near misses.
        """
        if self.enum and argument not in self.enum:
            raise self._error(query, argument, near_misses(argument, self.enum))
        if self.choices_query:
            return self._choice(query, argument, settings, store)
        if self.takes_iris:
            return self._iri(query, argument, settings, store)
        if self.language is not None:
            return Literal(argument, language=self.language)
        return self._literal(query, argument)

    def _literal(self, query: str, argument: str) -> Literal:
        datatype = self.datatype or XSD.string
        if datatype == XSD.decimal and re.fullmatch(r"[+-]?\d+", argument):
            # grlc's bare numbers: a whole number is an integer, which decimals compare with.
            datatype = XSD.integer
        found = literals.literal(argument, datatype)
        if found is None or not self._within(found):
            raise self._error(query, argument)
        if self.pattern and not re.fullmatch(self.pattern, argument):
            raise self._error(query, argument)
        return found

    def _within(self, found: Literal) -> bool:
        number = literals.order(found)
        for bound, sign in ((self.minimum, 1), (self.maximum, -1)):
            if bound is None:
                continue
            limit = literals.order(bound)
            if isinstance(number, Decimal) and isinstance(limit, Decimal):
                if number.is_nan() or sign * (number - limit) < 0:
                    return False
            elif (str(number) < str(limit)) if sign > 0 else (str(number) > str(limit)):
                return False
        return True

    def _iri(self, query: str, argument: str, settings: Settings, store: Store) -> NamedNode:
        given = _as_iri(argument, settings)
        if self.class_ == RDFS.Resource:
            if given is None:
                raise self._error(query, argument)
            return given
        candidates = [given] if given else list(_candidates(argument, settings))
        matches = self._known(store, candidates)
        if not matches and given is None:
            # A slug below a namespace that has no prefix: only a look at every instance finds it.
            matches = [t for t in self.choices(store) if _local_name(t) == argument]
        labels = {} if matches else self._labels(settings, store)
        if given is None:
            matches = matches or [t for t, texts in labels.items() if argument.casefold() in texts]
        if len(matches) == 1:
            match = matches[0]
            assert isinstance(match, NamedNode)
            return match
        if matches:
            names = sorted(str(term).strip("<>") for term in matches)
            near = tuple(compact(iri, settings.prefixes) or iri for iri in names)
        else:
            near = _near(argument, {_local_name(term): texts for term, texts in labels.items()})
        raise self._error(query, argument, near)

    def _labels(self, settings: Settings, store: Store) -> dict[Term, set[str]]:
        """What each instance or concept is called in any language, as it is compared."""
        found: dict[Term, set[str]] = {term: set() for term in self.choices(store)}
        known, kind = (_CONCEPTS, self.scheme) if self.scheme is not None else (_INSTANCES, self.class_)
        if kind is None:
            return found
        prefixes, _, pattern = known.partition("SELECT DISTINCT ?term WHERE {")
        text = prefixes + _LABELLED % pattern.rpartition("}")[0]
        properties = [*settings.vocabulary.label, *settings.vocabulary.alternative_label]
        solutions = store.query(bind(_outline(text), {"class": [kind], "property": properties}))
        assert isinstance(solutions, Solutions)
        for term, label in solutions:
            if term is not None and isinstance(label, Literal):
                found.setdefault(term, set()).add(label.value.casefold())
        return found

    def _known(self, store: Store, candidates: list[NamedNode]) -> list[Term]:
        """Those of the candidates that are instances of the class, or concepts of the scheme."""
        query = _CONCEPTS if self.scheme is not None else _INSTANCES
        kind = self.scheme or self.class_ or RDFS.Resource
        solutions = store.query(bind(_outline(query), {"class": [kind], "term": candidates}))
        assert isinstance(solutions, Solutions)
        return [term for (term,) in solutions if term is not None]

    def _choice(self, query: str, argument: str, settings: Settings, store: Store) -> Term:
        by_text = {getattr(term, "value", str(term)): term for term in self.choices(store)}
        iri = _as_iri(argument, settings)
        for text in (argument, iri.value if iri else argument):
            if text in by_text:
                return by_text[text]
        raise self._error(query, argument, near_misses(argument, by_text))

    def _error(self, query: str, argument: str, near: tuple[str, ...] = ()) -> ArgumentError:
        return ArgumentError(query, self.name, expected=self.expected, argument=argument, near=near)


@cache
def _outline(query: str) -> Outline:
    """The outline of one of the queries above, whose reading takes longer than their answer."""
    return outline(query)


def _as_iri(argument: str, settings: Settings) -> NamedNode | None:
    """The IRI that the argument is or that its prefixed name stands for, or None."""
    iri = argument[1:-1] if argument.startswith("<") and argument.endswith(">") else argument
    expanded = expand(iri, settings.prefixes)
    if expanded is None and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", iri):
        return None
    try:
        return NamedNode(expanded or iri)
    except ValueError:
        return None


def _candidates(argument: str, settings: Settings) -> Iterator[NamedNode]:
    """The IRIs that the argument would be as a local name below each namespace with a prefix."""
    if re.fullmatch(r"[\w.~-]+", argument):
        for namespace in sorted(set(settings.prefixes.values())):
            yield NamedNode(namespace + argument)


def _near(argument: str, labels: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The slugs that look like an argument, or that are of something with a label that does."""
    near = near_misses(_local_name(argument), labels)
    if near:
        return near
    called = {text: slug for slug, texts in labels.items() for text in texts}
    return tuple(dict.fromkeys(called[text] for text in near_misses(argument.casefold(), called)))


def _local_name(term: Term | str) -> str:
    text = term.value if isinstance(term, NamedNode) else str(term)
    return re.split(r"[/#:]", text.strip("<>"))[-1]


def _one_or_many(texts: tuple[str, ...]) -> str | list[str] | None:
    if not texts:
        return None
    return texts[0] if len(texts) == 1 else list(texts)
