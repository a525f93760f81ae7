"""Tables for other tools, opened by those tools: csv, networkx, pyarrow, DuckDB, pandas."""

import builtins
import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import clustergraph
from clustergraph.errors import MissingLibraryError, UsageError
from clustergraph.export.tables import WRITERS
from clustergraph.export.tables.property_graph import PropertyGraph
from clustergraph.folder import Folder
from clustergraph.knowledge_graph import KnowledgeGraph

ROOT = Path(__file__).parent.parent
BASE = "https://w3id.org/clustergraph/id/"
# numpy, pandas and duckdb warn of each other's and of Python's deprecations when they are imported.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield clustergraph.open(ROOT)


@pytest.fixture
def graph(foreign: Folder, cache: Path) -> KnowledgeGraph:
    return clustergraph.open(foreign.root)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_neo4j_import_files_hold_together(ours: KnowledgeGraph, tmp_path: Path) -> None:
    folder = ours.export("neo4j-csv", tmp_path / "neo4j").path
    assert folder is not None
    nodes = [row for path in folder.glob("nodes-*.csv") for row in table(path)]
    ids = [row["iri:ID"] for row in nodes]
    assert len(ids) == len(set(ids))
    links = table(folder / "relationships.csv")
    assert {row[end] for row in links for end in (":START_ID", ":END_ID")} <= set(ids)
    statement = next(
        row for row in nodes if row["iri:ID"] == f"{BASE}statement/investment-cluster-initiative-2002-2012"
    )
    assert statement["value:double"] == "120000000000"
    area = next(
        row for row in table(folder / "nodes-ClusterArea.csv") if row["iri:ID"] == f"{BASE}area/hamamatsu"
    )
    assert area["label_en:string"] == "Hamamatsu"
    assert area["label_ja:string"] == "浜松"
    assert area[":LABEL"] == "ClusterArea"


def test_parallel_relations_are_kept(ours: KnowledgeGraph) -> None:
    seen = PropertyGraph(ours.selection().rows, ours.settings)
    edges = [(edge.start, edge.type, edge.end) for edge in seen.edges()]
    assert len(edges) > len(set(edges)), "one link in two graphs is two edges"


def test_columns_are_typed(ours: KnowledgeGraph) -> None:
    kinds = {
        column.name: column.kind
        for column in PropertyGraph(ours.selection().rows, ours.settings).columns.values()
    }
    assert kinds["value"] == "decimal"
    assert kinds["lineFrom"] == "integer"
    assert kinds["eventStart"] == "date"
    assert kinds["notReported"] == "boolean"


def test_csvw_tables_agree_with_their_metadata(ours: KnowledgeGraph, tmp_path: Path) -> None:
    folder = ours.export("csvw", tmp_path / "csvw").path
    assert folder is not None
    metadata = json.loads((folder / "csv-metadata.json").read_text(encoding="utf-8"))
    tables = {one["url"]: one["tableSchema"] for one in metadata["tables"]}
    assert set(tables) == {path.name for path in folder.glob("*.csv")}
    things = [row["iri"] for row in table(folder / "things.csv")]
    assert len(things) == len(set(things))
    for url, schema in tables.items():
        columns = [column["name"] for column in schema["columns"] if not column.get("virtual")]
        with (folder / url).open(encoding="utf-8", newline="") as lines:
            assert next(csv.reader(lines)) == columns
        rows = table(folder / url)
        if "primaryKey" in schema:
            assert len({row["iri"] for row in rows}) == len(rows)
        for key in schema.get("foreignKeys", []):
            assert {row[key["columnReference"]] for row in rows} - {""} <= set(things)


def test_exports_are_byte_identical(graph: KnowledgeGraph, tmp_path: Path) -> None:
    for name in ("neo4j-csv", "graphml", "csvw"):
        written = []
        for _ in range(2):
            path = graph.export(
                name, tmp_path / "out" if name != "graphml" else tmp_path / "g", force=True
            ).path
            assert path is not None
            found = [path] if path.is_file() else sorted(path.glob("*.csv"))
            written.append([one.read_bytes() for one in found])
        assert written[0] == written[1]
        if (tmp_path / "out").is_dir():
            for one in (tmp_path / "out").iterdir():
                one.unlink()


