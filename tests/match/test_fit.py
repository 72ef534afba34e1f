"""Verdict and sentence of each constraint, on worlds of one pair that differ in one fact."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_world import (
    BOARD,
    FOOTPRINT,
    MODEL,
    REFUSED,
    RUNTIME,
    board,
    constraint,
    the_match,
    world,
)

from tinykg.match.fit import Question, match
from tinykg.records.device import Memory, Processor, Sensor
from tinykg.records.footprint import Refusal
from tinykg.records.match import Match, Verdict
from tinykg.records.model import SensorRequirement

FITS, NOT, UNKNOWN = Verdict.FITS, Verdict.DOES_NOT_FIT, Verdict.UNKNOWN
FLASH = Memory(kind="flash", total_bytes=262144, source="a datasheet")


def said(found: Match, name: str) -> tuple[Verdict, str]:
    """Verdict and sentence of one constraint."""
    about = constraint(found, name)
    return about.verdict, about.message


def test_what_fits_says_so_in_every_constraint() -> None:
    found = the_match()
    assert found.verdict is FITS
    assert {c.name: (c.verdict, c.message) for c in found.constraints} == {
        "operators": (FITS, "runtime runs every operator of the file"),
        "ram": (FITS, "needs 13.3 KiB of 64.0 KiB RAM (total)"),
        "flash": (FITS, "needs 48.8 KiB of 256.0 KiB flash (total)"),
        "sensors": (FITS, "the board observes sound"),
        "system": (FITS, "runtime runs on Cortex-M4F, bare metal"),
    }
    assert found.reasons == ()


def test_a_match_carries_its_figures() -> None:
    found = the_match()
    assert (found.model, found.device, found.device_name, found.runtime) == (
        "listener",
        "board",
        "A Board",
        "runtime",
    )
    assert (found.ram_required_bytes, found.ram_available_bytes) == (9508 + 4096, 65536)
    assert (found.flash_required_bytes, found.flash_available_bytes) == (50000, 262144)
    assert (found.arena_bytes, found.stack_reserve_bytes) == (9008, 4096)
    assert (found.task, found.accuracy, found.macs, found.evidence) == (
        "keyword-spotting",
        0.9,
        0,
        "computed",
    )


@pytest.mark.parametrize(
    ("memory", "available", "basis", "source"),
    [
        (Memory(kind="sram", total_bytes=65536, source="T"), 65536, "total", "T"),
        (
            Memory(kind="sram", total_bytes=65536, source="T", contiguous_bytes=32768, contiguous_source="C"),
            32768,
            "largest block",
            "C",
        ),
        (
            Memory(kind="sram", total_bytes=65536, source="T", free_bytes=60000, free_source="F"),
            60000,
            "free for the application",
            "F",
        ),
        (
            Memory(
                kind="sram",
                total_bytes=65536,
                source="T",
                free_bytes=30000,
                free_source="F",
                contiguous_bytes=32768,
                contiguous_source="C",
            ),
            30000,
            "free for the application",
            "F",
        ),
        (
            Memory(
                kind="sram",
                total_bytes=65536,
                source="T",
                free_bytes=60000,
                free_source="F",
                contiguous_bytes=32768,
                contiguous_source="C",
            ),
            32768,
            "largest block",
            "C",
        ),
    ],
    ids=["total", "block", "free", "free-in-block", "free-above-block"],
)
def test_ram_available_is_the_least_that_is_stated(
    memory: Memory, available: int, basis: str, source: str
) -> None:
    ram = constraint(the_match(board=board(memories=(memory, FLASH))), "ram")
    assert (ram.available, ram.basis, ram.source) == (available, basis, source)


def test_flash_available_is_what_is_free_else_the_total() -> None:
    free = replace(FLASH, free_bytes=100000, free_source="F")
    flash = constraint(the_match(board=board(memories=(BOARD.memories[0], free))), "flash")
    assert (flash.available, flash.basis, flash.source) == (100000, "free for the application", "F")


def test_too_little_ram_says_how_much_is_missing() -> None:
    small = Memory(kind="sram", total_bytes=8192, source="a datasheet")
    found = the_match(board=board(memories=(small, FLASH)))
    assert said(found, "ram") == (NOT, "needs 13.3 KiB of RAM, 5.3 KiB more than the 8.0 KiB (total)")
    assert found.verdict is NOT
    assert constraint(found, "ram").margin == 8192 - 13604


def test_exactly_enough_is_enough_and_a_byte_less_is_not() -> None:
    for spare, verdict in ((0, FITS), (-1, NOT)):
        memory = Memory(kind="sram", total_bytes=13604 + spare, source="a datasheet")
        assert said(the_match(board=board(memories=(memory, FLASH))), "ram")[0] is verdict


def test_too_little_flash_says_how_much_is_missing() -> None:
    small = replace(FLASH, total_bytes=40960)
    found = the_match(board=board(memories=(BOARD.memories[0], small)))
    assert said(found, "flash") == (NOT, "needs 48.8 KiB of flash, 8.8 KiB more than the 40.0 KiB (total)")


def test_a_board_without_a_stated_memory_is_unknown() -> None:
    found = the_match(board=board(memories=()))
    assert said(found, "ram") == (UNKNOWN, "needs 13.3 KiB of RAM; how much the board has is not known")
    assert said(found, "flash") == (UNKNOWN, "needs 48.8 KiB of flash; how much the board has is not known")
    assert found.verdict is UNKNOWN


def test_memory_of_another_kind_does_not_serve() -> None:
    """Slow memory beside the chip is not where this runtime's arena lies."""
    beside = Memory(kind="psram", total_bytes=8 << 20, source="a datasheet")
    assert said(the_match(board=board(memories=(beside, FLASH))), "ram")[0] is UNKNOWN


