"""What the lines of a device under test say. Pure: recorded exchanges can be read with it.

The messages are those of MLPerf Tiny (mlcommons/tiny, benchmark/api/internally_implemented.cpp and the
`th_` functions of benchmark/reference_submissions).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tinykg.errors import DeviceGarbled, DeviceRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

READY: Final = "m-ready"
"""Ends every reply; a line that contains it is enough, as for the protocol's own host."""

LOAD_DONE: Final = "m-load-done"
COUNTER_BITS: Final = 32
"""The lap counter is an `unsigned long` of the firmware: of 32 bits on microcontrollers, so it starts anew
after 71.6 minutes."""

MAX_RESULTS: Final = 1 << 14

_NAME: Final = re.compile(r"^m-name-dut-\[([^\]]+)\]$")
_PROFILE: Final = re.compile(r"^m-profile-\[([^\]]+)\]$")
_MODEL: Final = re.compile(r"^m-model-\[([^\]]+)\]$")
_LAP: Final = re.compile(r"^m-lap-us-([0-9]{1,20})$")
_RESULTS: Final = re.compile(r"^m-results-\[([^\]]*)\]$")
_COUNT: Final = re.compile(r"^m-(warmup|infer)-start-([0-9]{1,20})$")
_ERROR: Final = re.compile(r"^e-\[(.*)\]?$")
_TEXT_REFUSALS: Final = ("Supplied buffer size ", "Input db has ")
"""Refusals that the reference firmware prints without `e-[ ]`: a buffer that is too large, and an input of
the wrong length (which it then runs with the old one)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who answers: its name, the firmware's profile, the model's identifier such as `kws01`."""

    name: str
    profile: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """What one `infer` gave; `elapsed_us` is None where time is taken by other means (energy mode)."""

    iterations: int
    warmup: int
    results: tuple[float, ...]
    results_text: str
    elapsed_us: int | None = None


def is_ready(line: str) -> bool:
    """Whether a line ends a reply."""
    return READY in line


def refusal_in(lines: Sequence[str]) -> str | None:
    """What the device complains of, without its brackets; None where it does not."""
    for line in lines:
        if found := _ERROR.match(line):
            return found[1].removesuffix("]")
        if line.startswith(_TEXT_REFUSALS):
            return line
    return None


def check_refusal(place: str, lines: Sequence[str]) -> None:
    """Raises DeviceRefused where the reply has an error."""
    refusal = refusal_in(lines)
    if refusal is not None:
        raise DeviceRefused(place, f"refuses: {refusal}")


def is_of_the_protocol(line: str) -> bool:
    """Whether a line is one that only a device of this protocol prints."""
    return line.startswith(("m-", "e-[")) or is_ready(line)


def name_in(lines: Sequence[str]) -> str | None:
    """The device's name."""
    return _first(_NAME, lines)


def profile_in(lines: Sequence[str]) -> tuple[str | None, str | None]:
    """The firmware's profile and the model's identifier."""
    return _first(_PROFILE, lines), _first(_MODEL, lines)


def _first(pattern: re.Pattern[str], lines: Sequence[str]) -> str | None:
    return next((found[1] for line in lines if (found := pattern.match(line))), None)


def laps_in(lines: Sequence[str]) -> list[int]:
    """The lap counter's values, in microseconds, in order."""
    return [int(found[1]) for line in lines if (found := _LAP.match(line))]


def elapsed_us(start: int, end: int) -> int:
    """From one lap to another, over at most one start anew of a 32-bit counter."""
    if end < start:
        return (end - start) % (1 << COUNTER_BITS)
    return end - start


def results_in(lines: Sequence[str], place: str, *, finite: bool = True) -> tuple[tuple[float, ...], str]:
    """The numbers of `m-results-[...]`, and that text.

    Empty places are passed over: a reference firmware ends its list with a comma. Raises DeviceGarbled,
    with `finite` also for numbers that are not.
    """
    texts = [found[1] for line in lines if (found := _RESULTS.match(line))]
    if len(texts) != 1:
        said = f"{len(texts)} lines of results" if texts else "no line of results"
        raise DeviceGarbled(place, f"gave {said}; expected one m-results-[...]{_heard(lines)}")
    words = [word for word in texts[0].split(",") if word.strip()]
    if not words or len(words) > MAX_RESULTS:
        raise DeviceGarbled(place, f"gave {len(words)} results; expected 1 to {MAX_RESULTS}")
    try:
        values = tuple(float(word) for word in words)
    except ValueError as error:
        raise DeviceGarbled(place, f"gave results that are no numbers: {texts[0][:60]!r}") from error
    if finite and not all(math.isfinite(value) for value in values):
        raise DeviceGarbled(place, f"gave results that are not finite: {texts[0][:60]!r}")
    return values, texts[0]


def inference_in(lines: Sequence[str], iterations: int, warmup: int, *, timed: bool) -> Inference:
    """What the reply to `infer` says; raises DeviceGarbled where it is not the reply to this command.

    With `timed`, the first lap is the start and the last one the end, as for the protocol's own host. After
    several inferences on one input results may be of no sense: a plan of memory lets layers write over it.
    """
    place = f"infer {iterations} {warmup}"
    counts = {found[1]: int(found[2]) for line in lines if (found := _COUNT.match(line))}
    for what, wanted in (("warmup", warmup), ("infer", iterations)):
        if counts.get(what) != wanted:
            said = f"m-{what}-start-{counts[what]}" if what in counts else f"no m-{what}-start"
            raise DeviceGarbled(place, f"gave {said}; expected m-{what}-start-{wanted}{_heard(lines)}")
    if "m-infer-done" not in lines:
        raise DeviceGarbled(place, f"did not say m-infer-done{_heard(lines)}")
    values, text = results_in(lines, place, finite=iterations + warmup == 1)
    laps = laps_in(lines)
    if not timed:
        return Inference(iterations=iterations, warmup=warmup, results=values, results_text=text)
    if len(laps) < 2:
        raise DeviceGarbled(
            place,
            f"gave {len(laps)} of the 2 lines m-lap-us-N. A firmware built for energy mode has none: "
            "use mode energy, or one built for performance",
        )
    passed = elapsed_us(laps[0], laps[-1])
    return Inference(
        iterations=iterations, warmup=warmup, results=values, results_text=text, elapsed_us=passed
    )


def _heard(lines: Sequence[str]) -> str:
    """The last lines, for a message."""
    last = [line[:80] for line in lines if line and not is_ready(line)][-2:]
    return f". It said: {' | '.join(last)!r}" if last else ""
