"""The command line as scripts meet it: standard output, standard error, exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from clustergraph.cli.app import run
from clustergraph.folder import Folder

SPARQL = "SELECT ?tree ?height { ?tree <https://park.example/terms/height> ?height } ORDER BY ?tree ?height"
MANY = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n0 ?o . ?p ?q ?r }"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def cli(foreign: Folder, cache: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs a command in this process, on a copy of the foreign folder."""

    def ran(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run(["--root", str(foreign.root), *arguments])
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return ran


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "clustergraph", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_saved_query_prints_tsv_in_a_pipe(cli: Callable[..., Ran]) -> None:
    answer = cli("query", "trees")
    assert answer.code == 0
    assert answer.out.splitlines()[0] == "?tree\t?label\t?place"
    assert len(answer.out.splitlines()) == 7


def test_entailment_none_asks_what_is_asserted(cli: Callable[..., Ran]) -> None:
    assert len(cli("query", "trees", "--entailment", "none").out.splitlines()) == 3


@pytest.mark.parametrize(
    ("format", "beginning"),
    [("json", '{"head":'), ("csv", "tree,label,place\r\n"), ("xml", "<?xml"), ("tsv", "?tree\t")],
)
def test_every_result_format(cli: Callable[..., Ran], format: str, beginning: str) -> None:
    assert cli("query", "trees", "--format", format).out.startswith(beginning)


def test_table_shows_prefixed_names_and_counts_its_rows(cli: Callable[..., Ran]) -> None:
    out = cli("query", "trees", "--format", "table").out
    assert "tree:plum" in out
    assert "Old Pine" in out
    assert out.rstrip().endswith("6 rows")


@pytest.mark.parametrize("format", ["turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld"])
def test_every_graph_format(cli: Callable[..., Ran], format: str) -> None:
    answer = cli("sparql", "DESCRIBE <https://park.example/tree/plum>", "--format", format)
    assert answer.code == 0
    assert "Plum" in answer.out


def test_graph_in_a_pipe_is_turtle(cli: Callable[..., Ran]) -> None:
    assert cli("sparql", "CONSTRUCT WHERE { ?s ?p ?o }").out.startswith("@prefix")


def test_ask_prints_a_truth_value(cli: Callable[..., Ran]) -> None:
    assert cli("sparql", "ASK {}").out == "true\n"


def test_answer_goes_to_a_file(cli: Callable[..., Ran], tmp_path: Path) -> None:
    target = tmp_path / "answer.csv"
    assert cli("query", "trees", "--format", "csv", "-o", str(target)).out == ""
    assert target.read_text().startswith("tree,label,place")
    assert list(tmp_path.glob(".answer*")) == []


def test_query_is_read_from_a_file_and_from_standard_input(
    cli: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "q.rq"
    file.write_text(SPARQL)
    written = cli("sparql", "-f", str(file)).out
    with file.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert cli("sparql", "-").out == written
    assert written.count("\n") == 3


def test_help_of_a_saved_query_shows_its_parameters(cli: Callable[..., Ran], foreign: Folder) -> None:
    (foreign.root / "queries" / "tall.rq").write_text(
        "#+ summary: Tall trees\n#+ parameters:\n"
        "#+   metres: { datatype: xsd:decimal, min: 0, required: true, example: 10, description: Height }\n"
        "PREFIX park: <https://park.example/terms/>\n"
        "SELECT ?tree { ?tree park:height ?h FILTER(?h > ?metres) } ORDER BY ?tree\n"
    )
    shown = cli("query", "tall", "--help")
    assert shown.code == 0
    assert "--metres" in shown.out
    assert "Height" in shown.out
    assert cli("query", "tall", "--metres", "10").out == "?tree\n<https://park.example/tree/old-pine>\n"
    wrong = cli("query", "tall", "--metres", "high")
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err == (
        "error: query 'tall', parameter 'metres': expected a number such as 0.5 from 0, got 'high'\n"
    )


def test_queries_lists_names_and_summaries(cli: Callable[..., Ran]) -> None:
    assert cli("queries").out == "trees  Trees, with the places where they stand\n"
    assert cli("queries", "--lang", "ja").out == "trees  樹木とその場所\n"
    assert json.loads(cli("queries", "--format", "json").out)["queries"][0]["name"] == "trees"
    contract = json.loads(cli("queries", "trees", "--format", "json").out)
    assert contract["columns"] == ["tree", "label", "place"]


def test_bad_query_file_is_named_and_the_rest_is_listed(cli: Callable[..., Ran], foreign: Folder) -> None:
    (foreign.root / "queries" / "bad.rq").write_text("SELECT")
    listed = cli("queries")
    assert listed.code == 0
    assert listed.out.startswith("trees ")
    assert "bad.rq" in listed.err


def test_check_says_which_query_breaks_its_contract(cli: Callable[..., Ran], foreign: Folder) -> None:
    assert cli("queries", "--check").code == 0
    queries = foreign.root / "queries"
    (queries / "unordered.rq").write_text("SELECT ?s ?o { ?s ?p ?o }")
    (queries / "empty.rq").write_text("SELECT ?s { ?s <x:nothing> ?o } ORDER BY ?s")
    (queries / "bare.rq").write_text("#+ parameters:\n#+   s: { required: true }\nSELECT ?s { ?s ?p ?o }")
    checked = cli("queries", "--check")
    assert checked.code == 1
    assert "unordered.rq: with its examples: rows come in no fixed order" in checked.out
    assert "empty.rq: with its examples: no answer" in checked.out
    assert "bare.rq: --s is required and has no example" in checked.out
    assert checked.err == "4 queries checked, 3 problems\n"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["query", "tres"], "no saved query is named 'tres'; did you mean trees?"),
        (["query", "trees", "--heigth", "1"], "No such option: --heigth"),
        (["query", "trees", "--format", "pdf"], "unknown format 'pdf'; expected one of table, json"),
        (["query", "trees", "--format", "turtle"], "a table cannot be written as 'turtle'"),
        (["query"], None),
        (["sparql"], "expected either a query or -f FILE"),
        (["sparql", "SELECT * {"], "query syntax error at line 1, column 10: '{' without its '}'"),
        (["sparql", "SELECT * { ?s ?p }"], "query syntax error at line 1, column 19: "),
        (["sparql", "INSERT DATA { <a> <b> <c> }"], "an update is refused"),
        (["sparql", "SELECT * { SERVICE <http://x.example/> { ?s ?p ?o } }"], "SERVICE <http://x.example/>"),
        (["sparql", "SELECT (<http://x.example/f>(1) AS ?x) {}"], "query syntax error"),
        (["sparql", "ASK {}", "-o", "/nowhere/at/all"], "/nowhere/at/all: cannot be written"),
        (["sparql", "-f", "/nowhere.rq"], "/nowhere.rq: No such file or directory"),
        (["queries", "--tag", "money"], "no saved query has the tag 'money'; the tags are trees"),
        (["qery"], "No such command 'qery'"),
        (["--endpont", "x"], "No such option: --endpont"),
    ],
)
def test_bad_input_is_one_line_on_standard_error(
    cli: Callable[..., Ran], arguments: list[str], error: str | None
) -> None:
    answer = cli(*arguments)
    assert answer.code == 2
    if error is not None:
        assert answer.out == ""
        assert answer.err.startswith(f"error: {error}")
        assert answer.err.count("\n") == 1


