"""The runner `vela`: what the compiler for Ethos-U expects of a model. An estimate; nothing is run."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from tinykg.bench import vela_compiler
from tinykg.bench.options import Options
from tinykg.errors import BenchmarkError, ExtractError, InputError, MissingExtra
from tinykg.records.benchmark import BenchmarkResult, Figure, Tool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.bench.protocol import Task, Watch
    from tinykg.bench.vela_compiler import Compilation
    from tinykg.records.device import DeviceType

STACK: Final = "ethos-u-vela"

ACCELERATORS: Final = (
    *(f"ethos-u55-{macs}" for macs in (32, 64, 128, 256)),
    *(f"ethos-u65-{macs}" for macs in (256, 512)),
    *(f"ethos-u85-{macs}" for macs in (128, 256, 512, 1024, 2048)),
)
"""What Vela 5.2 compiles for; the last number is multiply-accumulates a cycle."""

CONFIGURATIONS: Final = "Arm/vela.ini"
"""The file of Vela's own system configurations and memory modes."""

_NAME: Final = re.compile(r"ethos[-_ ]?u(\d\d)(?:[-_ ](\d+))?\b", re.IGNORECASE)
_OPERATORS: Final = re.compile(r"^(CPU|NPU) operators = (\d+)", re.MULTILINE)
_WORD: Final = re.compile(r"\w+")
_KIB: Final = 1024


class VelaRunner:
    """The package `ethos-u-vela` in a child process."""

    name: Final = "vela"
    measures: Final = (
        "nothing: it reports what the compiler Vela estimates for an Ethos-U: cycles and time of an "
        "inference on the NPU, SRAM and flash that it plans for"
    )
    leaves_out: Final = (
        "the time of operators that stay on the CPU, the board's own memories and NPU clock where they "
        "differ from Vela's system configuration, and energy"
    )
    options: Final[Mapping[str, str]] = {
        "accelerator": "such as ethos-u55-128, what is compiled for; default the device's largest Ethos-U",
        "system_config": f"a system configuration of {CONFIGURATIONS}; default Vela's for the accelerator",
        "memory_mode": f"a memory mode of {CONFIGURATIONS}; default Vela's for the accelerator",
    }

    def suits(self, device: DeviceType | None) -> str | None:
        """None where the device has an Ethos-U."""
        if device is None:
            return "vela compiles for the Ethos-U of a device, and none is named"
        if device.accelerators is None:
            return f"which accelerators {device.name} has is not known"
        if not any(_NAME.match(name) for name in device.accelerators):
            return f"{device.name} has no Ethos-U"
        return None

    def run(self, task: Task, watch: Watch) -> BenchmarkResult:
        """Compile the model; raises BenchmarkError, MissingExtra, BenchmarkCancelled, InputError."""
        if not vela_compiler.is_installed():
            raise MissingExtra("The runner vela", "bench")
        options = Options(self.name, task.options, self.options)
        accelerator = options.choice("accelerator", accelerator_of(task), ACCELERATORS)
        settings = _settings(options)
        started = datetime.now(UTC)
        try:
            made = vela_compiler.compile_model(
                task.content, task.model.name, accelerator, settings=settings, watch=watch
            )
        except ExtractError as error:
            raise BenchmarkError(
                f"Vela compiles the model for {accelerator} with no result: {error.found}"
            ) from error
        summary, place = made.summary, _operators(made)
        if not place.get("NPU"):
            raise BenchmarkError(
                f"Vela places nothing of the model on {accelerator}: all of it stays on the CPU."
            )
        release = version("ethos-u-vela")
        return BenchmarkResult(
            runner=self.name,
            tools=(Tool(name="ethos-u-vela", version=release),),
            figures=figures(summary),
            started=started,
            ended=datetime.now(UTC),
            runtime=f"Ethos-U by Vela {release}, {summary['accelerator_configuration']}",
            emulator=f"performance model of Vela {release}",
            stack=STACK,
            clock_hz=round(_number(summary, "core_clock")),
            environment={
                "accelerator": summary["accelerator_configuration"],
                "system configuration": summary["system_config"],
                "memory mode": summary["memory_mode"],
                "operators on the NPU": str(place["NPU"]),
                "operators on the CPU": str(place.get("CPU", 0)),
            },
            notes=tuple(_notes(task, summary, place.get("CPU", 0))),
        )


def accelerator_of(task: Task) -> str:
    """What Vela calls the largest Ethos-U of the task's device; raises InputError where no size is known."""
    stated = task.options.get("accelerator")
    if stated is not None:
        return stated
    named = (task.device.accelerators if task.device is not None else None) or ()
    found = [match for name in named if (match := _NAME.match(name)) is not None]
    sized = [name for match in found if (name := f"ethos-u{match[1]}-{match[2]}") in ACCELERATORS]
    if sized:
        return max(sized, key=ACCELERATORS.index)
    what = f"The size of the {found[0][0]}" if found else "The Ethos-U"
    raise InputError(f"{what} is not known: give --option accelerator=, such as {ACCELERATORS[2]}.")


def figures(summary: Mapping[str, str]) -> tuple[Figure, ...]:
    """The estimates in a row of Vela's summary."""
    flash = _number(summary, "on_chip_flash_memory_used") + _number(summary, "off_chip_flash_memory_used")
    ram = _number(summary, "sram_memory_used") + _number(summary, "dram_memory_used")
    found = (
        ("latency", _number(summary, "inference_time") * 1000, "MilliSEC"),
        ("throughput", _number(summary, "inferences_per_second"), "NUM-PER-SEC"),
        ("cycles-npu", _number(summary, "cycles_npu"), "NUM"),
        ("ram-used", ram * _KIB, "BYTE"),
        ("flash-used", flash * _KIB, "BYTE"),
    )
    return tuple(
        Figure(metric=metric, value=value, unit=unit, evidence="estimated") for metric, value, unit in found
    )


def _settings(options: Options) -> dict[str, str]:
    """Vela's own options for what was asked."""
    stated = {
        "system-config": options.text("system_config", ""),
        "memory-mode": options.text("memory_mode", ""),
    }
    kept = {name: value for name, value in stated.items() if value}
    for name, value in kept.items():
        if not _WORD.fullmatch(value):
            raise InputError(f"Option {name.replace('-', '_')}: expected a name of {CONFIGURATIONS}.")
    return {"config": CONFIGURATIONS, **kept} if kept else {}


def _operators(made: Compilation) -> dict[str, int]:
    """How many operators Vela places where, by its own report."""
    return {where: int(count) for where, count in _OPERATORS.findall(made.said)}


def _number(summary: Mapping[str, str], column: str) -> float:
    try:
        value = float(summary[column])
    except (KeyError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise BenchmarkError(f"Vela's summary has no number in its column {column}.")
    return value


def _notes(task: Task, summary: Mapping[str, str], on_cpu: int) -> list[str]:
    clock_mhz = _number(summary, "core_clock") / 1e6
    board = task.device.name if task.device is not None else "a board"
    where = f"For an NPU at {clock_mhz:.0f} MHz and the memories of {summary['system_config']}"
    notes = ["Estimates of the compiler; nothing ran.", f"{where}, which need not be those of {board}."]
    if on_cpu:
        notes.append(f"{on_cpu} operators stay on the CPU; their time is not in the figures.")
    return notes


RUNNER: Final = VelaRunner()
