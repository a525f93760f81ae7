"""Servers of other makers on loopback, started for tests with a store of their own and stopped after."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from clustergraph.store import RemoteStore, Service
from clustergraph.terms import DefaultGraph, NamedNode, Quad

MERGED = NamedNode("urn:x-clustergraph:merged")
"""The graph that stands for the default graph of a server which has none."""

# Rows that the server gives in one answer, as at many places.
ROW_LIMIT = 10_000

_SETTINGS = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
ServerThreads = 10
CheckpointInterval = 0
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = {rows}
MaxQueryExecutionTime = 30
"""
_GRANTS = """\
GRANT EXECUTE ON DB.DBA.SPARQL_INSERT_DICT_CONTENT TO "SPARQL";
GRANT SPARQL_UPDATE TO "SPARQL";
"""


Load = Callable[[Iterable[Quad]], None]


@dataclass(frozen=True)
class Server:
    """A server that runs, with an empty store; `load` puts quads in by the fastest way that it has."""

    service: Service
    load: Load
    stop: Callable[[], None]


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def oxigraph() -> Iterator[Server]:
    """Oxigraph's server with an empty store in memory."""
    binary = shutil.which("oxigraph", path=sysconfig.get_path("scripts")) or shutil.which("oxigraph")
    assert binary, "the package `oxigraph` brings the server; it is in the extra `test`"
    port = free_port()
    with _running([binary, "serve", "--bind", f"127.0.0.1:{port}"], Path.cwd(), port) as process:
        service = Service(f"http://127.0.0.1:{port}/query", f"http://127.0.0.1:{port}/update")
        yield Server(service, RemoteStore.at(service).load, process.terminate)


def has_virtuoso() -> bool:
    """Whether Debian's virtuoso-opensource is installed."""
    return bool(shutil.which("virtuoso-t") and shutil.which("isql-vt"))


@contextmanager
def virtuoso(folder: Path) -> Iterator[Server]:
    """Virtuoso with an empty database in `folder`; its default graph is that of `MERGED`."""
    binary, isql = shutil.which("virtuoso-t"), shutil.which("isql-vt")
    assert binary, "see has_virtuoso"
    assert isql, "see has_virtuoso"
    sql, http = free_port(), free_port()
    settings = _SETTINGS.format(sql=sql, http=http, rows=ROW_LIMIT)
    (folder / "virtuoso.ini").write_text(settings)

    def run(commands: str) -> None:
        login = [isql, f"127.0.0.1:{sql}", "dba", "dba", "ERRORS=STDOUT"]
        said = subprocess.run(login, input=commands, text=True, check=True, capture_output=True, timeout=60)
        assert "*** Error" not in said.stdout, said.stdout

    def load(quads: Iterable[Quad]) -> None:
        # By its loader, and sorted: its plans go by samples of what it saw in which order, and with
        # others some queries take minutes.
        name = f"{len(list(folder.glob('*.nq')))}.nq"
        named = sorted((_named(quad, MERGED) for quad in quads), key=_order)
        ox.serialize(named, str(folder / name), format=ox.RdfFormat.N_QUADS)
        run(f"DB.DBA.TTLP(file_to_string_output('{name}'), '', '{MERGED.value}', 512);\ncheckpoint;\n")

    with _running([binary, "+foreground", "+configfile", "virtuoso.ini"], folder, http) as process:
        run(_GRANTS)
        address = f"http://127.0.0.1:{http}/sparql"
        yield Server(Service(address, address, default_graph=MERGED), load, process.terminate)


def _order(quad: Quad) -> tuple[bool, str]:
    return quad.graph_name != MERGED, str(quad)


def _named(quad: Quad, graph: NamedNode) -> Quad:
    is_default = isinstance(quad.graph_name, DefaultGraph)
    return Quad(quad.subject, quad.predicate, quad.object, graph) if is_default else quad


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The process of a server, from when it listens on its port until the block ends."""
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(3000):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, f"{command[0]} has ended with {server.returncode}"
            time.sleep(0.02)
        yield server
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
