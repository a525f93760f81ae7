"""Everything that clustergraph raises, as one tree.

    ClusterGraphError
    ├── FolderError                 a root that cannot be used as it stands
    │   ├── FolderChangedError      files that changed while they were read
    │   ├── SettingsError           clustergraph.toml says something it may not say
    │   └── GraphSyntaxError        a data, ontology or shapes file that does not parse
    ├── QueryError                  a question that cannot be asked
    │   ├── QuerySyntaxError        text that is not SPARQL
    │   ├── QueryRefusedError       SPARQL that is not run here: an update, SERVICE, …
    │   ├── UnknownQueryError       no saved query of that name
    │   ├── SavedQueryError         a saved-query file that breaks its contract
    │   └── ArgumentError           an argument that its parameter does not take
    ├── StoreError                  a store that cannot do what was asked
    │   ├── EndpointError           a remote SPARQL service that fails or answers wrongly
    │   └── SnapshotError           a snapshot that cannot be written or read
    ├── LimitError                  a question that was stopped: time, memory, queue
    ├── OntologyError               an axiom that is malformed
    ├── ShapesError                 shapes that are ill-formed, recursive or cannot be evaluated
    ├── ExportError                 an export that cannot be made
    │   ├── UnknownProfileError     no profile of that name
    │   ├── ProfileError            a file of a profile that breaks its contract
    │   └── MissingLibraryError     a library that is optional and not installed
    ├── UploadError                 what was sent to be judged and cannot be read
    ├── FormatError                 a syntax, media type or file ending that is not known here
    └── UsageError                  a call that makes no sense: options that exclude each other, …
        └── ParameterError          a parameter that a call does not have, or that does not take its argument

Errors carry data; the message is made from it. They are caught in two places only, the
command line and the server, each with one table from error to exit code or HTTP status.
A graph that does not conform, or that is inconsistent, is no error but a value.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

# What is shown of a text that a user gave.
_LONGEST = 200


class ClusterGraphError(Exception):
    """The root of the tree; its text is one line that a user can act on.

    Each can be pickled with its data, so that it can cross from a worker process to the server.
    """

    def __reduce__(self) -> tuple[object, ...]:
        return restored, (type(self), str(self), self.__dict__.copy())

    def members(self) -> dict[str, object]:
        """What the message is made from, by name, in the types of JSON."""
        return {name: _plain(member) for name, member in vars(self).items()}


def _plain(member: object) -> object:
    if isinstance(member, tuple):
        return list(member)
    return str(member) if isinstance(member, Path) else member


def restored(kind: type[ClusterGraphError], message: str, data: dict[str, object]) -> ClusterGraphError:
    """An error made without the constructor of its class, which takes data and no message."""
    error = kind.__new__(kind, message)
    error.__dict__.update(data)
    return error


def near_misses(name: str, known: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """Up to `limit` of the known names that look most like `name`, best first."""
    candidates = {candidate.lower(): candidate for candidate in known}
    found = difflib.get_close_matches(name.lower(), candidates, n=limit, cutoff=0.6)
    return tuple(candidates[match] for match in found)


def _shortened(text: str) -> str:
    """The text in quotes; of a long one the beginning, and how long it is."""
    if len(text) <= _LONGEST:
        return repr(text)
    return f"{text[:_LONGEST]!r}… ({len(text)} characters)"


def _suggestion(near: tuple[str, ...]) -> str:
    return f"; did you mean {' or '.join(near)}?" if near else ""


class FolderError(ClusterGraphError):
    """A root that cannot be used as it stands."""

    def __init__(self, path: Path | str, problem: str) -> None:
        self.path = Path(path)
        self.problem = problem
        super().__init__(f"{path}: {problem}")


class FolderChangedError(FolderError):
    """Files that changed while they were read: to be read again."""


class SettingsError(FolderError):
    """clustergraph.toml says something it may not say."""

    def __init__(self, path: Path | str, key: str, expected: str) -> None:
        self.key = key
        self.expected = expected
        super().__init__(path, f"{key}: expected {expected}")


class GraphSyntaxError(FolderError):
    """A file that does not parse as RDF; `line` and `column` count from 1, 0 where unknown."""

    def __init__(self, path: Path | str, line: int, column: int, problem: str) -> None:
        self.line = line
        self.column = column
        place = f"line {line}, column {column}: " if line else ""
        super().__init__(path, place + problem)


class QueryError(ClusterGraphError):
    """A question that cannot be asked."""


class QuerySyntaxError(QueryError):
    """Text that is not SPARQL; `line` and `column` count from 1, 0 where unknown."""

    def __init__(self, problem: str, line: int = 0, column: int = 0) -> None:
        self.problem = problem
        self.line = line
        self.column = column
        place = f" at line {line}, column {column}" if line else ""
        super().__init__(f"query syntax error{place}: {problem}")


class QueryRefusedError(QueryError):
    """SPARQL that is not run here; `what` names the part, `reason` says why."""

    def __init__(self, what: str, reason: str) -> None:
        self.what = what
        self.reason = reason
        super().__init__(f"{what} is refused: {reason}")


class UnknownQueryError(QueryError):
    """No saved query has this name."""

    def __init__(self, query: str, known: Iterable[str]) -> None:
        self.query = query
        self.near = near_misses(query, known)
        super().__init__(f"no saved query is named {_shortened(query)}{_suggestion(self.near)}")


class SavedQueryError(QueryError):
    """A saved-query file that breaks its contract; `line` counts from 1, 0 for the whole file."""

    def __init__(self, path: Path | str, line: int, problem: str) -> None:
        self.path = Path(path)
        self.line = line
        self.problem = problem
        super().__init__(f"{path}:{line}: {problem}" if line else f"{path}: {problem}")


class ArgumentError(QueryError):
    """An argument that its parameter does not take, or a parameter that is not there."""

    def __init__(
        self,
        query: str,
        parameter: str,
        *,
        expected: str,
        argument: str | None = None,
        near: tuple[str, ...] = (),
    ) -> None:
        self.query = query
        self.parameter = parameter
        self.argument = argument
        self.expected = expected
        self.near = near
        given = "" if argument is None else f", got {_shortened(argument)}"
        super().__init__(
            f"query {query!r}, parameter {parameter!r}: expected {expected}{given}{_suggestion(near)}"
        )


class StoreError(ClusterGraphError):
    """A store that cannot do what was asked."""


class EndpointError(StoreError):
    """A remote SPARQL service that fails, or answers something that was not expected."""

    def __init__(self, endpoint: str, problem: str, expected: str = "") -> None:
        self.endpoint = endpoint
        self.problem = problem
        self.expected = expected
        super().__init__(f"{endpoint}: {problem}" + (f"; expected {expected}" if expected else ""))


class SnapshotError(StoreError):
    """A snapshot that cannot be written or read."""

    def __init__(self, path: Path | str, problem: str) -> None:
        self.path = Path(path)
        self.problem = problem
        super().__init__(f"snapshot {path}: {problem}")


class LimitError(ClusterGraphError):
    """A question that was stopped; `limit` is `time`, `memory`, `queue`, `share`, `size` or `worker`."""

    def __init__(self, limit: str, problem: str) -> None:
        self.limit = limit
        self.problem = problem
        super().__init__(problem)


class OntologyError(ClusterGraphError):
    """An axiom that is malformed; `term` is the node that holds it, `path` its file where known.

    `line` is where the file first says something of it; it counts from 1, 0 where unknown.
    """

    def __init__(self, term: str, problem: str, path: Path | str | None = None, line: int = 0) -> None:
        self.term = term
        self.problem = problem
        self.path = None if path is None else Path(path)
        self.line = line
        place = "" if path is None else f"{path}:{line}: " if line else f"{path}: "
        super().__init__(f"{place}{term}: {problem}")


class ShapesError(ClusterGraphError):
    """Shapes that are ill-formed, recursive, or hold a constraint that cannot be evaluated."""

    def __init__(self, shape: str, problem: str, constraint: str = "") -> None:
        self.shape = shape
        self.problem = problem
        self.constraint = constraint
        where = f"shape {shape}" + (f", {constraint}" if constraint else "")
        super().__init__(f"{where}: {problem}")


class ExportError(ClusterGraphError):
    """An export that cannot be made."""


class UnknownProfileError(ExportError):
    """No profile has this name."""

    def __init__(self, profile: str, known: Iterable[str]) -> None:
        self.profile = profile
        self.known = tuple(known)
        self.near = near_misses(profile, self.known)
        hint = _suggestion(self.near) or f"; the profiles are {', '.join(self.known)}"
        super().__init__(f"no export profile is named {profile!r}{hint}")


class ProfileError(ExportError):
    """A file of a profile that breaks its contract; `line` counts from 1, 0 for the whole file."""

    def __init__(self, path: Path | str, line: int, problem: str) -> None:
        self.path = Path(path)
        self.line = line
        self.problem = problem
        super().__init__(f"{path}:{line}: {problem}" if line else f"{path}: {problem}")


class MissingLibraryError(ExportError):
    """A library that is optional and not installed; `extra` names the extra that brings it."""

    def __init__(self, library: str, extra: str) -> None:
        self.library = library
        self.extra = extra
        super().__init__(f"this needs {library}: pip install 'clustergraph[{extra}]'")


class UploadError(ClusterGraphError):
    """What was sent to be judged and cannot be read; `line` and `column` count from 1, 0 where unknown."""

    def __init__(self, problem: str, line: int = 0, column: int = 0) -> None:
        self.problem = problem
        self.line = line
        self.column = column
        place = f"line {line}, column {column}: " if column else f"line {line}: " if line else ""
        super().__init__(f"what was sent cannot be read: {place}{problem}")


class FormatError(ClusterGraphError):
    """A syntax, media type or file ending that is not known here, or cannot carry the answer."""

    def __init__(self, name: str, known: Iterable[str], problem: str = "unknown format") -> None:
        self.name = name
        self.known = tuple(known)
        super().__init__(f"{problem} {name!r}; expected one of {', '.join(self.known)}")


class UsageError(ClusterGraphError):
    """A call that makes no sense as a whole, such as options that exclude each other."""


class ParameterError(UsageError):
    """A parameter that a call does not have, or that does not take its argument."""

    def __init__(
        self, parameter: str, *, expected: str, argument: str | None = None, near: tuple[str, ...] = ()
    ) -> None:
        self.parameter = parameter
        self.argument = argument
        self.expected = expected
        self.near = near
        given = "" if argument is None else f", got {_shortened(argument)}"
        super().__init__(f"parameter {parameter!r}: expected {expected}{given}{_suggestion(near)}")
