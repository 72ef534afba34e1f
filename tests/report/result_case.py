"""Results to make reports of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tinykg.records.benchmark import (
    BenchmarkResult,
    BenchmarkRun,
    Computed,
    Figure,
    Ground,
    ResultRow,
    Tool,
    UsedDataset,
)
from tinykg.records.estimate import Estimate, Unknown
from tinykg.records.evidence import Evidence, EvidenceKind

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOURCE = Evidence(kind=EvidenceKind.ESTIMATED, source="a test")


def latency(value_ms: float, **more: Any) -> Figure:
    return Figure(metric="latency", value=value_ms, unit="MilliSEC", **more)


def ram(size_bytes: float, metric: str = "ram-used") -> Figure:
    return Figure(metric=metric, value=size_bytes, unit="BYTE")


def top_1(value: float) -> Figure:
    return Figure(metric="top-1-accuracy", value=value, unit="UNITLESS")


def about(value_us: float) -> Estimate:
    return Estimate(
        value=value_us,
        low=value_us / 2,
        high=value_us * 2,
        unit="us",
        evidence=SOURCE,
        rows=3,
        basis="a test",
    )


def computed(**more: Any) -> Computed:
    known: dict[str, Any] = {
        "runtime": "tflm-cmsis-nn-arm32",
        "same_stack": True,
        "arena_bytes": 20_000,
        "ram_bytes": 24_000,
        "flash_bytes": 100_000,
        "latency": about(12_000),
    }
    return Computed(**{**known, **more})


def unknown() -> Unknown:
    return Unknown(reason="no measurement")


def row(ground: Ground, *figures: Figure, **more: Any) -> ResultRow:
    known: dict[str, Any] = {
        "id": "r1",
        "model": "kws",
        "device": "nano33",
        "where": "Arduino Nano 33 BLE Sense",
        "runner": "mlperf-tiny",
        "runtime": "TFLM",
    }
    return ResultRow(ground=ground, figures=figures, **{**known, **more})


def run(*figures: Figure, **more: Any) -> BenchmarkRun:
    known: dict[str, Any] = {
        "runner": "mlperf-tiny",
        "tools": (Tool(name="tinykg", version="0.1"),),
        "started": NOON,
        "ended": NOON + timedelta(seconds=70),
        "runtime": "TFLM",
        "where": "board",
        "stack": "tflm-cmsis-nn",
        "dataset": UsedDataset(name="kws01", sha256="1" * 64, samples=10),
        "environment": {"baud": "115200"},
        "notes": ("one",),
    }
    result = BenchmarkResult(figures=figures, **{**known, **more})
    return BenchmarkRun(
        id="r1", model="kws", file_sha256="2" * 64, device="nano33", result=result, job="j1", worker="me"
    )
