"""CMSIS packs: published ones against known parts, and hand-written ones for each rule."""

from __future__ import annotations

import contextlib
import csv
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinykg.errors import ExtractError
from tinykg.extract.cmsis_pack import EXTRACTOR
from tinykg.records.board import BoardDescription, FigureKind, Microcontroller
from tinykg.records.device import Processor

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

KIB = 1024
TOTAL, LARGEST = FigureKind.CHIP_TOTAL, FigureKind.LARGEST_BLOCK


def sizes(mcu: Microcontroller, kind: FigureKind = TOTAL) -> tuple[int | None, int | None]:
    found = {figure.memory: figure.size_bytes for figure in mcu.figures if figure.kind is kind}
    return found.get("sram"), found.get("flash")


def by_part(records: Iterable[object]) -> dict[str, Microcontroller]:
    return {record.part: record for record in records if isinstance(record, Microcontroller)}


@pytest.fixture(scope="module")
def packs(test_data: Path) -> dict[str, tuple[Microcontroller | BoardDescription, ...]]:
    files = sorted((test_data / "boards" / "pdsc").glob("*.pdsc"))
    assert len(files) == 16
    return {file.name: EXTRACTOR.extract(file) for file in files}


@pytest.fixture(scope="module")
def published(packs: dict[str, tuple[Microcontroller | BoardDescription, ...]]) -> dict[str, Microcontroller]:
    return by_part(record for records in packs.values() for record in records)


def write(tmp_path: Path, inner: str, vendor: str = "Maker") -> Path:
    file = tmp_path / "Maker.Pack.pdsc"
    file.write_text(f"<package><vendor>{vendor}</vendor><name>Pack</name>{inner}</package>", encoding="utf-8")
    return file


def devices(tmp_path: Path, inner: str) -> dict[str, Microcontroller]:
    text = f'<devices><family Dfamily="F" Dvendor="Maker:999">{inner}</family></devices>'
    return by_part(EXTRACTOR.extract(write(tmp_path, text)))


def test_all_published_devices_are_read(published: dict[str, Microcontroller]) -> None:
    assert len(published) == 1145
    without_clock = [mcu.part for mcu in published.values() if mcu.processors[0].clock_hz is None]
    assert all(part.startswith(("ATSAM", "ARM")) for part in without_clock), "packs that state no clock"
    assert all(
        processor.core for mcu in published.values() for processor in mcu.processors if "ARM" not in mcu.part
    )
    assert all(processor.has_fpu is not None for mcu in published.values() for processor in mcu.processors)
    silent = [mcu.part for mcu in published.values() if len(mcu.figures) != 4 and "ARM" not in mcu.part]
    assert silent == []


@pytest.mark.parametrize(
    ("part", "sram_kib", "flash_kib", "sram_block_kib", "flash_block_kib"),
    [
        ("nRF52840_xxAA", 256, 1024, 256, 1024),
        ("nRF52832_xxAA", 64, 512, 64, 512),
        ("nRF5340_xxAA", 576, 1280, 512, 1024),
        ("STM32F446RE", 128, 512, 128, 512),
        ("STM32F407VG", 192, 1024, 128, 1024),
        ("STM32H743ZITx", 992, 2048, 512, 2048),
        ("STM32H747XIHx", 992, 2048, 512, 2048),
        ("STM32H742AGIx", 624, 1024, 384, 512),
        ("STM32F746NG", 336, 1024, 320, 1024),
        ("STM32L475VGTx", 128, 1024, 96, 1024),
        ("STM32L4R5ZITx", 640, 2048, 384, 2048),
        ("STM32L552CETx", 256, 512, 256, 512),
        ("STM32U5F9NJHxQ", 2512, 4096, 2496, 4096),
        ("STM32G473RETxZ", 128, 480, 128, 240),
        ("ATSAMD51J19A", 192, 512, 192, 512),
        ("ATSAMD21E16L", 8, 64, 8, 64),
        ("LPC55S36", 128, 246, 112, 246),
    ],
)
def test_trap_8_each_byte_of_a_chip_is_counted_once(
    published: dict[str, Microcontroller],
    part: str,
    sram_kib: int,
    flash_kib: int,
    sram_block_kib: int,
    flash_block_kib: int,
) -> None:
    assert sizes(published[part]) == (sram_kib * KIB, flash_kib * KIB)
    assert sizes(published[part], LARGEST) == (sram_block_kib * KIB, flash_block_kib * KIB)


