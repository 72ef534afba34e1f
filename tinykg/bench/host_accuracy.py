"""The accuracy of a model that an interpreter of this host runs, on labelled data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tinykg.bench.accuracy import quality_of
from tinykg.bench.dut_tensors import ANOMALY, MLPERF_FILES, form_of, to_real, to_send, to_tensor
from tinykg.bench.host_child_process import Order, run_child
from tinykg.bench.labelled_data import labels_of, load
from tinykg.bench.seeded_inputs import input_tensors
from tinykg.errors import BenchmarkError
from tinykg.records.benchmark import Figure, UsedDataset

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from tinykg.bench.dut_tensors import TensorForm
    from tinykg.bench.labelled_data import LabelledData
    from tinykg.bench.protocol import Task, Watch
    from tinykg.records.model_file import ModelFile

    Numbers = npt.NDArray[np.float64]

LIMIT_S: Final = 3600.0
"""For all inputs of labelled data together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Labelled data as inputs of a model: the raw tensors, and how many of them each sample has.

    `data` has the labels; `name` is MLPerf Tiny's identifier of the model, empty for others.
    """

    data: LabelledData
    name: str
    form_in: TensorForm
    form_out: TensorForm
    inputs: list[bytes]
    windows: tuple[int, ...]

    @property
    def dataset(self) -> UsedDataset:
        """The data as a result names it."""
        return UsedDataset(name=self.data.name, sha256=self.data.sha256, samples=len(self.data.samples))


def trial(file: ModelFile, path: Path) -> Trial:
    """The inputs that labelled data make for a model.

    Bytes of MLPerf Tiny's files become tensors as its reference firmwares make them. Raises ExtractError for
    data that cannot be read, BenchmarkError where they do not fit the model.
    """
    tensors = input_tensors(file)
    if len(tensors) != 1 or len(file.main.outputs) != 1:
        raise BenchmarkError("Accuracy is taken of models with one input and one output; this has others.")
    form_in, form_out = form_of(tensors[0]), form_of(file.main.tensors[file.main.outputs[0]])
    data, name = load(path), MLPERF_FILES.get(file.sha256, "")
    inputs: list[bytes] = []
    windows: list[int] = []
    for sample in data.samples:
        sent = [to_send(window, data.element_type, form_in, name) for window in sample.windows]
        inputs += [to_tensor(one, form_in, name) for one in sent]
        windows.append(len(sent))
    return Trial(
        data=data, name=name, form_in=form_in, form_out=form_out, inputs=inputs, windows=tuple(windows)
    )


def accuracy_of(tried: Trial | None, order: Order, task: Task, watch: Watch) -> tuple[Figure, ...]:
    """The figures of a second process, started as `order` says, that answers labelled data; none without."""
    if tried is None:
        return ()
    asked = Order(
        engine=order.engine,
        model=order.model,
        inputs=tried.inputs,
        again=False,
        settings=order.settings,
        limit_s=LIMIT_S,
    )
    return accuracy_figures(tried, run_child(asked, task.workplace, watch, share=(0.5, 1.0)).outputs)


def accuracy_figures(tried: Trial, outputs: Sequence[bytes]) -> tuple[Figure, ...]:
    """What the answers to a trial's inputs are worth: top-1 accuracy, area under the curve, squared error."""
    import numpy as np

    rows = [_answer(tried, given, output) for given, output in zip(tried.inputs, outputs, strict=True)]
    ends = np.cumsum(tried.windows)
    answers = [np.array(rows[end - count : end]) for count, end in zip(tried.windows, ends, strict=True)]
    try:
        found = quality_of(answers, labels_of(tried.data), anomaly=tried.name == ANOMALY)
    except ValueError as error:
        raise BenchmarkError(f"The labels do not fit the model's answers: {error}.") from error
    named = {"top-1-accuracy": found.top_1, "auc": found.auc, "mean-squared-error": found.mean_squared_error}
    return tuple(
        Figure(metric=metric, value=value, unit="UNITLESS", count=found.samples)
        for metric, value in named.items()
        if value is not None
    )


def _answer(tried: Trial, given: bytes, output: bytes) -> Numbers:
    """The scores of one input; an autoencoder's is the mean squared error of what it makes of its input."""
    import numpy as np

    scores = to_real(output, tried.form_out)
    if tried.name != ANOMALY:
        return scores
    return np.array([((scores - to_real(given, tried.form_in)) ** 2).mean()])
