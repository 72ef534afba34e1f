"""What one layer asks of memory while the runtime prepares it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from tinykg.footprint.arena import Arena
    from tinykg.footprint.layer_view import LayerView, TensorView
    from tinykg.records.build import Abi

DIMENSION_BYTES: Final = 4
"""The quantized dimension, last in TfLiteAffineQuantization."""


class Unpredictable(Exception):
    """A size depends on data that the record of a file does not hold; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchRequest:
    """A buffer that one layer needs while it runs."""

    name: str
    subgraph: int
    layer: int
    size_bytes: int


@dataclass(slots=True, kw_only=True)
class Resources:
    """Resource variables met so far: names, the tensors that hold a handle, stored ones."""

    handles: dict[tuple[int, int], str] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Demands:
    """What all layers together have asked for."""

    arena: Arena
    abi: Abi
    scratch: list[ScratchRequest] = field(default_factory=list)
    resources: Resources = field(default_factory=Resources)

    def struct_bytes(self, name: str) -> int:
        """Bytes of one of the interpreter's structs."""
        return self.abi.structs[name].size_bytes

    def persist_struct(self, share: str, name: str, count: int = 1) -> None:
        """Take persistent bytes for `count` structs in a row."""
        size = self.abi.structs[name]
        self.arena.persist(share, size.size_bytes * count, size.align_bytes)

    def int_array_bytes(self, elements: int) -> int:
        """Bytes of a TfLiteIntArray."""
        return self.struct_bytes("int_array") + 4 * elements

    def borrow_description(self, tensor: TensorView) -> None:
        """Borrow memory for a tensor's full description, with the quantization it unpacks.

        Its zero points come last, after the number of the quantized dimension; kernels
        read neither once they have them.
        """
        if not tensor.is_quantized:
            self.arena.borrow(self.struct_bytes("tensor"))
            return
        zero_points = self.int_array_bytes(len(tensor.scales))
        size = self.struct_bytes("tensor") + self.struct_bytes("affine_quantization") + zero_points
        self.arena.borrow(size, DIMENSION_BYTES + zero_points)


class Preparation:
    """One layer being prepared: its tensors, and what it takes of the arena."""

    __slots__ = ("demands", "place", "view")

    def __init__(self, view: LayerView, demands: Demands) -> None:
        self.view = view
        self.demands = demands
        self.place = f"layer {view.subgraph}/{view.layer.index} {view.operator}"

    def needed_input(self, index: int) -> TensorView:
        """An input that support checks have found present."""
        tensor = self.view.input(index)
        if tensor is None:
            raise Unpredictable(f"{self.place}: input {index} is absent")
        return tensor

    def needed_output(self, index: int) -> TensorView:
        """An output that support checks have found present."""
        tensor = self.view.output(index)
        if tensor is None:
            raise Unpredictable(f"{self.place}: output {index} is absent")
        return tensor

    def inspect(self, *slots: str) -> None:
        """Borrow memory for the full descriptions of tensors; absent ones take none."""
        for slot in slots:
            for tensor in self.view.at(slot):
                if tensor is not None:
                    self.demands.borrow_description(tensor)

    def persist(self, label: str, size_bytes: int) -> None:
        """Take bytes that live as long as the model."""
        if size_bytes < 0:
            raise Unpredictable(f"{self.place}: {label} of {size_bytes} bytes")
        self.demands.arena.persist(f"{self.place}: {label}", size_bytes)

    def persist_kernel_data(self, name: str) -> None:
        """Take bytes for the struct a kernel keeps."""
        self.persist("kernel data", self.demands.abi.kernels[name])

    def scratch(self, label: str, size_bytes: int) -> None:
        """Ask for a buffer in the memory plan, alive while the layer runs."""
        if size_bytes < 0:
            raise Unpredictable(f"{self.place}: {label} of {size_bytes} bytes")
        request = ScratchRequest(
            name=f"{self.place}: {label}",
            subgraph=self.view.subgraph,
            layer=self.view.layer.index,
            size_bytes=size_bytes,
        )
        self.demands.scratch.append(request)


Rule: TypeAlias = Callable[[Preparation], None]
