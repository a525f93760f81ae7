"""Profiles: queries held to the target vocabulary, mappings, loss found by comparison, the release."""

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import DCAT, ORG, SKOS, VOID

import clustergraph
from clustergraph.cli.app import run
from clustergraph.errors import ProfileError, UsageError
from clustergraph.export import profiles
from clustergraph.export.profile import aspects
from clustergraph.folder import Folder
from clustergraph.knowledge_graph import KnowledgeGraph

ROOT = Path(__file__).parent.parent
EXPORTS = ROOT / "exports"
SCHEMA = rdflib.Namespace("https://schema.org/")
EURIO = rdflib.Namespace("http://data.europa.eu/s66#")
ID = rdflib.Namespace("https://w3id.org/clustergraph/id/")
TARGETS = Path(__file__).parent / "targets"
VOCABULARIES = ["dcat", "eurio", "org", "schema-org", "skos"]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeGraph]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield clustergraph.open(ROOT)


@pytest.fixture(scope="module")
def read(ours: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], rdflib.Graph]:
    """What rdflib reads of our graph in a vocabulary; each exported once."""
    folder = tmp_path_factory.mktemp("exports")
    known: dict[str, rdflib.Graph] = {}

    def graph(name: str) -> rdflib.Graph:
        if name not in known:
            path = ours.export(name, folder / f"{name}.ttl").path
            known[name] = rdflib.Graph().parse(path, format="turtle")
        return known[name]

    return graph


@pytest.fixture
def graph(foreign: Folder, cache: Path) -> KnowledgeGraph:
    return clustergraph.open(foreign.root)


def profile(folder: Folder, name: str, **texts: str) -> None:
    path = folder.root / "exports" / name
    path.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        (path / file.replace("_", ".", 1)).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", VOCABULARIES)
def test_only_terms_of_the_target_are_used(name: str, read: Callable[[str], rdflib.Graph]) -> None:
    terms = set((EXPORTS / name / "terms.txt").read_text(encoding="utf-8").split())
    found = read(name)
    used = {str(p) for p in found.predicates()} | {str(o) for o in found.objects(None, rdflib.RDF.type)}
    assert len(found) > 90
    assert used - terms == {str(rdflib.RDF.type)}


@pytest.mark.parametrize("name", ["dcat", "org", "skos"])
def test_exports_conform_to_what_the_target_states(
    name: str, ours: KnowledgeGraph, read: Callable[[str], rdflib.Graph], tmp_path: Path
) -> None:
    path = tmp_path / f"{name}.ttl"
    read(name).serialize(path, format="turtle")
    report = ours.validate(path, shapes=[TARGETS / f"{name}.ttl"], standalone=True)
    assert report.results == ()
    assert report.coverage is not None
    assert len(report.coverage.idle) < len(report.evaluated)


def test_terms_are_those_of_the_vocabularies_as_rdflib_has_them() -> None:
    for name, namespace in (("org", ORG), ("skos", SKOS), ("dcat", VOID)):
        terms = (EXPORTS / name / "terms.txt").read_text(encoding="utf-8").split()
        listed = {term for term in terms if term.startswith(str(namespace))}
        # A word of Python is no attribute of a namespace in rdflib.
        assert listed - {str(one) for one in dir(namespace)} <= {f"{VOID}class"}
    assert str(DCAT.Dataset) in (EXPORTS / "dcat" / "terms.txt").read_text(encoding="utf-8").split()


@pytest.mark.parametrize(
    "path", sorted(EXPORTS.glob("*/mapping.sssom.tsv")), ids=lambda path: path.parent.name
)
def test_mappings_lead_from_our_terms_to_listed_ones(path: Path, ours: KnowledgeGraph) -> None:
    one = profiles(ROOT, ours.settings)[path.parent.name]
    declared = {str(quad.subject)[1:-1] for quad in ours.snapshot.quads()}
    base = f"{ours.settings.base}ont#"
    assert [m.subject for m in one.mappings if m.subject.startswith(base) and m.subject not in declared] == []
    if one.terms:
        assert [m.object for m in one.mappings if m.object not in one.terms.iris] == []


