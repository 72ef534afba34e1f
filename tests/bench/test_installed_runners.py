"""Which runners are installed, what becomes of faulty plug-ins, and which one is chosen for a device."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest
from bench_plugins import PlainRunner, only

from tinykg.bench.installed import BUILT_IN, GROUP, PREFERRED, Runners, load, runners
from tinykg.bench.protocol import Runner
from tinykg.errors import UnknownName


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("runner_of_this_test")
    module.__dict__.update(RUNNER=PlainRunner(), NOT_ONE=object())
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_the_built_in_runners_load_without_their_extras_and_say_what_they_measure() -> None:
    found = runners()
    assert found.broken == {}
    assert {point.name for point in BUILT_IN} <= set(found.working)
    for name, runner in found.working.items():
        assert isinstance(runner, Runner)
        assert runner.name == name
        assert len(runner.measures) > 40
        assert len(runner.leaves_out) > 20
        assert all(runner.options.values())


def test_a_plug_in_is_one_more_runner(plugin: ModuleType) -> None:
    found = load([*BUILT_IN, point("plain", f"{plugin.__name__}:RUNNER")])
    assert set(found.working) == {"plain", *(point.name for point in BUILT_IN)}


def test_a_faulty_plug_in_is_named_and_stops_no_other(plugin: ModuleType) -> None:
    found = load(
        [
            point("absent", "no_such_module:RUNNER"),
            point("not-one", f"{plugin.__name__}:NOT_ONE"),
            point("plain", f"{plugin.__name__}:RUNNER"),
            point("plain", f"{plugin.__name__}:SECOND"),
        ]
    )
    assert set(found.working) == {"plain"}
    assert set(found.broken) == {"absent", "not-one", f"plain ({plugin.__name__}:SECOND)"}
    assert "no_such_module" in found.broken["absent"]
    with pytest.raises(UnknownName, match="cannot be loaded: no_such_module"):
        found.named("absent")


def test_an_unknown_runner_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match="Did you mean a or b"):
        only(PlainRunner(name="b"), PlainRunner(name="a")).named("qemu")


def installed(**why_not: str | None) -> Runners:
    return only(*(PlainRunner(name=name.replace("_", "-"), why_not=why) for name, why in why_not.items()))


@pytest.mark.parametrize(
    ("has", "options", "chosen"),
    [
        ({"tflm_host": None, "qemu_cortex_m": None}, {}, "qemu-cortex-m"),
        ({"tflm_host": None, "qemu_cortex_m": "no Cortex-M"}, {}, "tflm-host"),
        ({"tflm_host": None, "vela": None, "qemu_cortex_m": None}, {}, "vela"),
        ({"tflm_host": None, "mlperf_tiny": None}, {}, "tflm-host"),
        ({"tflm_host": None, "mlperf_tiny": None}, {"port": "/dev/ttyACM0"}, "mlperf-tiny"),
        ({"tflm_host": None, "mlperf_tiny": "no"}, {"port": "/dev/ttyACM0"}, "tflm-host"),
        ({"mlperf_tiny": None}, {}, None),
        ({"own": None}, {}, "own"),
        ({"own": None, "tflm_host": None}, {}, "tflm-host"),
        ({"own": "no"}, {}, None),
        ({}, {}, None),
    ],
)
def test_the_runner_that_says_most_about_a_device_is_chosen(
    has: dict[str, str | None], options: dict[str, str], chosen: str | None
) -> None:
    best = installed(**has).best(None, options)
    assert (None if best is None else best.name) == chosen


def test_what_is_preferred_is_built_in() -> None:
    assert set(PREFERRED) < {point.name for point in BUILT_IN}
