"""Folders that tests share: ours, and a foreign one of 30 triples in another vocabulary."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sysconfig
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import settings

from clustergraph.folder import Folder, open_folder

ROOT = Path(__file__).parent.parent
CONTRIBUTED = Path(__file__).parent / "contributed"
FOREIGN = Path(__file__).parent / "foreign"
SERVED = Path(__file__).parent / "served"

# No deadline for an example, which would fail on busy machines; and the same examples each time, so
# that a change is judged by what it did. `--hypothesis-profile=explore` looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write the expected answers of the saved queries anew, to be read as a diff before a commit",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether `--update-golden` asks that expected answers be written anew."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of this test alone."""
    path = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(path))
    return path / "clustergraph" / "snapshots"


@pytest.fixture
def foreign(tmp_path: Path) -> Folder:
    """A copy of the foreign folder, which the test may change."""
    return open_folder(shutil.copytree(FOREIGN, tmp_path / "foreign"))


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache that the tests of one module share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def lakes(tmp_path: Path) -> Folder:
    """A copy of the folder to which tests contribute, which they may change."""
    return open_folder(shutil.copytree(CONTRIBUTED, tmp_path / "lakes"))


@pytest.fixture(params=["ours", "foreign"])
def either(request: pytest.FixtureRequest) -> Folder:
    """Our own folder and the foreign one, neither to be changed."""
    return open_folder(ROOT if request.param == "ours" else FOREIGN)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a service that really listens, on the folder `served`."""
    # These take a second to import, which tests of other rooms need not wait for.
    import uvicorn  # noqa: PLC0415

    import clustergraph  # noqa: PLC0415
    from clustergraph.server import Options, create_app  # noqa: PLC0415
    from clustergraph.workers.pool import Limits  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        graph = clustergraph.open(SERVED)
        options = Options(limits=Limits(workers=2, seconds=10), body=20_000)
        server = uvicorn.Server(uvicorn.Config(create_app(graph, options), log_level="warning"))
        listening = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with httpx.Client(base_url=address, timeout=20) as client:
            yield client
        server.should_exit = True
        thread.join()
        listening.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """The address of an Oxigraph server with an empty store in memory."""
    binary = shutil.which("oxigraph", path=sysconfig.get_path("scripts")) or shutil.which("oxigraph")
    assert binary, "the package `oxigraph` brings the server; it is in the extra `test`"
    port = _free_port()
    server = subprocess.Popen(
        [binary, "serve", "--bind", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=10)
