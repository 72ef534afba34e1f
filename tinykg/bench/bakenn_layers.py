"""Layers in the one form that bakenn's importer takes; the computation stays what interpreters do."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from tinykg.records.model_file import Layer, Quantization, Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tinykg.records.model_file import Subgraph

VERSIONS: Final[Mapping[str, int]] = {
    "CONV_2D": 3, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 4, "ADD": 2, "AVERAGE_POOL_2D": 2,
    "MAX_POOL_2D": 2, "RESHAPE": 1, "PAD": 2, "PADV2": 2,
}  # fmt: skip
"""The operators that bakenn 1.0 imports, each in the one version that it names. What later versions add
shows in element types and options, which are checked; in int8 the computation is the same."""

FULLY_CONNECTED_WITHOUT_BIAS: Final = 6
"""The version that bakenn 1.0 wants of FULLY_CONNECTED where there is no bias."""

WEIGHTED: Final = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"})

BIAS_TOLERANCE: Final = 0.02
"""How far the scale of a bias may lie from that of input times weight, as part of the output's scale, where
weights have one scale: `tensorflow/lite/kernels/kernel_util.cc` refuses more. Where they have one for each
channel it looks at none. In both cases it computes with the product, as is done here."""


@dataclass(slots=True)
class Rewriting:
    """A graph whose layers are rewritten: tensors added to it, and remarks by layer."""

    graph: Subgraph
    added: list[Tensor] = field(default_factory=list)
    remarks: dict[str, list[int]] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """What should be known of the layers that are not as in the file."""
        return [
            f"{what} (layer{'s' if len(where) > 1 else ''} {', '.join(map(str, where))})"
            for what, where in self.remarks.items()
        ]

    def say(self, what: str, layer: Layer) -> None:
        """Remark on a layer."""
        self.remarks.setdefault(what, []).append(layer.index)

    def tensor(self, number: int) -> Tensor:
        """One of the graph's own tensors, or of the added."""
        own = self.graph.tensors
        return own[number] if number < len(own) else self.added[number - len(own)]

    def add(self, tensor: Tensor) -> int:
        """The number of a tensor that joins the graph's own."""
        self.added.append(tensor)
        return len(self.graph.tensors) + len(self.added) - 1

    def rewritten(self, layer: Layer) -> Iterator[Layer]:
        """The layer as bakenn takes it, after a RESHAPE where its input has yet to be flattened."""
        version = VERSIONS[layer.name]
        biased = len(layer.inputs) > 2 and layer.inputs[2] >= 0
        if layer.name == "FULLY_CONNECTED":
            version = version if biased else FULLY_CONNECTED_WITHOUT_BIAS
            for one in self._flattened(layer):
                yield one
                layer = replace(layer, inputs=(one.outputs[0], *layer.inputs[1:]))
        if layer.name in WEIGHTED and biased:
            layer = self._with_exact_bias(layer)
        if layer.name == "RESHAPE":
            layer = _reshape(layer, self.tensor(layer.outputs[0]).shape or ())
        if layer.version != version:
            self.say(f"{layer.name} of version {layer.version} is given as {version}", layer)
        yield replace(layer, version=version)

    def _flattened(self, layer: Layer) -> Iterator[Layer]:
        """A RESHAPE to rows as long as the weights are deep, which FULLY_CONNECTED does by itself."""
        source = self.tensor(layer.inputs[0])
        depth = (self.tensor(layer.inputs[1]).shape or (0,))[-1]
        if len(source.shape or ()) <= 2 or depth <= 0 or source.elements % depth:
            return
        shape = (source.elements // depth, depth)
        number = self.add(replace(source, shape=shape, data_bytes=0))
        self.say("the input is flattened by a RESHAPE that the file leaves out", layer)
        plain = Layer(
            index=layer.index, operator="RESHAPE", version=1, inputs=layer.inputs[:1], outputs=(number,)
        )
        yield _reshape(plain, shape)

    def _with_exact_bias(self, layer: Layer) -> Layer:
        """With a bias whose scales are those of input times weight, which interpreters compute with."""
        source, weight, bias = map(self.tensor, layer.inputs[:3])
        scales = bias_scales(source.quantization, weight.quantization)
        stated = bias.quantization.scales if bias.quantization else ()
        output = self.tensor(layer.outputs[0]).quantization
        step = output.scales[0] if output and output.scales else 0.0
        if not scales or len(stated) != len(scales):
            return layer
        off = max(abs(a - b) for a, b in zip(stated, scales, strict=True))
        exact = Quantization(scales=scales, zero_points=(0,) * len(scales))
        if bias.quantization == exact or (len(scales) == 1 and not off <= BIAS_TOLERANCE * step):
            return layer
        if off:
            self.say("the bias has the scales of input times weight", layer)
        number = self.add(replace(bias, quantization=exact))
        return replace(layer, inputs=(*layer.inputs[:2], number, *layer.inputs[3:]))


def bias_scales(source: Quantization | None, weight: Quantization | None) -> tuple[float, ...]:
    """The scales that a bias has by TFLite's rules: input times weight, as float32; () if there are none."""
    if source is None or weight is None or len(source.scales) != 1:
        return ()
    found = tuple(map(_float32, (source.scales[0] * scale for scale in weight.scales)))
    return found if all(math.isfinite(scale) and scale > 0 for scale in found) else ()


def _float32(value: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return math.inf


def _reshape(layer: Layer, shape: tuple[int, ...]) -> Layer:
    """With the shape as an option; the constant that may say so is not needed, for shapes are fixed."""
    return replace(
        layer, options_type="ReshapeOptions", options={"new_shape": shape}, inputs=layer.inputs[:1]
    )
