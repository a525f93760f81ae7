"""Literals as written, for focus and value nodes that the store gives back as stored.

A literal was written in a triple: the one whose last step leads to it along the path. For a
predicate that is the focus node's own; for other paths one query an ending finds the subjects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clustergraph.store import EmbeddedStore
from clustergraph.terms import DefaultGraph, Literal, NamedNode, Resource, Term, Written
from clustergraph.validation.compile import Listed, Nodes, Reached, Selected
from clustergraph.validation.literals import may_be_rewritten
from clustergraph.validation.paths import Path, endings, is_optional, write_path
from clustergraph.validation.rows import Data, Row, solutions


class Spelling:
    """Finds the literals as written; without `written`, those stored are taken for them."""

    def __init__(self, data: Data, written: Written | None) -> None:
        self._data = data
        self._written = written

    @property
    def is_known(self) -> bool:
        """Whether anybody kept what was written."""
        return self._written is not None

    def spelled(self, rows: Iterable[Row], nodes: Nodes, path: Path | None) -> Iterator[tuple[Row, Row]]:
        """Each row as stored, with the row as written; more than one where two literals became one."""
        if self._written is None:
            yield from ((row, row) for row in rows)
            return
        found = list(rows)
        origins = self._origins(nodes, path) if _any_rewritten(row[1] for row in found) else {}
        foci = self.foci((row[0] for row in found), nodes)
        for row in found:
            focus, value = row
            for written in foci.get(focus, (focus,)):
                if value == focus and isinstance(focus, Literal):
                    yield row, (written, written)
                else:
                    for form in self._forms(focus, value, path, origins):
                        yield row, (written, form)

    def foci(self, terms: Iterable[Term], nodes: Nodes) -> dict[Term, tuple[Term, ...]]:
        """The focus nodes as written, where they are literals that the store may have rewritten."""
        return (
            self._focus_forms(_origin(nodes)) if self._written is not None and _any_rewritten(terms) else {}
        )

    def near(self, focus: Term, value: Term | None) -> Term | None:
        """The value as written in some triple of the focus node: for a value that SPARQL found."""
        if self._written is None or not isinstance(value, Literal) or not _is_respelled(value):
            return value
        if not isinstance(focus, Resource):
            return value
        assert isinstance(self._data, EmbeddedStore)  # nobody knows what was written behind a service
        quads = self._data.native.quads_for_pattern(focus, None, value, DefaultGraph())
        return next((self.of(focus, quad.predicate, value) for quad in quads), value)

    def of(self, subject: Term, predicate: NamedNode, value: Term | None) -> Term | None:
        """The object of a stored triple as written, the first where two literals became one."""
        if self._written is None or not isinstance(value, Literal) or not isinstance(subject, Resource):
            return value
        return next(iter(self._written(subject, predicate, value)), value)

    def _forms(
        self, focus: Term, value: Term | None, path: Path | None, origins: _Origins
    ) -> tuple[Term | None, ...]:
        if self._written is None or not isinstance(value, Literal) or not _is_respelled(value):
            return (value,)
        if isinstance(path, NamedNode):
            return self._written(focus, path, value) if isinstance(focus, Resource) else (value,)
        forms = dict.fromkeys(
            form
            for subject, predicate in origins.get((focus, value), ())
            if isinstance(subject, Resource)
            for form in self._written(subject, predicate, value)
        )
        return tuple(forms) or (value,)

    def _origins(self, nodes: Nodes, path: Path | None) -> _Origins:
        """For literal value nodes the subjects and predicates of the triples that hold them."""
        found: _Origins = {}
        if path is None or isinstance(path, NamedNode):
            return found
        for before, predicate in endings(path):
            steps = f"?this {write_path(before)} ?subject ." if before else "BIND(?this AS ?subject)"
            group = f"{nodes.pattern('?this')} {steps} ?subject {predicate} ?value FILTER(isLiteral(?value))"
            query = f"SELECT DISTINCT ?this ?value ?subject {{ {group} }}"
            for focus, value, subject in solutions(self._data, query):
                if focus is not None and value is not None and subject is not None:
                    found.setdefault((focus, value), []).append((subject, predicate))
        return found

    def _focus_origins(self, nodes: Selected | Reached) -> dict[Term, list[tuple[Term, NamedNode]]]:
        found: dict[Term, list[tuple[Term, NamedNode]]] = {}
        if isinstance(nodes, Selected):
            steps = [(f"?subject {p} ?value .", p) for p in nodes.targets.objects_of]
        else:
            start = nodes.start.pattern("?this")
            steps = [
                (f"{start} ?this {write_path(before)} ?subject . ?subject {p} ?value .", p)
                if before
                else (f"{start} BIND(?this AS ?subject) ?subject {p} ?value .", p)
                for before, p in endings(nodes.path)
            ]
        for group, predicate in steps:
            query = f"SELECT DISTINCT ?value ?subject {{ {group} FILTER(isLiteral(?value)) }}"
            for value, subject in solutions(self._data, query):
                if value is not None and subject is not None:
                    found.setdefault(value, []).append((subject, predicate))
        return found

    def _focus_forms(self, nodes: Selected | Reached) -> dict[Term, tuple[Term, ...]]:
        """The focus nodes that are literals as written, by what is stored."""
        found: dict[Term, dict[Term, None]] = {}
        if isinstance(nodes, Selected):
            for term in nodes.targets.nodes:
                if isinstance(term, Literal):
                    found.setdefault(self.stored(term), {})[term] = None
        elif is_optional(nodes.path):
            found = {
                stored: dict.fromkeys(forms)
                for stored, forms in self._focus_forms(_origin(nodes.start)).items()
            }
        for stored, triples in self._focus_origins(nodes).items():
            forms = self._forms(stored, stored, None, {(stored, stored): triples})
            found.setdefault(stored, {}).update((form, None) for form in forms if form is not None)
        return {stored: tuple(forms) for stored, forms in found.items()}

    def stored(self, literal: Literal) -> Term:
        """The literal as the store gives it back."""
        for row in solutions(self._data, f"SELECT ?term {{ VALUES ?term {{ {literal} }} }}"):
            return row[0] or literal
        return literal


_Origins = dict[tuple[Term, Term], list[tuple[Term, NamedNode]]]


def _origin(nodes: Nodes) -> Selected | Reached:
    return nodes.origin if isinstance(nodes, Listed) else nodes


def _any_rewritten(terms: Iterable[Term | None]) -> bool:
    return any(isinstance(term, Literal) and _is_respelled(term) for term in terms)


def _is_respelled(literal: Literal) -> bool:
    # Language tags come back in small letters, which is the same literal in another spelling.
    return bool(literal.language) or may_be_rewritten(literal)
