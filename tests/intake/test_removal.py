"""Removing leaves nothing of an entity, and all of the others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from intake_files import (
    digest,
    model_bytes,
    write_board,
    write_model,
    write_model_sheet,
)
from registry_content import everything, kept, statuses

from tinykg.errors import UnknownName
from tinykg.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Ship: TypeAlias = Callable[[Path], None]


def test_removing_leaves_nothing(small_registry: Registry, tmp_path: Path) -> None:
    before = everything(small_registry)
    small_registry.add(
        write_model(tmp_path / "waves.tflite"),
        write_board(tmp_path / "my-board.toml"),
        write_model(tmp_path / "second.tflite", 2),
        write_model_sheet(tmp_path / "sheet.toml", digest(model_bytes(2)), name="second_one"),
    )
    assert everything(small_registry) != before
    assert small_registry.remove("WAVES") == ["model"]
    assert small_registry.remove("mb") == ["device"]
    assert small_registry.remove("second-one") == ["model"]
    assert everything(small_registry) == before
    assert kept(small_registry) == []
    for name in ("waves", "my-board", "second_one"):
        with pytest.raises(UnknownName):
            small_registry.remove(name)


def test_removing_a_built_in_model_leaves_the_file_that_another_has(small_registry: Registry) -> None:
    assert small_registry.remove("micro_speech_yes_no_3") == ["model"]
    other = small_registry.model("micro_speech_forward_backward")
    assert other[1].sha256 == other[0].file_sha256
    small_registry.remove("micro_speech_forward_backward")
    assert other[1].sha256 not in everything(small_registry)
    assert len(small_registry.models()) == 2


def test_removing_names_one_entity_although_others_fold_to_the_same(
    small_registry: Registry, tmp_path: Path
) -> None:
    small_registry.add(
        write_model(tmp_path / "my-waves.tflite", 1), write_model(tmp_path / "my_waves.tflite", 2)
    )
    with pytest.raises(UnknownName) as caught:
        small_registry.remove("mywaves")
    assert caught.value.near == ("my-waves", "my_waves")
    assert small_registry.remove("my_waves") == ["model"]
    assert small_registry.model("my-waves")[1].sha256 == digest(model_bytes(1))
    assert kept(small_registry) == [digest(model_bytes(1))]


def test_a_model_and_a_board_of_one_name_go_together(small_registry: Registry, tmp_path: Path) -> None:
    small_registry.add(write_model(tmp_path / "both.tflite"), write_board(tmp_path / "both.toml"))
    assert small_registry.remove("both") == ["model", "device"]


def test_a_runtime_is_not_removed(small_registry: Registry) -> None:
    with pytest.raises(UnknownName, match="No model or device 'tflm-ref-arm32'"):
        small_registry.remove("tflm-ref-arm32")
    assert "tflm-ref-arm32" in [runtime.name for runtime in small_registry.runtimes()]


def test_a_wrong_name_finds_near_ones_of_both_kinds(small_registry: Registry, tmp_path: Path) -> None:
    small_registry.add(write_model(tmp_path / "pica.tflite"))
    with pytest.raises(UnknownName) as caught:
        small_registry.remove("picq")
    assert set(caught.value.near) == {"pica", "raspberry-pi-pico"}
    assert "See: tinykg list models or tinykg list devices" in str(caught.value)


def test_only_kept_files_are_ever_deleted(small_registry: Registry, tmp_path: Path) -> None:
    folder = Path(small_registry.where) / "files"
    small_registry.add(write_model(tmp_path / "waves.tflite"))
    (folder / "notes.txt").write_text("the user's own")
    (folder / f".{'0' * 64}.123").write_text("of a killed process")
    small_registry.remove("waves")
    assert kept(small_registry) == ["notes.txt"]


def test_memory_keeps_no_files_and_takes_all_the_same(small_share: Path, tmp_path: Path, ship: Ship) -> None:
    ship(small_share)
    registry = Registry.open("memory:")
    assert statuses(registry.add(write_model(tmp_path / "waves.tflite"))) == [("added", "model", "waves")]
    assert registry.remove("waves") == ["model"]
    assert len(registry.models()) == 4
