"""Working memory of CMSIS-NN functions: the numbers are what its own functions give, built for a desktop."""

from __future__ import annotations

from typing import Any

import pytest

from tinykg.footprint.cmsis_nn_buffers import DSP, HELIUM, Buffers, Window, reversed_weights


def window(
    source: tuple[int, int], channels: int, kernel: tuple[int, int], outputs: int, **more: Any
) -> Window:
    settings = {"batch": 1, "output_width": 8, "stride": (1, 1), "kernel_channels": channels, **more}
    return Window(source=source, source_channels=channels, kernel=kernel, output_channels=outputs, **settings)


def sizes(buffers: Buffers, of: Window) -> tuple[int, ...]:
    """int8 and int16 convolution, int8 and int4 depthwise, transposed."""
    return (
        buffers.convolution_int8(of),
        buffers.convolution_int16(of),
        buffers.depthwise_int8(of),
        buffers.depthwise_int4(of),
        buffers.transposed_int8(of),
    )


CASES = {
    "pointwise": (window((8, 8), 8, (1, 1), 4), (0, 32, 0, 0, 128), (0, 64, 0, 0, 128), 0),
    "three by three": (
        window((8, 8), 5, (3, 3), 4, padding=(1, 1)),
        (192, 180, 0, 0, 480),
        (192, 384, 0, 0, 480),
        0,
    ),
    "one row": (
        window((1, 20), 8, (1, 5), 4, padding=(0, 2), output_width=20),
        (160, 160, 0, 0, 384),
        (56, 320, 0, 0, 384),
        0,
    ),
    "one row, padded unevenly": (
        window((1, 20), 8, (1, 4), 4, padding=(0, 1), output_width=20),
        (128, 128, 0, 0, 368),
        (40, 256, 0, 0, 368),
        0,
    ),
    "one row, all padded": (
        window((1, 2), 8, (1, 5), 4, padding=(0, 2), output_width=1),
        (160, 160, 0, 0, 96),
        (192, 320, 0, 0, 96),
        0,
    ),
    "grouped": (
        window((8, 8), 8, (1, 1), 4, kernel_channels=4),
        (32, 32, 0, 0, 128),
        (64, 64, 0, 0, 128),
        0,
    ),
    "one channel": (
        window((8, 8), 1, (3, 3), 8, kernel_channels=8, padding=(1, 1)),
        (48, 36, 0, 0, 960),
        (64, 128, 136, 0, 960),
        0,
    ),
    "each channel": (
        window((8, 8), 8, (3, 3), 8, padding=(1, 1)),
        (288, 288, 0, 144, 960),
        (320, 576, 4464, 4464, 960),
        0,
    ),
    "each channel, five by five": (
        window((8, 8), 8, (5, 5), 8, padding=(2, 2)),
        (800, 800, 400, 400, 1920),
        (832, 1600, 12400, 12400, 1920),
        0,
    ),
    "many channels": (
        window((8, 8), 20, (3, 3), 8, stride=(2, 2), padding=(1, 1)),
        (720, 720, 0, 0, 720),
        (768, 1472, 0, 0, 768),
        1440,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_sizes_of_a_convolution(case: str) -> None:
    of, dsp, helium, reversed_bytes = CASES[case]
    assert sizes(DSP, of) == dsp
    assert sizes(HELIUM, of) == helium
    assert reversed_weights(of) == reversed_bytes
