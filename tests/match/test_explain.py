"""What would change a verdict: a remedy for each reason, boards and models that do fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tinykg.match.explain import explain
from tinykg.records.match import Constraint, Match, Verdict

FITS, NOT, UNKNOWN = Verdict.FITS, Verdict.DOES_NOT_FIT, Verdict.UNKNOWN

PAIR = Match(
    model="net",
    device="board",
    device_name="A Board",
    runtime="runtime",
    verdict=NOT,
    constraints=(),
    ram_required_bytes=None,
    ram_available_bytes=65536,
    flash_required_bytes=None,
    flash_available_bytes=None,
    arena_bytes=None,
    stack_reserve_bytes=4096,
    task="regression",
    accuracy=None,
    macs=0,
    evidence="computed",
)
QUANTIZE_TOO = (
    "quantize activations too (full integer quantization with a representative dataset), "
    "or keep weights in float32"
)
FITTING = replace(PAIR, verdict=FITS)


def remedies(
    *reasons: Constraint, elsewhere: tuple[Match, ...] = (), instead: tuple[Match, ...] = ()
) -> list[str]:
    verdict = NOT if any(r.verdict is NOT for r in reasons) else UNKNOWN
    pair = replace(PAIR, verdict=verdict, constraints=reasons)
    return list(explain(pair, elsewhere=elsewhere, instead=instead).remedies)


def reason(name: str, verdict: Verdict = NOT, **facts: object) -> Constraint:
    return Constraint(name=name, verdict=verdict, message="...", **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        (
            reason("operators", found=("int32", "uint8")),
            "convert the model again with full int8 quantization: runtime has no uint8 kernels",
        ),
        (
            reason("operators", found=("float32", "int8")),
            QUANTIZE_TOO,
        ),
        (reason("operators"), "replace the operators named, or use a runtime that has them"),
        (
            reason("operators", UNKNOWN),
            "add what is missing to the model's file or sheet, then add it again",
        ),
        (
            reason("ram", required=70000, available=65536),
            "4.4 KiB more RAM; a smaller input or a narrower network lowers the arena",
        ),
        (
            reason("ram", available=100, found=("code size",)),
            "more RAM; a smaller input or a narrower network lowers the arena",
        ),
        (
            reason("ram", UNKNOWN, required=70000),
            "state the board's RAM: a [[memory]] of kind 'sram' in the sheet of board",
        ),
        (
            reason("flash", UNKNOWN, required=70000),
            "state the board's flash: a [[memory]] of kind 'flash' in the sheet of board",
        ),
        (reason("ram", UNKNOWN, available=100, found=("code size",)), "measure what is missing: code size"),
        (
            reason("flash", required=2 << 20, available=1 << 20),
            "1.0 MiB more flash; int8 weights take a quarter of float32 ones",
        ),
        (
            reason("sensors", found=("image", "sound")),
            "attach a sensor that observes image and sound to board",
        ),
        (reason("sensors", UNKNOWN, found=("image",)), "state the sensors of board in its sheet"),
        (
            reason("system"),
            "a runtime built for this core; 'tinykg list runtimes' shows what the registry knows",
        ),
        (reason("system", UNKNOWN), "state the core and the system of board in its sheet"),
        (
            reason("accuracy", required=0.9, available=0.8),
            "a more accurate model for regression, or a lower --min-accuracy",
        ),
        (
            reason("accuracy", UNKNOWN, required=0.9),
            "state the accuracy of net in its sheet, or measure it",
        ),
    ],
    ids=lambda value: f"{value.name}-{value.verdict}" if isinstance(value, Constraint) else "",
)
def test_each_reason_has_its_remedy(why: Constraint, expected: str) -> None:
    assert remedies(why) == [expected]


def test_memory_of_which_neither_side_is_known_has_both_remedies() -> None:
    assert remedies(reason("flash", UNKNOWN, found=("code size",))) == [
        "measure what is missing: code size",
        "state the board's flash: a [[memory]] of kind 'flash' in the sheet of board",
    ]


def test_a_remedy_is_named_once() -> None:
    both = [reason(name, UNKNOWN, available=9, found=("code size",)) for name in ("ram", "flash")]
    assert remedies(*both) == ["measure what is missing: code size"]


def test_failed_constraints_come_before_unknown_ones() -> None:
    found = remedies(reason("ram", UNKNOWN, required=1), reason("sensors", found=("image",)))
    assert [line.split()[0] for line in found] == ["attach", "state"]


def test_what_fits_needs_no_remedy() -> None:
    assert explain(FITTING, elsewhere=[FITTING], instead=[FITTING]).remedies == ()


def test_boards_that_fit_are_named_the_smallest_first() -> None:
    sizes = {"large": 9 << 20, "small": 131072, "middle": 262144, "huge": 99 << 20}
    elsewhere = tuple(replace(FITTING, device=name, ram_available_bytes=size) for name, size in sizes.items())
    [_, boards] = remedies(reason("system"), elsewhere=elsewhere)
    assert boards == (
        "boards it does fit: small (128.0 KiB RAM), middle (256.0 KiB RAM), large (9.0 MiB RAM), and 1 more"
    )


def test_the_board_itself_and_those_that_do_not_fit_are_not_named() -> None:
    elsewhere = (replace(PAIR, device="other"), replace(FITTING, device="board"))
    assert len(remedies(reason("system"), elsewhere=elsewhere)) == 1


def test_models_that_fit_are_named_the_most_accurate_first() -> None:
    accuracies = {"fair": 0.8, "best": 0.9, "unstated": None, "good": 0.85}
    instead = tuple(replace(FITTING, model=name, accuracy=value) for name, value in accuracies.items())
    [_, models] = remedies(reason("system"), instead=instead)
    assert models == "other models for regression that fit this board: best, good, fair, and 1 more"


def test_the_model_itself_and_those_that_do_not_fit_are_not_named() -> None:
    instead = (replace(PAIR, model="other"), replace(FITTING, model="net"))
    assert len(remedies(reason("system"), instead=instead)) == 1
