"""Footprints beside the interpreter of the tflite-micro wheel, to the byte."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tinykg.bench.tflite_micro_wheel import PARTS, Stage, tail_parts, verify, witness
from tinykg.extract.tflite import read_model
from tinykg.files import data_folder
from tinykg.footprint import footprint, load_runtime

if TYPE_CHECKING:
    from types import ModuleType

    from tinykg.records.runtime import Runtime

pytestmark = pytest.mark.skipif(
    find_spec("tflite_micro") is None, reason="the tflite-micro wheel is not installed (extra bench)"
)

OURS = sorted((data_folder() / "models" / "files").glob("*.tflite"))
PUBLISHED_EVERY = 4
"""Every fourth of the published files is run: a second for five."""

REFUSED = {
    "mlperf_tiny/kws_ref_model_float32.tflite",
    "ren/Person_Detection.tflite",
    "tflm/person_detect_vela.tflite",
}


@pytest.fixture(scope="session")
def wheel() -> Runtime:
    """The wheel's build."""
    return load_runtime(data_folder() / "runtimes" / "verify" / "tflite-micro-wheel.toml")


@pytest.fixture(scope="session")
def sketches() -> ModuleType:
    """The writer of small TFLite files that the reader's tests have."""
    path = Path(__file__).resolve().parent.parent / "extract" / "conftest.py"
    spec = spec_from_file_location("tflite_sketches", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def verified(data: bytes, wheel: Runtime, **options: Any) -> Any:
    return verify(data, footprint(read_model(data, "a test"), wheel), wheel, **options)


@pytest.mark.parametrize("path", OURS, ids=[path.stem for path in OURS])
def test_our_own_models_are_exact_in_every_part(path: Path, wheel: Runtime) -> None:
    found = verified(path.read_bytes(), wheel)
    assert found.agrees, found
    assert [row[0] for row in found.rows[1:-2]] == [f"tail: {part}" for part in PARTS]
    assert all(computed == reported for _, computed, reported in found.rows), found.rows


def test_there_are_models_of_our_own() -> None:
    assert len(OURS) == 5


def test_published_models_are_exact_or_refused_by_both(test_data: Path, wheel: Runtime) -> None:
    files = sorted((test_data / "models").rglob("*.tflite"))
    assert len(files) == 172
    names = {path.relative_to(test_data / "models").as_posix(): path for path in files}
    chosen = [*list(names)[::PUBLISHED_EVERY], *(n for n in names if not n.startswith("seanet"))]
    wrong = {}
    for name in dict.fromkeys(chosen):
        found = verified(names[name].read_bytes(), wheel)
        refused = not found.rows
        differ = [row for row in found.rows if row[1] != row[2]]
        if not found.agrees or differ or refused != (name in REFUSED):
            wrong[name] = (found.sentence, differ)
    assert wrong == {}


def test_subgraphs_and_resource_variables_are_exact(sketches: ModuleType, wheel: Runtime) -> None:
    writer = sketches.ModelWriter()
    table = writer.table
    writer.table = lambda name, fields: table(
        name, {k: writer.text(v) if isinstance(v, str) else v for k, v in fields.items()}
    )
    data = writer.model(_with_a_variable(sketches))
    file = read_model(data, "a test")
    assert len(file.subgraphs) == 2
    found = verified(data, wheel)
    assert found.agrees, found
    assert all(computed == reported for _, computed, reported in found.rows), found.rows


def _with_a_variable(s: ModuleType) -> Any:
    """A second subgraph, called once, stores a constant in a variable that the first one reads."""
    operator = import_module("tflite.BuiltinOperator").BuiltinOperator
    resource = import_module("tflite.TensorType").TensorType.RESOURCE
    codes = [operator.VAR_HANDLE, operator.READ_VARIABLE, operator.CALL_ONCE, operator.ASSIGN_VARIABLE]
    handle = s.TensorSketch(shape=(1,), type=resource, name="handle")

    names = {"Container": "", "SharedName": "state"}
    var_handle = s.OperatorSketch(code=0, outputs=[0], options=("VarHandleOptions", names))
    main = s.SubgraphSketch(
        tensors=[handle, s.TensorSketch(name="value", shape=(1, 20))],
        outputs=[1],
        operators=[
            s.OperatorSketch(code=2, options=("CallOnceOptions", {"InitSubgraphIndex": 1})),
            var_handle,
            s.OperatorSketch(code=1, inputs=[0], outputs=[1], options=("ReadVariableOptions", {})),
        ],
    )
    once = s.SubgraphSketch(
        name="once",
        tensors=[handle, s.TensorSketch(name="first", shape=(1, 20), buffer=1)],
        operators=[
            var_handle,
            s.OperatorSketch(code=3, inputs=[0, 1], options=("AssignVariableOptions", {})),
        ],
    )
    return s.ModelSketch(
        subgraphs=[main, once],
        codes=[(min(code, 127), code, None, 1) for code in codes],
        buffers=[b"", bytes(80)],
    )


def test_another_builds_sizes_are_a_difference_with_both_breakdowns() -> None:
    arm = load_runtime(data_folder() / "runtimes" / "tflm-ref-arm32.toml")
    data = OURS[0].read_bytes()
    found = verify(data, footprint(read_model(data, "a test"), arm), arm)
    assert found.agrees is False
    assert found.sentence.startswith("tail differs")
    assert "measured on" in found.sentence
    assert found.rows[0][1] == found.rows[0][2], "the head does not depend on the ABI"
    assert (found.rows[-2][1] or 0) < (found.rows[-2][2] or 0)


def test_a_refused_model_is_refused_by_both(test_data: Path, wheel: Runtime) -> None:
    data = (test_data / "models" / "ren" / "Person_Detection.tflite").read_bytes()
    found = verified(data, wheel)
    assert found.agrees is True
    assert "both refuse" in found.sentence
    assert "Hybrid models are not supported" in found.sentence


def test_a_crash_of_the_interpreter_is_told_not_suffered() -> None:
    seen = witness(b"\xff" * 64, 1 << 20)
    assert seen.stage is Stage.CRASHED
    assert seen.reason
    assert seen.tail_bytes is None


def test_the_time_limit_holds(wheel: Runtime) -> None:
    found = verified(OURS[0].read_bytes(), wheel, time_limit_s=0.001)
    assert found.agrees is None
    assert "timed out" in found.sentence


def test_parts_of_the_tail_sum_up(wheel: Runtime) -> None:
    data = OURS[0].read_bytes()
    parts = footprint(read_model(data, "a test"), wheel)
    assert sum(tail_parts(parts.tail).values()) == parts.tail_bytes
