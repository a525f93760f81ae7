"""The house: one graph, and all that can be asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

from clustergraph.behind import Behind
from clustergraph.catalogue import Catalogue
from clustergraph.errors import UsageError
from clustergraph.folder import Folder, SourceFile, open_folder, source_file
from clustergraph.folder.edition import Edition
from clustergraph.folder.places import Places
from clustergraph.settings import Settings
from clustergraph.snapshot import Progress, Snapshot, open_snapshot
from clustergraph.sparql.query import declared, outline
from clustergraph.sparql.results import Results
from clustergraph.sparql.term import read_term
from clustergraph.store import EmbeddedStore, Service, Store
from clustergraph.store.capabilities import Mode, require
from clustergraph.store.similar import similar
from clustergraph.terms import Entailment, Literal, NamedNode, Quad, Term, Triple

if TYPE_CHECKING:
    import rdflib

    from clustergraph.contribution import Verdict
    from clustergraph.contribution.difference import Difference
    from clustergraph.contribution.tables import Template
    from clustergraph.explanation import Conclusion, Explainer, Explanation, Inference, Lack
    from clustergraph.export import Export, Release, Selection
    from clustergraph.inference import Reasoner
    from clustergraph.search import Found, Index
    from clustergraph.validation import Report


def default_root() -> Path:
    """The folder of the embedded graph: in the installed package, or the checkout it is edited in."""
    package = Path(__file__).parent
    installed = package / "_graph"
    return installed if installed.is_dir() else package.parents[1]


class KnowledgeGraph:
    """A graph in a folder, or behind a SPARQL service; opened by `clustergraph.open()`.

    The folder gives settings and saved queries in either case. Nothing is read before it is asked
    for, and nothing that is asked changes the graph.
    """

    def __init__(
        self,
        folder: Folder,
        *,
        service: Service | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.folder = folder
        self.behind = None if service is None else Behind(service, folder)
        self._progress = progress

    @property
    def service(self) -> Service | None:
        """The service that the graph is behind; None where it is in the folder."""
        return self.behind.service if self.behind else None

    @property
    def endpoint(self) -> str | None:
        """The address of that service."""
        return self.behind.service.endpoint if self.behind else None

    @property
    def mode(self) -> Mode:
        """How the graph is reached."""
        return self.behind.mode if self.behind else Mode.FOLDER

    @property
    def settings(self) -> Settings:
        """What clustergraph.toml says."""
        return self.folder.settings

    @cached_property
    def catalogue(self) -> Catalogue:
        """The saved queries, by name."""
        return Catalogue(self.folder.root / "queries", self.settings)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The folder and its closure as two read-only stores; built when it is first asked for.

        Raises UsageError where the graph is behind an endpoint.
        """
        if self.service is not None:
            raise UsageError(f"{self.endpoint} is a remote service; this needs the graph's own folder")
        return open_snapshot(self.folder, progress=self._progress)

    @property
    def version(self) -> str:
        """The version of the data: the SHA-256 of the asserted dataset in canonical N-Quads."""
        return self.snapshot.version

    def store(self, entailment: Entailment = "owl2rl") -> Store:
        """The store that answers: the asserted triples, or with `owl2rl` their closure.

        A remote service answers as it is: its own entailment is all there is.
        """
        if self.behind is not None:
            return self.behind.store
        return self.snapshot.entailed if entailment == "owl2rl" else self.snapshot.asserted

    def query(self, name: str, *, entailment: Entailment = "owl2rl", **arguments: object) -> Results:
        """The answer to a saved query; each argument is a text, a number, or a list of them.

        Raises UnknownQueryError, or ArgumentError naming the parameter and what was expected.
        """
        texts = {
            parameter: [str(part) for part in given]
            if isinstance(given, list | tuple | set | frozenset)
            else [str(given)]
            for parameter, given in arguments.items()
            if given is not None
        }
        return self.ask(name, texts, entailment=entailment)

    def ask(
        self, name: str, arguments: Mapping[str, Sequence[str]], *, entailment: Entailment = "owl2rl"
    ) -> Results:
        """The answer to a saved query, with the arguments as texts: what the faces call."""
        store = self.store(entailment)
        return store.query(self.catalogue[name].bind(arguments, store))

    def sparql(self, query: str, *, entailment: Entailment = "owl2rl") -> Results:
        """The answer to a SPARQL query; SERVICE, FROM outside of the graph and updates are refused.

        The prefixes of the settings need no declaration. Raises QuerySyntaxError, with line and
        column, or QueryRefusedError.
        """
        declarations = outline(query).declarations(self.settings.prefixes)
        with declared(declarations):
            return self.store(entailment).query(declarations + query)

    def search(
        self, text: str, *, language: str = "en", kind: str | None = None, limit: int = 20, offset: int = 0
    ) -> Found:
        """The things that are called so, best first: by label, other names, definition or IRI.

        Texts of all languages are searched; `language` is that of the answer. `kind` is a class (IRI,
        prefixed name, local name or label). Where no text has the words, texts that are like them are
        found. Raises ArgumentError for a class that no thing has, and for what is out of bounds.
        """
        if self.behind is not None:
            with closing(self.behind.index()) as index:
                return index.search(text, language=language, kind=kind, limit=limit, offset=offset)
        return self._index.search(text, language=language, kind=kind, limit=limit, offset=offset)

    @cached_property
    def _index(self) -> Index:
        # SQLite and the index are of use to few calls.
        from clustergraph.search import open_index  # noqa: PLC0415

        path = self.snapshot.path
        folders = () if path is None else (path,)
        return open_index(self.store("none"), self.store(), self.settings, folders=folders)

    def validate(
        self,
        *paths: Path | str,
        base: str | None = None,
        shapes: Sequence[Path | str] = (),
        standalone: bool = False,
        entailment: Entailment = "none",
        engine: OneOf["sparql", "pyshacl"] = "sparql",
    ) -> Report:
        """The report on the graph as it stands, or with `paths` on the change that they make.

        In the report of a change each result is new, fixed or present.

        `base` is the folder or git revision that the change starts from (by default HEAD in a git
        checkout); with a base and no `paths` the change is all that differs from it. With `standalone`
        the files alone are judged. `shapes` replace the folder's own. With entailment `owl2rl` the
        closure is judged. Raises ShapesError for shapes that are ill-formed or recursive,
        GraphSyntaxError with file, line and column.
        """
        return self.judge(
            *paths, base=base, shapes=shapes, standalone=standalone, entailment=entailment, engine=engine
        ).report

    def judge(
        self,
        *paths: Path | str,
        base: str | None = None,
        shapes: Sequence[Path | str] = (),
        standalone: bool = False,
        entailment: Entailment = "none",
        engine: OneOf["sparql", "pyshacl"] = "sparql",
        fix: bool = False,
    ) -> Verdict:
        """The report of `validate`; with `fix` that of the files as fixes make them.

        Nothing is written: the verdict's `applied` does that when it is told to.
        """
        # The engines take longer to import than a query takes to run.
        from clustergraph.contribution import (  # noqa: PLC0415
            Judgement,
            Verdict,
            judge,
            read_change,
            read_standalone,
        )

        given = tuple(Path(path) for path in paths)
        if standalone or base is not None or fix:
            require("validate with files alone, another base, fixes or pyshacl", self.mode)
        judgement = Judgement(self.folder, tuple(Path(path) for path in shapes), entailment, engine)
        if self.behind is not None:
            return Verdict(self.behind.judge(judgement, given))
        if standalone:
            return judge(judgement, read_standalone(self.folder, given), fix=fix)
        if not given and base is None:
            return judge(judgement, Edition.of(self.folder.files()), fix=fix)
        change = read_change(self.folder, given, base)
        return judge(judgement, change.proposal, change, fix=fix)

    def diff(self, *paths: Path | str, base: str | None = None) -> Difference:
        """What a change adds, removes and alters: triples, what follows from them, answers.

        The change is that of `validate`; without `paths` all that differs from the base. Two paths
        that are no files but git revisions are compared with each other. Raises as `validate`.
        """
        # The reasoner takes longer to import than a query takes to run.
        from clustergraph.contribution import read_difference  # noqa: PLC0415
        from clustergraph.contribution.difference import compare  # noqa: PLC0415

        if self.behind is not None:
            return self.behind.diff(paths, base, self.catalogue)
        return compare(read_difference(self.folder, paths, base), self.catalogue)

    def template(self, cls: str) -> Template:
        """A table to fill in with things of a class, which has an IRI, a prefixed or a local name.

        Raises UsageError, with near misses, where no such class is known.
        """
        from clustergraph.contribution.tables import template  # noqa: PLC0415  # the engine is heavy

        return template(Edition.of(self.folder.files()), self.settings, cls)

    def convert(self, table: Path | str) -> str:
        """The Turtle that a filled table means by the description beside it, in the one layout.

        Raises FolderError where one of them cannot be read, GraphSyntaxError with row and column.
        """
        from clustergraph.contribution.tables import table_as_turtle  # noqa: PLC0415  # the engine is heavy

        return table_as_turtle(Path(table), self.settings)

    def infer(
        self,
        *paths: Path | str,
        ontology: Sequence[Path | str] = (),
        standalone: bool = False,
        engine: OneOf["sparql", "owlrl"] = "sparql",
        include_schema: bool = False,
        language: str = "en",
    ) -> Inference:
        """What follows from the graph, with the files at `paths` and `ontology` added to it.

        With `standalone` the files alone are closed, axioms in them included. Raises GraphSyntaxError,
        with file, line and column, and OntologyError, with file and line, for a malformed axiom.
        """
        from clustergraph.explanation import Inference  # noqa: PLC0415  # the engine is heavy
        from clustergraph.inference import materialise  # noqa: PLC0415

        if paths or ontology or standalone or engine != "sparql":
            require("infer from more files, or by owlrl", self.mode)
        if self.behind is not None:
            return self.behind.infer()
        added = [source_file(Path(path), self.settings) for path in paths]
        added += [source_file(Path(path), self.settings, kind="ontology") for path in ontology]
        if standalone and not added:
            raise UsageError("--standalone closes the files given; name at least one")
        edition = Edition.of([*(() if standalone else self.folder.files()), *added])
        with edition.places.locating():
            closure = materialise(
                edition.store, engine=engine, include_schema=include_schema, written=edition.written
            )
        explainer = self._explainer(edition.store, edition.contents, language)
        proofs = (found.proof for found in closure.inconsistencies)
        return Inference(edition, closure, tuple(explainer.explain(proof) for proof in proofs if proof))

    def keep_inferred(self) -> Inference:
        """Put what follows into the service's graph `inferred`, and tell what it is.

        It takes the place of what was inferred before, in the service's default graph too. Raises
        UsageError for a graph in a folder, whose closure needs no keeping.
        """
        if self.behind is None:
            raise UsageError("--keep puts what follows into a service; a folder's closure needs no keeping")
        return self.behind.infer(keep=True)

    def explain(
        self, subject: str | Term, predicate: str | Term, object: str | Term, *, language: str = "en"
    ) -> Explanation | None:
        """Why a triple holds: its proof, each leaf with graph, file and line; None where it does not.

        Terms are written as in Turtle, with the prefixes of the settings, or are terms of pyoxigraph.
        Raises QuerySyntaxError for a term that cannot be read.
        """
        triple = self._triple(subject, predicate, object)
        files: Iterable[SourceFile] = ()
        if self.behind is not None:
            proof, store = self.behind.prove(triple)
        else:
            proof, store, files = self._reasoner.prove(triple), self.snapshot.asserted, self.folder.files()
        return None if proof is None else self._explainer(store, files, language).explain(proof)

    def lack(
        self, subject: str | Term, predicate: str | Term, object: str | Term, *, language: str = "en"
    ) -> Lack | None:
        """What a triple lacks to follow, by the rule that comes nearest; None where none concludes it."""
        triple = self._triple(subject, predicate, object)
        if self.service is not None:
            return None  # a service is not asked for what it nearly holds
        found = self._reasoner.shortfall(triple)
        if found is None:
            return None
        return self._explainer(self.snapshot.asserted, self.folder.files(), language).lack(found)

    def _triple(self, subject: str | Term, predicate: str | Term, object: str | Term) -> Triple:
        given = (subject, predicate, object)
        s, p, o = (read_term(t, self.settings.prefixes) if isinstance(t, str) else t for t in given)
        if isinstance(s, Literal) or not isinstance(p, NamedNode):
            raise UsageError("expected a triple: a subject that is no literal, a predicate that is an IRI")
        return Triple(s, p, o)

    @cached_property
    def _reasoner(self) -> Reasoner:
        # The engine takes longer to import than a query takes to run.
        from clustergraph.inference import Reasoner  # noqa: PLC0415

        return Reasoner(self.snapshot.asserted, written=self.snapshot.written)

    def similar(self, term: NamedNode) -> tuple[str, ...] | None:
        """Names that look like an IRI's which the graph does not mention, best first; None if it does."""
        if self.service is not None:
            return None
        return similar(self.snapshot.asserted, term, self.settings.prefixes)

    def entails(self, conclusion: Path | str, *premises: Path | str, language: str = "en") -> Conclusion:
        """Whether what the file `conclusion` says follows from the files of `premises`, with proofs.

        Without premises the graph itself is the premise. Raises GraphSyntaxError, with file, line and
        column, OntologyError for a malformed axiom, and LimitError for a service with too much to copy.
        """
        from clustergraph.explanation import Conclusion  # noqa: PLC0415  # the engine is heavy
        from clustergraph.inference import entails  # noqa: PLC0415

        goal = Edition.of([source_file(Path(conclusion), self.settings)])
        if self.behind is not None and not premises:
            store = self.behind.premises()
            with goal.places.locating():
                answer = entails((quad.triple for quad in store.dump()), goal.triples())
            explainer = self._explainer(store, (), language)
        else:
            files = [source_file(Path(path), self.settings) for path in premises]
            edition = Edition.of(files or self.folder.files())
            with goal.places.locating(), edition.places.locating():
                answer = entails(edition.triples(), goal.triples())
            explainer = self._explainer(edition.store, edition.contents, language)
        return Conclusion(tuple(map(explainer.explain, answer.proofs)), answer.missing)

    def export(  # noqa: PLR0913  # the options of the command, by name
        self,
        profile: str,
        path: Path | str,
        *,
        graph: str | None = None,
        about: str | None = None,
        entailment: Entailment = "none",
        strict: bool = False,
        force: bool = False,
    ) -> Export:
        """Write the graph as `profile` says, a syntax or a folder below exports/, and what was lost.

        `graph` selects one named graph, `about` a thing with its statements and sources. What is there
        already is replaced only with `force`; with `strict` nothing is written where something is lost.
        Raises UnknownProfileError, ProfileError with file and line, UsageError for a path that is taken.
        """
        from clustergraph.export import profile as read_profile  # noqa: PLC0415  # few calls export
        from clustergraph.export import write_export  # noqa: PLC0415

        wanted = read_profile(profile, self.folder.root, self.settings)
        selection = self.selection(graph=graph, about=about, entailment=entailment)
        root, progress = self.folder.root, self._progress
        return write_export(wanted, selection, path, root=root, strict=strict, force=force, progress=progress)

    def release(self, path: Path | str, *, since: Path | str | None = None, force: bool = False) -> Release:
        """Write all exports to a folder with a manifest, and what changed `since` the release before.

        Raises the ProfileError of a profile that breaks its contract.
        """
        from clustergraph.export import problems, profiles, write_release  # noqa: PLC0415  # few calls export

        require("release", self.mode)
        root = self.folder.root
        for error in problems(root, self.settings).values():
            raise error  # a release is whole
        known = profiles(root, self.settings).values()
        before = None if since is None else Path(since)
        return write_release(
            known, self.selection(), path, root=root, since=before, force=force, progress=self._progress
        )

    def to_arrow(self, *, entailment: Entailment = "none") -> dict[str, Any]:
        """The tables `nodes`, `edges` and `statements` of pyarrow, with typed columns.

        Raises MissingLibraryError where pyarrow is not installed.
        """
        from clustergraph.export import arrow_tables  # noqa: PLC0415  # few calls export

        return arrow_tables(self.selection(entailment=entailment))

    def to_pandas(self, *, entailment: Entailment = "none") -> dict[str, Any]:
        """The tables `nodes`, `edges` and `statements` as data frames.

        Raises MissingLibraryError where pandas or pyarrow is not installed.
        """
        from clustergraph.export import data_frames  # noqa: PLC0415  # few calls export

        return data_frames(self.selection(entailment=entailment))

    def to_networkx(self, *, entailment: Entailment = "none") -> Any:  # a library that is optional
        """A MultiDiGraph of networkx: things with their texts, links with their type and graph.

        Raises MissingLibraryError where networkx is not installed.
        """
        from clustergraph.export import networkx_graph  # noqa: PLC0415  # few calls export

        return networkx_graph(self.selection(entailment=entailment))

    def selection(
        self, *, graph: str | None = None, about: str | None = None, entailment: Entailment = "none"
    ) -> Selection:
        """The quads of an export, as `export` says; behind an endpoint those that it gives."""
        from clustergraph.export import select  # noqa: PLC0415  # few calls export

        version = self.version if self.service is None else ""
        return select(self._quads(entailment), self.settings, version=version, graph=graph, about=about)

    def _quads(self, entailment: Entailment) -> Iterator[Quad]:
        return self.behind.quads(entailment) if self.behind else self.snapshot.quads(entailment)

    def _explainer(self, store: EmbeddedStore, files: Iterable[SourceFile], language: str) -> Explainer:
        from clustergraph.explanation import Axioms, Explainer  # noqa: PLC0415  # the engine is heavy

        return Explainer(Axioms(store, self.settings, language), Places(store, files))

    def to_rdflib(self, *, entailment: Entailment = "none") -> rdflib.Dataset:
        """A copy in rdflib: one named graph a source, literals as written.

        Its `default_union` is set, so that it can be used as one graph too.
        """
        # rdflib takes longer to import than a query takes to run.
        from clustergraph.rdflib_terms import rdflib_dataset  # noqa: PLC0415

        return rdflib_dataset(self._quads(entailment), self.settings.prefixes)


def open(
    root: Path | str | None = None,
    *,
    endpoint: str | Service | None = None,
    update_endpoint: str | None = None,
    progress: Progress | None = None,
) -> KnowledgeGraph:
    """The graph in a folder, the embedded one without `root`, or the one behind an endpoint.

    The endpoint is an address or, with all that there is to say of it, a Service; the folder then
    gives settings, saved queries and shapes. `progress` is told (stage, done, total) of long work.
    Raises FolderError for a folder that is missing or empty, SettingsError for settings that cannot
    be read.
    """
    if update_endpoint is not None and endpoint is None:
        raise UsageError("an update endpoint needs an endpoint to ask")
    if isinstance(endpoint, str):
        endpoint = Service(endpoint, update_endpoint)
    folder = open_folder(default_root() if root is None else Path(root))
    return KnowledgeGraph(folder, service=endpoint, progress=progress)