@pytest.mark.parametrize("turned", [False, True])
def test_of_several_memories_of_a_kind_the_one_with_most_counts(*, turned: bool) -> None:
    """One arena lies in one memory; a pair has one verdict, however many memories its board has."""
    banks = [Memory(kind="sram", total_bytes=size, source=f"{size}") for size in (8192, 32768, 16384)]
    found = the_match(board=board(memories=(*(reversed(banks) if turned else banks), FLASH)))
    assert (constraint(found, "ram").available, constraint(found, "ram").source) == (32768, "32768")


PARTIAL = replace(
    FOOTPRINT, ram_bytes=None, flash_bytes=None, code_bytes=None, unknowns=("code size of PAD",)
)


def test_a_need_that_is_not_known_names_the_missing_fact() -> None:
    found = the_match(footprint=PARTIAL)
    needs = "needs more than 8.8 KiB of RAM, how much is not known (missing is code size of PAD)"
    assert said(found, "ram") == (UNKNOWN, f"{needs}; the board has 64.0 KiB (total)")
    assert said(found, "flash")[1].startswith("needs more than 19.5 KiB of flash, how much is not known")
    assert constraint(found, "ram").found == ("code size of PAD",)
    assert found.verdict is UNKNOWN


def test_the_known_part_of_a_need_can_decide() -> None:
    tiny = board(memories=(Memory(kind="sram", total_bytes=9007, source="S"), FLASH))
    found = the_match(board=tiny, footprint=PARTIAL)
    assert said(found, "ram")[0] is NOT
    assert "needs more than 8.8 KiB of RAM" in said(found, "ram")[1]
    small_flash = board(memories=(BOARD.memories[0], replace(FLASH, total_bytes=19999)))
    assert said(the_match(board=small_flash, footprint=PARTIAL), "flash")[0] is NOT


def test_a_refusal_names_reasons_with_layers_and_leaves_the_need_open() -> None:
    found = the_match(footprint=REFUSED)
    assert said(found, "operators") == (
        NOT,
        "runtime refuses it: CONV_2D takes int8 (2 layers). no kernel for ethos-u",
    )
    assert constraint(found, "operators").found == ("uint8",)
    assert said(found, "ram") == (
        UNKNOWN,
        "the RAM it needs is not known, because the runtime refuses the file; the board has 64.0 KiB (total)",
    )
    assert found.verdict is NOT
    assert [reason.name for reason in found.reasons] == ["operators", "ram", "flash"]


