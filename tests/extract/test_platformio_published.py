"""All the published PlatformIO manifests, and the traps that they hold."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tinykg.extract.platformio import EXTRACTOR, read_manifest
from tinykg.records.board import BoardDescription, FigureKind

if TYPE_CHECKING:
    from pathlib import Path


def kinds(board: BoardDescription) -> dict[tuple[str, FigureKind], int]:
    return {(figure.memory, figure.kind): figure.size_bytes for figure in board.figures}


@pytest.fixture(scope="module")
def manifests(test_data: Path) -> dict[Path, BoardDescription]:
    """All published manifests, and how fast: the whole folder is read in a few seconds."""
    started = time.process_time()
    files = sorted((test_data / "boards" / "platformio").rglob("*.json"))
    read = {path: read_manifest(path) for path in files if EXTRACTOR.accepts(path)}
    assert time.process_time() - started < 20
    return read


@pytest.fixture(scope="module")
def published(manifests: dict[Path, BoardDescription]) -> dict[tuple[str | None, str], BoardDescription]:
    return {(board.collection, board.identifier): board for board in manifests.values()}


def test_every_published_manifest_is_a_board(manifests: dict[Path, BoardDescription]) -> None:
    assert len(manifests) >= 2200
    identities = {(board.source, board.collection, board.identifier) for board in manifests.values()}
    assert len(identities) == len(manifests)


def test_what_is_no_manifest_is_a_fragment_or_a_drawing(
    test_data: Path, manifests: dict[Path, BoardDescription]
) -> None:
    others = set((test_data / "boards" / "platformio").rglob("*.json")) - manifests.keys()
    assert {path.parent.name for path in others} <= {"_base", "ic", "pcb", "boardgen", "shapes", "templates"}


def test_most_boards_have_memories_a_part_and_a_core(manifests: dict[Path, BoardDescription]) -> None:
    boards = list(manifests.values())
    sized = [board for board in boards if {"flash", "sram"} <= {figure.memory for figure in board.figures}]
    assert len(sized) >= 0.96 * len(boards)
    assert sum(board.part is not None for board in boards) >= 0.99 * len(boards)
    assert sum(board.processors[0].core is not None for board in boards) >= 0.97 * len(boards)
    assert sum(board.processors[0].clock_hz is not None for board in boards) >= 0.96 * len(boards)


def test_bare_chips_are_kept_apart(manifests: dict[Path, BoardDescription]) -> None:
    """Trap 10. Counted by eye in samples of each platform: three platforms are chips nearly alone."""
    chips: dict[str | None, int] = {}
    boards: dict[str | None, int] = {}
    for board in manifests.values():
        counts = chips if board.is_chip else boards
        counts[board.collection] = counts.get(board.collection, 0) + 1
    assert sum(chips.values()) >= 1000
    assert sum(boards.values()) >= 1100
    for collection in ("atmelsam", "espressif32", "nordicnrf52", "teensy", "microchippic32", "timsp430"):
        assert collection not in chips, collection
    assert "intel_mcs51" not in boards
    assert chips["gd32@CommunityGD32Cores"] > 15 * boards["gd32@CommunityGD32Cores"]


def test_bytes_are_bytes(published: dict[tuple[str | None, str], BoardDescription]) -> None:
    """Trap 1: other sources count in KiB."""
    board = published["nordicnrf52", "nano33ble"]
    assert kinds(board) == {("sram", FigureKind.LINKABLE): 262_144, ("flash", FigureKind.LINKABLE): 983_040}


def test_what_is_left_beside_a_radio_stack_is_linkable(
    published: dict[tuple[str | None, str], BoardDescription],
) -> None:
    """Trap 2, and trap 3: the bootloader's part of the flash is not in the figure."""
    argon = published["nordicnrf52", "particle_argon"]
    assert kinds(argon) == {("sram", FigureKind.LINKABLE): 248_832, ("flash", FigureKind.LINKABLE): 815_104}
    sense = published["seeedboards@Seeed-Studio", "seeed-xiao-afruitnrf52-nrf52840-sense"]
    assert kinds(sense) == {("sram", FigureKind.LINKABLE): 237_568, ("flash", FigureKind.LINKABLE): 811_008}
    assert sense.sensors is None
    assert kinds(published["atmelavr", "uno"])["flash", FigureKind.LINKABLE] == 32_256


def test_an_esp32s_ram_is_the_part_for_data(manifests: dict[Path, BoardDescription]) -> None:
    """Trap 2: 327,680 bytes of a larger SRAM."""
    esp32 = [board for board in manifests.values() if (board.part or "").startswith("esp32")]
    assert len(esp32) > 200
    for board in esp32:
        ram = [figure for figure in board.figures if figure.memory == "sram"]
        for figure in ram:
            assert figure.kind is not FigureKind.LINKABLE, board.identifier
            assert figure.kind is not FigureKind.HEAP_ONLY or figure.size_bytes <= 409_600, board.identifier
    dram = [b for b in esp32 if kinds(b).get(("sram", FigureKind.HEAP_ONLY)) == 327_680]
    assert len(dram) > 0.9 * len(esp32)


