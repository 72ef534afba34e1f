"""What the kernels of esp-tflite-micro with ESP-NN ask for, where they differ from the reference kernels.

They keep the same persistent buffers and ask for the library's scratch with int8.
Source: Prepare functions under tensorflow/lite/micro/kernels/esp_nn of
espressif/esp-tflite-micro, commit 99f49e14 (2026-08-14).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tinykg.footprint import reference_kernels
from tinykg.footprint.cmsis_nn_buffers import window
from tinykg.footprint.preparation import Unpredictable
from tinykg.footprint.reference_kernels import persist_multipliers, unpack_int4

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinykg.footprint.cmsis_nn_buffers import Window
    from tinykg.footprint.esp_nn_buffers import Scratch
    from tinykg.footprint.preparation import Preparation, Rule


def _window(layer: Preparation) -> Window:
    return window(layer.view, layer.needed_input(0), layer.needed_input(1), layer.needed_output(0))


def _ask(layer: Preparation, size_bytes: int) -> None:
    """The library's scratch, unless it needs none."""
    if size_bytes > 0:
        layer.scratch("ESP-NN buffer", size_bytes)


def conv_2d(scratch: Scratch, layer: Preparation) -> None:
    """CONV_2D: as the reference kernel, then the library's scratch."""
    layer.inspect("out0", "in0", "in1")
    persist_multipliers(layer, layer.needed_input(1).dimension(0))
    layer.inspect("in0", "in1", "in2", "out0")
    unpack_int4(layer)
    if layer.needed_input(0).element_type == "int8":
        _ask(layer, scratch.convolution(_window(layer)))


def depthwise_conv_2d(scratch: Scratch, layer: Preparation) -> None:
    """DEPTHWISE_CONV_2D: as the reference kernel, then the library's scratch."""
    layer.inspect("out0", "in0", "in1")
    persist_multipliers(layer, layer.needed_input(1).dimension(3))
    unpack_int4(layer)
    layer.inspect("in0", "in1", "in2", "out0")
    if layer.needed_input(0).element_type == "int8":
        _ask(layer, scratch.depthwise(_window(layer), layer.view.number("depth_multiplier")))


def softmax(layer: Preparation) -> None:
    """SOFTMAX: as the reference kernel; int8 takes 4 bytes for each element of dimension 1."""
    reference_kernels.softmax(layer)
    source, output = layer.needed_input(0), layer.needed_output(0)
    if source.element_type == output.element_type == "int8":
        if source.rank < 2:
            raise Unpredictable(f"{layer.place}: the kernel reads a second dimension; there is {source.rank}")
        _ask(layer, 4 * source.dimension(1))


def prepare(scratch: Scratch) -> Mapping[str, Rule]:
    """Rules by operator, for a chip on which the library needs this scratch."""
    return {
        "CONV_2D": partial(conv_2d, scratch),
        "DEPTHWISE_CONV_2D": partial(depthwise_conv_2d, scratch),
        "SOFTMAX": softmax,
    }
