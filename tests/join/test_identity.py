"""Which descriptions speak of one board: by links, or by vendor, name and part together."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from said import LIMIT, LINKABLE, SHARE, TOTAL, board, sheet

from tinykg.catalogue.board_files import read_boards
from tinykg.catalogue.boards import BoardWorld
from tinykg.errors import ExtractError
from tinykg.extract.curated_device import read_device
from tinykg.files import data_folder
from tinykg.join import links as links_module
from tinykg.join.identity import Boards, identity
from tinykg.join.links import curated_links, links_of_sheets
from tinykg.records.device import Processor

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.join.identity import Identity
    from tinykg.records.board import BoardDescription

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def joined(*descriptions: BoardDescription, links: dict[Identity, str] | None = None) -> dict[str, list[str]]:
    """The identifiers of each board that descriptions come to."""
    boards = Boards(links=links or {})
    boards.add(descriptions)
    return {slug: [d.identifier for d in members] for slug, members in boards.members.items()}


def partition(boards: Boards) -> dict[frozenset[Identity], str]:
    return {
        frozenset(identity(d) for d in members): slug for slug, members in boards.members.items() if members
    }


# -- one board by several formats

FEATHER: dict[str, Any] = {"vendor": "Adafruit", "part": "nrf52840"}


def test_platformio_zephyr_and_arduino_speak_of_one_board() -> None:
    found = joined(
        board(
            "platformio",
            "adafruit_feather_nrf52840",
            "Adafruit Feather nRF52840 Express",
            collection="nordicnrf52",
            **FEATHER,
        ),
        board(
            "zephyr",
            "adafruit_feather_nrf52840",
            "Adafruit Feather nRF52840 Express",
            vendor="adafruit",
            part="nRF52840_QIAA",
        ),
        board(
            "arduino",
            "feather52840",
            "Feather nRF52840 Express",
            collection="adafruit-nrf52",
            vendor="Adafruit",
            part="nRF52840",
        ),
    )
    assert found == {
        "adafruit-feather-nrf52840-express": [
            "adafruit_feather_nrf52840",
            "adafruit_feather_nrf52840",
            "feather52840",
        ]
    }


def test_one_identifier_is_no_reason_to_join() -> None:
    found = joined(
        board("platformio", "mini", "Mini", collection="a", vendor="Acme", part="STM32F446RE"),
        board("zephyr", "mini", "Mini", vendor="Emca", part="STM32F446RE"),
        board("arduino", "mini", "Mini", collection="b", vendor="Acme", part="nrf52840"),
        board("platformio", "mini", "Quite another", collection="c", vendor="Acme", part="STM32F446RE"),
    )
    assert len(found) == 4


@pytest.mark.parametrize(
    "other",
    [
        {"vendor": "Adafruit", "part": "nrf52832"},
        {"vendor": "SparkFun", "part": "nrf52840"},
        {"vendor": "Adafruit", "part": None},
    ],
)
def test_what_speaks_against_it_keeps_two_descriptions_apart(other: dict[str, Any]) -> None:
    one = board("platformio", "x", "Feather Express", collection="p", **FEATHER)
    two = board("zephyr", "x", "Feather Express", **other)
    assert len(joined(one, two)) == 2


def test_a_vendor_that_is_not_said_does_not_keep_apart() -> None:
    one = board("platformio", "x", "Feather Express", collection="p", **FEATHER)
    two = board("zephyr", "y", "Feather Express", part="nrf52840")
    assert joined(one, two) == {"feather-express": ["y", "x"]}


def test_a_short_name_without_a_vendor_is_of_too_many_boards() -> None:
    one = board("platformio", "x", "Duo", collection="p", vendor="Acme", part="esp32")
    assert len(joined(one, board("arduino", "y", "Duo", collection="c", part="esp32"))) == 2
    assert len(joined(one, board("arduino", "y", "Duo", collection="c", vendor="Acme", part="esp32"))) == 1


def test_boards_of_one_collection_with_different_figures_stay_apart() -> None:
    sizes = (2 << 20, 4 << 20)
    two, four = (
        board(
            "platformio",
            f"pico{n}",
            "Pico",
            collection="rp",
            vendor="Acme",
            part="RP2040",
            memory=[("flash", LINKABLE, n)],
        )
        for n in sizes
    )
    assert len(joined(two, four)) == 2
    assert len(joined(two, replace(four, figures=two.figures))) == 1
    assert len(joined(two, replace(four, collection="other"))) == 1, "another collection may be wrong"


def test_a_chain_of_names_does_not_join_what_contradicts_itself() -> None:
    """A third description that agrees with two joins one of them, it does not make these one."""
    one = board("platformio", "a", "Feather Express", collection="p", vendor="Adafruit", part="nrf52840")
    two = board("arduino", "b", "Feather Express", collection="p", vendor="SparkFun", part="nrf52840")
    three = board("micropython", "c", "Feather Express", part="nrf52840")
    assert sorted(map(len, joined(one, two, three).values())) == [1, 2]


# -- targets of Zephyr


def test_the_cores_and_sides_of_a_zephyr_board_are_one_board() -> None:
    targets = (
        "thingy53_nrf5340_cpuapp",
        "thingy53_nrf5340_cpuapp_ns",
        "thingy53_nrf5340_cpunet",
        "thingy53/nrf5340/cpuapp",
        "thingy53/nrf5340/cpuapp/ns",
    )
    found = joined(*(board("zephyr", target, part="nRF5340") for target in targets))
    assert [sorted(members) for members in found.values()] == [sorted(targets)]


def test_targets_of_one_zephyr_board_need_no_names_and_parts_that_agree() -> None:
    found = joined(
        board("zephyr", "dk_cpuapp", "DK application", vendor="nordic", part="nRF5340-CPUAPP-QKAA"),
        board("zephyr", "dk_cpunet", "DK network", part="nRF5340-CPUNET-QKAA"),
        board("zephyr", "dk2_cpunet", "DK2 network", part="nRF5340-CPUNET-QKAA"),
    )
    assert sorted(map(sorted, found.values())) == [["dk2_cpunet"], ["dk_cpuapp", "dk_cpunet"]]


def test_a_variant_of_a_zephyr_board_is_another_board() -> None:
    found = joined(
        board(
            "zephyr", "arduino_nano_33_ble/nrf52840", "Arduino Nano 33 BLE", vendor="arduino", part="nrf52840"
        ),
        board(
            "zephyr",
            "arduino_nano_33_ble/nrf52840/sense",
            "Arduino Nano 33 BLE Sense",
            vendor="arduino",
            part="nrf52840",
        ),
    )
    assert len(found) == 2


def test_the_larger_core_names_a_board_of_several() -> None:
    found = joined(
        board("zephyr", "evk_cm4", "EVK CM4", core="cortex-m4f"),
        board("zephyr", "evk_cm7", "EVK CM7", core="cortex-m7"),
    )
    assert found == {"evk-cm7": ["evk_cm7", "evk_cm4"]}


def test_a_target_that_a_link_places_takes_the_others_with_it() -> None:
    """A sheet names one target; those before it in the alphabet belong to its board all the same."""
    targets = [board("zephyr", name, part="x1") for name in ("a/b/cpuapp", "a_b_cpuapp", "a_b_cpunet")]
    assert list(joined(*targets, links={("zephyr", None, "a_b_cpuapp"): "acme-a"})) == ["acme-a"]


# -- links and sheets


def test_a_link_counts_whatever_names_say() -> None:
    one = board("platformio", "a", "This", collection="p", vendor="Acme", part="x1")
    two = board("zephyr", "b", "That", vendor="Emca", part="y2")
    assert len(joined(one, two)) == 2
    assert joined(one, two, links={identity(one): "z", identity(two): "z"}) == {"z": ["b", "a"]}


def test_descriptions_of_a_sheets_board_are_joined_under_its_slug() -> None:
    boards = Boards(links={})
    boards.know(
        sheet(
            "my-feather",
            name="Feather Express",
            vendor="Adafruit",
            processors=(Processor(part="nRF52840", core=None),),
        )
    )
    changed = boards.add([board("zephyr", "x", "Adafruit Feather Express", part="nRF52840_QIAA")])
    assert changed == {"my-feather"}


def test_an_identifier_that_several_sheets_name_is_of_none_of_them() -> None:
    descriptions = [
        board("platformio", "a", collection="p"),
        board("zephyr", "b/soc/v"),
        board("zephyr", "c"),
    ]
    named = [("platformio", "a", "one"), ("platformio", "a", "two"), ("zephyr", "b_v", "three")]
    assert links_of_sheets(named, descriptions) == {("zephyr", None, "b/soc/v"): "three"}


def test_curated_links_name_descriptions_that_exist_and_boards_that_are_shipped() -> None:
    boards = read_boards()
    there = {identity(d): slug for slug, members in boards.items() for d in members}
    links = curated_links()
    assert len(links) >= 1
    assert {who: there.get(who) for who in links} == dict(links)


def test_a_description_with_two_links_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards" / "same_as.toml").write_text('a = ["zephyr - x"]\nb = ["zephyr - x"]\n')
    monkeypatch.setattr(links_module, "data_folder", lambda: tmp_path)
    with pytest.raises(ExtractError, match="'zephyr - x', which 'a' has too"):
        links_module.curated_links.__wrapped__()


def test_a_link_that_comes_later_moves_a_description_and_says_which_boards_changed() -> None:
    boards = Boards(links={})
    one = board("platformio", "a", "Acme A", collection="p", part="x1")
    assert boards.add([one]) == {"acme-a"}
    boards.links = {identity(one): "my-board"}
    assert boards.follow_links() == {"acme-a", "my-board"}
    assert partition(boards) == {frozenset({identity(one)}): "my-board"}
    assert boards.follow_links() == set(), "nothing is left to do"


# -- the plain board


def test_the_manifest_of_several_boards_stays_the_plain_one(test_data: Path) -> None:
    """PlatformIO's nano33ble is the BLE, the Sense, rev2 and the kit: the one with least has it."""
    del test_data
    world = shipped()
    slug = next(s for s, m in world.boards.members.items() if any(d.identifier == "nano33ble" for d in m))
    assert slug == "arduino-nano-33-ble"
    device = world.join({slug})[slug].device
    assert {sensor.kind for sensor in device.sensors or ()} <= {"accelerometer", "gyroscope", "magnetometer"}


