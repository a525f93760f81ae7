"""The one layout of Turtle: the same graph, nothing lost, the same when done twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from rdflib import Graph
from rdflib.compare import isomorphic

from clustergraph.errors import FolderError, FormatError, GraphSyntaxError
from clustergraph.folder import Folder, format_file, format_turtle, source_file, turtle_files
from clustergraph.settings import Settings
from turtle_documents import documents

FILE = source_file(Path("a.ttl"), Settings())


def formatted(text: str) -> str:
    once = format_turtle(FILE, text.encode())
    assert format_turtle(FILE, once.encode()) == once
    return once


LAYOUT = """\
@prefix : <http://x.example/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

:a
    a :T ;
    rdfs:label
        "A"@en ,
        "ア"@ja ;
    :count 01 ;
    :items ( :x "y" [ :z 1 ] ) ;
    :part [
        a :P ;
        :q
            'two' ,
            1.0
    ] .

:b
    :c :d .

[]
    :e [] .
"""


def test_the_layout_stays() -> None:
    assert formatted(LAYOUT) == LAYOUT


def test_a_document_comes_into_the_layout() -> None:
    text = """
    PREFIX unused: <http://unused/>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX : <http://x.example/>
    :b <http://x.example/c> :d . :a :part _:p ; :items _:l . _:p :q 'two' , 1.0, 1.0 ; a :P .
    _:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> :x ;
        <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> ( "y" [ :z 1 ] ) .
    :a rdfs:label "ア"@ja, "A"@en ; :count 01 ; a :T .
    [ :e _:unused ] .
    """
    assert formatted(text) == LAYOUT


def test_comments_stay_with_what_they_speak_of() -> None:
    text = """\
# The file.

# Its licence.
@prefix : <http://e/> . # the prefix

:b :c :d . # about d
# above a
:a
    # about e
    :e :f , # about f
       :g ;
    :h [ :i 1 # about 1
       ; :j 2 ] ;
    :k ( 1 # one
         2 ) . # end
# The end.
"""
    assert (
        formatted(text)
        == """\
# The file.

# Its licence.
# the prefix

@prefix : <http://e/> .

# above a
:a
    # about e
    :e
        # about f
        :f ,
        :g ;
    :h [
        # about 1
        :i 1 ;
        :j 2
    ] ;
    # end
    :k (
        # one
        1
        2
    ) .

:b
    # about d
    :c :d .

# The end.
"""
    )


def test_comments_of_a_file_without_prefixes() -> None:
    text = "# file\n\n# b\n<http://e/b> <http://e/p> 1 .\n# a\n<http://e/a> <http://e/p> 1 ."
    assert formatted(text).splitlines() == [
        "# file", "", "# a", "<http://e/a>", "    <http://e/p> 1 .", "",
        "# b", "<http://e/b>", "    <http://e/p> 1 .",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "_:a <http://e/p> _:b . _:b <http://e/p> _:a .",
        "_:a <http://e/p> _:a .",
        "<http://e/x> <http://e/p> _:a , _:a . <http://e/y> <http://e/p> _:a .",
        "( 1 2 ) <http://e/p> ( ) .",
        "@base <http://e/> . <a> <p> <b#c> .",
        "@base <http://e/> . <a> <p> <b> . @base <http://f/> . <a> <p> <b> .",
        "@prefix e: <http://e/> . e:a e:p 1 . @prefix e: <http://f/> . e:a e:p 1 .",
        "@prefix e: <http://e/> . e:a\\,b e:p e:%20 , e:x.y , <http://e/z.> , <http://e/> .",
        "@prefix 日: <http://e/> . 日:本 日:x '''a\n# no comment\n\"b''' .",
        "@prefix e: <http://e/> . @prefix f: <http://e/f/> . <http://e/f/x> e:p <http://e/f/y/z> .",
        '<http://e/a> <http://e/p> "x"^^<http://www.w3.org/2001/XMLSchema#int> , "x"@en-US, true, -1e3 .',
        "<http://e/a> <http://e/p> <relative> .",
        "@prefix : <#> . :a :b :c .",
        "<http://e/a> a <http://e/b> , [ a [ a [] ] ] .",
        "_:x <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> 1 ."
        "_:x <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:x . <http://e/a> <http://e/p> _:x .",
    ],
)  # fmt: skip
def test_the_graph_stays(text: str) -> None:
    before, after = (Graph().parse(data=t, publicID="http://b/") for t in (text, formatted(text)))
    assert isomorphic(before, after)


def test_a_cell_of_a_broken_list_is_no_list() -> None:
    text = formatted(
        "@prefix r: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix : <http://e/> ."
        ":a :p _:x . _:x r:first 1 , 2 ; r:rest r:nil . :b :p _:y . _:y r:first 1 ; r:rest r:nil ; :q 2 ."
    )
    assert text.count("r:first") == 2


@given(text=documents())
def test_any_document_keeps_its_graph_and_its_comments(text: str) -> None:
    once = formatted(text)
    assert isomorphic(Graph().parse(data=text), Graph().parse(data=once))
    for comment in ("comment", "one", "two"):
        assert once.count(f"# {comment}") == text.count(f"# {comment}")


def test_what_has_no_layout_is_refused() -> None:
    with pytest.raises(FolderError, match="line 2, column 7"):
        formatted("PREFIX : <http://e/>\n:a :b <<( :c :d :e )>> .")
    with pytest.raises(GraphSyntaxError):
        formatted(":a :b :c .")


def test_a_file_is_rewritten_where_it_differs(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("<http://e/a> <http://e/b>\r\n 1 .", encoding="utf-8")
    path.chmod(0o640)
    assert format_file(path, check=True)
    assert format_file(path)
    assert not format_file(path)
    assert path.read_text(encoding="utf-8") == "<http://e/a>\n    <http://e/b> 1 .\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["a.ttl"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<http://e/a> <http://e/b> 1 .", encoding="utf-8")
    (tmp_path / "link.ttl").symlink_to("a.ttl")
    assert format_file(tmp_path / "link.ttl")
    assert (tmp_path / "link.ttl").is_symlink()
    assert not format_file(tmp_path / "a.ttl")


def test_only_turtle_has_a_layout(tmp_path: Path) -> None:
    (tmp_path / "a.nt").touch()
    with pytest.raises(FormatError):
        format_file(tmp_path / "a.nt")


def test_files_are_found_in_folders(foreign: Folder) -> None:
    found = turtle_files([foreign.root, foreign.root / "ontology" / "park.ttl"])
    assert [path.name for path in found] == ["trees.ttl", "park.ttl", "tree.ttl"]
    (foreign.root / ".hidden").mkdir()
    (foreign.root / ".hidden" / "a.ttl").touch()
    assert turtle_files([foreign.root]) == found
    with pytest.raises(FolderError):
        turtle_files([foreign.root / "none"])


def test_the_foreign_folder_has_the_layout(foreign: Folder) -> None:
    assert not [path for path in turtle_files([foreign.root]) if format_file(path, check=True)]
