"""Which address ranges of a pack's device are memory of the chip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykg.extract.cmsis_pack_devices import PackDevice, PackProcessor, Region
from tinykg.extract.cmsis_pack_memory import memory_figures, memory_of, sort_regions
from tinykg.records.board import FigureKind

KIB = 1024


def region(  # the parts of a memory element
    name: str,
    start: int,
    kib: float,
    access: str | None = None,
    *,
    alias: str | None = None,
    core: str | None = None,
) -> Region:
    return Region(
        name=name,
        processor=core,
        start=start,
        size_bytes=int(kib * KIB),
        access=access,
        alias=alias,
        is_default=name.endswith("1"),
    )


def device(
    *regions: Region, core: str = "Cortex-M4", tz: str | None = None, maker: str = "999"
) -> PackDevice:
    processor = PackProcessor(
        name=None, units=1, core=core, fpu=None, dsp=None, mve=None, trustzone=tz, clock_hz=None
    )
    return PackDevice(
        part="D", vendor="V", vendor_number=maker, processors=(processor,), regions=tuple(regions)
    )


def total_kib(one: PackDevice, memory: str = "sram") -> float:
    return sum(
        f.size_bytes for f in memory_figures(one) if f.memory == memory and f.kind is FigureKind.CHIP_TOTAL
    ) / KIB  # fmt: skip


@pytest.mark.parametrize(
    ("name", "access", "memory"),
    [
        ("IRAM1", None, "sram"),
        ("IROM2", None, "flash"),
        ("DTCMRAM", "rwx", "sram"),
        ("RAM_D1", "rwx", "sram"),
        ("PROGRAM_FLASH", "rw", "flash"),
        ("ITCM_Flash", "rx", "flash"),
        ("MRAM", "rwx", "flash"),
        ("Bank", "rwx", "sram"),
        ("Bank", "rx", "flash"),
        ("Bank", None, "flash"),
    ],
)
def test_the_name_then_the_access_say_which_memory(name: str, access: str | None, memory: str) -> None:
    assert memory_of(region(name, 0, 4, access)) == memory


RAM = region("SRAM1", 0x2000_0000, 64, "rwx")
ROM = region("Flash1", 0x0800_0000, 512, "rx")


@pytest.mark.parametrize(
    "extra",
    [
        region("SDRAM", 0xC000_0000, 8192, "rwx"),
        region("QSPI_RAM", 0x1000_0000, 8192, "rwx"),
        region("EXT_RAM", 0x1000_0000, 64, "rwx"),
        region("IRAM2", 0x6800_0000, 1024, None),
        region("IRAM2", 0x4700_0000, 8, None),
        region("BKP_SRAM", 0x4002_4000, 4, "rwx"),
        region("BackupRAM", 0x3000_0000, 4, "rwx"),
        region("SRAM_GFXMM", 0x2400_0000, 16384, "rwx"),
        region("IRAM2", 0x2400_0000, 16384, None),
        region("SRAM_alias", 0x1000_0000, 64, "rwx"),
        region("USB_RAM", 0x1C00_0000, 16, "rw"),
        region("PERIPH_RAM", 0x3000_0000, 16, "rwp"),
        region("SRAM_copy", 0x3000_0000, 64, "rwx", alias="SRAM1"),
        region("IRAM2", 0x2000_0000, 32, None),
    ],
)
def test_what_is_not_more_sram_of_the_chip_adds_nothing(extra: Region) -> None:
    assert total_kib(device(RAM, extra)) == 64


@pytest.mark.parametrize(
    "extra",
    [
        region("IROM2", 0x1200_0000, 131072, None),
        region("XIP", 0x1000_0000, 8192, "rx"),
        region("OTP", 0x1FFF_7800, 1, "r"),
        region("UICR", 0x1000_1000, 4, "r"),
        region("EEPROM", 0x0808_0000, 16, "r"),
        region("Data_Flash", 0x4010_0000, 64, "rw"),
        region("BootROM", 0x0300_0000, 128, "rx"),
        region("IROM2", 0x0040_0000, 2, None),
        region("IROM2", 0x9000_0000, 2048, None),
        region("ITCM_Flash", 0x0020_0000, 512, "rx"),
        region("Flash_C", 0x0C00_0000, 512, "rx"),
    ],
)
def test_what_is_not_more_program_flash_adds_nothing(extra: Region) -> None:
    assert total_kib(device(ROM, extra), "flash") == 512


@pytest.mark.parametrize(
    ("extra", "kib"),
    [
        (region("ITCM", 0x0000_0000, 16, "rwx"), 80),
        (region("DTCM", 0x2002_0000, 128, "rwx"), 192),
        (region("CCMRAM", 0x1000_0000, 64, "rwx"), 128),
        (region("IRAM2", 0x1000_0000, 64, None), 128),
        (region("SRAM9", 0x6000_0000, 768, "rwx"), 832),
        (region("SRAM4", 0x5800_0000, 256, "rwx"), 320),
        (region("SRAM2", 0x2000_8000, 64, "rwx"), 96),
    ],
)
def test_ram_of_the_chip_is_counted_wherever_it_lies(extra: Region, kib: int) -> None:
    assert total_kib(device(RAM, extra)) == kib


def test_flash_where_the_maker_put_it_counts_by_its_name() -> None:
    assert (
        total_kib(device(region("PROGRAM_FLASH", 0x7000_0000, 4096, "rx"), core="Cortex-M7"), "flash") == 4096
    )
    assert total_kib(device(region("MRAM", 0x8000_0000, 5632, "rx"), core="Cortex-M55"), "flash") == 5632


def test_the_secure_view_is_dropped_only_with_trustzone() -> None:
    pair = (region("RAM_NS1", 0x2000_0000, 64, "rwx"), region("RAM_S1", 0x3000_0000, 64, "rwx"))
    assert total_kib(device(*pair, core="Cortex-M33", tz="TZ")) == 64
    assert total_kib(device(*pair, core="Cortex-M33")) == 64
    assert total_kib(device(*pair, core="Cortex-M33", tz="NO_TZ")) == 128
    assert total_kib(device(*pair, core="Cortex-M7")) == 128


def test_a_secure_range_that_shows_nothing_else_counts() -> None:
    part = (region("RAM_NS1", 0x2000_0000, 64, "rwx"), region("RAM_S1", 0x3001_0000, 64, "rwx"))
    assert total_kib(device(*part, core="Cortex-M33", tz="TZ")) == 128


def test_a_makers_view_is_a_view_at_that_maker_only() -> None:
    pair = (region("IRAM1", 0x2000_0000, 64, None), region("IRAM2", 0x0080_0000, 64, None))
    assert total_kib(device(*pair, maker="54")) == 64
    assert total_kib(device(*pair, maker="11")) == 128


def test_tcm_of_two_cores_at_one_address_is_two_memories() -> None:
    tcms = (region("DTCM", 0x2000_0000, 64, "rw", core="a"), region("DTCM", 0x2000_0000, 32, "rw", core="b"))
    assert total_kib(device(*tcms, core="Cortex-M55")) == 96
    shared = (
        region("RAM1", 0x2000_0000, 64, "rw", core="a"),
        region("RAM1", 0x2000_0000, 64, "rw", core="b"),
    )
    assert total_kib(device(*shared)) == 64


def test_the_bus_view_of_a_tcm_that_is_listed_is_not_counted_again() -> None:
    tcm = region("DTCM", 0x2000_0000, 256, "rw", core="a")
    assert total_kib(device(tcm, region("SRAM3", 0x5080_0000, 256, "rw"), core="Cortex-M55")) == 256


@pytest.mark.parametrize(("first", "second"), [("B", "A"), ("A", "A"), ("nobody", "A")])
def test_aliases_in_a_circle_or_of_nobody_leave_one_memory(first: str, second: str) -> None:
    pair = (
        region("A", 0x2000_0000, 8, "rw", alias=first),
        region("B", 0x1000_0000, 8, "rw", alias=second),
    )
    assert total_kib(device(*pair)) == 8


def test_a_core_of_another_profile_has_another_map() -> None:
    dram = region("IRAM1", 0x8000_0000, 1024, None)
    assert total_kib(device(dram, core="Cortex-A5")) == 1024
    assert total_kib(device(dram)) == 0


def test_the_longest_run_is_of_neighbours() -> None:
    one = device(RAM, region("SRAM2", 0x2001_0000, 32, "rwx"), region("SRAM3", 0x2004_0000, 48, "rwx"))
    blocks = [f.size_bytes for f in memory_figures(one) if f.kind is FigureKind.LARGEST_BLOCK]
    assert blocks == [96 * KIB]
    assert total_kib(one) == 144


def test_each_range_is_counted_or_said_to_be_left_out() -> None:
    one = device(RAM, ROM, region("OTP", 0x1FFF_7800, 1, "r"), region("IROM2", 0x1200_0000, 131072, None))
    kept, left_out = sort_regions(one)
    assert [item.region.name for item in kept] == ["SRAM1", "Flash1"]
    assert left_out == [("flash", "OTP (for another use)"), ("flash", "IROM2 (a window)")]


ANY_REGIONS = st.lists(
    st.builds(
        region,
        st.sampled_from(["IRAM1", "IRAM2", "IROM1", "SRAM", "ITCM", "FLASH", "MRAM", "OTP", "XIP", "RAM_S"]),
        st.sampled_from(
            [0, 0x0080_0000, 0x0800_0000, 0x0C00_0000, 0x1000_0000, 0x2000_0000, 0x3000_0000, 0x6000_0000]
        ),
        st.sampled_from([1, 4, 64, 65, 16384]),
        st.sampled_from([None, "rwx", "rx", "r"]),
        alias=st.sampled_from([None, "IRAM1", "SRAM", "FLASH"]),
        core=st.sampled_from([None, "a", "b"]),
    ),
    max_size=8,
)
MAKERS = st.sampled_from(["13", "54", "82", "999"])
CORES = st.sampled_from(["Cortex-M0+", "Cortex-M4", "Cortex-M33", "Cortex-A9"])


@given(ANY_REGIONS, MAKERS, CORES)
def test_a_total_is_between_the_longest_run_and_all_that_is_listed(
    regions: list[Region], maker: str, core: str
) -> None:
    one = device(*regions, core=core, maker=maker)
    for memory in ("sram", "flash"):
        figures = {f.kind: f.size_bytes for f in memory_figures(one) if f.memory == memory}
        listed = sum(r.size_bytes for r in regions if memory_of(r) == memory)
        largest = figures.get(FigureKind.LARGEST_BLOCK, 0)
        assert largest <= figures.get(FigureKind.CHIP_TOTAL, 0) <= listed
        assert (maker == "82") <= (FigureKind.CHIP_TOTAL not in figures)


@given(ANY_REGIONS, MAKERS, CORES)
def test_every_range_is_kept_or_left_out_once(regions: list[Region], maker: str, core: str) -> None:
    kept, left_out = sort_regions(device(*regions, core=core, maker=maker))
    assert len(kept) + len(left_out) == len(regions)


@given(ANY_REGIONS, MAKERS, CORES)
def test_a_memory_listed_twice_counts_once(regions: list[Region], maker: str, core: str) -> None:
    once, twice = (device(*r, core=core, maker=maker) for r in (regions, [*regions, *regions]))
    sizes_once, sizes_twice = (
        {(f.memory, f.kind): f.size_bytes for f in memory_figures(d)} for d in (once, twice)
    )
    assert sizes_once == sizes_twice
