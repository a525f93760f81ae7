"""Folders that tests share: ours, and a foreign one of 30 triples in another vocabulary."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import settings

import engines
from clustergraph.folder import Folder, open_folder
from garden import write
from serving import listening

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
def garden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a service on the folder that `garden.py` writes."""
    # These take a second to import, which tests of other rooms need not wait for.
    from starlette.testclient import TestClient  # noqa: PLC0415

    import clustergraph  # noqa: PLC0415
    from clustergraph.server import Options, create_app  # noqa: PLC0415
    from clustergraph.workers.pool import Limits  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        graph = clustergraph.open(write(tmp_path_factory.mktemp("garden")))
        app = create_app(graph, Options(limits=Limits(workers=2, seconds=10)))
        with TestClient(app, base_url="https://host.example", follow_redirects=False) as client:
            yield client


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a service that really listens, on the folder `served`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        with listening(SERVED, body=20_000) as address, httpx.Client(base_url=address, timeout=20) as client:
            yield client


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """The address of an Oxigraph server with an empty store in memory."""
    with engines.oxigraph() as started:
        yield started.service.endpoint.removesuffix("/query")


@pytest.fixture(scope="module")
def oxigraph() -> Iterator[engines.Server]:
    """An Oxigraph server with an empty store in memory."""
    with engines.oxigraph() as started:
        yield started


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[engines.Server]:
    """A Virtuoso with an empty database; skipped where Debian's virtuoso-opensource is not installed."""
    if not engines.has_virtuoso():
        pytest.skip("needs Virtuoso: apt-get install virtuoso-opensource")
    with engines.virtuoso(tmp_path_factory.mktemp("virtuoso")) as started:
        yield started
