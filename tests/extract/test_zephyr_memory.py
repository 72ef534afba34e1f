"""Memories of devicetrees written for the tests: which nodes count, as what, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tinykg.extract.zephyr_devicetree import Devicetree, read_devicetree
from tinykg.extract.zephyr_memory import core_family, figures, regions, union

if TYPE_CHECKING:
    from pathlib import Path

CELLS = "#address-cells = <1>; #size-cells = <1>; "
KIB = 1024


def tree(
    folder: Path, nodes: str, *, core: str = "arm,cortex-m4", chosen: str = "", cpu: int = 0
) -> Devicetree:
    path = folder / f"board{cpu}.dts"
    path.write_text(
        f'/ {{ {CELLS} cpus {{ cpu@{cpu} {{ device_type = "cpu"; compatible = "{core}"; }}; }};'
        f" chosen {{ {chosen} }}; {nodes} }};"
    )
    return read_devicetree(path, folder, [folder])


def found(
    devicetree: Devicetree, *others: Devicetree, is_espressif: bool = False
) -> set[tuple[str, str, int]]:
    """The figures as memory, kind and bytes."""
    result = figures(
        devicetree, regions(devicetree), [regions(other) for other in others], is_espressif=is_espressif
    )
    assert len({(one.memory, one.kind) for one in result}) == len(result)
    assert all(one.place for one in result)
    return {(one.memory, one.kind.value, one.size_bytes) for one in result}


def ram(label: str, start: int, size: int, compatible: str = "mmio-sram", more: str = "") -> str:
    return f'{label}: m@{start:x} {{ compatible = "{compatible}"; reg = <{start:#x} {size:#x}>; {more} }}; '


@pytest.mark.parametrize(
    ("nodes", "total"),
    [
        (ram("a", 0x2000_0000, 64), 64),
        (ram("a", 0x2000_0000, 64) + ram("b", 0x2000_0040, 64), 128),
        (ram("a", 0x2000_0000, 64) + ram("b", 0x2000_0020, 64), 96),
        (ram("a", 0x2000_0000, 64) + ram("b", 0x2000_0000, 64), 64),
        (ram("a", 0x2000_0000, 64) + ram("b", 0x1000_0000, 32, 'zephyr,memory-region", "st,stm32-ccm'), 96),
        (ram("a", 0x2000_0000, 64) + ram("b", 0x1000_0000, 32, more='status = "disabled";'), 64),
        (ram("a", 0x2000_0000, 64) + ram("b", 0x4002_4000, 32, "st,stm32-backup-sram"), 64),
        (ram("a", 0x2000_0000, 64) + ram("b", 0x3000_0000, 0), 64),
    ],
)
def test_the_total_is_the_union_of_the_nodes_in_use(tmp_path: Path, nodes: str, total: int) -> None:
    assert ("sram", "chip-total", total) in found(tree(tmp_path, nodes))


@pytest.mark.parametrize(
    ("core", "node", "memory"),
    [
        ("arm,cortex-m7", ram("a", 0x8000_0000, 64), "psram"),
        ("arm,cortex-m7", ram("a", 0x2000_0000, 64), "sram"),
        ("arm,cortex-m7", ram("sdram1", 0x2000_0000, 64), "psram"),
        ("arm,cortex-m7", ram("psram0", 0x2000_0000, 64), "psram"),
        ("arm,cortex-m7", ram("dram0", 0x2000_0000, 64, "mmio-dram"), "psram"),
        ("arm,cortex-m7", ram("a", 0x2000_0000, 64, more='device_type = "memory";'), "sram"),
        ("arm,cortex-a53", 'a: m@0 { device_type = "memory"; reg = <0 64>; };', "dram"),
        ("arm,cortex-a53", ram("ocm", 0, 64, 'zephyr,memory-region", "xlnx,zynq-ocm'), "sram"),
        ("snps,arcem", ram("dccm0", 0x8000_0000, 64, "arc,dccm"), "sram"),
        ("snps,arcem", 'ddr0: m@0 { device_type = "memory"; reg = <0 64>; };', "psram"),
        ("snps,arcem", 'ram0: m@0 { device_type = "memory"; reg = <0 64>; };', None),
        ("arm,cortex-m4", ram("f", 0, 64, "soc-nv-flash"), "flash"),
        ("arm,cortex-m4", ram("f", 0, 64, "serial-flash"), "flash"),
        ("arm,cortex-m4", ram("boot_rom", 0, 64, "soc-nv-flash"), None),
        ("arm,cortex-m4", 'a: m@0 { compatible = "mmio-sram"; };', None),
        ("arm,cortex-m4", 'a: m@0 { compatible = "mmio-sram"; reg = <1>; };', None),
    ],
)
def test_which_memory_a_node_is(tmp_path: Path, core: str, node: str, memory: str | None) -> None:
    assert [region.memory for region in regions(tree(tmp_path, node, core=core))] == (
        [memory] if memory else []
    )


def test_addresses_of_two_cells(tmp_path: Path) -> None:
    nodes = (
        "bus { #address-cells = <2>; #size-cells = <2>;"
        ' big: m@1 { device_type = "memory"; reg = <1 0 2 0>; }; };'
    )
    (region,) = regions(tree(tmp_path, nodes, core="arm,cortex-a72"))
    assert region.interval == (1 << 32, 3 << 32)


def test_a_bank_that_goes_on_at_the_other_core_is_a_share(tmp_path: Path) -> None:
    one = tree(tmp_path, ram("flash0", 0x0800_0000, 0x1000, "soc-nv-flash"))
    two = tree(tmp_path, ram("flash1", 0x0800_1000, 0x1000, "soc-nv-flash"), cpu=1)
    far = tree(tmp_path, ram("flash1", 0x0100_0000, 0x1000, "soc-nv-flash"), cpu=2)
    assert found(one, two) == {("flash", "core-share", 0x1000)}
    assert found(two, one) == {("flash", "core-share", 0x1000)}
    assert found(one, far) == found(one) == found(one, one) == {("flash", "chip-total", 0x1000)}


def test_the_chosen_block_and_the_chosen_part(tmp_path: Path) -> None:
    nodes = ram("a", 0x2000_0000, 0x400) + ram("b", 0x3000_0000, 0x800)
    whole = found(tree(tmp_path, nodes, chosen="zephyr,sram = &a;"))
    assert whole == {("sram", "chip-total", 0xC00), ("sram", "largest-block", 0x400)}
    part = "c: part@20000100 { reg = <0x20000100 0x100>; }; "
    assert found(tree(tmp_path, nodes + part, chosen="zephyr,sram = &c;")) == {
        ("sram", "chip-total", 0xC00),
        ("sram", "core-share", 0x100),
    }
    assert found(tree(tmp_path, nodes)) == {("sram", "chip-total", 0xC00), ("sram", "largest-block", 0x800)}


def test_serial_flash_is_counted_in_bits_and_added_up(tmp_path: Path) -> None:
    nor = 'n{0}: nor@{0} {{ compatible = "acme,nor", "jedec,spi-nor"; size = <{1}>; }}; '
    nodes = nor.format(0, 8 * KIB) + nor.format(1, 16 * KIB) + nor.format(2, 0)
    assert found(tree(tmp_path, nodes)) == {("external-flash", "chip-total", 3 * KIB)}
    assert found(tree(tmp_path, nodes, chosen="zephyr,flash = &n0;")) == {
        ("flash", "chip-total", KIB),
        ("external-flash", "chip-total", 2 * KIB),
    }


def test_an_espressif_chip_has_only_its_data_part(tmp_path: Path) -> None:
    nodes = ram("sram0", 0x3FFB_0000, 0x400) + ram("shm0", 0x3FFE_0000, 0x40)
    devicetree = tree(tmp_path, nodes, core="cdns,tensilica-xtensa-lx6", chosen="zephyr,sram = &sram0;")
    assert found(devicetree, is_espressif=True) == {("sram", "heap-only", 0x400)}


@pytest.mark.parametrize(
    ("core", "family"),
    [
        ("arm,cortex-m0+", "m"),
        ("arm,cortex-a9", "a"),
        ("intel,x86", "a"),
        ("arm,cortex-r52", "other"),
        ("x", "other"),
    ],
)
def test_families_of_cores(tmp_path: Path, core: str, family: str) -> None:
    assert core_family(tree(tmp_path, "", core=core)) == family


def test_intervals_that_touch_are_one() -> None:
    assert union([]) == []
    assert union([(1, 2), (2, 3), (5, 6)]) == [(1, 3), (5, 6)]
