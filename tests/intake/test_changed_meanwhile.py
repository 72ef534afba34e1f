"""Files that change or go while they are added: all of an addition is kept, or nothing of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from intake_files import digest, model_bytes, write_array, write_board, write_model
from registry_content import everything, kept, statuses

from tinykg.errors import InputError, StoreError
from tinykg.report.thing_model import thing_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.registry import Registry


def when_all_is_read(step: Callable[[], object]) -> Callable[[int, int, str], None]:
    """Something that happens after the last file was read and before anything is written."""

    def progress(done: int, total: int, _: str) -> None:
        if done == total:
            step()

    return progress


def other_bytes(path: Path) -> None:
    path.write_bytes(model_bytes(7))


def other_array(path: Path) -> None:
    write_array(path, model_bytes(7))


@pytest.mark.parametrize("change", [other_bytes, Path.unlink])
def test_a_model_that_changes_is_not_kept_as_what_it_was(
    small_registry: Registry, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    before, path = everything(small_registry), write_model(tmp_path / "waves.tflite")
    board = write_board(tmp_path / "my-board.toml")
    with pytest.raises((InputError, StoreError), match=r"changed while it was read|waves\.tflite"):
        small_registry.add(board, path, progress=when_all_is_read(lambda: change(path)))
    assert everything(small_registry) == before
    assert kept(small_registry) == []


def test_an_array_that_changes_is_not_kept_as_what_it_was(small_registry: Registry, tmp_path: Path) -> None:
    path = write_array(tmp_path / "waves.cc", model_bytes())
    with pytest.raises(InputError, match="changed while it was read"):
        small_registry.add(path, progress=when_all_is_read(lambda: other_array(path)))
    assert statuses(small_registry.add(path)) == [("added", "model", "waves")]
    assert kept(small_registry) == [digest(model_bytes(7))]


def test_a_file_that_is_kept_already_may_change(small_registry: Registry, tmp_path: Path) -> None:
    path = write_model(tmp_path / "waves.tflite")
    small_registry.add(path)
    again = small_registry.add(path, progress=when_all_is_read(lambda: other_bytes(path)))
    assert statuses(again) == [("unchanged", "model", "waves")]
    assert small_registry.model_bytes("waves") == model_bytes()


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.write_bytes(b"\xff\xfe")])
def test_a_thing_model_that_goes_is_an_error_and_nothing_is_registered(
    small_registry: Registry, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    before, path = everything(small_registry), tmp_path / "mine.tm.jsonld"
    path.write_text(json.dumps({**thing_model(small_registry.device("pico")), "title": "Mine"}))
    with pytest.raises(InputError, match=r"mine\.tm\.jsonld: changed while it was read"):
        small_registry.add(path, progress=when_all_is_read(lambda: change(path)))
    assert everything(small_registry) == before


def test_a_folder_of_files_that_cannot_be_written_keeps_all_as_it_was(
    small_registry: Registry, tmp_path: Path
) -> None:
    before = everything(small_registry)
    (Path(small_registry.where) / "files").write_text("not a folder")
    with pytest.raises(StoreError, match="cannot be written: File exists; nothing was registered"):
        small_registry.add(write_model(tmp_path / "waves.tflite"))
    assert everything(small_registry) == before
