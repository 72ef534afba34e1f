"""What descriptions and parts come to: whose word is taken, and which figures never are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from said import BLOCK, HEAP, LIMIT, LINKABLE, PLACEHOLDER, SHARE, TOTAL, board, part, sheet

from tinykg.join.compose import compose
from tinykg.join.trust import BOARD_SOURCES, by_trust
from tinykg.records.board import BoardDescription, FigureKind, Microcontroller
from tinykg.records.device import DeviceType, Memory, Processor, Sensor

KIB, MIB = 1 << 10, 1 << 20


def composed(*said: BoardDescription, parts: tuple[Microcontroller, ...] = ()) -> DeviceType:
    return compose("a-board", said, parts).device


def memory(device: DeviceType, kind: str) -> Memory:
    (found,) = (m for m in device.memories if m.kind == kind)
    return found


def kinds(device: DeviceType) -> list[str]:
    return [m.kind for m in device.memories]


# -- whose word is taken


def test_facts_are_taken_from_the_most_trusted_that_states_them() -> None:
    device = composed(
        board("micropython", "M", "From MicroPython", vendor="mpy", note="by mpy", connectivity=("wifi",)),
        board("platformio", "P", "From PlatformIO", vendor="pio", connectivity=("ble",), part="nrf52840"),
        board("zephyr", "Z", "From Zephyr", system="bare-metal"),
    )
    assert (device.name, device.vendor, device.system) == ("From Zephyr", "pio", "bare-metal")
    assert device.note == "by mpy"
    assert device.connectivity == ("ble", "wifi")
    assert (device.platformio_id, device.zephyr_id) == ("P", "Z")
    assert device.evidence.source == "Zephyr board Z; PlatformIO manifest P; MicroPython board.json M"


def test_the_order_of_trust_is_the_documented_one() -> None:
    said = [board(source, "x") for source in ("nobody-ranked", *reversed(BOARD_SOURCES))]
    assert [d.source for d in by_trust(said)] == [*BOARD_SOURCES, "nobody-ranked"]


@settings(deadline=None)
@given(st.permutations([(source, n) for n, source in enumerate(BOARD_SOURCES[1:], 1)]))
def test_the_order_of_descriptions_does_not_matter(order: list[tuple[str, int]]) -> None:
    said = [
        board(source, "x", f"by {source}", memory=[("sram", TOTAL, n * KIB), ("sram", LINKABLE, n)])
        for source, n in order
    ]
    device = composed(*said)
    assert (device.name, memory(device, "sram").total_bytes) == ("by thing-model", KIB)
    assert memory(device, "sram").free_bytes == 1


def test_a_field_bus_is_no_network_link() -> None:
    assert composed(board("platformio", "x", connectivity=("can", "wifi"))).connectivity == ("wifi",)


def test_nothing_said_is_unknown_and_none_said_is_none() -> None:
    silent, saying = composed(board("platformio", "x")), composed(board("platformio", "x", sensors=()))
    assert (silent.sensors, silent.accelerators, silent.memories, silent.processors) == (None, None, (), ())
    assert saying.sensors == ()


def test_all_sensors_that_somebody_states_are_there_with_the_part_that_somebody_names() -> None:
    device = composed(
        board(
            "zephyr", "z", sensors=(Sensor(kind="accelerometer", part="lsm6dsl"), Sensor(kind="gyroscope"))
        ),
        board("cmsis-pack", "c", sensors=(Sensor(kind="accelerometer"), Sensor(kind="microphone"))),
        board("micropython", "m", sensors=()),
    )
    assert device.sensors == (
        Sensor(kind="accelerometer", part="lsm6dsl"),
        Sensor(kind="gyroscope"),
        Sensor(kind="microphone"),
    )


# -- figures


@pytest.mark.parametrize("kind", [LIMIT, PLACEHOLDER])
@pytest.mark.parametrize("what", ["sram", "flash", "psram", "external-flash", "dram", "storage"])
def test_test_limits_and_placeholders_are_never_taken(kind: FigureKind, what: str) -> None:
    assert composed(board("zephyr", "x", memory=[(what, kind, 128 * KIB)])).memories == ()


def test_more_free_memory_than_there_is_is_not_taken() -> None:
    """Nicla Sense ME: 527,616 bytes for a program where the chip has 512 KiB."""
    nicla = board("platformio", "nicla", part="nrf52832", memory=[("flash", LINKABLE, 527_616)])
    chip = part("nRF52832_xxAA", "cortex-m4f", memory=[("flash", TOTAL, 512 * KIB)])
    found = memory(composed(nicla, parts=(chip,)), "flash")
    assert (found.total_bytes, found.free_bytes, found.free_source) == (512 * KIB, None, None)
    next_best = board("arduino", "nicla", memory=[("flash", LINKABLE, 510 * KIB)])
    assert memory(composed(nicla, next_best, parts=(chip,)), "flash").free_bytes == 510 * KIB


def test_as_much_free_memory_as_there_is_is_taken() -> None:
    said = board("platformio", "x", memory=[("sram", LINKABLE, 64 * KIB), ("sram", TOTAL, 64 * KIB)])
    assert memory(composed(said), "sram").free_bytes == 64 * KIB


def test_a_block_that_is_larger_than_the_memory_is_not_taken() -> None:
    chip = part("x1", memory=[("sram", TOTAL, 64 * KIB), ("sram", BLOCK, 128 * KIB)])
    assert memory(composed(board("zephyr", "x"), parts=(chip,)), "sram").contiguous_bytes is None


def test_an_esp32_keeps_its_heap_apart_from_its_memory() -> None:
    chip = part("ESP32", "xtensa-lx6", source="datasheet", memory=[("sram", TOTAL, 520 * KIB)])
    device = composed(
        board(
            "platformio",
            "esp32dev",
            part="esp32",
            memory=[("sram", HEAP, 320 * KIB), ("flash", TOTAL, 4 * MIB)],
        ),
        parts=(chip,),
    )
    sram = memory(device, "sram")
    assert (sram.total_bytes, sram.free_bytes) == (520 * KIB, 320 * KIB)
    assert (sram.source, sram.free_source) == (
        "data sheet A.pack, ESP32",
        "PlatformIO manifest esp32dev: sram.heap-only",
    )
    assert memory(device, "flash").total_bytes == 4 * MIB


def test_external_memory_is_apart_from_the_chips() -> None:
    """An i.MX RT1060 board: 32 MiB of SDRAM beside 1 MiB of SRAM."""
    chip = part("MIMXRT1062DVL6A", "cortex-m7", memory=[("sram", TOTAL, MIB)])
    said = board("platformio", "evk", part="mimxrt1062", memory=[("psram", TOTAL, 32 * MIB)])
    device = composed(said, parts=(chip,))
    assert {m.kind: m.total_bytes for m in device.memories} == {"sram": MIB, "psram": 32 * MIB}
    assert kinds(device) == ["sram", "psram"]


def test_the_chips_own_figure_stands_above_a_boards() -> None:
    said = board("zephyr", "x", part="x1", memory=[("sram", TOTAL, 96 * KIB)])
    chip = part("x1", memory=[("sram", TOTAL, 128 * KIB)])
    joined = compose("x", [said], [chip])
    assert memory(joined.device, "sram") == Memory(
        kind="sram", total_bytes=128 * KIB, location="on-chip", source="CMSIS-Pack A.pack, x1"
    )
    assert joined.memories_from_part == (0,)
    alone = compose("x", [said], [])
    assert memory(alone.device, "sram").total_bytes == 96 * KIB
    assert (memory(alone.device, "sram").location, alone.memories_from_part) == (None, ())


def test_a_data_sheet_is_believed_before_a_pack_and_a_pack_before_zephyr() -> None:
    chips = [
        part("x1", "cortex-m4f", source=source, memory=[("sram", TOTAL, n)])
        for n, source in enumerate(("zephyr", "cmsis-pack", "datasheet"), 1)
    ]
    said = board("platformio", "x", part="x1")
    for last in (3, 2, 1):
        assert memory(composed(said, parts=tuple(chips[:last])), "sram").total_bytes == last


def test_a_linkers_figure_is_believed_before_a_devicetrees() -> None:
    device = composed(
        board("zephyr", "z", memory=[("flash", SHARE, 100)]),
        board("arduino", "a", memory=[("flash", LINKABLE, 200)]),
        board("micropython", "m", memory=[("flash", LINKABLE, 300)]),
    )
    assert memory(device, "flash").free_bytes == 200


# -- parts


def test_a_parts_facts_reach_the_board() -> None:
    chip = part("nRF52840_xxAA", "cortex-m4f", clock_hz=64_000_000, has_fpu=True, simd="DSP")
    joined = compose("x", [board("platformio", "x", part="nrf52840", core="cortex-m4")], [chip])
    assert joined.device.processors == (
        Processor(
            part="nrf52840", core="cortex-m4f", core_count=1, clock_hz=64_000_000, has_fpu=True, simd="DSP"
        ),
    )
    assert (joined.parts, joined.processors_from_part) == ((chip,), (0,))


def test_a_part_whose_cores_contradict_the_description_is_not_used() -> None:
    chip = part("x1", "cortex-m7", clock_hz=480_000_000, memory=[("sram", TOTAL, MIB)])
    joined = compose("x", [board("platformio", "x", part="x1", core="cortex-m0plus")], [chip])
    assert (joined.parts, joined.device.memories) == ((), ())
    assert joined.device.processors == (Processor(part="x1", core="cortex-m0plus"),)


def test_parts_that_are_not_told_apart_give_what_they_have_in_common() -> None:
    both = [
        part(
            name,
            "cortex-m4f",
            clock_hz=80_000_000,
            has_fpu=True,
            memory=[("sram", TOTAL, 128 * KIB), ("flash", TOTAL, n)],
        )
        for name, n in (("STM32L475VG", MIB), ("STM32L475VE", MIB // 2))
    ]
    joined = compose("x", [board("zephyr", "x", part="STM32L475")], both)
    assert kinds(joined.device) == ["sram"]
    assert joined.device.processors == (
        Processor(part="STM32L475", core="cortex-m4f", core_count=1, clock_hz=80_000_000, has_fpu=True),
    )
    slower = [both[0], replace(both[1], processors=(replace(both[1].processors[0], clock_hz=72_000_000),))]
    (first,) = compose("x", [board("zephyr", "x", part="STM32L475")], slower).device.processors
    assert (first.clock_hz, first.core) == (None, "cortex-m4f")


def test_parts_with_different_numbers_of_cores_give_no_cores() -> None:
    chips = [part("a1", "cortex-m7"), part("a2", "cortex-m7", "cortex-m4f")]
    joined = compose("x", [board("zephyr", "x", part="a", core="cortex-m7")], chips)
    assert joined.device.processors == (Processor(part="a", core="cortex-m7"),)
    assert joined.processors_from_part == ()


def test_what_a_part_does_not_say_of_its_core_a_description_may() -> None:
    said = board("zephyr", "x", part="a", core="cortex-m4f", clock_hz=10_000_000)
    said = replace(said, processors=(replace(said.processors[0], has_fpu=True, simd="DSP"),))
    differing = [part("a1", "cortex-m4", clock_hz=9), part("a2", "cortex-m4f", clock_hz=9)]
    (found,) = compose("x", [said], differing).device.processors
    assert found == Processor(part="a", core="cortex-m4f", core_count=1, clock_hz=9, has_fpu=True, simd="DSP")


def test_the_core_that_a_description_speaks_of_comes_first() -> None:
    chip = part("STM32H747XI", "cortex-m4f", "cortex-m7", clock_hz=400_000_000)
    joined = compose("x", [board("arduino", "giga", part="stm32h747xi", core="cortex-m7")], [chip])
    assert [p.core for p in joined.device.processors] == ["cortex-m7", "cortex-m4f"]
    assert joined.processors_from_part == (0, 1)


def test_the_cores_of_a_zephyr_board_are_all_there_the_larger_first() -> None:
    device = composed(
        board("zephyr", "evk_cm4", core="cortex-m4f", clock_hz=400_000_000, memory=[("sram", TOTAL, 1)]),
        board("zephyr", "evk_cm7", core="cortex-m7", part="rt1176", memory=[("sram", TOTAL, 2)]),
        board("platformio", "evk", clock_hz=996_000_000),
    )
    assert device.processors == (
        Processor(part="rt1176", core="cortex-m7", clock_hz=996_000_000),
        Processor(part="rt1176", core="cortex-m4f", clock_hz=400_000_000),
    )
    assert memory(device, "sram").total_bytes == 2, "never the sum"


def test_a_clock_is_not_taken_from_another_core() -> None:
    device = composed(
        board("zephyr", "evk_cm4", core="cortex-m4f", clock_hz=400_000_000),
        board("zephyr", "evk_cm7", core="cortex-m7"),
    )
    assert device.processors[0] == Processor(part=None, core="cortex-m7")


def test_accelerators_are_the_boards_else_the_parts() -> None:
    chip = part("x1", "cortex-m55", accelerators=("Ethos-U55",))
    assert composed(board("zephyr", "x"), parts=(chip,)).accelerators == ("Ethos-U55",)
    own = board("zephyr", "x", accelerators=("MAX78000 CNN",))
    assert composed(own, parts=(chip,)).accelerators == ("MAX78000 CNN",)


# -- sheets

SHEET = sheet(
    "mine",
    name="My board",
    vendor="Me",
    processors=(Processor(part=None, core="cortex-m4f", has_fpu=True),),
    memories=(Memory(kind="sram", total_bytes=200 * KIB),),
    sensors=(),
)
CHIP = part(
    "nRF52840_xxAA",
    "cortex-m4f",
    clock_hz=64_000_000,
    has_fpu=True,
    simd="DSP",
    memory=[("sram", TOTAL, 256 * KIB), ("flash", TOTAL, MIB)],
)
SAID = board(
    "platformio",
    "pio",
    "Other name",
    vendor="Other",
    part="nrf52840",
    system="bare-metal",
    sensors=(Sensor(kind="microphone"),),
    connectivity=("ble",),
)


def test_a_sheet_wins_and_what_it_leaves_open_is_filled() -> None:
    joined = compose("mine", [SAID], [CHIP], SHEET)
    device = joined.device
    assert (device.name, device.vendor, device.evidence) == ("My board", "Me", SHEET.evidence)
    assert (device.system, device.connectivity, device.sensors) == ("bare-metal", ("ble",), ())
    assert device.processors == (
        Processor(
            part="nrf52840", core="cortex-m4f", core_count=1, clock_hz=64_000_000, has_fpu=True, simd="DSP"
        ),
    )
    assert {m.kind: m.total_bytes for m in device.memories} == {"sram": 200 * KIB, "flash": MIB}
    assert (joined.processors_from_part, joined.memories_from_part) == ((0,), (1,))


def test_a_sheet_that_leaves_nothing_open_stays_as_it_is() -> None:
    full = compose("mine", [SAID], [CHIP], SHEET).device
    again = compose("mine", [SAID], [CHIP], full)
    assert again.device == full
    assert (again.processors_from_part, again.memories_from_part) == ((), ())


def test_a_sheet_of_another_core_is_not_filled_from_the_part() -> None:
    other = replace(SHEET, processors=(Processor(part="x", core="cortex-m7"),))
    joined = compose("mine", [], [CHIP], other)
    assert joined.device.processors == other.processors
    assert joined.processors_from_part == ()


def test_a_sheet_alone_is_what_it_is() -> None:
    assert compose("mine", [], [], SHEET).device == SHEET


# -- whatever is said

cores = st.sampled_from(["cortex-m4", "cortex-m4f", "cortex-m7", None])
sizes = st.integers(1, 1 << 30)
stated = st.lists(
    st.tuples(st.sampled_from(["sram", "flash", "psram"]), st.sampled_from(FigureKind), sizes), max_size=5
)
boards = st.lists(
    st.builds(
        board,
        st.sampled_from(BOARD_SOURCES[1:]),
        st.sampled_from(["a", "b_ns", "c"]),
        core=cores,
        clock_hz=st.none() | st.integers(10_000, 10**9),
        memory=stated,
    ),
    min_size=1,
    max_size=5,
)
chip_figures = st.lists(
    st.tuples(st.sampled_from(["sram", "flash"]), st.sampled_from([TOTAL, BLOCK]), sizes), max_size=3
)
chips = st.lists(
    st.builds(
        lambda source, names, memory: part("x1", *names, source=source, memory=memory),
        st.sampled_from(["datasheet", "cmsis-pack", "zephyr"]),
        st.lists(cores.filter(bool), max_size=2),
        chip_figures,
    ),
    max_size=3,
)


@settings(deadline=None)
@given(boards, chips)
def test_no_figure_is_more_than_there_is_and_each_has_its_source(
    said: list[BoardDescription], parts: list[Microcontroller]
) -> None:
    joined = compose("x", said, parts)
    for m in joined.device.memories:
        whole = m.total_bytes or 1 << 40
        assert (m.free_bytes or 0) <= whole
        assert (m.contiguous_bytes or 0) <= whole
        figures = (
            (m.total_bytes, m.source),
            (m.contiguous_bytes, m.contiguous_source),
            (m.free_bytes, m.free_source),
        )
        assert all((size is None) == (source is None) for size, source in figures)
        assert any(size is not None for size, _ in figures)
    assert len(set(kinds(joined.device))) == len(joined.device.memories)
    assert set(joined.memories_from_part) <= set(range(len(joined.device.memories)))
    assert set(joined.processors_from_part) <= set(range(len(joined.device.processors)))


@settings(deadline=None)
@given(boards, chips)
def test_every_figure_is_one_that_somebody_states(
    said: list[BoardDescription], parts: list[Microcontroller]
) -> None:
    sources: list[BoardDescription | Microcontroller] = [*said, *parts]
    every = {
        (f.memory, f.size_bytes) for one in sources for f in one.figures if f.kind not in {LIMIT, PLACEHOLDER}
    }
    device = compose("x", said, parts).device
    found = {
        (m.kind, n) for m in device.memories for n in (m.total_bytes, m.contiguous_bytes, m.free_bytes) if n
    }
    assert found <= every, "nothing is added up or guessed"


def test_a_figure_of_no_bytes_says_nothing() -> None:
    """The manifest of an FPGA board has 0 bytes of flash; the next source's word is taken."""
    empty = board("zephyr", "z", memory=[("flash", TOTAL, 0), ("sram", LINKABLE, 0)])
    assert composed(empty).memories == ()
    told = board("platformio", "p", memory=[("flash", TOTAL, MIB)])
    assert memory(composed(empty, told), "flash").total_bytes == MIB