def test_many_refusals_are_cut_short() -> None:
    reasons = tuple(
        Refusal(subgraph=0, layer=i, operator=f"O{i}", element_types=(), reason=f"reason {i}")
        for i in range(12)
    )
    found = the_match(footprint=replace(REFUSED, refusals=reasons))
    assert said(found, "operators")[1] == "runtime refuses it: reason 0. reason 1. reason 2, and 9 more"


def test_an_arena_that_was_not_computed_leaves_the_operators_open() -> None:
    lacking = replace(PARTIAL, arena_bytes=None, arena_used_bytes=None, unknowns=("a tensor's shape",))
    found = the_match(footprint=lacking)
    assert said(found, "operators") == (
        UNKNOWN,
        "whether runtime runs it is not known: missing is a tensor's shape",
    )
    assert said(found, "ram")[1].startswith("needs RAM, how much is not known (missing is a tensor's shape)")


@pytest.mark.parametrize(
    ("needs", "sensors", "verdict", "message"),
    [
        (None, None, FITS, "its sensor needs are not stated"),
        ((), (), FITS, "needs no sensor"),
        (("sound",), ("microphone",), FITS, "the board observes sound"),
        (("sound",), (), NOT, "no sensor on the board observes sound"),
        (("sound", "image"), ("microphone",), NOT, "no sensor on the board observes image"),
        (("sound", "image"), (), NOT, "no sensor on the board observes image or sound"),
        (("sound",), None, UNKNOWN, "needs a sensor for sound; which sensors the board has is not known"),
        (("image", "sound"), ("camera", "microphone"), FITS, "the board observes image and sound"),
        (("motion",), ("accelerometer",), FITS, "the board observes motion"),
        (("acceleration",), ("imu",), FITS, "the board observes acceleration"),
        (("angular-velocity",), ("accelerometer",), NOT, "no sensor on the board observes angular-velocity"),
    ],
    ids=[
        "need-not-stated",
        "needs-none",
        "has-it",
        "board-has-none",
        "lacks-one",
        "lacks-two",
        "board-not-stated",
        "has-both",
        "narrower-property-serves",
        "combined-sensor-serves",
        "other-property-does-not",
    ],
)
def test_sensors(
    needs: tuple[str, ...] | None, sensors: tuple[str, ...] | None, verdict: Verdict, message: str
) -> None:
    model = replace(
        MODEL, sensors=None if needs is None else tuple(SensorRequirement(observes=need) for need in needs)
    )
    carrier = board(sensors=None if sensors is None else tuple(Sensor(kind=kind) for kind in sensors))
    assert said(the_match(board=carrier, model=model), "sensors") == (verdict, message)


@pytest.mark.parametrize(
    ("cores", "system", "verdict", "message"),
    [
        (("cortex-m4f",), "bare-metal", FITS, "runtime runs on Cortex-M4F, bare metal"),
        (
            ("cortex-m7", "cortex-m4f"),
            "bare-metal",
            FITS,
            "runtime runs on Cortex-M4F and Cortex-M7, bare metal",
        ),
        (("cortex-m7",), "bare-metal", NOT, "runtime does not run on Cortex-M7, bare metal"),
        (("cortex-m4f",), "linux", NOT, "runtime does not run on Cortex-M4F, Linux"),
        (("cortex-m7",), None, NOT, "runtime does not run on Cortex-M7, an unknown system"),
        ((), "linux", NOT, "runtime does not run on an unknown core, Linux"),
        (
            (),
            "bare-metal",
            UNKNOWN,
            "whether runtime runs there is not known: the board has an unknown core and bare metal",
        ),
        (
            ("cortex-m4f",),
            None,
            UNKNOWN,
            "whether runtime runs there is not known: the board has Cortex-M4F and an unknown system",
        ),
    ],
    ids=[
        "both",
        "one-of-two-cores",
        "other-core",
        "other-system",
        "core-decides",
        "system-decides",
        "no-core",
        "no-system",
    ],
)
def test_system(cores: tuple[str, ...], system: str | None, verdict: Verdict, message: str) -> None:
    carrier = board(system=system, processors=tuple(Processor(part=None, core=core) for core in cores))
    assert said(the_match(board=carrier), "system") == (verdict, message)


