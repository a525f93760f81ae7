"""From which base to which proposal a change goes."""

import shutil
import subprocess
from pathlib import Path

import pytest

from clustergraph.contribution import read_change, read_difference, read_revisions, read_standalone
from clustergraph.errors import FolderError, FormatError, UsageError
from clustergraph.folder import Folder, open_folder
from clustergraph.folder.edition import Edition

LAKES = Path(__file__).parent / "contributed"
NEW = "<urn:x:a> <urn:x:b> <urn:x:c> .\n"


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", root, *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def committed(lakes: Folder) -> Folder:
    git(lakes.root, "init")
    git(lakes.root, "add", "-A")
    git(lakes.root, "commit", "-m", "first")
    return lakes


def names(edition: Edition) -> set[str]:
    return {file.name for file in edition.contents}


def test_base_is_the_root_as_it_stands_without_git(lakes: Folder, tmp_path: Path) -> None:
    new = tmp_path / "new.ttl"
    new.write_text(NEW)
    change = read_change(lakes, [new])
    assert names(change.base) == {file.name for file in lakes.files()}
    assert change.files == (new.as_posix(),)
    assert change.base_name == "the graph as it stands"


def test_base_is_head_in_a_checkout(committed: Folder) -> None:
    path = committed.root / "data/survey/lakes.ttl"
    path.write_text(NEW)
    change = read_change(committed, [path])
    assert change.files == ("data/survey/lakes.ttl",)
    assert change.base_name == "HEAD"


def test_folder_below_the_root_of_the_checkout(tmp_path: Path) -> None:
    root = shutil.copytree(LAKES, tmp_path / "above" / "lakes")
    git(root.parent, "init")
    git(root.parent, "add", "-A")
    git(root.parent, "commit", "-m", "first")
    path = root / "data/survey/lakes.ttl"
    path.write_text(NEW)
    assert read_change(open_folder(root), [path]).files == ("data/survey/lakes.ttl",)


def test_checkout_that_does_not_hold_the_folder(tmp_path: Path) -> None:
    git(tmp_path, "init")
    (tmp_path / "other").write_text("")
    git(tmp_path, "add", "other")
    git(tmp_path, "commit", "-m", "first")
    root = shutil.copytree(LAKES, tmp_path / "lakes")
    new = tmp_path / "new.ttl"
    new.write_text(NEW)
    assert read_change(open_folder(root), [new]).base_name == "the graph as it stands"
    assert not read_change(open_folder(root), [new], "HEAD").base.contents


def test_first_commit_adds_everything(lakes: Folder) -> None:
    git(lakes.root, "init")
    change = read_change(lakes, (), "HEAD")
    assert not change.base.contents
    assert len(change.files) == len(lakes.files())


def test_revision_has_the_bytes_of_the_commit(lakes: Folder) -> None:
    (lakes.root / ".gitattributes").write_text("data/census export-ignore\n*.ttl text eol=crlf\n")
    git(lakes.root, "init")
    git(lakes.root, "add", "-A")
    git(lakes.root, "commit", "-m", "first")
    assert read_change(open_folder(lakes.root), ()).files == ()


def test_names_beyond_ascii(lakes: Folder) -> None:
    path = lakes.root / "data/survey/湖 沼.ttl"
    path.write_text(NEW)
    git(lakes.root, "init")
    git(lakes.root, "add", "-A")
    git(lakes.root, "commit", "-m", "first")
    path.unlink()
    assert read_change(lakes, [path]).files == ("data/survey/湖 沼.ttl",)


def test_revision_as_base(committed: Folder) -> None:
    path = committed.root / "data/survey/lakes.ttl"
    path.write_text(NEW)
    git(committed.root, "commit", "-am", "second")
    assert read_change(committed, [path]).files == ()
    assert read_change(committed, [path], "HEAD~1").files == ("data/survey/lakes.ttl",)


