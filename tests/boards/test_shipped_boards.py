"""What the catalogue ships about boards: how many, from whom, and that each record is fit for use."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinykg.catalogue.board_files import read_all_parts, read_boards
from tinykg.catalogue.boards import BoardWorld, said_graph
from tinykg.extract.curated_device import read_device
from tinykg.files import data_folder
from tinykg.join.identity import identity
from tinykg.join.parts import part_key
from tinykg.join.trust import BOARD_SOURCES, PART_SOURCES, TITLES
from tinykg.records.board import FigureKind

if TYPE_CHECKING:
    from tinykg.records.device import DeviceType
    from tinykg.records.joined import Joined
    from tinykg.registry import Registry

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "data/README.md", "CHANGELOG.md")
KIB, MIB = 1 << 10, 1 << 20
LARGEST_FILES_BYTES = 4 * MIB


@cache
def joined() -> dict[str, Joined]:
    """All that the shipped sheets, descriptions and parts come to, by slug."""
    boards, world = read_boards(), BoardWorld.empty()
    sheets = [read_device(path) for path in sorted((data_folder() / "devices").glob("*.toml"))]
    world.add_sheets(sheets, [d for members in boards.values() for d in members])
    world.parts = {said_graph(part): part for part in read_all_parts()}
    for slug, members in boards.items():
        for description in members:
            world.boards.put(slug, description)
    return world.join({*boards, *world.sheets})


def has(device: DeviceType, *kinds: str) -> bool:
    return any(m.kind in kinds and (m.total_bytes or m.free_bytes) for m in device.memories)


# -- how many


def test_at_least_1400_boards_have_ram_and_flash() -> None:
    devices = [one.device for one in joined().values()]
    assert sum(has(d, "sram", "dram") and has(d, "flash", "storage") for d in devices) >= 1400


def test_at_least_1000_different_parts_are_kept_apart_from_boards() -> None:
    parts = read_all_parts()
    assert len({part_key(part.part) for part in parts}) >= 1000
    assert not any(d.is_chip for members in read_boards().values() for d in members)


def test_at_least_120_boards_have_sensors() -> None:
    assert sum(bool(one.device.sensors) for one in joined().values()) >= 120


def test_the_documents_say_how_many_there_are() -> None:
    devices = [one.device for one in joined().values()]
    whole = sum(has(d, "sram", "dram") and has(d, "flash", "storage") for d in devices)
    sensing = sum(bool(d.sensors) for d in devices)
    sheets = len(list((data_folder() / "devices").glob("*.toml")))
    parts = len({part_key(part.part) for part in read_all_parts() if part.source != "datasheet"})
    texts = [" ".join((ROOT / name).read_text(encoding="utf-8").split()) for name in DOCUMENTS]
    assert all(f"{len(devices):,} boards" in text for text in texts)
    said = f"{len(devices):,} boards ({whole:,} of them with RAM and flash, {sensing} with sensors)"
    said += f" and {parts:,} microcontrollers"
    assert said in texts[1]
    assert f"{sheets} boards and 54 models have a TOML sheet each" in texts[1]


def test_many_boards_are_described_by_several_formats_and_have_a_known_part() -> None:
    found = joined().values()
    assert sum(len({d.source for d in one.descriptions}) > 1 for one in found) >= 150
    assert sum(bool(one.parts) for one in found) >= 1000


def test_the_data_is_compact() -> None:
    total = sum(path.stat().st_size for path in (data_folder() / "boards").iterdir())
    assert total < LARGEST_FILES_BYTES


# -- each record


def test_every_slug_is_words_joined_by_single_hyphens() -> None:
    assert [s for s in joined() if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", s)] == []


def test_every_description_is_shipped_once() -> None:
    times = Counter(identity(d) for members in read_boards().values() for d in members)
    assert [who for who, n in times.items() if n > 1] == []


def test_every_part_is_shipped_once() -> None:
    times = Counter(said_graph(part) for part in read_all_parts())
    assert [name for name, n in times.items() if n > 1] == []


def test_every_source_is_ranked_and_has_a_title() -> None:
    sources = {d.source for members in read_boards().values() for d in members}
    assert sources <= set(BOARD_SOURCES)
    assert sources <= set(TITLES)
    assert {part.source for part in read_all_parts()} & set(PART_SOURCES) == {"datasheet", "cmsis-pack"}
    assert {part.source for part in read_all_parts()} <= set(TITLES)


def test_only_collections_under_a_permissive_licence_are_shipped() -> None:
    table = tomllib.loads((data_folder() / "sources" / "boards.toml").read_text(encoding="utf-8"))
    licences = {one["licence"] for one in table["collection"]}
    assert all(re.match(r"Apache-2\.0|MIT|BSD-3-Clause", licence) for licence in licences), licences
    collections = {d.collection for members in read_boards().values() for d in members}
    collections |= {part.collection for part in read_all_parts()}
    left_out = {
        "gd32@CommunityGD32Cores",
        "gd32v@sipeed",
        "kendryte210@sipeed",
        "arduino-avr",
        "arduino-mbed",
        "stm32duino",
        "NXP.LPC55S36_DFP",
        "Atmel.SAMD51_DFP",
        "ARM.CMSIS",
    }
    assert not {c for c in collections if c and any(c.startswith(name) for name in left_out)}


def test_no_figure_of_a_board_is_a_test_limit_or_a_placeholder() -> None:
    never = {FigureKind.TEST_LIMIT, FigureKind.PLACEHOLDER}
    wrong = []
    for slug, one in joined().items():
        said = [f for d in one.descriptions for f in d.figures] + [f for p in one.parts for f in p.figures]
        stated = {(f.memory, f.size_bytes) for f in said if f.kind not in never}
        found = {(m.kind, n) for m in one.device.memories for n in (m.total_bytes, m.free_bytes) if n}
        wrong += [] if slug in sheets() or found <= stated else [slug]
    assert wrong == []


def test_no_board_has_more_free_than_there_is() -> None:
    wrong = [
        (slug, m.kind)
        for slug, one in joined().items()
        for m in one.device.memories
        if m.total_bytes and max(m.free_bytes or 0, m.contiguous_bytes or 0) > m.total_bytes
    ]
    assert wrong == []


@cache
def sheets() -> frozenset[str]:
    return frozenset(path.stem for path in (data_folder() / "devices").glob("*.toml"))


def test_no_board_lost_the_core_that_somebody_states() -> None:
    wrong = [
        slug
        for slug, one in joined().items()
        if any(p.core for d in one.descriptions for p in d.processors)
        and not any(p.core for p in one.device.processors)
    ]
    assert wrong == []


# -- what the report of the formats asks for


@pytest.mark.parametrize("spelling", ["nrf52840", "nRF52840_xxAA"])
def test_every_board_with_an_nrf52840_has_256_kib_and_1_mib_once(spelling: str) -> None:
    boards = [
        one
        for slug, one in joined().items()
        if slug not in sheets() and any(part_key(p.part) == part_key(spelling) for p in one.parts)
    ]
    wrong = [
        (one.device.slug, m.kind, m.total_bytes)
        for one in boards
        for m in one.device.memories
        if {"sram": 256 * KIB, "flash": MIB}.get(m.kind, m.total_bytes) != m.total_bytes
    ]
    assert wrong == []
    assert len(boards) >= (40 if spelling == "nRF52840_xxAA" else 0)


def test_esp32_boards_keep_their_320_kib_of_data_apart_from_520_kib() -> None:
    boards = [
        one.device
        for slug, one in joined().items()
        if slug not in sheets() and any(p.part == "ESP32" for p in one.parts)
    ]
    assert len(boards) >= 80
    totals = Counter(m.total_bytes for d in boards for m in d.memories if m.kind == "sram")
    free = Counter(m.free_bytes for d in boards for m in d.memories if m.kind == "sram")
    assert set(totals) == {520 * KIB}
    assert free[320 * KIB] >= 100
    assert all(n is None or n <= 520 * KIB for n in free)


def test_a_chip_whose_name_begins_with_esp32_is_not_an_esp32() -> None:
    for one in joined().values():
        keys = {part_key(p.part) for p in one.parts}
        assert len(keys & {"esp32", "esp32s2", "esp32s3", "esp32c3", "esp32c6", "esp32p4"}) <= 1, (
            one.device.slug
        )


def test_the_sdram_of_an_rt1060_board_is_not_its_sram() -> None:
    boards = [
        one.device for one in joined().values() if any("1062" in (d.part or "") for d in one.descriptions)
    ]
    assert len(boards) >= 4
    for device in boards:
        for memory in device.memories:
            if memory.kind == "sram":
                assert memory.total_bytes in {MIB, 768 * KIB, None}, device.slug
                assert (memory.free_bytes or 0) <= MIB, device.slug


def test_the_registry_has_the_boards_that_are_shipped(registry: Registry) -> None:
    assert {d.slug for d in registry.devices()} == set(joined())
