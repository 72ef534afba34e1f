"""Scratch that ESP-NN asks for: copies of input and weights on the ESP32-S3, nothing on plainer chips.

Sources: `esp_nn_get_conv_scratch_size_esp32s3` and `esp_nn_get_depthwise_conv_scratch_size_esp32s3`
of espressif/esp-nn, commit d45b843c (2026-04-27), under src/convolution. Sizes are bytes; widths,
heights and channels are elements of one byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tinykg.footprint.arena import round_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinykg.footprint.cmsis_nn_buffers import Window

VECTOR: Final = 16
"""Bytes of a vector register."""

WHOLE_INPUT_BYTES: Final = 40 * 1024
"""A padded 3x3 depthwise input above this is taken in strips."""

WHOLE_WORDS_BYTES: Final = 48 * 1024
"""The same for the 16-bit copies of other depthwise kernels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scratch:
    """Bytes by kind of convolution; `depthwise` takes the number of outputs for each input channel."""

    convolution: Callable[[Window], int]
    depthwise: Callable[[Window, int], int]


def _overhang(w: Window) -> tuple[int, int]:
    """Rows and columns by which windows reach over the input, as the library reckons; may be negative."""
    sizes = zip((w.output_height, w.output_width), w.stride, w.kernel, w.source, strict=True)
    rows, columns = (out * stride + kernel - 1 - size for out, stride, kernel, size in sizes)
    return rows, columns


def s3_convolution(w: Window) -> int:
    """Scratch of an int8 convolution on the ESP32-S3."""
    if w.kernel == (1, 1) and w.padding == (0, 0) and w.stride == (1, 1):
        return _s3_pointwise(w)
    row, window = w.kernel[1] * w.source_channels, w.column
    if row < VECTOR <= window:
        aligned = round_up(window, VECTOR)
        return w.output_channels * (4 + aligned) + 2 * VECTOR + aligned + 64
    weights = w.kernel_area * round_up(w.source_channels, VECTOR) * w.output_channels
    rows = round_up(row, VECTOR) * w.kernel[0] * w.output_channels
    return _s3_inputs(w) + weights + rows + 64 + 4 * w.output_channels


def _s3_pointwise(w: Window) -> int:
    area, channels = w.source[0] * w.source[1], round_up(w.source_channels, 8)
    copied = area * channels if w.source_channels % 8 else 0
    transposed = 16 * channels if area >= 8 else 0
    return copied + channels * w.output_channels + transposed + 64


def _s3_inputs(w: Window) -> int:
    """Copies of the input, padded before its start and over its end."""
    height, width = w.source
    above, left = w.padding
    padded = (width + 2 * left) * (height + 2 * above) * w.source_channels if left or above else 0
    below, right = (max(0, reach) for reach in _overhang(w))
    extended = (width + right) * (height + below) * w.source_channels if right or below else 0
    return padded + extended


def s3_depthwise(w: Window, multiplier: int) -> int:
    """Scratch of an int8 depthwise convolution on the ESP32-S3."""
    weights = w.kernel_area * w.source_channels * multiplier
    words = 2 * (weights + w.source[0] * w.source[1] * w.source_channels)
    if multiplier == 1 and w.source_channels % 8 == 0:
        return _s3_three_by_three(w) if w.kernel == (3, 3) else _s3_words(w, weights, words)
    if multiplier == 1 and w.source_channels > 3:
        return _s3_padded_channels(w)
    return words + 32 if multiplier % 4 == 0 else 32


def _s3_three_by_three(w: Window) -> int:
    height, width = w.source
    weights = 9 * w.source_channels
    if w.source_channels % VECTOR == 0:
        rows, columns = (2 * w.padding[0], 2 * w.padding[1]) if any(w.padding) else _overhang(w)
        if not rows and not columns:
            return weights + 16
        whole = (width + columns) * (height + rows) * w.source_channels
        strip = (width + columns) * w.kernel[0] * w.source_channels
        return weights + (whole if whole <= WHOLE_INPUT_BYTES else strip) + 16
    if w.source_channels < 12:
        return 2 * (weights + height * width * w.source_channels) + 32
    channels = round_up(w.source_channels, VECTOR)
    below, right = (max(0, reach) for reach in _overhang(w))
    tall, wide = height + 2 * w.padding[0] + below, width + 2 * w.padding[1] + right
    return channels * (9 + tall * wide + w.output_height * w.output_width) + 64


def _s3_words(w: Window, weights: int, words: int) -> int:
    if words <= WHOLE_WORDS_BYTES:
        return words + 32
    return 2 * weights + 2 * w.source[1] * w.kernel[0] * w.source_channels + 32


def _s3_padded_channels(w: Window) -> int:
    """Channels filled up to a multiple of 8: 16-bit weights and input, output, bias, shift and multiplier."""
    channels = round_up(w.source_channels, 8)
    size = round_up(2 * w.kernel_area * channels)
    size = round_up(size + 2 * w.source[0] * w.source[1] * channels)
    size = round_up(size + w.output_height * w.output_width * channels)
    return size + 12 * channels + 16


def _no_convolution(_: Window) -> int:
    return 0


def _no_depthwise(_: Window, __: int) -> int:
    return 0


GENERIC: Final = Scratch(convolution=_no_convolution, depthwise=_no_depthwise)
ESP32_S3: Final = Scratch(convolution=s3_convolution, depthwise=s3_depthwise)