def test_funding_has_the_right_direction_in_schema_org(read: Callable[[str], rdflib.Graph]) -> None:
    found = read("schema-org")
    program, grant = ID["program/kci-first-stage"], ID["participation/aichi-nagoya-kci-first-stage"]
    assert (program, rdflib.RDF.type, SCHEMA.FundingScheme) in found
    assert (grant, rdflib.RDF.type, SCHEMA.MonetaryGrant) in found
    assert (grant, SCHEMA.funder, program) in found
    assert (grant, SCHEMA.fundedItem, ID["area/aichi-nagoya"]) in found
    assert (ID["program/kci"], SCHEMA.funder, ID["organization/mext"]) in found


def test_amounts_keep_currency_and_range(read: Callable[[str], rdflib.Graph], ours: KnowledgeGraph) -> None:
    found = read("schema-org")
    query = """
        PREFIX cg: <https://w3id.org/clustergraph/ont#>
        SELECT ?s ?min ?max { ?s a cg:MonetaryStatement ; cg:minValue ?min ; cg:maxValue ?max }"""
    rows = list(ours.sparql(query))  # type: ignore[arg-type]
    assert rows
    for statement, low, high in rows:
        node = rdflib.URIRef(statement.value)  # type: ignore[union-attr]
        assert found.value(node, SCHEMA.minValue) == rdflib.Literal(low.value, datatype=rdflib.XSD.decimal)  # type: ignore[union-attr]
        assert found.value(node, SCHEMA.maxValue) == rdflib.Literal(high.value, datatype=rdflib.XSD.decimal)  # type: ignore[union-attr]
        assert str(found.value(node, SCHEMA.currency)) in {"JPY", "USD", "EUR"}


def test_memberships_in_org(read: Callable[[str], rdflib.Graph]) -> None:
    found = read("org")
    membership = ID["membership/a-miyamoto-tohoku-university"]
    assert (membership, ORG.member, ID["person/a-miyamoto"]) in found
    assert (membership, ORG.organization, ID["organization/tohoku-university"]) in found
    assert (membership, ORG.role, ID["role/professor"]) in found
    assert (None, rdflib.RDF.type, ORG.ChangeEvent) in found


def test_schemes_succeed_each_other_in_eurio(read: Callable[[str], rdflib.Graph]) -> None:
    found = read("eurio")
    assert (ID["program/kci-first-stage"], EURIO.isSubSchemeOf, ID["program/kci"]) in found
    assert (ID["program/kci"], EURIO.isImplementedBy, ID["organization/mext"]) in found
    assert list(found.subject_objects(EURIO.hasPreviousFundingScheme))


def test_every_concept_is_in_skos(read: Callable[[str], rdflib.Graph], ours: KnowledgeGraph) -> None:
    concepts = "SELECT ?c { ?c a <http://www.w3.org/2004/02/skos/core#Concept> }"
    expected = {row[0].value for row in ours.sparql(concepts)}  # type: ignore[union-attr]
    found = read("skos")
    assert {str(one) for one in found.subjects(rdflib.RDF.type, SKOS.Concept)} == expected
    assert all(found.value(one, SKOS.prefLabel) for one in found.subjects(rdflib.RDF.type, SKOS.Concept))


def test_dcat_counts_the_triples_and_names_the_licence(
    read: Callable[[str], rdflib.Graph], ours: KnowledgeGraph
) -> None:
    found = read("dcat")
    dataset = rdflib.URIRef("https://w3id.org/clustergraph/dataset")
    assert found.value(dataset, VOID.triples) == rdflib.Literal(ours.snapshot.triples)
    assert str(found.value(dataset, rdflib.DCTERMS.license)) == ours.settings.license
    assert str(found.value(dataset, rdflib.URIRef(f"{DCAT}version"))) == ours.version
    assert len(list(found.objects(dataset, DCAT.distribution))) == 6


