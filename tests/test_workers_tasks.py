"""Tasks: sent to the pool as queries are, done on the files that the stores were made of."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import zipfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import clustergraph
from clustergraph.errors import (
    FolderError,
    FormatError,
    LimitError,
    ParameterError,
    UnknownProfileError,
    UploadError,
    UsageError,
)
from clustergraph.server.state import Options, State, start
from clustergraph.workers.pool import Limits
from clustergraph.workers.question import Question, Task
from clustergraph.workers.tasks import KINDS, performer

SERVED = Path(__file__).parent / "served"
ELM = b"""@prefix park: <https://park.example/terms/> .
<https://park.example/tree/elm> a park:Conifer ;
    park:height 3.5 .
"""
PINE = ("subject", "tree:old-pine"), ("predicate", "a"), ("object", "park:Tree")
On = Callable[[Callable[[State], Awaitable[None]]], None]
OPTIONS = Options(limits=Limits(workers=2, seconds=20, memory=0))


@pytest.fixture(scope="module", autouse=True)
def cached(own_cache: None) -> None:
    """The tests of this module share a cache."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shutil.copytree(SERVED, tmp_path / "root")


def on_state(root: Path, use: Callable[[State], Awaitable[None]], options: Options = OPTIONS) -> None:
    """Run a coroutine on the state that a server would answer from."""

    async def within() -> None:
        state = await start(clustergraph.open(root), options, Counter())
        try:
            await use(state)
        finally:
            await state.close()

    asyncio.run(within())


@pytest.fixture(scope="module")
def on_served(own_cache: None) -> Iterator[On]:
    """Runs coroutines on one state of the folder `served`."""
    with asyncio.Runner() as runner:
        state = runner.run(start(clustergraph.open(SERVED), OPTIONS, Counter()))
        yield lambda use: runner.run(use(state))  # type: ignore[arg-type]  # each is a coroutine
        runner.run(state.close())


async def done(state: State, kind: str, body: bytes = b"", **options: str) -> bytes:
    answer = await state.pool.answer(Task(kind, tuple(options.items()), body))
    return b"".join(answer.chunks())


def test_answers_carry_media_type_and_notes(on_served: On) -> None:
    async def use(state: State) -> None:
        answer = await state.pool.answer(Task("validate", (("media", "text/turtle"),), ELM))
        assert (answer.form, answer.format) == ("TASK", "application/json")
        assert answer.note("conforms") == "no"
        assert json.loads(answer.body)["new"][0]["line"] == 2
        zipped = await state.pool.answer(Task("validate", (("media", "text/turtle"),), ELM, "gzip"))
        assert zipped.encoding == "gzip"
        assert zipped.body[:2] == b"\x1f\x8b"
        question = await state.pool.answer(Question(text="ASK {}"))
        assert question.notes == ()

    on_served(use)


def test_errors_travel_with_their_data(on_served: On) -> None:
    async def use(state: State) -> None:
        with pytest.raises(UploadError) as broken:
            await done(state, "validate", b"<urn:a>\n <urn:b> .", media="text/turtle")
        assert broken.value.line == 2
        with pytest.raises(FormatError):
            await done(state, "validate", ELM, media="text/nothing")
        with pytest.raises(ParameterError) as term:
            await done(state, "explain", subject="tree:old-pine", predicate="a", object="nope:x")
        assert term.value.parameter == "object"
        with pytest.raises(UnknownProfileError) as unknown:
            await done(state, "export", profile="turtel")
        assert unknown.value.near == ("turtle",)
        with pytest.raises(UsageError, match="no such task"):
            await done(state, "nothing")
        assert len(state.pool.processes) == 2

    on_served(use)


def test_each_kind_has_its_function() -> None:
    assert all(callable(performer(kind)) for kind in KINDS)


