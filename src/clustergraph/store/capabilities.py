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
    Capability("search", _ALL),
    Capability("serve", _ALL),
    Capability("export", _ALL),
    Capability("validate", _ALL),
    Capability("infer", _WRITING, "the closure is worked out in scratch graphs"),
    Capability("explain", _WRITING, "a proof needs the steps of the closure"),
    Capability("entails", _WRITING, "the closure is worked out in scratch graphs"),
    Capability("validate a change", _WRITING, "the proposal is put into scratch graphs"),
    Capability("diff", _WRITING, "the proposal is put into scratch graphs"),
    Capability("fix", _FOLDER, "a fix is a change of a file"),
    Capability("release", _FOLDER, "a release is made of the files of a folder"),
    Capability("cache", _FOLDER, "only a folder has snapshots"),
)


class Feature(Enum):
    """A behaviour that the specifications ask for and that some engine lacks."""

    MERGED_DEFAULT_GRAPHS = "several default graphs are one RDF merge (SPARQL 1.1 Protocol §2.1.4)"
    COMPLETE_ANSWERS = "an answer that was cut does not look like a whole one"
    LITERALS_AS_WRITTEN = "a literal keeps its spelling and datatype"
    LONGEST_MATCH = "the longest token wins (SPARQL 1.1 §19.8 note 3)"
    SCOPE_OF_EXISTS = "EXISTS sees the rows of its own group alone (SPARQL 1.1 §18.6)"


@dataclass(frozen=True, slots=True)
class Difference:
    """What an engine does instead, how it is known, and what clustergraph does about it."""

    engine: str
    feature: Feature
    behaviour: str
    known: str
    remedy: str


_MEASURED = "measured, 0.5.13"

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
        "rows beyond the service's limit (often 10,000) are left out with status 200",
        "reported by users",
        "a dump is counted first and read in pages; a query's own limit is for the asker to know",
    ),
)


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
    name = engine.partition("/")[0].strip().lower()
    return any(known.engine.lower() == name and known.feature is feature for known in DIFFERENCES)
