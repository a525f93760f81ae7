"""Syntax errors as a writer needs them: the file, the place, and what was expected there."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator

import pyoxigraph as ox

from clustergraph.errors import GraphSyntaxError, QuerySyntaxError
from clustergraph.folder import formats
from clustergraph.folder.files import SourceFile
from clustergraph.folder.turtle import Directive, GrammarError, UnreadSyntaxError, statements
from clustergraph.sparql.terminals import place
from clustergraph.terms import GraphName

_POSITION = re.compile(r"^Parser error (?:at|between) line \d+.*?: |\s*\(line \d+\)$", re.DOTALL)
# What the engine says, and what a writer wants to hear.
_WORDED = (
    (re.compile(r"The prefix (\S*) has not been declared"), r"expected a declared prefix, found '\1'"),
    (re.compile(r"No scheme found in an absolute IRI"), "expected an absolute IRI (no scheme is there)"),
    (re.compile(r"error while parsing IRI '(.*?)': (.*)"), r"expected an IRI, found '\1': \2"),
    (re.compile(r"(.*) is not a valid subject or graph name"), r"expected a subject, found \1"),
    (re.compile(r"(.*) is not a valid predicate"), r"expected a predicate, found \1"),
    (re.compile(r"(.*) is not a valid (?:RDF )?object"), r"expected an object, found \1"),
    (re.compile(r"Invalid IRI code point (.*)"), r"expected an IRI without \1"),
    (
        re.compile(r"The object of a triple must be .*"),
        "expected an object (an IRI, a blank node or a literal)",
    ),
    (re.compile(r"Triples should be followed by a dot"), "expected '.' after the triple"),
    (re.compile(r"Unexpected end(?: of file)?"), "expected more, found the end of the file"),
    (re.compile(r"A language code should always start with a letter"), "expected a language tag after '@'"),
)
_REMOTE = "No LoadDocumentCallback"


def syntax_error(file: SourceFile, data: bytes, error: SyntaxError) -> GraphSyntaxError:
    """The engine's error about `data` with a place, and in words that say what was expected."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as broken:
        line = data.count(b"\n", 0, broken.start) + 1
        column = len(data[data.rfind(b"\n", 0, broken.start) + 1 : broken.start].decode()) + 1
        found = f"the byte 0x{data[broken.start]:02x}"
        return GraphSyntaxError(file.path, line, column, f"expected UTF-8, found {found}")
    if file.format.by_terminals and (better := _by_grammar(file, text)):
        return better
    problem = _worded(str(error))
    if file.format is formats.JSON_LD and _REMOTE in problem:
        return _remote_context(file, text)
    if not problem.startswith("expected"):
        problem = f"expected {file.format.native}: {problem}"
    if error.lineno is not None:
        return GraphSyntaxError(file.path, error.lineno, error.offset or 0, problem)
    line, column = _reached(file, data)
    return GraphSyntaxError(file.path, line, column, problem)


def named_graph_problem(file: SourceFile, data: bytes, graph: GraphName) -> GraphSyntaxError:
    """The error of a named graph in a syntax whose folder is the graph."""
    text = data.decode("utf-8", errors="replace")
    line, column = place(text, max(text.find('"@graph"'), 0))
    problem = f"expected triples only, found the named graph {graph}; TriG and N-Quads may name graphs"
    return GraphSyntaxError(file.path, line, column, problem)


def _worded(message: str) -> str:
    message = _POSITION.sub("", _POSITION.sub("", message))
    for pattern, words in _WORDED:
        if found := pattern.fullmatch(message):
            return found.expand(words)
    return " ".join(message.split())


def _by_grammar(file: SourceFile, text: str) -> GraphSyntaxError | None:
    """The first place where the document breaks the grammar, or None where it does not."""
    if file.format in {formats.N_TRIPLES, formats.N_QUADS}:
        return None
    try:
        for item in statements(text, trig=file.format is formats.TRIG):
            if isinstance(item, Directive):
                continue
    except GrammarError as error:
        if error.found == "<":  # a broken IRI, of which the engine says more
            return None
        line, column = place(text, error.offset)
        return GraphSyntaxError(file.path, line, column, str(error))
    except QuerySyntaxError as error:
        return GraphSyntaxError(file.path, error.line, error.column, _lexical(error.problem))
    except UnreadSyntaxError:
        return None
    return None


def _lexical(problem: str) -> str:
    """What was expected where a character begins no terminal."""
    if problem.startswith("a string"):
        return "expected the end of the string, and in it only escapes that Turtle knows"
    if problem.startswith("an escape"):
        return "expected no escape outside of strings, IRIs and local names"
    found = problem.removeprefix("unexpected character ")
    return f"expected a {'language tag' if found == repr('@') else 'term or a sign'}, found {found}"


def _remote_context(file: SourceFile, text: str) -> GraphSyntaxError:
    """The error of a JSON-LD context that would have to be fetched, at its first mention."""
    try:
        iri = next(_remote_contexts(json.loads(text)), "")
    except (ValueError, RecursionError):
        iri = ""
    offset = text.find(json.dumps(iri, ensure_ascii=False)) if iri else -1
    if offset < 0:
        offset = max(text.find('"@context"'), 0)
    line, column = place(text, offset)
    found = f"the remote context <{iri}>" if iri else "a remote context"
    return GraphSyntaxError(
        file.path, line, column, f"expected an inline @context, found {found}: nothing is fetched"
    )


def _remote_contexts(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _remote_contexts(item)
    if isinstance(node, dict):
        for key, item in node.items():
            if key in {"@context", "@import"}:
                yield from (
                    name for name in (item if isinstance(item, list) else [item]) if isinstance(name, str)
                )
            yield from _remote_contexts(item)


class _Lines(io.BytesIO):
    """Gives out a document line by line and counts the lines given."""

    given = 0
    _ended = True

    def read(self, size: int | None = -1, /) -> bytes:
        line = self.readline(-1 if size is None else size)
        if line:
            self.given += self._ended
            self._ended = line.endswith(b"\n")
        return line


def _reached(file: SourceFile, data: bytes) -> tuple[int, int]:
    """The line that the engine had reached where its error has no place of its own."""
    lines = _Lines(data)
    try:
        for _ in ox.parse(input=lines, format=file.format.native, base_iri=file.graph.value):
            pass
    except SyntaxError:
        number = max(lines.given, 1)
        reached = data.split(b"\n")[number - 1]
        return number, len(reached) - len(reached.lstrip()) + 1
    return 0, 0
