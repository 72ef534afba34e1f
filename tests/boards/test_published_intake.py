"""Published folders, one `add` each: every file is taken or refused with a reason; again changes nothing."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tinykg.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from tinykg.records.listing import Intake

GRAPHS = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"


@pytest.fixture(scope="module")
def published(seeded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A registry of the module's own with the built-in catalogue."""
    folder = tmp_path_factory.mktemp("published") / "registry"
    shutil.copytree(seeded_folder, folder)
    return Registry.open(folder)


def add_twice(registry: Registry, folder: Path) -> list[Intake]:
    """What became of each file; a second time changes nothing."""
    first = registry.add(folder)
    before = registry.select(GRAPHS).rows
    again = registry.add(folder)
    assert {one.status for one in again} <= {"unchanged", "refused"}
    assert registry.select(GRAPHS).rows == before
    refused = [sorted(one.path for one in ones if one.status == "refused") for ones in (first, again)]
    assert refused[0] == refused[1]
    return first


def problems(intakes: list[Intake]) -> list[str]:
    return [one.problem or "" for one in intakes if one.status == "refused"]


def test_every_platformio_manifest_is_taken_or_refused_with_a_reason(
    published: Registry, test_data: Path
) -> None:
    folder = test_data / "boards" / "platformio"
    manifests = {str(p) for p in folder.rglob("*.json") if "libretiny" not in str(p)}
    assert len(manifests) > 2000
    intakes = add_twice(published, folder)
    paths = Counter(one.path for one in intakes)
    assert manifests <= set(paths), "no file is passed over"
    assert set(paths.values()) == {1}
    taken = [one for one in intakes if one.status != "refused"]
    assert len(taken) >= 2200
    assert all("another description of 'rtl87" in problem for problem in problems(intakes)), problems(intakes)
    assert len(problems(intakes)) <= 2


def test_every_zephyr_board_folder_is_taken_or_is_no_board(published: Registry, test_data: Path) -> None:
    intakes = add_twice(published, test_data / "boards" / "zephyr")
    assert len({one.path for one in intakes}) >= 400
    assert all(
        "only targets of type" in problem and "expected mcu" in problem for problem in problems(intakes)
    ), problems(intakes)
    emulators = ("qemu", "sim", "fvp", "native", "bsim")
    names = [one.path.rsplit("/", 1)[-1] for one in intakes if one.status == "refused"]
    assert names
    assert [name for name in names if not any(word in name for word in emulators)] == []


def test_every_pack_is_taken(published: Registry, test_data: Path) -> None:
    intakes = add_twice(published, test_data / "boards" / "pdsc")
    assert problems(intakes) == []
    assert len({one.path for one in intakes}) == 16
    assert sum(one.kind == "microcontroller" for one in intakes) >= 1000


def test_every_boards_txt_is_taken_but_for_parts_that_it_describes_twice(
    published: Registry, test_data: Path
) -> None:
    intakes = add_twice(published, test_data / "boards" / "arduino")
    assert len({one.path for one in intakes if one.status == "added"}) >= 20
    assert len([one for one in intakes if one.status != "refused"]) >= 1800
    assert all("another description of '" in problem for problem in problems(intakes))
    assert len(problems(intakes)) < 10


def test_the_boards_are_sound_after_all_that(published: Registry) -> None:
    """What was joined passed the gate as a whole; a sample is asked again for its sources."""
    found = published.devices()
    assert len(found) >= 1900
    for device in found[::60]:
        said = published.sources(device.slug)
        assert said, device.slug
        taken = Counter(s.fact for s in said if s.taken)
        assert all(n == 1 for n in taken.values()), device.slug