def test_the_state_is_judged_whatever_becomes_of_the_folder(root: Path) -> None:
    async def use(state: State) -> None:
        shutil.rmtree(root)
        proof = json.loads(await done(state, "explain", **dict(PINE)))
        assert proof["premises"][0]["file"] == "data/survey/trees.ttl"
        report = json.loads(await done(state, "validate", ELM, media="text/turtle"))
        assert [result["file"] for result in report["new"]] == ["upload"]
        difference = json.loads(await done(state, "diff", ELM, media="text/turtle"))
        assert len(difference["inferred"]["added"]) == 1
        assert b"Old Pine" in await done(state, "export", profile="turtle")

    on_state(root, use)


def test_files_that_changed_since_they_were_read_are_no_state(root: Path) -> None:
    graph = clustergraph.open(root)
    assert graph.version
    (root / "data" / "survey" / "trees.ttl").write_text("<urn:a> a <urn:b> .")

    async def within() -> None:
        with pytest.raises(FolderError, match="changed"):
            await start(graph, OPTIONS, Counter())

    asyncio.run(within())


def test_workers_to_come_have_less_to_do() -> None:
    async def use(state: State) -> None:
        first = set(state.pool.processes)
        for _ in range(400):
            if len(state.pool.processes) == 2 and not first & set(state.pool.processes):
                break
            await asyncio.sleep(0.05)
        else:
            raise AssertionError("no worker was replaced by one that is prepared")
        assert json.loads(await done(state, "validate", ELM, media="text/turtle"))["new"]

    on_state(SERVED, use)


def test_a_task_is_stopped_like_a_query_and_leaves_nothing(root: Path) -> None:
    async def use(state: State) -> None:
        many = b"".join(b"<urn:s%d> <urn:p> <urn:o%d> .\n" % (i, i) for i in range(150_000))
        before = asyncio.get_running_loop().time()
        with pytest.raises(LimitError, match="task was stopped") as stopped:
            await state.pool.answer(Task("diff", (("media", "text/turtle"),), many), seconds=0.5)
        assert stopped.value.limit == "time"
        assert asyncio.get_running_loop().time() - before < 5
        assert b"Old Pine" in await done(state, "export", profile="turtle")
        living = {str(pid) for pid in state.pool.processes}
        for _ in range(200):
            if set(os.listdir(state.kept.path / "scratch")) <= living:
                break
            living = {str(pid) for pid in state.pool.processes}
            await asyncio.sleep(0.02)
        else:
            raise AssertionError("a worker that was killed left files")

    on_state(root, use)


def test_what_has_no_files_refuses_tasks(on_served: On) -> None:
    async def use(state: State) -> None:
        bare = replace(state.pool.source, root=None)
        pool = type(state.pool)(bare, OPTIONS.limits)
        await pool.start()
        try:
            with pytest.raises(clustergraph.errors.QueryRefusedError, match="without its files"):
                await pool.answer(Task("exports"))
        finally:
            await pool.close()

    on_served(use)


def test_exports_are_the_same_bytes_each_time(on_served: On) -> None:
    async def use(state: State) -> None:
        for profile in ("csvw", "turtle"):
            twice = [await done(state, "export", profile=profile) for _ in range(2)]
            assert twice[0] == twice[1]
        with zipfile.ZipFile(io.BytesIO(await done(state, "export", profile="csvw"))) as archive:
            assert archive.testzip() is None
            assert all(entry.date_time[0] == 1980 for entry in archive.infolist())

    on_served(use)


def test_one_broken_profile_does_not_hide_the_others(root: Path) -> None:
    (root / "exports" / "bad").mkdir(parents=True)
    (root / "exports" / "bad" / "profile.toml").write_text("writer = 'word'")

    async def use(state: State) -> None:
        found = json.loads(await done(state, "exports"))
        assert "turtle" in {one["name"] for one in found["profiles"]}
        assert list(found["problems"]) == ["bad"]
        assert str(root) not in found["problems"]["bad"]
        assert await done(state, "export", profile="turtle")
        with pytest.raises(clustergraph.errors.ProfileError):
            await done(state, "export", profile="bad")

    on_state(root, use)
