"""Files to quads: syntaxes, stable labels, spellings, and errors with their place."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from clustergraph.errors import FolderError, GraphSyntaxError
from clustergraph.folder import Folder, SourceFile, canonical, parse, source_file
from clustergraph.settings import Settings
from clustergraph.terms import BlankNode, Literal, Quad

SETTINGS = Settings(base="http://example.com/")
ABOUT = '<rdf:Description rdf:about="http://e/a">'
END = "</rdf:Description></rdf:RDF>"
PREFIX = "@prefix : <http://e/> .\n"
XML = '<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">\n'


def file(folder: Path, name: str, text: str | bytes) -> SourceFile:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return source_file(path, SETTINGS)


def quads(folder: Path, name: str, text: str | bytes) -> list[Quad]:
    source = file(folder, name, text)
    found = list(parse(source))
    assert_canonical(source, found)
    return found


def assert_canonical(source: SourceFile, parsed: list[Quad]) -> None:
    assert b"".join(canonical(source)).decode() == "".join(f"{quad} .\n" for quad in parsed)


def text_of(quad: Quad) -> str:
    return f"{quad.triple} {quad.graph_name}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", PREFIX + ':a :b "日本"@ja .'),
        ("a.ttl", b"\xef\xbb\xbf" + (PREFIX + ':a :b "日本"@ja .').encode()),
        ("a.nt", '<http://e/a> <http://e/b> "日本"@ja .'),
        ("a.nq", '<http://e/a> <http://e/b> "日本"@ja .'),
        ("a.trig", PREFIX + '{ :a :b "日本"@ja }'),
        ("a.jsonld", '{"@id": "http://e/a", "http://e/b": {"@value": "日本", "@language": "ja"}}'),
        ("a.rdf", XML + '<e:x rdf:about="http://e/a"/></rdf:RDF>'),
        (
            "a.owl",
            XML + ABOUT + '<e:b xml:lang="ja">日本</e:b>' + END,
        ),
    ],
)
def test_each_syntax(tmp_path: Path, name: str, text: str | bytes) -> None:
    (quad,) = quads(tmp_path, name, text)
    assert quad.subject.value == "http://e/a"
    assert quad.graph_name.value == "http://example.com/graph/a"
    assert name == "a.rdf" or quad.object == Literal("日本", language="ja")


@pytest.mark.parametrize("encoding", ["shift_jis", "euc_jp", "utf-16", "utf-16-le", "iso-2022-jp"])
def test_rdf_xml_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = XML.replace('"1.0"', f'"1.0" encoding="{encoding.removesuffix("-le")}"')
    text += '<rdf:Description rdf:about="http://e/a"><e:b>日本</e:b></rdf:Description></rdf:RDF>'
    (quad,) = quads(tmp_path, "a.rdf", text.encode(encoding))
    assert quad.object == Literal("日本")


def test_quads_keep_their_graphs(tmp_path: Path) -> None:
    found = quads(tmp_path, "a.trig", PREFIX + ":g { :a :b :c } { :a :b :d } _:h { :a :b _:h }")
    assert [text_of(quad).split()[-1] for quad in found[:2]] == [
        "<http://e/g>",
        "<http://example.com/graph/a>",
    ]
    assert found[2].graph_name == found[2].object


def test_relative_iris_are_resolved_against_the_graph(tmp_path: Path) -> None:
    (quad,) = quads(tmp_path, "a.ttl", "<> <b> <#c> .")
    assert text_of(quad) == (
        "<http://example.com/graph/a> <http://example.com/graph/b> <http://example.com/graph/a#c>"
        " <http://example.com/graph/a>"
    )


def test_blank_nodes_have_stable_labels(tmp_path: Path) -> None:
    text = PREFIX + ":a :b [ :c ( 1 2 ) ] . _:x :b _:x ."
    first, second = quads(tmp_path, "a.ttl", text), quads(tmp_path, "a.ttl", text)
    assert first == second
    labels = {
        term.value for quad in first for term in (quad.subject, quad.object) if isinstance(term, BlankNode)
    }
    assert len(labels) == 4
    other = quads(tmp_path, "b.ttl", text)
    assert labels.isdisjoint({quad.subject.value for quad in other})


def test_blank_nodes_in_triple_terms(tmp_path: Path) -> None:
    text = PREFIX + "_:x :b <<( _:x :c _:x )>> ."
    (quad,) = quads(tmp_path, "a.ttl", text)
    assert str(quad.object).count(quad.subject.value) == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", PREFIX + r':a :b "say \"x\"@EN-x"@en-US .'),
        ("a.nt", r'<http://e/a> <http://e/b> "say \"x\"@EN-x"@en-US .'),
        (
            "a.jsonld",
            '{"@id": "http://e/a", "http://e/b": {"@value": "say \\"x\\"@EN-x", "@language": "en-US"}}',
        ),
        (
            "a.rdf",
            XML + ABOUT + '<e:b xml:lang="en-US">say "x"@EN-x</e:b>' + END,
        ),
    ],
)
def test_language_tags_keep_their_capitals(tmp_path: Path, name: str, text: str) -> None:
    (quad,) = quads(tmp_path, name, text)
    assert str(quad.object) == r'"say \"x\"@EN-x"@en-US'


@pytest.mark.parametrize(
    ("tag", "kept"),
    [
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("EN", "EN"),
        ("en-US--ltr", "en-us--ltr"),
        ("I-Klingon", "i-klingon"),
        ("en-X-Own", "en-x-own"),
    ],
)
def test_language_tags_of_any_kind(tmp_path: Path, tag: str, kept: str) -> None:
    (quad,) = quads(tmp_path, "a.ttl", f'{PREFIX}:a :b "x"@{tag} .')
    assert str(quad.object) == f'"x"@{kept}'


def test_an_error_behind_a_tag_has_its_own_place(tmp_path: Path) -> None:
    with pytest.raises(GraphSyntaxError) as error:
        quads(tmp_path, "a.ttl", PREFIX + ':a :b "x"@EN , x:y .')
    assert (error.value.line, error.value.column) == (2, 16)


def test_spellings_are_kept(tmp_path: Path) -> None:
    found = quads(tmp_path, "a.ttl", PREFIX + ":a :b 01, 1.00, '1'^^<http://www.w3.org/2001/XMLSchema#int> .")
    assert [quad.object.value for quad in found] == ["01", "1.00", "1"]


@pytest.mark.parametrize(
    ("name", "text", "place", "problem"),
    [
        ("a.ttl", ":a :b :c ;\n  :d 'x' 'y' .", (3, 10), "expected ',', ';' or '.', found 'y'"),
        ("a.ttl", ":a :b x:c .", (2, 7), "expected a declared prefix, found 'x:'"),
        ("a.ttl", ":a :b <http://e/a b> .", (2, 7), "expected an IRI without ' '"),
        ("a.ttl", ':a :b "x .', (2, 7), "expected the end of the string"),
        ("a.ttl", r':a :b "\q" .', (2, 7), "escapes"),
        ("a.ttl", ":a :b :c", (2, 9), "expected ',', ';' or '.', found the end of the file"),
        ("a.ttl", ":a 'b' :c .", (2, 4), "expected a predicate"),
        ("a.ttl", ":a :b", (2, 6), "expected an object"),
        ("a.ttl", "'a' :b :c .", (2, 1), "expected a subject"),
        ("a.ttl", ":a :b 'x'@ .", (2, 10), "expected a language tag"),
        ("a.ttl", ":a :b [ :c 1 .", (2, 14), "expected ',', ';' or ']'"),
        ("a.ttl", ":a :b ( 1 .", (2, 11), r"expected '\)' or an object"),
        ("a.ttl", ":a :b :c\n:d :e :f .", (3, 1), "expected ',', ';' or '.', found :d"),
        ("a.ttl", "@prefix x <http://x> .", (2, 9), "expected a prefix"),
        ("a.ttl", ":a :b 'é' x .", (2, 11), "found x"),
        ("a.trig", ":g { :a :b :c", (2, 14), "expected"),
        ("a.nt", "<http://e/a> <http://e/b> .", (2, 27), "expected an object"),
        ("a.jsonld", '{"a": [}', (2, 8), "closing"),
    ],
)  # fmt: skip
def test_syntax_errors_name_place_and_what_was_expected(
    tmp_path: Path, name: str, text: str, place: tuple[int, int], problem: str
) -> None:
    first = PREFIX if name.endswith(("ttl", "trig")) else "\n"
    with pytest.raises(GraphSyntaxError, match=problem) as error:
        quads(tmp_path, name, first + text)
    assert (error.value.line, error.value.column) == place
    assert name in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        (XML + "<a></b></rdf:RDF>", 3, "mismatched tag"),
        (XML + "<e:a/>", 3, "expected XML"),
        (XML + "\n<rdf:Description rdf:about='a b'/></rdf:RDF>", 4, "expected an IRI"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]>" + XML[22:] + "</rdf:RDF>", 1, "DOCTYPE"),
        (XML.replace("?>", ' encoding="x-none"?>') + "</rdf:RDF>", 1, "encoding"),
        (b"<?xml version='1.0'?>\n<a>\xff</a>", 2, "expected utf-8"),
    ],
)
def test_broken_rdf_xml(tmp_path: Path, text: str | bytes, line: int, problem: str) -> None:
    with pytest.raises(GraphSyntaxError, match=problem) as error:
        quads(tmp_path, "a.rdf", text)
    assert error.value.line == line


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    with pytest.raises(GraphSyntaxError, match="expected UTF-8, found the byte 0x93") as error:
        quads(tmp_path, "a.ttl", (PREFIX + ':a :b "日本" .').encode("shift_jis"))
    assert (error.value.line, error.value.column) == (2, 8)


@pytest.mark.parametrize(
    "context", ['"http://r.example/c"', '["http://r.example/c", {}]', '{"@import": "http://r.example/c"}']
)
def test_remote_contexts_are_not_fetched(tmp_path: Path, context: str) -> None:
    with pytest.raises(GraphSyntaxError, match=r"a\.jsonld.*http://r.example/c") as error:
        quads(tmp_path, "a.jsonld", f'{{"@id": "http://e/a",\n"@context": {context}, "p": 1}}')
    assert error.value.line == 2


def test_a_named_graph_where_the_folder_is_the_graph(tmp_path: Path) -> None:
    with pytest.raises(GraphSyntaxError, match="named graph"):
        quads(
            tmp_path, "a.jsonld", '{"@id": "http://e/g", "@graph": [{"@id": "http://e/a", "http://e/b": 1}]}'
        )


@pytest.mark.parametrize("name", ["a.ttl", "a.nt", "a.rdf", "a.jsonld", "a.trig", "a.nq"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FolderError, match="empty"):
        quads(tmp_path, name, "")


@pytest.mark.parametrize("text", [b" \n\n", b"\xef\xbb\xbf"])
def test_a_file_of_nothing_but_space_is_refused(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(FolderError, match="empty"):
        quads(tmp_path, "new.ttl", text)


def test_deep_objects_are_refused_before_they_end_the_process(tmp_path: Path) -> None:
    deep = '{"urn:a":' * 5_000 + "1" + "}" * 5_000
    with pytest.raises(GraphSyntaxError, match="at most 1,000 brackets"):
        quads(tmp_path, "new.jsonld", deep)
    assert len(quads(tmp_path, "ok.jsonld", '{"urn:a":' * 500 + "1" + "}" * 500)) == 500


def test_a_file_of_comments_is_a_graph(tmp_path: Path) -> None:
    assert quads(tmp_path, "a.ttl", "# to come\n") == []


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="cannot be read"):
        list(parse(source_file(tmp_path / "none.ttl", SETTINGS)))


def test_the_inferred_graph_is_kept(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="inferred"):
        quads(
            tmp_path,
            "a.nq",
            "<http://e/a> <http://e/b> 'c' <http://example.com/graph/inferred> .".replace("'", '"'),
        )


@pytest.mark.parametrize("opening", ["[ <http://e/b> ", "( "])
def test_brackets_without_end(tmp_path: Path, opening: str) -> None:
    with pytest.raises(GraphSyntaxError):
        quads(tmp_path, "a.ttl", "<http://e/a> <http://e/b> " + opening * 50_000)


def test_every_file_parses(either: Folder) -> None:
    for source in either.files():
        found = list(parse(source))
        assert found, source.name
        assert_canonical(source, found)


def test_text_has_the_labels_and_spellings_of_quads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # One statement at a time: with blank nodes and without.
    monkeypatch.setattr(sys.modules["clustergraph.folder.parse"], "_BLOCK", 1)
    strange = r""":a :b "a \"b\" .\n _:x \u0001\t\\"@en-US, "_:y", [ :c _:x ], ( 01 ), <<( :a :b _:x )>> ."""
    found = quads(tmp_path, "a.ttl", PREFIX + strange + " _:x :b _:y .")
    assert len({node for quad in found for node in str(quad).split() if node.startswith("_:b")}) == 4


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", ":a :b :c ."),
        ("a.nq", "<http://e/a> <http://e/b> <http://e/c> <http://example.com/graph/inferred> ."),
        ("a.jsonld", '{"@id": "http://e/g", "@graph": [{"@id": "http://e/a", "http://e/b": "c"}]}'),
        ("a.rdf", XML + ABOUT),
        ("a.ttl", ""),
    ],
)
def test_text_is_refused_as_quads_are(tmp_path: Path, name: str, text: str) -> None:
    source, errors = file(tmp_path, name, text), []
    for read in (parse, canonical):
        with pytest.raises((FolderError, GraphSyntaxError)) as raised:
            list(read(source))
        errors.append((type(raised.value), str(raised.value)))
    assert errors[0] == errors[1]


def test_the_foreign_folder_has_30_triples(foreign: Folder) -> None:
    files = [source for source in foreign.files() if source.kind != "shapes"]
    assert sum(1 for source in files for _ in parse(source)) == 30