def test_missing_folder_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--root", "/nowhere/at/all", "queries"]) == 2
    assert capsys.readouterr().err == "error: /nowhere/at/all: no such folder\n"


def test_empty_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--root", str(tmp_path), "queries"]) == 2
    assert "no graph here; expected clustergraph.toml or one of data/" in capsys.readouterr().err


def test_broken_turtle_names_file_line_and_column(cli: Callable[..., Ran], foreign: Folder) -> None:
    broken = foreign.root / "data" / "survey" / "trees.ttl"
    broken.write_text("@prefix a: <http://a.example/> .\na:b a:c d:e .\n")
    answer = cli("query", "trees")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"error: {broken}: line 2, column 9: ")


def test_timeout_stops_the_query(cli: Callable[..., Ran], foreign: Folder, cache: Path) -> None:
    cli("query", "trees")
    answer = process("--root", str(foreign.root), "sparql", "--timeout", "0.5", ENDLESS, timeout=30)
    assert answer.returncode == 2
    assert answer.stderr == "error: no answer within 0.5 s; the query was stopped\n"


def test_timeout_gives_an_answer_that_comes_in_time(cli: Callable[..., Ran], foreign: Folder) -> None:
    cli("query", "trees")
    answer = process("--root", str(foreign.root), "sparql", "--timeout", "20", "ASK {}")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "true\n", "")
    wrong = process("--root", str(foreign.root), "sparql", "--timeout", "20", "ASK {")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "unbuffered"),
    [(["sparql", MANY], ""), (["sparql", MANY, "--timeout", "20"], "1"), (["queries"], "")],
)
def test_closed_pipe_ends_silently(
    cli: Callable[..., Ran], foreign: Folder, arguments: list[str], unbuffered: str
) -> None:
    cli("query", "trees")
    command = [sys.executable, "-m", "clustergraph", "--root", str(foreign.root), *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipe, text=True, env=environment) as running:
        if arguments[0] == "sparql":
            running.stdout.read(1)  # the reader leaves in the midst of the answer
        running.stdout.close()
        err = running.stderr.read()
    assert (running.returncode, err) == (141, "")


