"""Which files and folders of what a user names are read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from board_inputs import write_manifest

from tinykg.catalogue.folders import sources_below
from tinykg.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.registry import Registry


def found(*paths: Path) -> list[str]:
    """The names of the files that are read."""
    return [source.path.name for source in sources_below(paths) if source.problem is None]


def problems(*paths: Path) -> list[str]:
    return [source.problem for source in sources_below(paths) if source.problem is not None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a manifest, and a file beside the folder."""
    write_manifest(tmp_path / "in" / "p", "one")
    write_manifest(tmp_path / "out", "secret")
    return tmp_path / "in"


def test_files_come_in_a_stable_order_each_once(folder: Path) -> None:
    write_manifest(folder / "a", "two")
    write_manifest(folder / "p", "0")
    assert found(folder) == ["two.json", "0.json", "one.json"]
    assert found(folder / "p", folder, folder / "p" / "one.json") == ["0.json", "one.json", "two.json"]


def test_what_no_extractor_reads_is_passed_over(folder: Path) -> None:
    (folder / "README.md").write_text("# a folder")
    (folder / "p" / "other.json").write_text("{}")
    assert found(folder) == ["one.json"]


def test_a_file_that_is_named_is_read_whatever_it_is(folder: Path) -> None:
    (folder / "README.md").write_text("# a folder")
    assert found(folder / "README.md") == ["README.md"]


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing: no such file or folder"):
        sources_below([tmp_path / "nothing"])


def test_hidden_files_and_folders_are_left_out(folder: Path) -> None:
    write_manifest(folder / ".git", "hidden")
    write_manifest(folder / "p", ".hidden")
    assert found(folder) == ["one.json"]
    assert found(folder / ".git") == ["hidden.json"], "unless they are named"


def test_a_link_out_of_the_folder_is_named_and_not_followed(folder: Path, tmp_path: Path) -> None:
    (folder / "p" / "link.json").symlink_to(tmp_path / "out" / "secret.json")
    assert found(folder) == ["one.json"]
    (problem,) = problems(folder)
    assert "link.json: a link out of " in problem
    assert "name its target" in problem


@pytest.mark.parametrize("way", ["../../out/secret.json", "../p/../../out/secret.json"])
def test_a_relative_way_out_of_the_folder_is_not_followed(folder: Path, way: str) -> None:
    (folder / "p" / "link.json").symlink_to(way)
    assert (found(folder), len(problems(folder))) == (["one.json"], 1)


def test_a_link_to_a_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (folder / "away").symlink_to(tmp_path / "out", target_is_directory=True)
    (folder / "again").symlink_to(folder / "p", target_is_directory=True)
    assert found(folder) == ["one.json"]


def test_a_link_to_a_file_in_the_folder_is_followed(folder: Path) -> None:
    (folder / "copy.json").symlink_to("p/one.json")
    assert found(folder) == ["copy.json", "one.json"]
    assert problems(folder) == []


def test_links_in_a_circle_end(folder: Path) -> None:
    (folder / "p" / "up").symlink_to("..", target_is_directory=True)
    (folder / "a.json").symlink_to("b.json")
    (folder / "b.json").symlink_to("a.json")
    (folder / "gone.json").symlink_to("nowhere.json")
    assert found(folder) == ["one.json"]


def test_a_folder_that_is_itself_a_link_is_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(folder, target_is_directory=True)
    assert found(tmp_path / "way") == ["one.json"]


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.json")
    assert found(folder) == ["one.json"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_cannot_be_listed_is_named(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0)
    try:
        assert found(folder) == ["one.json"]
        assert problems(folder) == [f"{closed}: cannot be listed: Permission denied"]
    finally:
        closed.chmod(0o700)


def test_a_folder_that_the_system_refuses_to_list_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same without rights to take away, as root has them all."""
    listing, closed = os.scandir, folder / "closed"
    write_manifest(closed, "two")

    def scandir(path: Path) -> object:
        if path == closed:
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr("tinykg.catalogue.folders.os.scandir", scandir)
    assert found(folder) == ["one.json"]
    assert problems(folder) == [f"{closed}: cannot be listed: Permission denied"]


def test_a_deep_folder_is_read_or_named(folder: Path) -> None:
    path = folder
    for _ in range(150):
        path /= "d"
    write_manifest(path, "deep")
    assert found(folder) == ["deep.json", "one.json"]


def test_a_refused_link_is_one_line_of_the_answer(
    small_registry: Registry, folder: Path, tmp_path: Path
) -> None:
    (folder / "p" / "link.json").symlink_to(tmp_path / "out" / "secret.json")
    refused = [one for one in small_registry.add(folder) if one.status == "refused"]
    assert [one.path for one in refused] == [str(folder / "p" / "link.json")]
    assert "which is not followed" in (refused[0].problem or "")
