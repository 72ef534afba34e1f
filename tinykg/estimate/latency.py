"""The time of one inference from a latency model, or the fact that is missing for it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.records.estimate import Estimate, Unknown
from tinykg.records.evidence import Evidence, EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tinykg.records.device import DeviceType, Processor
    from tinykg.records.estimate import EstimateTables, LatencyModel, MacCount, Workload

COVERED_SHARE = 0.99
"""At least this share of a file's multiply-accumulates has to be of classes that the model knows.

The rest is taken at the mean rate of what is known.
"""

SHARE_RANGE = 3
"""A class may make up so many times the share of a file's operations that it has in some measured network."""

SIZE_RANGE = 10
"""A file may have so many times fewer operations than the smallest measured network, or more than the
largest."""


def estimate_latency(
    tables: EstimateTables, workload: Workload, processor: Processor, runtime: str
) -> Estimate | Unknown:
    """Microseconds of one inference on a processor by a runtime.

    Does not say whether the runtime runs there or the file fits; that is the matcher's matter.
    """
    core = processor.core or "an unknown core"
    model = latency_model(tables, processor, runtime)
    missing = missing_work(workload) or (
        f"no measurement of {runtime} on {core}" if model is None else missing_ground(model, workload, core)
    )
    if missing is None and processor.clock_hz is None:
        missing = f"the clock of the {core} is not known"
    if missing is not None or model is None or processor.clock_hz is None:
        return Unknown(reason=missing or "")
    value = cycles(model, workload) * 1e6 / processor.clock_hz
    return Estimate(
        value=value,
        low=value / model.error_factor,
        high=value * model.error_factor,
        unit="us",
        evidence=Evidence(kind=EvidenceKind.ESTIMATED, source=basis(model)),
        rows=model.rows,
        basis=basis(model),
    )


def processor_for(device: DeviceType, cores: Iterable[str]) -> Processor | None:
    """The first of a board's processors that a runtime for these cores runs on."""
    usable = frozenset(cores)
    return next((p for p in device.processors if p.core in usable), None)


def latency_model(tables: EstimateTables, processor: Processor, runtime: str) -> LatencyModel | None:
    """The model of the runtime's kernel stack on the processor's core; None where nobody measured it."""
    return next(
        (
            model
            for model in tables.latency
            if runtime in model.runtimes
            and processor.core in model.cores
            and (model.part is None or (processor.part or "").startswith(model.part))
        ),
        None,
    )


def cycles(model: LatencyModel, workload: Workload) -> float:
    """Cycles of one inference; classes that the model does not cover count at the mean rate of the others."""
    covered = [count for count in workload.counts if uncovered(model, workload, count) is None]
    spent = sum(count.macs * model.cycles_per_mac[count.mac_class] for count in covered)
    share = sum(count.macs for count in covered) / workload.macs
    return spent / share + model.cycles_per_operator * workload.operators


def uncovered(model: LatencyModel, workload: Workload, count: MacCount) -> str | None:
    """Why a model has nothing to say of one class of a file's operations; None where it has."""
    name = f"{count.mac_class} in {count.types}"
    if count.types != model.types or count.mac_class not in model.cycles_per_mac:
        return f"no measurement of {name}"
    if count.macs > model.largest_shares[count.mac_class] * SHARE_RANGE * workload.macs:
        return f"no measured network is so much {name}"
    return None


def missing_work(workload: Workload) -> str | None:
    """What keeps a file's work from being priced by any model."""
    if workload.opaque:
        return f"the work of {min(workload.opaque)} is not known"
    if workload.macs == 0:
        return "the file has no multiply-accumulate operations, and only those are priced"
    return None


def missing_ground(model: LatencyModel, workload: Workload, core: str) -> str | None:
    """What the measurements behind a model lack for a file."""
    gaps = [(count.macs, gap) for count in workload.counts if (gap := uncovered(model, workload, count))]
    if workload.macs - sum(macs for macs, _ in gaps) < COVERED_SHARE * workload.macs:
        return f"{min(gap for _, gap in gaps)} by {model.stack} on {core}"
    if workload.macs * SIZE_RANGE < model.macs_low or workload.macs > model.macs_high * SIZE_RANGE:
        return (
            f"its {workload.macs} multiply-accumulates are far from those of the measured networks, "
            f"{model.macs_low} to {model.macs_high}"
        )
    if workload.other_elements > model.other_elements_per_mac * workload.macs:
        return "layers without multiply-accumulates do more of its work than in any measured network"
    return None


def basis(model: LatencyModel) -> str:
    """What an estimate by a model rests on, as a sentence without its full stop."""
    rows = "1 measurement" if model.rows == 1 else f"{model.rows} measurements"
    return (
        f"fitted to {rows} of {model.title} on {', '.join(model.boards)} ({', '.join(model.sources)}); "
        f"nine of ten of {model.held_out_rows} runs that were held out ({model.held_out}) lie within "
        f"a factor of {model.error_factor:.2f}"
    )
