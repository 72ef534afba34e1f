"""How good answers are: top-1 accuracy, area under the ROC curve, squared errors. Pure; numpy only.

The rules are those of MLPerf Tiny's host (mlcommons/tiny, benchmark/runner/main.py): scores of several
windows of one input are averaged, of two classes the second one's score counts for the area, of more the
mean over classes of each against the rest, and a single score is an anomaly score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]
    Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What the answers to labelled inputs are worth; None where it is not defined for them.

    `top_1` and `auc` are in 0..1. `classes_in_auc` says over how many classes the area is a mean, 1 where
    there are two. `mean_squared_error` is the mean of anomaly scores that are reconstruction errors.
    """

    samples: int
    top_1: float | None = None
    auc: float | None = None
    classes_in_auc: int | None = None
    mean_squared_error: float | None = None


def top_1(scores: Numbers, labels: Labels) -> float:
    """The share of rows whose highest score is that of their label; of equal scores the first counts."""
    return float((scores.argmax(axis=1) == labels).mean())


def auc(scores: Numbers, positive: npt.NDArray[np.bool_]) -> float | None:
    """The chance that a positive is scored above a negative, equal scores counting half; exact.

    By the rank sum (Mann-Whitney): None where there are no positives or no negatives.

    >>> import numpy as np
    >>> auc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True]))
    0.875
    """
    import numpy as np

    positives = int(positive.sum())
    negatives = len(positive) - positives
    if not positives or not negatives:
        return None
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts, dtype=np.int64)
    twice_ranks = 2 * last - counts + 1  # the mean rank of equal scores, doubled: whole numbers stay exact
    twice_sum = int(twice_ranks[place][positive].sum())
    return (twice_sum - positives * (positives + 1)) / (2 * positives * negatives)


def auc_one_vs_rest(scores: Numbers, labels: Labels) -> tuple[float | None, int]:
    """The mean over classes of each one's area against all others, and how many classes that are.

    Classes that no label or every label names have no area and are left out.
    """
    areas = [area for c in range(scores.shape[1]) if (area := auc(scores[:, c], labels == c)) is not None]
    return (sum(areas) / len(areas) if areas else None), len(areas)


def shares(scores: Numbers) -> Numbers:
    """Rows divided by their sums, as the protocol's host does; rows that sum to nothing stay as they are."""
    import numpy as np

    sums = scores.sum(axis=1, keepdims=True)
    return np.asarray(scores / np.where(sums > 0, sums, 1.0), dtype=np.float64)


def quality_of(answers: Sequence[Numbers], labels: Labels, *, anomaly: bool = False) -> Quality:
    """What answers are worth: one array (windows, scores) for each input, in the order of `labels`.

    With `anomaly` the one score of a window is a reconstruction error and label 1 an anomaly. Raises
    ValueError where answers differ in length, or labels name classes that have no score.
    """
    import numpy as np

    if not answers:
        return Quality(samples=0)
    widths = {answer.shape[1] for answer in answers}
    if len(widths) != 1:
        raise ValueError(f"answers of different lengths: {sorted(widths)}")
    (width,) = widths
    if width == 1 or anomaly:
        mean = np.array([float(answer.mean()) for answer in answers])
        return Quality(
            samples=len(answers),
            auc=auc(mean, labels == 1),
            classes_in_auc=1,
            mean_squared_error=float(mean.mean()) if anomaly else None,
        )
    if labels.min() < 0 or labels.max() >= width:
        raise ValueError(f"labels from {labels.min()} to {labels.max()}, but answers have {width} scores")
    mean_rows = np.array([shares(answer).mean(axis=0) for answer in answers])
    if width == 2:
        area, classes = auc(mean_rows[:, 1], labels == 1), 1
    else:
        area, classes = auc_one_vs_rest(mean_rows, labels)
    return Quality(samples=len(answers), top_1=top_1(mean_rows, labels), auc=area, classes_in_auc=classes)


def mean_squared_error(output: Numbers, truth: Numbers) -> float:
    """The mean of squared differences of two arrays of the same shape."""
    return float(((output - truth) ** 2).mean())
