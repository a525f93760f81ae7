"""Files into a store, by one thread and by several: the same dataset, the same version."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from clustergraph.folder import LiteralTable
from clustergraph.snapshot import loading
from clustergraph.terms import XSD, DefaultGraph, Literal, NamedNode, Quad

ONE = Literal("1", datatype=XSD.integer)
S, P = NamedNode("http://e/s0"), NamedNode("http://e/p")


def lines(count: int) -> Iterator[bytes]:
    """Statements in two graphs; one in ten has a blank node, and one in ten is rewritten."""
    for number in range(count):
        name = b"_:b%d" % number if number % 10 == 0 else b"<http://e/s%d>" % (number // 20)
        value = b'"01"^^<%s>' % XSD.integer.value.encode() if number % 10 == 1 else b'"%d"' % number
        yield b"%s <http://e/p> %s <http://e/g%d> .\n" % (name, value, number % 2)
    yield b'<http://e/s0> <http://e/p> "1"^^<%s> <http://e/g0> .\n' % XSD.integer.value.encode()


def texts(count: int, at_once: int = 7) -> Iterator[bytes]:
    given = list(lines(count))
    return (b"".join(given[start : start + at_once]) for start in range(0, len(given), at_once))


def loaded(path: Path | None) -> tuple[list[str], LiteralTable, str]:
    store = ox.Store() if path is None else ox.Store(str(path))
    literals = LiteralTable()
    version = loading.load(store, texts(300), literals, on_disk=path is not None)
    return sorted(map(str, store)), literals, version


def test_threads_load_what_one_thread_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, literals, version = loaded(tmp_path / "whole")
    monkeypatch.setattr(loading, "_PART", 40)
    for path in (tmp_path / "parts", None):
        parts, noted, same = loaded(path)
        assert (parts, same) == (whole, version)
        assert noted.written(S, P, ONE) == literals.written(S, P, ONE)
    stated = list(ox.parse(b"".join(lines(300)), format=ox.RdfFormat.N_QUADS))
    expected = ox.Store()
    expected.extend([*stated, *(Quad(*quad.triple, DefaultGraph()) for quad in stated)])
    assert whole == sorted(map(str, expected))
    assert set(literals.written(S, P, ONE)) == {ONE, Literal("01", datatype=XSD.integer)}


class _Full:
    """A store whose disk is full."""

    def bulk_extend(self, quads: Iterator[object]) -> None:
        list(quads)

    def bulk_load(self, **_: object) -> None:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("count", [60, 400])
def test_what_fails_in_a_thread_is_raised(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_PART", 40)
    with pytest.raises(OSError, match="No space left"):
        loading.load(_Full(), texts(count), LiteralTable(), on_disk=True)  # type: ignore[arg-type]
    assert not any(thread.name.startswith("ThreadPool") for thread in threading.enumerate())


def test_an_interrupt_leaves_no_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_PART", 40)

    def interrupted() -> Iterator[bytes]:
        yield from texts(300)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loading.load(ox.Store(str(tmp_path / "store")), interrupted(), LiteralTable(), on_disk=True)
    assert not any(thread.name.startswith("ThreadPool") for thread in threading.enumerate())


def test_what_is_small_needs_no_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", lambda _: pytest.fail("a thread was started"))
    assert loaded(tmp_path / "store")
