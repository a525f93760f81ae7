"""What each kind of store can be used for, and where engines differ, as data with reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from clustergraph.errors import UsageError


class Mode(Enum):
    """How the graph is reached; the value is what a user gives to get there."""

    FOLDER = "a folder (--root)"
    ENDPOINT = "a SPARQL endpoint (--endpoint)"
    UPDATE_ENDPOINT = "a SPARQL endpoint with updates (--endpoint and --update-endpoint)"


@dataclass(frozen=True, slots=True)
class Capability:
    """A task, the modes that can do it, and why the others cannot."""

    task: str
    modes: frozenset[Mode]
    reason: str = ""


_ALL = frozenset(Mode)
_WRITING = frozenset({Mode.FOLDER, Mode.UPDATE_ENDPOINT})
_FOLDER = frozenset({Mode.FOLDER})

CAPABILITIES = (
    Capability("query", _ALL),
    Capability("sparql", _ALL),
    Capability("serve", _ALL),
    Capability("export", _ALL),
    Capability("validate", _ALL),
    Capability("explain", _ALL),
    Capability("infer", _WRITING, "the rules put what they conclude into scratch graphs"),
    Capability("validate a change", _WRITING, "the proposal is put into scratch graphs"),
    Capability("diff", _WRITING, "the proposal is put into scratch graphs"),
    Capability("diff with another base, or of the files as they stand", _FOLDER, "these read files"),
    Capability("search", _ALL),
    Capability("entails", _ALL),
    Capability("validate with files alone, another base, fixes or pyshacl", _FOLDER, "these read files"),
    Capability("infer from more files, or by owlrl", _FOLDER, "these read files"),
    Capability("release", _FOLDER, "a release is made of the files of a folder"),
    Capability("a copy in rdflib, Arrow, pandas or networkx", _ALL),
    Capability("cache", _FOLDER, "only a folder has snapshots"),
)


class Feature(Enum):
    """A behaviour that the specifications ask for and that some engine lacks."""

    MERGED_DEFAULT_GRAPHS = "several default graphs are one RDF merge (SPARQL 1.1 Protocol §2.1.4)"
    COMPLETE_ANSWERS = "an answer that was cut does not look like a whole one"
    LITERALS_AS_WRITTEN = "a literal keeps its spelling and datatype"
    LONGEST_MATCH = "the longest token wins (SPARQL 1.1 §19.8 note 3)"
    SCOPE_OF_EXISTS = "EXISTS sees the rows of its own group alone (SPARQL 1.1 §18.6)"
    DEFAULT_GRAPH = "the default graph holds triples of its own (SPARQL 1.1 Update §3)"
    TRUTH_OF_ASK = "ASK is answered by a truth value (SPARQL 1.1 Results §3.3)"
    BLANK_NODE_LABELS = "labels of blank nodes in results are those that the syntax allows"
    SORTED_PAGES = "ORDER BY with LIMIT and OFFSET reaches every row (SPARQL 1.1 §15)"
    BOOLEANS = "a condition has a boolean as its value (SPARQL 1.1 §17.2)"
    EXISTS_AS_VALUE = "EXISTS has a value where it is no filter (SPARQL 1.1 §17.4.1.4)"
    NESTED_EXISTS = "EXISTS stands in any expression, with OPTIONAL in it (SPARQL 1.1 §8.1)"
    LANGUAGE_OF_LISTS = "GROUP_CONCAT of texts in one language is in that language (SPARQL 1.2)"
    ORDER_OF_TEXTS = "texts are in the order of their code points (SPARQL 1.1 §15.1)"
    DESCRIPTIONS = "DESCRIBE tells what has the thing as its subject (SPARQL 1.1 §16.4 leaves it open)"
    COMPILED_SHAPES = "the queries that shapes are compiled to are evaluated"
    VALUES_BY_COALESCE = "COALESCE gives the term that is bound (SPARQL 1.1 §17.4.1.3)"
    PATHS_IN_GRAPHS = "`p?` in GRAPH matches the thing itself (SPARQL 1.1 §9.1)"


@dataclass(frozen=True, slots=True)
class Difference:
    """What an engine does instead, how it is known, and what clustergraph does about it."""

    engine: str
    feature: Feature
    behaviour: str
    known: str
    remedy: str


_MEASURED = "measured, 0.5.13"
_VIRTUOSO = "measured, 7.2.5"

DIFFERENCES = (
    Difference(
        "Oxigraph",
        Feature.MERGED_DEFAULT_GRAPHS,
        "they are concatenated: a triple in two of them counts twice",
        _MEASURED,
        "embedded: merged before the query; remote: refused",
    ),
    Difference(
        "Oxigraph",
        Feature.LITERALS_AS_WRITTEN,
        "integers of derived types become xsd:integer, numbers and times are canonical, "
        "dateTimeStamp becomes dateTime, language tags are in lower case",
        _MEASURED,
        "a folder's snapshot keeps a table of literals as written",
    ),
    Difference(
        "Oxigraph",
        Feature.LONGEST_MATCH,
        "`?x<?a&&?b>?y` is read as two comparisons, which the grammar reads as an IRI",
        _MEASURED,
        "refused as a syntax error before the engine sees it",
    ),
    Difference(
        "Oxigraph",
        Feature.COMPLETE_ANSWERS,
        "the server's own timeout cuts the JSON of an answer with status 200",
        _MEASURED,
        "tables are asked for in JSON or XML, whose end is checked",
    ),
    Difference(
        "Oxigraph",
        Feature.SCOPE_OF_EXISTS,
        "in a nested group with VALUES it also sees what OPTIONAL beside that group binds",
        _MEASURED,
        "none: put what EXISTS speaks of into its group, or the group into a subselect",
    ),
    Difference(
        "Virtuoso",
        Feature.COMPLETE_ANSWERS,
        "rows beyond the service's limit (often 10,000) are left out with status 200, or those that were "
        "found in time are all that is given; headers say so",
        _VIRTUOSO,
        "the headers are read: such an answer is an error; a dump is counted first and read in pages. Of "
        "the graph that CONSTRUCT gives no header tells: count first",
    ),
    Difference(
        "Virtuoso",
        Feature.DEFAULT_GRAPH,
        "the default graph is the union of all graphs, where a triple in two of them counts twice",
        _VIRTUOSO,
        "load the merge into a graph and name it by --default-graph",
    ),
    Difference(
        "Virtuoso",
        Feature.TRUTH_OF_ASK,
        "ASK is answered by a table of one row or none",
        _VIRTUOSO,
        "read as the truth value",
    ),
    Difference(
        "Virtuoso",
        Feature.BLANK_NODE_LABELS,
        "tables have labels such as nodeID://b10001",
        _VIRTUOSO,
        "read without the prefix",
    ),
    Difference(
        "Virtuoso",
        Feature.SORTED_PAGES,
        "no more than 10,000 rows are sorted for a LIMIT (MaxSortedTopRows)",
        _VIRTUOSO,
        "a dump sorts in a subselect; a saved query must do so itself",
    ),
    Difference(
        "Virtuoso",
        Feature.BOOLEANS,
        "a condition in SELECT or BIND gives 1 or 0",
        _VIRTUOSO,
        "none: 1 is to be read as true",
    ),
    Difference(
        "Virtuoso",
        Feature.EXISTS_AS_VALUE,
        "BIND(EXISTS { … } AS ?x) leaves out the rows where it is false",
        _VIRTUOSO,
        "none: OPTIONAL { … } and BOUND say the same",
    ),
    Difference(
        "Virtuoso",
        Feature.NESTED_EXISTS,
        "NOT EXISTS within IF, with COALESCE of outer variables in it, ends the compiler (SP031)",
        _VIRTUOSO,
        "none, the error is passed on: OPTIONAL { … } and !BOUND say the same",
    ),
    Difference(
        "Virtuoso",
        Feature.LANGUAGE_OF_LISTS,
        "the text has no language",
        _VIRTUOSO,
        "none: SPARQL 1.1 asks for just that",
    ),
    Difference(
        "Virtuoso",
        Feature.ORDER_OF_TEXTS,
        "ORDER BY takes texts of equal beginning in another order",
        _VIRTUOSO,
        "none, the same rows in another order: by STR(…) it is right",
    ),
    Difference(
        "Virtuoso",
        Feature.DESCRIPTIONS,
        "DESCRIBE tells what points to the thing too",
        _VIRTUOSO,
        "none: CONSTRUCT says what is wanted",
    ),
    Difference(
        "Virtuoso",
        Feature.PATHS_IN_GRAPHS,
        "`p?` in GRAPH leaves out the thing itself where nothing has p",
        _VIRTUOSO,
        "none: UNION says the same",
    ),
    Difference(
        "Virtuoso",
        Feature.COMPILED_SHAPES,
        "constraints in SPARQL end its compiler (SQ156)",
        _VIRTUOSO,
        "validation reads the default graph and judges it here",
    ),
    Difference(
        "Virtuoso",
        Feature.VALUES_BY_COALESCE,
        "grouped by what BIND(COALESCE(…)) binds, decimals become 1",
        _VIRTUOSO,
        "none: group by the variables themselves",
    ),
)

# Graphs that an engine keeps for itself, by the name in its Server header.
_OWN_GRAPHS = {
    "virtuoso": frozenset(
        {
            "http://localhost:8890/DAV/",
            "http://localhost:8890/sparql",
            "http://localuriqaserver/sparql",
            "http://www.openlinksw.com/schemas/virtrdf#",
            "http://www.w3.org/2002/07/owl#",
            "http://www.w3.org/ns/ldp#",
            "urn:activitystreams-owl:map",
            "urn:core:services:sparql",
        }
    )
}


def require(task: str, mode: Mode) -> None:
    """Raise UsageError, saying what is needed, where a task cannot be done in this mode."""
    for capability in CAPABILITIES:
        if capability.task == task and mode not in capability.modes:
            needed = " or ".join(other.value for other in Mode if other in capability.modes)
            raise UsageError(f"{task} needs {needed}: {capability.reason}")


def lacks(engine: str, feature: Feature) -> bool:
    """Whether an engine is known to lack a feature; `engine` is its name as in a Server header.

    >>> lacks("Oxigraph/0.5.13", Feature.MERGED_DEFAULT_GRAPHS)
    True
    """
    name = _name(engine)
    return any(known.engine.lower() == name and known.feature is feature for known in DIFFERENCES)


def own_graphs(engine: str) -> frozenset[str]:
    """The IRIs of graphs that an engine keeps for itself; `engine` is as in a Server header."""
    return _OWN_GRAPHS.get(_name(engine), frozenset())


def _name(engine: str) -> str:
    return engine.partition("/")[0].strip().lower()
