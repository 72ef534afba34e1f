"""Client and firmware joined without a port: what one sends the other understands, however bytes are cut."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

pytest.importorskip("serial", reason="pyserial is not installed (extra bench)")

from hypothesis import given, settings
from hypothesis import strategies as st

from tinykg.bench.dut_client import DutClient, Timing
from tinykg.bench.dut_link import SerialLink
from tinykg.bench.dut_messages import READY
from tinykg.bench.dut_tensors import TensorForm
from tinykg.bench.simulated_dut_firmware import Announced, Firmware
from tinykg.errors import DeviceError, DeviceRefused

AT_ONCE = Timing(line_s=5.0, infer_line_s=5.0, settle_s=0.2, resync_s=0.0, drain_s=1.0)
"""Everything is there before it is read, so that nothing waits but for a banner."""

NEVER = Timing(line_s=0.002, infer_line_s=0.002, settle_s=0.0, resync_s=0.0, drain_s=0.0)
"""For what never ends as it should."""


class Model:
    """A model of `size` bytes that answers with its input."""

    def __init__(self, size: int) -> None:
        self.inputs = (TensorForm(element_type="int8", shape=(1, size)),)
        self.output = self.inputs[0]
        self._content = bytes(size)

    def run(self, iterations: int, content: bytes = b"") -> tuple[int, bytes]:
        self._content = content or self._content
        return 1000 * iterations, self._content


class Clock:
    """Each run takes a microsecond."""

    us = 0

    def now_us(self) -> int:
        return self.us

    def ran(self, took_ns: int) -> None:
        self.us += took_ns // 1000

    def pulse(self, *, after_inference: bool) -> None:
        raise AssertionError(after_inference)


class Wire:
    """What pyserial is to a link: a firmware at the other end, directly or behind an interface board.

    Reads give as many bytes as `cuts` say, in turn.
    """

    is_open = True

    def __init__(self, size: int, cuts: list[int], *, board: bool, noise: bytes = b"") -> None:
        self._firmware = Firmware(Announced(name="acme", model="file-0"), Model(size), Clock())
        self._board, self._cuts, self._noise = board, cuts, noise
        self._out = b"".join(self._through(self._firmware.banner()))
        self._reads = 0
        self.commands: list[str] = []

    def _through(self, pieces: Any) -> Any:
        yield from ((b"[dut]: " + piece for piece in pieces) if self._board else pieces)

    def write(self, data: bytes) -> None:
        text = data.decode()
        assert text.endswith("%")
        self.commands.append(text)
        if self._board:
            command = text.removeprefix("dut ")
            self._out += f"m-dut-passthrough({command[:-1]})\r\nm-ready\r\n".encode()
            data = command.encode()
        for piece in self._through(self._firmware.feed(data)):
            self._out += piece[:1] + self._noise + piece[1:]

    @property
    def in_waiting(self) -> int:
        return min(len(self._out), self._cuts[self._reads % len(self._cuts)])

    def read(self, size: int) -> bytes:
        self._reads += 1
        given, self._out = self._out[:size], self._out[size:]
        return given

    def close(self) -> None:
        self.is_open = False


CUTS = st.lists(st.integers(1, 90), min_size=1, max_size=8)
WORDS = [
    b"m-ready\r\n",
    b"m-name-dut-[x]\r\n",
    b"m-results-[1]\r\n",
    b"e-[no]\r\n",
    b"m-buffer-zz\r\n",
    b"\n",
]
SAID = st.lists(st.one_of(st.sampled_from(WORDS), st.binary(max_size=9)), max_size=12).map(b"".join)
NOISE = st.binary(max_size=3).map(lambda noise: bytes(byte | 0x80 for byte in noise))


def joined(size: int, cuts: list[int], *, board: bool, noise: bytes = b"") -> tuple[DutClient, Wire]:
    wire = Wire(size, cuts, board=board, noise=noise)
    return DutClient(SerialLink(wire, "wire"), wrapped=board, timing=AT_ONCE), wire


@settings(deadline=None, max_examples=50)
@given(st.binary(min_size=1, max_size=400), CUTS, st.booleans(), NOISE)
def test_what_was_loaded_is_in_the_buffer(data: bytes, cuts: list[int], board: bool, noise: bytes) -> None:
    client, wire = joined(len(data), cuts, board=board, noise=noise)
    client.load(data)
    assert client.buffer() == data
    assert max(len(command) for command in wire.commands) <= 80
    loads = [command for command in wire.commands if "load" not in command and "print" not in command]
    assert len(loads) == -(-len(data) // (26 if board else 31))


@settings(deadline=None, max_examples=50)
@given(st.binary(min_size=1, max_size=60), st.integers(1, 10**9), st.integers(0, 10**6), CUTS, st.booleans())
def test_an_inference_gives_its_time_and_its_results(
    data: bytes, iterations: int, warmup: int, cuts: list[int], board: bool
) -> None:
    client, _ = joined(len(data), cuts, board=board)
    client.load(data)
    done = client.infer(iterations, warmup)
    assert (done.iterations, done.warmup, done.elapsed_us) == (iterations, warmup, iterations)
    assert done.results == tuple(float(byte - 256 if byte > 127 else byte) for byte in data)
    assert client.results() == done.results
    assert client.timestamp_us() == warmup + iterations


@settings(deadline=None, max_examples=20)
@given(CUTS, st.booleans(), NOISE)
def test_who_it_is_is_found_out_in_two_questions(cuts: list[int], board: bool, noise: bytes) -> None:
    client, wire = joined(4, cuts, board=board, noise=noise)
    who = client.greet()
    assert (who.name, who.model) == ("acme", "file-0")
    assert len(wire.commands) == 2 + board  # and the board's own speed


@settings(deadline=None, max_examples=50)
@given(st.binary(min_size=1, max_size=60), st.binary(min_size=1, max_size=60), st.booleans())
def test_an_input_of_the_wrong_length_is_refused_and_a_right_one_then_taken(
    data: bytes, other: bytes, board: bool
) -> None:
    client, _ = joined(len(data), [64], board=board)
    if len(other) != len(data):
        client.load(other)
        with pytest.raises(DeviceRefused, match=f"has {len(other)} elemented, expected {len(data)}"):
            client.infer(1, 0)
    client.load(data)
    assert len(client.infer(1, 0).results) == len(data)


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=200), CUTS)
def test_whatever_a_device_says_a_question_ends_with_an_answer_or_an_error(
    said: bytes, cuts: list[int]
) -> None:
    """And all that is raised is a DeviceError."""

    class Babbler(Wire):
        def write(self, data: bytes) -> None:
            self.commands.append(data.decode())
            self._out += said

    for talk in (DutClient.greet, DutClient.buffer, DutClient.results, lambda client: client.infer(1, 0)):
        wire = Babbler(4, cuts, board=False)
        client = DutClient(SerialLink(wire, "wire"), timing=NEVER)
        with suppress(DeviceError):
            talk(client)
            assert READY in said.decode("ascii", "ignore").replace("\0", "").replace("\r", "")
