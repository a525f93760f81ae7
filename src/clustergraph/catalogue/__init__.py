"""The catalogue: asking by name. Every file below `queries/` is one question with one contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from clustergraph.catalogue.chart import Chart
from clustergraph.catalogue.parameter import Parameter
from clustergraph.catalogue.saved_query import SavedQuery, read_saved_query
from clustergraph.errors import SavedQueryError, UnknownQueryError
from clustergraph.settings import Settings

__all__ = ["Catalogue", "Chart", "Parameter", "SavedQuery"]

ENDINGS = (".rq", ".sparql")


class Catalogue(Mapping[str, SavedQuery]):
    """The saved queries of a folder, by name in alphabetical order; each file is read when asked for.

    A name is the file's stem, or `topic/stem` where two topics have the same stem. Asking for a
    name that is not there raises UnknownQueryError with near names; asking for a file that breaks
    its contract raises SavedQueryError.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self._read: dict[str, SavedQuery | SavedQueryError] = {}

    @cached_property
    def paths(self) -> Mapping[str, Path]:
        """The file of each name."""
        files = sorted(p for p in self.folder.rglob("*") if p.suffix in ENDINGS and p.is_file())
        by_stem: dict[str, list[Path]] = {}
        for path in files:
            by_stem.setdefault(path.stem, []).append(path)
        named = {
            stem if len(paths) == 1 else self._topic(path) + "/" + stem: path
            for stem, paths in by_stem.items()
            for path in paths
        }
        return dict(sorted(named.items()))

    def __getitem__(self, name: str) -> SavedQuery:
        if name not in self.paths:
            raise UnknownQueryError(name, self.paths)
        if name not in self._read:
            self._read[name] = self._outcome(name, self.paths[name])
        found = self._read[name]
        if isinstance(found, SavedQueryError):
            raise found.with_traceback(None)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self.paths

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    @cached_property
    def queries(self) -> tuple[SavedQuery, ...]:
        """All queries that keep their contract, by name; `problems` names the files that do not."""
        return self._all[0]

    @property
    def tags(self) -> list[str]:
        """The tags of these queries, sorted."""
        return sorted({tag for query in self.queries for tag in query.tags})

    @cached_property
    def problems(self) -> tuple[SavedQueryError, ...]:
        """What is wrong with each file that breaks its contract."""
        return self._all[1]

    @cached_property
    def _all(self) -> tuple[tuple[SavedQuery, ...], tuple[SavedQueryError, ...]]:
        queries, problems = [], []
        for name in self.paths:
            try:
                queries.append(self[name])
            except SavedQueryError as error:
                problems.append(error)
        return tuple(queries), tuple(problems)

    def _outcome(self, name: str, path: Path) -> SavedQuery | SavedQueryError:
        try:
            return read_saved_query(path, name, self._topic(path), self.settings)
        except SavedQueryError as error:
            return error

    def _topic(self, path: Path) -> str:
        parent = path.parent.relative_to(self.folder)
        return "" if parent == Path() else parent.as_posix()
