"""Tables: made for a class, filled in, converted, judged to the cell."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import clustergraph
from clustergraph.cli.app import run
from clustergraph.contribution.tables import description_path
from clustergraph.errors import FolderError, GraphSyntaxError, UsageError
from clustergraph.folder import Folder
from clustergraph.knowledge_graph import KnowledgeGraph

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture
def graph(lakes: Folder) -> KnowledgeGraph:
    return KnowledgeGraph(lakes)


@pytest.fixture
def table(graph: KnowledgeGraph, tmp_path: Path) -> Callable[..., Path]:
    """A filled template: rows by column name."""

    def filled(*rows: dict[str, str], lang: str | None = None) -> Path:
        path = tmp_path / "lakes.csv"
        arguments = ["--root", str(graph.folder.root), "template", "Lake", "-o", str(path)]
        assert run([*arguments, "--lang", lang] if lang else arguments) == 0
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header = next(csv.reader(lines))
        with path.open("a", encoding="utf-8", newline="") as out:
            csv.DictWriter(out, header).writerows(rows)
        return path

    return filled


BIWA = {"id": "biwa", "label_en": "Lake Biwa", "label_ja": "琵琶湖", "liesIn": "kanto", "code": "L-002"}


def test_template_has_columns_of_the_shapes(graph: KnowledgeGraph) -> None:
    made = graph.template("Lake")
    columns = {column.name: column for column in made.description.columns}
    assert list(columns) == ["id", "liesIn", "label_en", "label_ja", "surveyed", "code"]
    assert columns["liesIn"].required
    assert columns["liesIn"].titles == {"en": "lies in", "ja": "所在地"}
    assert columns["liesIn"].value_url == "https://lake.example/id/place/{liesIn}"
    assert columns["liesIn"].examples == ("hakone",)
    assert [str(one) for one in columns["surveyed"].datatypes] == ["<http://www.w3.org/2001/XMLSchema#date>"]
    assert made.to_csv("ja").splitlines()[0] == "識別子,所在地,名称 (en),名称 (ja),surveyed,符号"
    assert made.to_csv().splitlines()[1].startswith("# ashi,hakone,")


def test_class_may_be_named_in_three_ways(graph: KnowledgeGraph) -> None:
    for name in ("Lake", "water:Lake", "https://lake.example/terms/Lake"):
        assert graph.template(name).description.types == graph.template("Lake").description.types
    with pytest.raises(UsageError, match="did you mean Lake"):
        graph.template("Lak")


def test_class_that_only_the_ontology_knows(graph: KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match="neither a shape nor an ontology"):
        graph.template("Place")
    path = graph.folder.root / "ontology/more.ttl"
    path.write_text(
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix water: <https://lake.example/terms/> .\n"
        "water:population rdfs:domain water:Place ; rdfs:range <http://www.w3.org/2001/XMLSchema#integer> ."
    )
    made = clustergraph.open(graph.folder.root).template("Place")
    assert [column.name for column in made.description.columns] == ["id", "population"]


def test_description_beside_the_table(table: Callable[..., Path]) -> None:
    path = table()
    described = json.loads(description_path(path).read_text(encoding="utf-8"))
    assert described["@context"] == "http://www.w3.org/ns/csvw"
    assert described["url"] == "lakes.csv"
    columns = described["tableSchema"]["columns"]
    assert columns[-1] == {
        "virtual": True,
        "propertyUrl": "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
        "valueUrl": "https://lake.example/terms/Lake",
    }
    assert columns[1]["dc:description"][1]["@language"] == "ja"


@pytest.mark.parametrize("lang", [None, "en", "ja"])
def test_convert_to_the_one_layout(
    graph: KnowledgeGraph, table: Callable[..., Path], lang: str | None
) -> None:
    columns = graph.template("Lake").description.columns
    titles = {c.name: c.titles.get(lang, c.name) if lang else c.name for c in columns}
    path = table({titles[name]: text for name, text in BIWA.items()}, lang=lang)
    assert graph.convert(path) == (
        "@prefix lake: <https://lake.example/id/lake/> .\n"
        "@prefix place: <https://lake.example/id/place/> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix water: <https://lake.example/terms/> .\n\n"
        "lake:biwa\n    a water:Lake ;\n    rdfs:label\n"
        '        "Lake Biwa"@en ,\n        "琵琶湖"@ja ;\n'
        '    water:code "L-002" ;\n    water:liesIn place:kanto .\n'
    )


def test_validate_takes_a_table(graph: KnowledgeGraph, table: Callable[..., Path]) -> None:
    report = graph.validate(table(BIWA))
    assert report.conforms


def test_results_point_to_the_cell(graph: KnowledgeGraph, table: Callable[..., Path]) -> None:
    bad = {**BIWA, "id": "suwa", "liesIn": "kantoo", "code": "X"}
    path = table(BIWA, bad, {"id": "towada"})
    found = {(r.line, r.column): r.excerpt for r in graph.validate(path).results if r.file == str(path)}
    assert found == {
        (4, 2): "liesIn: kantoo",
        (4, 6): "code: X",
        (5, 2): "",
        (5, 3): "",
    }


def edited(graph: KnowledgeGraph, path: Path) -> bytes:
    """The table as its fixes make it, once they are written."""
    before = path.read_bytes()
    verdict = graph.judge(path, fix=True)
    assert verdict.report.conforms
    assert verdict.applied is not None
    assert verdict.applied.difference().startswith(f"--- {path.as_posix()}\n")
    verdict.applied.write()
    assert before.startswith(b"\xef\xbb\xbf") == path.read_bytes().startswith(b"\xef\xbb\xbf")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"liesIn": "kantoo"}, "kanto"),
        ({"liesIn": "関東"}, "kanto"),
        ({"liesIn": "place:kantoo"}, "kanto"),
        ({"code": "l-002"}, "L-002"),
        ({"code": "Ｌ－００２"}, "L-002"),
        ({"surveyed": "平成14年4月1日"}, "2002-04-01"),
        ({"surveyed": "令和6年4月1日", "label_en": 'Lake "Biwa", the large'}, "2024-04-01"),
    ],
)
def test_cells_are_fixed(
    graph: KnowledgeGraph, table: Callable[..., Path], cells: dict[str, str], expected: str
) -> None:
    path = table({**BIWA, "id": "ashi-2"}, {**BIWA, **cells})
    before = path.read_bytes().decode()
    (wrong,) = (text for name, text in cells.items() if name != "label_en")
    assert edited(graph, path).decode() == before.replace(wrong, expected)


def test_a_part_of_a_cell_and_a_quoted_cell(graph: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    assert run(["--root", str(graph.folder.root), "template", "Claim", "-o", str(path)]) == 0
    path.write_text('id,unit,figure\nx,"meter|persn","1,000"\ny,meter | persn,1\n', encoding="utf-8")
    assert edited(graph, path).decode() == 'id,unit,figure\nx,"metre|person","1000"\ny,metre | person,1\n'


def test_several_values_iris_and_prefixed_names(graph: KnowledgeGraph, table: Callable[..., Path]) -> None:
    path = table({**BIWA, "id": "lake:biwa", "liesIn": "https://lake.example/id/place/kanto"})
    assert "lake:biwa" in graph.convert(path)
    assert "place:kanto" in graph.convert(path)
    document = graph.template("Claim").description
    assert next(column for column in document.columns if column.name == "unit").separator == "|"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the table is empty"),
        (b"id,nonsense\r\n", r"row 1, column 2: no column is called 'nonsense'"),
        (b"code\r\nL-001\r\n", "row 1, column 1: expected a column id"),
        (b"id,code\r\n,L-001\r\n", "row 2, column 1: expected a name"),
        (b"id,code\r\nbiwa,L-001,more\r\n", "row 2, column 3: a cell without a column"),
        ("id,code\r\n湖,L".encode("shift_jis"), "expected UTF-8"),
        (b'id,code\r\n"biwa,L-001\r\n', "expected CSV"),
    ],
)
def test_tables_that_can_mean_nothing(
    graph: KnowledgeGraph, table: Callable[..., Path], content: bytes, expected: str
) -> None:
    path = table()
    path.write_bytes(content)
    with pytest.raises(FolderError, match=expected) as caught:
        graph.convert(path)
    assert isinstance(caught.value, GraphSyntaxError | FolderError)
    assert run(["--root", str(graph.folder.root), "validate", str(path)]) == 2


SCHEMA = '{"tableSchema": {"aboutUrl": "urn:x:{id}", "columns": [%s]}}'


@pytest.mark.parametrize(
    "described",
    ["", "[]", "{}", SCHEMA % "", SCHEMA % '{"name": "id", "propertyUrl": "no iri"}'],
)
def test_descriptions_that_are_none(
    graph: KnowledgeGraph, table: Callable[..., Path], described: str
) -> None:
    path = table(BIWA)
    description_path(path).write_text(described)
    with pytest.raises(FolderError, match=r"metadata\.json"):
        graph.convert(path)
    description_path(path).unlink()
    with pytest.raises(FolderError, match="clustergraph template"):
        graph.convert(path)


def test_template_of_ours_reads_back(tmp_path: Path) -> None:
    ours = clustergraph.open(Path(__file__).parent.parent)
    root = ["--root", str(Path(__file__).parent.parent)]
    path = tmp_path / "areas.csv"
    assert run([*root, "template", "ClusterArea", "-o", str(path)]) == 0
    path.write_text(path.read_text(encoding="utf-8-sig").replace("# ", "", 1), encoding="utf-8")
    assert "area:" in ours.convert(path)
