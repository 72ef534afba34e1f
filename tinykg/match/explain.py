"""What would change a verdict: for each reason what helps, with what the registry knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.match.rank import rank
from tinykg.quantities import size
from tinykg.records.match import Constraint, Explanation, Match, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MOST = 3


def explain(match: Match, *, elsewhere: Sequence[Match], instead: Sequence[Match]) -> Explanation:
    """The match with remedies.

    `elsewhere` are matches of the same model on other boards, `instead` matches of
    other models of the same task on the same board.
    """
    if match.verdict is Verdict.FITS:
        return Explanation(match=match, remedies=())
    lines = [line for reason in match.reasons for line in _REMEDIES[reason.name](match, reason)]
    boards = [m for m in elsewhere if m.verdict is Verdict.FITS and m.device != match.device]
    if boards:
        lines.append(_boards(boards))
    models = [m for m in rank(instead, "accuracy") if m.verdict is Verdict.FITS and m.model != match.model]
    if models:
        names = ", ".join(m.model for m in models[:_MOST])
        lines.append(f"other models for {match.task} that fit this board: {names}{_rest(models)}")
    return Explanation(match=match, remedies=tuple(dict.fromkeys(lines)))


def _boards(fitting: Sequence[Match]) -> str:
    """The boards nearest to the need: those with the least RAM that is enough."""
    nearest = sorted(fitting, key=lambda m: (m.ram_available_bytes or 0, m.device))
    names = ", ".join(f"{m.device} ({size(m.ram_available_bytes or 0)} RAM)" for m in nearest[:_MOST])
    return f"boards it does fit: {names}{_rest(fitting)}"


def _rest(items: Sequence[Match]) -> str:
    return f", and {len(items) - _MOST} more" if len(items) > _MOST else ""


def _operators(match: Match, reason: Constraint) -> list[str]:
    if reason.verdict is Verdict.UNKNOWN:
        return ["add what is missing to the model's file or sheet, then add it again"]
    lines: list[str] = []
    if "uint8" in reason.found:
        lines.append(
            f"convert the model again with full int8 quantization: {match.runtime} has no uint8 kernels"
        )
    if {"float32", "int8"} <= set(reason.found):
        lines.append(
            "quantize activations too (full integer quantization with a representative dataset), "
            "or keep weights in float32"
        )
    return lines or ["replace the operators named, or use a runtime that has them"]


def _ram(match: Match, reason: Constraint) -> list[str]:
    return _memory(match, reason, "RAM", "sram", "a smaller input or a narrower network lowers the arena")


def _flash(match: Match, reason: Constraint) -> list[str]:
    return _memory(match, reason, "flash", "flash", "int8 weights take a quarter of float32 ones")


def _memory(match: Match, reason: Constraint, label: str, kind: str, advice: str) -> list[str]:
    lines: list[str] = []
    if reason.margin is not None and reason.margin < 0:
        lines.append(f"{size(int(-reason.margin))} more {label}; {advice}")
    elif reason.verdict is Verdict.DOES_NOT_FIT:
        lines.append(f"more {label}; {advice}")
    elif reason.found:
        lines.append(f"measure what is missing: {'; '.join(reason.found)}")
    if reason.available is None:
        lines.append(
            f"state the board's {label}: a [[memory]] of kind '{kind}' in the sheet of {match.device}"
        )
    return lines


def _sensors(match: Match, reason: Constraint) -> list[str]:
    if reason.verdict is Verdict.UNKNOWN:
        return [f"state the sensors of {match.device} in its sheet"]
    return [f"attach a sensor that observes {' and '.join(reason.found)} to {match.device}"]


def _system(match: Match, reason: Constraint) -> list[str]:
    if reason.verdict is Verdict.UNKNOWN:
        return [f"state the core and the system of {match.device} in its sheet"]
    return ["a runtime built for this core; 'tinykg list runtimes' shows what the registry knows"]


def _accuracy(match: Match, reason: Constraint) -> list[str]:
    if reason.available is None:
        return [f"state the accuracy of {match.model} in its sheet, or measure it"]
    return [f"a more accurate model for {match.task or 'the task'}, or a lower --min-accuracy"]


def _latency(match: Match, reason: Constraint) -> list[str]:
    if reason.verdict is Verdict.UNKNOWN:
        return [f"measure {match.model} on {match.device}"]
    return ["a network with fewer multiply-accumulates, or a longer --max-latency"]


_REMEDIES: dict[str, Callable[[Match, Constraint], list[str]]] = {
    "operators": _operators,
    "ram": _ram,
    "flash": _flash,
    "sensors": _sensors,
    "system": _system,
    "accuracy": _accuracy,
    "latency": _latency,
}
