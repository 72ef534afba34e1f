"""The program that runs a model in an interpreter of this host, part by part, with a small engine."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("numpy", reason="NumPy is not installed (extra bench)")

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tinykg.bench.host_child import REPORT_EVERY_S, Talk, all_outputs, resident_bytes, split, times_ns
from tinykg.bench.host_child_process import _complaint

if TYPE_CHECKING:
    import numpy.typing as npt

KINDS = st.lists(
    st.tuples(st.sampled_from(["int8", "int16", "float32"]), st.lists(st.integers(1, 4), max_size=3)),
    min_size=1,
    max_size=4,
)


class Summing:
    """An engine whose one output is the sum of all that it was ever given."""

    def __init__(self) -> None:
        self._given: dict[int, npt.NDArray[Any]] = {}
        self._sum = 0

    def give(self, index: int, values: npt.NDArray[Any]) -> None:
        self._given[index] = values

    def invoke(self) -> None:
        self._sum += sum(int(values.sum()) for values in self._given.values())

    def outputs(self) -> list[npt.NDArray[Any]]:
        return [np.array([self._sum], "<i4")]


def quiet() -> Talk:
    return Talk(io.StringIO())


@given(KINDS, st.randoms(use_true_random=False))
def test_the_bytes_of_an_input_are_its_arrays_one_after_another(
    kinds: list[tuple[str, list[int]]], chance: Any
) -> None:
    wanted = [(np.dtype(kind), tuple(shape)) for kind, shape in kinds]
    size = sum(kind.itemsize * int(np.prod(shape)) for kind, shape in wanted)
    raw = bytes(chance.randrange(256) for _ in range(size))
    arrays = split(raw, wanted)
    assert [(one.dtype, one.shape) for one in arrays] == wanted
    assert b"".join(one.tobytes() for one in arrays) == raw
    with pytest.raises(ValueError, match="the interpreter takes"):
        split(raw + b"x", wanted)


def test_outputs_come_in_the_order_of_inputs_and_state_is_kept() -> None:
    given = [[np.array([n], "<i4"), np.array([10], "<i4")] for n in range(4)]
    found = all_outputs(Summing(), given, quiet(), "running")
    assert [int.from_bytes(one, "little") for one in found] == [10, 21, 33, 46]


def test_a_time_for_each_inference_after_the_warm_up_until_the_seconds_are_over() -> None:
    given = [[np.array([1], "<i4")]]
    order = {"warmup": 3, "iterations": 20, "seconds": 60.0}
    taken = times_ns(Summing(), given, order, quiet())
    assert len(taken) == 20
    assert min(taken) > 0
    assert len(times_ns(Summing(), given, {**order, "seconds": 0.0}, quiet())) == 1


def test_progress_is_told_now_and_then_and_a_result_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("tinykg.bench.host_child.time.monotonic", lambda: now[0])
    stream = io.StringIO()
    talk = Talk(stream)
    for step in range(10):
        talk.progress(step / 10, "timing")
        now[0] += 0.4 * REPORT_EVERY_S
    talk.tell({"result": {"stage": "ran"}})
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one["progress"] for one in said[:-1]] == [0.0, 0.3, 0.6, 0.9]
    assert said[-1] == {"result": {"stage": "ran"}}


def test_a_process_has_a_resident_set() -> None:
    found = resident_bytes()
    assert found is None or 1 << 20 < found < 1 << 40


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("", ""),
        ("[RecordingMicroAllocator] Arena\nINFO: Created\n\n", ""),
        ("Didn't find op for builtin opcode 'X'.\n", ": Didn't find op for builtin opcode 'X'"),
        ("a\nb\nc\nd\n", ": a b c"),
        ("noise\nTraceback (most recent call last):\n  File\nValueError: no.\n", ": ValueError: no"),
        ("x" * 1000, ": " + "x" * 400),
    ],
)
def test_a_complaint_is_the_first_lines_or_what_nobody_caught(said: str, complaint: str) -> None:
    assert _complaint(said) == complaint
