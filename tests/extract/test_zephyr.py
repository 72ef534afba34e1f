"""Board folders written for the tests: metadata in its three shapes, sensors, memories, cores."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tinykg.errors import ExtractError
from tinykg.extract.protocol import Extractor
from tinykg.extract.zephyr import EXTRACTOR
from tinykg.extract.zephyr_connectivity import connectivity
from tinykg.extract.zephyr_memory import union
from tinykg.extract.zephyr_processor import core_of
from tinykg.extract.zephyr_tree import tree_of

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.board import BoardDescription

SOC = """
/ {
    #address-cells = <1>; #size-cells = <1>;
    cpus { #address-cells = <1>; #size-cells = <0>;
        cpu0: cpu@0 { device_type = "cpu"; compatible = "arm,cortex-m4f"; reg = <0>;
            clock-frequency = <64000000>; }; };
    soc { #address-cells = <1>; #size-cells = <1>; compatible = "acme,X1000-AA", "simple-bus";
        sram0: memory@20000000 { compatible = "mmio-sram"; reg = <0x20000000 DT_SIZE_K(64)>; };
        alias0: memory@20008000 { compatible = "mmio-sram"; reg = <0x20008000 DT_SIZE_K(32)>; };
        fc: flash-controller@1 { #address-cells = <1>; #size-cells = <1>; status = "disabled";
            flash0: flash@0 { compatible = "soc-nv-flash"; reg = <0 DT_SIZE_K(512)>;
                partitions { #address-cells = <1>; #size-cells = <1>;
                    slot0: partition@8000 { reg = <0x8000 0x10000>; }; }; }; };
        i2c1: i2c@2 { compatible = "acme,i2c"; status = "disabled"; };
        pdm0: pdm@3 { compatible = "nordic,nrf-pdm"; status = "disabled"; };
        temp: temp@4 { compatible = "nordic,nrf-temp"; status = "okay"; };
        radio: radio@5 { compatible = "nordic,nrf-radio"; status = "okay"; };
        can: can@6 { compatible = "acme,can"; status = "disabled"; };
    };
};
"""
BOARD = """/dts-v1/;
#include <acme/x1000.dtsi>
/ { model = "Board One"; compatible = "acme,board-one";
    chosen { zephyr,sram = &sram0; zephyr,flash = &flash0; zephyr,code-partition = &slot0;
        zephyr,camera = &cam; };
    cam: dcmi { compatible = "st,stm32-dcmi"; status = "okay"; }; };
&i2c1 { status = "okay";
    lsm6ds3tr_c: imu@6a { compatible = "st,lsm6dsl"; reg = <0x6a>; };
    hts221@5f { compatible = "st,hts221"; reg = <0x5f>; status = "disabled"; };
};
dmic_dev: &pdm0 { status = "okay"; };
"""
METADATA = """identifier: board_one
name: Board One
type: mcu
arch: arm
ram: 48
flash: 256
supported:
  - can
  - i2c
"""


def board_folder(top: Path, files: dict[str, str], *, soc: str | None = SOC, name: str = "board_one") -> Path:
    """A board's folder in a tree with its chip."""
    folder = top / "boards" / "arm" / name
    folder.mkdir(parents=True)
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    if soc is not None:
        (top / "dts" / "arm" / "acme").mkdir(parents=True)
        (top / "dts" / "arm" / "acme" / "x1000.dtsi").write_text(soc, encoding="utf-8")
    return folder