def test_folder_as_base(lakes: Folder) -> None:
    path = lakes.root / "data/survey/lakes.ttl"
    path.write_text(NEW)
    assert read_change(lakes, [path], str(LAKES)).files == ("data/survey/lakes.ttl",)


@pytest.mark.parametrize("base", ["nowhere", "--output=x", "HEAD~99"])
def test_base_that_is_none(committed: Folder, base: str) -> None:
    with pytest.raises(UsageError, match="expected a folder or a git revision"):
        read_change(committed, [committed.root / "data/survey/lakes.ttl"], base)


def test_two_revisions(committed: Folder) -> None:
    (committed.root / "data/survey/lakes.ttl").write_text(NEW)
    git(committed.root, "commit", "-am", "second")
    change = read_revisions(committed, "HEAD~1", "HEAD")
    assert change.files == ("data/survey/lakes.ttl",)
    assert (change.base_name, change.proposal_name) == ("HEAD~1", "HEAD")


def test_without_paths_all_that_differs(committed: Folder) -> None:
    (committed.root / "data/survey/lakes.ttl").write_text(NEW)
    (committed.root / "data/census/claims.ttl").unlink()
    (committed.root / "data/census/new.ttl").write_text(NEW)
    assert read_change(open_folder(committed.root), ()).files == (
        "data/census/claims.ttl",
        "data/census/new.ttl",
        "data/survey/lakes.ttl",
    )


def test_removed_file(committed: Folder) -> None:
    path = committed.root / "data/census/claims.ttl"
    path.unlink()
    change = read_change(committed, [path])
    assert change.files == ("data/census/claims.ttl",)
    assert names(change.proposal) == names(change.base) - {"data/census/claims.ttl"}


def test_path_that_is_nowhere(lakes: Folder) -> None:
    with pytest.raises(FolderError, match="no such file"):
        read_change(lakes, [lakes.root / "data/nowhere.ttl"])
    with pytest.raises(FolderError, match="cannot be read"):
        read_change(lakes, [Path("nowhere.ttl")])


def test_unknown_syntax(lakes: Folder, tmp_path: Path) -> None:
    path = tmp_path / "notes.docx"
    path.write_text("x")
    with pytest.raises(FormatError, match=r"notes\.docx"):
        read_change(lakes, [path])


def test_files_of_one_name_in_two_places_stay_two(lakes: Folder, tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "new.ttl", tmp_path / "b" / "new.ttl"]
    for path in paths:
        path.parent.mkdir()
        path.write_text(f"<urn:x:{path.parent.name}> <urn:x:p> [ <urn:x:p> 1 ] .")
    change = read_change(lakes, paths)
    assert len(change.files) == 2
    assert len({quad.object for quad in change.quads[1]}) == 3
    assert len(list(read_standalone(lakes, paths).triples())) == 4


def test_folder_as_path_stands_for_its_files(lakes: Folder, tmp_path: Path) -> None:
    (tmp_path / "added").mkdir()
    (tmp_path / "added" / "a.ttl").write_text(NEW)
    (tmp_path / "added" / "notes.txt").write_text("x")
    change = read_change(lakes, [tmp_path / "added"])
    assert [Path(name).name for name in change.files] == ["a.ttl"]


def test_without_git_nothing_tells_what_a_file_was(lakes: Folder) -> None:
    """Compared with itself a broken file would break nothing."""
    change = read_change(lakes, [lakes.root / "data/survey/lakes.ttl"])
    assert change.files == ("data/survey/lakes.ttl",)
    assert names(change.base) == names(change.proposal) - {"data/survey/lakes.ttl"}


@pytest.mark.parametrize("given", [["v1.0", "v1.1"], ["nowhere.txt"]])
def test_what_is_neither_file_nor_revision_is_named(lakes: Folder, given: list[str]) -> None:
    with pytest.raises(UsageError, match="neither a file nor a git revision"):
        read_difference(lakes, given)
