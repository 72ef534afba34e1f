"""What the built-in catalogue must answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tinykg.errors import UnknownName
from tinykg.records.match import Match, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.registry import Registry

FITS, NOT, UNKNOWN = Verdict.FITS, Verdict.DOES_NOT_FIT, Verdict.UNKNOWN
TODAY = "tflm-ref-arm32"
"""Today's TensorFlow Lite Micro with reference kernels."""


@pytest.fixture(scope="module")
def on_nano33(registry: Registry) -> dict[str, Match]:
    """Each model's match with the Nano 33 BLE Sense, by name."""
    return {m.model: m for m in registry.match(device="nano33", all_verdicts=True)}


@pytest.fixture(scope="module")
def today_on_nano33(registry: Registry) -> dict[str, Match]:
    """The same by today's TensorFlow Lite Micro alone."""
    return {m.model: m for m in registry.match(device="nano33", runtime=TODAY, all_verdicts=True)}


def failed(match: Match) -> set[str]:
    return {reason.name for reason in match.reasons if reason.verdict is NOT}


def test_every_model_has_one_answer(registry: Registry, on_nano33: dict[str, Match]) -> None:
    assert set(on_nano33) == {model.name for model in registry.models()}
    assert {m.device for m in on_nano33.values()} == {"arduino-nano-33-ble-sense"}


def test_camera_models_do_not_fit_a_board_without_a_camera(
    registry: Registry, on_nano33: dict[str, Match]
) -> None:
    cameras = [model.name for model in registry.models() if "image" in model.senses]
    assert len(cameras) >= 8
    for name in cameras:
        assert on_nano33[name].verdict is NOT, name
        assert "sensors" in failed(on_nano33[name]), name
        assert "no sensor on the board observes image" in [c.message for c in on_nano33[name].constraints]


def test_keyword_and_gesture_models_fit_it(on_nano33: dict[str, Match]) -> None:
    for name in ("Hello_World", "Micro_Speech_Yes_No_1", "Magic_Wand_1", "kws_ref_model", "okay_nabu"):
        assert on_nano33[name].verdict is FITS, name


def test_most_models_fit_it(on_nano33: dict[str, Match]) -> None:
    assert sum(m.verdict is FITS for m in on_nano33.values()) >= 40


def test_margins_are_what_is_left(today_on_nano33: dict[str, Match]) -> None:
    for m in today_on_nano33.values():
        if m.verdict is FITS:
            assert m.ram_available_bytes == 262144
            assert m.ram_required_bytes is not None
            assert m.arena_bytes is not None
            assert m.stack_reserve_bytes == 4096
            assert m.ram_required_bytes > m.arena_bytes + m.stack_reserve_bytes
            assert m.ram_required_bytes <= m.ram_available_bytes


def test_the_uint8_person_detector_is_refused_with_operator_and_type(
    today_on_nano33: dict[str, Match],
) -> None:
    """uint8 kernels left TensorFlow Lite Micro years ago; this model is from before."""
    operators = today_on_nano33["Person_Detection"].constraints[0]
    assert operators.verdict is NOT
    assert "CONV_2D" in operators.message
    assert "uint8" in operators.message
    assert "uint8" in operators.found


def test_hybrid_weights_are_refused(today_on_nano33: dict[str, Match]) -> None:
    found = today_on_nano33["kws_ref_model_float32"].constraints[0]
    assert (found.verdict, found.found) == (NOT, ("float32", "int8"))


def test_the_uno_fits_nothing_and_says_why(registry: Registry) -> None:
    assert registry.match(device="uno") == []
    found = registry.match(device="uno", all_verdicts=True)
    assert {m.verdict for m in found} == {NOT}
    assert all("system" in failed(m) for m in found)
    assert set().union(*map(failed, found)) >= {"ram", "flash", "system"}
    [hello] = [m for m in found if m.model == "Hello_World"]
    assert failed(hello) == {"ram", "system"}


def test_a_person_detector_fits_boards_with_a_camera(registry: Registry) -> None:
    boards = {m.device for m in registry.match(model="person_detect")}
    cameras = {device.slug for device in registry.devices() if "camera" in device.sensors}
    assert len(boards) >= 5
    assert boards <= cameras
    assert "arduino-nicla-vision" in boards


def test_a_model_that_needs_nothing_fits_wherever_the_runtime_runs(registry: Registry) -> None:
    found = registry.match(model="Hello_World", all_verdicts=True)
    assert len(found) == len(registry.devices())
    assert not any("sensors" in {r.name for r in m.reasons} for m in found)


def test_boards_whose_sensors_nobody_stated_are_unknown_not_refused(registry: Registry) -> None:
    [found] = registry.match(model="person_detect", device="infineon-cy8ckit-062s2-43012", all_verdicts=True)
    assert found.verdict is UNKNOWN
    assert [r.name for r in found.reasons] == ["sensors"]


def test_a_least_accuracy_leaves_models_without_one_unknown(registry: Registry) -> None:
    asked = {
        m.model: m
        for m in registry.match(
            device="nano33", task="keyword-spotting", min_accuracy=0.92, all_verdicts=True
        )
    }
    assert asked["ARM_DS_CNN_Small"].verdict is FITS
    assert failed(asked["Micro_Speech_Yes_No_2"]) == {"accuracy"}
    assert asked["Micro_Speech_Up_Down_Go"].verdict is UNKNOWN
    assert "is not known" in asked["Micro_Speech_Up_Down_Go"].reasons[0].message