def test_loss_is_what_cannot_be_read_back(ours: KnowledgeGraph, tmp_path: Path) -> None:
    done = ours.export("schema-org", tmp_path / "out.ttl")
    report = json.loads((tmp_path / "out.ttl.loss.json").read_text(encoding="utf-8"))
    assert report["triples"]["given"] == ours.snapshot.triples
    assert report["triples"]["carried"] + sum(term["lost"] for term in report["terms"]) == done.loss.given
    assert report["kinds"]["ranks"]["lost"] == report["kinds"]["ranks"]["given"] > 0
    assert set(report["kinds"]) >= {"ranks", "ranges", "qualifiers", "languages", "graphs", "sources"}
    unmapped = {term["term"]: term["mapping"] for term in report["terms"]}
    assert unmapped["cg:rank"] is None


def test_the_loss_of_a_query_that_forgets_is_found(
    graph: KnowledgeGraph, foreign: Folder, tmp_path: Path
) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(?p != <https://park.example/terms/height>) }"
    profile(foreign, "most", all_rq=query)
    done = graph.export("most", tmp_path / "most.ttl")
    assert [(term.name, term.lost) for term in done.loss.terms if term.name == "park:height"] == [
        ("park:height", 3)
    ]


def test_links_to_what_is_not_described_are_counted(graph: KnowledgeGraph, tmp_path: Path) -> None:
    done = graph.export("turtle", tmp_path / "out.ttl", about="tree:plum")
    assert dict(done.loss.dangling)


def test_a_profile_is_a_folder(graph: KnowledgeGraph, foreign: Folder, tmp_path: Path) -> None:
    query = "CONSTRUCT { ?s a <https://schema.org/Thing> } WHERE { ?s a <https://park.example/terms/Tree> }"
    profile(foreign, "thing", things_rq=query, profile_toml='writer = "ntriples"\ntitle = "Things"\n')
    done = graph.export("thing", f"{tmp_path}/out/")
    assert done.path == tmp_path / "out" / "thing.nt"
    assert {quad.object.value for quad in ox.parse(path=done.path)} == {"https://schema.org/Thing"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"a_rq": "CONSTRUCT { ?s ?p ?o }\nWHERE { ?s ?p }"}, r"a\.rq:2: "),
        ({"a_rq": "SELECT * { ?s ?p ?o }"}, r"a\.rq:1: expected a CONSTRUCT"),
        (
            {"a_rq": "CONSTRUCT { ?s <urn:no> ?o }\nWHERE { ?s ?p ?o }", "terms_txt": "# none\nurn:yes\n"},
            r"urn:no is no",
        ),
        ({"profile_toml": "writer = 'word'"}, "writer: expected one of turtle"),
        ({"profile_toml": "writer ="}, "expected TOML"),
        ({"a_rq": "CONSTRUCT {} WHERE {}", "mapping_sssom.tsv": "a\tb\n"}, "expected the columns"),
        ({"a_rq": "CONSTRUCT {} WHERE {}", "terms_txt": "urn:yes\n"}, "names the vocabulary"),
    ],
)
def test_a_profile_that_breaks_its_contract_is_named(
    texts: dict[str, str], message: str, graph: KnowledgeGraph, foreign: Folder, tmp_path: Path
) -> None:
    profile(foreign, "broken", **texts)
    with pytest.raises(ProfileError, match=message):
        graph.export("broken", tmp_path / "out.ttl")
    assert not list(tmp_path.glob("*out*"))


def test_blank_nodes_of_a_query_have_stable_labels(
    graph: KnowledgeGraph, foreign: Folder, tmp_path: Path
) -> None:
    query = "CONSTRUCT { ?s <urn:p> [ <urn:q> ?o ] } WHERE { ?s <https://park.example/terms/height> ?o }"
    profile(foreign, "blank", a_rq=query, profile_toml='writer = "ntriples"')
    texts = {graph.export("blank", tmp_path / "o.nt", force=True).path.read_bytes() for _ in range(3)}  # type: ignore[union-attr]
    assert len(texts) == 1


def test_aspects_are_properties_with_declared_prefixes(foreign: Folder, graph: KnowledgeGraph) -> None:
    profile(foreign, ".", aspects_toml='heights = ["park:height"]')
    assert aspects(foreign.root, graph.settings)["heights"] == {"<https://park.example/terms/height>"}
    profile(foreign, ".", aspects_toml='heights = ["pork:height"]')
    with pytest.raises(ProfileError, match="heights"):
        aspects(foreign.root, graph.settings)


