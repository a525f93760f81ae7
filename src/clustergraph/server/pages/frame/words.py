"""The words of the pages in each language that they speak, and who reads them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from starlette.requests import Request

from clustergraph.server.http.negotiation import language

NAMES: Mapping[str, str] = {"en": "English", "ja": "日本語"}


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """The words by language; all languages have the same keys."""
    folder = files("clustergraph.server.pages") / "words"
    return {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
    }


@dataclass(frozen=True)
class Reader:
    """Who reads a page: `language` is that of the graph's texts, `tag` that of the page's own words."""

    language: str
    tag: str

    @property
    def words(self) -> Mapping[str, str]:
        """The page's own words."""
        return words()[self.tag]


def reader(request: Request, languages: Sequence[str], asked: str | None = None) -> Reader:
    """The reader of a request: as its `lang` says, else as it accepts, among the graph's languages."""
    header = request.headers.get("accept-language")
    wanted = asked if asked is not None else request.query_params.get("lang")
    spoken = wanted if wanted in languages else None
    spoken = spoken or language(header, languages) or languages[0]
    primary = spoken.partition("-")[0]
    return Reader(spoken, primary if primary in words() else language(header, words()) or "en")
