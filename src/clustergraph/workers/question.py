"""What goes to a worker and what comes back: questions, answers, and the data they are about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

from clustergraph.terms import Entailment

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Source:
    """The data that workers read: the two stores of a snapshot, and the folder of saved queries.

    `base` resolves relative IRIs of queries; `services` are the origins that SERVICE may call.
    `hold` has small stores copied to memory, which pays after some dozens of questions.
    """

    asserted: Path
    entailed: Path
    version: str = ""
    root: Path | None = None
    base: str = "urn:clustergraph:"
    services: frozenset[str] = frozenset()
    hold: bool = True

    def to_json(self) -> str:
        """The source as text; `from_json` reads it back."""
        return json.dumps(
            {
                "asserted": str(self.asserted),
                "entailed": str(self.entailed),
                "version": self.version,
                "root": None if self.root is None else str(self.root),
                "base": self.base,
                "services": sorted(self.services),
                "hold": self.hold,
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
            None if given["root"] is None else Path(given["root"]),
            given["base"],
            frozenset(given["services"]),
            given["hold"],
        )


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
        return json.dumps(asdict(self)).encode()

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


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its bytes in `body` or, where they are many, in the unlinked `file`.

    `seconds` is the time that the worker took, `rows` how many rows there are of which this is a page
    (-1 where all were asked for). The reader of `file` closes it.
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

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the answer, in pieces of bounded size; closes `file` at the end."""
        if self.file is None:
            yield self.body
            return
        with self.file as file:
            while piece := file.read(_CHUNK):
                yield piece

    def close(self) -> None:
        """Let go of the file, if there is one."""
        if self.file is not None:
            self.file.close()
