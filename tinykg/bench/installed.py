"""The runners of this installation, built in and plugged in, and which of them suits a device best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Final

from tinykg import plugins
from tinykg.bench.protocol import Runner
from tinykg.errors import UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tinykg.records.device import DeviceType

GROUP: Final = "tinykg.bench_runners"

BUILT_IN: Final = (
    EntryPoint("litert-host", "tinykg.bench.litert_host:RUNNER", GROUP),
    EntryPoint("mlperf-tiny", "tinykg.bench.mlperf_tiny_runner:RUNNER", GROUP),
    EntryPoint("qemu-cortex-m", "tinykg.bench.qemu_runner:RUNNER", GROUP),
    EntryPoint("tflm-host", "tinykg.bench.tflm_host:RUNNER", GROUP),
    EntryPoint("vela", "tinykg.bench.vela_runner:RUNNER", GROUP),
)
"""The package's own entry points, for a checkout on the path that nothing has installed."""

BOARD: Final = "mlperf-tiny"
"""The runner that talks to a board; it is chosen by itself only where a port is named."""

PREFERRED: Final = ("vela", "qemu-cortex-m", "litert-host", "tflm-host")
"""Which runner is chosen where none is named: those that say most about the device first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runners:
    """Runners by name, and why others could not be loaded."""

    working: Mapping[str, Runner]
    broken: Mapping[str, str]

    def named(self, name: str) -> Runner:
        """The runner of a name; raises UnknownName, which says why a broken one could not be loaded."""
        if name in self.working:
            return self.working[name]
        error = UnknownName("runner", name, sorted(self.working))
        if name in self.broken:
            error.args = (f"The runner '{name}' cannot be loaded: {self.broken[name]}",)
        raise error

    def best(self, device: DeviceType | None, options: Mapping[str, str]) -> Runner | None:
        """The runner that says most about a device of those that suit it; None where none does."""
        first = (BOARD,) if "port" in options else ()
        others = sorted(set(self.working) - {BOARD, *PREFERRED})
        for name in (*first, *PREFERRED, *others):
            if name in self.working and self.working[name].suits(device) is None:
                return self.working[name]
        return None


def load(points: Iterable[EntryPoint]) -> Runners:
    """The runners that entry points name. A faulty plug-in is noted and stops no other one."""
    working, broken = plugins.load(points, Runner, "see tinykg.bench.protocol")  # type: ignore[type-abstract]  # instances are compared
    return Runners(working=working, broken=broken)


@cache
def runners() -> Runners:
    """The runners of this installation."""
    return load(plugins.announced(GROUP, BUILT_IN))