def test_what_is_left_out_is_said(published: dict[str, Microcontroller]) -> None:
    notes = [figure.note for figure in published["nRF52840_xxAA"].figures]
    assert "not counted: IRAM2 (a view of another)" in notes
    assert "not counted: IROM2 (a window)" in notes
    assert "16384 bytes of it are instruction TCM" in str(published["STM32F746NG"].figures[0].note)
    assert published["ATSAMD51J19A"].figures[0].place == "memory[IRAM1] + memory[IRAM2] + memory[IRAM3]"


CURATED_DIFFERS = {
    "STM32H747XIH6": "nominal 1 MiB; the pack leaves out ITCM",
    "STM32H757AII6": "nominal 1 MiB; the pack leaves out ITCM and a part of D2",
    "STM32H743ZIT6": "nominal 1 MiB; the pack leaves out ITCM",
    "STM32H743IIK6": "nominal 1 MiB; the pack leaves out ITCM",
    "STM32H7A3ZIT6Q": "the pack leaves out ITCM",
    "STM32U585AII6Q": "the pack leaves out SRAM4 and backup RAM",
    "STM32U575ZIT6Q": "the pack leaves out SRAM4 and backup RAM",
    "STM32F746NGH6": "16 KiB ITCM are counted here",
    "STM32F746ZGT6": "16 KiB ITCM are counted here",
    "STM32F769NIH6": "16 KiB ITCM are counted here",
    "nRF5340": "the network core's memories are counted here",
}
"""Parts whose sums differ from the curated table, and why."""


