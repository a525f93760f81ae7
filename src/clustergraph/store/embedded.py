"""Oxigraph in this process: in memory, or a folder on disk that is only read."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from clustergraph.errors import QueryRefusedError, QuerySyntaxError, StoreError
from clustergraph.sparql.bounds import bounded, is_small
from clustergraph.sparql.columns import spelled_out
from clustergraph.sparql.query import Outline, check_services, outline
from clustergraph.sparql.results import Boolean, Results, Solutions, Triples
from clustergraph.store.complaint import syntax_error
from clustergraph.store.protocol import Dataset
from clustergraph.terms import DefaultGraph, GraphName, NamedNode, Quad

# What must be read by its terminals: calls out, escapes, and `<` that may be an IRI (syn-bad-26).
_SUSPECT = re.compile(r"service|\\u|<[^\x00-\x20<>\"{}|^`\\]*[&,)][^\x00-\x20<>\"{}|^`\\]*>", re.IGNORECASE)

# A FROM with what comes behind it, rather than the word in a comment.
_FROM = re.compile(r"\bfrom\b(?=\s*(?:<|#|named\b|[^\s<]*:))", re.IGNORECASE)
# What may be the keyword: to tell it from the same word in an IRI would take as long as it spares.
_GRAPH = re.compile(r"\bgraph\b", re.IGNORECASE)

# IRIs with space around them. What is left of a compiled query is as deep and has as many parts.
_LISTED = re.compile(r"(?<=\s)<[^\x00-\x20<>\"{}|^`\\]*>\s+")


class EmbeddedStore:
    """A pyoxigraph store behind the protocol.

    `services` are the origins (`https://host`) that SERVICE may call; by default none, so that no
    query reaches out. `base` is what relative IRIs of queries are resolved against. `plain` is a store
    in memory with no more than the default graph of one that is only read: a query that names no graph
    takes three quarters of the time there, for the engine looks for it among the quads of all graphs.
    """

    def __init__(
        self,
        native: ox.Store | None = None,
        *,
        services: frozenset[str] = frozenset(),
        base: str | None = None,
        plain: ox.Store | None = None,
    ) -> None:
        self._native: ox.Store | None = ox.Store() if native is None else native
        self._plain = plain
        self._services = services
        self._base = base
        self._path: Path | None = None
        self._kept: tempfile.TemporaryDirectory[str] | None = None

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        services: frozenset[str] = frozenset(),
        base: str | None = None,
        plain: ox.Store | None = None,
    ) -> EmbeddedStore:
        """The store in the folder `path`, for reading only; several processes may do so at once.

        Raises StoreError where there is no sound store.
        """
        try:
            store = cls(ox.Store.read_only(str(path)), services=services, base=base, plain=plain)
        except (OSError, RuntimeError, ValueError) as error:
            raise StoreError(f"{path}: {error}") from error
        store._path = path
        return store

    def copy(self) -> EmbeddedStore:
        """A store of its own with the same quads.

        One on disk shares its files with the copy, which is removed with the last reference to it.
        """
        if self._path is None:
            copy = ox.Store()
            copy.bulk_extend(self.native)
            return EmbeddedStore(copy, services=self._services, base=self._base)
        kept = tempfile.TemporaryDirectory(prefix="clustergraph-", ignore_cleanup_errors=True)
        path = Path(kept.name) / "store"
        try:
            self.native.backup(str(path))
            copied = EmbeddedStore(ox.Store(str(path)), services=self._services, base=self._base)
        except (OSError, RuntimeError) as error:
            raise StoreError(f"the store could not be copied: {error}") from error
        copied._path, copied._kept = path, kept
        return copied

    @property
    def native(self) -> ox.Store:
        """The engine's own store; raises StoreError after `close`."""
        if self._native is None:
            raise StoreError("the store is closed")
        return self._native

    def query(self, query: str, dataset: Dataset | None = None, *, parsed: Outline | None = None) -> Results:
        """As the protocol says; several default graphs are merged in memory for the one query.

        `parsed` is the outline of the query where the caller has it, and has checked its services.
        """
        if parsed is None and (not is_small(query) or _SUSPECT.search(query)):
            check_services(outline(query), self._services)
        if dataset is None and _FROM.search(query) and (clause := (parsed or outline(query)).from_graphs):
            dataset = dataset_of(*clause)
        native = self.native
        options: dict[str, object] = {"base_iri": self._base}
        if dataset is not None:
            # Both are always given: they override FROM, and an empty list means an empty graph.
            options["named_graphs"] = list(dataset.named)
            options["default_graph"] = list(dataset.default)
            if len(dataset.default) > 1:
                native = _merged(native, dataset)
                options["default_graph"] = [DefaultGraph()]
        elif self._plain is not None and not _GRAPH.search(query):
            native = self._plain
        results = _run(native, query, options)
        if isinstance(results, Solutions) and "*" in query:
            # Nothing has been evaluated yet: rows are found as they are read.
            ordered = spelled_out(query, results.variables)
            return results if ordered is None else _run(native, ordered, options)
        return results

    def run(self, query: str) -> Results:
        """As `query`, of a text that this package compiled: neither SERVICE nor FROM is looked for.

        Most of such a text are IRIs in VALUES, which no bound is about; to look at each of their
        terminals took half of the time of a validation. What a person wrote goes to `query` first.
        """
        if not is_small(_LISTED.sub("", query)):
            bounded(query)
        return _run(self.native, query, {"base_iri": self._base})

    def update(self, update: str) -> None:
        """As the protocol says, in one transaction; what would fetch (LOAD, SERVICE) is refused."""
        if not is_small(update) or re.search(r"service|load|\\u", update, re.IGNORECASE):
            fetching = {"LOAD", "SERVICE"}
            if found := next((t.text for t in bounded(update) if t.keyword in fetching), None):
                raise QueryRefusedError(f"{found} in an update", "the store fetches nothing")
        native = self.native
        try:
            native.update(update)
        except SyntaxError as error:
            raise syntax_error(error, update) from error
        except (OSError, RuntimeError) as error:
            raise StoreError(f"the update failed: {error}") from error

    def load(self, quads: Iterable[Quad]) -> None:
        """As the protocol says, by Oxigraph's bulk loader; all of the quads, or none."""
        native = self.native
        try:
            native.bulk_extend(quads)
        except (OSError, RuntimeError) as error:
            raise StoreError(f"the quads could not be written: {error}") from error

    def dump(self, graph: GraphName | None = None) -> Iterator[Quad]:
        """As the protocol says."""
        return iter(self.native.quads_for_pattern(None, None, None, graph))

    def close(self) -> None:
        """As the protocol says; Oxigraph closes its files with the last reference to it."""
        self._native = self._plain = None