# -- order


def shipped() -> BoardWorld:
    """All shipped descriptions, joined anew."""
    world = BoardWorld.empty()
    descriptions = [d for members in read_boards().values() for d in members]
    sheets = [read_device(path) for path in sorted((data_folder() / "devices").glob("*.toml"))]
    world.add_sheets(sheets, descriptions)
    world.add(descriptions)
    return world


def test_the_shipped_boards_are_what_their_descriptions_come_to() -> None:
    boards = read_boards()
    whole = {frozenset(identity(d) for d in members): slug for slug, members in boards.items()}
    assert partition(shipped().boards) == whole, "run 'make catalogue'"


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_files_does_not_matter_to_the_shipped_boards(seed: int) -> None:
    world = shipped()
    descriptions = [d for members in world.boards.members.values() for d in members]
    random.Random(seed).shuffle(descriptions)
    again = BoardWorld.empty()
    again.add_sheets(world.sheets.values(), descriptions)
    again.add(descriptions)
    assert partition(again.boards) == partition(world.boards)


NAMES = st.sampled_from(
    ["Feather", "Feather Express", "Nano", "Pico", "Pico W", "", "日本", "-", "Acme Pico"]
)
descriptions = st.builds(
    board,
    st.sampled_from(["platformio", "zephyr", "arduino", "micropython", "new-format"]),
    st.sampled_from(["a", "a_ns", "a/soc/cpuapp", "a_cpunet", "b", "é", "B"]),
    NAMES,
    collection=st.sampled_from([None, "", "p", "q"]),
    vendor=st.sampled_from([None, "Acme", "Emca", "Generic"]),
    part=st.sampled_from([None, "nRF52840", "nrf52840_xxaa", "esp32", "esp32s3"]),
    memory=st.sampled_from([(), (("sram", TOTAL, 1024),), (("sram", SHARE, 512), ("flash", LIMIT, 4096))]),
)
several = st.lists(descriptions, max_size=8, unique_by=identity)