def test_no_color_and_dumb_terminal_print_no_escape(cli: Callable[..., Ran], foreign: Folder) -> None:
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "dumb"}
    shown = process("--root", str(foreign.root), "query", "trees", "--format", "table", env=environment)
    assert shown.returncode == 0
    assert "\x1b" not in shown.stdout


def test_version_and_help_need_no_graph(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("clustergraph ")
    assert run(["--root", "/nowhere", "--help"]) == 0
    assert "serve" in capsys.readouterr().out


def test_a_saved_query_imports_nothing_heavy(cli: Callable[..., Ran], foreign: Folder) -> None:
    cli("query", "trees")
    root = str(foreign.root)
    code = (
        "import sys; from clustergraph.cli.app import run; "
        f"run(['--root', {root!r}, 'query', 'trees']); "
        "heavy = {'rdflib', 'pyshacl', 'owlrl', 'fastapi', 'uvicorn', 'httpx'} & set(sys.modules); "
        "print(sorted(heavy))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_cache_lists_and_clears_snapshots(cli: Callable[..., Ran], foreign: Folder) -> None:
    # In processes of their own: the snapshot of a graph that is still open here is not removed.
    process("--root", str(foreign.root), "query", "trees")
    assert str(foreign.root) in process("cache").stdout
    assert process("cache", "--clear").stderr == "removed 1 snapshot\n"
    assert process("cache").stdout == ""


def test_quiet_keeps_notes_back(cli: Callable[..., Ran], foreign: Folder) -> None:
    (foreign.root / "queries" / "bad.rq").write_text("SELECT")
    assert cli("--quiet", "queries").err == ""


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("queries tr", ["trees"]),
        ("queries --tag ", ["money", "trees"]),
        ("query t", ["tall", "trees"]),
        ("query tall --m", ["--metres"]),
        ("query tall --kind ", ["oak", "pine"]),
        ("query tall --format x", ["xml"]),
        ("query nothing --", ["--help"]),
        ("export nt", ["ntriples"]),
        ("template T", ["Tree"]),
    ],
)
def test_the_shell_completes_names_without_a_snapshot(
    foreign: Folder,
    cache: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    offered: list[str],
) -> None:
    (foreign.root / "queries" / "tall.rq").write_text(
        "#+ tags: [money]\n#+ parameters:\n#+   metres: { datatype: xsd:decimal, required: true }\n"
        "#+   kind: { datatype: xsd:string, enum: [oak, pine] }\n"
        "SELECT ?tree { ?tree ?p ?metres, ?kind }\n"
    )
    line = f"clustergraph --root {foreign.root} {words}"
    monkeypatch.setenv("_CLUSTERGRAPH_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
    assert run([]) == 0
    out, err = capsys.readouterr()
    assert (out.split(), err) == (offered, "")
    assert not cache.exists()


def test_the_shell_completes_nothing_in_a_folder_that_is_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_CLUSTERGRAPH_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "clustergraph --root /nowhere query tall --")
    monkeypatch.setenv("COMP_CWORD", "5")
    assert run([]) == 0
    assert capsys.readouterr() == ("--help\n", "")


