"""A small firmware that shares no code with ours, in the forms that devices of the protocol come in."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripted_device import ScriptedDevice

if TYPE_CHECKING:
    from collections.abc import Iterator

PROFILE = ["m-profile-[ULPMark for tinyML Firmware V0.0.1]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What differs from one device to another; by default it is as the reference firmware.

    `each_us` is what an inference takes by the counter, which begins at `lap_us`; `pace_s` is how long the
    device really is quiet for one.
    """

    end: bytes = b"\r\n"
    echo: bytes = b""
    blank_lines: bool = False
    glued: bool = False
    padding: str = ""
    piece_bytes: int = 0
    banner_s: float | None = 0.05
    board: bool = False
    board_knows_setbaud: bool = True
    brackets: bool = True
    expecting: str = "m-[Expecting {} bytes]"
    results: str = "0.125,0.875"
    model: str | None = "digits"
    lap_us: int = 0
    each_us: int = 100
    pace_s: float = 0.0
    forgets: int = 0


class VariantDevice(ScriptedDevice):
    """Answers on `port` in one form; `heard` are the commands that came, without a board's `dut `."""

    def __init__(self, form: Form) -> None:
        super().__init__(())
        self.form = form
        self._want, self._have, self._lap_us = 0, bytearray(), form.lap_us

    def _play(self) -> None:
        while not self._side.attached and not self._side.stopped:
            self._side.wait(0.01)
        if self.form.banner_s is not None:
            self._side.wait(self.form.banner_s)
            self._say(["m-timestamp-mode-performance", "m-lap-us-7", "m-init-done", "m-ready"])
        came = b""
        while not self._side.stopped:
            came += self._side.read()
            while b"%" in came:
                command, _, came = came.partition(b"%")
                assert len(command) < 80
                self._obey(command.decode("ascii"))

    def _obey(self, command: str) -> None:
        if self.form.board and not command.startswith("dut "):
            self.heard.append(command)
            known = command.startswith("setbaud ") and self.form.board_knows_setbaud
            self._print([*([] if known else [f"e-[Unknown command: {command}]"]), "m-ready"])
            return
        if self.form.board:
            command = command.removeprefix("dut ")
            self._print([f"m-dut-passthrough({command})", "m-ready"])
        self.heard.append(command)
        if self.form.echo:
            self._side.write(command.encode() + self.form.echo)
        lines = list(self._answer(command.split(" ")))
        if self.form.glued and lines:
            self._say([*lines[:-1], f"{lines[-1]}m-ready"])
        else:
            self._say([*lines, "m-ready"])

    def _answer(self, words: list[str]) -> Iterator[str]:
        match words:
            case ["name"]:
                yield "m-name-dut-[acme]"
            case ["profile"]:
                yield from PROFILE
                if self.form.model is not None:
                    yield f"m-model-[{self.form.model}]"
            case ["db", "load", size]:
                self._want, self._have = int(size), bytearray()
                yield self.form.expecting.format(size)
            case ["db", digits]:
                self._have += bytes.fromhex(digits)[self.form.forgets :]
                if len(self._have) >= self._want:
                    yield "m-load-done"
            case ["infer", iterations, warmup]:
                yield from self._infer(int(iterations), int(warmup))
            case _:
                yield f"e-[Unknown command: {words[0]}]"

    def _infer(self, iterations: int, warmup: int) -> Iterator[str]:
        yield f"m-warmup-start-{warmup}"
        yield "m-warmup-done"
        yield f"m-infer-start-{iterations}"
        yield f"m-lap-us-{self._lap_us}"
        self._side.wait(self.form.pace_s * (iterations + warmup))
        self._lap_us = (self._lap_us + iterations * self.form.each_us) % (1 << 32)
        yield f"m-lap-us-{self._lap_us}"
        yield "m-infer-done"
        yield f"m-results-[{self.form.results}]" if self.form.brackets else f"m-results-{self.form.results}"

    def _say(self, lines: list[str]) -> None:
        """What the device itself prints, by way of its board if there is one."""
        blank = [""] if self.form.blank_lines else []
        padded = [f"{line}{self.form.padding}" for line in lines]
        self._print([part for line in padded for part in (*blank, line, *blank)], from_device=True)

    def _print(self, lines: list[str], *, from_device: bool = False) -> None:
        prefix = "[dut]: " if self.form.board and from_device else ""
        data = b"".join(f"{prefix}{line}".encode() + self.form.end for line in lines)
        step = self.form.piece_bytes or len(data)
        for start in range(0, len(data), step):
            self._side.write(data[start : start + step])
            if self.form.piece_bytes:
                time.sleep(0.001)
