"""The whole published tree: every board folder, every sensor node, and the traps by name."""

from __future__ import annotations

import csv
import shutil
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tinykg.errors import ExtractError
from tinykg.extract.zephyr import EXTRACTOR, sensor_nodes_of
from tinykg.records.board import BoardDescription, FigureKind

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.extract.zephyr_sensors import SensorNode

KIB = 1024
Row = tuple[str, str, str, str]


@pytest.fixture(scope="module")
def tree(test_data: Path) -> Path:
    return test_data / "boards" / "zephyr"


@pytest.fixture(scope="module")
def folders(tree: Path) -> list[Path]:
    return sorted(path for path in tree.glob("boards/*/*") if path.is_dir() and path.parent.name != "shields")


@dataclass(frozen=True)
class Survey:
    boards: dict[str, BoardDescription]
    refused: Counter[str]
    seconds: float


@pytest.fixture(scope="module")
def survey(folders: list[Path]) -> Survey:
    """All boards by identifier, why folders are refused, and how long it took."""
    start = time.monotonic()
    boards = {}
    refused: Counter[str] = Counter()
    for folder in folders:
        try:
            found = EXTRACTOR.extract(folder)
        except ExtractError as error:
            refused[error.found] += 1
        else:
            boards.update({board.identifier: board for board in found})
    return Survey(boards, refused, time.monotonic() - start)


@pytest.fixture(scope="module")
def boards(survey: Survey) -> dict[str, BoardDescription]:
    return survey.boards


