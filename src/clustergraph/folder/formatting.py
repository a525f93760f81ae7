"""Files in the one layout of Turtle: `clustergraph format`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from clustergraph.errors import FolderError, FormatError
from clustergraph.folder.files import SourceFile
from clustergraph.folder.formats import TURTLE, format_of
from clustergraph.folder.layout import laid_out
from clustergraph.folder.parse import BOM, content, parse_text
from clustergraph.folder.turtle import UnreadSyntaxError
from clustergraph.sparql.terminals import place
from clustergraph.terms import BlankNode, NamedNode, Quad, Term
from clustergraph.writing import write_whole

# Rounds in which blank nodes are told apart by what is said of them, and of what they point to.
_ROUNDS = 6


def format_file(path: Path, *, check: bool = False) -> bool:
    """Whether the layout of a file differs from the one layout; unless `check`, it is then rewritten.

    Raises FormatError for a file that is no Turtle, GraphSyntaxError where it does not parse,
    FolderError where it has no layout or cannot be written.
    """
    if format_of(path) is not TURTLE:
        raise FormatError(path.name, [".ttl"], "only Turtle has a layout, which is not")
    file = SourceFile(path, path.name, NamedNode("x:/document"), TURTLE)
    data = content(file)
    text = format_turtle(file, data).encode()
    if text == data:
        return False
    if not check:
        _replace(path, text)
    return True


def turtle_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files among paths and the Turtle files in folders, sorted; hidden folders are passed over.

    Raises FolderError for a missing path.
    """
    found: set[Path] = set()
    for path in paths:
        if path.is_dir():
            found.update(p for p in path.rglob("*") if _is_turtle(p, path))
        elif path.exists():
            found.add(path)
        else:
            raise FolderError(path, "no such file or folder")
    return tuple(sorted(found))


def format_turtle(file: SourceFile, data: bytes) -> str:
    """The content of a Turtle file in the one layout: the same graph, and the same when done twice.

    Raises GraphSyntaxError where it does not parse, FolderError at syntax of RDF 1.2.
    """
    before = list(parse_text(file, data))
    text = data.removeprefix(BOM).decode().replace("\r\n", "\n")
    try:
        formatted = laid_out(text)
    except UnreadSyntaxError as error:
        line, column = place(text, error.offset)
        problem = f"line {line}, column {column}: {error.found} has no layout here"
        raise FolderError(file.path, problem) from error
    # A formatter that lost a triple would be worse than none; the check costs less than the layout.
    if _outline(before) != _outline(parse_text(file, formatted.encode())):
        raise FolderError(file.path, "has no layout here: it would change the graph")
    return formatted


def _is_turtle(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.suffix.lower() == ".ttl" and not hidden and path.is_file()


def _replace(path: Path, text: bytes) -> None:
    try:
        write_whole(path, text)
    except OSError as error:
        raise FolderError(path, f"cannot be written: {error.strerror}") from error


def _outline(quads: Iterable[Quad]) -> Counter[tuple[object, ...]]:
    """The triples with blank nodes replaced by what is said of them: equal for equal graphs.

    Colour refinement, which takes no exponential time; some different graphs share an outline, but
    none of those that a lost or changed triple leaves.
    """
    triples = {(quad.subject, quad.predicate, quad.object) for quad in quads}
    colour: dict[BlankNode, int] = {}
    linked = [t for t in triples if isinstance(t[0], BlankNode) or isinstance(t[2], BlankNode)]

    def seen(term: Term) -> object:
        return colour.get(term, 0) if isinstance(term, BlankNode) else term

    for _ in range(_ROUNDS if linked else 0):
        around: dict[BlankNode, list[int]] = {}
        for subject, predicate, object in linked:
            if isinstance(subject, BlankNode):
                around.setdefault(subject, []).append(hash((">", predicate, seen(object))))
            if isinstance(object, BlankNode):
                around.setdefault(object, []).append(hash(("<", predicate, seen(subject))))
        colour = {node: hash(tuple(sorted(hashes))) for node, hashes in around.items()}
    return Counter((seen(subject), predicate, seen(object)) for subject, predicate, object in triples)