def test_the_same_number_on_another_chip_is_linkable(
    published: dict[tuple[str | None, str], BoardDescription],
) -> None:
    board = published["gd32@CommunityGD32Cores", "genericGD32H737ZG"]
    assert kinds(board)["sram", FigureKind.LINKABLE] == 327_680


def test_one_cores_share_is_no_boards_memory(
    published: dict[tuple[str | None, str], BoardDescription],
) -> None:
    """Trap 3: the Portenta's M7 has 768 KiB of 2 MiB."""
    m7 = published["ststm32", "portenta_h7_m7"]
    assert kinds(m7)["flash", FigureKind.CORE_SHARE] == 786_432
    assert kinds(published["ststm32", "portenta_h7_m4"])["sram", FigureKind.CORE_SHARE] == 294_248
    assert m7.processors[0].core == "cortex-m7"


@pytest.mark.parametrize(
    ("collection", "identifier", "size_bytes"),
    [
        ("nxpimxrt", "mimxrt1020_evk", 33_554_432),
        ("nxpimxrt", "mimxrt1050_evk", 33_554_432),
        ("nxpimxrt", "mimxrt1060_evk", 33_554_432),
        ("nxpimxrt", "mimxrt1064_evk", 33_554_432),
        ("riscv_gap", "gapuino", 8_388_608),
        ("shakti", "artix7_100t", 134_217_728),
    ],
)
def test_external_ram_is_not_sram(
    published: dict[tuple[str | None, str], BoardDescription],
    collection: str,
    identifier: str,
    size_bytes: int,
) -> None:
    """Trap 4."""
    found = kinds(published[collection, identifier])
    assert found["psram", FigureKind.LINKABLE] == size_bytes
    assert not any(memory == "sram" for memory, _ in found)


def test_ram_of_a_chip_and_a_ram_chip_are_told_apart(
    published: dict[tuple[str | None, str], BoardDescription],
) -> None:
    """Trap 4: unphone9 states 8,716,288."""
    found = kinds(published["espressif32", "unphone9"])
    assert found["sram", FigureKind.HEAP_ONLY] == 327_680
    assert found["psram", FigureKind.CHIP_TOTAL] == 8_388_608
    assert found["flash", FigureKind.CHIP_TOTAL] == 8_388_608
    assert found["flash", FigureKind.LINKABLE] == 8_323_072


@pytest.mark.parametrize(
    "identifier", ["raspberrypi_1b", "raspberrypi_2b", "raspberrypi_3b", "raspberrypi_zero"]
)
def test_a_linux_boards_flash_is_a_placeholder(
    published: dict[tuple[str | None, str], BoardDescription], identifier: str
) -> None:
    """Trap 4."""
    board = published["linux_arm", identifier]
    assert board.system == "linux"
    found = kinds(board)
    assert found["flash", FigureKind.PLACEHOLDER] == found["dram", FigureKind.CHIP_TOTAL]


def test_a_zero_is_a_placeholder(published: dict[tuple[str | None, str], BoardDescription]) -> None:
    """Trap 4: artix7_35t has no flash to link into."""
    assert kinds(published["shakti", "artix7_35t"])["flash", FigureKind.PLACEHOLDER] == 0


def test_implausible_values_are_kept_for_who_knows_the_chip(
    published: dict[tuple[str | None, str], BoardDescription],
) -> None:
    """Trap 5: only the join knows that this board has 786 KiB, and that one 16 MiB."""
    assert kinds(published["raspberrypi", "nanorp2040connect"])["flash", FigureKind.LINKABLE] == 2_097_152
    board = published["espressif32", "weactstudio_esp32c3coreboard"]
    assert kinds(board)["flash", FigureKind.LINKABLE] == 393_216
    ram = kinds(published["raspberrypi@maxgerhardt", "arduino_nano_connect"])["sram", FigureKind.LINKABLE]
    assert ram == 262_144
    assert kinds(published["raspberrypi", "pico"])["sram", FigureKind.LINKABLE] == 270_336


def test_a_default_clock_is_kept(published: dict[tuple[str | None, str], BoardDescription]) -> None:
    """Trap 11: the Artemis runs at 48 of 96 MHz."""
    artemis = published["apollo3blue@nigelb", "SparkFun_Edge_Development_Board"]
    assert artemis.processors[0].clock_hz == 48_000_000
    assert published["teensy", "teensy40"].processors[0].clock_hz == 600_000_000


def test_a_platforms_double_of_a_board_is_a_description_of_its_own(
    manifests: dict[Path, BoardDescription],
) -> None:
    """Trap 9: the same names stay apart by their collections; the join merges."""
    by_name: dict[str, set[tuple[str | None, str]]] = {}
    for board in manifests.values():
        by_name.setdefault(board.name, set()).add((board.collection, board.identifier))
    assert any(len(identities) > 1 for identities in by_name.values())
