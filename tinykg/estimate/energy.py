"""The energy of one inference: power times time, or the fact that is missing for it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.records.estimate import Estimate, Unknown
from tinykg.records.evidence import Evidence, EvidenceKind

if TYPE_CHECKING:
    from tinykg.records.estimate import EstimateTables, PowerFigure


def estimate_energy(
    tables: EstimateTables, latency: Estimate | Unknown, device: str, runtime: str
) -> Estimate | Unknown:
    """Microjoules of one inference that takes `latency`, on a device type named by its slug.

    The interval runs from the lowest power for the shortest time to the highest for the longest.
    """
    if isinstance(latency, Unknown):
        return latency
    power = power_figure(tables, device, runtime)
    if power is None:
        return Unknown(reason=f"no measurement of the power of {device}")
    rests_on = power_basis(power)
    return Estimate(
        value=power.milliwatt * latency.value / 1000,
        low=power.low * latency.low / 1000,
        high=power.high * latency.high / 1000,
        unit="uJ",
        evidence=Evidence(kind=EvidenceKind.ESTIMATED, source=rests_on),
        rows=power.rows,
        basis=rests_on,
    )


def power_figure(tables: EstimateTables, device: str, runtime: str) -> PowerFigure | None:
    """The power of a device by the runtime's own kernel stack, else by any stack on its processor."""
    ours = {name for name, stack in tables.stacks.items() if runtime in stack.runtimes}
    figures = [figure for figure in tables.power if figure.device == device]
    return next(
        (figure for figure in figures if figure.stack in ours),
        next((figure for figure in figures if figure.stack is None), None),
    )


def power_basis(power: PowerFigure) -> str:
    """What a power figure rests on, as a sentence without its full stop."""
    runs = "1 run" if power.rows == 1 else f"{power.rows} runs"
    by = "all kernel stacks on its processor" if power.stack is None else power.stack
    sources = ", ".join(power.sources)
    return f"energy over time of {runs} by {by} ({sources}): {power.low:.4g} to {power.high:.4g} mW"
