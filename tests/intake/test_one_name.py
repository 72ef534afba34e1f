"""Two files of one name are never mixed up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake_files import (
    BOARD,
    digest,
    model_bytes,
    write_board,
    write_model,
    write_model_sheet,
)
from registry_content import everything, kept, statuses

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.registry import Registry


def test_another_file_of_the_same_name_needs_replace(small_registry: Registry, tmp_path: Path) -> None:
    old, new = (
        write_model(tmp_path / "a" / "waves.tflite", 1),
        write_model(tmp_path / "b" / "waves.tflite", 2),
    )
    small_registry.add(old)
    before = everything(small_registry)
    (refused,) = small_registry.add(new)
    assert refused.status == "refused"
    assert refused.problem is not None
    assert "with another file" in refused.problem
    assert "--replace" in refused.problem
    assert everything(small_registry) == before
    assert kept(small_registry) == [digest(model_bytes(1))], "the bytes of a refused file are not kept"
    assert statuses(small_registry.add(new, replace=True)) == [("updated", "model", "waves")]
    assert small_registry.model("waves")[1].sha256 == digest(model_bytes(2))


def test_nothing_is_left_of_a_file_that_was_replaced(small_registry: Registry, tmp_path: Path) -> None:
    empty = everything(small_registry)
    old, new = (
        write_model(tmp_path / "a" / "waves.tflite", 1),
        write_model(tmp_path / "b" / "waves.tflite", 2),
    )
    small_registry.add(new)
    expected = everything(small_registry)
    small_registry.remove("waves")
    small_registry.add(old)
    small_registry.add(new, replace=True)
    assert everything(small_registry) == expected
    assert kept(small_registry) == [digest(model_bytes(2))]
    small_registry.remove("waves")
    assert everything(small_registry) == empty


def test_a_replaced_file_stays_where_another_model_has_it(small_registry: Registry, tmp_path: Path) -> None:
    old, new = (
        write_model(tmp_path / "a" / "waves.tflite", 1),
        write_model(tmp_path / "b" / "waves.tflite", 2),
    )
    sheet = write_model_sheet(tmp_path / "sheet.toml", digest(model_bytes(1)), name="other")
    small_registry.add(old)
    small_registry.add(new, sheet, replace=True)
    assert small_registry.model("other")[1].sha256 == digest(model_bytes(1))
    assert kept(small_registry) == sorted([digest(model_bytes(1)), digest(model_bytes(2))])


def test_two_files_of_one_name_in_one_go_are_not_mixed_up(small_registry: Registry, tmp_path: Path) -> None:
    one, two = (
        write_model(tmp_path / "a" / "waves.tflite", 1),
        write_model(tmp_path / "b" / "waves.tflite", 2),
    )
    for replace, status in ((False, "added"), (True, "unchanged")):
        taken, refused = small_registry.add(tmp_path / "a", tmp_path / "b", replace=replace)
        assert (taken.path, taken.status) == (str(one), status)
        assert refused.problem == (
            f"{two}: another model named 'waves' is taken from {one}; give one another name"
        )
        assert small_registry.model("waves")[1].sha256 == digest(model_bytes(1))
        assert kept(small_registry) == [digest(model_bytes(1))]


def test_a_file_that_is_replaced_in_the_same_go_is_refused_and_leaves_nothing(
    small_registry: Registry, tmp_path: Path
) -> None:
    one, two = (
        write_model(tmp_path / "a" / "waves.tflite", 1),
        write_model(tmp_path / "b" / "waves.tflite", 2),
    )
    small_registry.add(two)
    expected = everything(small_registry)
    small_registry.add(one, replace=True)
    taken, refused = small_registry.add(two, one, replace=True)
    assert (taken.status, refused.status, refused.path) == ("updated", "refused", str(one))
    assert everything(small_registry) == expected
    assert kept(small_registry) == [digest(model_bytes(2))]


def test_two_boards_of_one_name_in_one_go(small_registry: Registry, tmp_path: Path) -> None:
    one = write_board(tmp_path / "a" / "my-board.toml")
    same = write_board(tmp_path / "b" / "my-board.toml")
    other = write_board(tmp_path / "c" / "my-board.toml", BOARD.replace("My board", "Another board"))
    found = small_registry.add(one, same, other)
    assert [intake.status for intake in found] == ["added", "unchanged", "refused"]
    assert small_registry.device("my-board").name == "My board"
