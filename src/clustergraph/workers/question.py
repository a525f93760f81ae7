"""What goes to a worker and what comes back: questions, tasks, answers, and the data they are about."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias

from clustergraph.behind import MAX_AGE
from clustergraph.store import Service
from clustergraph.terms import Entailment, NamedNode

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Source:
    """The data that workers read: the two stores of a snapshot, and the files that they were made of.

    `root` holds settings, saved queries and what else tasks read; nobody changes it. `version` is that
    of the data, `edition` that of all of these files. `base` resolves relative
    IRIs of queries; `services` are the origins that SERVICE may call. `hold` has small stores copied to
    memory, which pays after some dozens of questions. With a `service` that is asked, and there are no
    stores; what it says of names is taken as still right for `max_age` seconds.
    """

    asserted: Path
    entailed: Path
    version: str = ""
    edition: str = ""
    root: Path | None = None
    base: str = "urn:clustergraph:"
    services: frozenset[str] = frozenset()
    hold: bool = True
    service: Service | None = None
    max_age: float = MAX_AGE

    def to_json(self) -> str:
        """The source as text; `from_json` reads it back."""
        return json.dumps(
            {
                "asserted": str(self.asserted),
                "entailed": str(self.entailed),
                "version": self.version,
                "edition": self.edition,
                "root": None if self.root is None else str(self.root),
                "base": self.base,
                "services": sorted(self.services),
                "hold": self.hold,
                "service": self.service and _service_members(self.service),
                "max_age": self.max_age,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Source:
        """The source that `to_json` wrote."""
        given = json.loads(text)
        return cls(
            Path(given["asserted"]),
            Path(given["entailed"]),
            given["version"],
            given["edition"],
            None if given["root"] is None else Path(given["root"]),
            given["base"],
            frozenset(given["services"]),
            given["hold"],
            given["service"] and _service(*given["service"]),
            given["max_age"],
        )


def _service_members(service: Service) -> list[str | float | None]:
    graph, file = service.default_graph, service.credentials
    return [
        service.endpoint,
        service.update_endpoint,
        None if graph is None else graph.value,
        None if file is None else str(file.absolute()),
        service.seconds,
    ]


def _service(
    endpoint: str, update_endpoint: str | None, graph: str | None, file: str | None, seconds: float
) -> Service:
    named = None if graph is None else NamedNode(graph)
    return Service(endpoint, update_endpoint, named, None if file is None else Path(file), seconds)


@dataclass(frozen=True, slots=True)
class Question:
    """A query as text, or the name of a saved one with its arguments; and how to write the answer.

    `page` is the offset and the number of the rows asked for, None for all. `graphs` are the
    protocol's default and named graphs, None where the request names none. The query's form decides
    between `table`, the syntax for SELECT and ASK, and `graph`, the one for CONSTRUCT and DESCRIBE;
    None is a syntax that the asker does not take. A Question is hashable: with the version of the
    data it identifies its answer.
    """

    text: str = ""
    name: str = ""
    arguments: tuple[tuple[str, tuple[str, ...]], ...] = ()
    graphs: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    entailment: Entailment = "owl2rl"
    table: str | None = "json"
    graph: str | None = "turtle"
    encoding: Literal["", "gzip"] = ""
    page: tuple[int, int] | None = None

    def to_json(self) -> bytes:
        """The question as bytes; `from_json` reads it back."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Question:
        """The question that `to_json` wrote."""
        given = json.loads(text)
        given["arguments"] = tuple((name, tuple(values)) for name, values in given["arguments"])
        if given["graphs"] is not None:
            default, named = given["graphs"]
            given["graphs"] = (tuple(default), tuple(named))
        if given["page"] is not None:
            offset, limit = given["page"]
            given["page"] = (offset, limit)
        return cls(**given)

    def message(self) -> tuple[dict[str, object], bytes]:
        """The header and the body of the message that asks it."""
        return {"kind": "question"}, self.to_json()


@dataclass(frozen=True, slots=True)
class Task:
    """Work that is no query: its kind (`tasks.KINDS`), options by name, the bytes that it is about.

    A Task is hashable: with the version of the data it identifies its answer, unless its kind is one
    of chance or time.
    """

    kind: str
    options: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    encoding: Literal["", "gzip"] = ""

    def option(self, name: str, otherwise: str = "") -> str:
        """The option of a name."""
        return next((text for known, text in self.options if known == name), otherwise)

    def message(self) -> tuple[dict[str, object], bytes]:
        """The header and the body of the message that asks for it; `from_message` reads them back."""
        header = {"task": self.kind, "options": self.options, "encoding": self.encoding}
        return {"kind": "task", **header}, self.body

    @classmethod
    def from_message(cls, header: Mapping[str, object], body: bytes) -> Task:
        """The task of a message."""
        options = header["options"]
        assert isinstance(options, list)  # of pairs, as `message` wrote them
        encoding: Literal["", "gzip"] = "gzip" if header["encoding"] == "gzip" else ""
        return cls(str(header["task"]), tuple((name, text) for name, text in options), body, encoding)


@dataclass(frozen=True, slots=True)
class Done:
    """What a task says of what it wrote: the media type, and by name what a response may need."""

    media: str
    notes: Mapping[str, str] = field(default_factory=dict)


Asking: TypeAlias = Question | Task
"""What a worker can be asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its bytes in `body` or, where they are many, in the unlinked `file`.

    `form` is the query's, or `TASK`; `format` the name of a syntax, or the media type of what a task
    wrote. `notes` are what a task says beside its bytes. `seconds` is the
    time that the worker took, `rows` how many rows there are of which this is a page (-1 where all were
    asked for). The reader of `file` closes it.
    """

    form: str
    format: str
    encoding: str
    volatile: bool
    seconds: float
    size: int
    rows: int = -1
    body: bytes = b""
    file: BinaryIO | None = field(default=None, compare=False)
    notes: tuple[tuple[str, str], ...] = ()

    def note(self, name: str, otherwise: str = "") -> str:
        """What the task says by a name."""
        return next((text for known, text in self.notes if known == name), otherwise)

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the answer, in pieces of bounded size; closes `file` at the end."""
        if self.file is None:
            yield self.body
            return
        with self.file as file:
            at = 0
            while piece := os.pread(file.fileno(), _CHUNK, at):
                at += len(piece)
                yield piece

    def again(self) -> Answer:
        """The same answer for another reader, who closes its file too."""
        if self.file is None:
            return self
        return replace(self, file=os.fdopen(os.dup(self.file.fileno()), "rb"))

    def close(self) -> None:
        """Let go of the file, if there is one."""
        if self.file is not None:
            self.file.close()
