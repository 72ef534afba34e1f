"""What a simulated device runs its model with: the `tflite-micro` wheel, in a child process."""

from __future__ import annotations

import contextlib
import json
import struct
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import IO, TYPE_CHECKING, Any, Final

from tinykg.bench.dut_tensors import TensorForm
from tinykg.errors import BenchmarkError, MissingExtra

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

CHILD: Final = Path(__file__).with_name("simulated_dut_child.py")
START_LIMIT_S: Final = 60.0
MIN_ARENA_BYTES: Final = 1 << 24
MAX_ARENA_BYTES: Final = (1 << 31) - 16


class EngineDied(BenchmarkError):
    """The interpreter ended on its own."""


class SimulatedEngine:
    """A model that is ready to run; `close` ends the process at once, whatever it does.

    `inputs` are the forms of the model's inputs, `output` that of its first output, `version` is the wheel's.
    """

    def __init__(self, content: bytes) -> None:
        """Start the process; raises EngineDied where it does not take the model, MissingExtra."""
        if find_spec("tflite_micro") is None:
            raise MissingExtra("A simulated device runs the tflite-micro wheel and", "bench")
        arena_bytes = min(max(MIN_ARENA_BYTES, 16 * (len(content) // 2)), MAX_ARENA_BYTES)
        self._process = subprocess.Popen(  # noqa: S603  our own program, by its full path; the model is its input
            [sys.executable, "-P", str(CHILD), str(arena_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        with contextlib.ExitStack() as stack:
            stack.callback(self.close)
            said = self._introduced(content)
            stack.pop_all()
        self.version: str = said["version"]
        self.inputs = tuple(_form(one) for one in said["inputs"])
        self.output = _form(said["output"])

    def _introduced(self, content: bytes) -> Any:
        """What the process says of the model; it is given a time for it."""
        timer = Timer(START_LIMIT_S, self._process.kill)
        timer.start()
        try:
            self._write(struct.pack("<Q", len(content)) + content)
            line = self._stdout.readline()
        finally:
            timer.cancel()
        if not line:
            raise EngineDied("The tflite-micro interpreter does not take this model (see --verify).")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def run(self, iterations: int, content: bytes = b"") -> tuple[int, bytes]:
        """Run so many times, on new inputs where they are given: nanoseconds, and the first output.

        Raises EngineDied where the process ends.
        """
        self._write(struct.pack("<IQ", iterations, len(content)) + content)
        head = self._stdout.read(16)
        if len(head) < 16:
            raise EngineDied("The tflite-micro interpreter ended while it ran the model.")
        took_ns, size = struct.unpack("<QQ", head)
        return took_ns, self._stdout.read(size)

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise EngineDied("The tflite-micro interpreter has ended.") from error

    def kill(self) -> None:
        """End the process without closing its pipes: as a crash does."""
        self._process.kill()

    def close(self) -> None:
        """End the process and give everything back."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                _close(pipe)


def _close(pipe: IO[bytes]) -> None:
    """Close a pipe, whose other end may be gone with something still to be written."""
    with contextlib.suppress(BrokenPipeError):
        pipe.close()


def _form(said: Any) -> TensorForm:
    return TensorForm(
        element_type=said["element_type"],
        shape=tuple(said["shape"]),
        scale=said["scale"],
        zero_point=said["zero_point"],
    )
