"""A file to its quads, as written: syntax errors with their place, blank nodes with stable labels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

import pyoxigraph as ox

from clustergraph.errors import FolderError
from clustergraph.folder import formats, spelling
from clustergraph.folder.files import INFERRED, SourceFile
from clustergraph.folder.nesting import check_nesting
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
# Quads that are parsed before they are passed on as text.
_BLOCK = 20_000


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
    if not data.removeprefix(BOM).strip():
        raise FolderError(file.path, "the file is empty; expected RDF, or no file")
    return data


def parse_text(file: SourceFile, data: bytes) -> Iterator[Quad]:
    """The quads of `data` as if it were the content of `file`, as `parse` says."""
    labels = _Labels(file)
    with _read(file, data) as quads:
        for quad in quads:
            yield labels.quad(quad)


def canonical(file: SourceFile) -> Iterator[bytes]:
    """What `parse` gives, in canonical N-Quads, some thousand whole lines at a time.

    The engine writes them in a third of the time in which Python looks at each quad, which is done only
    where one may need a label or has a graph of its own. Raises what `parse` raises.
    """
    labels = _Labels(file)
    end = f" {file.graph} .\n".encode()
    names_graphs = file.format.graphs or file.format is formats.JSON_LD
    with _read(file, content(file)) as quads:
        while block := list(islice(quads, _BLOCK)):
            text = b"" if names_graphs else _text(block)
            if names_graphs or b"_:" in text:
                yield _text(map(labels.quad, block))
            else:
                # Within terms a line end is escaped.
                yield text.replace(b" .\n", end)


def _text(quads: Iterable[Quad]) -> bytes:
    text = ox.serialize(quads, format=ox.RdfFormat.N_QUADS)
    assert text is not None  # no file was named
    return text


@contextmanager
def _read(file: SourceFile, data: bytes) -> Iterator[Iterator[Quad]]:
    """The quads that the engine reads in `data`; what is wrong with it is said with its place."""
    data = data.removeprefix(BOM)
    if file.format is formats.RDF_XML:
        # Few folders have any; expat is imported for them alone.
        from clustergraph.folder.xml import utf8_xml  # noqa: PLC0415

        data = utf8_xml(file.path, data)
    if file.format is formats.JSON_LD:
        check_nesting(file, data)  # deep objects end the process
    try:
        yield iter(spelling.quads(file.format, data, file.graph.value))
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

    def quad(self, quad: Quad) -> Quad:
        """The quad in its graph, its blank nodes labelled."""
        graph = self.file.graph if quad.graph_name == _DEFAULT else self.graph(quad.graph_name)
        subject, object = quad.subject, quad.object
        if type(subject) is BlankNode:
            subject = self.node(subject)
        if type(object) is not Literal:
            object = self.term(object)
        return Quad(subject, quad.predicate, object, graph)

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
