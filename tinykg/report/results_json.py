"""Results as JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykg.records.benchmark import ON_BOARDS
from tinykg.report.match_json import estimate_value

if TYPE_CHECKING:
    from tinykg.records.benchmark import BenchmarkResult, Computed, Figure, ResultRow


def result_value(row: ResultRow) -> dict[str, object]:
    """A result with all its figures; `ranks` says whether it was measured on a board."""
    value: dict[str, object] = {
        "id": row.id,
        "ground": row.ground.value,
        "ranks": row.ground in ON_BOARDS,
        "model": row.model,
        "device": row.device,
        "where": row.where,
        "runner": row.runner,
        "runtime": row.runtime,
        "figures": [_figure(row, figure) for figure in row.figures],
        "published_quality": None if row.quality is None else plain_figure(row.quality),
        "computed": None if row.computed is None else _computed(row.computed),
        "ended": None if row.ended is None else row.ended.isoformat(),
        "source": row.source,
    }
    if row.run is not None:
        value |= {
            "file_sha256": row.run.file_sha256,
            "job": row.run.job,
            "worker": row.run.worker,
            **circumstances(row.run.result),
        }
    return value


def circumstances(result: BenchmarkResult) -> dict[str, object]:
    """Under which circumstances a result was obtained: what else a reader needs to judge or repeat it."""
    data = result.dataset
    return {
        "started": result.started.isoformat(),
        "tools": [{"name": tool.name, "version": tool.version} for tool in result.tools],
        "stack": result.stack,
        "clock_hz": result.clock_hz,
        "emulator": result.emulator,
        "simulated": result.simulated,
        "dataset": data and {"name": data.name, "sha256": data.sha256, "samples": data.samples},
        "output_sha256": result.output_sha256,
        "environment": dict(result.environment),
        "notes": list(result.notes),
    }


def plain_figure(figure: Figure) -> dict[str, object]:
    """A figure; statistic and count where it is one of several."""
    value: dict[str, object] = {
        "metric": figure.metric,
        "value": figure.value,
        "unit": figure.unit,
        "evidence": figure.evidence,
    }
    more = {"statistic": figure.statistic, "count": figure.count}
    return value | {name: known for name, known in more.items() if known is not None}


def _figure(row: ResultRow, figure: Figure) -> dict[str, object]:
    """A figure with what is computed beside it, in its unit, and the error in percent of the measurement."""
    found = {"computed": row.computed_value(figure), "error_percent": row.error_percent(figure)}
    return plain_figure(figure) | {name: value for name, value in found.items() if value is not None}


def _computed(computed: Computed) -> dict[str, object]:
    return {
        "runtime": computed.runtime,
        "same_stack": computed.same_stack,
        "arena_used_bytes": computed.arena_bytes,
        "ram_bytes": computed.ram_bytes,
        "flash_bytes": computed.flash_bytes,
        "latency": estimate_value(computed.latency),
    }