def figures(board: BoardDescription) -> set[tuple[str, str, int]]:
    return {(one.memory, one.kind.value, one.size_bytes // 1024) for one in board.figures}


def kinds(board: BoardDescription) -> set[tuple[str, str | None]]:
    return {(sensor.kind, sensor.part) for sensor in board.sensors or ()}


def test_it_is_an_extractor() -> None:
    assert isinstance(EXTRACTOR, Extractor)
    assert EXTRACTOR.name == "zephyr"


def test_a_board_with_its_chip(tmp_path: Path) -> None:
    folder = board_folder(tmp_path, {"board_one.yaml": METADATA, "board_one.dts": BOARD})
    assert EXTRACTOR.accepts(folder)
    (board,) = EXTRACTOR.extract(folder)
    assert (board.source, board.collection, board.identifier) == ("zephyr", None, "board_one")
    assert (board.name, board.vendor, board.part, board.system) == (
        "Board One",
        "acme",
        "X1000-AA",
        "bare-metal",
    )
    assert figures(board) == {
        ("sram", "chip-total", 64),
        ("sram", "largest-block", 64),
        ("flash", "chip-total", 512),
        ("flash", "linkable", 64),
        ("sram", "test-limit", 48),
        ("flash", "test-limit", 256),
    }
    assert kinds(board) == {
        ("accelerometer", "LSM6DS3TR-C"),
        ("gyroscope", "LSM6DS3TR-C"),
        ("microphone", None),
    }
    (core,) = board.processors
    assert (core.core, core.has_fpu, core.clock_hz, core.core_count) == ("cortex-m4f", True, 64_000_000, 1)
    assert board.connectivity == ("ble", "can")
    assert board.tags == ("can", "i2c")


def test_a_part_of_the_memory_is_the_cores_share(tmp_path: Path) -> None:
    text = BOARD.replace("zephyr,sram = &sram0", "zephyr,sram = &image") + (
        "/ { reserved-memory { #address-cells = <1>; #size-cells = <1>;"
        " image: image@20000000 { reg = <0x20000000 0x4000>; }; }; };"
    )
    (board,) = EXTRACTOR.extract(board_folder(tmp_path, {"board_one.yaml": METADATA, "board_one.dts": text}))
    assert {("sram", "chip-total", 64), ("sram", "core-share", 16)} <= figures(board)


def test_memory_outside_of_the_chip_is_kept_apart(tmp_path: Path) -> None:
    text = BOARD.replace("zephyr,sram = &sram0", "zephyr,sram = &big") + (
        '/ { big: memory@80000000 { device_type = "memory"; reg = <0x80000000 DT_SIZE_M(8)>; };'
        ' nor@0 { compatible = "jedec,spi-nor"; size = <DT_SIZE_M(64)>; }; '
        ' off@0 { compatible = "jedec,spi-nor"; size = <DT_SIZE_M(8)>; status = "disabled"; }; };'
    )
    metadata = METADATA.replace("ram: 48", "ram: 8192")
    (board,) = EXTRACTOR.extract(board_folder(tmp_path, {"board_one.yaml": metadata, "board_one.dts": text}))
    assert {
        ("sram", "chip-total", 64),
        ("sram", "largest-block", 64),
        ("psram", "chip-total", 8192),
        ("psram", "test-limit", 8192),
        ("external-flash", "chip-total", 8192),
    } <= figures(board)


def test_a_flash_chip_that_the_program_runs_from_is_its_flash(tmp_path: Path) -> None:
    text = BOARD.replace("zephyr,flash = &flash0", "zephyr,flash = &nor") + (
        '/ { nor: nor@0 { compatible = "nxp,imx-flexspi-nor"; size = <DT_SIZE_M(32)>; }; };'
    )
    (board,) = EXTRACTOR.extract(board_folder(tmp_path, {"board_one.yaml": METADATA, "board_one.dts": text}))
    assert ("flash", "chip-total", 4096) in figures(board)
    assert ("flash", "chip-total", 512) not in figures(board)


def test_a_folder_without_its_chip_keeps_its_sensors(tmp_path: Path) -> None:
    folder = board_folder(tmp_path, {"board_one.yaml": METADATA, "board_one.dts": BOARD}, soc=None)
    (board,) = EXTRACTOR.extract(folder)
    assert kinds(board) == {
        ("accelerometer", "LSM6DS3TR-C"),
        ("gyroscope", "LSM6DS3TR-C"),
        ("microphone", None),
    }
    assert figures(board) == {("sram", "test-limit", 48), ("flash", "test-limit", 256)}
    assert board.part == "x1000"
    assert board.note == "not read, as the tree lacks it: acme/x1000.dtsi"


def test_board_yml_names_vendor_and_chip(tmp_path: Path) -> None:
    files = {
        "board.yml": "board:\n  name: board_one\n  full_name: Board One Full\n  vendor: acme\n"
        "  socs:\n    - name: x1000\n      variants:\n        - name: sense\n",
        "board_one_x1000.yaml": METADATA.replace("identifier: board_one", "identifier: board_one/x1000"),
        "board_one_x1000_sense.yaml": METADATA.replace(
            "identifier: board_one", "identifier: board_one/x1000/sense"
        ),
        "board_one.dts": BOARD.replace("dmic_dev: &pdm0", "&i2c1"),
        "board_one_x1000_sense.dts": BOARD,
    }
    plain, sense = EXTRACTOR.extract(board_folder(tmp_path, files))
    assert (plain.identifier, sense.identifier) == ("board_one/x1000", "board_one/x1000/sense")
    assert (plain.vendor, plain.part) == ("acme", "x1000")
    assert "microphone" not in {kind for kind, _ in kinds(plain)}
    assert "microphone" in {kind for kind, _ in kinds(sense)}


def test_variants_of_one_twister_file_override_what_they_share(tmp_path: Path) -> None:
    files = {
        "twister.yaml": "name: Board One\ntype: mcu\narch: arm\nram: 64\nvendor: acme\nvariants:\n"
        "  board_one/x1000:\n    twister: false\n"
        "  board_one/x1000/big:\n    ram: 128\n    name: Board One Big\n"
        "  board_one/x1000/sim:\n    type: sim\n",
    }
    folder = board_folder(tmp_path, files)
    assert EXTRACTOR.accepts(folder)
    plain, big = EXTRACTOR.extract(folder)
    assert (plain.identifier, plain.name, plain.vendor) == ("board_one/x1000", "Board One", "acme")
    assert figures(plain) == {("sram", "test-limit", 64)}
    assert (big.name, figures(big)) == ("Board One Big", {("sram", "test-limit", 128)})
    assert plain.sensors is None


def test_a_board_yml_alone_names_its_targets(tmp_path: Path) -> None:
    text = (
        "boards:\n  - name: one\n    socs:\n      - name: x1\n        variants:\n"
        "          - name: ns\n            cpucluster: app\n"
    )
    folder = board_folder(tmp_path, {"board.yml": text})
    assert [board.identifier for board in EXTRACTOR.extract(folder)] == ["one/x1", "one/x1/app/ns"]


@pytest.mark.parametrize("how", ["identifier", "board.yml", "revision.cmake"])
def test_the_overlay_of_a_revision(tmp_path: Path, how: str) -> None:
    files = {
        "board_one.yaml": METADATA,
        "board_one.dts": BOARD,
        "board_one_1_0_0.overlay": "&i2c1 { /delete-node/ imu@6a; };",
        "board_one_2_0_0.overlay": "#error not this one",
    }
    if how == "identifier":
        files["board_one.yaml"] = METADATA.replace("identifier: board_one", "identifier: board_one@1.0.0")
    elif how == "board.yml":
        files["board.yml"] = (
            "board:\n  name: board_one\n  revision:\n    format: major.minor.patch\n    default: 1.0.0\n"
        )
    else:
        files["revision.cmake"] = 'board_check_revision(FORMAT MAJOR.MINOR.PATCH DEFAULT_REVISION "1.0.0")\n'
    (board,) = EXTRACTOR.extract(board_folder(tmp_path, files))
    assert kinds(board) == {("microphone", None)}


@pytest.mark.parametrize(
    ("files", "place", "found"),
    [
        ({"a.yaml": "identifier: a\narch: arm\ntype: qemu\n"}, "`$.type`", "only targets of type qemu"),
        ({"a.yaml": "identifier: a\narch: arm\nram: many\n"}, "`$.ram`", "Expected `int | null`, got `str`"),
        ({"a.yaml": "identifier: a\narch: arm\nram: -1\n"}, "`$.ram`", "-1"),
        ({"a.yaml": "identifier: ''\narch: arm\n"}, "`$.identifier`", "an empty text"),
        ({"a.yaml": f"identifier: {'a' * 300}\narch: arm\n"}, "`$.identifier`", "a text of 300 characters"),
        ({"a.yaml": "identifier: [a]\narch: arm\n"}, "`$.identifier`", "Expected `str | null`, got `array`"),
        ({"a.yaml": "identifier: &x a\narch: *x\n"}, "line 2", "alias"),
        (
            {"a.yaml": "identifier: a\narch: arm\n", "b.yaml": "identifier: a\narch: arm\n"},
            "`$.identifier`",
            "'a', which a.yaml has too",
        ),
        ({"board.yml": "board:\n  vendor: x\n"}, "`$.board`", "missing required field `name`"),
        ({"board.yml": "board:\n  name: x\n"}, "the folder", "no target"),
    ],
)
def test_faulty_metadata_is_one_clear_error(
    tmp_path: Path, files: dict[str, str], place: str, found: str
) -> None:
    folder = board_folder(tmp_path, files)
    assert EXTRACTOR.accepts(folder)
    with pytest.raises(ExtractError) as caught:
        EXTRACTOR.extract(folder)
    assert caught.value.place == place
    assert found in caught.value.found


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"board.dts": BOARD},
        {"a.yaml": "identifier: a\n"},
        {"a.yaml": "variants:\n  a: 1\n"},
        {"board.json": '{"identifier": "a", "type": "mcu"}'},
        {"board.yml": "boarding: pass\n"},
        {"a.overlay": BOARD, "Kconfig.shield": ""},
    ],
)
def test_other_folders_are_not_accepted(tmp_path: Path, files: dict[str, str]) -> None:
    assert not EXTRACTOR.accepts(board_folder(tmp_path, files))


