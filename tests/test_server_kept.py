"""The files that a state keeps, and pages that are known by all that they are made of."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import clustergraph
from clustergraph.server import Options, create_app
from clustergraph.server.http.shelf import Shelf
from clustergraph.server.kept import Kept
from clustergraph.workers.pool import Limits
from clustergraph.workers.question import Answer, Task

SERVED = Path(__file__).parent / "served"
HTML = {"Accept": "text/html", "Accept-Language": "en"}
PLUM = {"iri": "https://park.example/tree/plum"}


def old(path: Path) -> Path:
    """The folder, as if nothing had been written in it for an hour."""
    hour_ago = time.time() - 3600
    os.utime(path, (hour_ago, hour_ago))
    return path


def test_what_a_killed_process_kept_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    used = Kept()
    orphan = old(Path(tempfile.mkdtemp(prefix="clustergraph-serve-")))
    (orphan / "data").mkdir()
    old(orphan)
    fresh = Path(tempfile.mkdtemp(prefix="clustergraph-serve-"))
    other = old(Path(tempfile.mkdtemp(prefix="clustergraph-")))
    old(used.path)
    second = Kept()
    assert not orphan.exists()
    assert used.path.exists()
    assert fresh.exists()
    assert other.exists()
    for kept in (used, second, second):
        kept.cleanup()
    assert sorted(tmp_path.iterdir()) == sorted([fresh, other])


def test_a_representation_is_another_where_settings_are(own_cache: None, tmp_path: Path) -> None:
    root = shutil.copytree(SERVED, tmp_path / "root")
    app = create_app(clustergraph.open(root), Options(limits=Limits(workers=1)))
    pages = [("/page", PLUM), ("/ont", {}), ("/data.ttl", PLUM), ("/queries", {}), ("/openapi.json", {})]
    pages += [("/queries/trees.csv", {}), ("/sparql", {"query": "ASK {}", "format": "json"})]
    with TestClient(app) as client:

        def tags() -> list[str]:
            return [client.get(path, params=given, headers=HTML).headers["etag"] for path, given in pages]

        before = tags()
        assert tags() == before
        settings = root / "clustergraph.toml"
        settings.write_text(settings.read_text() + '[columns]\nage = { ja = "樹齢" }\n')
        client.portal.call(app.state.service.reload, clustergraph.open(root))
        assert not set(tags()) & set(before)


def test_a_shelf_that_is_asked_twice_at_once_keeps_one(tmp_path: Path) -> None:
    path = tmp_path / "answer"
    path.write_bytes(b"x" * 1000)
    shelf, task = Shelf(tmp_path / "answers", 5000), Task("export")

    async def keep() -> Answer:
        file = path.open("rb")
        answer = Answer("TASK", "text/plain", "", volatile=False, seconds=0, size=1000, file=file)
        return await shelf.keep(task, answer)

    async def both() -> None:
        for answer in await asyncio.gather(keep(), keep()):
            assert b"".join(answer.chunks()) == b"x" * 1000

    asyncio.run(both())
    assert shelf.size == 1000
    assert len(list((tmp_path / "answers").iterdir())) == 1
    found = shelf.find(task)
    assert found is not None
    assert b"".join(found.chunks()) == b"x" * 1000