def test_a_task_takes_in_narrower_ones(registry: Registry) -> None:
    wake = {m.model for m in registry.match(device="nano33", task="wake-word")}
    spotting = {m.model for m in registry.match(device="nano33", task="keyword-spotting")}
    audio = {m.model for m in registry.match(device="nano33", task="audio-classification")}
    assert "okay_nabu" in wake
    assert wake < spotting < audio
    assert "Snoring_Guardian" in audio - spotting


def test_a_runtime_can_be_asked_for(registry: Registry) -> None:
    found = registry.match(device="nano33", runtime=TODAY)
    assert {m.runtime for m in found} == {TODAY}


def test_the_order_is_the_one_asked_for(registry: Registry) -> None:
    found = registry.match(device="nano33", sort="ram")
    sizes = [m.ram_required_bytes or 0 for m in found]
    assert sizes == sorted(sizes)
    tasks = [m.task or "~" for m in registry.match(device="nano33")]
    assert tasks == sorted(tasks)


def test_aliases_and_spellings_find_the_board(registry: Registry) -> None:
    named = {
        m.device
        for name in ("nano33", "NANO33", "nano-33-ble-sense", "Arduino Nano 33 BLE Sense (rev1)")
        for m in registry.match(device=name, model="hello_world")
    }
    assert named == {"arduino-nano-33-ble-sense"}


@pytest.mark.parametrize(
    ("asked", "kind", "near"),
    [
        ({"device": "nano3"}, "device", "arduino-nano-33-ble-sense"),
        ({"model": "Magic_Wand"}, "model", "Magic_Wand_1"),
        ({"device": "nano33", "runtime": "tflm-ref-arm"}, "runtime", "tflm-ref-arm32"),
        ({"device": "nano33", "task": "keyword"}, "task", "keyword-spotting"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(
    registry: Registry, asked: dict[str, str], kind: str, near: str
) -> None:
    with pytest.raises(UnknownName) as raised:
        registry.match(**asked)  # type: ignore[arg-type]
    assert raised.value.kind == kind
    assert near in raised.value.near


class TestAFileThatIsNotRegistered:
    """A registered model's file gives the same answer without its record, as far as the file can tell."""

    def test_it_gets_the_answer_of_the_registered_model(self, registry: Registry, test_data: Path) -> None:
        file = test_data / "models" / "ren" / "Magic_Wand_1.tflite"
        [unknown] = registry.match(model=file, device="nano33", runtime=TODAY)
        [known] = registry.match(model="Magic_Wand_1", device="nano33", runtime=TODAY)
        assert unknown.model == "Magic_Wand_1.tflite"
        assert unknown.ram_required_bytes == known.ram_required_bytes
        assert unknown.flash_required_bytes == known.flash_required_bytes
        assert unknown.task is None

    def test_what_it_senses_is_not_stated_and_can_be(self, registry: Registry, test_data: Path) -> None:
        file = str(test_data / "models" / "ren" / "Magic_Wand_1.tflite")
        [silent] = registry.match(model=file, device="nano33", all_verdicts=True)
        [sees] = registry.match(model=file, device="nano33", senses=["image"], all_verdicts=True)
        assert [c.message for c in silent.constraints if c.name == "sensors"] == [
            "its sensor needs are not stated"
        ]
        assert (silent.verdict, sees.verdict) == (FITS, NOT)

    def test_all_boards_are_asked(self, registry: Registry, test_data: Path) -> None:
        file = next((test_data / "models" / "tflm").rglob("*person_detect.tflite"))
        found = registry.match(model=file, all_verdicts=True)
        assert len(found) == len(registry.devices())

    def test_nothing_of_it_stays(self, registry: Registry, test_data: Path) -> None:
        before = [model.name for model in registry.models()]
        registry.match(model=test_data / "models" / "ren" / "Magic_Wand_1.tflite", device="nano33")
        assert [model.name for model in registry.models()] == before


class TestExplain:
    def test_every_runtime_is_explained_the_best_first(self, registry: Registry) -> None:
        found = registry.explain("Magic_Wand_1", "nano33")
        assert {e.match.runtime for e in found} == {runtime.name for runtime in registry.runtimes()}
        [best] = registry.match(model="Magic_Wand_1", device="nano33")
        assert found[0].match == best

    def test_a_camera_model_is_told_what_would_help(self, registry: Registry) -> None:
        first = registry.explain("person_detect", "nano33")[0]
        assert first.remedies[0] == "attach a sensor that observes image to arduino-nano-33-ble-sense"
        assert any(line.startswith("boards it does fit: ") for line in first.remedies)

    def test_an_old_model_is_told_of_newer_ones_for_its_task(self, registry: Registry) -> None:
        [first] = registry.explain("Person_Detection", "nicla-vision", runtime=TODAY)
        assert "no uint8 kernels" in first.remedies[0]
        assert first.remedies[-1].startswith("other models for person-detection that fit this board: ")
        assert "person_detect" in first.remedies[-1]

    def test_a_file_can_be_explained(self, registry: Registry, test_data: Path) -> None:
        found = registry.explain(test_data / "models" / "ren" / "Magic_Wand_1.tflite", "uno")
        assert {e.match.verdict for e in found} == {NOT}
        assert found[0].remedies