def dataset_of(default: Iterable[str], named: Iterable[str]) -> Dataset:
    """The dataset of these graphs; raises QuerySyntaxError for what is no absolute IRI."""
    try:
        return Dataset(tuple(map(NamedNode, default)), tuple(map(NamedNode, named)))
    except ValueError as error:
        raise QuerySyntaxError(f"a graph's name is no absolute IRI: {error}") from error


def _merged(native: ox.Store, dataset: Dataset) -> ox.Store:
    """A store whose default graph is the RDF merge of `dataset.default`.

    Oxigraph's own list of default graphs concatenates: a triple in two of them counts twice.
    """
    merged = ox.Store()
    for name in dataset.default:
        merged.bulk_extend(
            Quad(q.subject, q.predicate, q.object, DefaultGraph())
            for q in native.quads_for_pattern(None, None, None, name)
        )
    for name in dataset.named:
        merged.bulk_extend(native.quads_for_pattern(None, None, None, name))
    return merged


def _run(native: ox.Store, query: str, options: Mapping[str, object]) -> Results:
    try:
        answer = native.query(query, **options)  # type: ignore[arg-type]  # checked by the caller
    except SyntaxError as error:
        raise syntax_error(error, query) from error
    except RuntimeError as error:
        # Unknown functions and casts are found only when the query is planned.
        if "custom function" in str(error):
            raise QuerySyntaxError(str(error)) from error
        raise StoreError(f"the query failed: {error}") from error
    except (OSError, ValueError) as error:
        raise StoreError(f"the query failed: {error}") from error
    if isinstance(answer, ox.QuerySolutions):
        return Solutions(answer)
    if isinstance(answer, ox.QueryBoolean):
        return Boolean(answer)
    return Triples(answer)
