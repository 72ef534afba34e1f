"""What can be opened as a port and what cannot; pseudo-terminals, sockets and files are real ones."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("serial", reason="pyserial is not installed (extra bench)")

from scripted_device import ScriptedDevice, open_files

from tinykg.bench.dut_client import DutClient
from tinykg.bench.dut_link import SerialLink, is_pseudo_terminal
from tinykg.errors import DeviceError, DeviceGone

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["/dev/no-such-port", "", "/", "nul\0byte", "spy:///dev/ttyS0?file=x"])
def test_what_is_no_port_cannot_be_opened(name: str) -> None:
    with pytest.raises(DeviceGone) as raised:
        SerialLink.open(name, 115200)
    assert raised.value.place == "open"


def test_a_file_is_no_port_and_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text("precious")
    with pytest.raises(DeviceGone, match=r"no serial port.*socket://"):
        SerialLink.open(str(file), 115200)
    assert file.read_text() == "precious"


def test_a_device_file_that_is_no_terminal_is_no_port() -> None:
    before = open_files()
    with pytest.raises(DeviceGone, match="cannot be opened"):
        SerialLink.open("/dev/null", 115200)
    assert open_files() == before


def test_nobody_else_opens_a_port_that_is_in_use() -> None:
    with (
        ScriptedDevice([]) as device,
        SerialLink.open(device.port, 115200),
        pytest.raises(DeviceGone, match="cannot be opened"),
    ):
        SerialLink.open(device.port, 115200)


def test_a_socket_is_a_port_and_one_that_closes_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = SerialLink.open(f"socket://127.0.0.1:{server.getsockname()[1]}", 115200)
        peer, _ = server.accept()
        with link, peer:
            peer.sendall(b"m-name-dut-[acme]\r\n")
            client = DutClient(link)
            threading.Event().wait(0.1)
            assert link.read_line(1) == "m-name-dut-[acme]"
            peer.close()
            with pytest.raises(DeviceError):
                client.ask("name")
    assert not link.is_open


def test_a_socket_that_nobody_listens_on_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(DeviceGone, match="cannot be opened"):
        SerialLink.open(f"socket://127.0.0.1:{port}", 115200)


def test_a_loop_gives_back_what_it_was_sent() -> None:
    with SerialLink.open("loop://", 115200) as link:
        link.send(b"m-ready\r\n")
        assert link.read_line(1) == "m-ready"


def test_a_pseudo_terminal_is_told_from_a_wire() -> None:
    master, slave = os.openpty()
    try:
        assert is_pseudo_terminal(os.ttyname(slave))
    finally:
        os.close(master)
        os.close(slave)
    assert not is_pseudo_terminal("/dev/ttyACM0")
    assert not is_pseudo_terminal("socket://host:1")
