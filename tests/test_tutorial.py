"""The tutorial, typed from top to bottom in an empty folder: files written, commands run, output compared."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import clustergraph
from clustergraph.cli.app import run
from clustergraph.server import Options, create_app
from clustergraph.workers.pool import Limits

PAGE = (Path(__file__).parent.parent / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass
class Reader:
    """Somebody who does what the page says."""

    page: str
    capture: pytest.CaptureFixture[str]

    def read(self) -> Iterator[str]:
        """Do all of it; gives what was done."""
        for path, language, text in BLOCK.findall(self.page):
            if language == "console":
                for command, shown in re.findall(r"^\$ ([^\n]+)\n(.*?)(?=^\$ |\Z)", text, re.DOTALL | re.M):
                    assert agrees(self.output(command), shown), command
                    yield command
            elif language == "python":
                exec(compile(text, "tutorial.md", "exec"), {})
                assert self.capture.readouterr().out
                yield "python"
            else:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                Path(path).write_text(text, encoding="utf-8")
                yield path

    def output(self, command: str) -> str:
        program, *words = shlex.split(command)
        if program == "curl":
            options = Options(limits=Limits(workers=1))
            with TestClient(create_app(clustergraph.open("."), options)) as client:
                return client.get(words[-1].removeprefix("http://127.0.0.1:8000")).text
        assert program == "clustergraph"
        if words == ["serve"]:
            return ""  # the next commands ask it
        run(words)
        printed = self.capture.readouterr()
        return printed.out + printed.err


def agrees(printed: str, shown: str) -> bool:
    """Whether the output is what the page shows, where `…` stands for any lines."""
    lines = [line.rstrip() for line in shown.strip().splitlines()]
    pattern = "\n".join(".*" if line == "…" else re.escape(line) for line in lines)
    got = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    return re.fullmatch(pattern, got, re.DOTALL) is not None


@pytest.mark.usefixtures("cache")
def test_tutorial_works_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = list(Reader(PAGE, capsys).read())
    commands = {step.split()[1] for step in done if step.startswith("clustergraph ")}
    assert {"sparql", "infer", "explain", "validate", "format", "query", "serve", "export"} <= commands
    assert "python" in done
    assert sum(1 for step in done if "/" in step and " " not in step) == 8


def test_output_that_differs_is_noticed() -> None:
    assert agrees("a\nb\nc\n", "a\n…\nc\n")
    assert not agrees("a\nb\nc\n", "a\n…\nd\n")