@settings(deadline=None)
@given(several, st.randoms(use_true_random=False))
def test_the_order_of_descriptions_does_not_matter(
    said: list[BoardDescription], source: random.Random
) -> None:
    """The same boards by the same slugs, however the files of one `add` are ordered."""
    one, other = Boards(links={}), Boards(links={})
    shuffled = list(said)
    source.shuffle(shuffled)
    assert one.add(said) == other.add(shuffled)
    assert partition(one) == partition(other)


@settings(deadline=None)
@given(several)
def test_adding_descriptions_again_moves_none(said: list[BoardDescription]) -> None:
    boards = Boards(links={})
    boards.add(said)
    before = partition(boards)
    for description in reversed(said):
        boards.add([description])
    assert partition(boards) == before


@settings(deadline=None)
@given(several)
def test_every_description_is_of_one_board_with_a_slug_of_its_own(said: list[BoardDescription]) -> None:
    boards = Boards(links={})
    changed = boards.add(said)
    assert sorted(identity(d) for m in boards.members.values() for d in m if d.collection) == sorted(
        identity(d) for d in said if d.collection
    )
    assert sum(map(len, boards.members.values())) == len(said)
    assert changed == set(boards.members)
    assert all(SLUG.fullmatch(slug) for slug in changed), changed


def test_slugs_never_collide_even_where_they_look_like_each_other() -> None:
    """Names without a letter leave only where they are from, or a number."""
    said = [board("zephyr", name, "?") for name in ("日", "本", "語")]
    assert sorted(joined(*said)) == ["zephyr", "zephyr-2", "zephyr-3"]
    more = [board("zephyr", name, "Zephyr 2", collection="z") for name in ("火", "水")]
    assert list(joined(*said, *more))[3:] == ["zephyr-2-zephyr-z", "zephyr-2-zephyr-z-2"]
