"""Adding files: what is taken, and that adding it again changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from intake_files import (
    BOARD,
    SHIPPED,
    digest,
    model_bytes,
    write_array,
    write_board,
    write_model,
    write_model_sheet,
)
from registry_content import everything, kept, statuses

from tinykg.records.listing import Intake
from tinykg.records.match import Verdict

if TYPE_CHECKING:
    from tinykg.registry import Registry


# -- what is taken


def test_a_model_file_is_added_under_its_stem(small_registry: Registry, tmp_path: Path) -> None:
    path = write_model(tmp_path / "waves.tflite")
    assert small_registry.add(path) == [Intake(path=str(path), kind="model", name="waves", status="added")]
    model, file = small_registry.model("waves")
    assert (model.file_sha256, file.file_bytes) == (digest(model_bytes()), len(model_bytes()))
    assert (model.task, model.sensors, model.licence) == (None, None, None), "nobody said"
    assert kept(small_registry) == [digest(model_bytes())]
    assert (Path(small_registry.where) / "files" / digest(model_bytes())).read_bytes() == model_bytes()
    found = small_registry.match(model="waves", device="nano33")
    assert [match.verdict for match in found] == [Verdict.FITS]


def test_a_c_array_is_added_as_the_model_it_holds(small_registry: Registry, tmp_path: Path) -> None:
    path = write_array(tmp_path / "waves_model.cc", model_bytes())
    assert statuses(small_registry.add(path)) == [("added", "model", "waves_model")]
    assert small_registry.model("waves_model")[1].sha256 == digest(model_bytes())
    assert (Path(small_registry.where) / "files" / digest(model_bytes())).read_bytes() == model_bytes()
    assert statuses(small_registry.add(write_model(tmp_path / "other.tflite"))) == [
        ("unchanged", "model", "waves_model")
    ]


def test_a_board_is_added_under_its_files_name(small_registry: Registry, tmp_path: Path) -> None:
    assert statuses(small_registry.add(write_board(tmp_path / "my-board.toml"))) == [
        ("added", "device", "my-board")
    ]
    for name in ("my-board", "mb", "My Board", "MY_BOARD"):
        assert small_registry.device(name).slug == "my-board"
    assert [m.model for m in small_registry.match(device="mb", task="regression")] == ["hello_world_int8"]


def test_a_sheet_is_added_with_its_file(small_registry: Registry, tmp_path: Path) -> None:
    file = write_model(tmp_path / "whatever.tflite")
    more = (
        'task = "gesture-recognition"\naliases = ["wv"]\n[[sensor]]\nobserves = "acceleration"\nrate_hz = 50'
    )
    sheet = write_model_sheet(tmp_path / "sheet.toml", digest(model_bytes()), more=more)
    assert statuses(small_registry.add(file, sheet)) == [("added", "model", "my_waves")]
    model, _ = small_registry.model("wv")
    assert (model.name, model.task, model.sensors and model.sensors[0].rate_hz) == (
        "my_waves",
        "gesture-recognition",
        50.0,
    )
    assert [m.name for m in small_registry.models("gesture-recognition")] == ["my_waves"]
    assert [match.device for match in small_registry.match(model="my_waves")] == ["arduino-nano-33-ble-sense"]


def test_a_sheet_is_added_for_a_file_that_is_registered(small_registry: Registry, tmp_path: Path) -> None:
    small_registry.add(write_model(tmp_path / "waves.tflite"))
    sheet = write_model_sheet(tmp_path / "second.toml", digest(model_bytes()), name="second")
    assert statuses(small_registry.add(sheet)) == [("added", "model", "second")]
    names = [model.name for model in small_registry.models() if model.sha256 == digest(model_bytes())]
    assert names == ["second", "waves"]
    assert small_registry.remove("waves") == ["model"]
    assert small_registry.model("second")[1].sha256 == digest(model_bytes()), "the file is still in use"
    assert kept(small_registry) == [digest(model_bytes())]
    small_registry.remove("second")
    assert kept(small_registry) == []


def test_a_folder_is_added_with_all_that_is_read_in_it(small_registry: Registry, tmp_path: Path) -> None:
    top = tmp_path / "project"
    write_model(top / "models" / "one.tflite", 1)
    write_model(top / "models" / "deep" / "two.tflite", 2)
    write_board(top / "boards" / "my-board.toml")
    write_model(top / ".git" / "hidden.tflite", 3)
    (top / "README.md").write_text("no model")
    (top / "main.c").write_text("int main(void) { return 0; }")
    assert sorted(statuses(small_registry.add(top))) == [
        ("added", "device", "my-board"),
        ("added", "model", "one"),
        ("added", "model", "two"),
    ]


def test_an_empty_folder_adds_nothing(small_registry: Registry, tmp_path: Path) -> None:
    before = everything(small_registry)
    (tmp_path / "empty").mkdir()
    assert small_registry.add(tmp_path / "empty") == []
    assert small_registry.add() == []
    assert everything(small_registry) == before


def test_progress_is_told_file_by_file(small_registry: Registry, tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    paths = [write_model(tmp_path / f"m{n}.tflite", n) for n in (1, 2)]
    small_registry.add(*paths, progress=lambda done, total, name: told.append((done, total, name)))
    assert told == [(0, 2, "m1.tflite"), (1, 2, "m2.tflite"), (2, 2, "checking")]


# -- adding again


def test_adding_again_changes_nothing(small_registry: Registry, tmp_path: Path) -> None:
    file = write_model(tmp_path / "waves.tflite")
    sheet = write_model_sheet(tmp_path / "sheet.toml", digest(model_bytes(2)), more='task = "regression"')
    other = write_model(tmp_path / "other.tflite", 2)
    paths = (file, sheet, other, write_board(tmp_path / "my-board.toml"))
    first = small_registry.add(*paths)
    assert [intake.status for intake in first] == ["added", "added", "added"]
    before, files = everything(small_registry), kept(small_registry)
    for _ in range(2):
        again = small_registry.add(*paths)
        assert [intake.status for intake in again] == ["unchanged", "unchanged", "unchanged"]
        assert [intake.name for intake in again] == [intake.name for intake in first]
        assert everything(small_registry) == before
        assert kept(small_registry) == files


def test_adding_what_is_built_in_changes_nothing(small_registry: Registry, small_share: Path) -> None:
    before = everything(small_registry)
    found = small_registry.add(
        SHIPPED / "digits_mlp_int8.tflite",
        small_share / "data/models/digits-mlp-int8.toml",
        small_share / "data/models/hello-world-int8.toml",
        small_share / "data/devices/raspberry-pi-pico.toml",
    )
    assert [intake.status for intake in found] == ["unchanged"] * 3
    assert everything(small_registry) == before


def test_the_same_bytes_under_another_name_are_the_model_that_is_known(
    small_registry: Registry, tmp_path: Path
) -> None:
    built_in = tmp_path / "renamed.tflite"
    built_in.write_bytes((SHIPPED / "digits_mlp_int8.tflite").read_bytes())
    assert statuses(small_registry.add(built_in)) == [("unchanged", "model", "digits_mlp_int8")]
    one, two = write_model(tmp_path / "one.tflite"), write_model(tmp_path / "two.tflite")
    assert statuses(small_registry.add(one, two)) == [
        ("added", "model", "one"),
        ("unchanged", "model", "one"),
    ]


def test_a_changed_sheet_updates_its_record(small_registry: Registry, tmp_path: Path) -> None:
    path = write_board(tmp_path / "my-board.toml")
    small_registry.add(path)
    write_board(path, BOARD.replace("total_bytes = 262_144", "total_bytes = 524_288"))
    assert statuses(small_registry.add(path)) == [("updated", "device", "my-board")]
    assert small_registry.device("mb").memories[0].total_bytes == 524_288
    write_board(path)
    small_registry.add(path)
    assert small_registry.device("mb").memories[0].total_bytes == 262_144


def test_a_sheet_turns_a_bare_model_into_a_described_one(small_registry: Registry, tmp_path: Path) -> None:
    file = write_model(tmp_path / "waves.tflite")
    small_registry.add(file)
    sheet = write_model_sheet(
        tmp_path / "sheet.toml", digest(model_bytes()), name="waves", more='task = "regression"'
    )
    assert statuses(small_registry.add(sheet)) == [("updated", "model", "waves")]
    assert small_registry.model("waves")[0].task == "regression"
    assert statuses(small_registry.add(file)) == [("unchanged", "model", "waves")]
    assert small_registry.model("waves")[0].task == "regression", "the file alone takes nothing back"


# -- dry run


def test_a_dry_run_says_what_would_be_and_writes_nothing(small_registry: Registry, tmp_path: Path) -> None:
    before = everything(small_registry)
    paths = (
        write_model(tmp_path / "waves.tflite"),
        write_board(tmp_path / "my-board.toml"),
        write_board(tmp_path / "typo.toml", BOARD.replace("sensors = []", "senors = []")),
    )
    told = small_registry.add(*paths, dry_run=True)
    assert everything(small_registry) == before
    assert kept(small_registry) == []
    assert sorted(path.name for path in Path(small_registry.where).iterdir()) == [
        "lock",
        "store",
        "tinykg.json",
    ]
    assert small_registry.add(*paths) == told
