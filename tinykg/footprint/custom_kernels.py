"""What custom operators and resource variables keep and ask for.

Sources: signal/micro/kernels and signal/src (the same on every kernel set),
tensorflow/lite/micro/kernels/{detection_postprocess,var_handle,assign_variable}.cc;
kissfft v130 for the size of a transform's state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tinykg.footprint.arena import round_up
from tinykg.footprint.preparation import Preparation, Rule, Unpredictable

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPLEX_BYTES: Final[Mapping[int, int]] = {0: 8, 2: 8, 7: 4}
"""Bytes of a complex number by option `T`, a TFLite type number: float32, int32, int16."""


def ring_buffer_bytes(layer: Preparation, capacity: int) -> int:
    """A ring of int16 samples, kept twice (`CircularBufferGetNeededMemory`)."""
    return layer.demands.struct_bytes("ring_buffer") + 4 * capacity


def transform_bytes(layer: Preparation, length: int, complex_bytes: int) -> int:
    """State of a real transform of even length (`kiss_fftr_alloc`); an odd one has none."""
    if length % 2 or length < 2:
        return 0
    half = length // 2
    inner = layer.demands.struct_bytes("fft_state") + complex_bytes * half
    return layer.demands.struct_bytes("real_fft_state") + inner + complex_bytes * (half * 3 // 2)


def _transform_complex_bytes(layer: Preparation) -> int:
    size = COMPLEX_BYTES.get(layer.view.custom_number("T", -1))
    if size is None:
        raise Unpredictable(f"{layer.place}: its options name no number type")
    return size


def init_rfft(layer: Preparation) -> None:
    """SignalRfft: its data, then the transform's state."""
    layer.persist_kernel_data("rfft")
    state = transform_bytes(layer, layer.view.custom_at(1), _transform_complex_bytes(layer))
    layer.persist("transform state", state)


