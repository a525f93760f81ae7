"""A graph behind a SPARQL service: what the house and its workers do there instead of in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from clustergraph.errors import LimitError
from clustergraph.folder import Folder
from clustergraph.folder.edition import Edition
from clustergraph.folder.files import INFERRED
from clustergraph.store import EmbeddedStore, RemoteStore, Service
from clustergraph.store.capabilities import Mode, require
from clustergraph.store.labels import labels_there
from clustergraph.store.quads import holds_blank_node
from clustergraph.terms import DefaultGraph, Entailment, NamedNode, Quad, Triple

if TYPE_CHECKING:
    from clustergraph.catalogue import Catalogue
    from clustergraph.contribution import Judgement
    from clustergraph.contribution.difference import Difference
    from clustergraph.explanation import Inference
    from clustergraph.inference import Proof
    from clustergraph.search import Index
    from clustergraph.validation import Report

MAX_AGE = 60.0
"""Seconds for which an answer of a service is taken as still right, where nobody says otherwise."""

# Triples of a service that are copied into memory to reason over them: some 500 MB.
_MOST = 1_000_000


class Behind:
    """A service, and the folder that gives settings, shapes and what a change starts from.

    Each task raises UsageError, saying what is needed, where the service is not enough for it.
    """

    def __init__(self, service: Service, folder: Folder, *, store: RemoteStore | None = None) -> None:
        self.service = service
        self._folder = folder
        self._store = store

    @property
    def mode(self) -> Mode:
        """Whether the service takes updates."""
        return Mode.UPDATE_ENDPOINT if self.service.update_endpoint else Mode.ENDPOINT

    @cached_property
    def store(self) -> RemoteStore:
        """The service as a store."""
        return self._store or RemoteStore.at(self.service)

    @property
    def inferred(self) -> NamedNode:
        """The graph that says which triples of the default graph are inferred."""
        return self._folder.settings.graph(INFERRED)

    def judge(self, judgement: Judgement, paths: tuple[Path, ...]) -> Report:
        """The report on the service, or on the change that files make to it."""
        # The engines take longer to import than a query takes to run.
        from clustergraph.contribution import read_change  # noqa: PLC0415
        from clustergraph.contribution.there import judge_there  # noqa: PLC0415

        if judgement.engine != "sparql":
            require("validate with files alone, another base, fixes or pyshacl", self.mode)
        if paths or judgement.entailment == "owl2rl":
            require("validate a change", self.mode)
        change = read_change(self._folder, paths) if paths else None
        return judge_there(judgement, self.store, change)

    def diff(self, paths: tuple[Path | str, ...], base: str | None, catalogue: Catalogue) -> Difference:
        """What the change that files make alters in the service."""
        from clustergraph.contribution import read_difference  # noqa: PLC0415  # as above
        from clustergraph.contribution.there import compare_there  # noqa: PLC0415

        require("diff", self.mode)
        if base is not None or not paths:
            require("diff with another base, or of the files as they stand", self.mode)
        return compare_there(read_difference(self._folder, paths), self.store, catalogue)

    def infer(self, *, keep: bool = False) -> Inference:
        """What follows from what the service asserts; with `keep` it is put there, in `inferred`."""
        from clustergraph.explanation import Inference  # noqa: PLC0415  # as above
        from clustergraph.inference import infer_there  # noqa: PLC0415

        require("infer", self.mode)
        return Inference(Edition({}), infer_there(self.store, self.inferred, keep=keep))

    def prove(self, triple: Triple) -> tuple[Proof | None, EmbeddedStore]:
        """A proof of a triple, None where the service does not hold it, and what it is told with.

        That is the ontology, the triples that the proof rests on, and the labels of what it speaks of.
        """
        from clustergraph.inference import Gathering  # noqa: PLC0415  # as above

        gathering = Gathering(self.store, self.inferred)
        proof = gathering.prove(triple)
        if proof is not None:
            names = self._folder.settings.vocabulary.label
            gathering.store.load(labels_there(self.store, gathering.spoken_of(proof), names))
        return proof, gathering.store

    def premises(self) -> EmbeddedStore:
        """A copy of the default graph in memory; raises LimitError where that is too large for one."""
        size = self.store.size()
        if size > _MOST:
            known = f"{self.service.endpoint}: holds {size:,} triples"
            raise LimitError("size", f"{known}; at most {_MOST:,} are copied to reason over")
        copy = EmbeddedStore()
        copy.load(self.store.dump(DefaultGraph()))
        return copy

    def index(self, folder: Path | None = None, *, seconds: float = MAX_AGE) -> Index:
        """The index of what things are called there, in `folder` or in the cache, of that age at most."""
        from clustergraph.search import open_index_there  # noqa: PLC0415  # as above

        return open_index_there(self.store, self._folder.settings, folder, seconds=seconds)

    def quads(self, entailment: Entailment) -> Iterator[Quad]:
        """The quads of the service; without entailment all but those that are inferred."""
        left_out = set()
        if entailment == "none":
            left_out = {quad.triple for quad in self.store.dump(self.inferred)}
        # Loaded from a file of its own, the merge has blank nodes of its own: copies, if as many.
        blank: list[Quad] = []
        named = 0
        for quad in self.store.dump():
            if left_out and (quad.graph_name == self.inferred or quad.triple in left_out):
                continue
            if not holds_blank_node(quad):
                yield quad
            elif isinstance(quad.graph_name, DefaultGraph):
                blank.append(quad)
            else:
                named += 1
                yield quad
        yield from blank if len(blank) != named else ()