def test_links_out_are_those_of_the_list_with_source_and_confidence(ours: KnowledgeGraph) -> None:
    lines = (EXPORTS / "links.sssom.tsv").read_text(encoding="utf-8").splitlines()
    prefixes = dict(re.findall(r"^#   (\w+): (\S+)$", "\n".join(lines), re.MULTILINE))
    rows = list(csv.DictReader([line for line in lines if not line.startswith("#")], delimiter="\t"))

    def iri(name: str) -> str:
        prefix, _, local = name.partition(":")
        return f"<{prefixes[prefix]}{local}>"

    listed = {tuple(iri(row[f"{part}_id"]) for part in ("subject", "predicate", "object")) for row in rows}
    assert all(0.9 <= float(row["confidence"]) <= 1 and row["mapping_source"] for row in rows)
    matches = {f"<{SKOS[name]}>" for name in ("exactMatch", "closeMatch")}
    found = {
        (str(q.subject), str(q.predicate), str(q.object))
        for q in ours.snapshot.quads()
        if str(q.predicate) in matches
    }
    assert found == listed
    candidates = (EXPORTS / "wikidata" / "candidates.tsv").read_text(encoding="utf-8")
    assert not any(object[1:-1] in candidates for _, _, object in found)


def test_quickstatements_cite_sources_and_name_only_checked_items(
    ours: KnowledgeGraph, tmp_path: Path
) -> None:
    ours.export("wikidata", tmp_path / "out.tsv")
    with (tmp_path / "out.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    said = [row for row in rows if len(row) > 1 and row[1].startswith("P") and row[1] != "P973"]
    assert said
    assert all("S854" in row for row in said)
    items = {row[2] for row in said if row[2].startswith("Q")}
    checked = {str(q.object) for q in ours.snapshot.quads() if "wikidata.org" in str(q.object)}
    assert all(f"<http://www.wikidata.org/entity/{item}>" in checked for item in items)


def test_a_release_holds_all_with_checksums_and_what_changed(
    foreign: Folder, cache: Path, tmp_path: Path
) -> None:
    first = clustergraph.open(foreign.root).release(tmp_path / "one")
    manifest = json.loads((first.path / "manifest.json").read_text(encoding="utf-8"))
    for name, file in manifest["files"].items():
        data = (first.path / name).read_bytes()
        assert file == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    listed = {path.relative_to(first.path).as_posix() for path in first.path.rglob("*") if path.is_file()}
    assert listed == {*manifest["files"], "manifest.json"}
    assert "https://park.example/tree/plum" in (first.path / "iris.txt").read_text().split()
    for path in (foreign.root / "data").glob("*/*"):
        path.write_text(path.read_text(encoding="utf-8").replace("plum", "cherry"), encoding="utf-8")
    second = clustergraph.open(foreign.root).release(tmp_path / "two", since=first.path)
    changes = (second.path / "changes.txt").read_text(encoding="utf-8")
    assert "retired https://park.example/tree/plum\n" in changes
    with pytest.raises(UsageError, match="no release"):
        clustergraph.open(foreign.root).release(tmp_path / "three", since=tmp_path)


def test_the_citation_file_is_that_of_the_release() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert "cff-version: " in text
    assert "authors:" in text


def test_command_lists_writes_and_refuses(
    foreign: Folder, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = ["--root", str(foreign.root)]
    assert run([*root, "export", "--list", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)["profiles"]
    assert {"turtle", "neo4j-csv", "parquet"} <= {one["name"] for one in listed}
    assert run([*root, "export", "trig", "-o", str(tmp_path / "a.trig")]) == 0
    assert run([*root, "export", "turtle", "-o", str(tmp_path / "a.ttl"), "--strict"]) == 1
    assert not (tmp_path / "a.ttl").exists()
    capsys.readouterr()
    assert run([*root, "export", "trig", "-o", str(tmp_path / "a.trig")]) == 2
    assert "--force" in capsys.readouterr().err
    assert run([*root, "export", "trig"]) == 2


def test_no_term_of_our_vocabulary_stands_in_the_code() -> None:
    for path in (ROOT / "src" / "clustergraph" / "export").rglob("*.py"):
        assert "w3id.org/clustergraph" not in path.read_text(encoding="utf-8")
