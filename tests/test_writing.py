"""Files written aside and renamed."""

import os
from pathlib import Path

import pytest

from clustergraph.writing import write_whole, written_aside


def test_the_file_is_replaced_and_nothing_is_left_over(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for data in (b"old", b"new"):
        write_whole(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_stay_and_new_files_follow_the_umask(tmp_path: Path) -> None:
    old, new, plain = tmp_path / "old", tmp_path / "new", tmp_path / "plain"
    old.write_bytes(b"")
    old.chmod(0o640)
    plain.write_bytes(b"")
    write_whole(old, b"data")
    write_whole(new, b"data")
    assert old.stat().st_mode & 0o777 == 0o640
    assert new.stat().st_mode == plain.stat().st_mode


def test_a_link_stays_one(tmp_path: Path) -> None:
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    target.parent.mkdir()
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_what_is_no_file_is_written_as_it_is() -> None:
    write_whole(Path(os.devnull), b"data")
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize("path", ["missing/file", "folder"])
def test_failure_leaves_nothing(path: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / path, b"data")
    assert [found.name for found in tmp_path.iterdir()] == ["folder"]


def test_aside_is_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    aside = written_aside(path, b"new")
    assert (aside.parent, aside.read_bytes(), path.read_bytes()) == (tmp_path, b"new", b"old")
