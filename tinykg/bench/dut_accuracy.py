"""Accuracy of a device: every labelled input downloaded and inferred once, by MLPerf Tiny's rules."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tinykg.bench.accuracy import quality_of
from tinykg.bench.dut_tensors import ANOMALY
from tinykg.bench.labelled_data import labels_of
from tinykg.errors import BenchmarkError
from tinykg.records.benchmark import Figure, UsedDataset

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.bench.accuracy import Quality
    from tinykg.bench.dut_client import DutClient
    from tinykg.bench.dut_model import DeviceModel
    from tinykg.bench.labelled_data import LabelledData


def answers_of(
    client: DutClient,
    model: DeviceModel,
    data: LabelledData,
    tell: Callable[[float, str], None],
    *,
    timed: bool,
) -> tuple[Quality, str]:
    """What the device's answers are worth, and the SHA-256 of all of them as it printed them.

    Raises BenchmarkError where data and model do not belong together.
    """
    import numpy as np

    answers, printed = [], hashlib.sha256()
    for number, sample in enumerate(data.samples):
        rows = []
        for window in sample.windows:
            tell(number / len(data.samples), f"input {number + 1} of {len(data.samples)}")
            client.load(model.to_send(window, data.element_type))
            done = client.infer(1, 0, timed=timed)
            printed.update(f"{done.results_text}\n".encode())
            rows.append(done.results)
        if len({len(row) for row in rows}) != 1:
            raise BenchmarkError(f"The device's answers to {sample.name} differ in length.")
        answers.append(np.array(rows, dtype=np.float64))
    try:
        quality = quality_of(answers, labels_of(data), anomaly=model.id == ANOMALY)
    except ValueError as error:
        raise BenchmarkError(f"The data {data.name} are not for this model: {error}.") from error
    return quality, printed.hexdigest()


def quality_figures(quality: Quality) -> tuple[Figure, ...]:
    """The figures that are defined for the data; each is over all samples."""
    values = {
        "top-1-accuracy": quality.top_1,
        "auc": quality.auc,
        "mean-squared-error": quality.mean_squared_error,
    }
    return tuple(
        Figure(metric=metric, value=value, unit="UNITLESS", count=quality.samples)
        for metric, value in values.items()
        if value is not None
    )


def used(data: LabelledData) -> UsedDataset:
    """The data as a result names them."""
    return UsedDataset(name=data.name, sha256=data.sha256, samples=len(data.samples))