def test_files_and_absent_paths_are_not_accepted(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(METADATA)
    assert not EXTRACTOR.accepts(tmp_path / "a.yaml")
    assert not EXTRACTOR.accepts(tmp_path / "gone")


def test_a_link_out_of_the_tree_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("/ { secret { }; };")
    folder = board_folder(tmp_path / "tree", {"board_one.yaml": METADATA})
    (folder / "board_one.dts").symlink_to(tmp_path / "secret")
    with pytest.raises(ExtractError, match="leads out of"):
        EXTRACTOR.extract(folder)


def test_a_pipe_in_the_place_of_a_file_does_not_block(tmp_path: Path) -> None:
    folder = board_folder(tmp_path, {"board_one.yaml": METADATA})
    os.mkfifo(folder / "board_one.dts")
    os.mkfifo(folder / "board_two.yaml")
    assert EXTRACTOR.accepts(folder)
    (board,) = EXTRACTOR.extract(folder)
    assert board.note == "no devicetree of the target in the folder"


def test_a_name_of_another_board_is_no_vendor(tmp_path: Path) -> None:
    text = BOARD.replace("acme,board-one", "acme,evaluation-kit")
    (board,) = EXTRACTOR.extract(board_folder(tmp_path, {"board_one.yaml": METADATA, "board_one.dts": text}))
    assert board.vendor is None


def test_the_tree_is_found_from_the_folder(tmp_path: Path) -> None:
    folder = board_folder(tmp_path, {})
    assert tree_of(folder).root == tmp_path
    assert tree_of(board_folder(tmp_path / "two", {}, soc=None)).root == tmp_path / "two" / "boards"
    alone = tmp_path / "alone"
    alone.mkdir()
    assert tree_of(alone).root == alone


@pytest.mark.parametrize(
    ("compatible", "isa", "core", "has_fpu"),
    [
        ("arm,cortex-m0+", "", "cortex-m0plus", False),
        ("arm,cortex-m4", "", "cortex-m4", None),
        ("arm,cortex-m4f", "", "cortex-m4f", True),
        ("arm,cortex-m33f", "", "cortex-m33", True),
        ("arm,cortex-m7", "", "cortex-m7", None),
        ("arm,cortex-r7", "", None, None),
        ("cdns,tensilica-xtensa-lx6", "", "xtensa-lx6", None),
        ("riscv", "rv32imac", "rv32imac", False),
        ("riscv", "rv32imc_zicsr", "rv32imc", False),
        ("riscv", "rv32imafdcxandes", "rv32imafc", True),
        ("riscv", "rv64imafdc", "rv64gc", True),
        ("riscv", "rv64imac", "rv64", False),
        ("riscv", "rv32e", "rv32", False),
        ("espressif,riscv", "", "rv32", None),
        ("acme,core", "", None, None),
    ],
)
def test_cores(compatible: str, isa: str, core: str | None, has_fpu: bool | None) -> None:
    assert core_of((compatible,), (isa,) if isa else ()) == (core, has_fpu)


def test_words_that_do_not_say_by_what_are_no_connectivity() -> None:
    assert connectivity(None, ["netif:modem", "usb_device", "kscan"]) is None
    assert connectivity(None, ["netif:eth", "canfd", "netif:openthread"]) == ("can", "ethernet", "ieee802154")


def test_a_union_counts_each_address_once() -> None:
    assert union([(4, 8), (0, 4), (6, 7), (20, 24)]) == [(0, 8), (20, 24)]
