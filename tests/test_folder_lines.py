"""Where a file states a triple."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from clustergraph.folder import (
    Folder,
    Lines,
    SourceFile,
    locate,
    locate_in,
    parse,
    parse_text,
    source_file,
)
from clustergraph.settings import Settings
from clustergraph.terms import RDF, XSD, BlankNode, Literal, NamedNode, Triple
from turtle_documents import documents

TURTLE = '''\
@prefix : <http://e/> .
# :a :b :c .
:a :b :c ;
   :b """two
lines""", 01 ;
   :d [ :e 1 ;
        :f [ :g "deep" ] ] ,
      ( 1 [ :h 2 ] ) .
[] :i :j .
@base <http://e/x/> .
<k> a :T .
'''


def file(folder: Path, name: str, text: str) -> SourceFile:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return source_file(path, Settings(base="http://example.com/"))


def iri(name: str) -> NamedNode:
    return NamedNode(f"http://e/{name}")


@pytest.mark.parametrize(
    ("predicate", "place"),
    [
        ("b", (3, 7)), ("d", (6, 7)), ("e", (6, 12)), ("f", (7, 12)), ("g", (7, 17)), ("h", (8, 16)),
        ("i", (9, 7)),
    ],
)  # fmt: skip
def test_a_triple_is_found_at_its_object(tmp_path: Path, predicate: str, place: tuple[int, int]) -> None:
    source = file(tmp_path, "a.ttl", TURTLE)
    triple = next(quad.triple for quad in parse(source) if quad.predicate == iri(predicate))
    assert locate(source, triple) == place


def test_a_literal_is_found_by_what_a_store_keeps_of_it(tmp_path: Path) -> None:
    source = file(tmp_path, "a.ttl", TURTLE)
    assert locate(source, Triple(iri("a"), iri("b"), Literal("1", datatype=XSD.integer))) == (5, 11)


def test_relative_iris_and_types(tmp_path: Path) -> None:
    source = file(tmp_path, "a.ttl", TURTLE)
    subject = NamedNode("http://e/x/k")
    found = Lines(source).of_subject(subject)
    assert found is not None
    assert (found.path, found.line, found.column) == (source.path, 11, 1)
    typed = next(quad.triple for quad in parse(source) if quad.subject == subject)
    assert locate(source, typed) == (11, 7)


def test_what_is_not_there_has_no_place(tmp_path: Path) -> None:
    source = file(tmp_path, "a.ttl", TURTLE)
    assert locate(source, Triple(iri("a"), iri("b"), iri("none"))) is None
    assert Lines(source).of_subject(iri("none")) is None


@pytest.mark.parametrize("name", ["a.nt", "a.nq"])
def test_lines_of_triples(tmp_path: Path, name: str) -> None:
    source = file(
        tmp_path, name, '# first\n\n<http://e/a> <http://e/b> "x" .\n<http://e/a> <http://e/b> _:y .\n'
    )
    first, second = parse(source)
    assert locate(source, first.triple) == (3, 1)
    assert locate(source, second.triple) == (4, 1)
    assert Lines(source).of_subject(first.subject) == Lines(source).of(first.triple)


def test_trig(tmp_path: Path) -> None:
    source = file(
        tmp_path, "a.trig", "PREFIX : <http://e/>\n:g {\n :a :b :c .\n :a :b _:x\n}\nGRAPH :h { :d :e :f }"
    )
    assert [locate(source, quad.triple) for quad in parse(source)] == [(3, 8), (4, 8), (6, 18)]


def test_elsewhere_it_is_the_first_mention(tmp_path: Path) -> None:
    source = file(tmp_path, "a.jsonld", '{\n "@id": "http://e/a",\n "http://e/b": 1}')
    (quad,) = parse(source)
    assert locate(source, quad.triple) == (2, 10)
    assert locate(source, Triple(iri("a"), iri("b"), iri("none"))) is None


def test_what_stands_before_unread_syntax_is_found(tmp_path: Path) -> None:
    source = file(tmp_path, "a.ttl", "PREFIX : <http://e/>\n:a :b :c .\n:d :e :f {| :g :h |} .")
    assert locate(source, Triple(iri("a"), iri("b"), iri("c"))) == (2, 7)


def test_every_triple_of_a_folder_has_a_place(foreign: Folder) -> None:
    for source in foreign.files():
        lines = Lines(source)
        for quad in parse(source):
            found = lines.of(quad.triple)
            assert found is not None, quad
            assert locate_in([source], quad.triple) == found


@given(text=documents())
def test_any_triple_is_found_at_its_object(text: str) -> None:
    source = source_file(Path("a.ttl"), Settings())
    lines = Lines(source, text.encode())
    for quad in parse_text(source, text.encode()):
        found = lines.of(quad.triple)
        assert found is not None
        there = text.split("\n")[found.line - 1][found.column - 1 :]
        if isinstance(quad.object, BlankNode):
            assert there[0] in "[(_"
        elif quad.object == RDF.nil:
            assert there[0] in "()"
        elif isinstance(quad.object, Literal):
            assert quad.object.value[0] in there[:4]
        else:
            assert quad.object.value[-1] in there.split()[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonld", '{"@context": {"x": "http://e/"},\n "x:b": {"@id": "x:ab"},\n "@id": "x:a"}'),
        (
            "a.jsonld",
            '{"@context": {"x": {"@id": "http://e/", "@prefix": true}},\n "x:b": 1,\n "@id": "x:a"}',
        ),
        (
            "a.rdf",
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xml:base="http://e/" xmlns:e="http://e/">\n'
            '<rdf:Description\n rdf:about="a"><e:b>1</e:b></rdf:Description></rdf:RDF>',
        ),
    ],
)
def test_subject_is_found_by_a_prefix_or_a_base(name: str, text: str, tmp_path: Path) -> None:
    source = file(tmp_path, name, text)
    (quad,) = (quad for quad in parse(source) if quad.subject == iri("a"))
    found = locate(source, quad.triple)
    assert found is not None
    assert found[0] == 3