def size(board: BoardDescription, memory: str, kind: FigureKind) -> list[int]:
    return [one.size_bytes // KIB for one in board.figures if (one.memory, one.kind) == (memory, kind)]


def as_row(node: SensorNode) -> Row:
    """The node as the published table writes it: a microphone's port by its label alone."""
    if "nordic,nrf-pdm" in node.compatibles:
        return "dmic_dev", "", "microphone", node.status
    return node.name, ";".join(node.compatibles), ";".join(node.kinds), node.status


def test_each_published_row_is_found_and_nothing_beside_it(test_data: Path, tree: Path) -> None:
    expected: dict[tuple[str, str], Counter[Row]] = defaultdict(Counter)
    buses = set()
    with (test_data / "boards" / "zephyr_board_sensors.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            label, _, name = row["node"].rpartition(": ")
            node = label if name.startswith("&") else name
            key = (row["dir"], row["target"])
            compatibles = row["compatibles"].replace('"', "")
            expected[key][(node, compatibles, row["kinds"], row["status"].split()[0])] += 1
            buses.add((*key, node, row["bus"].rpartition("&")[2]))
    assert sum(map(len, expected.values())) >= 61
    for (folder, target), rows in expected.items():
        nodes = sensor_nodes_of(tree / "boards" / folder / f"{target}.dts")
        assert Counter(map(as_row, nodes)) == rows, target
        for node in nodes:
            if node.compatibles != ("nordic,nrf-pdm",):
                named = {(folder, target, node.name, bus) for bus in (*node.bus_labels, node.bus[1:])}
                assert named & buses, (target, node.name)


def test_the_tree_has_as_many_nodes_as_the_survey_counted(tree: Path) -> None:
    """174 nodes, 89 sources and 61 folders, and 6 nodes of the reel board in a subfolder's include."""
    nodes = {path: sensor_nodes_of(path) for path in sorted(tree.glob("boards/*/*/*.dts"))}
    assert len(nodes) == 559
    with_sensors = {path: found for path, found in nodes.items() if found}
    reel = [path for path in with_sensors if path.parent.name == "reel_board"]
    assert sum(len(with_sensors[path]) for path in reel) == 6
    rest = {path: found for path, found in with_sensors.items() if path not in reel}
    assert sum(map(len, rest.values())) == 174
    assert len(rest) == 89
    assert len({path.parent for path in rest}) == 61
    assert sum(node.status == "disabled" for found in rest.values() for node in found) == 7


def test_each_folder_is_accepted_and_gives_its_boards_in_time(folders: list[Path], survey: Survey) -> None:
    assert len(folders) == 419
    assert not [folder for folder in folders if not EXTRACTOR.accepts(folder)]
    assert len(survey.boards) == 472
    assert survey.refused == {
        "only targets of type qemu": 15,
        "only targets of type sim": 5,
        "only targets of type native": 2,
    }
    assert survey.seconds < 60


def test_what_the_boards_say_together(boards: dict[str, BoardDescription]) -> None:
    values = list(boards.values())
    assert len(values) == 472
    assert sum(board.sensors is not None for board in values) >= 81
    kinds = {FigureKind.CHIP_TOTAL, FigureKind.CORE_SHARE, FigureKind.HEAP_ONLY}
    for memory, least in (("sram", 440), ("flash", 365)):
        found = [b for b in values if any(f.memory == memory and f.kind in kinds for f in b.figures)]
        assert len(found) >= least, memory
    assert sum(any(one.core for one in board.processors) for board in values) >= 455


def test_neither_shields_nor_the_folders_above_boards_are_accepted(test_data: Path, tree: Path) -> None:
    shields = sorted((tree / "boards" / "shields").iterdir())
    assert len(shields) > 30
    above = [tree, tree / "boards", tree / "boards" / "arm", tree / "dts", tree / "dts" / "bindings"]
    for path in [
        *shields,
        *above,
        test_data / "boards",
        tree / "boards" / "arm" / "b_l4s5i_iot01a" / "x.dts",
    ]:
        assert not EXTRACTOR.accepts(path), path


def test_no_other_format_is_accepted(test_data: Path) -> None:
    foreign = [
        path
        for name in ("arduino", "micropython", "mlperf_tiny", "pdsc", "platformio")
        for path in (test_data / "boards" / name).rglob("*")
    ]
    assert len(foreign) > 500
    assert not [path for path in foreign if EXTRACTOR.accepts(path)]


def test_the_nrf52840_has_its_memories_once(boards: dict[str, BoardDescription]) -> None:
    board = boards["nrf52840dk_nrf52840"]
    assert size(board, "sram", FigureKind.CHIP_TOTAL) == [256]
    assert size(board, "flash", FigureKind.CHIP_TOTAL) == [1024]
    assert size(board, "flash", FigureKind.LINKABLE) == [472]
    assert size(board, "external-flash", FigureKind.CHIP_TOTAL) == [8192]
    assert (board.processors[0].core, board.processors[0].has_fpu) == ("cortex-m4f", True)
    assert board.part == "nRF52840-QIAA"


def test_sdram_is_no_sram(boards: dict[str, BoardDescription]) -> None:
    board = boards["mimxrt1060_evk"]
    assert size(board, "sram", FigureKind.CHIP_TOTAL) == [1024]
    assert size(board, "sram", FigureKind.LARGEST_BLOCK) == [768]
    assert size(board, "psram", FigureKind.CHIP_TOTAL) == [32768]
    assert size(board, "psram", FigureKind.TEST_LIMIT) == [32768]
    assert not size(board, "sram", FigureKind.TEST_LIMIT)
    assert size(board, "flash", FigureKind.CHIP_TOTAL) == [8192]


def test_a_limit_that_fits_the_chip_is_about_its_sram(boards: dict[str, BoardDescription]) -> None:
    board = boards["mimxrt1170_evk_cm7"]
    assert size(board, "sram", FigureKind.TEST_LIMIT) == [256]
    assert size(board, "psram", FigureKind.CHIP_TOTAL) == [65536]


def test_cores_of_one_chip_are_not_summed(boards: dict[str, BoardDescription]) -> None:
    application = boards["thingy53_nrf5340_cpuapp"]
    assert size(application, "sram", FigureKind.CHIP_TOTAL) == [512]
    assert size(application, "sram", FigureKind.CORE_SHARE) == [448]
    assert size(application, "flash", FigureKind.CHIP_TOTAL) == [1024]
    network = boards["thingy53_nrf5340_cpunet"]
    assert size(network, "sram", FigureKind.LARGEST_BLOCK) == [64]
    assert size(network, "flash", FigureKind.CHIP_TOTAL) == [256]


def test_a_bank_of_the_other_core_makes_a_share(boards: dict[str, BoardDescription]) -> None:
    for name in ("stm32h747i_disco_m7", "stm32h747i_disco_m4"):
        assert size(boards[name], "flash", FigureKind.CORE_SHARE) == [1024]
        assert not size(boards[name], "flash", FigureKind.CHIP_TOTAL)
        assert size(boards[name], "sram", FigureKind.CHIP_TOTAL) == [864]


def test_overlapping_banks_count_once(boards: dict[str, BoardDescription]) -> None:
    assert size(boards["lpcxpresso55s69_cpu0"], "sram", FigureKind.CHIP_TOTAL) == [320]
    assert size(boards["stm32f4_disco"], "sram", FigureKind.CHIP_TOTAL) == [192]
    assert size(boards["stm32f4_disco"], "sram", FigureKind.LARGEST_BLOCK) == [128]


def test_espressif_nodes_are_the_data_part_only(boards: dict[str, BoardDescription]) -> None:
    assert size(boards["esp32c3_devkitm"], "sram", FigureKind.HEAP_ONLY) == [320]
    assert not size(boards["esp32c3_devkitm"], "sram", FigureKind.CHIP_TOTAL)


def test_absent_limits_are_not_filled_in(boards: dict[str, BoardDescription]) -> None:
    board = boards["arduino_nano_33_ble_sense"]
    assert not [figure for figure in board.figures if figure.kind is FigureKind.TEST_LIMIT]


def test_only_the_sense_has_sensors(boards: dict[str, BoardDescription]) -> None:
    assert boards["arduino_nano_33_ble"].sensors is None
    kinds = {sensor.kind for sensor in boards["arduino_nano_33_ble_sense"].sensors or ()}
    assert {"microphone", "gesture", "hygrometer"} <= kinds
    assert "accelerometer" not in kinds


def test_a_sensor_out_of_use_is_a_node_and_no_sensor(boards: dict[str, BoardDescription], tree: Path) -> None:
    assert {sensor.kind for sensor in boards["bbc_microbit"].sensors or ()} == {"accelerometer"}
    nodes = sensor_nodes_of(tree / "boards" / "arm" / "bbc_microbit" / "bbc_microbit.dts")
    assert Counter(node.works for node in nodes) == {False: 2, True: 1}


def test_the_intersection_of_compatibles_decides(boards: dict[str, BoardDescription]) -> None:
    sensors = boards["frdm_kl25z"].sensors or ()
    assert [(sensor.kind, sensor.part) for sensor in sensors] == [("accelerometer", "MMA8451Q")]


def test_a_folder_alone_keeps_its_identity_and_its_sensors(
    tree: Path, tmp_path: Path, boards: dict[str, BoardDescription]
) -> None:
    shutil.copytree(tree / "boards" / "arm" / "disco_l475_iot1", tmp_path / "disco_l475_iot1")
    (alone,) = EXTRACTOR.extract(tmp_path / "disco_l475_iot1")
    whole = boards["disco_l475_iot1"]
    assert (alone.source, alone.collection, alone.identifier) == (
        whole.source,
        whole.collection,
        whole.identifier,
    )
    assert alone.sensors == whole.sensors
    assert not [
        figure for figure in alone.figures if figure.kind is FigureKind.CHIP_TOTAL and figure.memory == "sram"
    ]
    assert "st/l4/stm32l475Xg.dtsi" in (alone.note or "")


def test_the_newer_shapes_of_metadata(test_data: Path) -> None:
    sample = test_data / "boards" / "zephyr_hwmv2_sample"
    found = {
        board.identifier: board
        for folder in sorted(sample.glob("*/*"))
        if folder.is_dir()
        for board in EXTRACTOR.extract(folder)
    }
    assert sorted(found) == [
        "arduino_nano_33_ble/nrf52840/sense",
        "arduino_nicla_vision/stm32h747xx/m7",
        "max78000fthr/max78000/m4",
        "stm32n6570_dk/stm32n657xx",
        "stm32n6570_dk/stm32n657xx/fsbl",
        "stm32n6570_dk/stm32n657xx/sb",
        "thingy53/nrf5340/cpuapp",
        "xiao_ble/nrf52840/sense",
    ]
    disco = found["stm32n6570_dk/stm32n657xx/sb"]
    assert (disco.name, disco.vendor, disco.part) == ("STM32N6570 Discovery Kit", "st", "stm32n657xx")
    assert [(one.kind, one.size_bytes) for one in disco.figures] == [
        (FigureKind.TEST_LIMIT, 192 * KIB),
        (FigureKind.TEST_LIMIT, 512 * KIB),
    ]
    parts = {sensor.part for sensor in found["xiao_ble/nrf52840/sense"].sensors or ()}
    assert parts == {"LSM6DS3TR-C"}
    nano = found["arduino_nano_33_ble/nrf52840/sense"].sensors or ()
    assert "microphone" in {sensor.kind for sensor in nano}
