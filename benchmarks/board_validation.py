"""How long it takes to encode, load and check thousands of board descriptions and device types.

    python benchmarks/board_validation.py [DESCRIPTIONS] [DEVICE_TYPES] [MICROCONTROLLERS]

The records are made up, with the variety that published board files have: one to three processors, two to
four memory figures, few sensors, many missing facts. The aim: all of them checked in 40 s on two cores.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from tinykg.graph import iris
from tinykg.graph.encode_board import encode_board, encode_microcontroller
from tinykg.graph.encode_device import encode_device_type
from tinykg.records.board import BoardDescription, FigureKind, MemoryFigure, Microcontroller
from tinykg.records.device import DeviceType, Memory, Processor, Sensor
from tinykg.records.evidence import Evidence, EvidenceKind
from tinykg.report.table import table
from tinykg.store.embedded import EmbeddedStore
from tinykg.validate.batch import check_each

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyoxigraph as ox

ROUNDS = 3
CORES = ("cortex-m0plus", "cortex-m3", "cortex-m4f", "cortex-m33", "cortex-m7", "avr", "xtensa-lx6", None)
SENSORS = ("accelerometer", "gyroscope", "microphone", "thermometer", "hygrometer", "camera")
COLLECTIONS = ("espressif32", "ststm32", "gd32", "nordicnrf52", None)
PLACES = ("upload.maximum_ram_size", "upload.maximum_size", "ram", "flash", "memory[name=IRAM1]")
INTERFACES = ("ble", "wifi", "ethernet", "can", "lora", "ieee802154")


def processors(dice: random.Random) -> tuple[Processor, ...]:
    return tuple(
        Processor(
            part=f"STM32F{dice.randrange(1000)}VG",
            core=dice.choice(CORES),
            core_count=dice.choice((None, 1, 2)),
            clock_hz=dice.choice((16, 48, 64, 120, 240, 480)) * 1_000_000,
            has_fpu=dice.choice((None, True, False)),
            simd=dice.choice((None, "DSP")),
        )
        for _ in range(dice.choice((1, 1, 1, 2)))
    )


def figures(dice: random.Random) -> tuple[MemoryFigure, ...]:
    return tuple(
        MemoryFigure(
            memory=memory,
            kind=dice.choice(tuple(FigureKind)),
            size_bytes=dice.randrange(1, 4096) * 1024,
            place=dice.choice(PLACES),
            note=dice.choice((None, None, None, "the bootloader is taken off")),
        )
        for memory in ("sram", "flash", "psram", "external-flash")[: dice.choice((2, 2, 2, 3, 4))]
    )


def sensors(dice: random.Random) -> tuple[Sensor, ...] | None:
    kinds = dice.sample(SENSORS, dice.choice((0, 1, 3))) if dice.random() < 0.2 else None
    return None if kinds is None else tuple(Sensor(kind=kind, part="LSM6DSL") for kind in kinds)


def some(dice: random.Random, names: tuple[str, ...]) -> tuple[str, ...] | None:
    return tuple(dice.sample(names, dice.choice((0, 1, 2)))) if dice.random() < 0.4 else None


def board(i: int, dice: random.Random) -> BoardDescription:
    return BoardDescription(
        source=dice.choice(("platformio", "arduino", "zephyr")),
        collection=dice.choice(COLLECTIONS),
        identifier=f"board {i}/v{i % 3}.0",
        name=f"Development board {i}",
        vendor=f"Maker {i % 97}",
        part=f"stm32f{i % 1000}vg",
        is_chip=dice.random() < 0.2,
        system=dice.choice(("bare-metal", None)),
        processors=processors(dice),
        figures=figures(dice),
        sensors=sensors(dice),
        accelerators=None,
        connectivity=some(dice, INTERFACES),
        tags=some(dice, ("arduino", "mbed", "zephyr")) or (),
        address=f"https://example.org/boards/{i}",
    )


def microcontroller(i: int, dice: random.Random) -> Microcontroller:
    return Microcontroller(
        part=f"STM32F{i}VG",
        source="cmsis-pack",
        collection=f"Keil.STM32F{i % 9}xx_DFP",
        vendor="STMicroelectronics",
        processors=processors(dice),
        figures=figures(dice),
    )


def device(i: int, dice: random.Random) -> DeviceType:
    return DeviceType(
        slug=f"board-{i}",
        name=f"Development board {i}",
        vendor=f"Maker {i % 97}",
        evidence=Evidence(kind=EvidenceKind.DECLARED, source="PlatformIO board manifest"),
        aliases=(f"devboard{i}",),
        system="bare-metal",
        processors=processors(dice),
        memories=tuple(
            Memory(
                kind=kind,
                total_bytes=dice.randrange(64, 128) * 1024,
                contiguous_bytes=dice.choice((None, 65536)),
                free_bytes=dice.choice((None, 32768)),
                source="data sheet",
                contiguous_source="data sheet",
                free_source="manifest",
            )
            for kind in ("sram", "flash")
        ),
        sensors=sensors(dice),
        connectivity=some(dice, INTERFACES),
        platformio_id=f"board{i}",
    )


def records(boards: int, devices: int, parts: int) -> dict[str, Callable[[], list[ox.Triple]]]:
    """The named graphs, each as what encodes it."""
    dice = random.Random(4)
    made: dict[str, Callable[[], list[ox.Triple]]] = {}
    for i in range(boards):
        description = board(i, dice)
        name = iris.board_description_graph(
            description.source, description.collection, description.identifier
        )
        made[name] = partial(encode_board, description)
    for i in range(devices):
        type_ = device(i, dice)
        made[iris.source_graph("device-type", type_.slug)] = partial(encode_device_type, type_)
    for i in range(parts):
        part = microcontroller(i, dice)
        name = iris.microcontroller_graph(part.source, part.collection, part.part)
        made[name] = partial(encode_microcontroller, part)
    return made


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def load(graphs: dict[str, list[ox.Triple]]) -> None:
    EmbeddedStore().load_new(graphs)


def main() -> None:
    counts = [int(argument) for argument in sys.argv[1:]] + [2500, 1500, 1300][len(sys.argv) - 1 :]
    made = records(*counts)
    graphs = {name: encode() for name, encode in made.items()}
    triples = sum(map(len, graphs.values()))
    steps: dict[str, Callable[[], object]] = {
        "encode": lambda: [encode() for encode in made.values()],
        "load_new, in memory": lambda: load(graphs),
        "check_each, one process": lambda: check_each(graphs, processes=1),
        "check_each, two processes": lambda: check_each(graphs, processes=2),
    }
    rows = []
    for name, step in steps.items():
        taken = [timed(step) for _ in range(ROUNDS)]
        median = statistics.median(taken)
        rows.append((name, f"{median:.2f}", f"{min(taken):.2f}", f"{triples / median:,.0f}"))
    columns = ("step", "median s", "least s", "triples/s")
    print("\n".join(table(columns, rows, right=columns[1:])))
    print(f"\n{len(graphs)} records, {triples} triples, {ROUNDS} rounds")


if __name__ == "__main__":
    main()
