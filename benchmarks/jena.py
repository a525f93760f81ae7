"""Jena as Debian's libapache-jena-java has it, in one Java machine that stays and is warm when times count.

It is a process that reads commands and writes answers (`Jena.java`): times hold the way through the pipe
and the JSON, as those of servers hold the way over HTTP, but neither the start of Java nor loading.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

JARS = Path("/usr/share/java")
# Of the package and of those that it depends on.
_NEEDED = (
    *("jena-arq", "jena-base", "jena-core", "jena-dboe-base", "jena-iri", "jena-shacl"),
    *("commons-codec", "commons-compress", "commons-csv", "commons-io", "commons-lang3"),
    *("dexx.collection", "gson", "guava", "jackson-core", "jsonld-java", "protobuf", "thrift"),
    *("slf4j-api", "slf4j-nop", "titanium-json-ld"),
)
# Debian's package has its copy of Xerces in another place than the texts of its errors.
_TEXTS, _CALLED = "org/apache/jena/ext/", ".properties"
# Work is done so often, or for so many seconds, before its time counts.
_WARM, _WARM_SECONDS = 30, 4.0

Call = Callable[[str], object]
"""A command to its answer."""


def version() -> str | None:
    """Jena's version, or None where it is not installed with a compiler for Java."""
    if not shutil.which("javac"):
        return None
    found = sorted(JARS.glob("jena-shacl-[0-9]*.jar"))
    return found[-1].stem.removeprefix("jena-shacl-") if found else None


@contextmanager
def running() -> Iterator[Call]:
    """A Java machine with Jena until the end of the block."""
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(JARS / "jena-core.jar") as jar:
            for name in jar.namelist():
                if name.startswith(_TEXTS) and name.endswith(_CALLED):
                    path = Path(scratch) / name.removeprefix(_TEXTS)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(jar.read(name))
        jars = ":".join([*(str(JARS / f"{name}.jar") for name in _NEEDED), scratch])
        command = ["java", "-cp", jars, str(Path(__file__).with_name("Jena.java"))]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            _called(process, "version")  # it is there when it has compiled the file
            yield lambda text: _called(process, text)


def _called(process: subprocess.Popen[str], command: str) -> object:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(command.replace("\n", " ") + "\n")
    process.stdin.flush()
    if answer := process.stdout.readline():
        return json.loads(answer)
    raise SystemExit(next(iter(process.stderr.read().splitlines()), "Jena has ended"))


def warm(work: Callable[[], object]) -> None:
    """Do the work till Java has compiled it."""
    end = time.monotonic() + _WARM_SECONDS
    for _ in range(_WARM):
        work()
        if time.monotonic() > end:
            return


def rows(call: Call, query: str) -> list[Sequence[str]]:
    """The rows of a query as texts."""
    found = call(f"query {query}")
    assert isinstance(found, dict)
    names = found["head"]["vars"]
    return [
        [row[name]["value"] if name in row else "" for name in names] for row in found["results"]["bindings"]
    ]
