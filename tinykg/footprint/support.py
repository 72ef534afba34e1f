"""Why a runtime refuses layers of a model: unknown operators, element types, what kernels insist on.

A type that a kernel only refuses while running counts as refused: inference would
fail. The runtime does not check operator versions, so neither does this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tinykg.footprint.calls import call_faults
from tinykg.footprint.layer_view import UNSIZED, LayerView, TensorView
from tinykg.records.footprint import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tinykg.footprint.conditions import Condition
    from tinykg.records.build import Kernel
    from tinykg.records.model_file import ModelFile
    from tinykg.records.runtime import OperatorSupport, Runtime

ANY: Final = "*"
ABSENT: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportCheck:
    """What is needed to judge a model's layers.

    `tensors` are in the shapes that stand after preparation; `conditions` are what
    kernels check beyond the tables of the runtime.
    """

    model: ModelFile
    tensors: Sequence[Sequence[TensorView]]
    runtime: Runtime
    kernels: Mapping[str, Kernel]
    conditions: Mapping[str, Sequence[Condition]]

    def refusals(self) -> tuple[Refusal, ...]:
        """Every refused layer in execution order, with the first reason for each."""
        found = []
        for graph in self.model.subgraphs:
            for layer in graph.layers:
                view = LayerView(graph.index, layer, self.tensors[graph.index])
                reason = self._reason(view)
                if reason is not None:
                    found.append(_refusal(view, reason))
        return tuple(found)

    def _reason(self, view: LayerView) -> str | None:
        """The first thing that the runtime refuses about a layer."""
        support, kernel = self.runtime.operators.get(view.operator), self.kernels.get(view.operator)
        custom = view.layer.operator == "CUSTOM"
        if support is None or kernel is None or support.custom != custom:
            kind = "custom operator" if custom else "operator"
            return f"{self.runtime.title} has no kernel for the {kind} {view.operator}"
        checks = (
            _counts(view, kernel),
            _types(view, support, kernel),
            _tensors(view),
            _shapes(view, kernel),
            call_faults(view, self.model, self.tensors),
            (condition(view) for condition in self.conditions.get(view.operator, ())),
        )
        for check in checks:
            for reason in check:
                if reason is not None:
                    return f"{view.operator} {reason}"
        return None


def _refusal(view: LayerView, reason: str) -> Refusal:
    kinds = [tensor.element_type for tensor in (*view.inputs, *view.outputs) if tensor is not None]
    return Refusal(
        subgraph=view.subgraph,
        layer=view.layer.index,
        operator=view.operator,
        element_types=tuple(dict.fromkeys(kinds)),
        reason=reason,
    )


def _counts(view: LayerView, kernel: Kernel) -> Iterator[str]:
    """Numbers of tensors; custom options on a built-in operator."""
    if view.layer.operator != "CUSTOM" and view.layer.custom_options_bytes:
        yield "is built in but carries custom options, which the runtime refuses"
    sides = (("inputs", kernel.inputs, view.inputs), ("outputs", kernel.outputs, view.outputs))
    for side, (low, high), tensors in sides:
        if len(tensors) < low or (high is not None and len(tensors) > high):
            yield f"takes {_range(low, high)} {side}; this layer has {len(tensors)}"


def _range(low: int, high: int | None) -> str:
    if high is None:
        return f"at least {low}"
    return str(low) if low == high else f"{low} to {high}"


def _types(view: LayerView, support: OperatorSupport, kernel: Kernel) -> Iterator[str]:
    """Element types that fit no accepted signature."""
    columns = [view.at(slot) for slot in kernel.slots]
    unchecked = [slot in kernel.unchecked for slot in kernel.slots]
    if not support.types or any(fits(columns, signature, unchecked) for signature in support.types):
        return
    parts = []
    for name, column in zip(support.positions, columns, strict=True):
        kinds = list(dict.fromkeys(tensor.element_type if tensor else "no" for tensor in column))
        parts.append(f"{' and '.join(kinds) or 'no'} {name}")
    yield f"takes {kernel.takes}; this layer has {_listed(parts)}"


def fits(
    columns: Sequence[Sequence[TensorView | None]], signature: Sequence[str], unchecked: Sequence[bool]
) -> bool:
    """Whether the tensors of each slot are of the types that a signature accepts."""
    for column, accepted, any_type in zip(columns, signature, unchecked, strict=True):
        if accepted == ANY:
            continue
        for tensor in column:
            found = tensor.element_type if tensor else ABSENT
            if found != accepted and not (any_type and tensor is not None):
                return False
    return True


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def _tensors(view: LayerView) -> Iterator[str]:
    """Tensors that no kernel can be given: absent outputs aside, without a size, sparse, of unknown shape."""
    for tensor in (*view.inputs, *view.outputs):
        if tensor is None:
            continue
        if tensor.element_type in UNSIZED:
            yield f"has a tensor of type {tensor.element_type}, whose size the runtime does not know"
        if tensor.tensor.is_sparse:
            yield "has sparse weights, which the runtime reads as if they were dense"
        if any(size < 0 for size in tensor.shape):
            yield f"has a tensor of shape {list(tensor.shape)}; the runtime takes no dynamic shapes"
    for tensor in view.intermediates:
        if tensor.size_bytes:
            yield f"has an intermediate tensor of {tensor.size_bytes} bytes; the runtime takes empty ones"
    for tensor in view.outputs:
        if tensor.shape != (0,) and 0 in tensor.shape:
            yield f"has an output of shape {list(tensor.shape)}, which the runtime takes for a dynamic one"


def _shapes(view: LayerView, kernel: Kernel) -> Iterator[str]:
    """Numbers of dimensions, and tensors whose data must lie in the file."""
    for slot, (low, high) in kernel.ranks.items():
        for tensor in view.at(slot):
            if tensor is not None and not low <= tensor.rank <= high:
                yield f"takes {_range(low, high)} dimensions at {slot}; this layer has {tensor.rank}"
    for slot in kernel.constants:
        for tensor in view.at(slot):
            if tensor is not None and not tensor.is_constant:
                yield f"needs the data of {slot} in the file; here another layer computes it"