def test_sums_agree_with_the_curated_table(test_data: Path, published: dict[str, Microcontroller]) -> None:
    stems = {
        re.sub(r"(_XXA[A-Z]|X[A-Z]?)$", "", part.upper()): mcu for part, mcu in reversed(published.items())
    }
    compared, differ = 0, set()
    with (test_data / "boards" / "curated.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            part = row["mcu"].upper()
            stem = max((s for s in stems if len(s) >= 7 and part.startswith(s)), key=len, default=None)
            if stem is not None:
                compared += 1
                if sizes(stems[stem]) != (int(row["ram_bytes"]), int(row["flash_bytes"])):
                    differ.add(row["mcu"])
    assert compared == 37
    assert differ == set(CURATED_DIFFERS)


def test_processors_carry_what_the_pack_says(published: dict[str, Microcontroller]) -> None:
    assert published["nRF52840_xxAA"].processors == (
        Processor(
            part="nRF52840_xxAA",
            core="cortex-m4f",
            core_count=1,
            clock_hz=64_000_000,
            has_fpu=True,
            simd="DSP",
        ),
    )
    network, application = published["nRF5340_xxAA"].processors
    assert (network.has_fpu, network.simd, network.clock_hz) == (False, "none", 64_000_000)
    assert (application.has_fpu, application.simd, application.clock_hz) == (True, "DSP", 128_000_000)
    assert [p.core for p in published["STM32H747XIHx"].processors] == ["cortex-m7", "cortex-m4f"]
    assert published["STM32F446RE"].vendor == "STMicroelectronics"
    assert published["STM32F446RE"].collection == "Keil.STM32F4xx_DFP"
    assert "STM32F446RETx" in str(published["STM32F446RE"].note)


def test_arms_own_cores_are_placeholders(published: dict[str, Microcontroller]) -> None:
    arms = [mcu for mcu in published.values() if mcu.collection == "ARM.CMSIS"]
    assert len(arms) == 35
    assert {figure.kind for mcu in arms for figure in mcu.figures} == {FigureKind.PLACEHOLDER}
    assert {processor.clock_hz for mcu in arms for processor in mcu.processors} == {None}
    assert published["ARMCM55"].processors[0].simd == "MVE"


def test_the_parts_packed_for_the_board_of_a_pack_are_read(
    packs: dict[str, tuple[Microcontroller | BoardDescription, ...]],
) -> None:
    (board,) = packs["Keil.B-U585I-IOT02A_BSP.pdsc"]
    assert isinstance(board, BoardDescription)
    assert (board.vendor, board.identifier, board.part) == (
        "STMicroelectronics",
        "B-U585I-IOT02A",
        "STM32U585AIIx",
    )
    assert board.sensors is not None
    assert [sensor.kind for sensor in board.sensors] == [
        "accelerometer",
        "gyroscope",
        "magnetometer",
        "hygrometer",
        "thermometer",
        "barometer",
        "light",
        "distance",
        "microphone",
    ]
    assert board.connectivity == ("ble", "wifi")
    assert [(f.memory, f.size_bytes) for f in board.figures] == [
        ("psram", 8 << 20),
        ("external-flash", 64 << 20),
    ]
    (plain,) = packs["Keil.NUCLEO-H743ZI2_BSP.pdsc"]
    assert isinstance(plain, BoardDescription)
    assert plain.sensors is None, "no sensor feature is no statement"
    assert plain.connectivity == ("ethernet",)


def test_levels_inherit_override_and_add(tmp_path: Path) -> None:
    found = devices(
        tmp_path,
        """
        <processor Dcore="Cortex-M7" Dfpu="SP_FPU" Dclock="100000000"/>
        <memory id="IRAM1" start="0x20000000" size="0x1000"/>
        <subFamily DsubFamily="S">
          <processor Dclock="200000000"/>
          <device Dname="A"><processor Dfpu="DP_FPU"/><memory id="IROM1" start="0" size="65536"/></device>
          <device Dname="B"><memory id="IRAM1" start="0x20000000" size="0x2000"/></device>
        </subFamily>
        <device Dname="C"/>""",
    )
    assert sizes(found["A"]) == (0x1000, 65536)
    assert sizes(found["B"]) == (0x2000, None)
    assert sizes(found["C"]) == (0x1000, None)
    assert [found[name].processors[0].clock_hz for name in "ABC"] == [200_000_000, 200_000_000, 100_000_000]
    assert all(found[name].processors[0].core == "cortex-m7" for name in "ABC")
    assert found["A"].vendor == "Maker"


def test_a_variant_is_a_record_where_it_changes_a_fact(tmp_path: Path) -> None:
    found = devices(
        tmp_path,
        """
        <processor Dcore="Cortex-M4" Dfpu="NO_FPU"/>
        <memory name="SRAM" start="0x20000000" size="0x1000"/>
        <device Dname="D">
          <variant Dvariant="D-same"><feature type="QFP" n="64"/></variant>
          <variant Dvariant="D-more"><memory name="SRAM" start="0x20000000" size="0x4000"/></variant>
        </device>
        <device Dname="E"><variant Dvariant="E-fast"><processor Dclock="9"/></variant></device>""",
    )
    assert set(found) == {"D", "D-more", "E-fast"}
    assert found["D"].note == "variants: D-same"
    assert sizes(found["D-more"]) == (0x4000, None)
    assert found["E-fast"].processors[0].clock_hz == 9


def test_named_processors_take_over_what_holds_for_all(tmp_path: Path) -> None:
    found = devices(
        tmp_path,
        """
        <processor Dfpu="SP_FPU" Dcore="Cortex-M33"/>
        <device Dname="D">
          <processor Pname="a" Ddsp="DSP" Punits="2"/><processor Pname="b" Dcore="Cortex-M55" Dmve="FP_MVE"/>
        </device>""",
    )
    one, two = found["D"].processors
    assert (one.core, one.core_count, one.has_fpu, one.simd) == ("cortex-m33", 2, True, "DSP")
    assert (two.core, two.core_count, two.has_fpu, two.simd) == ("cortex-m55", 1, True, "MVE")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('Dcore="Cortex-M4"', "DSP"),
        ('Dcore="Cortex-M0+"', "none"),
        ('Dcore="Cortex-M33"', None),
        ('Dcore="Cortex-M33" Ddsp="NO_DSP"', "none"),
        ('Dcore="Cortex-M55" Dmve="NO_MVE"', "DSP"),
        ('Dcore="Cortex-M85" Dmve="MVE"', "MVE"),
        ('Dcore="Cortex-A9"', None),
    ],
)
def test_extensions_are_said_or_follow_from_the_architecture(
    tmp_path: Path, attributes: str, expected: str | None
) -> None:
    found = devices(tmp_path, f'<processor {attributes}/><device Dname="D"/>')
    assert found["D"].processors[0].simd == expected


