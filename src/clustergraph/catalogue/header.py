"""The `#+` header of a saved query: YAML (or JSON) in comments, as grlc writes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from clustergraph.errors import SavedQueryError

# The C loader where PyYAML was built with it: ten times as fast.
_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Header:
    """The entries of a header, and for each top-level key the line of the file it stands on."""

    path: Path
    entries: dict[str, Any]
    lines: dict[str, int]

    def text(self, key: str) -> str:
        """The string under `key`, its line breaks folded; empty where there is none."""
        entry = self.entries.get(key)
        if entry is None:
            return ""
        if isinstance(entry, dict | list):
            raise self.error(key, "expected a text")
        return " ".join(str(entry).split())

    def texts(self, key: str, languages: tuple[str, ...]) -> dict[str, str]:
        """The translations of a text: `key` itself in the first language, `key-ja` in Japanese."""
        found = {language: self.text(f"{key}-{language}") for language in languages}
        found[languages[0]] = found[languages[0]] or self.text(key)
        return {language: text for language, text in found.items() if text}

    def mapping(self, key: str) -> dict[str, Any]:
        """The mapping under `key`, empty where there is none; raises SavedQueryError for another."""
        entry = self.entries.get(key)
        if entry is None:
            return {}
        if not isinstance(entry, dict):
            raise self.error(key, "expected a mapping")
        return {str(name): part for name, part in entry.items()}

    def error(self, key: str, problem: str) -> SavedQueryError:
        """The error to raise about one key, with its line."""
        return SavedQueryError(self.path, self.lines.get(key, 0), f"{key}: {problem}")


def read_header(path: Path, text: str) -> Header:
    """The header of a query file: all its lines that begin with `#+`.

    Blank lines or code may stand between them. Raises SavedQueryError, with the line, where they
    are neither YAML nor JSON.
    """
    numbered = [
        (number, line[2:].removeprefix(" "))
        for number, line in enumerate(text.splitlines(), 1)
        if line.startswith("#+")
    ]
    block = "\n".join(line for _, line in numbered)
    try:
        entries = yaml.load(block, Loader=_LOADER)  # noqa: S506  # both loaders are safe ones
    except yaml.YAMLError as error:
        entries = _json_or_none(block)
        if entries is None:
            mark = getattr(error, "problem_mark", None)
            line = numbered[min(mark.line, len(numbered) - 1)][0] if mark else 0
            problem = getattr(error, "problem", None) or "not YAML"
            raise SavedQueryError(path, line, f"header: {problem}") from error
    if entries is None:
        entries = {}
    if not isinstance(entries, dict):
        raise SavedQueryError(path, numbered[0][0], "header: expected `key: …` lines")
    entries = {str(key): entry for key, entry in entries.items()}
    lines = {
        key: next((number for number, line in numbered if line.strip(' "{').startswith(key)), 0)
        for key in entries
    }
    return Header(path, entries, lines)


def _json_or_none(block: str) -> Any:
    try:
        return json.loads(block)
    except ValueError:
        return None