def rfft(layer: Preparation) -> None:
    """SignalRfft: a work area of one transform."""
    layer.inspect("in0", "out0")
    layer.scratch("work area", layer.view.custom_at(1) * _transform_complex_bytes(layer) // 2)


def init_irfft(layer: Preparation) -> None:
    """SignalIrfft: its data, then the transform's state; float32 adds its own header."""
    layer.persist_kernel_data("irfft")
    header = layer.demands.struct_bytes("inverse_float_fft") if layer.view.custom_number("T", -1) == 0 else 0
    state = transform_bytes(layer, layer.view.custom_at(1), _transform_complex_bytes(layer))
    layer.persist("transform state", header + state)


def init_filter_bank(layer: Preparation) -> None:
    """SignalFilterBank: a 64-bit sum for each channel and one more."""
    layer.persist_kernel_data("filter_bank")
    layer.persist("channel sums", 8 * (layer.view.custom_at(0) + 1))


def init_spectral_subtraction(layer: Preparation) -> None:
    """SignalFilterBankSpectralSubtraction: a 32-bit noise estimate for each channel."""
    layer.persist_kernel_data("filter_bank_spectral_subtraction")
    layer.persist("noise estimate", 4 * layer.view.custom_at(4))


def init_stacker(layer: Preparation) -> None:
    """SignalStacker: a ring of all frames of the context."""
    channels, left, right = (layer.view.custom_at(i) for i in range(3))
    layer.persist_kernel_data("stacker")
    layer.persist("ring buffer", ring_buffer_bytes(layer, channels * (left + right + 1)))


def _outer_and_inner(layer: Preparation) -> tuple[int, int]:
    source = layer.needed_input(0)
    inner = source.dimension(-1)
    if inner <= 0:
        raise Unpredictable(f"{layer.place}: its input has a dimension of {inner}")
    return source.elements // inner, inner


def _ring_buffers(layer: Preparation, count: int, capacity: int) -> None:
    pointers = layer.demands.struct_bytes("pointer") * count
    layer.persist("ring buffer pointers", pointers)
    layer.persist("ring buffer pointers", pointers)
    layer.persist("ring buffers", count * round_up(ring_buffer_bytes(layer, capacity)))


def delay(layer: Preparation) -> None:
    """SignalDelay: a ring for each signal, of a frame and the delay."""
    layer.inspect("in0", "out0")
    outer, frame = _outer_and_inner(layer)
    _ring_buffers(layer, outer, frame + layer.view.custom_at(0))


def framer(layer: Preparation) -> None:
    """SignalFramer: a ring for each signal, of a frame rounded up to whole steps."""
    layer.inspect("in0", "out0", "out1")
    frame, step = layer.view.custom_at(0), layer.view.custom_at(1)
    if step <= 0:
        raise Unpredictable(f"{layer.place}: a frame step of {step}")
    outer, _ = _outer_and_inner(layer)
    _ring_buffers(layer, outer, (frame + step - 1) // step * step)


def overlap_add(layer: Preparation) -> None:
    """SignalOverlapAdd: a frame for each signal."""
    layer.inspect("in0", "out0")
    source = layer.needed_input(0)
    frame, frames = source.dimension(-1), source.dimension(-2)
    if frame <= 0 or frames <= 0:
        raise Unpredictable(f"{layer.place}: its input has no frames")
    outer = source.elements // (frame * frames)
    layer.persist("frame pointers", layer.demands.struct_bytes("pointer") * outer)
    layer.persist("frames", outer * round_up(frame * (2 if source.element_type == "int16" else 4)))


def detection_postprocess(layer: Preparation) -> None:
    """TFLite_Detection_PostProcess: eleven buffers by boxes, classes and detections."""
    layer.inspect("in0", "in1", "in2")
    boxes = layer.needed_input(0).dimension(1)
    scores = layer.needed_input(1)
    detections = layer.view.custom_number("max_detections")
    classes = layer.view.custom_number("num_classes")
    sizes = {
        "active candidates": boxes,
        "decoded boxes": 16 * boxes,
        "scores": 4 * scores.dimension(1) * scores.dimension(2),
        "score buffer": 4 * boxes,
        "kept scores": 4 * boxes,
        "scores after suppression": 4 * detections * boxes,
        "sorted values": 4 * detections * boxes,
        "kept indices": 4 * boxes,
        "sorted indices": 4 * detections * boxes,
        "index buffer": 4 * max(classes, detections) * boxes,
        "selected": 4 * min(boxes, detections) * boxes,
    }
    for label, size in sizes.items():
        layer.scratch(label, size)


def decode(layer: Preparation) -> None:
    """TFLM_DECODE: what it keeps depends on the code in its tables' data."""
    raise Unpredictable(f"{layer.place}: the kind of code lies in its tables' data")


def var_handle(layer: Preparation) -> None:
    """VAR_HANDLE: its output points into its own data, so the plan leaves it out."""
    name = layer.view.layer.options.get("shared_name")
    target = (layer.view.subgraph, layer.view.layer.outputs[0])
    layer.demands.resources.handles[target] = str(name or "")


def assign_variable(layer: Preparation) -> None:
    """ASSIGN_VARIABLE: the first one met after its handle takes the variable's storage."""
    layer.inspect("in1")
    resources = layer.demands.resources
    name = resources.handles.get((layer.view.subgraph, layer.view.layer.inputs[0]))
    if name is None and layer.needed_input(0).is_constant:
        raise Unpredictable(f"{layer.place}: its variable's number lies in the file's data")
    if name is None or name in resources.stored:
        return
    resources.stored.add(name)
    value = layer.needed_input(1)
    layer.persist(f"variable {name}", value.size_bytes)


def ethos_u(layer: Preparation) -> None:
    """ethos-u: a 64-bit address and a size of each input and output (ethos_u/ethosu.cc)."""
    count = len(layer.view.inputs) + len(layer.view.outputs)
    layer.scratch("base addresses", 8 * count)
    layer.scratch("base address sizes", layer.demands.struct_bytes("pointer") * count)
    layer.inspect("in0")


INIT: Final[Mapping[str, Rule]] = {
    "SignalFilterBank": init_filter_bank,
    "SignalFilterBankSpectralSubtraction": init_spectral_subtraction,
    "SignalIrfft": init_irfft,
    "SignalRfft": init_rfft,
    "SignalStacker": init_stacker,
}
"""Kernels that keep more than one struct from the start."""

PREPARE: Final[Mapping[str, Rule]] = {
    "ASSIGN_VARIABLE": assign_variable,
    "SignalDelay": delay,
    "SignalFramer": framer,
    "SignalOverlapAdd": overlap_add,
    "SignalRfft": rfft,
    "TFLM_DECODE": decode,
    "TFLite_Detection_PostProcess": detection_postprocess,
    "VAR_HANDLE": var_handle,
}
"""Kernels that do more while they prepare than unpack the tensors their table row names."""