@pytest.mark.parametrize(
    ("wanted", "verdict", "message"),
    [
        (0.9, FITS, "top-1 accuracy 90 %, at least 90 % is asked for"),
        (0.85, FITS, "top-1 accuracy 90 %, at least 85 % is asked for"),
        (0.9004, NOT, "top-1 accuracy 90 %, at least 90.04 % is asked for"),
    ],
)
def test_accuracy_is_the_best_that_is_stated(wanted: float, verdict: Verdict, message: str) -> None:
    found = the_match(min_accuracy=wanted)
    assert said(found, "accuracy") == (verdict, message)
    assert found.verdict is verdict


def test_an_accuracy_that_nobody_states_is_unknown() -> None:
    found = the_match(model=replace(MODEL, evaluations=()), min_accuracy=0.5)
    assert said(found, "accuracy") == (
        UNKNOWN,
        "top-1 accuracy of at least 50 % is asked for; the model's is not known",
    )
    assert found.verdict is UNKNOWN


def test_nobody_is_told_of_an_accuracy_that_was_not_asked_for() -> None:
    assert "accuracy" not in {c.name for c in the_match().constraints}


def test_one_no_outweighs_an_unknown_and_comes_first() -> None:
    found = the_match(board=board(memories=(), sensors=()))
    assert found.verdict is NOT
    assert [reason.name for reason in found.reasons] == ["sensors", "ram", "flash"]


def test_a_task_takes_in_its_narrower_ones() -> None:
    """https://www.w3.org/TR/skos-reference/#L2055: a narrower concept is one of its broader kind."""
    tasks = ("keyword-spotting", "wake-word", "regression", None)
    models = [
        replace(MODEL, name=f"m{i}", file_sha256=f"{i}" * 64, task=task) for i, task in enumerate(tasks)
    ]
    store = world(models=models)
    found = {
        task: [m.model for m in match(store, Question(task=task))]
        for task in ("audio-classification", "wake-word")
    }
    assert found == {"audio-classification": ["m0", "m1"], "wake-word": ["m1"]}
    assert len(match(store, Question())) == 4


def test_a_question_narrows_to_board_model_and_runtime() -> None:
    other = replace(RUNTIME, name="other", title="Another Runtime")
    store = world(
        boards=[BOARD, board(slug="second", name="Second")],
        models=[MODEL, replace(MODEL, name="twin")],
        runtimes=[RUNTIME, other],
        footprints=[FOOTPRINT, replace(FOOTPRINT, runtime="other")],
    )
    here = "https://w3id.org/tinykg/"
    asked = Question(
        device=here + "device-type/second", model=here + "model/twin", runtime=here + "runtime/other"
    )
    assert [(m.device, m.model, m.runtime) for m in match(store, asked)] == [("second", "twin", "other")]
    assert len(match(store, Question())) == 8


def test_no_pair_is_no_match() -> None:
    assert match(world(), Question(model="https://w3id.org/tinykg/model/nobody")) == []


def test_two_models_may_have_one_file() -> None:
    found = match(world(models=[MODEL, replace(MODEL, name="twin", sensors=())]), Question())
    assert [(m.model, constraint(m, "sensors").message) for m in found] == [
        ("listener", "the board observes sound"),
        ("twin", "needs no sensor"),
    ]


def test_many_models_get_their_own_reasons() -> None:
    """For many models the needs of all are read, and each answer still speaks of its own."""
    many = [replace(MODEL, name=f"m{i:03}", sensors=() if i % 2 else MODEL.sensors) for i in range(230)]
    found = match(world(models=many), Question())
    assert len(found) == 230
    for number, one in enumerate(found):
        assert constraint(one, "sensors").message == (
            "needs no sensor" if number % 2 else "the board observes sound"
        )
