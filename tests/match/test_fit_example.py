"""The fit query over the example registry: each case that its boards and models were chosen for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tinykg.files import ontology_files, share
from tinykg.match.fit import Question, match
from tinykg.records.match import Match, Verdict
from tinykg.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from pathlib import Path

FITS, NOT, UNKNOWN = Verdict.FITS, Verdict.DOES_NOT_FIT, Verdict.UNKNOWN
REF, CMSIS = "tflm-ref-arm32", "tflm-cmsis-nn-arm32"


def triples(path: Path) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)]


@pytest.fixture(scope="module")
def matches() -> dict[tuple[str, str, str], Match]:
    """Every match of the example, by board, model and runtime."""
    store = EmbeddedStore()
    example = share() / "ontology" / "examples" / "registry.ttl"
    store.load_new({path.as_uri(): triples(path) for path in (*ontology_files(), example)})
    return {(m.device, m.model, m.runtime): m for m in match(store, Question())}


def test_every_board_is_matched_with_every_footprint(matches: dict[tuple[str, str, str], Match]) -> None:
    assert len(matches) == 9 * 10


@pytest.mark.parametrize(
    ("board", "model", "runtime", "verdict", "reasons"),
    [
        ("arduino-nano-33-ble-sense", "Micro_Speech_Yes_No_1", REF, FITS, ""),
        ("arduino-nano-33-ble-sense", "Micro_Speech_Yes_No_1", CMSIS, FITS, ""),
        ("arduino-nano-33-ble-sense", "Hello_World", REF, FITS, ""),
        ("arduino-nano-33-ble-sense", "ARM_MicroNet_VWW_3", REF, NOT, "sensors"),
        ("arduino-nano-33-ble-sense", "ARM_MicroNet_VWW_3", CMSIS, NOT, "sensors ?ram ?flash"),
        ("arduino-nano-33-ble-sense", "Person_Detection", REF, NOT, "operators sensors ?ram ?flash"),
        ("arduino-nicla-vision", "ARM_MicroNet_VWW_3", REF, FITS, ""),
        ("arduino-nicla-vision", "ARM_MicroNet_VWW_3", CMSIS, UNKNOWN, "?ram ?flash"),
        ("arduino-nicla-vision", "Person_Detection", REF, NOT, "operators ?ram ?flash"),
        ("arduino-uno-r3", "Hello_World", REF, NOT, "ram system"),
        ("arduino-uno-r3", "Magic_Wand_1", REF, NOT, "ram flash sensors system"),
        ("raspberry-pi-4b", "Hello_World", REF, NOT, "system ?ram ?flash"),
        ("raspberry-pi-4b", "Magic_Wand_1", REF, NOT, "system ?ram ?flash ?sensors"),
        ("siemens-ssi-web-node", "Hello_World", REF, UNKNOWN, "?system"),
        ("siemens-ssi-web-node", "Micro_Speech_Yes_No_1", REF, NOT, "sensors ?system"),
        ("siemens-ssi-web-node", "ARM_MicroNet_VWW_3", CMSIS, NOT, "ram sensors ?flash ?system"),
        ("espressif-esp32-devkitc", "Hello_World", REF, NOT, "system"),
        ("espressif-esp32-s3-eye", "Micro_Speech_Yes_No_1", REF, NOT, "system"),
        ("google-coral-usb-accelerator", "Hello_World", REF, NOT, "system ?ram ?flash"),
        ("google-coral-usb-accelerator", "Magic_Wand_1", REF, NOT, "sensors system ?ram ?flash"),
        ("infineon-cy8ckit-062s2-43012", "Hello_World", REF, FITS, ""),
        ("infineon-cy8ckit-062s2-43012", "ARM_MicroNet_VWW_3", REF, UNKNOWN, "?sensors"),
    ],
)
def test_verdict_and_reasons(
    matches: dict[tuple[str, str, str], Match],
    board: str,
    model: str,
    runtime: str,
    verdict: Verdict,
    reasons: str,
) -> None:
    """`?` marks a reason that is a missing fact."""
    found = matches[board, model, runtime]
    assert found.verdict is verdict
    assert " ".join(("?" if r.verdict is UNKNOWN else "") + r.name for r in found.reasons) == reasons


@pytest.mark.parametrize(
    ("board", "available", "basis"),
    [
        ("arduino-nano-33-ble-sense", 262144, "largest block"),
        ("arduino-nicla-vision", 523624, "free for the application"),
        ("espressif-esp32-devkitc", 163840, "largest block"),
        ("espressif-esp32-s3-eye", 524288, "total"),
        ("siemens-ssi-web-node", 86000, "free for the application"),
        ("raspberry-pi-4b", None, None),
        ("google-coral-usb-accelerator", None, None),
    ],
)
def test_ram_that_a_board_offers(
    matches: dict[tuple[str, str, str], Match], board: str, available: int | None, basis: str | None
) -> None:
    [ram] = [c for c in matches[board, "Hello_World", REF].constraints if c.name == "ram"]
    assert (ram.available, ram.basis) == (available, basis)


def test_both_cores_of_a_board_are_named(matches: dict[tuple[str, str, str], Match]) -> None:
    [system] = [
        c for c in matches["arduino-nicla-vision", "Hello_World", REF].constraints if c.name == "system"
    ]
    assert system.message == "tflm-ref-arm32 runs on Cortex-M4F and Cortex-M7, bare metal"


def test_no_pair_is_without_a_reason_unless_it_fits(matches: dict[tuple[str, str, str], Match]) -> None:
    for key, found in matches.items():
        assert (found.verdict is FITS) == (found.reasons == ()), key
