"""The simulated device: a real interpreter behind a pseudo-terminal, and all that can go wrong with it."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

pytest.importorskip("serial", reason="pyserial is not installed (extra bench)")
if find_spec("tflite_micro") is None:
    pytest.skip("the tflite-micro wheel is not installed (extra bench)", allow_module_level=True)

import numpy as np

from tinykg.bench.dut_client import DutClient, Timing
from tinykg.bench.dut_link import SerialLink
from tinykg.bench.simulated_dut import (
    NAME,
    Misbehaviour,
    SimulatedDut,
    Trouble,
    device_name,
    model_id_of,
    serve_dut,
    simulated_clock,
)
from tinykg.bench.simulated_dut_engine import EngineDied, SimulatedEngine
from tinykg.errors import DeviceError, DeviceGarbled, DeviceGone, DeviceSilent, InputError
from tinykg.files import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable

Said = TypeVar("Said")
OURS = data_folder() / "models" / "files"
DIGITS = (OURS / "digits_mlp_int8.tflite").read_bytes()
QUICK = Timing(line_s=0.5, infer_line_s=1.0, settle_s=0.3, resync_s=0.2, drain_s=5.0)


def children() -> set[str]:
    """The processes that this one has started and that still run."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def exchange(port: str, talk: Callable[[DutClient], Said], timing: Timing = QUICK) -> Said:
    """What a talk with a device gives; the port is closed afterwards, however it ends."""
    link = SerialLink.open(port, 115200)
    try:
        with link:
            return talk(DutClient(link, timing=timing))
    finally:
        assert not link.is_open
        held = [entry for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
        assert port not in {str(entry.readlink()) for entry in held if entry.exists()}


def infer(client: DutClient) -> object:
    client.greet()
    client.load(bytes(64))
    return client.infer(2, 1)


def test_it_says_that_it_is_simulated_and_by_what_its_clock_is_longer() -> None:
    assert device_name(1) == NAME
    assert [simulated_clock(device_name(factor)) for factor in (1, 2.5, 1000, 1e6)] == [1, 2.5, 1000, 1e6]
    assert simulated_clock("STMicroelectronics") is None
    assert simulated_clock(f"{NAME}-clock-x1.2.3") == 1.0


def test_a_model_is_named_by_mlperf_or_by_its_file(test_data: Path) -> None:
    kws = (test_data / "models" / "mlperf_tiny" / "kws_ref_model.tflite").read_bytes()
    assert model_id_of(kws) == "kws01"
    assert model_id_of(DIGITS) == f"file-{hashlib.sha256(DIGITS).hexdigest()[:16]}"


def test_it_runs_the_model_really(test_data: Path) -> None:
    """The answers to three inputs are those of the interpreter asked directly."""
    from tflite_micro import runtime

    kws = (test_data / "models" / "mlperf_tiny" / "kws_ref_model.tflite").read_bytes()
    inputs = np.random.default_rng(5).integers(-128, 128, (3, 1, 49, 10, 1), dtype=np.int8)
    direct = runtime.Interpreter.from_bytes(kws, arena_size=1 << 20)
    with SimulatedDut(kws) as dut:

        def talk(client: DutClient) -> None:
            assert client.greet().model == "kws01"
            for one in inputs:
                client.load(one.tobytes())
                assert client.buffer() == one.tobytes()
                direct.set_input(one, 0)
                direct.invoke()
                output = direct.get_output(0)[0].astype(float)
                assert client.infer(1, 0).results == tuple(round((v + 128) / 256, 3) for v in output)

        exchange(dut.port, talk)
        assert dut.version


@pytest.mark.parametrize("path", sorted(OURS.glob("*.tflite")), ids=lambda path: path.stem)
def test_our_own_models_run_on_it(path: Path) -> None:
    with SimulatedEngine(path.read_bytes()) as engine:
        size = sum(form.size_bytes for form in engine.inputs)
        took_ns, output = engine.run(3, bytes(size))
        assert took_ns > 0
        assert len(output) == engine.output.size_bytes


def test_the_clock_factor_makes_runs_longer_and_nothing_else() -> None:
    with SimulatedDut(DIGITS, clock_factor=10_000) as dut:

        def talk(client: DutClient) -> tuple[int, float]:
            client.greet()
            client.load(bytes(64))
            start, first = time.monotonic(), client.timestamp_us() or 0
            host_s = time.monotonic() - start
            idle_us = (client.timestamp_us() or 0) - first
            assert idle_us < (host_s + time.monotonic() - start) * 1e6 + 1e5
            return client.infer(1000, 0).elapsed_us or 0, time.monotonic() - start

        elapsed_us, passed_s = exchange(dut.port, talk)
    assert elapsed_us > 10 * passed_s * 1e6


def test_the_lap_counter_starts_anew_after_32_bits() -> None:
    start_us = 2**32 - 200_000
    with SimulatedDut(DIGITS, clock_factor=100_000, start_us=start_us) as dut:

        def talk(client: DutClient) -> tuple[int, int]:
            client.greet()
            client.load(bytes(64))
            return client.infer(100, 0).elapsed_us or 0, client.timestamp_us() or 0

        elapsed_us, now_us = exchange(dut.port, talk)
    assert 0 < elapsed_us < 2**31
    assert now_us < start_us


def test_it_greets_whoever_opens_the_port_and_outlives_them() -> None:
    with SimulatedDut(DIGITS) as dut:
        for _ in range(3):
            exchange(dut.port, infer)


TROUBLES = [
    (Misbehaviour.HANG, "infer", DeviceSilent, "infer 2 1"),
    (Misbehaviour.HANG, "db load", DeviceSilent, "db load 64"),
    (Misbehaviour.HANG, "profile", DeviceSilent, "profile"),
    (Misbehaviour.HALF_LINE, "infer", DeviceSilent, "infer 2 1"),
    (Misbehaviour.DIE, "infer", DeviceSilent, "infer 2 1"),
    (Misbehaviour.UNPLUG, "infer", DeviceGone, "infer 2 1"),
    (Misbehaviour.UNPLUG, "name", DeviceGone, "name"),
    (Misbehaviour.GARBAGE, "infer", DeviceGarbled, "infer 2 1"),
    (Misbehaviour.GARBAGE, "name", DeviceGarbled, "name"),
    (Misbehaviour.ENDLESS, "infer", DeviceGarbled, "infer 2 1"),
    (Misbehaviour.RESTART, "infer", DeviceGarbled, "infer 2 1"),
    (Misbehaviour.RESTART, "db load", DeviceGarbled, "db load 64"),
]


@pytest.mark.parametrize(("kind", "at", "error", "place"), TROUBLES)
def test_every_misbehaviour_is_an_error_of_its_kind_at_its_place(
    kind: Misbehaviour, at: str, error: type[DeviceError], place: str
) -> None:
    before = children()
    with SimulatedDut(DIGITS, trouble=Trouble(kind=kind, at=at)) as dut:
        with pytest.raises(error) as raised:
            exchange(dut.port, infer)
        assert type(raised.value) is error
        assert raised.value.place == place
    assert children() == before


def test_half_a_line_is_repeated_in_the_message() -> None:
    with (
        SimulatedDut(DIGITS, trouble=Trouble(kind=Misbehaviour.HALF_LINE)) as dut,
        pytest.raises(DeviceSilent, match="'m-warmup-start-10', then came half a line, 'm-infer-sta'"),
    ):
        exchange(dut.port, infer)


@pytest.mark.parametrize("kind", [Misbehaviour.NO_BANNER, Misbehaviour.SLOW_BANNER, Misbehaviour.STRAY_LINES])
def test_some_misbehaviours_are_put_up_with(kind: Misbehaviour) -> None:
    timing = Timing(line_s=2.0, settle_s=0.5, resync_s=0.3)
    with SimulatedDut(DIGITS, trouble=Trouble(kind=kind)) as dut:
        assert exchange(dut.port, infer, timing)


def test_a_run_that_goes_on_is_ended_with_the_device() -> None:
    before = children()
    with SimulatedDut(DIGITS, clock_factor=1) as dut:
        link = SerialLink.open(dut.port, 115200)
        link.send(b"infer 2000000000 0%")
        time.sleep(0.3)
        start = time.monotonic()
    assert time.monotonic() - start < 5
    assert children() == before
    with link, pytest.raises(DeviceGone):
        link.read_line(1)


def test_what_is_no_model_ends_before_there_is_a_port() -> None:
    before = children()
    for content in (b"", b"nothing", DIGITS[:2000]):
        with pytest.raises(EngineDied), SimulatedDut(content):
            pytest.fail("it started")
    assert children() == before


def test_an_interpreter_that_was_killed_says_so() -> None:
    with SimulatedEngine(DIGITS) as engine:
        engine.kill()
        with pytest.raises(EngineDied):
            engine.run(1)
        with pytest.raises(EngineDied):
            engine.run(1)


@pytest.mark.parametrize("factor", [0.5, 0, -1, 1e7, float("nan")])
def test_a_clock_factor_has_limits(factor: float) -> None:
    with pytest.raises(InputError, match="A clock factor is 1 to 1e"):
        SimulatedDut(DIGITS, clock_factor=factor)


SERVE = f"""
from pathlib import Path
from tinykg.bench.simulated_dut import serve_dut
say = lambda what: print(what, flush=True)
serve_dut(Path({str(OURS / "digits_mlp_int8.tflite")!r}).read_bytes(), None, say, energy=True, on_monitor=say)
print("ended", flush=True)
"""


def test_it_serves_until_it_is_interrupted() -> None:
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        monitor, port = process.stdout.readline().strip(), process.stdout.readline().strip()
        with SerialLink.open(port, 115200) as link:
            assert DutClient(link, timing=QUICK).greet().name == NAME
        assert Path(monitor).exists()
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "ended\n"
        assert process.wait(10) == 0


def test_whoever_serves_is_told_the_port_once() -> None:
    told: list[str] = []

    def ready(port: str) -> None:
        told.append(port)
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()

    serve_dut(DIGITS, "digits", ready)
    assert len(told) == 1
    assert not Path(told[0]).exists()
