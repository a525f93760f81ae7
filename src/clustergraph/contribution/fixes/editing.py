"""The edits of files that a candidate asks for."""

from __future__ import annotations

from clustergraph.contribution.fixes.candidates import Candidate
from clustergraph.contribution.placing import shown
from clustergraph.contribution.tables import TableFile
from clustergraph.folder import SourceFile
from clustergraph.folder.edition import Edition
from clustergraph.folder.formats import N_QUADS
from clustergraph.folder.lines import Lines
from clustergraph.folder.names import Names
from clustergraph.folder.parse import BOM
from clustergraph.folder.turtle import Directive, Name, Node, statements
from clustergraph.sparql.terminals import Kind, place
from clustergraph.terms import RDF, XSD, BlankNode, DefaultGraph, Literal, NamedNode, Term, Triple
from clustergraph.validation import Edit
from clustergraph.validation.literals import is_well_typed


class Editor:
    """Finds where the files of an edition say a triple, and how they would say another one."""

    def __init__(self, edition: Edition) -> None:
        self._native = edition.store.native
        self._texts = {
            file: data.removeprefix(BOM).decode("utf-8", errors="replace")
            for file, data in edition.contents.items()
            if file.kind == "data" and _is_edited(file)
        }
        self._contents = edition.contents
        self._lines: dict[SourceFile, Lines] = {}
        self._names: dict[SourceFile, Names] = {}

    def edits(self, candidate: Candidate) -> tuple[Edit, ...]:
        """The edits of a candidate; none where a part of it cannot be found in the text."""
        if not candidate.removed:
            found = [self._typing(triple) for triple in candidate.added]
        else:
            pairs = zip(candidate.removed, candidate.added, strict=True)
            found = [self._replacing(old, new) for old, new in pairs]
        edits = [edit for edit in found if edit is not None]
        return tuple(edits) if len(edits) == len(found) else ()

    def _replacing(self, old: Triple, new: Triple) -> Edit | None:
        for file in self._files_of(old):
            if stated := self._lines_of(file).stated(old):
                predicate, object = stated
                if old.object != new.object:
                    return self._edit(file, object, self._written(file, new.object))
                return self._edit(file, predicate, self._written(file, new.predicate))
        return None

    def _typing(self, triple: Triple) -> Edit | None:
        """The type of a subject, before what is said of it first."""
        for quad in self._native.quads_for_pattern(triple.subject, None, None, None):
            for file in self._files_in(quad.graph_name):
                first = self._lines_of(file).first_predicate(triple.subject)
                if first is not None:
                    text = f"a {self._written(file, triple.object)} ;\n    "
                    return self._edit(file, Name("", Kind.WORD, first.start, first.start), text)
        return None

    def _files_of(self, triple: Triple) -> list[SourceFile]:
        native = self._native
        found = native.quads_for_pattern(triple.subject, triple.predicate, None, None)
        graphs = dict.fromkeys(quad.graph_name for quad in found)
        return [file for graph in graphs for file in self._files_in(graph)]

    def _files_in(self, graph: object) -> list[SourceFile]:
        if isinstance(graph, DefaultGraph):
            return []
        return [file for file in self._texts if file.graph == graph or file.format.graphs]

    def _lines_of(self, file: SourceFile) -> Lines:
        if file not in self._lines:
            self._lines[file] = Lines(file, self._contents[file])
        return self._lines[file]

    def _edit(self, file: SourceFile, node: Node | Name, text: str) -> Edit:
        whole = self._texts[file]
        start, end = place(whole, node.start), place(whole, node.end)
        return Edit(shown(file.path), *start, *end, text)

    def _written(self, file: SourceFile, term: Term) -> str:
        """The term as the file would write it, with its prefixes."""
        if file not in self._names:
            items = statements(self._texts[file], trig=file.format.graphs)
            self._names[file] = Names(item for item in items if isinstance(item, Directive))
        names = self._names[file]
        if isinstance(term, NamedNode):
            return "a" if term == RDF.type else names.written(Name(term.value, Kind.IRI, 0, 0))
        if isinstance(term, Literal) and not term.language:
            if term.datatype in {XSD.integer, XSD.boolean} and is_well_typed(term):
                return term.value
            text = str(Literal(term.value))
            datatype = names.written(Name(term.datatype.value, Kind.IRI, 0, 0))
            return text if term == Literal(term.value) else f"{text}^^{datatype}"
        assert not isinstance(term, BlankNode)  # no candidate adds one
        return str(term)


def _is_edited(file: SourceFile) -> bool:
    return file.format.by_terminals and file.format is not N_QUADS and not isinstance(file, TableFile)
