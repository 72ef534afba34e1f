"""Working memory that functions of CMSIS-NN ask for, in bytes, by the vector unit they are built for.

Sources: the `*_get_buffer_size` functions of CMSIS-NN, as the pinned TensorFlow Lite
Micro builds them with GCC: ConvolutionFunctions, FullyConnectedFunctions,
PoolingFunctions, SVDFunctions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tinykg.footprint.arena import round_up
from tinykg.footprint.shapes import padded_extent

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.footprint.layer_view import LayerView, TensorView

HELIUM_CHANNELS: Final = 124
"""Channels of a depthwise convolution that Helium takes at a time (`CH_IN_BLOCK_MVE`)."""

HELIUM_REGISTER_BYTES: Final = 16

REVERSED_CHANNELS: Final = 16
"""A transposed convolution of more channels runs as a convolution with reversed weights."""

REVERSED_STRIDE: Final = 2
"""The largest stride at which it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A convolution: sizes as (height, width), channels, and the padding before the first row and column."""

    batch: int
    source: tuple[int, int]
    source_channels: int
    kernel: tuple[int, int]
    kernel_channels: int
    output_width: int
    output_channels: int
    stride: tuple[int, int]
    output_height: int = 1
    dilation: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)

    @property
    def kernel_area(self) -> int:
        """Positions of the kernel."""
        return math.prod(self.kernel)

    @property
    def column(self) -> int:
        """Input elements under the kernel at one place."""
        return self.kernel_area * self.source_channels

    @property
    def is_pointwise(self) -> bool:
        """Whether each output position takes one input position."""
        alone = self.kernel == (1, 1) == self.dilation and self.padding == (0, 0)
        return alone and self.source_channels == self.kernel_channels

    @property
    def is_along_one_row(self) -> bool:
        """Whether rows of one-row input can be taken without copying each window."""
        one_row = self.source[0] == self.kernel[0] == 1 and self.dilation[1] == 1
        aligned = self.stride[1] * self.source_channels % 4 == 0
        return one_row and aligned and self.source_channels == self.kernel_channels


def window(view: LayerView, source: TensorView, weights: TensorView, output: TensorView) -> Window:
    """The convolution of a layer, with the padding that the runtime works out."""
    rows = ("h", "w")
    size, kernel = source.shape[1:3], weights.shape[1:3]
    stride = tuple(view.number(f"stride_{axis}", 1) for axis in rows)
    dilation = tuple(view.number(f"dilation_{axis}_factor", 1) for axis in rows)
    scheme = str(view.layer.options.get("padding", "SAME"))
    padding = [_padding(*sizes, scheme) for sizes in zip(size, kernel, stride, dilation, strict=True)]
    return Window(
        batch=source.dimension(0),
        source=(size[0], size[1]),
        source_channels=source.dimension(3),
        kernel=(kernel[0], kernel[1]),
        kernel_channels=weights.dimension(3),
        output_height=output.dimension(1),
        output_width=output.dimension(2),
        output_channels=output.dimension(3),
        stride=(stride[0], stride[1]),
        dilation=(dilation[0], dilation[1]),
        padding=(padding[0], padding[1]),
    )


def _padding(size: int, kernel: int, stride: int, dilation: int, scheme: str) -> int:
    """Elements added before the first (`ComputePaddingWithOffset`)."""
    extent = padded_extent(size, kernel, stride, scheme, dilation)
    return max(0, (extent - 1) * stride + (kernel - 1) * dilation + 1 - size) // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Buffers:
    """Sizes by function; `row_sum_bytes` are kept for each output of matrix products of int8."""

    convolution_int8: Callable[[Window], int]
    convolution_int16: Callable[[Window], int]
    depthwise_int8: Callable[[Window], int]
    depthwise_int4: Callable[[Window], int]
    transposed_int8: Callable[[Window], int]
    average_pool_channel_bytes: int
    row_sum_bytes: int


def _columns_int8(w: Window) -> int:
    """Two columns of input widened to 16 bits."""
    return 4 * round_up(w.column, 4)


def _columns_int16(w: Window) -> int:
    return 4 * w.column


def _convolution_int8(w: Window) -> int:
    return 0 if w.is_pointwise else _columns_int8(w)


def _plain_depthwise(w: Window) -> bool:
    return w.source_channels == w.output_channels and w.batch == 1 and w.dilation == (1, 1)


def _depthwise_int8(w: Window) -> int:
    """3 x 3 kernels have a function that copies nothing."""
    if w.kernel == (3, 3) and max(w.padding) <= 1:
        return 0
    return _depthwise_int4(w)


def _depthwise_int4(w: Window) -> int:
    return 2 * w.column if _plain_depthwise(w) else 0


def _helium_columns_int8(w: Window) -> int:
    """Four columns of input, filled up to whole registers."""
    return 4 * round_up(w.column, HELIUM_REGISTER_BYTES)


def _helium_columns_int16(w: Window) -> int:
    return 4 * round_up(2 * w.column, HELIUM_REGISTER_BYTES)


def _helium_convolution_int8(w: Window) -> int:
    if w.is_pointwise:
        return 0
    return _helium_along_one_row(w) if w.is_along_one_row else _helium_columns_int8(w)


def _helium_along_one_row(w: Window) -> int:
    """Windows that reach over an end are copied; those are at least one where there is padding."""
    kernel, stride, before = w.kernel[1], w.stride[1], w.padding[1]
    uneven = int(math.fmod((w.output_width - 1) * stride + kernel - w.source[1], 2))
    right = max(1, (before + uneven + stride - 1) // stride) if before + uneven else 0
    left = max(1, (before + stride - 1) // stride) if before else 0
    if right + left > w.output_width:
        return _helium_columns_int8(w)
    after = right if uneven else before
    return w.source_channels * max(kernel + before, kernel - 1 + after)


def _helium_depthwise_int8(w: Window) -> int:
    """One input channel runs as a convolution, beside a copy of the weights in its order."""
    if w.source_channels == 1 and w.output_channels > 1:
        convolution = replace(w, kernel_channels=1)
        return _helium_convolution_int8(convolution) + w.kernel_area * w.output_channels
    return _helium_depthwise_int4(w)


def _helium_depthwise_int4(w: Window) -> int:
    return 4 * HELIUM_CHANNELS * w.kernel_area if _plain_depthwise(w) else 0


def runs_reversed(w: Window) -> bool:
    """Whether a transposed convolution runs as a convolution with reversed weights."""
    return max(w.stride) <= REVERSED_STRIDE and w.source_channels > REVERSED_CHANNELS


def reversed_weights(w: Window) -> int:
    """Bytes of the reversed copy of a transposed convolution's weights."""
    return w.column * w.output_channels if runs_reversed(w) else 0


def _transposed(columns: Callable[[Window], int]) -> Callable[[Window], int]:
    def size(w: Window) -> int:
        """Otherwise 32-bit sums of the output rows that one input row reaches."""
        if runs_reversed(w):
            return columns(w)
        reach = [max(extent, w.stride[0]) for extent in w.kernel]
        width = (w.source[1] - 1) * w.stride[1] + reach[1]
        return 4 * width * w.output_channels * reach[0]

    return size


DSP: Final = Buffers(
    convolution_int8=_convolution_int8,
    convolution_int16=_columns_int16,
    depthwise_int8=_depthwise_int8,
    depthwise_int4=_depthwise_int4,
    transposed_int8=_transposed(_columns_int8),
    average_pool_channel_bytes=4,
    row_sum_bytes=0,
)
"""Cores with the DSP extension and without Helium."""

HELIUM: Final = Buffers(
    convolution_int8=_helium_convolution_int8,
    convolution_int16=_helium_columns_int16,
    depthwise_int8=_helium_depthwise_int8,
    depthwise_int4=_helium_depthwise_int4,
    transposed_int8=_transposed(_helium_columns_int8),
    average_pool_channel_bytes=0,
    row_sum_bytes=4,
)
"""Cores with Helium, the M-profile vector extension."""
