"""What a firmware's build needs of the models that are built in, of added ones, and of files."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinykg.errors import ExtractError, InputError, ModelNotKept, StoreError, UnknownFormat, UnknownName
from tinykg.records.device import Sensor
from tinykg.records.match import Verdict
from tinykg.report.build_header import header
from tinykg.report.build_json import build_value

if TYPE_CHECKING:
    from tinykg.registry import Registry

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "models" / "files"
DIGITS = SHIPPED / "digits_cnn_int8.tflite"


def bare_file(tmp_path: Path, name: str = "mine.tflite") -> Path:
    """A file under a name that is not registered."""
    return Path(shutil.copy(DIGITS, tmp_path / name))


# -- verdict, arena, runtime


@pytest.mark.parametrize("device", ["nano33", "uno", "pico", "arduino-nicla-vision"])
@pytest.mark.parametrize(
    "model", ["kws", "person_detect", "Person_Detection", "hello_world_float", "okay_nabu"]
)
def test_it_is_the_verdict_that_explain_gives(registry: Registry, model: str, device: str) -> None:
    found = registry.build(model, device)
    best = registry.explain(model, device)[0].match
    assert found.match == best
    assert found.runtime.name == best.runtime
    assert found.model.name == best.model


def test_a_runtime_that_is_named_is_taken(registry: Registry) -> None:
    found = registry.build("kws", "nano33", runtime="tflm-ref-arm32")
    [only] = registry.explain("kws", "nano33", runtime="tflm-ref-arm32")
    assert found.match == only.match
    assert (found.runtime.name, found.runtime.family) == ("tflm-ref-arm32", "tflite-micro")
    assert found.runtime.version == "90b983c2 (2026-08-20)"
    assert found.arena_bytes == only.match.arena_bytes


def test_the_arena_is_that_of_the_footprint_and_a_multiple_of_its_alignment(registry: Registry) -> None:
    """Equal to what an emulated Cortex-M4F asked for, where it was measured: no step of 16 bytes less."""
    measured = {"kws": 22832, "digits_mlp_int8": 1984, "hello_world_int8": 1168, "ad01_int8": 3024}
    for model, arena_bytes in measured.items():
        found = registry.build(model, "nano33", runtime="tflm-cmsis-nn-arm32")
        assert (found.arena_bytes, found.arena_alignment_bytes) == (arena_bytes, 16)


def test_every_model_has_a_build_that_agrees_with_its_file(registry: Registry) -> None:
    """All are compiled together, too, as C and as C++."""
    count = 0
    for summary in registry.models():
        found = registry.build(summary.name, "nano33", runtime="tflm-cmsis-nn-arm32")
        _, file = registry.model(summary.name)
        assert found.file == file
        operators = {layer.name for graph in file.subgraphs for layer in graph.layers}
        assert found.resolver is not None
        assert {entry.operator for entry in found.resolver} == operators
        assert len(found.resolver) == len(operators)
        if found.arena_bytes is not None:
            assert found.arena_bytes % 16 == 0
            assert all(entry.add_method for entry in found.resolver)
            count += 1
        assert [port.tensor for port in found.inputs] == [file.main.tensors[i] for i in file.main.inputs]
        assert [port.tensor for port in found.outputs] == [file.main.tensors[i] for i in file.main.outputs]
    assert count > 40


@pytest.mark.parametrize(("program", "standard"), [("gcc", "c99"), ("g++", "c++11")])
def test_all_headers_compile_together(
    registry: Registry, tmp_path: Path, program: str, standard: str
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    names = [summary.name for summary in registry.models()]
    for name in names:
        (tmp_path / f"{name}.h").write_text(header(registry.build(name, "uno")), encoding="ascii")
    source = tmp_path / "all.c"
    source.write_text("".join(f'#include "{name}.h"\n' for name in names) + "int x;\n", encoding="ascii")
    words = [
        program,
        f"-std={standard}",
        "-x",
        "c++" if "+" in standard else "c",
        "-Wall",
        "-Wextra",
        "-Werror",
    ]
    done = subprocess.run(
        [*words, "-c", source, "-o", tmp_path / "all.o"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(names) >= 54


def test_a_refused_file_has_operators_and_no_arena(registry: Registry) -> None:
    found = registry.build("Person_Detection", "nano33", runtime="tflm-cmsis-nn-arm32")
    assert found.match.verdict is Verdict.DOES_NOT_FIT
    assert found.arena_bytes is None
    assert found.resolver
    assert "arena" not in build_value(found)


def test_a_custom_operator_of_another_runtime_has_no_method(registry: Registry) -> None:
    found = registry.build("person_detect_vela", "nano33", runtime="tflm-cmsis-nn-arm32")
    assert [(e.operator, e.custom, e.add_method) for e in found.resolver or ()] == [("ethos-u", True, None)]


def test_a_compiled_file_is_run_by_the_kernel_of_the_accelerator(registry: Registry) -> None:
    found = registry.build("person_detect_vela", "alif-devkit-e7", runtime="ethos-u55")
    assert [(e.operator, e.add_method) for e in found.resolver or ()] == [("ethos-u", "AddEthosU")]
    assert found.arena_bytes is not None


def test_what_a_compiler_leaves_of_a_file_is_not_said(registry: Registry) -> None:
    found = registry.build("person_detect", "alif-devkit-e7", runtime="ethos-u55")
    assert (found.resolver, found.resource_variables, found.arena_bytes) == (None, None, None)


@pytest.mark.parametrize("runtime", ["litert-linux", "static-codegen-arm32", "edgetpu"])
def test_without_an_interpreter_there_is_neither_resolver_nor_arena(registry: Registry, runtime: str) -> None:
    found = registry.build("kws", "raspberry-pi-4b", runtime=runtime)
    assert (found.resolver, found.resource_variables, found.arena_bytes) == (None, None, None)
    assert found.inputs


def test_a_streaming_model_says_how_many_variables_it_keeps(registry: Registry) -> None:
    assert registry.build("okay_nabu", "nano33").resource_variables == 6
    assert registry.build("kws", "nano33").resource_variables == 0


def test_versions_of_an_operator_are_those_of_its_layers(registry: Registry) -> None:
    found = {e.operator: e.versions for e in registry.build("kws", "nano33").resolver or ()}
    assert found["CONV_2D"] == (3,)
    _, file = registry.model("kws")
    assert found == {
        name: tuple(sorted({layer.version for layer in file.main.layers if layer.name == name}))
        for name in found
    }


def test_arguments_are_those_of_the_signature(registry: Registry) -> None:
    found = registry.build("Magic_Wand_2", "nano33")
    assert [(p.argument, p.tensor.index) for p in (*found.inputs, *found.outputs)] == [
        ("input_2", 0),
        ("dense_1", 15),
    ]
    assert [p.argument for p in registry.build("kws", "nano33").inputs] == [None]


# -- what it senses


def test_the_sensor_of_the_board_that_observes_what_is_sensed(registry: Registry) -> None:
    [sound] = registry.build("kws", "nano33").senses or ()
    assert (sound.need.observes, sound.need.rate_hz, sound.window_samples) == ("sound", 16000.0, 16000)
    assert sound.observed_by == (Sensor(kind="microphone", part="MP34DT05"),)


def test_each_property_has_its_own_sensor(registry: Registry) -> None:
    found = registry.build("Magic_Wand_2", "nano33").senses or ()
    assert [(s.need.observes, s.observed_by) for s in found] == [
        ("acceleration", (Sensor(kind="accelerometer", part="LSM9DS1"),)),
        ("angular-velocity", (Sensor(kind="gyroscope", part="LSM9DS1"),)),
    ]
    assert [(s.need.minimum, s.need.maximum, s.need.unit) for s in found] == [
        (-4, 4, "g"),
        (-2000, 2000, "deg/s"),
    ]


def test_a_board_without_such_a_sensor_and_one_of_unknown_sensors(registry: Registry) -> None:
    [none] = registry.build("kws", "pico").senses or ()
    assert none.observed_by == ()
    unstated = next(
        d.slug for d in registry.devices("core=Cortex-M4F") if registry.device(d.slug).sensors is None
    )
    found = registry.build("kws", unstated)
    assert [s.observed_by for s in found.senses or ()] == [None]


def test_a_model_that_needs_no_sensor(registry: Registry) -> None:
    assert registry.build("digits_mlp_int8", "nano33").senses == ()


# -- names


@pytest.mark.parametrize(
    ("model", "device", "runtime", "kind"),
    [
        ("no_such_model", "nano33", None, "model"),
        ("kws", "nano34000", None, "device"),
        ("kws", "nano33", "tflm-ref-arm", "runtime"),
    ],
)
def test_a_wrong_name_is_a_typed_error(
    registry: Registry, model: str, device: str, runtime: str | None, kind: str
) -> None:
    with pytest.raises(UnknownName) as caught:
        registry.build(model, device, runtime=runtime)
    assert caught.value.kind == kind


# -- files that nobody registered


def test_a_file_is_built_like_a_registered_model(registry: Registry, tmp_path: Path) -> None:
    path = bare_file(tmp_path)
    found, known = registry.build(path, "nano33"), registry.build("digits_cnn_int8", "nano33")
    assert (found.arena_bytes, found.resolver, found.inputs) == (
        known.arena_bytes,
        known.resolver,
        known.inputs,
    )
    assert (found.model.name, found.model.licence, found.senses) == ("mine.tflite", None, None)
    assert registry.model_bytes(path) == DIGITS.read_bytes()
    assert registry.build(str(path), "nano33") == found


def test_a_file_that_is_no_model_is_a_typed_error(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "text.tflite"
    path.write_text("not a model")
    for ask in (lambda: registry.build(path, "nano33"), lambda: registry.model_bytes(path)):
        with pytest.raises((ExtractError, UnknownFormat)):
            ask()
    with pytest.raises(InputError, match="no such file"):
        registry.model_bytes(tmp_path / "nowhere.tflite")


# -- the bytes


def test_models_that_the_package_ships_have_their_bytes_everywhere(registry: Registry) -> None:
    for path in sorted(SHIPPED.glob("*.tflite")):
        assert registry.model_bytes(path.stem) == path.read_bytes()


def test_where_only_facts_are_known_the_error_says_where_the_file_is(registry: Registry) -> None:
    with pytest.raises(ModelNotKept) as caught:
        registry.model_bytes("kws")
    model, file = registry.model("kws")
    assert (caught.value.model, caught.value.sha256) == ("kws_ref_model", file.sha256)
    assert caught.value.address == model.file_address
    assert re.search(
        r"only facts of its file \(sha256 aeea.*\)\. Published at https://raw\.", str(caught.value)
    )
    assert "tinykg add FILE" in str(caught.value)


def test_every_other_model_is_refused_and_none_made_up(registry: Registry) -> None:
    ours = {hashlib.sha256(path.read_bytes()).hexdigest() for path in SHIPPED.glob("*.tflite")}
    for summary in registry.models():
        if summary.sha256 not in ours:
            with pytest.raises(ModelNotKept):
                registry.model_bytes(summary.name)


def test_an_added_file_is_given_back_to_the_byte(fresh_registry: Registry, tmp_path: Path) -> None:
    # trailing bytes are the file's own and give it a digest that nobody else's has
    content = DIGITS.read_bytes() + b"\x00" * 16
    path = tmp_path / "own.tflite"
    path.write_bytes(content)
    [intake] = fresh_registry.add(path)
    assert intake.name == "own"
    assert fresh_registry.model_bytes("own") == content
    fresh_registry.remove("own")
    with pytest.raises(UnknownName):
        fresh_registry.model_bytes("own")


def test_a_published_file_that_is_added_can_be_had(fresh_registry: Registry, test_data: Path) -> None:
    path = next((test_data / "models").rglob("kws_ref_model.tflite"))
    fresh_registry.add(path)
    assert fresh_registry.model_bytes("kws") == path.read_bytes()


def test_a_damaged_file_is_not_given_out(fresh_registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "own.tflite"
    path.write_bytes(DIGITS.read_bytes() + b"\x00" * 16)
    fresh_registry.add(path)
    [kept] = (Path(fresh_registry.where) / "files").iterdir()
    kept.write_bytes(b"something else")
    with pytest.raises(StoreError, match="damaged"):
        fresh_registry.model_bytes("own")


def test_the_error_of_a_model_without_an_address_names_none() -> None:
    error = ModelNotKept("net", "ab" * 32, None)
    assert error.address is None
    assert "Published" not in str(error)
