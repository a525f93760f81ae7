"""A file to its quads, as written: syntax errors with their place, blank nodes with stable labels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from clustergraph.errors import FolderError
from clustergraph.folder import formats, spelling
from clustergraph.folder.files import INFERRED, SourceFile
from clustergraph.terms import (
    BlankNode,
    DefaultGraph,
    GraphName,
    Literal,
    NamedNode,
    Quad,
    Term,
    Triple,
)

BOM = b"\xef\xbb\xbf"
_DEFAULT = DefaultGraph()


def parse(file: SourceFile) -> Iterator[Quad]:
    """The quads of a file in its order, literals as written.

    A blank node's label is made of its graph, its file and its ordinal in the file, so that it is
    the same on each load and on each machine. The language tags of literals keep their capitals,
    which Oxigraph's own do not: `literals.stored` gives a quad as a store holds it.

    Raises FolderError where the file cannot be read or is empty, GraphSyntaxError where it does
    not parse. Nothing is fetched: a remote JSON-LD context is an error.
    """
    return parse_text(file, content(file))


def content(file: SourceFile) -> bytes:
    """The bytes of a file; raises FolderError where it cannot be read or has none."""
    try:
        data = file.path.read_bytes()
    except OSError as error:
        raise FolderError(file.path, f"cannot be read: {error.strerror}") from error
    if not data:
        raise FolderError(file.path, "the file is empty; expected RDF, or no file")
    return data


def parse_text(file: SourceFile, data: bytes) -> Iterator[Quad]:
    """The quads of `data` as if it were the content of `file`, as `parse` says."""
    data = data.removeprefix(BOM)
    if file.format is formats.RDF_XML:
        # Few folders have any; expat is imported for them alone.
        from clustergraph.folder.xml import utf8_xml  # noqa: PLC0415

        data = utf8_xml(file.path, data)
    labels = _Labels(file)
    try:
        for quad in spelling.quads(file.format, data, file.graph.value):
            graph = file.graph if quad.graph_name == _DEFAULT else labels.graph(quad.graph_name)
            subject, object = quad.subject, quad.object
            if type(subject) is BlankNode:
                subject = labels.node(subject)
            if type(object) is not Literal:
                object = labels.term(object)
            yield Quad(subject, quad.predicate, object, graph)
    except (SyntaxError, _NamedGraphError) as error:
        # Reads Turtle by itself, to say what was expected; needed only when something is wrong.
        from clustergraph.folder.problems import named_graph_problem, syntax_error  # noqa: PLC0415

        if isinstance(error, _NamedGraphError):
            raise named_graph_problem(file, data, error.graph) from None
        raise syntax_error(file, data, error) from error


class _NamedGraphError(Exception):
    """A named graph in a syntax whose folder is the graph."""

    def __init__(self, graph: GraphName) -> None:
        self.graph = graph
        super().__init__(str(graph))


def holds(file: SourceFile, node: BlankNode) -> bool:
    """Whether a blank node's label is one of this file's."""
    return node.value.startswith(_stem(file))


def _stem(file: SourceFile) -> str:
    place = hashlib.sha256(f"{file.graph.value}\n{file.name}".encode()).hexdigest()
    return f"b{place[:12]}n"


class _Labels:
    """The stable labels of one file's blank nodes, given in the order of their first mention."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.stem = _stem(file)
        self.given: dict[str, BlankNode] = {}
        self.inferred = NamedNode(f"{file.graph.value.rpartition('/')[0]}/{INFERRED}")

    def graph(self, name: GraphName) -> GraphName:
        """The graph that the file itself names."""
        if not self.file.format.graphs:
            raise _NamedGraphError(name)
        if name == self.inferred:
            problem = f"{name} is kept for what is inferred; rename the graph"
            raise FolderError(self.file.path, problem)
        return self.node(name) if isinstance(name, BlankNode) else name

    def node(self, node: BlankNode) -> BlankNode:
        label = node.value
        if label not in self.given:
            self.given[label] = BlankNode(f"{self.stem}{len(self.given)}")
        return self.given[label]

    def term(self, term: Term) -> Term:
        if isinstance(term, BlankNode):
            return self.node(term)
        if isinstance(term, Triple):
            subject = self.node(term.subject) if isinstance(term.subject, BlankNode) else term.subject
            return Triple(subject, term.predicate, self.term(term.object))
        return term