def test_a_folder_with_other_files_is_not_replaced(graph: KnowledgeGraph, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "holiday.jpg").write_text("x")
    with pytest.raises(UsageError, match=r"holiday\.jpg"):
        graph.export("neo4j-csv", folder, force=True)
    assert (folder / "holiday.jpg").read_text() == "x"


def test_networkx_opens_graphml(ours: KnowledgeGraph, tmp_path: Path) -> None:
    networkx = pytest.importorskip("networkx")
    ours.export("graphml", tmp_path / "out.graphml")
    found = networkx.read_graphml(tmp_path / "out.graphml", force_multigraph=True)
    expected = PropertyGraph(ours.selection().rows, ours.settings)
    assert found.number_of_nodes() == sum(1 for _ in expected.nodes())
    assert found.number_of_edges() == sum(1 for _ in expected.edges())
    statement = found.nodes[f"{BASE}statement/investment-cluster-initiative-2002-2012"]
    assert statement["value"] == 120000000000.0
    assert statement["lineFrom"] == 203


def test_networkx_graph(ours: KnowledgeGraph) -> None:
    pytest.importorskip("networkx")
    found = ours.to_networkx()
    assert found.nodes[f"{BASE}area/hamamatsu"]["label_en"] == "Hamamatsu"
    grant = f"{BASE}participation/aichi-nagoya-kci-first-stage"
    types = {data["type"] for _, _, data in found.out_edges(grant, data=True)}
    assert {"inProgram", "participationOf"} <= types


def test_duckdb_asks_parquet(ours: KnowledgeGraph, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    duckdb = pytest.importorskip("duckdb")
    done = ours.export("parquet", tmp_path / "parquet")
    assert done.loss.none
    folder = f"{tmp_path}/parquet"
    total = duckdb.sql(f"SELECT count(*) FROM '{folder}/statements.parquet'").fetchall()[0][0]
    assert total == sum(1 for _ in ours.snapshot.quads())
    query = f"""
        SELECT n.label_en FROM '{folder}/edges.parquet' e JOIN '{folder}/nodes.parquet' n ON n.id = e.start
        WHERE e.type = 'stageOf' AND e.end = '{BASE}program/kci' GROUP BY ALL ORDER BY ALL"""
    assert len(duckdb.sql(query).fetchall()) == 2
    kinds = dict(
        duckdb.sql(f"SELECT column_name, column_type FROM (DESCRIBE '{folder}/nodes.parquet')").fetchall()
    )
    assert kinds["value"] == "DECIMAL(38,10)"
    assert kinds["eventStart"] == "DATE"


def test_pandas_frames_have_types(ours: KnowledgeGraph) -> None:
    pytest.importorskip("pyarrow")
    pandas = pytest.importorskip("pandas")
    frames = ours.to_pandas()
    assert set(frames) == {"nodes", "edges", "statements"}
    nodes = frames["nodes"].set_index("id")
    assert nodes.loc[f"{BASE}area/hamamatsu", "label_ja"] == "浜松"
    assert isinstance(frames["nodes"], pandas.DataFrame)


@pytest.mark.parametrize(("library", "method"), [("pyarrow", "to_arrow"), ("networkx", "to_networkx")])
def test_a_missing_library_is_named_with_its_extra(
    library: str, method: str, graph: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: object) -> object:
        if name.split(".", maxsplit=1)[0] == library:
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.delitem(sys.modules, library, raising=False)
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingLibraryError, match=r"pip install 'clustergraph\["):
        getattr(graph, method)()


def test_every_writer_reads_back_what_it_writes(graph: KnowledgeGraph, tmp_path: Path) -> None:
    for name in ("neo4j-csv", "graphml", "csvw"):
        assert WRITERS[name].alone
        done = graph.export(name, tmp_path / name)
        lost = {term.name for term in done.loss.terms}
        assert not {"park:height", "park:liesIn", "park:Tree"} & lost
