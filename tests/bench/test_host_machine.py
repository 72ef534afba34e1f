"""What a host says of itself, and whether it is a board."""

from __future__ import annotations

import getpass
import socket
from typing import TYPE_CHECKING

import pytest

from tinykg.bench import host_machine
from tinykg.bench.host_machine import board_model, cpu_name, environment, host_words, is_this_host
from tinykg.records.device import DeviceType
from tinykg.records.evidence import Evidence, EvidenceKind

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.registry import Registry


def pi(name: str, *aliases: str) -> DeviceType:
    evidence = Evidence(kind=EvidenceKind.DECLARED, source="a test")
    return DeviceType(slug="pi", name=name, vendor=None, evidence=evidence, aliases=aliases, system="linux")


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which this host says which board it is."""
    monkeypatch.setattr(host_machine, "BOARD_MODEL", tmp_path / "model")
    return tmp_path / "model"


def test_a_pc_is_no_board(says: Path) -> None:
    assert board_model() is None
    assert not is_this_host(pi("Raspberry Pi 4 Model B"))
    says.write_bytes(b"\0")
    assert board_model() is None


@pytest.mark.parametrize(
    ("said", "name", "same"),
    [
        (b"Raspberry Pi 4 Model B Rev 1.4\0", "Raspberry Pi 4 Model B", True),
        (b"Raspberry Pi 3 Model B Plus Rev 1.3\0", "Raspberry Pi 3 Model B", False),
        (b"Raspberry Pi Zero 2 W Rev 1.0\0", "raspberry pi  zero 2 W", True),
        (b"Raspberry Pi 4 Model B Rev 1.4\0", "Raspberry Pi 4", False),
        (b"NVIDIA Jetson Nano Developer Kit\0", "NVIDIA Jetson Nano", False),
    ],
)
def test_a_host_is_a_board_where_it_says_the_same_name(
    said: bytes, name: str, same: bool, says: Path
) -> None:
    says.write_bytes(said)
    assert is_this_host(pi(name)) is same
    assert is_this_host(pi("Another", name)) is same


def test_the_registry_s_raspberry_pis_are_told_apart(says: Path, registry: Registry) -> None:
    """The type of 4 GB is not taken for granted: a devicetree does not say how much memory there is."""
    says.write_bytes(b"Raspberry Pi 3 Model B Rev 1.2\0")
    assert is_this_host(registry.device("raspberry-pi-3b"))
    assert not is_this_host(registry.device("raspberry-pi-4b"))
    says.write_bytes(b"Raspberry Pi 4 Model B Rev 1.4\0")
    assert not is_this_host(registry.device("raspberry-pi-4b"))


def test_a_processor_is_named_as_the_system_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "cpuinfo"
    monkeypatch.setattr(host_machine, "CPU_INFO", info)
    info.write_text("processor\t: 0\nmodel name\t: Some(R)  CPU @ 2 GHz\n")
    assert cpu_name() == "Some(R) CPU @ 2 GHz"
    info.write_text("processor\t: 0\nHardware\t: BCM2835\n")
    assert cpu_name() == "BCM2835"
    info.unlink()
    assert cpu_name()


def test_words_and_environment_tell_the_machine_s_kind_and_nobody_s_name() -> None:
    said = " ".join([host_words(), *environment().values()])
    assert environment()["python"].split()[1].count(".") == 2
    for private in (socket.gethostname(), getpass.getuser()):
        assert len(private) < 5 or private not in said


def test_a_board_is_named_before_its_processor(says: Path) -> None:
    says.write_bytes(b"Raspberry Pi 4 Model B Rev 1.4\0")
    assert host_words().startswith("Raspberry Pi 4 Model B Rev 1.4 (")
    assert environment()["board"] == "Raspberry Pi 4 Model B Rev 1.4"
