"""The energy monitor's reports and its exchange, against a simulated one."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("serial", reason="pyserial is not installed (extra bench)")

from hypothesis import given
from hypothesis import strategies as st

from tinykg.bench import energy_monitor
from tinykg.bench.dut_link import SerialLink
from tinykg.bench.energy_monitor import BAUD, EnergyMonitor, Record
from tinykg.bench.simulated_dut_monitor import POWER_W, SimulatedMonitor, _ascii_dec
from tinykg.bench.simulated_dut_pty import FarSide
from tinykg.errors import DeviceGarbled, DeviceGone, DeviceRefused, DeviceSilent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SET_UP = [
    "htc",
    "pwr off",
    "acqtime inf",
    "trigdelay 0",
    "trigsrc sw",
    "eventsrc d7 fal",
    "output energy",
    "format ascii_dec",
    "freq 1k",
    "volt 1800m",
]
STAMP = "TimeStamp: 001s 000ms, buff 00%"
RELEASE = ["stop", "pwr off", "hrc"]


def recorded(lines: Iterable[str]) -> Record:
    record = Record()
    for line in lines:
        assert record.take(line), line
    return record


def test_samples_are_four_digits_and_a_power_of_ten() -> None:
    assert recorded(["5000-08", "1234-09"]).samples == pytest.approx([5e-5, 1.234e-6])
    assert recorded(["0001+02"]).samples == [100.0]
    assert recorded(["5000-085000-08"]).samples == pytest.approx([5e-5, 5e-5])


@given(st.floats(1e-9, 1e-2))
def test_what_a_monitor_writes_is_what_is_read(joules: float) -> None:
    assert recorded([_ascii_dec(joules)]).samples == pytest.approx([joules], rel=1e-3)


def test_energy_is_the_sum_between_the_last_two_events() -> None:
    lines = ["event 4 ris", "9999-01", "event 5 ris", *["2000-08"] * 500, "event 6 ris", "9999-01"]
    energy = recorded(lines).energy("infer 1 0")
    assert energy.joules == pytest.approx(500 * 2e-5)
    assert energy.seconds == 0.5


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "saw 0 of the 2 events"),
        (["event 1 ris", "5000-08"], "saw 1 of the 2 events.*D7"),
        (["event 1 ris", "5000-08", "event 3 ris"], "events 1 and 3 do not follow"),
        (["event 1 ris", "event 2 ris"], "events but no sample"),
        (["event 1 ris", "5000-08", "50 0-08", "event 2 ris"], "cannot be read"),
        (
            ["event 1 ris", STAMP, *["5000-08"] * 990, STAMP, "5000-08", "event 2 ris"],
            "10 of 1000 samples.*missing",
        ),
    ],
)
def test_what_would_make_the_sum_too_small_is_garbled(lines: list[str], says: str) -> None:
    with pytest.raises(DeviceGarbled, match=says) as raised:
        recorded(lines).energy("infer 1 0")
    assert raised.value.place == "infer 1 0"


def test_a_window_of_less_than_a_sample_takes_no_time_so_that_a_longer_one_is_tried() -> None:
    energy = recorded(["5000-08", "event 1 ris", "event 2 ris", "5000-08"]).energy("infer 1 0")
    assert (energy.joules, energy.seconds) == (0.0, 0.0)


def test_faults_outside_the_window_do_not_matter() -> None:
    stamp = "TimeStamp: 001s 000ms, buff 12%"
    lines = [stamp, "50 0-08", *["5000-08"] * 10, stamp, "event 1 ris", "5000-08", "event 2 ris", "50-0"]
    assert recorded(lines).energy("x").joules == pytest.approx(5e-5)


def test_answers_are_no_reports() -> None:
    record = Record()
    assert not any(record.take(line) for line in ("ack htc", "PowerShield >", "", "event x ris", "end"))
    record.take("5000-08")
    record.clear()
    assert record == Record()


@contextmanager
def controlled(voltage: float = 1.8) -> Iterator[tuple[EnergyMonitor, SimulatedMonitor]]:
    with SimulatedMonitor() as simulated:
        link = SerialLink.open(simulated.port, BAUD)
        with link, EnergyMonitor(link, voltage) as monitor:
            yield monitor, simulated
        assert not link.is_open


def test_the_commands_and_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energy_monitor, "BOOT_S", 0.05)
    with controlled() as (monitor, simulated):
        monitor.power()
        heard = list(simulated.commands)
    assert heard == [*SET_UP, "pwr on nostatus", "start"]
    assert simulated.commands[len(heard) :] == RELEASE


def test_a_window_between_two_pulses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energy_monitor, "BOOT_S", 0.05)
    with controlled() as (monitor, simulated):
        monitor.power()
        for count in (500, 12_345):
            monitor.clear()
            simulated.pulse(0, after_inference=False)
            pulse = threading.Thread(
                target=simulated.pulse, args=(count * 1000,), kwargs={"after_inference": True}
            )
            pulse.start()  # more than a terminal holds: it must be read meanwhile
            energy = monitor.window("infer 1 0")
            pulse.join()
            assert energy.seconds == count / 1000
            assert energy.joules == pytest.approx(POWER_W * count / 1000)


def test_a_pin_that_moved_before_a_window_does_not_end_it_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energy_monitor, "BOOT_S", 0.05)
    with controlled() as (monitor, simulated):
        monitor.power()
        monitor.clear()
        simulated.pulse(0, after_inference=False)
        simulated.pulse(0, after_inference=False)
        end = threading.Timer(
            energy_monitor.SETTLE_S / 3, simulated.pulse, (40_000,), {"after_inference": True}
        )
        end.start()  # its report is on its way when the device has answered
        assert monitor.window("infer 1 0").seconds == 0.04
        end.join()


def test_a_window_without_its_events_is_waited_for_and_then_garbled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energy_monitor, "BOOT_S", 0.05)
    monkeypatch.setattr(energy_monitor, "EVENT_LIMIT_S", 0.2)
    with controlled() as (monitor, _):
        monitor.power()
        monitor.clear()
        start = time.monotonic()
        with pytest.raises(DeviceGarbled, match="saw 0 of the 2 events"):
            monitor.window("infer 1 0")
    assert time.monotonic() - start >= 0.2


@pytest.mark.parametrize("voltage", [0.0, 1.79, 3.31, 5.0])
def test_a_voltage_that_it_cannot_supply_is_refused(voltage: float) -> None:
    with SimulatedMonitor() as simulated, SerialLink.open(simulated.port, BAUD) as link:
        with pytest.raises(ValueError, match=r"the monitor supplies 1.8 to 3.3 V"):
            EnergyMonitor(link, voltage)
        assert simulated.commands == []


def test_what_the_monitor_refuses_is_told_in_its_words_and_the_board_is_left_without_power() -> None:
    with SimulatedMonitor() as simulated, SerialLink.open(simulated.port, BAUD) as link:
        monitor = EnergyMonitor(link, 1.8)
        monitor._voltage = 5.0
        with pytest.raises(DeviceRefused, match="out of range") as raised, monitor:
            pytest.fail("it was set up")
        assert raised.value.place == "energy monitor: volt 5000m"
        assert simulated.commands[-3:] == RELEASE


def test_a_monitor_that_does_not_answer_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energy_monitor, "ANSWER_LIMIT_S", 0.2)
    side = FarSide()
    with SerialLink.open(side.path, BAUD) as link:
        with pytest.raises(DeviceSilent) as raised, EnergyMonitor(link, 3.0):
            pytest.fail("it was set up")
        assert raised.value.place == "energy monitor: htc"
    side.close()


def test_a_monitor_that_is_unplugged_is_gone() -> None:
    side = FarSide()
    link = SerialLink.open(side.path, BAUD)
    side.unplug()
    with link, pytest.raises(DeviceGone), EnergyMonitor(link, 3.0):
        pytest.fail("it was set up")
    assert not link.is_open
    side.close()