@pytest.mark.parametrize(
    ("inner", "place", "found"),
    [
        ('<device Dname="D"><memory id="IRAM1" size="4" start="x"/></device>', "memory[IRAM1]/@start", "'x'"),
        (
            '<device Dname="D"><memory id="IRAM1" size="12ab" start="0"/></device>',
            "memory[IRAM1]/@size",
            "12ab",
        ),
        ('<device Dname="D"><memory name="S" start="0"/></device>', "memory[S]/@size", "no such"),
        ('<device Dname="D"><memory start="0" size="4"/></device>', "memory/@name", "no such"),
        ('<device Dname="D"><processor Dclock="fast"/></device>', "processor/@Dclock", "fast"),
        (
            '<device Dname="D"><memory name="S" start="0xFFFFFFFFFFFFFFFF" size="4"/></device>',
            "memory[S]/@size",
            "",
        ),
        ("<device/>", "device/@Dname", "no such"),
        ('<device Dname="D"><variant/></device>', "device[D]/variant/@Dvariant", "no such"),
    ],
)
def test_a_fault_names_its_place(tmp_path: Path, inner: str, place: str, found: str) -> None:
    with pytest.raises(ExtractError) as error:
        devices(tmp_path, f'<subFamily DsubFamily="S">{inner}</subFamily>')
    assert error.value.place.startswith("package/devices/family[F]/subFamily[S]/device")
    assert error.value.place.endswith(place)
    assert found in error.value.found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<project/>", "<package>"),
        ("<package><name>n</name></package>", "the pack's vendor"),
        ("<package><vendor>v</vendor><name> </name></package>", "the pack's name"),
    ],
)
def test_what_is_no_pack_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "x.pdsc"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ExtractError) as error:
        EXTRACTOR.extract(file)
    assert error.value.expected == expected


def test_too_many_devices_and_memories_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="more than 5000 devices"):
        devices(tmp_path, "".join(f'<device Dname="d{n}"/>' for n in range(5001)))
    with pytest.raises(ExtractError, match="variants"):
        devices(tmp_path, f'<device Dname="d">{"<variant/>" * 5001}</device>')
    many = "".join(f'<memory name="m{n}" start="0" size="1"/>' for n in range(65))
    with pytest.raises(ExtractError, match="65 memories"):
        devices(tmp_path, f'<device Dname="d">{many}</device>')


def test_only_packs_are_accepted(tmp_path: Path) -> None:
    assert EXTRACTOR.accepts(write(tmp_path, ""))
    (tmp_path / "folder.pdsc").mkdir()
    (tmp_path / "x.xml").write_text("<package/>", encoding="utf-8")
    assert not EXTRACTOR.accepts(tmp_path / "folder.pdsc")
    assert not EXTRACTOR.accepts(tmp_path / "x.xml")
    assert not EXTRACTOR.accepts(tmp_path / "absent.pdsc")


def test_a_device_described_twice_is_one_record(tmp_path: Path) -> None:
    records = EXTRACTOR.extract(
        write(
            tmp_path, '<devices><family Dfamily="F"><device Dname="D"/><device Dname="D"/></family></devices>'
        )
    )
    assert len(records) == 1


NAMES = st.sampled_from(["IRAM1", "IROM1", "SRAM", "ITCM", "FLASH", "XIP", "S_NS", "", "OTP"])
NUMBERS = st.sampled_from(
    ["0", "0x20000000", "0x30000000", "4096", "0x400", "-1", "", "0xG", "99999999999999999999"]
)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            NAMES,
            NUMBERS,
            NUMBERS,
            st.sampled_from(["rwx", "rx", "", "p"]),
            st.sampled_from(["", "SRAM", "FLASH"]),
        ),
        max_size=6,
    ),
    st.sampled_from(["Cortex-M33", "Cortex-M4", "", "?"]),
)
def test_any_memories_are_records_or_an_extract_error(
    tmp_path_factory: pytest.TempPathFactory, memories: list[tuple[str, str, str, str, str]], core: str
) -> None:
    inner = f'<processor Dcore="{core}"/><device Dname="D">' + "".join(
        f'<memory name="{n}" start="{start}" size="{size}" access="{access}" alias="{alias}"/>'
        for n, start, size, access, alias in memories
    )
    with contextlib.suppress(ExtractError):
        mcu = devices(tmp_path_factory.getbasetemp(), inner + "</device>")["D"]
        assert all(figure.size_bytes > 0 for figure in mcu.figures)
        for total, largest in zip(sizes(mcu), sizes(mcu, LARGEST), strict=True):
            assert (total is None) == (largest is None)
            assert total is None or largest is None or largest <= total


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 85_000), st.binary(min_size=1, max_size=6))
def test_a_published_pack_with_bytes_changed_is_records_or_an_extract_error(
    test_data: Path, tmp_path_factory: pytest.TempPathFactory, place: int, change: bytes
) -> None:
    (source,) = (test_data / "boards" / "pdsc").glob("Nordic*.pdsc")
    content = source.read_bytes()
    file = tmp_path_factory.getbasetemp() / "changed.pdsc"
    file.write_bytes(content[:place] + change + content[place + len(change) :])
    with contextlib.suppress(ExtractError):
        assert EXTRACTOR.extract(file)