def test_help_stands_in_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command it is no error of one line, and no line of it is cut."""
    for arguments in ([], ["query"]):
        assert run(arguments) == 2
        out, err = capsys.readouterr()
        assert out.startswith("Usage: clustergraph")
        assert err == ""
    assert run(["--help"]) == 0
    assert "..." not in capsys.readouterr().out.partition("Commands:")[2]


def test_dash_is_standard_output(
    cli: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("query", "trees", "-o", "-").out.startswith("?tree\t")
    cli("export", "nquads", "-o", "graph.nq")
    assert cli("export", "nquads", "-o", "-").out == (tmp_path / "graph.nq").read_text()
    folder = cli("export", "csvw", "-o", "-")
    assert (folder.code, folder.out) == (2, "")
    assert folder.err == "error: csvw is a folder of files; give -o PATH\n"
    assert cli("release", "-o", "-").code == 2
    assert not (tmp_path / "-").exists()


def test_files_of_no_known_syntax_are_named_once(cli: Callable[..., Ran], foreign: Folder) -> None:
    data = foreign.root / "data" / "survey"
    for name in ("trees.n3", "trees.ttl.gz", "README", "readme.txt", "NOTES.md", ".gitkeep"):
        (data / name).write_text("")
    said = "not read, for the ending tells no RDF syntax: data/survey/trees.n3, data/survey/trees.ttl.gz\n"
    assert cli("query", "trees").err == said
    assert cli("query", "trees").err == ""
    assert cli("validate").err == said
    assert cli("--quiet", "validate").err == ""


def test_search_for_nothing_is_bad_input(cli: Callable[..., Ran]) -> None:
    asked = cli("search", " ")
    assert (asked.code, asked.out) == (2, "")
    assert "expected a text to look for" in asked.err


def test_folder_around_the_working_folder_is_the_graph(
    foreign: Folder, cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(foreign.root / "data" / "survey")
    assert run(["queries"]) == 0
    assert capsys.readouterr().out.startswith("trees ")


def test_prefixes_of_the_settings_need_no_declaration(cli: Callable[..., Ran]) -> None:
    asked = cli("sparql", "SELECT ?t { ?t a park:Conifer }")
    assert asked.out == "?t\n<https://park.example/tree/old-pine>\n"
    wrong = cli("sparql", "SELECT ?t { ?t a park:Conifer ? }")
    assert "line 1, column 3" in wrong.err


def test_typos_in_what_is_to_be_explained_are_named(cli: Callable[..., Ran]) -> None:
    asked = cli("explain", "tree:plums", "park:standsIn", "park:city")
    assert asked.code == 1
    assert "the graph does not mention tree:plums; did you mean tree:plum?" in asked.err


def test_malformed_axiom_is_named_with_its_file_and_line(cli: Callable[..., Ran], foreign: Folder) -> None:
    path = foreign.root / "broken.ttl"
    prefixes = "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n@prefix : <https://park.example/terms/> .\n"
    path.write_text(f"{prefixes}\n:Tree owl:unionOf :Oak .\n:Oak a :Kind .\n", encoding="utf-8")
    asked = cli("infer", "--standalone", str(path))
    problem = "this list is broken at <https://park.example/terms/Oak>, which has 0 rdf:first"
    assert (asked.code, asked.out) == (2, "")
    assert asked.err.startswith(f"error: {path}:5: <https://park.example/terms/Oak>: {problem}")
    assert asked.err.count("\n") == 1
    assert cli("entails", str(path), "--conclusion", str(path)).err == asked.err


def test_malformed_axiom_of_the_graph_is_named_with_its_file(
    cli: Callable[..., Ran], foreign: Folder
) -> None:
    path = foreign.root / "ontology" / "broken.ttl"
    keys = "<http://www.w3.org/2002/07/owl#hasKey> (1)"
    path.write_text(f"\n<https://park.example/terms/Tree> {keys} .\n", encoding="utf-8")
    for command in (("query", "trees"), ("infer",), ("explain", "park:a", "a", "park:b")):
        asked = cli(*command)
        assert asked.code == 2
        assert f"{path}:2: <https://park.example/terms/Tree>: owl:hasKey lists properties" in asked.err


def test_missing_premise_of_what_is_to_be_explained_is_named(
    cli: Callable[..., Ran], foreign: Folder
) -> None:
    path = foreign.root / "ontology" / "chain.ttl"
    terms = "https://park.example/terms/"
    path.write_text(
        f"@prefix : <{terms}> .\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        ":shadesRoad owl:propertyChainAxiom (:shades :along) .\n:oak :shades :bench . :road a :Road .\n",
        encoding="utf-8",
    )
    asked = cli("explain", f"<{terms}oak>", f"<{terms}shadesRoad>", f"<{terms}road>")
    assert asked.code == 1
    assert asked.err.splitlines()[1:3] == [
        "it would follow by prp-spo2 if this held too: park:bench park:along park:road",
        "  what holds: park:oak park:shades park:bench",
    ]


def test_query_that_is_a_file_is_hinted_at(cli: Callable[..., Ran], foreign: Folder) -> None:
    path = str(foreign.root / "queries" / "trees.rq")
    assert cli("sparql", path).err == f"error: {path} is a file; expected a query, or -f {path}\n"


def test_bytes_that_are_no_text_are_refused(cli: Callable[..., Ran]) -> None:
    asked = cli("sparql", "ASK {} \udcff")
    assert (asked.code, asked.err) == (2, "error: ASK {} \\udcff: expected UTF-8\n")


def test_closed_streams_are_one_line(foreign: Folder) -> None:
    command = f"{sys.executable} -m clustergraph --root {foreign.root} sparql"
    closed = subprocess.run(
        f"{command} 'ASK {{}}' >&-", shell=True, capture_output=True, text=True, check=False
    )
    assert (closed.returncode, closed.stderr) == (2, "error: standard output is closed\n")
    closed = subprocess.run(f"{command} - <&-", shell=True, capture_output=True, text=True, check=False)
    assert (closed.returncode, closed.stderr) == (2, "error: standard input is closed\n")
