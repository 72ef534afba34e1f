"""Adding files: what is taken, what is refused and why, and that nothing else happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
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

from tinykg.errors import InputError, UnknownName
from tinykg.records.listing import Intake
from tinykg.records.match import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from tinykg.registry import Registry

    Ship: TypeAlias = Callable[[Path], None]


def everything(registry: Registry) -> str:
    """All that a registry says, but for the ontology, whose blank nodes are written with other labels."""
    lines = registry.export(form="nquads").decode().splitlines()
    return "\n".join(line for line in lines if not line.endswith("<https://w3id.org/tinykg> ."))


def size(registry: Registry) -> object:
    """How many triples a registry holds."""
    return registry.select("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }").rows


def kept(registry: Registry) -> list[str]:
    """The names of the kept model files."""
    folder = Path(registry.where) / "files"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def statuses(intakes: list[Intake]) -> list[tuple[str, str | None, str | None]]:
    return [(intake.status, intake.kind, intake.name) for intake in intakes]


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


# -- one name, two files


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


def test_two_boards_of_one_name_in_one_go(small_registry: Registry, tmp_path: Path) -> None:
    one = write_board(tmp_path / "a" / "my-board.toml")
    same = write_board(tmp_path / "b" / "my-board.toml")
    other = write_board(tmp_path / "c" / "my-board.toml", BOARD.replace("My board", "Another board"))
    found = small_registry.add(one, same, other)
    assert [intake.status for intake in found] == ["added", "unchanged", "refused"]
    assert small_registry.device("my-board").name == "My board"


# -- what is refused


def test_a_refused_file_stops_no_other(small_registry: Registry, tmp_path: Path) -> None:
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(model_bytes()[:100])
    text = tmp_path / "notes.txt"
    text.write_text("no model")
    typo = write_board(tmp_path / "typo.toml", BOARD.replace("sensors = []", "senors = []"))
    good = write_model(tmp_path / "good.tflite")
    found = {Path(intake.path).name: intake for intake in small_registry.add(broken, text, typo, good)}
    assert {name: intake.status for name, intake in found.items()} == {
        "broken.tflite": "refused",
        "notes.txt": "refused",
        "typo.toml": "refused",
        "good.tflite": "added",
    }
    assert "senors" in (found["typo.toml"].problem or "")
    assert "not a format TinyKG reads" in (found["notes.txt"].problem or "")
    for name in ("broken.tflite", "notes.txt", "typo.toml"):
        assert (found[name].problem or "").startswith(str(tmp_path / name))
    assert kept(small_registry) == [digest(model_bytes())]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ('task = "keyword-spoting"', "Expected a task of the vocabulary"),
        ('source_address = "not an address"', "Expected the http(s) address of the page"),
        ('source_address = ""', "Expected the http(s) address of the page"),
        ('file_address = "ftp//x y"', "Expected the http(s) address of the file"),
        ('licence = "GPL/3"', "Expected one licence"),
        ('created = "last year"', "Expected one date"),
        ('description = ""', "at most one description"),
        ('[dataset]\nname = "d"\naddress = "see the paper"', "Expected the http(s) address of the data set"),
        (
            '[[evaluation]]\nmetric = "top-1-accuracy"\nvalue = 93.2\nsource = "x"',
            "Divide a percentage by 100",
        ),
        ('[[evaluation]]\nmetric = "acuracy"\nvalue = 0.9\nsource = "x"', "metric of the vocabulary"),
        (
            '[[evaluation]]\nmetric = "top-1-accuracy"\nvalue = nan\nsource = "x"',
            "tk:value: An evaluation has one value, an xsd:double. (found NaN)",
        ),
        ('[[sensor]]\nobserves = "sounds"', "property/sounds"),
        ('[[sensor]]\nobserves = "sound"\nrate_hz = -1', "rateHz"),
    ],
    ids=lambda text: text.split("\n")[-1][:24],
)
def test_a_sheet_that_breaks_a_shape_is_refused_with_its_sentence(
    small_memory: Registry, tmp_path: Path, more: str, complaint: str
) -> None:
    before = size(small_memory)
    file = write_model(tmp_path / "waves.tflite")
    sheet = write_model_sheet(tmp_path / "sheet.toml", digest(model_bytes()), more=more)
    (refused,) = small_memory.add(file, sheet)
    assert refused.status == "refused"
    assert (refused.kind, refused.name) == (None, None)
    assert re.search(r"sheet\.toml: breaks [12] rule\(s\); nothing was written\.", refused.problem or "")
    assert complaint in (refused.problem or "")
    assert size(small_memory) == before


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('core = "cortex-m4f"', 'core = "cortex-m4g"', "core/cortex-m4g"),
        ('kind = "sram"', 'kind = "srm"', "memory-kind/srm"),
        ('system = "bare-metal"', 'system = "freertos"', "system/freertos"),
        ("total_bytes = 262_144", "total_bytes = -1", "totalBytes"),
        ("total_bytes = 262_144", "total_bytes = 262_144\nfree_bytes = 999_999", "freeBytes"),
        ('aliases = ["mb"]', "active_power_mw = nan", "activePowerMilliwatt"),
        ('name = "My board"', 'name = ""', "name"),
    ],
)
def test_a_board_that_breaks_a_shape_is_refused_with_its_sentence(
    small_memory: Registry, tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    before = size(small_memory)
    (refused,) = small_memory.add(write_board(tmp_path / "my-board.toml", BOARD.replace(old, new)))
    assert refused.status == "refused"
    assert "my-board.toml: breaks" in (refused.problem or "")
    assert complaint in (refused.problem or "")
    assert size(small_memory) == before


@pytest.mark.parametrize("stem", ["My-Board", "my board", "my_board", "böard", "-board"])
def test_a_board_whose_stem_is_no_slug_is_refused_and_says_so(
    small_memory: Registry, tmp_path: Path, stem: str
) -> None:
    (refused,) = small_memory.add(write_board(tmp_path / f"{stem}.toml"))
    assert "A device type has one slug: lower-case letters and digits" in (refused.problem or "")


@pytest.mark.parametrize("name", ["has blank", "a/b", ""])
def test_a_model_name_that_a_shell_cannot_use_is_refused(
    small_memory: Registry, tmp_path: Path, name: str
) -> None:
    file = write_model(tmp_path / "waves.tflite")
    sheet = write_model_sheet(tmp_path / "sheet.toml", digest(model_bytes()), name=name)
    (refused,) = small_memory.add(file, sheet)
    assert "A model has one name without blanks or slashes" in (refused.problem or "")


def test_a_file_whose_stem_is_no_name_is_refused_and_says_so(small_memory: Registry, tmp_path: Path) -> None:
    (refused,) = small_memory.add(write_model(tmp_path / "my model.tflite"))
    assert "A model has one name without blanks or slashes" in (refused.problem or "")


@pytest.mark.parametrize("sha256", ["0" * 64, "", "../../etc/passwd", "a b"])
def test_a_sheet_without_its_file_is_refused(small_memory: Registry, tmp_path: Path, sha256: str) -> None:
    (refused,) = small_memory.add(write_model_sheet(tmp_path / "sheet.toml", sha256))
    assert refused.status == "refused"
    assert "add it together with its model file" in (refused.problem or "")


def test_a_path_that_is_not_there_is_an_error_before_anything_is_done(
    small_registry: Registry, tmp_path: Path
) -> None:
    good = write_model(tmp_path / "good.tflite")
    with pytest.raises(InputError, match="no such file or folder"):
        small_registry.add(good, tmp_path / "absent.tflite")
    with pytest.raises(UnknownName):
        small_registry.model("good")


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


# -- removing


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
    from tinykg.registry import Registry

    ship(small_share)
    registry = Registry.open("memory:")
    assert statuses(registry.add(write_model(tmp_path / "waves.tflite"))) == [("added", "model", "waves")]
    assert registry.remove("waves") == ["model"]
    assert len(registry.models()) == 4
